"""The places on a pen card as JSON, for programs that draw their own marks or check ours (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from cards.filling import Mark
from cards.penform import Marks
from cards.penlayout import MARK_RADIUS, Layout
from cards.penparts import Bubble, Cell

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


class BubbleJson(msgspec.Struct, frozen=True):
    """Where one marks `value` of `field`: its middle and its diameter, and whether it is drawn as marked."""

    field: str
    value: str
    x_mm: float
    y_mm: float
    d_mm: float
    filled: bool


class CellJson(msgspec.Struct, frozen=True):
    """A cell of the comb: its place in the payload from 0 on, its top left corner and size, and whether it is inked."""

    index: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    filled: bool


class Geometry(msgspec.Struct, frozen=True):
    """A pen card in millimetres, from the top left corner of the paper.

    px_per_mm: of the picture that was drawn with it. code: the corners of the code's dark square, from the top left on
    clockwise; marks: the same for the square around each disc, from the top left disc on clockwise. groups: how many
    marks each field takes: `one`, or `any` number of them, none too.
    """

    width_mm: float
    height_mm: float
    px_per_mm: float
    code: Quad
    marks: tuple[Quad, ...]
    bubbles: tuple[BubbleJson, ...]
    groups: dict[str, Marks]
    comb: tuple[CellJson, ...]


def geometry(layout: Layout, px_per_mm: float, filled: Collection[Mark] = (), inked: int = 0) -> Geometry:
    """The geometry of a layout. filled: the bubbles that are marked; inked: how many cells of the comb are."""
    code = layout.code
    return Geometry(
        layout.width,
        layout.height,
        px_per_mm,
        _square(code.x, code.y, code.side),
        tuple(_square(x - MARK_RADIUS, y - MARK_RADIUS, 2 * MARK_RADIUS) for x, y in layout.marks),
        tuple(_bubble(bubble, (bubble.field, bubble.value) in filled) for bubble in layout.bubbles),
        {field.name: field.marks for field in layout.fields},
        tuple(_cell(n, cell, n < inked) for n, cell in enumerate(layout.comb)),
    )


def _bubble(bubble: Bubble, filled: bool) -> BubbleJson:
    field, value, x, y, d = bubble
    return BubbleJson(field, value, _round(x), _round(y), d, filled)


def _cell(index: int, cell: Cell, filled: bool) -> CellJson:
    x, y, wide, high = map(_round, cell)
    return CellJson(index, x, y, wide, high, filled)


def _square(x: float, y: float, side: float) -> Quad:
    left, top, right, bottom = map(_round, (x, y, x + side, y + side))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _round(number: float) -> float:
    return round(number, 3)
