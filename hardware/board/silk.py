"""What is printed on the board for whoever solders it and whoever plays with it, as data.

Millimetres on the board as the player sees it; what is printed behind is mirrored when it is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hardware.board.numbers import Numbers, Point, header_pins
from hardware.board.schematic import REVISION

LINE = 0.15
SMALL, NORMAL, LARGE = 0.9, 1.2, 1.6

_RING = tuple((math.cos(i * math.pi / 16), math.sin(i * math.pi / 16)) for i in range(33))
ICONS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "delivered": (((-2.0, 0.2), (-0.6, 1.6), (2.2, -1.6)),),
    "rst": (((-1.6, -1.6), (1.6, 1.6)), ((-1.6, 1.6), (1.6, -1.6))),
    "dropped": (
        ((-2.8, -0.3), (-1.3, -0.3), (-1.3, 2.0), (1.3, 2.0), (1.3, -0.3), (2.8, -0.3)),
        ((0.0, -2.4), (0.0, 0.8)),
        ((-0.8, 0.0), (0.0, 0.8), (0.8, 0.0)),
    ),
    "link": tuple(tuple((side * 1.15 + 1.5 * x, 1.1 * y) for x, y in _RING) for side in (-1, 1)),
}
"""The sign of each light, as strokes around its middle: tick, cross, hole in the ground, links of a chain."""


@dataclass(frozen=True)
class Words:
    """A text, its middle at a point; `start`: its left end, as one reads it."""

    text: str
    at: Point
    size: float = SMALL
    bold: bool = False
    start: bool = False
    behind: bool = False


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[Point, ...]
    width: float = LINE
    behind: bool = False


@dataclass(frozen=True)
class Field:
    """A white field, to write on."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Label:
    """Where a part's reference and value stand."""

    reference: Point
    value: Point | None = None
    size: float = SMALL


def labels(numbers: Numbers) -> dict[str, Label]:
    """For each part that has one in front."""
    scan, power, (x, y) = numbers.buttons["scan"], numbers.buttons["power"], numbers.buzzer
    found = {
        "R5": Label((scan[0] + 26, scan[1] - 1.8), (scan[0] + 26, scan[1] - 0.2)),
        "R6": Label((power[0] - 12.6, power[1] - 4.7), (power[0] - 9.0, power[1] - 4.7)),
        "R7": Label((x - 13.4, scan[1] - 1.8), (x - 13.4, scan[1] - 0.2)),
        "SW1": Label((scan[0], scan[1] - 4.3)),
        "SW2": Label((power[0], power[1] - 4.3)),
        "BZ1": Label((x, y - 2.6), (x, y + 2.8)),
        "J2": Label((numbers.pi_header[0] - 7.0, power[1] - 2.25)),
    }
    for index, (left, middle) in enumerate(numbers.lights.values(), 1):
        found[f"D{index}"] = Label((left - 2.4, middle - 3.9), (left + 1.2, middle - 3.9))
        found[f"R{index}"] = Label((left + 10.0, middle - 0.8), (left + 10.0, middle + 0.8))
    return found


def printed(numbers: Numbers) -> list[Words | Stroke | Field]:
    """Everything else."""
    return [*_lights(numbers), *_front(numbers), *_header(numbers), *_behind(numbers)]


def _lights(numbers: Numbers) -> list[Words | Stroke | Field]:
    found: list[Words | Stroke | Field] = []
    for name, (x, y) in numbers.lights.items():
        found += [
            Stroke(tuple((x + a, y - 7.4 + b) for a, b in stroke), 0.45 if name == "link" else 0.6)
            for stroke in ICONS[name]
        ]
        found += [Words(name, (x, y + 4.6), NORMAL, bold=True), Words("+", (x + 3.5, y + 1.9), NORMAL)]
    return found


def _front(numbers: Numbers) -> list[Words | Stroke | Field]:
    scan, power, middle = numbers.buttons["scan"], numbers.buttons["power"], numbers.width / 2
    field = Field(15.0, 47.6, 65.0, 57.4)
    pads = [(middle + (i - 1.5) * 2.54, power[1]) for i in range(4)]
    return [
        Words("SCAN", (scan[0] + 7.4, scan[1]), LARGE, bold=True),
        Words("POWER", (power[0], power[1] + 4.6), NORMAL, bold=True),
        *(Words(net, at, 0.8) for net, at in zip(("GND", "3V3", "SCL", "SDA"), pads, strict=True)),
        Words("display (I2C), optional", (middle, power[1] + 1.7), SMALL),
        *(Words(text, (5.0, y), SMALL) for text, y in (("5 V", 31.2), ("GND", 36.7), ("3.3 V", 42.2))),
        field,
        Words("name", (field.left, field.top - 1.1), SMALL, start=True),
        Words(f"Paperhop badge  rev {REVISION}", (middle, field.bottom + 2.0), LARGE, bold=True),
        Words("this side faces the player    CERN-OHL-P v2", (middle, field.bottom + 4.8), NORMAL),
    ]


def _header(numbers: Numbers) -> list[Words | Stroke | Field]:
    """Pin 1 in front, where the socket's pins are soldered."""
    pins = header_pins(numbers)
    (x, y), half = pins[1], 1.27
    box = tuple((x + a * half, y + b * half) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)))
    return [
        Stroke(box, 0.2),
        Words("1", (x - 2.0, y), SMALL, bold=True),
        Words("2", (pins[2][0] - 2.0, pins[2][1]), SMALL),
        Words("39", (pins[39][0] + 2.2, pins[39][1]), SMALL),
        Words("40", (pins[40][0] + 2.2, pins[40][1]), SMALL),
    ]


def _behind(numbers: Numbers) -> list[Words | Stroke | Field]:
    left, top, right, bottom = numbers.pi_outline
    middle, plugs, (x, y) = numbers.width / 2, numbers.pi_plugs, header_pins(numbers)[1]
    texts = [
        (f"Paperhop badge  rev {REVISION}", (middle, 4.2), LARGE, True),
        ("CERN-OHL-P v2", (middle, 6.8), NORMAL, False),
        ("1  resistors    2  buttons    3  lights, long leg to +    4  buzzer", (middle, 19.0), 1.0, False),
        ("5  socket, on this side    6  spacers, M2.5 x 11 mm    7  Raspberry Pi", (middle, 20.8), 1.0, False),
        ("Raspberry Pi Zero", (middle, 47.5), LARGE, True),
        ("its face, with chips and plugs, looks at this board", (middle, 50.2), NORMAL, False),
        ("microSD", (left + 4.6, numbers.pi_sd), NORMAL, False),
        ("camera", (right - 4.4, numbers.pi_camera + 2.4), NORMAL, False),
        *((name.upper(), (plug, bottom + 1.8), NORMAL, True) for name, plug in plugs.items()),
        ("1", (x - 2.4, y), NORMAL, True),
    ]
    sides = [((plug - 3, bottom), (plug + 3, bottom)) for plug in plugs.values()]
    sides += [((edge, at - 5), (edge, at + 5)) for edge, at in ((left, numbers.pi_sd), (right, numbers.pi_camera))]
    outline = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return [
        Stroke(outline, behind=True),
        *(Stroke(side, 0.6, behind=True) for side in sides),
        *(Words(text, at, size, bold, behind=True) for text, at, size, bold in texts),
    ]
