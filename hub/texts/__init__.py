"""Texts for people, a file for each language: the rest of the hub speaks in codes, here they become words.

A text names parameters in braces: `{source}`; `{length:byte}` is "1 byte" or "17 bytes", `{left:box/boxes}` has a
plural of its own. A part in brackets is said when all parameters in it are there, else the part behind its bar, or
nothing: `It confirms[ {ack}| what came].` What it depends on may also stand before it: `[numbers?Go on counting.]`

Another parameter that is not there shows as "?". A code that nobody knows never raises: it shows as itself, and has no
hints.
"""

from __future__ import annotations

import functools
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

_FIRST = "en"
"""The language that has every text."""
_PHRASES = ("sheets", "lights", "commands")
"""The tables of texts for paper."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Help in three steps: a question that makes one think, where to look, what to write or do now."""

    nudge: str
    pointer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Hack:
    """What a named card says."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text of one language, with {parameters}, by its code; turn_hints and turns have the same codes.

    name: of the language, in itself. room: what a teacher is told of the room. words: what codes are called. pages: the
    words on pages, each by its part of the pages and its name there: "screen.story". phrases: what is printed, and what
    command cards do, each by the tables in which it stands: "sheets.rules.title".
    """

    name: str
    sentences: Mapping[str, str]
    hints: Mapping[str, Hints]
    turns: Mapping[str, str]
    turn_hints: Mapping[str, Hints]
    hacks: Mapping[str, Hack]
    room: Mapping[str, str]
    words: Mapping[str, str]
    pages: Mapping[str, str]
    phrases: Mapping[str, str]


@functools.cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, English first."""
    files = (file.name for file in resources.files(__name__).iterdir())
    names = sorted(name.removesuffix(".toml") for name in files if re.fullmatch(r"[a-z]{2}\.toml", name))
    return (_FIRST, *(name for name in names if name != _FIRST))


@functools.cache
def texts(language: str = _FIRST) -> Texts:
    """The texts as the language's file has them, and in English what it lacks; FileNotFoundError without a file."""
    file = tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))
    turns, hints = file.get("turns", {}), file.get("hints", {})
    own = Texts(
        name=file.get("name", language),
        sentences=file.get("reasons", {}),
        hints={code: _hints(table) for code, table in hints.items()},
        turns={code: table["text"] for code, table in turns.items()},
        turn_hints={code: _hints(table) for code, table in turns.items()},
        hacks={word: Hack(table["title"], table["text"]) for word, table in file.get("hacks", {}).items()},
        pages={f"{part}.{key}": text for part, table in file.get("pages", {}).items() for key, text in table.items()},
        room=file.get("room", {}),
        words=file.get("words", {}),
        phrases={key: text for table in _PHRASES for key, text in _flat(table, file.get(table, {}))},
    )
    if language == _FIRST:
        return own
    first = texts()
    return Texts(
        name=own.name,
        sentences={**first.sentences, **own.sentences},
        hints={**first.hints, **own.hints},
        turns={**first.turns, **own.turns},
        turn_hints={**first.turn_hints, **own.turn_hints},
        hacks={**first.hacks, **own.hacks},
        pages={**first.pages, **own.pages},
        room={**first.room, **own.room},
        words={**first.words, **own.words},
        phrases={**first.phrases, **own.phrases},
    )


def sentences(language: str = _FIRST) -> Mapping[str, str]:
    """Reason code -> sentence with {parameters}."""
    return texts(language).sentences


def sentence(reason: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """What to say about a ruling."""
    return _filled(texts(language).sentences.get(reason), params) or reason


def hints(reason: str, params: Mapping[str, str], language: str = _FIRST) -> Hints | None:
    """How to help whoever was told `reason`; None where there is nothing to put right."""
    return _filled_hints(texts(language).hints.get(reason), params)


def lacking(reason: str, params: Mapping[str, str], language: str = _FIRST) -> frozenset[str]:
    """The parameters that the sentence and the hints of a reason name, and that are not there: they show as "?"."""
    there = texts(language)
    help_ = there.hints.get(reason)
    templates = [there.sentences.get(reason, "")]
    templates += [] if help_ is None else [help_.nudge, help_.pointer, help_.answer]
    words = (word for template in templates for word in _words_of(template, params))
    return frozenset(name for _, name, _ in words if name is not None) - params.keys()


def names(template: str) -> frozenset[str]:
    """All parameters of a text, and what its parts depend on."""
    depend = frozenset(match["on"] for match in _PART.finditer(template) if match["on"] is not None)
    return depend | _names(_PART.sub(lambda match: match["here"] + (match["else"] or ""), template))


def wordings(template: str) -> frozenset[str]:
    """A text with all its parts, and with what is said in the place of each."""
    return frozenset((_PART.sub(r"\g<here>", template), _PART.sub(r"\g<else>", template)))


def turn(code: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """What a player has to do now, in a few words."""
    return _filled(texts(language).turns.get(code), params) or code


def turn_hints(code: str, params: Mapping[str, str], language: str = _FIRST) -> Hints | None:
    """How to help a player who does not know how to do that."""
    return _filled_hints(texts(language).turn_hints.get(code), params)


def hack(word: str, language: str = _FIRST) -> Hack:
    """The named card of a hack."""
    return texts(language).hacks.get(word, Hack(word, ""))


def page(key: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """A word or sentence on a page; a key that nobody knows shows as itself."""
    return _filled(texts(language).pages.get(key), params) or key


def word(code: str, language: str = _FIRST) -> str:
    """What a code is called that stands in a text: `packet`. What has no word, such as flags, stands for itself."""
    return texts(language).words.get(code, code)


def of_room(code: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """What a teacher is told of the room."""
    return _filled(texts(language).room.get(code), params) or code


def phrase(key: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """A word or sentence on paper, or about a command; a key that nobody knows shows as itself."""
    return _filled(texts(language).phrases.get(key), params) or key


def _flat(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, str):
            yield f"{name}.{key}", value
        else:
            yield from _flat(f"{name}.{key}", value)


def _hints(table: Mapping[str, str]) -> Hints:
    return Hints(table["nudge"], table["pointer"], table["answer"])


def _filled_hints(template: Hints | None, params: Mapping[str, str]) -> Hints | None:
    if template is None:
        return None
    return Hints(_filled(template.nudge, params), _filled(template.pointer, params), _filled(template.answer, params))


def _filled(template: str | None, params: Mapping[str, str]) -> str:
    said = []
    for before, name, spec in _words_of(template or "", params):
        said.append(before)
        if name is not None:
            said.append(_counted(params.get(name, "?"), spec))
    return "".join(said)


def _words_of(template: str, params: Mapping[str, str]) -> Iterator[_Word]:
    """A text with each part for which there is what it names, or with what is said instead."""
    for wanted, here, otherwise in _parts(template):
        yield from here if wanted <= params.keys() else otherwise


def _counted(value: str, spec: str) -> str:
    """`{length:byte}`: a number, and what there are so many of."""
    if not spec:
        return value
    one, _, many = spec.partition("/")
    return f"{value} {one if value == '1' else many or one + 's'}"


def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _ in _words(template) if name is not None)


_PART = re.compile(r"\[(?:(?P<on>\w+)\?)?(?P<here>[^][|]*)(?:\|(?P<else>[^][]*))?\]")

_Word = tuple[str, str | None, str]
"""Some text, the parameter that comes after it (None: there is none), and what there are so many of."""


_Part = tuple[frozenset[str], tuple[_Word, ...], tuple[_Word, ...]]
"""What must be there, what is said then, and what is said instead."""


@functools.cache
def _parts(template: str) -> tuple[_Part, ...]:
    """A text taken apart."""
    parts: list[_Part] = []
    at = 0
    for match in _PART.finditer(template):
        parts.append((frozenset(), _words(template[at : match.start()]), ()))
        wanted = _names(match["here"]) | ({match["on"]} if match["on"] else set())
        parts.append((wanted, _words(match["here"]), _words(match["else"] or "")))
        at = match.end()
    return *parts, (frozenset(), _words(template[at:]), ())


def _words(template: str) -> tuple[_Word, ...]:
    return tuple((before, name, spec or "") for before, name, spec, _ in string.Formatter().parse(template))
