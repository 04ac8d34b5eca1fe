"""Where each part is on the board, from dimensions.toml."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.board.numbers import Numbers, Point

ORIGIN: Point = (110.0, 60.0)
"""Where the board's top left corner is on KiCad's page."""


@dataclass(frozen=True)
class Place:
    """The middle of a part's pads; turned against the clock, as the player sees it."""

    at: Point
    turned: int = 0
    behind: bool = False


def places(numbers: Numbers) -> dict[str, Place]:
    """Every part's place, by its reference."""
    scan, power, header = numbers.buttons["scan"], numbers.buttons["power"], numbers.pi_header
    placed = {
        "J1": Place(header, behind=True),
        "J2": Place((header[0], power[1] - 2.25), turned=90),
        "SW1": Place(scan),
        "SW2": Place(power),
        "BZ1": Place(numbers.buzzer),
        "R5": Place((scan[0] + 22, scan[1] - 1), turned=90),
        "R6": Place((power[0] - 10, power[1] - 2.25)),
        "R7": Place((numbers.buzzer[0] - 9.5, scan[1] - 1), turned=90),
    }
    for index, (x, y) in enumerate(numbers.lights.values(), 1):
        placed[f"D{index}"] = Place((x, y))
        placed[f"R{index}"] = Place((x + 6, y), turned=90)
    for index, y in enumerate((29.0, 34.5, 40.0), 1):
        placed[f"TP{index}"] = Place((5.0, y))
    for index, hole in enumerate((*numbers.holes, *numbers.pi_holes), 1):
        placed[f"H{index}"] = Place(hole)
    return placed
