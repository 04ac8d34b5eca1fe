"""A deck: printed cards in order, as a TOML file that people write, and that a capture can be turned into.

name = "HELO"                 # 1 to 4 of A-Z and 0-9: the first part of every card's identity
title = "Hello over telnet"
text = "What to do with it."
[[cards]]
serial = 1
packet = '10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100'
caption = "May I talk to you?"
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from cards.notation import EXAMPLE, parse, write
from cards.qrtext import MOST_SERIAL, CardId, PrintedCard, encode

MOST_CARDS = 1000
"""Cards of the largest deck."""
MOST_CAPTION = 48
"""Characters of the longest caption: what stands on one line of the card."""
MOST_FILE = 1_000_000
"""Octets of the largest file."""

_FOLDER = "decks"
_AT = re.compile(r" - at `\$(?:\.cards\[(?P<card>\d+)\])?(?P<rest>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`$")


class DeckError(ValueError):
    """A file that is no deck: the text names the file, the card, and what to write instead."""


@dataclass(frozen=True, slots=True)
class DeckCard:
    """A card of a deck. caption: a few words for people, printed at its top; it is not in the code."""

    card: PrintedCard
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Deck:
    """Cards that belong together, in the order in which they are played."""

    name: str
    title: str
    text: str
    cards: tuple[DeckCard, ...]


_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class _CardFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    serial: Annotated[int, msgspec.Meta(ge=0, le=MOST_SERIAL)]
    packet: str
    caption: Annotated[str, msgspec.Meta(max_length=MOST_CAPTION)] = ""


class _DeckFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: _Line
    cards: Annotated[list[_CardFile], msgspec.Meta(min_length=1, max_length=MOST_CARDS)]
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


def ids() -> tuple[str, ...]:
    """The decks that come with Paperhop, by the names of their files."""
    files = (resources.files("cards") / _FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load(id_or_path: str) -> Deck:
    """A deck that comes with Paperhop, by its id (`hello`), or one's own, by the path of its .toml file.

    Raises DeckError.
    """
    if id_or_path in ids():
        file = resources.files("cards") / _FOLDER / f"{id_or_path}.toml"
        return parse_deck(file.read_bytes(), f"{id_or_path}.toml")
    path = Path(id_or_path)
    if path.suffix != ".toml" and not path.exists():
        near = difflib.get_close_matches(id_or_path, ids(), n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise DeckError(
            f"there is no deck {id_or_path!r}: {meant}there are {', '.join(ids())}, or give the path of a .toml file"
        )
    try:
        with path.open("rb") as opened:
            octets = opened.read(MOST_FILE + 1)
    except OSError as error:
        raise DeckError(f"{path} cannot be read: {error.strerror}") from None
    return parse_deck(octets, path.name)


def parse_deck(octets: bytes, file: str) -> Deck:
    """The deck that a file holds. file: what to call it. Raises DeckError."""
    if len(octets) > MOST_FILE:
        raise DeckError(f"{file} has more than {MOST_FILE} octets: that is no deck that people can carry")
    try:
        read = msgspec.convert(tomllib.loads(octets.decode("utf-8")), _DeckFile)
    except UnicodeDecodeError as error:
        raise DeckError(f"{file} is not UTF-8 text (octet {error.start}): save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise DeckError(f"{file} is not TOML: {error}. Put a packet in single quotes: packet = '{EXAMPLE}'") from None
    except RecursionError:
        raise DeckError(f"{file} is not a deck: it is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise DeckError(_in_words(str(error), file)) from None
    try:
        CardId(read.name, 0)
    except ValueError:
        raise DeckError(
            f'{file}: name: {read.name!r} cannot be on a card: write 1 to 4 of A-Z and 0-9, such as name = "HELO"'
        ) from None
    return Deck(read.name, read.title, read.text.strip(), tuple(_cards(read, file)))


def write_deck(deck: Deck) -> str:
    """The deck as a file that `parse_deck` reads."""
    parts = [f"name = {_quoted(deck.name)}\ntitle = {_quoted(deck.title)}\ntext = {_quoted(deck.text)}\n"]
    for each in deck.cards:
        caption = f"caption = {_quoted(each.caption)}\n" if each.caption else ""
        packet = _quoted(write(each.card.packet))
        parts.append(f"[[cards]]\nserial = {each.card.id.serial}\npacket = {packet}\n{caption}")
    return "\n".join(parts)


def _cards(read: _DeckFile, file: str) -> Iterator[DeckCard]:
    taken: dict[int, int] = {}
    for number, each in enumerate(read.cards, 1):
        if each.serial in taken:
            free = next(n for n in range(1, MOST_CARDS + 2) if n not in {card.serial for card in read.cards})
            raise DeckError(
                f"{file}, card {number}: serial {each.serial} is that of card {taken[each.serial]}, and every piece of "
                f"paper has a number of its own: write serial = {free}, say"
            )
        taken[each.serial] = number
        if not each.caption.isprintable():
            raise DeckError(f"{file}, card {number}: caption: write it on one line, without tabs")
        try:
            yield DeckCard(_card(CardId(read.name, each.serial), each.packet), each.caption)
        except ValueError as error:
            raise DeckError(f"{file}, card {number} ({each.packet!r}): {error}") from None


def _card(id: CardId, line: str) -> PrintedCard:
    """The card of a line of notation; ValueError says why there is none."""
    written = parse(line)
    if written.next_hop is not None:
        raise ValueError(f"the next hop is marked by whoever carries the card: leave out via={written.next_hop}")
    card = PrintedCard(id, written.complete())
    encode(card)
    return card


def _in_words(error: str, file: str) -> str:
    """What msgspec has to say, with the card by its number and what to write."""
    at = _AT.search(error)
    what = error[: at.start()] if at else error
    card, rest = (at["card"], at["rest"].lstrip(".")) if at else (None, "")
    place = file if card is None else f"{file}, card {int(card) + 1}"
    known = _DeckFile.__struct_fields__ if card is None else _CardFile.__struct_fields__
    if unknown := _UNKNOWN.match(what):
        near = difflib.get_close_matches(unknown["name"], known, n=1)
        meant = f"write {near[0]}" if near else f"there are {', '.join(known)}"
        return f"{place}: nothing is called {unknown['name']!r}: {meant}"
    if missing := _MISSING.match(what):
        return f"{place}: {missing['name']} is missing: write {_EXAMPLES[missing['name']]}"
    example = f": write {_EXAMPLES[rest]}" if rest in _EXAMPLES else ""
    return f"{place}: {f'{rest}: ' if rest else ''}{what}{example}"


_EXAMPLES = {
    "name": 'name = "HELO"',
    "title": 'title = "Hello over telnet"',
    "text": 'text = "What to do with it."',
    "cards": "[[cards]] and the lines of a card beneath it",
    "serial": f"serial = 1 (0 to {MOST_SERIAL})",
    "packet": f"packet = '{EXAMPLE}'",
    "caption": f'caption = "A few words" (at most {MOST_CAPTION} characters)',
}


def _quoted(text: str) -> str:
    """A TOML string: literal where that is possible, because notation is full of quotes."""
    if text.isprintable() and "'" not in text:
        return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
