"""The role card in millimetres: a node's name so large that it is read from across the room; worn as a badge's face."""

from __future__ import annotations

from collections.abc import Iterator

from cards.printedcard import HEIGHT, WIDTH
from cards.qrtext import DEFAULT_HOST, RoleCard, encode
from cards.sheet import Code, Shape, Sheet, Text
from cards.typeface import width, wrapped

CODE_SIDE = 43.0
"""The longest code, of version 5 with 37 modules, has modules of 1.16 mm."""

_MARGIN = 9.0
_RIGHT = WIDTH - _MARGIN
_ROOM = _RIGHT - 1.0 - _MARGIN
_TITLE_MIDDLE, _HALF_CAPITAL = 26.0, 0.334
"""At which height the middle of the title's capitals lies, and half a capital letter in ems."""
_LARGEST, _TWO_LINES, _PITCH = 32.0, 17.0, 1.1
_CODE_TOP = 51.5
_LEFT = _MARGIN + CODE_SIDE + 8.0
_LINES_ROOM = _RIGHT - 1.0 - _LEFT
_LINES_TOP, _LINES_BOTTOM = 50.0, 89.0
_LINE = 9.0
_FOOT = HEIGHT - _MARGIN


def role_card(card: RoleCard, title: str, lines: tuple[str, ...], host: str = DEFAULT_HOST) -> Sheet:
    """The printed form of a role card.

    title: what the node is called, as large as it fits. lines: what else its player must know, such as its address;
    made smaller where they are long or many. ValueError for a host that no card can have (see `qrtext.encode`).
    """
    shapes: tuple[Shape, ...] = (
        *_title(title),
        Code(_MARGIN, _CODE_TOP, CODE_SIDE, encode(card, host)),
        *_lines(lines),
        Text(_LEFT, _FOOT, "Paperhop", 4.0, bold=True),
        Text(_RIGHT, _FOOT, str(card.id), 4.0, anchor="end"),
    )
    return Sheet(WIDTH, HEIGHT, f"{card.id}: role: {title}", shapes)


def _title(title: str) -> Iterator[Shape]:
    """On one line, or on two where that makes it larger."""
    size = _fit(title, _LARGEST, _ROOM)
    lines = [title]
    if size < _TWO_LINES and " " in title:
        room = _ROOM * width(title, _TWO_LINES) / width(title, _TWO_LINES, bold=True)
        lines = [line.rstrip(" ") for line in wrapped(title, _TWO_LINES, room, 2)]
        size = min(_fit(line, _TWO_LINES, _ROOM) for line in lines)
    first = _TITLE_MIDDLE + _HALF_CAPITAL * size - _PITCH * size * (len(lines) - 1) / 2
    for n, line in enumerate(lines):
        yield Text(_MARGIN, first + n * _PITCH * size, line, size, bold=True)


def _lines(lines: tuple[str, ...]) -> Iterator[Shape]:
    """The first one stands out."""
    pitch = min(1.35 * _LINE, (_LINES_BOTTOM - _LINES_TOP) / max(1, len(lines)))
    for n, line in enumerate(lines):
        size = _fit(line, pitch / 1.35, _LINES_ROOM, bold=n == 0)
        yield Text(_LEFT, _LINES_TOP + pitch * (n + 0.7), line, size, bold=n == 0)


def _fit(text: str, size: float, room: float, bold: bool = True) -> float:
    """The size, smaller where the text would be wider than `room`."""
    return size * min(1.0, room / (width(text, size, bold) or room))
