"""Cards on paper: as many on a page as fit in their real size, with marks where to cut. Lengths in millimetres.

Pages stand upright, whatever lies on them: so a printer that turns the paper over its long edge puts every back behind
its front, with any driver. Cards lie edge to edge in rows, so that a cut serves all cards beside it; a row is upright
or turned as a whole. What a card shows begins 5 mm from its edge: a printer may leave so much of the paper white.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from cards.sheet import Line, Placed, Shape, Sheet

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height of the papers that a class prints on."""

MARGIN = 5.0
"""What a printer may leave white at each edge of the paper."""

_STROKE = 0.2
_TICK = 4.0
_CLEAR = 1.0
"""From a card to a mark beside it."""
_UNCUT = 5.5
"""So little that is left over is not worth a cut: the edge of the paper is the edge of the card."""
_ONE_CUT = 2 * (MARGIN + _CLEAR)
"""Less than this is left over at one edge alone, which saves a cut and lets the mark be printed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is cut out: its face, and what stands on its back."""

    front: Sheet
    back: Sheet | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a card lies on the front of a page; `turns` as in `Placed`."""

    x: float
    y: float
    width: float
    height: float
    turns: Literal[0, 1]


class _Row(NamedTuple):
    """So many cards side by side, each so wide and high as it lies."""

    cards: int
    width: float
    height: float
    turns: Literal[0, 1]


def pages(pieces: Iterable[Piece], paper: str) -> Iterator[Sheet]:
    """The pages that pieces of one size fill on one of PAPERS; after a page with backs, the page of its backs.

    ValueError when not even one piece fits on the paper, or when they differ in size.
    """
    waiting = iter(pieces)
    first = next(waiting, None)
    if first is None:
        return
    width, height = first.front.width, first.front.height
    places = slots(width, height, paper)
    marks = tuple(cut_marks(places, paper))
    some = [first, *islice(waiting, len(places) - 1)]
    while some:
        if any((side.width, side.height) != (width, height) for side in _sides(some)):
            raise ValueError("cards of different sizes do not share a page")
        titles = f"{some[0].front.title} ... {some[-1].front.title}" if len(some) > 1 else some[0].front.title
        fronts = (Placed(slot.x, slot.y, piece.front, slot.turns) for slot, piece in zip(places, some, strict=False))
        yield Sheet(*PAPERS[paper], titles, (*marks, *fronts))
        if any(piece.back for piece in some):
            yield Sheet(*PAPERS[paper], f"Back of: {titles}", tuple(_backs(places, some, paper)))
        some = list(islice(waiting, len(places)))


def slots(width: float, height: float, paper: str) -> tuple[Slot, ...]:
    """Where cards of this size lie on a page: as many as possible; of equally many ways the one that turns the fewest.

    ValueError when none fits.
    """
    across, down = PAPERS[paper]
    upright, turned = int(across // width), int(across // height)
    best, best_rows = 0, (0, 0)
    for lying in range(int(down // height) + 1):
        standing = int((down - lying * height) // width)
        count = lying * upright + standing * turned
        if count >= best:
            best, best_rows = count, (lying, standing if turned else 0)
    lying, standing = best_rows
    if not best:
        raise ValueError(f"a card of {width:g} x {height:g} mm does not fit on {paper}")
    rows = [_Row(turned, height, width, 1)] * standing + [_Row(upright, width, height, 0)] * lying
    left = _first_edge(across, max(row.cards * row.width for row in rows))
    top = _first_edge(down, sum(row.height for row in rows))
    places = []
    for row in rows:
        places += [Slot(left + n * row.width, top, row.width, row.height, row.turns) for n in range(row.cards)]
        top += row.height
    return tuple(places)


def _first_edge(paper: float, used: float) -> float:
    """Where cards begin that use so much of the paper."""
    over = paper - used
    return over / 2 if over < _UNCUT or over >= _ONE_CUT else 0.0


def cut_marks(places: tuple[Slot, ...], paper: str) -> Iterator[Line]:
    """Short lines beside the cards where there is room, else on the very edge that two cards share: on no card."""
    across, down = PAPERS[paper]
    rows: dict[float, list[Slot]] = {}
    for slot in places:
        rows.setdefault(slot.y, []).append(slot)
    levels = sorted({edge for slot in places for edge in (slot.y, slot.y + slot.height)})
    left, right = min(slot.x for slot in places), max(slot.x + slot.width for slot in places)
    for y in levels:
        if _is_cut(y, down):
            for start, end in _ends(left, right, across):
                yield Line(start, y, end, y, _STROKE)
    for row in rows.values():
        top, bottom = row[0].y, row[0].y + row[0].height
        for x in sorted({edge for slot in row for edge in (slot.x, slot.x + slot.width)}):
            if not _is_cut(x, across):
                continue
            first, last = _ends(top, bottom, down)
            first = first if top == levels[0] else (top, top + _TICK)
            last = last if bottom == levels[-1] else (bottom - _TICK, bottom)
            for start, end in (first, last):
                yield Line(x, start, x, end, _STROKE)
            for y in (top, bottom):
                if left < x < right and levels[0] < y < levels[-1]:
                    yield Line(max(MARGIN, x - _TICK), y, min(across - MARGIN, x + _TICK), y, _STROKE)


def _is_cut(edge: float, paper: float) -> bool:
    """Not where no printer reaches: what a shorter row leaves there stays on its last card."""
    return min(edge, paper - edge) >= MARGIN


def _ends(start: float, end: float, paper: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The marks at both ends of a cut: outside of the cards where the printer reaches, else where they begin."""
    room = MARGIN + _CLEAR + _TICK / 2
    before, after = max(MARGIN, start - _CLEAR - _TICK), min(paper - MARGIN, end + _CLEAR + _TICK)
    first = (before, start - _CLEAR) if start >= room else (max(MARGIN, start), max(MARGIN, start) + _TICK)
    last = (
        (end + _CLEAR, after) if paper - end >= room else (min(paper - MARGIN, end) - _TICK, min(paper - MARGIN, end))
    )
    return first, last


def _backs(places: tuple[Slot, ...], pieces: list[Piece], paper: str) -> Iterator[Shape]:
    """Backs as they must be printed to lie behind their fronts, and to be read when a card is turned like a page."""
    for slot, piece in zip(places, pieces, strict=False):
        if piece.back is not None:
            yield Placed(PAPERS[paper][0] - slot.x - slot.width, slot.y, piece.back, 3 if slot.turns else 0)


def _sides(pieces: list[Piece]) -> Iterator[Sheet]:
    for piece in pieces:
        yield piece.front
        if piece.back is not None:
            yield piece.back
