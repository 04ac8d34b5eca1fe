"""Who is wired to whom: the lesson's network as a drawing, with names where no wire runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.sheet import Anchor, Disc, Line, Path, Shape, Text
from cards.typeface import shortened, width
from hub.lessons import Lesson
from hub.printing.grid import BODY, SMALL
from hub.printing.wording import is_station
from hub.simulator.rules import NodeRules

MAP = 88.0, 66.0
"""How wide and high the drawing is."""

_BESIDE, _ABOVE, _BELOW = 14.0, 13.0, 14.0
"""What a node and its name need to the left and right of the middle of the node, above it and below."""
_WIDEST = 2 * _BESIDE
_OVER = 6.0
"""How far a name may stick out to the right, into the white beside the drawing."""
_NODE, _WIRE = 3.4, 0.6
_HIGH, _CLEAR = 8.2, 0.5
"""How high a name with its address is, and what is left free around it."""
_NEAR, _ASIDE, _FAR = _NODE + 0.9, 1.2, _NODE + 6.0
"""From the middle of a node to a name beside it, past a wire that runs straight up, down or along, and to a name that
stands where slanting wires leave room.
"""

_Point = tuple[float, float]


class _Label(NamedTuple):
    """Where a name may stand: the box of its two lines, and where in it the lines begin."""

    left: float
    top: float
    wide: float
    anchor: Anchor

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.left + self.wide, self.top + _HIGH


def wiring(lesson: Lesson, x: float, y: float) -> tuple[Shape, ...]:
    """The nodes where the page on the projector has them, too; routers are discs, stations are filled."""
    rules = lesson.rules
    middles = _middles(lesson, x, y)
    wires = [(middles[one], middles[other]) for one, other in sorted(tuple(sorted(pair)) for pair in rules.links)]
    drawing = (x, y, x + MAP[0] + _OVER, y + MAP[1])
    shapes: list[Shape] = [Line(*start, *end, _WIRE) for start, end in wires]
    taken = [(h - _NODE, v - _NODE, h + _NODE, v + _NODE) for h, v in middles.values()]
    for node in rules.nodes:
        title, address = shortened(node.title, BODY, _WIDEST, bold=True), str(node.address)
        wide = max(width(title, BODY, bold=True), width(address, SMALL))
        label = min(
            _places(middles[node.id], wide),
            key=lambda place: _cost(place, wires, taken, drawing),
        )
        taken.append(label.box)
        shapes += [*_node(middles[node.id], node, is_station(rules, node)), *_named(label, title, address)]
    return tuple(shapes)


def _middles(lesson: Lesson, x: float, y: float) -> dict[str, _Point]:
    """Where each node is drawn."""
    places = lesson.places.values()
    left, right = min(across for across, _ in places), max(across for across, _ in places)
    top, bottom = min(down for _, down in places), max(down for _, down in places)
    wide, high = MAP[0] - 2 * _BESIDE, MAP[1] - _ABOVE - _BELOW

    def middle(across: float, down: float) -> _Point:
        h = (across - left) / (right - left) if right > left else 0.5
        v = (down - top) / (bottom - top) if bottom > top else 0.5
        return x + _BESIDE + h * wide, y + _ABOVE + v * high

    return {id: middle(*place) for id, place in lesson.places.items()}


def _places(middle: _Point, wide: float) -> Iterator[_Label]:
    """Where a name can stand beside its node, the best place first."""
    x, y = middle
    above, below = y - _NEAR - _HIGH, y + _NEAR
    yield _Label(x - wide / 2, below, wide, "middle")
    yield _Label(x - wide / 2, above, wide, "middle")
    yield _Label(x + _NEAR, y - _HIGH / 2, wide, "start")
    yield _Label(x - _NEAR - wide, y - _HIGH / 2, wide, "end")
    for top in (below, above):
        yield _Label(x + _ASIDE, top, wide, "start")
        yield _Label(x - _ASIDE - wide, top, wide, "end")
    yield _Label(x - wide / 2, y + _FAR, wide, "middle")
    yield _Label(x - wide / 2, y - _FAR - _HIGH, wide, "middle")


def _cost(
    place: _Label,
    wires: list[tuple[_Point, _Point]],
    taken: list[tuple[float, float, float, float]],
    drawing: tuple[float, float, float, float],
) -> int:
    """How much is in the way of a name there; most of all the edge of the drawing."""
    left, top, right, bottom = place.box
    box = left - _CLEAR, top - _CLEAR, right + _CLEAR, bottom + _CLEAR
    outside = left < drawing[0] or top < drawing[1] or right > drawing[2] or bottom > drawing[3]
    over = sum(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken)
    return 100 * outside + 10 * over + sum(_crosses(start, end, box) for start, end in wires)


def _crosses(start: _Point, end: _Point, box: tuple[float, float, float, float]) -> bool:
    """Whether a line runs through a box: some part of it lies between both pairs of edges."""
    first, last = 0.0, 1.0
    for n in (0, 1):
        step = end[n] - start[n]
        near, far = box[n] - start[n], box[n + 2] - start[n]
        if step == 0:
            if near > 0 or far < 0:
                return False
            continue
        one, other = sorted((near / step, far / step))
        first, last = max(first, one), min(last, other)
    return first < last


def _named(label: _Label, title: str, address: str) -> tuple[Shape, ...]:
    left, top, right, bottom = label.box
    x = {"start": left, "middle": (left + right) / 2, "end": right}[label.anchor]
    return (
        Path(((left, top), (right, top), (right, bottom), (left, bottom)), shade=1.0),
        Text(x, top + 3.4, title, BODY, bold=True, anchor=label.anchor),
        Text(x, top + 7.3, address, SMALL, anchor=label.anchor),
    )


def _node(at: _Point, node: NodeRules, station: bool) -> tuple[Shape, ...]:
    """White inside, so that wires end at its edge; a station is black."""
    x, y = at
    fill = 0.0 if station else 1.0
    if node.router:
        return Disc(x, y, _NODE, shade=fill), Disc(x, y, _NODE, _WIRE)
    corners = ((x - _NODE, y - _NODE), (x + _NODE, y - _NODE), (x + _NODE, y + _NODE), (x - _NODE, y + _NODE))
    return Path(corners, shade=fill), Path(corners, _WIRE, closed=True)
