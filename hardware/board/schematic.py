"""The schematic: the Raspberry Pi in the middle, what hangs on it around, grouped by what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, pairwise

from hardware.board.library import symbol
from hardware.board.numbers import Numbers, Point
from hardware.board.parts import BUTTONS, Part, parts
from hardware.board.sheet import Sheet
from hardware.wiring import POWER_PINS

REVISION = "1"
TITLE = {
    "title": "Paperhop badge",
    "rev": REVISION,
    "company": "Paperhop: people are the network",
    "comment1": "CERN-OHL-P v2",
    "comment2": "Made by python -m hardware from hardware/wiring.csv",
    "comment3": "Never fabricated, never assembled",
}
_NOTES = (
    "R1 to R4: about 3 mA for each light, 0.8 to 8 by its kind.",
    "R5, R6: what a pin bears that is driven high by mistake, and",
    "    a spark; R6 is small since GPIO3 has 1.8 kΩ to 3.3 V:",
    "    pressed, it is at 0.17 V.",
    "R7: keeps the piezo's charge from the pin.",
    "J2: I2C bus 3 of dtoverlay=i2c-gpio; a module has pull-ups.",
    "H1 to H4: on ground, so that a spark to a screw goes there.",
    "The Raspberry Pi is fed through its own plug, not by 5 V here.",
)
_LEFT, _RIGHT = 15.24, 213.36
"""Where the groups left and right of the Raspberry Pi begin."""


def written(numbers: Numbers) -> str:
    """The schematic's file."""
    sheet, every = Sheet("A4", TITLE), parts(numbers)
    _pi(sheet, every["J1"])
    _lights(sheet, every, len(numbers.lights))
    _buzzer(sheet, every)
    _buttons(sheet, every)
    _display(sheet, every["J2"])
    _test_pads(sheet, [every[f"TP{index}"] for index in (1, 2, 3)])
    _holes(sheet, [part for ref, part in every.items() if ref.startswith("H")])
    sheet.frame("Notes", 93.98, 147.32, 175.26, 186.69)
    for row, note in enumerate(_NOTES):
        sheet.text(note, (96.52, 156.21 + 3.81 * row))
    return sheet.written()


def _pi(sheet: Sheet, part: Part) -> None:
    middle = (148.59, 81.28)
    sheet.frame("Raspberry Pi Zero (2 W), in the socket behind the board", 93.98, 20.32, 203.2, 142.24)
    sheet.place(part, middle, above=26.67, below=0)
    done: set[Point] = set()
    for pin in symbol(part.symbol).pins:
        at = sheet.pin(part.ref, pin.number)
        if at in done:
            continue  # pins of one supply lie on each other
        done.add(at)
        net, left = part.nets.get(pin.number), at[0] < middle[0]
        if net is None:
            sheet.unconnected(at)
        elif net == "GND":
            _down_to_ground(sheet, at)
        elif net in POWER_PINS:
            end = (at[0] + (5.08 if net == "+5V" else 12.7), at[1])
            sheet.wire(at, end, (end[0], 53.34))
            sheet.power(net, (end[0], 53.34))
        else:
            end = (at[0] + (-3.81 if left else 3.81), at[1])
            sheet.wire(at, end)
            sheet.label(net, end, leftwards=left)


def _lights(sheet: Sheet, every: dict[str, Part], many: int) -> None:
    sheet.frame("Lights, as the player sees them", 12.7, 20.32, 86.36, 106.68)
    for index, y in zip(range(1, many + 1), count(34.29, 20.32), strict=False):
        lamp = every[f"D{index}"]
        end = _resistor(sheet, every[f"R{index}"], y)
        sheet.place(lamp, (66.04, y), turned=180, above=5.08, below=3.81)
        sheet.wire(end, sheet.pin(lamp.ref, "2"))
        sheet.label(lamp.nets["2"], end)
        _to_ground(sheet, sheet.pin(lamp.ref, "1"), 78.74)


def _buzzer(sheet: Sheet, every: dict[str, Part]) -> None:
    sheet.frame("Buzzer, optional", 12.7, 111.76, 86.36, 142.24)
    end = _resistor(sheet, every["R7"], 125.73)
    sheet.place(every["BZ1"], (68.58, 128.27), above=6.35, below=6.35)
    sheet.wire(end, sheet.pin("BZ1", "1"))
    sheet.label(every["BZ1"].nets["1"], end)
    x, y = sheet.pin("BZ1", "2")
    sheet.wire((x, y), (x - 7.62, y), (x - 7.62, y + 2.54))
    sheet.power("GND", (x - 7.62, y + 2.54))


def _buttons(sheet: Sheet, every: dict[str, Part]) -> None:
    sheet.frame("Buttons", _RIGHT - 2.54, 20.32, 284.48, 66.04)
    for index, y in zip(range(1, len(BUTTONS) + 1), count(34.29, 20.32), strict=False):
        button = every[f"SW{index}"]
        end = _resistor(sheet, every[f"R{index + 4}"], y, _RIGHT)
        sheet.place(button, (_RIGHT + 50.8, y), above=5.08, below=3.81)
        sheet.wire(end, sheet.pin(button.ref, "1"))
        sheet.label(button.nets["1"], end)
        _to_ground(sheet, sheet.pin(button.ref, "2"), _RIGHT + 63.5)


def _display(sheet: Sheet, part: Part) -> None:
    sheet.frame("Display, optional: SSD1306 on I2C", _RIGHT - 2.54, 71.12, 284.48, 106.68)
    sheet.place(part, (_RIGHT + 50.8, 88.9), above=6.35, below=8.89)
    for pin, net in part.nets.items():
        x, y = sheet.pin(part.ref, pin)
        if net in POWER_PINS:
            end = (x - (5.08 if net == "GND" else 10.16), y)
            sheet.wire((x, y), end)
            sheet.power(net, end, turned=270 if net == "GND" else 90)
        else:
            end = (x - 38.1, y)
            sheet.wire(end, (x, y))
            sheet.label(net, end)


def _test_pads(sheet: Sheet, pads: list[Part]) -> None:
    sheet.frame("Test pads", _RIGHT - 2.54, 111.76, 284.48, 142.24)
    for part, x in zip(pads, count(_RIGHT + 7.62, 24.13), strict=False):
        net = part.nets["1"]
        sheet.place(part, (x, 127.0), above=7.62)
        sheet.wire((x, 127.0), (x + 7.62, 127.0), (x + 7.62, 124.46 if net != "GND" else 129.54))
        sheet.power(net, (x + 7.62, 124.46 if net != "GND" else 129.54))


def _holes(sheet: Sheet, holes: list[Part]) -> None:
    sheet.frame("Mounting holes", 12.7, 147.32, 86.36, 186.69)
    for part, x in zip(holes, count(20.32, 8.89), strict=False):
        # The two symbols have their circles at different heights.
        up = 0 if part.nets else 1.27
        sheet.place(part, (x, 163.83 - up), above=5.08 - up)
    sheet.text("H1 to H4: M2.5 to the case; the others: M2.5 to the Raspberry Pi", (15.24, 182.88))
    grounded = [sheet.pin(part.ref, "1") for part in holes if part.nets]
    row = grounded[0][1] + 2.54
    for at in grounded:
        sheet.wire(at, (at[0], row))
    _bus(sheet, [at[0] for at in grounded], row)
    sheet.wire((grounded[0][0], row), (grounded[0][0], row + 2.54))
    sheet.power("GND", (grounded[0][0], row + 2.54))
    for at in grounded[:-1]:
        sheet.junction((at[0], row))


def _bus(sheet: Sheet, stations: Iterable[float], y: float) -> None:
    xs = list(stations)
    for a, b in pairwise(xs):
        sheet.wire((a, y), (b, y))


def _resistor(sheet: Sheet, part: Part, y: float, left: float = _LEFT) -> Point:
    """A wire with its label and a resistor in it, from the left; where it ends."""
    sheet.place(part, (left + 22.86, y), turned=90, above=2.54, below=2.54)
    sheet.wire((left, y), sheet.pin(part.ref, "1"))
    sheet.label(part.nets["1"], (left, y))
    return sheet.pin(part.ref, "2")


def _to_ground(sheet: Sheet, at: Point, x: float) -> None:
    """From a pin to the right, and down."""
    sheet.wire(at, (x, at[1]), (x, at[1] + 2.54))
    sheet.power("GND", (x, at[1] + 2.54))


def _down_to_ground(sheet: Sheet, at: Point) -> None:
    sheet.wire(at, (at[0], at[1] + 2.54))
    sheet.power("GND", (at[0], at[1] + 2.54))
