"""hardware/wiring.csv: which pin of the Raspberry Pi's header goes where, for breadboard, schematic, board, tests."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from hardware.steps import ROOT

WIRING = ROOT / "hardware" / "wiring.csv"

POWER_PINS: dict[str, tuple[int, ...]] = {
    "+3.3V": (1, 17),
    "+5V": (2, 4),
    "GND": (6, 9, 14, 20, 25, 30, 34, 39),
}
"""The header's pins that are no GPIO, by the net that they are on."""


@dataclass(frozen=True)
class Wire:
    """One line of the list."""

    function: str
    gpio: int | None
    """Broadcom's number; None for power and ground."""
    header_pin: int
    part: str
    """What it goes to; empty for ground."""
    resistor_ohm: int | None
    """What is in between."""


def wires() -> dict[str, Wire]:
    """Every line by its function, in the list's order."""
    with WIRING.open(newline="", encoding="utf-8") as file:
        return {row["function"]: _wire(row) for row in csv.DictReader(file)}


def _wire(row: dict[str, str]) -> Wire:
    gpio, ohm = (int(row[key]) if row[key] else None for key in ("gpio", "resistor_ohm"))
    return Wire(row["function"], gpio, int(row["header_pin"]), row["part"], ohm)
