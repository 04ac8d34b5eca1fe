"""Who is wired to whom: the lesson's network as a drawing."""

from __future__ import annotations

from cards.sheet import Disc, Line, Path, Shape, Text
from cards.typeface import shortened, width
from hub.lessons import Lesson
from hub.printing.grid import BODY, SMALL
from hub.printing.wording import is_station

MAP = 88.0, 66.0
"""How wide and high the drawing is."""

_AROUND = 14.0, 8.0
"""What a node and its name need beside the middle of the node, across and down."""
_NODE, _WIRE = 3.4, 0.6


def wiring(lesson: Lesson, x: float, y: float) -> tuple[Shape, ...]:
    """The nodes where the page on the projector has them, too; routers are discs, stations are filled."""
    across, down = MAP[0] - 2 * _AROUND[0], MAP[1] - 2 * _AROUND[1]
    left, right = min(p[0] for p in lesson.places.values()), max(p[0] for p in lesson.places.values())
    top, bottom = min(p[1] for p in lesson.places.values()), max(p[1] for p in lesson.places.values())

    def place(id: str) -> tuple[float, float]:
        along, below = lesson.places[id]
        h = (along - left) / (right - left) if right > left else 0.5
        v = (below - top) / (bottom - top) if bottom > top else 0.5
        return x + _AROUND[0] + h * across, y + _AROUND[1] + v * down - 2.0

    rules = lesson.rules
    wires = [
        Line(*place(one), *place(other), _WIRE) for one, other in sorted(tuple(sorted(pair)) for pair in rules.links)
    ]
    nodes: list[Shape] = []
    for node in rules.nodes:
        at = place(node.id)
        nodes += _node(at, node.router, is_station(rules, node))
        title = shortened(node.title, BODY, 2 * _AROUND[0], bold=True)
        address = str(node.address)
        half = max(width(title, BODY, bold=True), width(address, SMALL)) / 2 + 0.6
        box = (
            (at[0] - half, at[1] + 4.2),
            (at[0] + half, at[1] + 4.2),
            (at[0] + half, at[1] + 12.6),
            (at[0] - half, at[1] + 12.6),
        )
        nodes += [
            Path(box, shade=1.0),
            Text(at[0], at[1] + 7.8, title, BODY, bold=True, anchor="middle"),
            Text(at[0], at[1] + 11.8, address, SMALL, anchor="middle"),
        ]
    return (*wires, *nodes)


def _node(at: tuple[float, float], router: bool, station: bool) -> tuple[Shape, ...]:
    """White inside, so that wires end at its edge; a station is black."""
    x, y = at
    fill = 0.0 if station else 1.0
    if router:
        return Disc(x, y, _NODE, shade=fill), Disc(x, y, _NODE, _WIRE)
    corners = ((x - _NODE, y - _NODE), (x + _NODE, y - _NODE), (x + _NODE, y + _NODE), (x - _NODE, y + _NODE))
    return Path(corners, shade=fill), Path(corners, _WIRE, closed=True)
