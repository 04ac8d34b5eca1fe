"""How hard a badge looks at a frame: not at all while nothing changes, by every decoder only where a code may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import HAS_ZXING, LADDER, Rung
from cards.reader import Found, find
from firmware.codelike import ALL, COLUMNS, ROWS, Box, changed, cut_out, halved, region, share, textured
from firmware.frames import Frame, Image

THOROUGH_EVERY = 0.25
"""Seconds between two frames in which every decoder is tried on all of the frame; on a part of it, so much the less.

Less than half of what it takes for a card to be gone: one that only a later decoder reads is not lost between.
"""
TRIES = 3
"""Looks at what does not change before the eye rests. Where there may be a code only thorough ones count, as the part
of the frame that they look at.
"""
_LEAST_PART = 0.2
"""As what part of a frame a smaller one counts: nothing is tried for ever."""
AGAIN_EVERY = 2.0
"""Seconds until a resting eye looks again: a small picture does not show, say, that the camera has focused.

And until every decoder is tried again on what looks like a code but was none.
"""

_CHANGED = 5.0
"""Grey levels by which one pixel of the small picture changes when something moves.

The noise of a camera in a dim room stays below 3: each is the mean of 256 pixels. A card that is shifted by its tenth
of a millimetre, a stroke of a pencil, and one code instead of another are above.
"""
_MOST_GAIN = 1.1
"""How much brighter a whole frame may become before it is looked at again; a lamp that flickers changes it by less."""

_WHOLE, _PARTLY = (LADDER[:1], LADDER[1:]) if HAS_ZXING else ((), LADDER)
"""The decoders that look all over a frame, and those that look at what may be a code.

zxing-cpp goes over a frame in a millisecond or two, zbar in twenty.
"""

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

    An unchanged frame takes a PC a fifth of a millisecond, one that changed but shows nothing like a code two or three.
    """

    def __init__(self) -> None:
        self._last: _Look | None = None
        self._looks = 0.0
        self._thorough_at = float("-inf")
        self._empty: Image | None = None

    def wake(self) -> None:
        """Look at the next frame as if nothing had been seen yet: with every decoder, wherever a code may be."""
        self._last = self._empty = None
        self._looks, self._thorough_at = 0.0, float("-inf")

    def look(self, frame: Frame) -> tuple[Found, ...]:
        """The codes in a frame. Raises `cards.decoder.NoDecoder` when none can be read on this machine."""
        half = halved(frame.image)
        small = _small(half)
        last = self._last
        if last is not None and last.shape != frame.image.shape:
            last = self._empty = None
        if last is None or not _alike(last.small, small):
            last, self._looks = None, 0.0
        if last is not None and self._looks >= TRIES and frame.at - last.at < AGAIN_EVERY:
            return last.found
        found, effort = find(frame.image, _WHOLE) if _WHOLE else (), 0.0
        if not found:
            found, effort = self._look_closer(frame, half)
        if last is not None and len(found) < len(last.found):
            found = last.found
        self._looks += 1.0 if found else effort
        if self._looks >= TRIES and not found:
            self._empty = half
        self._last = _Look(frame.at, frame.image.shape, small, found)
        return found

    def _look_closer(self, frame: Frame, half: Image) -> tuple[tuple[Found, ...], float]:
        """What is found in what looks like a code, and for how many looks this counts.

        What did not look so before is worth every decoder soon, all else now and then.
        """
        cells = textured(half)
        like_a_code = new = region(cells)
        if like_a_code is not None and self._empty is not None:
            new = region(cells & changed(self._empty, half))
        part = 1.0 if new is None else max(share(new), _LEAST_PART)
        due = frame.at - self._thorough_at >= (AGAIN_EVERY if new is None else THOROUGH_EVERY * part)
        rungs: tuple[Rung, ...] = ()
        if due and (like_a_code is not None or not _WHOLE):
            self._thorough_at = frame.at
            rungs = _PARTLY
        elif new is not None and not _WHOLE:
            rungs = _PARTLY[:1]
        found = _within(frame.image, new or like_a_code or ALL, rungs) if rungs else ()
        return found, part if new is None or rungs == _PARTLY else 0.0


def _within(image: Image, box: Box, rungs: tuple[Rung, ...]) -> tuple[Found, ...]:
    """What is found in a part of a frame, with its place in the whole."""
    part, left, top = cut_out(image, box)
    return tuple(
        replace(found, corners=tuple((x + left, y + top) for x, y in found.corners)) for found in find(part, rungs)
    )


def _small(half: Image) -> _Small:
    return cast(Image, cv2.resize(half, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)).astype(np.float32)


def _alike(before: _Small, now: _Small) -> bool:
    """Whether two frames show the same, be it that one is a little brighter."""
    gain = (float(now.mean()) + 1.0) / (float(before.mean()) + 1.0)
    if not 1 / _MOST_GAIN < gain < _MOST_GAIN:
        return False
    return float(np.abs(now - np.float32(gain) * before).max()) < _CHANGED
