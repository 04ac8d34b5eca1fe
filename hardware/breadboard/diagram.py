"""The picture of the wiring: the Raspberry Pi from above at the left, the breadboard at the right; only SCAN's wire
crosses others.

Where everything goes is read from hardware/wiring.csv and hardware/breadboard.csv, and the Raspberry Pi's sizes from
hardware/dimensions.toml. A wire is told by the number of its pin, which stands at both of its ends; its colour only
helps.
"""

from __future__ import annotations

from collections.abc import Iterator

from hardware.breadboard.bands import bands
from hardware.breadboard.canvas import Box, Disc, Drawing, Label, Line, Point, Shape
from hardware.breadboard.places import LOWER, ROWS, UPPER, Hole, Place, on_breadboard, places
from hardware.dimensions import dimensions
from hardware.wiring import POWER_PINS, Wire

PITCH = 22.0
"""Pixels between two holes or pins, which are 2.54 mm apart."""
_WIDTH, _HEIGHT = 1150, 800
_PER_MM = PITCH / 2.54
_PI = dimensions()["pi"]
_PI_LEFT, _PI_TOP, _PI_WIDTH, _PI_LENGTH = 30.0, 64.0, _PI["height"] * _PER_MM, _PI["width"] * _PER_MM
"""It stands on end: its header is at the right."""
_ROW_0, _TOP = 436.0, 150.0
"""Of the breadboard: the x of a row 0, and the y of the upper plus rail."""
_LINES = {
    **{"upper+": 0, "upper": 1, "lower": 16, "lower+": 17},
    **{letter: 3 + n for n, letter in enumerate(reversed(UPPER))},
    **{letter: 10 + n for n, letter in enumerate(reversed(LOWER))},
}
"""How many pitches below the upper plus rail each line of holes is."""
_LANES_X, _LANES_Y, _LANE = 308.0, 596.0, 13.0
_INK = {
    **{"black": "#222", "blue": "#1f6fd0", "orange": "#f08a1d", "white": "#ffffff", "yellow": "#f6d32d"},
    **{"green": "#2f9e44", "purple": "#8a4fbf", "brown": "#8b5a2b", "red": "#d62828", "violet": "#8a4fbf"},
    **{"grey": "#888", "gold": "#c9a227"},
}
_PLUGS = {"hdmi": "HDMI", "usb": "USB", "power": "power"}
"""What each is called; they are along the edge without pins."""
_NAMES = {"power_button": "POWER", "scan_button": "SCAN", "ground": "ground"}


def pin_at(pin: int) -> Point:
    """Where a pin of the header is drawn: 1 at the top, inside; 2 beside it at the edge."""
    row, outside = (pin - 1) // 2, pin % 2 == 0
    edge = _PI_LEFT + _PI_WIDTH - _PI["header_from_edge"] * _PER_MM
    first = _PI_TOP + _PI_LENGTH / 2 - 9.5 * PITCH
    return edge + (PITCH / 2 if outside else -PITCH / 2), first + row * PITCH


def hole_at(hole: Hole) -> Point:
    """Where a hole is drawn."""
    return _ROW_0 + hole.row * PITCH, _TOP + _LINES[hole.column] * PITCH


def drawing() -> Drawing:
    """The whole picture."""
    wires, parts = on_breadboard(), places()
    jumpers = sorted((part for part in parts if part.start is None), key=lambda part: wires[part.function].header_pin)
    shapes: list[Shape] = [Label(_PI_LEFT, 34, "A badge on a breadboard", 22, bold=True)]
    shapes += _pi(wires)
    shapes += _breadboard()
    for part in parts:
        shapes += _part(part, wires)
    for lane, part in enumerate(jumpers):
        shapes += _jumper(part, wires[part.function], lane, len(jumpers))
    shapes += _pins(wires)
    shapes += _key(wires)
    says = "; ".join(
        f"pin {wires[part.function].header_pin} ({_name(part.function)}) to hole {part.end}" for part in jumpers
    )
    return Drawing(
        _WIDTH, _HEIGHT, "Wiring of a badge on a breadboard", f"Jumpers: {says}. All others: the table.", shapes
    )


def _name(function: str) -> str:
    return _NAMES.get(function, function)


def _pi(wires: dict[str, Wire]) -> Iterator[Shape]:
    yield Box(_PI_LEFT, _PI_TOP, _PI_WIDTH, _PI_LENGTH, "#e5f2e5", "#4a7a4a", 26)
    middle = _PI_LEFT + _PI_WIDTH / 2
    yield Box(middle - 62, _PI_TOP - 8, 96, 30, "#cfcfcf", "#555", 3)
    yield Label(middle - 14, _PI_TOP + 12, "memory card", 12, "middle")
    yield Box(middle - 66, _PI_TOP + _PI_LENGTH - 18, 100, 24, "#cfcfcf", "#555", 3)
    yield Label(middle - 16, _PI_TOP + _PI_LENGTH - 2, "camera cable", 12, "middle")
    yield Label(_PI_LEFT + 34, _PI_TOP + 60, "Raspberry Pi", 15, bold=True)
    yield Label(_PI_LEFT + 34, _PI_TOP + 78, "Zero 2 WH,", 13)
    yield Label(_PI_LEFT + 34, _PI_TOP + 94, "from above", 13)
    x, y = pin_at(1)
    yield Label(x - 18, y + 4, "pin 1", 13, "end", bold=True)
    for n, text in enumerate(("Pin 1 has a square", "of copper, and is", "at the memory card")):
        yield Label(_PI_LEFT + 14, _PI_TOP + 272 + 15 * n, text, 12)
    for plug, text in _PLUGS.items():
        y = _PI_TOP + _PI["plugs"][plug] * _PER_MM
        yield Box(_PI_LEFT - 10, y - 34, 28, 68, "#cfcfcf", "#555", 3)
        yield Label(_PI_LEFT + 34, y + 14, text, 12)
    for row in range(20):
        said = [
            f"{wire.header_pin} {_name(wire.function)}"
            for wire in sorted(wires.values(), key=lambda wire: wire.header_pin)
            if (wire.header_pin - 1) // 2 == row
        ]
        if said:
            x, y = pin_at(2 * row + 1)
            yield Label(x - 18, y + 4, " · ".join(said), 13, "end", bold=True)


def _pins(wires: dict[str, Wire]) -> Iterator[Shape]:
    used = {wire.header_pin: name for name, wire in wires.items()}
    for pin in range(1, 41):
        x, y = pin_at(pin)
        if pin == 1:
            yield Box(x - 11, y - 11, 22, 22, "#f3e3a6", "#7a5c00", 2)
        name = f"pin-{pin}" if pin in used else ""
        dark = pin in POWER_PINS["GND"]
        yield Disc(
            x, y, 9, "#444" if dark else "#fff", "#111" if pin in used else "#999", 2 if pin in used else 1, name
        )
        yield Label(x, y + 3.5, str(pin), 10, "middle", pin in used, "#fff" if dark else "#111")


def _breadboard() -> Iterator[Shape]:
    left, right = _ROW_0 - 0.2 * PITCH, _ROW_0 + (ROWS + 1.2) * PITCH
    top, bottom = _TOP - PITCH, _TOP + 18 * PITCH
    yield Box(left, top, right - left, bottom - top, "#fafafa", "#888", 8)
    yield Box(left, hole_at(Hole("f", 1))[1] + PITCH, right - left, PITCH, "#e4e4e4")
    for rail in ("upper", "lower"):
        for sign, colour in (("+", "#d62828"), ("", "#1f6fd0")):
            y = _TOP + _LINES[rail + sign] * PITCH
            away = -10 if (rail == "upper") == (sign == "+") else 10
            yield Line(((left + 16, y + away), (right - 16, y + away)), colour, 1.5)
            for x in (left + 7, right - 7):
                yield Label(x, y + 5, sign or "−", 15, "middle", True, colour)
            for row in (n for n in range(1, ROWS + 1) if n % 6):
                yield Disc(_ROW_0 + row * PITCH, y, 3, "#bbb", "#777")
    for letter in LOWER + UPPER:
        y = hole_at(Hole(letter, 1))[1]
        for x in (left + 7, right - 7):
            yield Label(x, y + 4, letter, 12, "middle", colour="#555")
        for row in range(1, ROWS + 1):
            yield Disc(_ROW_0 + row * PITCH, y, 3, "#ccc", "#888")
    for row in range(1, ROWS + 1):
        bold = row == 1 or row % 5 == 0
        for line in (2, 15):
            yield Label(
                _ROW_0 + row * PITCH, _TOP + line * PITCH + 4, str(row), 10, "middle", bold, "#111" if bold else "#666"
            )


def _jumper(part: Place, wire: Wire, lane: int, lanes: int) -> Iterator[Shape]:
    """From the pin to the right, down, along below the breadboard, and up: the upper the pin, the further inside."""
    (x, y), (to_x, to_y) = pin_at(wire.header_pin), hole_at(part.end)
    down, along = _LANES_X + (lanes - 1 - lane) * _LANE, _LANES_Y + lane * _LANE
    # A pin of the inner row passes between those of the outer one.
    between = y - PITCH / 2 if wire.header_pin % 2 else y
    points = ((x, y), (x, between), (down, between), (down, along), (to_x, along), (to_x, to_y))
    yield Line(points, _INK[part.colour], 4, "#222" if part.colour in ("white", "yellow") else "#fff", part.name)
    yield from _hole(part.end)
    yield Box(to_x - 12, _LANES_Y - 24, 24, 17, "#fff", "#111", 5)
    yield Label(to_x, _LANES_Y - 11, str(wire.header_pin), 12, "middle", True)


def _hole(hole: Hole) -> Iterator[Shape]:
    x, y = hole_at(hole)
    yield Disc(x, y, 4.5, "#fff", "#111", 1.5)


def _part(part: Place, wires: dict[str, Wire]) -> Iterator[Shape]:
    if part.start is None:
        return
    start, end = hole_at(part.start), hole_at(part.end)
    if part.kind == "bridge":
        yield Line((start, (start[0], end[1]), end), _INK[part.colour], 4, "#fff", part.name)
    elif part.kind == "resistor":
        yield from _resistor(part, start, end, wires[part.function].resistor_ohm or 0)
    elif part.kind == "led":
        yield from _led(part, start, end, wires[part.function])
    elif part.kind == "button":
        yield from _button(part, start, end)
    else:
        yield from _buzzer(part, start, end)
    for leg in part.legs():
        yield from _hole(leg)


def _resistor(part: Place, start: Point, end: Point, ohm: int) -> Iterator[Shape]:
    yield Line((start, end), "#777", 2.5, name=part.name)
    (x, y), upright = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), start[0] == end[0]
    long, thick = 40.0, 14.0
    width, height = (thick, long) if upright else (long, thick)
    yield Box(x - width / 2, y - height / 2, width, height, "#ead9b0", "#6b5a2a", 5)
    for along, colour in zip((-13.0, -5.0, 3.0, 13.0), bands(ohm), strict=True):
        if upright:
            yield Box(x - thick / 2, y - along - 2, thick, 4, _INK[colour])
        else:
            yield Box(x + along - 2, y - thick / 2, 4, thick, _INK[colour])
    if upright:
        yield Label(x + 11, y + 4, str(ohm), 11, bold=True)
    else:
        yield Label(x, y - 11, str(ohm), 11, "middle", True)


def _led(part: Place, start: Point, end: Point, wire: Wire) -> Iterator[Shape]:
    x, y = (start[0] + end[0]) / 2, start[1]
    colour = wire.part.split()[-1]
    radius = 2.5 * _PER_MM
    yield Disc(x, y, radius, _INK[colour], "#222", 2, part.name)
    flat = x + (radius - 1 if end[0] > start[0] else 1 - radius)
    yield Line(((flat, y - 13), (flat, y + 13)), "#222", 4)
    yield Label(start[0], y - 7, "+", 15, "middle", True, "#fff" if colour == "blue" else "#111")
    yield Label(x, _TOP - 46, _name(part.function), 13, "middle", True)
    yield Label(x, _TOP - 31, colour, 12, "middle")


def _button(part: Place, start: Point, end: Point) -> Iterator[Shape]:
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    half = 3 * _PER_MM
    yield Box(x - half, y - half, 2 * half, 2 * half, "#555", "#111", 3, part.name)
    yield Disc(x, y, 1.75 * _PER_MM, "#999", "#111")
    for corner_x in (start[0], end[0]):
        yield Line(((corner_x, start[1]), (corner_x, end[1])), "#aaa", 2)
    yield Label(x, y + half + 23, _name(part.function), 12, "middle", True)


def _buzzer(part: Place, start: Point, end: Point) -> Iterator[Shape]:
    x, y = (start[0] + end[0]) / 2, start[1]
    yield Disc(x, y, 6.1 * _PER_MM, "#4a4a4a", "#111", 2, part.name)
    yield Disc(x, y, 6, "#111")
    yield Label(x, y + 30, "buzzer", 13, "middle", True, "#fff")


def _key(wires: dict[str, Wire]) -> Iterator[Shape]:
    y = _LANES_Y + 142
    ohms = sorted({wire.resistor_ohm for wire in wires.values() if wire.resistor_ohm})
    for n, ohm in enumerate(ohms):
        yield Label(_PI_LEFT, y + 22 * n, f"{ohm} ohm:", 13, bold=True)
        for ring, colour in enumerate(bands(ohm)):
            yield Box(_PI_LEFT + 80 + 24 * ring, y - 11 + 22 * n, 16, 13, _INK[colour], "#333", 2)
        yield Label(_PI_LEFT + 184, y + 22 * n, ", ".join(bands(ohm)), 13)
    facts = (
        "LED: the long leg (+) goes to the resistor; the short one, on the flat side, to ground.",
        "Ground (black) is the rail with the blue line, −. Nothing goes to +.",
        "The number at each end of a wire is the pin of the Raspberry Pi. Every hole: the table.",
    )
    for n, fact in enumerate(facts):
        yield Label(_ROW_0 + 20, y + 22 * n, fact, 13)
