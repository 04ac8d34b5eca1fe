"""The pins of the firmware are those of the wiring list, and of a Raspberry Pi's header."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from gpiozero.pins.mock import MockFactory

from firmware.pins import BUZZER, GPIO, POWER_BUTTON, SCAN_BUTTON

ROOT = Path(__file__).parents[2]
WIRING = ROOT / "hardware" / "wiring.csv"


def _wired() -> dict[str, int]:
    with WIRING.open(newline="") as file:
        return {row["function"]: int(row["gpio"]) for row in csv.DictReader(file) if row["gpio"]}


def test_firmware_and_wiring_agree() -> None:
    wired = {function: gpio for function, gpio in _wired().items() if not function.startswith("display_")}
    others = {"scan_button": SCAN_BUTTON, "power_button": POWER_BUTTON, "buzzer": BUZZER}
    assert wired == {**{led.value: number for led, number in GPIO.items()}, **others}


def test_the_bus_that_the_docs_make_for_a_display_is_where_it_is_wired() -> None:
    overlay = re.search(r"dtoverlay=i2c-gpio,bus=3,(\S+?)`", (ROOT / "docs" / "badge.md").read_text(encoding="utf-8"))
    assert overlay is not None
    assert overlay[1] == f"i2c_gpio_sda={_wired()['display_sda']},i2c_gpio_scl={_wired()['display_scl']}"


def test_the_wiring_names_the_right_pins_of_the_header() -> None:
    header = MockFactory().board_info.headers["J8"].pins
    power = {"ground": "GND", "display_power": "3V3"}
    with WIRING.open(newline="") as file:
        for row in csv.DictReader(file):
            name = header[int(row["header_pin"])].name
            assert name == (f"GPIO{row['gpio']}" if row["gpio"] else power[row["function"]]), row
