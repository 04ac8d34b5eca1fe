"""The badge's buttons: SCAN, and POWER, which is to be held down."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from typing import Any

from gpiozero import Button

from firmware.pins import POWER_BUTTON, SCAN_BUTTON

HOLD = 2.0
"""Seconds for which POWER is held down, so that nobody switches a badge off by leaning on it."""
_BOUNCE = 0.03
"""Seconds for which the contacts of a button may chatter."""
_WITHIN = 10.0

log = logging.getLogger(__name__)


class Buttons:
    """Calls `on_scan` at each press of SCAN, `on_power` once when POWER is held down. Both from threads of gpiozero.

    pin_factory: gpiozero's. on_power: None leaves its pin alone. hold: seconds. A button whose pin cannot be had is as
    good as none, with a word in the log.
    """

    def __init__(
        self, pin_factory: Any, on_scan: Callable[[], None], on_power: Callable[[], None] | None, hold: float = HOLD
    ) -> None:
        self._buttons = [_button("SCAN", SCAN_BUTTON, pin_factory, hold)]
        if self._buttons[0] is not None:
            self._buttons[0].when_pressed = on_scan
        if on_power is not None:
            power = _button("POWER", POWER_BUTTON, pin_factory, hold)
            self._buttons.append(power)
            if power is not None:
                power.when_held = on_power

    def close(self) -> None:
        """Give the pins back. Closing twice changes nothing."""
        for button in self._buttons:
            if button is not None:
                button.close()


def scan_is_held(pin_factory: Any, hold: float = HOLD) -> bool:
    """Whether SCAN is held down now, and stays so for `hold` seconds: nobody does that by chance while it starts."""
    scan = _button("SCAN", SCAN_BUTTON, pin_factory, hold)
    if scan is None:
        return False
    try:
        return bool(scan.is_pressed) and not scan.wait_for_release(hold)
    finally:
        scan.close()


def power_off(run: Callable[..., Any] = subprocess.run) -> None:
    """Shut this computer down. systemd ends the badge's program first, as `systemctl stop` does."""
    try:
        run(["systemctl", "--no-ask-password", "poweroff"], check=True, capture_output=True, text=True, timeout=_WITHIN)
    except subprocess.CalledProcessError as error:
        log.error("The badge may not shut down: %s Is firmware/deploy's polkit rule there?", error.stderr.strip())
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("The badge cannot shut down: %s", error)


def _button(name: str, number: int, pin_factory: Any, hold: float) -> Any:
    try:
        return Button(number, bounce_time=_BOUNCE, hold_time=hold, pin_factory=pin_factory)
    except Exception as error:
        # Pin libraries raise what they like when a pin is taken, as GPIO3 is by I2C.
        log.warning("The button %s does not work: GPIO%d cannot be used (%s).", name, number, error)
        return None
