"""Texts for people, a file for each language: the rest of the hub speaks in codes, here they become words.

A parameter that is not there shows as "?". A code that nobody knows never raises: it shows as itself, and has no hints.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_FIRST = "en"
"""The language that has every text."""


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
    """Every text of one language, with {parameters}, by its code; turn_hints and turns have the same codes."""

    sentences: Mapping[str, str]
    hints: Mapping[str, Hints]
    turns: Mapping[str, str]
    turn_hints: Mapping[str, Hints]
    hacks: Mapping[str, Hack]


@functools.cache
def texts(language: str = _FIRST) -> Texts:
    """The texts as the language's file has them, and in English what it lacks; FileNotFoundError without a file."""
    file = tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))
    turns, hints = file.get("turns", {}), file.get("hints", {})
    own = Texts(
        sentences=file.get("reasons", {}),
        hints={code: _hints(table) for code, table in hints.items()},
        turns={code: table["text"] for code, table in turns.items()},
        turn_hints={code: _hints(table) for code, table in turns.items()},
        hacks={word: Hack(table["title"], table["text"]) for word, table in file.get("hacks", {}).items()},
    )
    if language == _FIRST:
        return own
    first = texts()
    return Texts(
        sentences={**first.sentences, **own.sentences},
        hints={**first.hints, **own.hints},
        turns={**first.turns, **own.turns},
        turn_hints={**first.turn_hints, **own.turn_hints},
        hacks={**first.hacks, **own.hacks},
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
    parts = (part for template in templates for part in string.Formatter().parse(template))
    return frozenset(name for _, name, _, _ in parts if name is not None) - params.keys()


def turn(code: str, params: Mapping[str, str], language: str = _FIRST) -> str:
    """What a player has to do now, in a few words."""
    return _filled(texts(language).turns.get(code), params) or code


def turn_hints(code: str, params: Mapping[str, str], language: str = _FIRST) -> Hints | None:
    """How to help a player who does not know how to do that."""
    return _filled_hints(texts(language).turn_hints.get(code), params)


def hack(word: str, language: str = _FIRST) -> Hack:
    """The named card of a hack."""
    return texts(language).hacks.get(word, Hack(word, ""))


def _hints(table: Mapping[str, str]) -> Hints:
    return Hints(table["nudge"], table["pointer"], table["answer"])


def _filled_hints(template: Hints | None, params: Mapping[str, str]) -> Hints | None:
    if template is None:
        return None
    return Hints(_filled(template.nudge, params), _filled(template.pointer, params), _filled(template.answer, params))


def _filled(template: str | None, params: Mapping[str, str]) -> str:
    return string.Formatter().vformat(template or "", (), _Lenient(params))


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"
