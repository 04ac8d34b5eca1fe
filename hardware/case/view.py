"""What a badge's camera sees of a card, by geometry; Python's own library only.

The card lies flat and the lens looks straight at it, so a millimetre has as many pixels everywhere on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sight:
    """A plane at a distance from the lens, as a picture of so many pixels shows it."""

    width: float
    """Millimetres that the picture shows across."""
    height: float
    """And down."""
    pixels: float
    """For each millimetre."""
    nearest: float
    """From there on it is sharp to a pixel,"""
    farthest: float
    """up to there."""


def sight(d: dict[str, Any], distance: float, pixels: tuple[int, int], wide: bool = False) -> Sight:
    """What a picture of `pixels` (across, down) shows at `distance`, with the lens focused on the reading distance."""
    across, down = d["camera"]["wide_view" if wide else "view"]
    width, height = (2 * distance * math.tan(math.radians(angle / 2)) for angle in (across, down))
    focus, camera = d["reading"]["distance"], d["camera"]
    blur = camera["sensor"] / pixels[0]
    hyperfocal = camera["focal_length"] ** 2 / (camera["aperture"] * blur)
    return Sight(
        width,
        height,
        min(pixels[0] / width, pixels[1] / height),
        hyperfocal * focus / (hyperfocal + focus),
        hyperfocal * focus / (hyperfocal - focus),
    )


def corners(d: dict[str, Any], size: list[float], back: float) -> list[tuple[float, float]]:
    """The corners of a card against the edge at y = `back`, with the margin around it."""
    margin = d["reading"]["margin"]
    half = size[0] / 2 + margin
    return [(x, y) for x in (-half, half) for y in (back - size[1] - margin, back + margin)]


def seen(sight: Sight, point: tuple[float, float]) -> bool:
    """Whether a point is in the picture; the lens is above (0, 0)."""
    return abs(point[0]) <= sight.width / 2 and abs(point[1]) <= sight.height / 2


def places(d: dict[str, Any]) -> dict[str, tuple[list[float], float, float]]:
    """Each size of card on the stand: its size, the edge it lies against, and how far below the lens it lies."""
    reading, stand = d["reading"], d["stand"]
    return {
        "a6": (reading["a6"], stand["a6_back"], reading["distance"] + d["case"]["wall"]),
        "a5": (reading["a5"], reading["a5"][1] / 2, reading["distance"]),
    }
