"""Where everything stands on a pen card: one description, from which it is drawn and by which it is read.

Millimetres, from the top left corner. The paper is as small as the form allows, A6 or else A5, and the bubbles are as
large as fit. Rows are not all equally far apart: what is periodic could be read one row too low.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cards.penblocks import APART, COMB_SIDE, Block, comb_of, ends, flags_of, others
from cards.penform import Field, FormError, PenForm
from cards.penparts import Bubble, Cell, Piece, Style
from cards.penwords import ENGLISH, PenWords
from cards.sheet import Disc, Shape, Text


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
_TOP = 13.2
_EDGE = 5.0
_CODE_INSET = 3.2
"""From the edge to the white around the code."""
_STYLES = (
    Style(148, 105, 30, 4.6, 6.8, 6.2, 3.6, 4.2, 7.0, 8.0, 6.2),
    Style(148, 105, 30, 4.0, 5.6, 5.3, 3.3, 4.0, 6.2, 8.0, 6.2),
    Style(148, 105, 30, 3.7, 4.95, 4.9, 3.1, 3.7, 5.8, 7.0, 6.0),
    Style(210, 148, 42, 5.4, 8.0, 7.4, 4.2, 5.2, 9.0, 10.0, 7.6),
    Style(210, 148, 42, 5.0, 7.2, 6.8, 4.0, 5.0, 8.4, 10.0, 7.6),
    Style(210, 148, 42, 4.5, 6.4, 6.0, 3.6, 4.6, 7.4, 9.0, 6.6),
    Style(210, 148, 42, 4.0, 5.6, 5.3, 3.3, 4.2, 6.4, 8.0, 6.2),
    Style(210, 148, 36, 3.7, 5.0, 4.8, 3.1, 3.8, 6.0, 8.0, 6.0),
)
"""From the paper that one likes best to the last that will do."""


@lru_cache(maxsize=256)
def layout(form: PenForm, words: PenWords = ENGLISH) -> Layout:
    """The places of a form, the same whatever the words are, and what is printed there.

    FormError when it does not even fit on A5; the text says what takes the room.
    """
    for style in _STYLES:
        placed = _placed(form, style, words)
        if placed is not None:
            return placed
    raise FormError(
        f"this form does not fit on A5: it has {len(form.networks)} networks, {len(form.hosts)} hosts, "
        f"{len(form.ports)} ports, {len(form.kinds)} kinds of packets, {len(form.neighbours)} neighbours in "
        f"{form.hops} columns and {form.comb} cells for data. Ask for less of what is most"
    )


def _placed(form: PenForm, style: Style, words: PenWords) -> Layout | None:
    """The form on this paper; None when it does not fit."""
    comb, comb_shapes, bottom = comb_of(form, style, words)
    quiet = QUIET * style.code
    code = Square(quiet + _CODE_INSET, _MARK_INSET + MARK_RADIUS + quiet + 0.4, style.code)
    flags = flags_of(form, style, words)(code.x, code.y + code.side + quiet + 0.8)
    left = max(code.x + code.side + quiet + 0.4, flags.right + APART)
    right = style.width - _EDGE
    columns = _columns([*ends(form, style, words), *others(form, style, words)], bottom)
    if flags.bottom > bottom or columns is None:
        return None
    wide = [max(block(0, 0).right for block in column) for column in columns]
    spare = right - left - sum(wide) - APART * (len(columns) - 1)
    if spare < 0:
        return None
    gap = APART + min(spare / len(columns), 6.0)
    x = left + (spare - (gap - APART) * (len(columns) - 1)) / 2
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
        Text(COMB_SIDE, 9.4, "Paperhop", style.head, bold=True),
        *(shape for piece in pieces for shape in piece.shapes),
        *comb_shapes,
    )
    bubbles = tuple(bubble for piece in pieces for bubble in piece.bubbles)
    digits = dict(pair for piece in pieces for pair in piece.digits)
    return Layout(style.width, style.height, code, marks, form.fields, bubbles, comb, digits, shapes, style.d)


def _columns(blocks: Iterable[Block], bottom: float) -> list[list[Block]] | None:
    """Blocks one below the other as far as the paper reaches, then in a new column."""
    columns: list[list[Block]] = [[]]
    y = _TOP
    for block in blocks:
        if y > _TOP and block(0, y).bottom > bottom:
            columns.append([])
            y = _TOP
        if block(0, y).bottom > bottom:
            return None
        columns[-1].append(block)
        y = block(0, y).bottom + APART
    return columns


def _stacked(column: Sequence[Block], x: float, bottom: float) -> Iterator[Piece]:
    """The blocks of a column with what is left of its height between them, up to a limit."""
    tall = sum(block(0, 0).bottom for block in column) + APART * (len(column) - 1)
    gap = APART + min((bottom - _TOP - tall) / len(column), 9.0)
    y = _TOP
    for block in column:
        piece = block(x, y)
        yield piece
        y = piece.bottom + gap
