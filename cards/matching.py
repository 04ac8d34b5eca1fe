"""Parts of a printed picture, found again in a photograph of it: to a fraction of a pixel, with how alike they are."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.plane import Grey, Points

BLUR = 0.16
"""Millimetres by which what is looked for is blurred, as any camera does."""
_LEAST_PRINT = 24
"""Between the darkest and the lightest of a part that has something printed in it, of 255."""


def matched(
    picture: Grey, model: Grey, middles: Points, expected: NDArray[np.float64], side: float, search: float, scale: float
) -> tuple[Points, Grey]:
    """How far the parts of `model` around these middles are off in `picture`, and the correlation there.

    expected: how far they should be off; all lengths in millimetres, and `scale` pixels to each.
    """
    reach, half = round(search * scale), round(side / 2 * scale)
    height, width = picture.shape
    moved = expected.astype(np.float32)
    good = np.zeros(len(middles), np.float32)
    shifts = np.rint(expected * scale).astype(int)
    for n, ((x, y), (right_by, down_by)) in enumerate(zip((middles * scale).astype(int), shifts, strict=True)):
        left, top = max(x - half, reach - right_by, 0), max(y - half, reach - down_by, 0)
        right = min(x + half + 1, width - reach - right_by, width)
        bottom = min(y + half + 1, height - reach - down_by, height)
        part = model[top:bottom, left:right]
        if min(part.shape) < half or np.ptp(part) < _LEAST_PRINT:
            continue
        window = picture[
            top - reach + down_by : bottom + reach + down_by, left - reach + right_by : right + reach + right_by
        ]
        score = cv2.matchTemplate(window, part, cv2.TM_CCOEFF_NORMED)
        _, best, _, (column, row) = cv2.minMaxLoc(score)
        dx, dy = peak(score, row, column)
        moved[n] = ((dx - reach + right_by) / scale, (dy - reach + down_by) / scale)
        good[n] = best
    return moved, good


def peak(score: NDArray[Any], row: int, column: int) -> tuple[float, float]:
    """The place of a maximum between pixels (x, y), by a parabola through it and its neighbours."""
    x, y = float(column), float(row)
    if 0 < column < score.shape[1] - 1:
        x += _vertex(*score[row, column - 1 : column + 2])
    if 0 < row < score.shape[0] - 1:
        y += _vertex(*score[row - 1 : row + 2, column])
    return x, y


def _vertex(before: float, at: float, after: float) -> float:
    bend = before - 2 * at + after
    return 0.5 * float(before - after) / float(bend) if bend < -1e-9 else 0.0
