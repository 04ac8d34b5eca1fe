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
_TITLE_LINE, _TITLE = 35.0, 10.6
_SIZES = (14.0, 12.0, 10.0, 8.0, 7.0, 6.0, 5.0, 4.5, 4.0, 3.0)
_FIRST, _LAST, _LAST_ABOVE = 41.0, 80.0, 74.0
"""Between the first two heights the large words stand; to the third where the command stands below."""
_PITCH = 1.15
_COMMAND, _COMMAND_FIRST, _COMMAND_LINES = 3.6, 79.6, 2


def command_card(
    card: CommandCard,
    host: str = DEFAULT_HOST,
    meaning: str = "",
    title: str = "COMMAND",
    note: str = "Not a packet: the teacher lays this card on the reader for commands.",
) -> Sheet:
    """The printed form of a command card; ValueError for a host that no card can have (see `qrtext.encode`).

    meaning: a sentence that says what the command does; it stands in large letters then, and the command below it.
    title, note: what people are told that it is.
    """
    shapes: tuple[Shape, ...] = (
        *_band(_EDGE),
        Text(_MARGIN, 16.2, "Paperhop", 4.6, bold=True),
        Text(_RIGHT, 16.2, str(card.id), 4.6, anchor="end"),
        Line(_MARGIN, 18.6, _RIGHT, 18.6, 0.25),
        Code(_MARGIN, _CODE_TOP, CODE_SIDE, encode(card, host)),
        Text(_LEFT, _TITLE_LINE, title, fitted(title, _TITLE, _ROOM, bold=True), bold=True),
        *_words(meaning or card.command, _LAST_ABOVE if meaning else _LAST),
        *(_command(card.command) if meaning else ()),
        Text(_MARGIN, 91.0, note, fitted(note, 3.6, _RIGHT - 1.0 - _MARGIN)),
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


def _words(text: str, last: float) -> Iterator[Shape]:
    """A text in the largest size in which no word of it is broken."""
    for size in _SIZES:
        most_lines = int((last - _FIRST) // (_PITCH * size))
        lines = wrapped(text, size, _ROOM, most_lines, bold=True)
        if "".join(lines) == text and all(line.endswith(" ") for line in lines[:-1]):
            break
    top = _FIRST + 0.7 * size
    for n, line in enumerate(line.rstrip(" ") for line in lines):
        yield Text(_LEFT, top + _PITCH * size * n, line, fitted(line, size, _ROOM, bold=True), bold=True)


def _command(command: str) -> Iterator[Shape]:
    for n, line in enumerate(wrapped(command, _COMMAND, _ROOM, _COMMAND_LINES)):
        yield Text(_LEFT, _COMMAND_FIRST + 1.3 * _COMMAND * n, line.rstrip(" "), _COMMAND)
