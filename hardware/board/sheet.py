"""A KiCad schematic sheet that is drawn piece by piece. Millimetres, y down; every name is stable from run to run."""

from __future__ import annotations

import math
import uuid
from itertools import pairwise

from hardware.board import sexpr
from hardware.board.library import symbol
from hardware.board.numbers import Point
from hardware.board.parts import Part
from hardware.board.sexpr import Node, Text, number

PROJECT = "badge"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://paperhop/hardware/board")
SIZE = 1.27
"""Of texts."""


def name(key: str) -> str:
    """The UUID for what is called `key`."""
    return str(uuid.uuid5(NAMESPACE, key))


ROOT_SHEET = name("sheet")


class Sheet:
    """What has been drawn so far."""

    def __init__(self, paper: str, title: dict[str, str]) -> None:
        self._paper = paper
        self._title = title
        self._symbols: dict[str, list[Node]] = {}
        self._items: list[Node] = []
        self._pins: dict[tuple[str, str], Point] = {}
        self._power = 0

    def place(self, part: Part, at: Point, turned: int = 0, above: float = 3.81, below: float = 0) -> None:
        """Draw a part, turned against the clock, its reference above its middle, its value below (0: not shown)."""
        # KiCad turns the texts with the symbol; these are to be read from below.
        upright = turned % 180
        fields = [
            ("Reference", part.ref, (at[0], at[1] - above), False),
            ("Value", part.value, (at[0], at[1] + below), not below),
            ("Footprint", part.footprint, at, True),
            ("Datasheet", "~", at, True),
            ("Number", part.maker_number, at, True),
        ]
        node = self._symbol(part.symbol, part.ref, at, turned, part.bought)
        node += [_property(key, text, where, upright, hide) for key, text, where, hide in fields]
        self._finish(node, part.symbol, part.ref, at, turned)

    def power(self, net: str, at: Point, turned: int = 0) -> None:
        """Put the sign of a supply at a point."""
        self._power += 1
        ref, lib = f"#PWR{self._power:02}", f"power:{net}"
        down = math.radians(turned)
        side = -5.08 if net == "GND" else 6.35 if turned else 3.81
        label = (at[0] - side * math.sin(down), at[1] - side * math.cos(down))
        node = self._symbol(lib, ref, at, turned, bought=False)
        node += [
            _property("Reference", ref, at, turned % 180, hide=True),
            _property("Value", net, label, turned % 180, hide=False),
            _property("Footprint", "", at, 0, hide=True),
            _property("Datasheet", "", at, 0, hide=True),
        ]
        self._finish(node, lib, ref, at, turned)

    def pin(self, ref: str, pin: str) -> Point:
        """Where a pin of a part that was placed is."""
        return self._pins[ref, pin]

    def wire(self, *points: Point) -> None:
        """Draw a wire through the points."""
        for a, b in pairwise(points):
            ends = _node("pts", _node("xy", *_numbers(a)), _node("xy", *_numbers(b)))
            self._items.append(_node("wire", ends, _stroke(0), _uuid(f"wire {a} {b}")))

    def junction(self, at: Point) -> None:
        """Join wires that meet."""
        look = (_node("diameter", "0"), _node("color", *"0000"))
        self._items.append(_node("junction", _node("at", *_numbers(at)), *look, _uuid(f"dot {at}")))

    def label(self, net: str, at: Point, leftwards: bool = False) -> None:
        """Name the wire at a point."""
        where = _node("at", *_numbers(at), "180" if leftwards else "0")
        effects = _effects(SIZE, justify="right" if leftwards else "left")
        self._items.append(_node("label", Text(net), where, effects, _uuid(f"label {net} {at}")))

    def unconnected(self, at: Point) -> None:
        """Say that a pin is meant to be free."""
        self._items.append(_node("no_connect", _node("at", *_numbers(at)), _uuid(f"free {at}")))

    def frame(self, title: str, left: float, top: float, right: float, bottom: float) -> None:
        """A frame around what belongs together, with its title."""
        corners = (_node("start", *_numbers((left, top))), _node("end", *_numbers((right, bottom))))
        look = (_stroke(0.2, "dash"), _node("fill", _node("type", "none")))
        self._items.append(_node("rectangle", *corners, *look, _uuid(f"frame {title}")))
        self.text(title, (left + 2.54, top + 3.81), size=1.9, bold=True)

    def text(self, text: str, at: Point, size: float = SIZE, bold: bool = False) -> None:
        """A note; `at` is its left end."""
        where = (_node("exclude_from_sim", "no"), _node("at", *_numbers(at), "0"))
        effects = _effects(size, justify="left", bold=bold)
        self._items.append(_node("text", Text(text), *where, effects, _uuid(f"text {text}")))

    def written(self) -> str:
        """The file."""
        title = _node("title_block")
        for key, text in self._title.items():
            numbered = key.removeprefix("comment")
            title.append(_node("comment", numbered, Text(text)) if numbered != key else _node(key, Text(text)))
        sheet = _node(
            "kicad_sch",
            _node("version", "20250114"),
            _node("generator", Text("paperhop")),
            _node("generator_version", Text("9.0")),
            _uuid("sheet"),
            _node("paper", Text(self._paper)),
            title,
            _node("lib_symbols", *self._symbols.values()),
            *self._items,
            _node("sheet_instances", _node("path", Text("/"), _node("page", Text("1")))),
            _node("embedded_fonts", "no"),
        )
        return sexpr.dump(sheet) + "\n"

    def _symbol(self, lib: str, ref: str, at: Point, turned: int, bought: bool) -> list[Node]:
        self._symbols[lib] = symbol(lib).node
        flags = {"exclude_from_sim": "no", "in_bom": "yes" if bought else "no", "on_board": "yes", "dnp": "no"}
        where = (_node("at", *_numbers(at), str(turned)), _node("unit", "1"))
        told = [_node(key, text) for key, text in flags.items()]
        return _node("symbol", _node("lib_id", Text(lib)), *where, *told, _uuid(ref))

    def _finish(self, node: list[Node], lib: str, ref: str, at: Point, turned: int) -> None:
        angle = math.radians(turned)
        for pin in symbol(lib).pins:
            node.append(_node("pin", Text(pin.number), _uuid(f"{ref} pin {pin.number}")))
            x = pin.x * math.cos(angle) - pin.y * math.sin(angle)
            y = pin.x * math.sin(angle) + pin.y * math.cos(angle)
            self._pins[ref, pin.number] = (round(at[0] + x, 4), round(at[1] - y, 4))
        path = _node("path", Text(f"/{ROOT_SHEET}"), _node("reference", Text(ref)), _node("unit", "1"))
        node.append(_node("instances", _node("project", Text(PROJECT), path)))
        self._items.append(node)


def _node(*items: Node) -> list[Node]:
    return list(items)


def _numbers(point: Point) -> list[str]:
    return [number(point[0]), number(point[1])]


def _uuid(key: str) -> Node:
    return _node("uuid", Text(name(key)))


def _stroke(width: float, kind: str = "default") -> Node:
    return _node("stroke", _node("width", number(width)), _node("type", kind))


def _effects(size: float, justify: str = "", bold: bool = False, hide: bool = False) -> Node:
    font = _node("font", _node("size", number(size), number(size)))
    if bold:
        font.append(_node("bold", "yes"))
    effects = _node("effects", font)
    if justify:
        effects.append(_node("justify", justify, "bottom"))
    if hide:
        effects.append(_node("hide", "yes"))
    return effects


def _property(key: str, text: str, at: Point, turned: int, hide: bool) -> Node:
    where = _node("at", *_numbers(at), str(turned))
    return _node("property", Text(key), Text(text), where, _effects(SIZE, hide=hide))
