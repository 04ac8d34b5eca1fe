"""The blocks of a card for the pen: flags, from and to, numbers, hops, kinds of packets, and the comb at its foot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil

from cards.penform import FLAGS, PenForm, Port
from cards.penparts import (
    CELL,
    GREY,
    RING,
    Bubble,
    Cell,
    Piece,
    Said,
    Style,
    beside,
    choices,
    heading,
    inside,
    outline,
    plain,
    ring,
    together,
)
from cards.penwords import ENGLISH, PenWords
from cards.sheet import Shape, Text
from cards.typeface import shortened, width

Block = Callable[[float, float], Piece]
"""A part of the form, ready to be placed with its top left corner anywhere."""
APART = 3.4
"""Between two blocks, at least."""
COMB_SIDE = 15.0
"""From the comb's ends to the edges: the discs stand there."""
_COMB_LABEL = 5.2
_FOOT = 6.4
"""From the comb to the edge of the paper."""
_FIVE = 0.9
"""Additional distance after five digits."""


def flags_of(form: PenForm, style: Style, words: PenWords) -> Block:
    """The flags, which stand below the code and are as wide."""

    def block(x: float, y: float) -> Piece:
        head = heading(Said(ENGLISH.flags, words.flags), x, y, style.code, style)
        rows = choices("flags", FLAGS, [plain(flag) for flag in FLAGS], x, y + 1.5 * style.head, style, bold=True)
        return Piece(rows.bubbles, (*head, *rows.shapes), max(x + style.code, rows.right), rows.bottom)

    return block


def ends(form: PenForm, style: Style, words: PenWords) -> Iterator[Block]:
    """From and to: a list of networks, of hosts and of ports, side by side."""
    yield _end(form, style, words, "src", Said(ENGLISH.source, words.source))
    yield _end(form, style, words, "dst", Said(ENGLISH.destination, words.destination))


def _end(form: PenForm, style: Style, words: PenWords, side: str, name: Said) -> Block:
    one = form.networks[0] if len(form.networks) == 1 else ""
    network, port = Said(ENGLISH.network, words.network), Said(ENGLISH.port, words.port)
    host = Said(ENGLISH.address, words.address) if one else Said(ENGLISH.host, words.host)
    lists = [] if one else [(f"{side}.network", network, form.networks, form.networks)]
    hosts = tuple(map(str, form.hosts))
    lists.append((f"{side}.host", host, hosts, tuple(f"{one}.{each}" for each in hosts)))
    ports = tuple(str(each.number) for each in form.ports)
    lists.append((f"{side}.port", port, ports, tuple(map(_port, form.ports))))
    most = 5 if style.height < 148 else 7

    def block(x: float, y: float) -> Piece:
        start = x
        bubbles: list[Bubble] = []
        shapes: list[Shape] = []
        bottom = y
        for field, what, values, labels in lists:
            small = 0.72 * style.label
            shapes.append(what.at(x + 0.2, y + 1.85 * style.head, small))
            split = ceil(len(values) / ceil(len(values) / most))
            for n in range(0, len(values), split):
                top = y + 2.3 * style.head
                rows = choices(field, values[n : n + split], list(map(plain, labels[n : n + split])), x, top, style)
                bubbles += rows.bubbles
                shapes += rows.shapes
                x = rows.right + 2.6
                bottom = max(bottom, rows.bottom)
        right = x - 2.6
        return Piece(tuple(bubbles), (*heading(name, start, y, right - start, style), *shapes), right, bottom)

    return block


def _port(port: Port) -> str:
    """ "23 telnet", but "A 40001": what is well known is known by its number."""
    parts = [str(port.number), port.name]
    return " ".join(reversed(parts) if len(port.name) == 1 else parts).strip()


def others(form: PenForm, style: Style, words: PenWords) -> Iterator[Block]:
    """What a form may have or not: numbers, hops, kinds of packets."""
    if form.seq or form.ack or form.check:
        yield _numbers(form, style, words)
    if form.ttl or form.hops:
        yield _hops(form, style, words)
    if form.kinds:
        yield _kinds(form, style, words)


def _numbers(form: PenForm, style: Style, words: PenWords) -> Block:
    parts = [("seq", plain("SEQ"), form.digits * form.seq), ("ack", plain("ACK"), form.digits * form.ack)]

    def block(x: float, y: float) -> Piece:
        pieces: list[Piece] = []
        for name, title, columns in parts:
            if columns:
                pieces.append(_number([f"{name}.{n + 1}" for n in range(columns)], title, x, y, style))
                x = pieces[-1].right + APART
        if form.check:
            pieces.append(_number(["check"], Said(ENGLISH.check, words.check), x, y, style))
        return together(pieces)

    return block


def _number(fields: list[str], title: Said, x: float, y: float, style: Style) -> Piece:
    """A cell above each column to write the digit for human eyes, then the digits to mark."""
    wide = max(style.column * len(fields), width(title.word, style.head, bold=True))
    first = x + (wide - style.column * len(fields)) / 2
    shapes = [*heading(title, x, y, wide, style)]
    bubbles: list[Bubble] = []
    digits: list[tuple[str, Cell]] = []
    for n, field in enumerate(fields):
        left = first + n * style.column
        digits.append((field, Cell(left + 0.3, y + 1.5 * style.head, style.column - 0.6, style.cell)))
        shapes.append(outline(*digits[-1][1], CELL, GREY))
        for digit in range(10):
            top = y + 1.5 * style.head + style.cell + 1.3 + digit * style.pitch + _FIVE * (digit > 4)
            bubble = Bubble(field, str(digit), left + style.column / 2, top + style.d / 2, style.d)
            bubbles.append(bubble)
            shapes += ring(bubble, str(digit))
    return Piece(tuple(bubbles), tuple(shapes), x + wide, bubbles[-1].y + style.d / 2, tuple(digits))


def _hops(form: PenForm, style: Style, words: PenWords) -> Block:
    """A column for each hop: a box of the TTL to cross out, and below it the neighbour to whom the packet goes next."""
    columns = max(form.ttl, form.hops)
    small = 0.9 * style.label
    called = dict(words.titles)
    titles = [
        Said(*(shortened(title, small, 7 * small) for title in (each.title, called.get(each.id, each.title))))
        for each in form.neighbours
    ]
    label = max([width(title.word, small) for title in titles] + [width("TTL", style.label, bold=True)]) + 1.6
    wide = label + columns * style.column

    def block(x: float, y: float) -> Piece:
        name = Said(ENGLISH.next_hop, words.next_hop) if form.hops else Said(ENGLISH.hops_left, words.hops_left)
        shapes = [*heading(name, x, y, wide, style)]
        bubbles: list[Bubble] = []
        top = y + 1.5 * style.head
        if form.ttl:
            shapes.append(beside(plain("TTL"), x, top + style.d / 2, style.label, bold=True))
            for box in range(form.ttl):
                middle = x + label + (box + 0.5) * style.column
                bubble = Bubble("ttl", str(box + 1), middle, top + style.d / 2, style.d)
                bubbles.append(bubble)
                shapes.append(outline(middle - style.d / 2, top, style.d, style.d, RING, GREY))
                shapes.append(inside(bubble, str(form.ttl - box)))
            top += style.pitch + 1.4
        for row, (each, title) in enumerate(zip(form.neighbours, titles, strict=True)):
            middle_y = top + style.d / 2 + row * style.pitch + _FIVE * (row // 4)
            shapes.append(beside(title, x, middle_y, small))
            for hop in range(form.hops):
                bubble = Bubble(f"hop.{hop + 1}", each.id, x + label + (hop + 0.5) * style.column, middle_y, style.d)
                bubbles.append(bubble)
                shapes += ring(bubble, str(hop + 1))
        return Piece(tuple(bubbles), tuple(shapes), x + wide, bubbles[-1].y + style.d / 2)

    return block


def _kinds(form: PenForm, style: Style, words: PenWords) -> Block:
    def block(x: float, y: float) -> Piece:
        labels = [Said(ENGLISH.kind(kind), words.kind(kind)) for kind in form.kinds]
        rows = choices("kind", [kind.value for kind in form.kinds], labels, x, y + 1.5 * style.head, style)
        title = Said(ENGLISH.not_tcp, words.not_tcp)
        right = max(rows.right, x + width(title.word, style.head, bold=True))
        return Piece(rows.bubbles, (*heading(title, x, y, right - x, style), *rows.shapes), right, rows.bottom)

    return block


def comb_of(form: PenForm, style: Style, words: PenWords) -> tuple[tuple[Cell, ...], tuple[Shape, ...], float]:
    """The cells for the payload at the foot of the card, their shapes, and where the space above them ends."""
    if not form.comb:
        return (), (), style.height - _FOOT - 6.0
    room = style.width - 2 * COMB_SIDE
    rows = ceil(form.comb / int(room / style.least_comb_cell))
    across = ceil(form.comb / rows)
    wide = room / across
    high = style.comb_row if rows == 1 else 0.82 * style.comb_row
    top = style.height - _FOOT - rows * high
    cells = tuple(Cell(COMB_SIDE + n % across * wide, top + n // across * high, wide, high) for n in range(form.comb))
    label = width(words.data, style.head, bold=True)
    how, left = Said(ENGLISH.cells, words.cells), COMB_SIDE + label + 2.0
    shapes: tuple[Shape, ...] = (
        Text(COMB_SIDE, top - 1.5, words.data, style.head, bold=True),
        how.at(left, top - 1.5, 0.9 * style.label, style.width - COMB_SIDE - left),
        *(outline(*cell, CELL, GREY) for cell in cells),
    )
    return cells, shapes, top - _COMB_LABEL - 0.8
