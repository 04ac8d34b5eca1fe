"""The black discs near the corners of a card for the pen, looked for where its code says that they should be."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import Picture
from cards.drawing import MM_PER_INCH, sheet_picture
from cards.matching import BLUR, peak
from cards.penlayout import MARK_RADIUS, Layout
from cards.plane import Grey, Matrix, Points, patch, project
from cards.sheet import Disc, Sheet

_WINDOW = 5.0
"""Half a side of the template of a disc, in millimetres: it has white around it."""
_LOOKS = ((4.0, 3.0), (17.0, 2.0))
"""How far a disc is looked for, in millimetres, and pixels for a millimetre: close by first, then farther."""
_CLOSE = (1.5, 4.0)
"""The last look, for its exact place."""
_LEAST = (0.72, 0.78)
"""Correlation of a disc with its template, at least, at each look."""


def find_discs(grey: Picture, places: Layout, matrix: Matrix) -> tuple[Points, Points]:
    """The discs that are seen: where they are in millimetres, and in the picture.

    The code alone says where they should be to a centimetre or two, because paper is curled: first a wide look.
    """
    middles, seen = [], []
    for x, y in places.marks:
        expected = np.array((x, y), np.float64)
        for (search, scale), least in zip(_LOOKS, _LEAST, strict=True):
            found, likeness = _disc(grey, matrix, expected, search, scale)
            if likeness >= least:
                found, _ = _disc(grey, matrix, found, *_CLOSE)
                middles.append((x, y))
                seen.append(project(matrix, found.astype(np.float32)[None])[0])
                break
    return np.array(middles, np.float32).reshape(-1, 2), np.array(seen, np.float32).reshape(-1, 2)


def _disc(
    grey: Picture, matrix: Matrix, near: NDArray[np.float64], search: float, scale: float
) -> tuple[NDArray[np.float64], float]:
    """Where a disc is, at most `search` millimetres to either side of a place, and how like a disc it is."""
    half = _WINDOW + search
    around = patch(grey, matrix, near[0] - half, near[1] - half, 2 * half, 2 * half, scale)
    score = cv2.matchTemplate(around.astype(np.float32), _template(scale), cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(score)
    dx, dy = peak(score, row, column)
    return near - search + np.array((dx, dy)) / scale, float(best)


@lru_cache(maxsize=4)
def _template(scale: float) -> Grey:
    side = 2 * _WINDOW
    disc = sheet_picture(Sheet(side, side, "", (Disc(side / 2, side / 2, MARK_RADIUS),)), 16 * MM_PER_INCH)
    small = cv2.resize(disc, (round(side * scale),) * 2, interpolation=cv2.INTER_AREA)
    return cast(Grey, cv2.GaussianBlur(small.astype(np.float32), (0, 0), 2 * BLUR * scale))
