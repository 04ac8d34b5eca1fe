"""Which pin of the Raspberry Pi does what (hardware/ has the wiring; GPIO numbers are Broadcom's)."""

from __future__ import annotations

from hub.messages.lights import Led

GPIO: dict[Led, int] = {Led.DELIVERED: 17, Led.RST: 27, Led.DROPPED: 22, Led.LINK: 23}
"""Each light's GPIO, from which it is driven high through a resistor."""

SCAN_BUTTON = 24
"""The GPIO of the SCAN button, which closes to ground (internal pull-up)."""
POWER_BUTTON = 3
"""The GPIO of the POWER button, which closes to ground: the one that also wakes a Raspberry Pi that was shut down."""
BUZZER = 12
"""The GPIO of the buzzer, a passive piezo: it hums as fast as the pin is switched."""
