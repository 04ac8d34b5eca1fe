"""The role card in millimetres: a node's name so large that it is read from across the room; worn as a badge's face."""

from __future__ import annotations

from collections.abc import Iterator

from cards.printedcard import HEIGHT, WIDTH
from cards.qrtext import DEFAULT_HOST, RoleCard, encode
from cards.sheet import Code, Shape, Sheet, Text
from cards.typeface import fitted, wrapped

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
_LINE, _LEADING, _MOST_LINES = 9.0, 1.35, 12
_TEAM_LINE, _TEAM = 10.8, 5.6
_FOOT = HEIGHT - _MARGIN


def role_card(card: RoleCard, title: str, lines: tuple[str, ...], host: str = DEFAULT_HOST, team: str = "") -> Sheet:
    """The printed form of a role card.

    title: what the node is called, as large as it fits. lines: what else its player must know, such as its address;
    on more lines where they are long, and all smaller where there are many. team: whose card it is. ValueError for a
    host that no card can have (see `qrtext.encode`).
    """
    shapes: tuple[Shape, ...] = (
        *((Text(_RIGHT, _TEAM_LINE, team, _TEAM, bold=True, anchor="end"),) if team else ()),
        *_title(title),
        Code(_MARGIN, _CODE_TOP, CODE_SIDE, encode(card, host)),
        *_lines(lines),
        Text(_LEFT, _FOOT, "Paperhop", 4.0, bold=True),
        Text(_RIGHT, _FOOT, str(card.id), 4.0, anchor="end"),
    )
    return Sheet(WIDTH, HEIGHT, f"{card.id}: role: {title}", shapes)


def _title(title: str) -> Iterator[Shape]:
    """On one line, or on two where that makes it larger."""
    size = fitted(title, _LARGEST, _ROOM, bold=True)
    lines = [title]
    if size < _TWO_LINES and " " in title:
        lines = [line.rstrip(" ") for line in wrapped(title, _TWO_LINES, _ROOM, 2, bold=True)]
        size = min(fitted(line, _TWO_LINES, _ROOM, bold=True) for line in lines)
    first = _TITLE_MIDDLE + _HALF_CAPITAL * size - _PITCH * size * (len(lines) - 1) / 2
    for n, line in enumerate(lines):
        yield Text(_MARGIN, first + n * _PITCH * size, line, size, bold=True)


def _lines(lines: tuple[str, ...]) -> Iterator[Shape]:
    """The first one stands out; the others go on on further lines rather than each in a size of its own."""
    if not lines:
        return
    first, *others = lines
    for most in range(len(lines), _MOST_LINES + 1):
        pitch = min(_LEADING * _LINE, (_LINES_BOTTOM - _LINES_TOP) / most)
        size = pitch / _LEADING
        broken = [line for text in others for line in wrapped(text, size, _LINES_ROOM, _MOST_LINES)]
        if len(broken) < most:
            break
    yield Text(_LEFT, _LINES_TOP + 0.7 * pitch, first, fitted(first, size, _LINES_ROOM, bold=True), bold=True)
    for n, line in enumerate(broken[: most - 1], 1):
        yield Text(_LEFT, _LINES_TOP + pitch * (n + 0.7), line.rstrip(" "), size)
