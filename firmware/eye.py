"""How hard a badge looks at a frame: not at all while nothing changes, and rarely with every decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import LADDER
from cards.reader import Found, find
from firmware.frames import Frame, Image

THOROUGH_EVERY = 0.25
"""Seconds between two frames that are read by every decoder; those between are read by the first one only.

Less than half of what it takes for a card to be gone: one that only a later decoder reads is not lost between.
"""
TRIES = 3
"""Looks at what does not change before the eye rests; where nothing is found, only thorough ones count."""
AGAIN_EVERY = 2.0
"""Seconds until a resting eye looks again: a small picture does not show, say, that the camera has focused."""

_SIZE = (80, 45)
_CHANGED = 5.0
"""Grey levels by which one pixel of the small picture changes when something moves.

The noise of a camera in a dim room stays below 3: each is the mean of 256 pixels. A card that is shifted by its tenth
of a millimetre, a stroke of a pencil, and one code instead of another are above.
"""
_MOST_GAIN = 1.1
"""How much brighter a whole frame may become before it is looked at again; a lamp that flickers changes it by less."""

_QUICK = tuple(rung for rung in LADDER if rung.installed)[:1] or LADDER

_Small = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Look:
    """The last frame that was really looked at, made small, and what was found in it."""

    at: float
    shape: tuple[int, ...]
    small: _Small
    found: tuple[Found, ...]


class Eye:
    """Looks at frames in order. What it found in one holds for all that follow, until something changes.

    An unchanged frame takes a PC less than half a millisecond; an empty one that changed takes 1 ms by the quick look,
    and 60 ms by the thorough one.
    """

    def __init__(self) -> None:
        self._last: _Look | None = None
        self._thorough_at = float("-inf")
        self._looks = 0

    def look(self, frame: Frame) -> tuple[Found, ...]:
        """The codes in a frame. Raises `cards.decoder.NoDecoder` when none can be read on this machine."""
        small = _small(frame.image)
        last = self._last
        if last is None or last.shape != frame.image.shape or not _alike(last.small, small):
            last, self._looks = None, 0
        at_rest = self._looks >= TRIES
        if last is not None and at_rest and frame.at - last.at < AGAIN_EVERY:
            return last.found
        thorough = not at_rest and frame.at - self._thorough_at >= THOROUGH_EVERY
        found = find(frame.image, LADDER if thorough else _QUICK)
        if last is not None and len(found) < len(last.found):
            found = last.found
        if thorough:
            self._thorough_at = frame.at
        self._looks += thorough or bool(found)
        self._last = _Look(frame.at, frame.image.shape, small, found)
        return found


def _small(image: Image) -> _Small:
    return cast(Image, cv2.resize(image, _SIZE, interpolation=cv2.INTER_AREA)).astype(np.float32)


def _alike(before: _Small, now: _Small) -> bool:
    """Whether two frames show the same, be it that one is a little brighter."""
    gain = (float(now.mean()) + 1.0) / (float(before.mean()) + 1.0)
    if not 1 / _MOST_GAIN < gain < _MOST_GAIN:
        return False
    return float(np.abs(now - np.float32(gain) * before).max()) < _CHANGED
