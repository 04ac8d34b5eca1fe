"""SCAN scans what lies on the rest at once, and POWER, held down, shuts a Raspberry Pi down."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockPin

from firmware.buttons import Buttons, power_off, scan_is_held
from firmware.mockpins import MockPins
from firmware.pins import POWER_BUTTON, SCAN_BUTTON

WITHIN = 10.0


def test_each_press_of_scan_is_one_call() -> None:
    pins, calls = MockPins(), threading.Semaphore(0)
    buttons = Buttons(pins, lambda: calls.release(), None)
    for _ in range(2):
        pins.pin(SCAN_BUTTON).drive_low()
        assert calls.acquire(timeout=WITHIN)
        pins.pin(SCAN_BUTTON).drive_high()
    buttons.close()
    buttons.close()
    assert not calls.acquire(blocking=False)


class _HeldDown(MockPin):  # type: ignore[misc]
    """A pin whose button is down already when somebody begins to look."""

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.drive_low()


def held_pins() -> MockPins:
    pins = MockPins()
    pins.pin_class = _HeldDown
    return pins


def test_scan_counts_as_held_when_it_stays_down() -> None:
    assert not scan_is_held(MockPins(), 0.01)
    pins = held_pins()
    assert scan_is_held(pins, 0.01)
    threading.Timer(0.05, lambda: pins.pin(SCAN_BUTTON).drive_high()).start()
    assert not scan_is_held(pins, WITHIN), "it was only pressed"


def test_power_is_to_be_held_down() -> None:
    pins, called = MockPins(), threading.Event()
    buttons = Buttons(pins, lambda: None, called.set, hold=60.0)
    pins.pin(POWER_BUTTON).drive_low()
    pins.pin(POWER_BUTTON).drive_high()
    buttons.close()
    assert not called.is_set()
    buttons = Buttons(pins, lambda: None, called.set, hold=0.01)
    pins.pin(POWER_BUTTON).drive_low()
    assert called.wait(WITHIN)
    buttons.close()


def test_where_power_does_nothing_its_pin_is_left_to_others() -> None:
    pins = MockPins()
    buttons = Buttons(pins, lambda: None, None)
    other = LED(POWER_BUTTON, pin_factory=pins, initial_value=True)
    assert pins.pin(POWER_BUTTON).function == "output"
    other.close()
    buttons.close()


def test_a_button_whose_pin_is_taken_does_not_keep_the_badge_from_running(caplog: pytest.LogCaptureFixture) -> None:
    pins, called = MockPins(), threading.Event()
    taken = LED(POWER_BUTTON, pin_factory=pins)
    buttons = Buttons(pins, called.set, lambda: None)
    assert "POWER does not work: GPIO3" in caplog.text
    pins.pin(SCAN_BUTTON).drive_low()
    assert called.wait(WITHIN)
    buttons.close()
    taken.close()


def test_systemd_shuts_down_and_a_refusal_is_told(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[list[str]] = []

    def allowed(words: list[str], **_: Any) -> None:
        asked.append(words)

    def refused(words: list[str], **_: Any) -> None:
        raise subprocess.CalledProcessError(1, words, stderr="Interactive authentication required.\n")

    power_off(allowed)
    assert asked == [["systemctl", "--no-ask-password", "poweroff"]]
    assert caplog.text == ""
    power_off(refused)
    assert "Interactive authentication required." in caplog.text
