"""From where on what a badge measures is something that people should know of: the same to badge and hub."""

from __future__ import annotations

WANTED_RATE = 10.0
"""Frames per second: enough to see a card laid down, and all that a small computer reads."""
SLOW_RATE = 6.0
"""Frames per second below which a card is seen late."""
HOT_C = 80.0
"""Degrees Celsius from which a Raspberry Pi slows down."""
FULL_MB = 20
"""Megabytes (10^6 octets) of room below which a disk is as good as full."""
