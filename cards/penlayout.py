"""Where everything stands on a pen card: one description, from which it is drawn and by which it is read.

Millimetres, from the top left corner. The paper is as small as the form allows, A6 or else A5, and the bubbles are as
large as fit. Rows are not all equally far apart: what is periodic could be read one row too low.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from cards.packet import Carries
from cards.penform import FLAGS, Field, FormError, PenForm, Port
from cards.sheet import Disc, Line, Path, Shape, Text
from cards.typeface import shortened, width


class Bubble(NamedTuple):
    """Where one marks `value` of `field`. x, y: its middle. d: its diameter."""

    field: str
    value: str
    x: float
    y: float
    d: float


class Cell(NamedTuple):
    """A cell of the comb, for one octet. x, y: its top left corner."""

    x: float
    y: float
    width: float
    height: float


class Square(NamedTuple):
    """Where the code stands. x, y: top left corner of its dark square."""

    x: float
    y: float
    side: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The places on a card. marks: the middles of the discs near the corners, from the top left on clockwise, of radius
    MARK_RADIUS. digits: of each column of a number, the cell above it, in which one writes the digit. shapes: all that
    is printed on every card of the form, so neither code nor identity.
    """

    width: float
    height: float
    code: Square
    marks: tuple[tuple[float, float], ...]
    fields: tuple[Field, ...]
    bubbles: tuple[Bubble, ...]
    comb: tuple[Cell, ...]
    digits: dict[str, Cell]
    shapes: tuple[Shape, ...]
    bubble: float


MARK_RADIUS = 3.0
QUIET = 4 / 25
"""The white that a code has around it, in sides of the code: four modules of a version 2 (ISO/IEC 18004)."""
_MARK_INSET = 8.0

_GREY, _LIGHT = 0.25, 0.6
"""Shades of rings and cells, and of what is printed inside them."""
_RING, _CELL = 0.25, 0.2
_CAPITAL = 0.668
"""Height of a capital letter in ems."""
_TOP = 13.2
_EDGE = 5.0
_CODE_INSET = 3.2
"""From the edge to the white around the code."""
_FOOT = 6.4
"""From the comb to the edge of the paper."""
_COMB_SIDE = 15.0
"""From the comb's ends to the edges: the discs stand there."""
_COMB_LABEL = 5.2
_FIVE = 0.9
"""Additional distance after five digits."""
_APART = 3.4
"""Between two blocks, at least."""


@dataclass(frozen=True, slots=True)
class _Style:
    """A paper and the sizes on it. pitch: from row to row. column: from digit to digit."""

    width: float
    height: float
    code: float
    d: float
    pitch: float
    column: float
    label: float
    head: float
    cell: float
    comb_row: float
    least_comb_cell: float


_STYLES = (
    _Style(148, 105, 30, 4.6, 6.8, 6.2, 3.6, 4.2, 7.0, 8.0, 6.2),
    _Style(148, 105, 30, 4.0, 5.6, 5.3, 3.3, 4.0, 6.2, 8.0, 6.2),
    _Style(148, 105, 30, 3.7, 4.95, 4.9, 3.1, 3.7, 5.8, 7.0, 6.0),
    _Style(210, 148, 42, 5.4, 8.0, 7.4, 4.2, 5.2, 9.0, 10.0, 7.6),
    _Style(210, 148, 42, 5.0, 7.2, 6.8, 4.0, 5.0, 8.4, 10.0, 7.6),
    _Style(210, 148, 42, 4.5, 6.4, 6.0, 3.6, 4.6, 7.4, 9.0, 6.6),
    _Style(210, 148, 42, 4.0, 5.6, 5.3, 3.3, 4.2, 6.4, 8.0, 6.2),
    _Style(210, 148, 36, 3.7, 5.0, 4.8, 3.1, 3.8, 6.0, 8.0, 6.0),
)
"""From the paper that one likes best to the last that will do."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the form that has been placed. right, bottom: how far it reaches."""

    bubbles: tuple[Bubble, ...]
    shapes: tuple[Shape, ...]
    right: float
    bottom: float
    digits: tuple[tuple[str, Cell], ...] = ()


_Block = Callable[[float, float], _Piece]
"""A part of the form, ready to be placed with its top left corner anywhere."""


@lru_cache(maxsize=256)
def layout(form: PenForm) -> Layout:
    """The places of a form. FormError when it does not even fit on A5; the text says what takes the room."""
    for style in _STYLES:
        placed = _placed(form, style)
        if placed is not None:
            return placed
    raise FormError(
        f"this form does not fit on A5: it has {len(form.networks)} networks, {len(form.hosts)} hosts, "
        f"{len(form.ports)} ports, {len(form.kinds)} kinds of packets, {len(form.neighbours)} neighbours in "
        f"{form.hops} columns and {form.comb} cells for data. Ask for less of what is most"
    )


def _placed(form: PenForm, style: _Style) -> Layout | None:
    """The form on this paper; None when it does not fit."""
    comb, comb_shapes, bottom = _comb(form, style)
    quiet = QUIET * style.code
    code = Square(quiet + _CODE_INSET, _MARK_INSET + MARK_RADIUS + quiet + 0.4, style.code)
    flags = _flags(form, style)(code.x, code.y + code.side + quiet + 0.8)
    left = max(code.x + code.side + quiet + 0.4, flags.right + _APART)
    right = style.width - _EDGE
    columns = _columns([*_ends(form, style), *_others(form, style)], bottom)
    if flags.bottom > bottom or columns is None:
        return None
    wide = [max(block(0, 0).right for block in column) for column in columns]
    spare = right - left - sum(wide) - _APART * (len(columns) - 1)
    if spare < 0:
        return None
    gap = _APART + min(spare / len(columns), 6.0)
    x = left + (spare - (gap - _APART) * (len(columns) - 1)) / 2
    pieces = [flags]
    for column, across in zip(columns, wide, strict=True):
        pieces += _stacked(column, x, bottom)
        x += across + gap
    marks = tuple(
        (x, y)
        for y, xs in ((_MARK_INSET, (_MARK_INSET, style.width - _MARK_INSET)),
                      (style.height - _MARK_INSET, (style.width - _MARK_INSET, _MARK_INSET)))
        for x in xs
    )  # fmt: skip
    shapes = (
        *(Disc(x, y, MARK_RADIUS) for x, y in marks),
        Text(_COMB_SIDE, 9.4, "Paperhop", style.head, bold=True),
        *(shape for piece in pieces for shape in piece.shapes),
        *comb_shapes,
    )
    bubbles = tuple(bubble for piece in pieces for bubble in piece.bubbles)
    digits = dict(pair for piece in pieces for pair in piece.digits)
    return Layout(style.width, style.height, code, marks, form.fields, bubbles, comb, digits, shapes, style.d)


def _columns(blocks: Iterable[_Block], bottom: float) -> list[list[_Block]] | None:
    """Blocks one below the other as far as the paper reaches, then in a new column."""
    columns: list[list[_Block]] = [[]]
    y = _TOP
    for block in blocks:
        if y > _TOP and block(0, y).bottom > bottom:
            columns.append([])
            y = _TOP
        if block(0, y).bottom > bottom:
            return None
        columns[-1].append(block)
        y = block(0, y).bottom + _APART
    return columns


def _stacked(column: Sequence[_Block], x: float, bottom: float) -> Iterator[_Piece]:
    """The blocks of a column with what is left of its height between them, up to a limit."""
    tall = sum(block(0, 0).bottom for block in column) + _APART * (len(column) - 1)
    gap = _APART + min((bottom - _TOP - tall) / len(column), 9.0)
    y = _TOP
    for block in column:
        piece = block(x, y)
        yield piece
        y = piece.bottom + gap


def _flags(form: PenForm, style: _Style) -> _Block:
    def block(x: float, y: float) -> _Piece:
        head = _head("FLAGS", x, y, style.code, style)
        rows = _rows("flags", FLAGS, FLAGS, x, y + 1.5 * style.head, style, bold=True)
        return _Piece(rows.bubbles, (*head, *rows.shapes), max(x + style.code, rows.right), rows.bottom)

    return block


def _ends(form: PenForm, style: _Style) -> Iterator[_Block]:
    """From and to: a list of networks, of hosts and of ports, side by side."""
    for side, name in (("src", "FROM"), ("dst", "TO")):
        yield _end(form, style, side, name)


def _end(form: PenForm, style: _Style, side: str, name: str) -> _Block:
    one = form.networks[0] if len(form.networks) == 1 else ""
    lists = [] if one else [(f"{side}.network", "network", form.networks, form.networks)]
    hosts = tuple(map(str, form.hosts))
    lists.append((f"{side}.host", "address" if one else "host", hosts, tuple(f"{one}.{host}" for host in hosts)))
    ports = tuple(str(port.number) for port in form.ports)
    lists.append((f"{side}.port", "port", ports, tuple(map(_port, form.ports))))
    most = 5 if style.height < 148 else 7

    def block(x: float, y: float) -> _Piece:
        start = x
        bubbles: list[Bubble] = []
        shapes: list[Shape] = []
        bottom = y
        for field, what, values, labels in lists:
            small = 0.72 * style.label
            shapes.append(Text(x + 0.2, y + 1.85 * style.head, what, small))
            split = ceil(len(values) / ceil(len(values) / most))
            for n in range(0, len(values), split):
                top = y + 2.3 * style.head
                rows = _rows(field, values[n : n + split], labels[n : n + split], x, top, style)
                bubbles += rows.bubbles
                shapes += rows.shapes
                x = rows.right + 2.6
                bottom = max(bottom, rows.bottom)
        right = x - 2.6
        return _Piece(tuple(bubbles), (*_head(name, start, y, right - start, style), *shapes), right, bottom)

    return block


def _port(port: Port) -> str:
    """ "23 telnet", but "A 40001": what is well known is known by its number."""
    parts = [str(port.number), port.name]
    return " ".join(reversed(parts) if len(port.name) == 1 else parts).strip()


def _others(form: PenForm, style: _Style) -> Iterator[_Block]:
    if form.seq or form.ack or form.check:
        yield _numbers(form, style)
    if form.ttl or form.hops:
        yield _hops(form, style)
    if form.kinds:
        yield _kinds(form, style)


def _numbers(form: PenForm, style: _Style) -> _Block:
    parts = [("seq", "SEQ", form.digits * form.seq), ("ack", "ACK", form.digits * form.ack)]

    def block(x: float, y: float) -> _Piece:
        pieces: list[_Piece] = []
        for name, title, columns in parts:
            if columns:
                pieces.append(_number([f"{name}.{n + 1}" for n in range(columns)], title, x, y, style))
                x = pieces[-1].right + _APART
        if form.check:
            pieces.append(_number(["check"], "CHECK", x, y, style))
        return _together(pieces)

    return block


def _number(fields: list[str], title: str, x: float, y: float, style: _Style) -> _Piece:
    """A cell above each column to write the digit for human eyes, then the digits to mark."""
    wide = max(style.column * len(fields), width(title, style.head, bold=True))
    first = x + (wide - style.column * len(fields)) / 2
    shapes = [*_head(title, x, y, wide, style)]
    bubbles: list[Bubble] = []
    digits: list[tuple[str, Cell]] = []
    for n, field in enumerate(fields):
        left = first + n * style.column
        digits.append((field, Cell(left + 0.3, y + 1.5 * style.head, style.column - 0.6, style.cell)))
        shapes.append(_box(*digits[-1][1], _CELL, _GREY))
        for digit in range(10):
            top = y + 1.5 * style.head + style.cell + 1.3 + digit * style.pitch + _FIVE * (digit > 4)
            bubble = Bubble(field, str(digit), left + style.column / 2, top + style.d / 2, style.d)
            bubbles.append(bubble)
            shapes += _ring(bubble, str(digit))
    return _Piece(tuple(bubbles), tuple(shapes), x + wide, bubbles[-1].y + style.d / 2, tuple(digits))


def _hops(form: PenForm, style: _Style) -> _Block:
    """A column for each hop: a box of the TTL to cross out, and below it the neighbour to whom the packet goes next."""
    columns = max(form.ttl, form.hops)
    small = 0.9 * style.label
    titles = [shortened(each.title, small, 7 * small) for each in form.neighbours]
    label = max([width(title, small) for title in titles] + [width("TTL", style.label, bold=True)]) + 1.6
    wide = label + columns * style.column

    def block(x: float, y: float) -> _Piece:
        name = "NEXT HOP" if form.hops else "HOPS LEFT"
        shapes = [*_head(name, x, y, wide, style)]
        bubbles: list[Bubble] = []
        top = y + 1.5 * style.head
        if form.ttl:
            shapes.append(_beside("TTL", x, top + style.d / 2, style.label, bold=True))
            for box in range(form.ttl):
                middle = x + label + (box + 0.5) * style.column
                bubble = Bubble("ttl", str(box + 1), middle, top + style.d / 2, style.d)
                bubbles.append(bubble)
                shapes.append(_box(middle - style.d / 2, top, style.d, style.d, _RING, _GREY))
                shapes.append(_inside(bubble, str(form.ttl - box)))
            top += style.pitch + 1.4
        for row, (each, title) in enumerate(zip(form.neighbours, titles, strict=True)):
            middle_y = top + style.d / 2 + row * style.pitch + _FIVE * (row // 4)
            shapes.append(_beside(title, x, middle_y, small))
            for hop in range(form.hops):
                bubble = Bubble(f"hop.{hop + 1}", each.id, x + label + (hop + 0.5) * style.column, middle_y, style.d)
                bubbles.append(bubble)
                shapes += _ring(bubble, str(hop + 1))
        return _Piece(tuple(bubbles), tuple(shapes), x + wide, bubbles[-1].y + style.d / 2)

    return block


def _kinds(form: PenForm, style: _Style) -> _Block:
    def block(x: float, y: float) -> _Piece:
        labels = [_KINDS[kind] for kind in form.kinds]
        rows = _rows("kind", [kind.value for kind in form.kinds], labels, x, y + 1.5 * style.head, style)
        title = "IF IT IS NOT TCP"
        right = max(rows.right, x + width(title, style.head, bold=True))
        return _Piece(rows.bubbles, (*_head(title, x, y, right - x, style), *rows.shapes), right, rows.bottom)

    return block


_KINDS = {
    Carries.TCP: "TCP",
    Carries.UDP: "UDP",
    Carries.ECHO: "ping",
    Carries.ECHO_REPLY: "ping reply",
    Carries.NET_UNREACHABLE: "no such network",
    Carries.HOST_UNREACHABLE: "no such host",
    Carries.PORT_UNREACHABLE: "no such port",
    Carries.PROHIBITED: "not allowed",
    Carries.TIME_EXCEEDED: "TTL used up",
}


def _comb(form: PenForm, style: _Style) -> tuple[tuple[Cell, ...], tuple[Shape, ...], float]:
    """The cells for the payload at the foot of the card, their shapes, and where the space above them ends."""
    if not form.comb:
        return (), (), style.height - _FOOT - 6.0
    room = style.width - 2 * _COMB_SIDE
    rows = ceil(form.comb / int(room / style.least_comb_cell))
    across = ceil(form.comb / rows)
    wide = room / across
    high = style.comb_row if rows == 1 else 0.82 * style.comb_row
    top = style.height - _FOOT - rows * high
    cells = tuple(Cell(_COMB_SIDE + n % across * wide, top + n // across * high, wide, high) for n in range(form.comb))
    words = "one letter in each cell, a dash for a space"
    label = width("DATA", style.head, bold=True)
    shapes: tuple[Shape, ...] = (
        Text(_COMB_SIDE, top - 1.5, "DATA", style.head, bold=True),
        Text(_COMB_SIDE + label + 2.0, top - 1.5, words, 0.9 * style.label),
        *(_box(*cell, _CELL, _GREY) for cell in cells),
    )
    return cells, shapes, top - _COMB_LABEL - 0.8


def _rows(
    field: str, values: Sequence[str], labels: Sequence[str], x: float, y: float, style: _Style, bold: bool = False
) -> _Piece:
    """A bubble and its label in each row."""
    bubbles = tuple(
        Bubble(field, value, x + style.d / 2, y + style.d / 2 + n * style.pitch, style.d)
        for n, value in enumerate(values)
    )
    words = x + style.d + 1.0
    shapes: list[Shape] = []
    for bubble, label in zip(bubbles, labels, strict=True):
        shapes += _ring(bubble)
        shapes.append(_beside(label, words, bubble.y, style.label, bold))
    right = words + max(width(label, style.label, bold) for label in labels)
    return _Piece(bubbles, tuple(shapes), right, bubbles[-1].y + style.d / 2)


def _together(pieces: Sequence[_Piece]) -> _Piece:
    return _Piece(
        tuple(bubble for piece in pieces for bubble in piece.bubbles),
        tuple(shape for piece in pieces for shape in piece.shapes),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        tuple(pair for piece in pieces for pair in piece.digits),
    )


def _head(text: str, x: float, y: float, wide: float, style: _Style) -> tuple[Shape, ...]:
    return (
        Text(x, y + _CAPITAL * style.head, text, style.head, bold=True),
        Line(x, y + _CAPITAL * style.head + 0.9, x + wide, y + _CAPITAL * style.head + 0.9, 0.2),
    )


def _beside(text: str, x: float, middle: float, size: float, bold: bool = False) -> Text:
    return Text(x, middle + _CAPITAL / 2 * size, text, size, bold)


def _ring(bubble: Bubble, inside: str = "") -> Iterator[Shape]:
    yield Disc(bubble.x, bubble.y, bubble.d / 2 - _RING / 2, _RING, _GREY)
    if inside:
        yield _inside(bubble, inside)


def _inside(bubble: Bubble, text: str) -> Text:
    size = 0.6 * bubble.d
    return Text(bubble.x, bubble.y + _CAPITAL / 2 * size, text, size, anchor="middle", shade=_LIGHT)


def _box(x: float, y: float, wide: float, high: float, stroke: float, shade: float) -> Path:
    corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    return Path(corners, stroke, closed=True, shade=shade)
