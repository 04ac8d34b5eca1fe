"""The pins of the firmware are those of the wiring list, and of a Raspberry Pi's header."""

from __future__ import annotations

import csv
from pathlib import Path

from gpiozero.pins.mock import MockFactory

from firmware.pins import BUZZER, GPIO, POWER_BUTTON, SCAN_BUTTON

WIRING = Path(__file__).parents[2] / "hardware" / "wiring.csv"


def test_firmware_and_wiring_agree() -> None:
    with WIRING.open(newline="") as file:
        wired = {row["function"]: int(row["gpio"]) for row in csv.DictReader(file) if row["gpio"]}
    others = {"scan_button": SCAN_BUTTON, "power_button": POWER_BUTTON, "buzzer": BUZZER}
    assert wired == {**{led.value: number for led, number in GPIO.items()}, **others}


def test_the_wiring_names_the_right_pins_of_the_header() -> None:
    header = MockFactory().board_info.headers["J8"].pins
    with WIRING.open(newline="") as file:
        for row in csv.DictReader(file):
            name = header[int(row["header_pin"])].name
            assert name == (f"GPIO{row['gpio']}" if row["gpio"] else "GND"), row
