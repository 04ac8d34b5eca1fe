"""What is on the board as KiCad's file says it: parts, pads, tracks. No KiCad is needed to read it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from hardware.board import sexpr
from hardware.board.kicad import PROJECT
from hardware.board.numbers import Point
from hardware.board.placement import ORIGIN
from hardware.board.sexpr import Node

BOARD = PROJECT / "badge.kicad_pcb"


@dataclass(frozen=True)
class Pad:
    """A pad, or a bare hole (number "")."""

    ref: str
    number: str
    at: Point
    """On the board, as the player sees it."""
    drill: float
    net: str
    """Empty where there is none."""
    behind: bool
    """Whether its part is on the side that the player does not see."""


@dataclass(frozen=True)
class Track:
    """A piece of track."""

    net: str
    layer: str
    start: Point
    end: Point
    width: float


@dataclass(frozen=True)
class Laid:
    """The board."""

    pads: tuple[Pad, ...]
    tracks: tuple[Track, ...]
    outline: tuple[float, float, float, float]
    """Left, top, right, bottom."""

    def pad(self, ref: str, number: str) -> Pad:
        """One pad. LookupError: there is none, or more than one."""
        found = [pad for pad in self.pads if (pad.ref, pad.number) == (ref, number)]
        if len(found) != 1:
            raise LookupError(f"{ref} has {len(found)} pads {number}")
        return found[0]

    def middle(self, ref: str) -> Point:
        """Of a part's pads."""
        points = [pad.at for pad in self.pads if pad.ref == ref]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return (round((min(xs) + max(xs)) / 2, 3), round((min(ys) + max(ys)) / 2, 3))

    def nets(self) -> dict[tuple[str, str], str]:
        """The net of each pad, by part and number."""
        return {(pad.ref, pad.number): pad.net for pad in self.pads if pad.net}


def read(path: Path = BOARD) -> Laid:
    """The board in a file."""
    return laid(path.read_text(encoding="utf-8"))


def laid(text: str) -> Laid:
    """The board in a file's text."""
    board = sexpr.parse(text)
    names = {str(net[1]): str(net[2]) for net in sexpr.named(board, "net")}
    tracks = [
        Track(
            names[sexpr.value(track, "net")],
            sexpr.value(track, "layer"),
            _on_board(sexpr.first(track, "start")),
            _on_board(sexpr.first(track, "end")),
            float(sexpr.value(track, "width")),
        )
        for track in sexpr.named(board, "segment")
    ]
    edges = [
        _on_board(sexpr.first(shape, end))
        for kind in ("gr_line", "gr_arc")
        for shape in sexpr.named(board, kind)
        if sexpr.value(shape, "layer") == "Edge.Cuts"
        for end in ("start", "end")
    ]
    xs, ys = [x for x, _ in edges], [y for _, y in edges]
    return Laid(
        tuple(pad for footprint in sexpr.named(board, "footprint") for pad in _pads(footprint)),
        tuple(tracks),
        (min(xs), min(ys), max(xs), max(ys)),
    )


def _on_board(point: list[Node]) -> Point:
    x, y = sexpr.numbers(point)[:2]
    return (round(x - ORIGIN[0], 4), round(y - ORIGIN[1], 4))


def _pads(footprint: list[Node]) -> list[Pad]:
    at = sexpr.first(footprint, "at")
    (x, y), turned = _on_board(at), math.radians([*sexpr.numbers(at), 0.0][2])
    ref = next(str(field[2]) for field in sexpr.named(footprint, "property") if field[1] == "Reference")
    behind = sexpr.value(footprint, "layer") == "B.Cu"
    found = []
    for pad in sexpr.named(footprint, "pad"):
        a, b = sexpr.numbers(sexpr.first(pad, "at"))[:2]
        point = (x + a * math.cos(turned) + b * math.sin(turned), y - a * math.sin(turned) + b * math.cos(turned))
        net = [str(net[2]) for net in sexpr.named(pad, "net")]
        where = (round(point[0], 3), round(point[1], 3))
        found.append(Pad(ref, str(pad[1]), where, float(sexpr.value(pad, "drill")), "".join(net), behind))
    return found
