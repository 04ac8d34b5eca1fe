"""Find tracks: A* on a grid over two layers, 45 degrees at most at a time, as few bends as there can be.

A track stays on its layer: where it cannot, there is no way.

Wide where there is room, narrow where there is not (between the header's pins). Pure: pads in, tracks out.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from hardware.board.numbers import Point

GRID = 0.254
"""A tenth of the header's pitch, in millimetres."""
WIDE, NARROW = 0.5, 0.3
CLEARANCE = 0.25
_STEPS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
_BEND, _NARROW_COST = 3.0, 4.0
"""What they cost, in steps."""

Cell = tuple[int, int]
State = tuple[int, int, int, int]
"""Layer, column, row, direction (-1: none yet)."""


@dataclass(frozen=True)
class Obstacle:
    """A rectangle with round corners that only tracks of `net` may touch; layer None: on both."""

    net: str
    at: Point
    half_width: float
    half_height: float
    radius: float
    layer: int | None = None

    def distance(self, point: Point) -> float:
        """From its edge; negative inside."""
        x = max(0.0, abs(point[0] - self.at[0]) - self.half_width)
        y = max(0.0, abs(point[1] - self.at[1]) - self.half_height)
        return math.hypot(x, y) - self.radius


@dataclass(frozen=True)
class Track:
    """A straight piece. Layer 0 is in front, 1 behind."""

    net: str
    layer: int
    start: Point
    end: Point
    width: float


class NoWay(Exception):
    """There is no room for a net's track."""


class Router:
    """Tracks on a board of a size, around obstacles; each track that was found is one for the next."""

    def __init__(self, width: float, height: float, aligned: Point, obstacles: Iterable[Obstacle]) -> None:
        """aligned: a point that is on the grid."""
        self._shift = (aligned[0] % GRID, aligned[1] % GRID)
        self._columns, self._rows = int((width - self._shift[0]) / GRID), int((height - self._shift[1]) / GRID)
        self._obstacles = list(obstacles)
        self._edge = 1.0

    def route(self, net: str, start: Point, end: Point) -> list[Track]:
        """The way from one pad to another. NoWay: there is none."""
        blocked = {width: self._blocked(net, width) for width in (WIDE, NARROW)}
        states = self._search(self._cell(start), self._cell(end), blocked)
        if not states:
            raise NoWay(f"{net}: from {start} to {end}")
        found = list(self._pieces(net, states, blocked[WIDE], start, end))
        self._obstacles += [obstacle for track in found for obstacle in _as_obstacles(track)]
        return found

    def _cell(self, point: Point) -> Cell:
        return (round((point[0] - self._shift[0]) / GRID), round((point[1] - self._shift[1]) / GRID))

    def _point(self, cell: Cell) -> Point:
        return (round(cell[0] * GRID + self._shift[0], 4), round(cell[1] * GRID + self._shift[1], 4))

    def _blocked(self, net: str, width: float) -> tuple[set[Cell], set[Cell]]:
        """The cells of each layer on which the middle of a track may not be."""
        layers: tuple[set[Cell], set[Cell]] = (set(), set())
        margin = CLEARANCE + width / 2 - 1e-6
        for obstacle in self._obstacles:
            if obstacle.net == net:
                continue
            cells = [cell for cell in self._around(obstacle, margin) if obstacle.distance(self._point(cell)) < margin]
            for layer in (0, 1) if obstacle.layer is None else (obstacle.layer,):
                layers[layer].update(cells)
        return layers

    def _around(self, obstacle: Obstacle, margin: float) -> Iterator[Cell]:
        reach = obstacle.radius + margin
        left, top = self._cell(
            (obstacle.at[0] - obstacle.half_width - reach, obstacle.at[1] - obstacle.half_height - reach)
        )
        right, bottom = self._cell(
            (obstacle.at[0] + obstacle.half_width + reach, obstacle.at[1] + obstacle.half_height + reach)
        )
        for column in range(left, right + 1):
            for row in range(top, bottom + 1):
                yield (column, row)

    def _inside(self, column: int, row: int) -> bool:
        border = math.ceil(self._edge / GRID)
        return border <= column <= self._columns - border and border <= row <= self._rows - border

    def _search(self, start: Cell, end: Cell, blocked: dict[float, tuple[set[Cell], set[Cell]]]) -> list[State]:
        """The states from start to end; none when there is no way."""
        begun: list[State] = [(layer, *start, -1) for layer in (0, 1)]
        costs: dict[State, float] = dict.fromkeys(begun, 0.0)
        before: dict[State, State] = {}
        queue = [(_far(start, end), 0.0, state) for state in begun]
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > costs[state]:
                continue
            if state[1:3] == end:
                return _back(state, before)
            for following, extra in self._next(state, blocked):
                total = cost + extra
                if total < costs.get(following, math.inf) - 1e-9:
                    costs[following], before[following] = total, state
                    heapq.heappush(queue, (total + _far(following[1:3], end), total, following))
        return []

    def _next(self, state: State, blocked: dict[float, tuple[set[Cell], set[Cell]]]) -> Iterator[tuple[State, float]]:
        layer, column, row, direction = state
        turns = range(8) if direction < 0 else [(direction + turn) % 8 for turn in (-1, 0, 1)]
        for turn in turns:
            x, y = _STEPS[turn]
            cell = (column + x, row + y)
            if cell in blocked[NARROW][layer] or not self._inside(*cell):
                continue
            length = math.sqrt(2) if x and y else 1.0
            wide = cell not in blocked[WIDE][layer]
            yield (layer, *cell, turn), length * (1 if wide else _NARROW_COST) + (direction not in (-1, turn)) * _BEND

    def _pieces(
        self, net: str, states: list[State], tight: tuple[set[Cell], set[Cell]], start: Point, end: Point
    ) -> Iterator[Track]:
        """Straight pieces of one width; the first and the last are shifted so that they meet their pads' middles."""
        layer = states[0][0]
        corners = _meet(_corners([self._point(state[1:3]) for state in states]), start)
        corners = _meet(corners[::-1], end)[::-1]
        for begin, finish in pairwise(corners):
            for first, last, width in self._by_width(begin, finish, tight[layer]):
                yield Track(net, layer, first, last, width)

    def _by_width(self, a: Point, b: Point, tight: set[Cell]) -> list[tuple[Point, Point, float]]:
        """A straight piece, cut where it must be narrow."""
        steps = max(1, round(math.dist(a, b) / GRID))
        points = [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(steps + 1)]
        narrow = [self._cell(point) in tight for point in points]
        parts: list[tuple[Point, Point, float]] = []
        begun = 0
        widths = [NARROW if narrow[i] or narrow[i + 1] else WIDE for i in range(steps)]
        for i in range(1, steps + 1):
            if i == steps or widths[i] != widths[begun]:
                parts.append((_rounded(points[begun]), _rounded(points[i]), widths[begun]))
                begun = i
        return parts


def _far(cell: Cell, end: Cell) -> float:
    x, y = abs(cell[0] - end[0]), abs(cell[1] - end[1])
    return max(x, y) + (math.sqrt(2) - 1) * min(x, y)


def _back(state: State, before: dict[State, State]) -> list[State]:
    path = [state]
    while path[-1] in before:
        path.append(before[path[-1]])
    return path[::-1]


def _corners(points: list[Point]) -> list[Point]:
    """Only where the direction changes, and the ends."""
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        turn = (point[0] - before[0]) * (after[1] - point[1]) - (point[1] - before[1]) * (after[0] - point[0])
        if abs(turn) > 1e-6:
            kept.append(point)
    return kept + points[-1:] if len(points) > 1 else kept


def _meet(corners: list[Point], pad: Point) -> list[Point]:
    """The same way, its first piece shifted sideways so that it begins at the pad's middle."""
    if len(corners) < 3:
        return [pad, *corners[1:]]
    a, b, c = corners[:3]
    along, after = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    cross = along[0] * after[1] - along[1] * after[0]
    offset = (b[0] - pad[0], b[1] - pad[1])
    t = (offset[0] * after[1] - offset[1] * after[0]) / cross
    return [pad, _rounded((pad[0] + along[0] * t, pad[1] + along[1] * t)), *corners[2:]]


def _rounded(point: Point) -> Point:
    return (round(point[0], 4), round(point[1], 4))


def _as_obstacles(track: Track) -> Iterator[Obstacle]:
    steps = max(1, math.ceil(math.dist(track.start, track.end) / GRID))
    for i in range(steps + 1):
        x, y = (a + (b - a) * i / steps for a, b in zip(track.start, track.end, strict=True))
        yield Obstacle(track.net, (x, y), 0, 0, track.width / 2, track.layer)
