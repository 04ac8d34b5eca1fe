"""Draw what is printed, and the outline, onto a board of pcbnew's."""

from __future__ import annotations

from itertools import pairwise

import pcbnew

from hardware.board import silk
from hardware.board.numbers import Numbers, Point
from hardware.board.placement import ORIGIN


def mm(value: float) -> int:
    """KiCad's unit, of millimetres."""
    return int(pcbnew.FromMM(value))


def on_page(point: Point) -> pcbnew.VECTOR2I:
    """Where a point of the board is on KiCad's page."""
    return pcbnew.VECTOR2I(mm(ORIGIN[0] + point[0]), mm(ORIGIN[1] + point[1]))


def label(placed: dict[str, pcbnew.FOOTPRINT], numbers: Numbers) -> None:
    """Show each part's reference and value where they are to be read."""
    labels = silk.labels(numbers)
    for ref, footprint in placed.items():
        found = labels.get(ref)
        for text, at in (
            (footprint.Reference(), found and found.reference),
            (footprint.Value(), found and found.value),
        ):
            text.SetVisible(bool(at))
            if found is None or not at:
                continue
            text.SetLayer(pcbnew.F_SilkS)
            text.SetPosition(on_page(at))
            text.SetKeepUpright(True)
            text.SetTextAngleDegrees(0)
            _size(text, found.size)


def _size(text: pcbnew.EDA_TEXT, size: float, bold: bool = False) -> None:
    text.SetTextSize(pcbnew.VECTOR2I(mm(size), mm(size)))
    text.SetTextThickness(mm(round(size * (0.2 if bold else 0.15), 3)))


def outline(board: pcbnew.BOARD, numbers: Numbers) -> None:
    """Draw the board's edge."""
    w, h, r = numbers.width, numbers.height, numbers.corner_radius
    for a, b in (((r, 0), (w - r, 0)), ((w, r), (w, h - r)), ((w - r, h), (r, h)), ((0, h - r), (0, r))):
        line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        line.SetStart(on_page(a))
        line.SetEnd(on_page(b))
        _edge(board, line)
    k = r * (1 - 0.5**0.5)
    for a, m, b in (
        ((0, r), (k, k), (r, 0)),
        ((w - r, 0), (w - k, k), (w, r)),
        ((w, h - r), (w - k, h - k), (w - r, h)),
        ((r, h), (k, h - k), (0, h - r)),
    ):
        arc = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_ARC)
        arc.SetArcGeometry(on_page(a), on_page(m), on_page(b))
        _edge(board, arc)


def _edge(board: pcbnew.BOARD, shape: pcbnew.PCB_SHAPE) -> None:
    shape.SetLayer(pcbnew.Edge_Cuts)
    shape.SetWidth(mm(0.1))
    board.Add(shape)


def draw(board: pcbnew.BOARD, item: silk.Words | silk.Stroke | silk.Field) -> None:
    """Draw one thing that is printed."""
    if isinstance(item, silk.Words):
        text = pcbnew.PCB_TEXT(board)
        text.SetText(item.text)
        text.SetPosition(on_page(item.at))
        text.SetLayer(pcbnew.B_SilkS if item.behind else pcbnew.F_SilkS)
        text.SetMirrored(item.behind)
        text.SetHorizJustify(pcbnew.GR_TEXT_H_ALIGN_LEFT if item.start else pcbnew.GR_TEXT_H_ALIGN_CENTER)
        _size(text, item.size, item.bold)
        board.Add(text)
    elif isinstance(item, silk.Stroke):
        for a, b in pairwise(item.points):
            line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
            line.SetStart(on_page(a))
            line.SetEnd(on_page(b))
            line.SetLayer(pcbnew.B_SilkS if item.behind else pcbnew.F_SilkS)
            line.SetWidth(mm(item.width))
            board.Add(line)
    else:
        field = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_RECT)
        field.SetStart(on_page((item.left, item.top)))
        field.SetEnd(on_page((item.right, item.bottom)))
        field.SetLayer(pcbnew.F_SilkS)
        field.SetWidth(mm(silk.LINE))
        field.SetFilled(True)
        board.Add(field)
