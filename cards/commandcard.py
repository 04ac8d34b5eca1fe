"""The command card in millimetres: large words between striped edges, so that nobody takes it for a packet."""

from __future__ import annotations

from collections.abc import Iterator

from cards.printedcard import CODE_SIDE, HEIGHT, WIDTH
from cards.qrtext import DEFAULT_HOST, CommandCard, encode
from cards.sheet import Code, Line, Path, Shape, Sheet, Text
from cards.typeface import fitted, wrapped

_MARGIN = 9.0
_RIGHT = WIDTH - _MARGIN
_EDGE, _BAND, _STRIPE = 5.5, 4.0, 6.0
"""Where the striped bands lie, how high they are, and how long a stripe is."""
_CODE_TOP = 27.0
_LEFT = 67.5
_ROOM = _RIGHT - 1.0 - _LEFT
_TITLE = 13.0
_SIZES = (14.0, 12.0, 10.0, 8.0, 6.0, 4.5, 3.0)
_FIRST, _LAST, _LAST_ABOVE = 46.0, 80.0, 69.0
"""Between the first two heights the command stands; to the third where what it does stands below."""
_PITCH = 1.15
_MEANING, _MEANING_FIRST, _MEANING_LINES = 3.6, 74.0, 3


def command_card(card: CommandCard, host: str = DEFAULT_HOST, meaning: str = "") -> Sheet:
    """The printed form of a command card; ValueError for a host that no card can have (see `qrtext.encode`).

    meaning: a sentence that says what the command does.
    """
    shapes: tuple[Shape, ...] = (
        *_band(_EDGE),
        Text(_MARGIN, 16.2, "Paperhop", 4.6, bold=True),
        Text(_RIGHT, 16.2, str(card.id), 4.6, anchor="end"),
        Line(_MARGIN, 18.6, _RIGHT, 18.6, 0.25),
        Code(_MARGIN, _CODE_TOP, CODE_SIDE, encode(card, host)),
        Text(_LEFT, 36.5, "COMMAND", _TITLE, bold=True),
        *_words(card.command, _LAST_ABOVE if meaning else _LAST),
        *_meaning(meaning),
        Text(_MARGIN, 91.0, "Not a packet: the teacher lays this card on the reader for commands.", 3.6),
        *_band(HEIGHT - _EDGE - _BAND),
    )
    return Sheet(WIDTH, HEIGHT, f"{card.id}: command: {card.command}", shapes)


def _band(top: float) -> Iterator[Shape]:
    """Slanting black stripes across the card."""
    stripes = int((_RIGHT - _MARGIN - _BAND) // (2 * _STRIPE)) + 1
    step = (_RIGHT - _MARGIN - _BAND - _STRIPE) / (stripes - 1)
    for n in range(stripes):
        x, bottom = _MARGIN + n * step, top + _BAND
        yield Path(((x, bottom), (x + _STRIPE, bottom), (x + _STRIPE + _BAND, top), (x + _BAND, top)))


def _words(command: str, last: float) -> Iterator[Shape]:
    """The command in the largest size in which no word of it is broken."""
    for size in _SIZES:
        most_lines = int((last - _FIRST) // (_PITCH * size))
        lines = wrapped(command, size, _ROOM, most_lines, bold=True)
        if "".join(lines) == command and all(line.endswith(" ") for line in lines[:-1]):
            break
    top = _FIRST + 0.7 * size
    for n, line in enumerate(line.rstrip(" ") for line in lines):
        yield Text(_LEFT, top + _PITCH * size * n, line, fitted(line, size, _ROOM, bold=True), bold=True)


def _meaning(sentence: str) -> Iterator[Shape]:
    for n, line in enumerate(wrapped(sentence, _MEANING, _ROOM, _MEANING_LINES)):
        yield Text(_LEFT, _MEANING_FIRST + 1.3 * _MEANING * n, line.rstrip(" "), _MEANING)
