"""A plane in a picture: how its millimetres become pixels, and a part of it seen straight from above."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import Picture

Points = NDArray[np.float32]
"""(n, 2): x and y."""
Matrix = NDArray[np.float64]
"""(3, 3): a homography, from millimetres to pixels."""
Grey = NDArray[np.float32]

_LEAST_SIDE = 10.0
"""Pixels of a side of a code that can be one; none that was ever decoded is nearly as small."""
_LEAST_CORNER = 0.1
"""Sine of the angle at a corner of a code, at least."""


def is_quadrangle(corners: Points, most: float) -> bool:
    """Whether these four corners can be those of a code that was seen: neither a line, nor a point, nor crossed.

    most: the longest that a side can be, as the picture has no more pixels.
    """
    if not np.isfinite(corners).all():
        return False
    edges = (np.roll(corners, -1, axis=0) - corners).astype(np.float64)
    sides = np.linalg.norm(edges, axis=1)
    if sides.min() < _LEAST_SIDE or sides.max() > most:
        return False
    along = edges / sides[:, None]
    turns = along[:, 0] * np.roll(along[:, 1], -1) - along[:, 1] * np.roll(along[:, 0], -1)
    return bool((turns > _LEAST_CORNER).all() or (turns < -_LEAST_CORNER).all())


def from_corners(left: float, top: float, side: float, corners: Points) -> Matrix:
    """The homography of a square, given in millimetres, whose corners are a quadrangle in the picture."""
    square = np.array([(left, top), (left + side, top), (left + side, top + side), (left, top + side)], np.float32)
    return cast(Matrix, cv2.getPerspectiveTransform(square, corners.astype(np.float32)))


def fitted(mm: Points, pixels: Points) -> tuple[Matrix, float] | None:
    """The homography that is closest to all these points, and the most that one is off it, in millimetres.

    None when there is none: they are on a line, or are not four.
    """
    if len(mm) < 4:
        return None
    matrix, _ = cv2.findHomography(mm, pixels, 0)
    try:
        back = project(np.linalg.inv(matrix), pixels) if matrix is not None else None
    except np.linalg.LinAlgError:
        return None
    if back is None or not np.isfinite(back).all():
        return None
    return cast(Matrix, matrix), float(np.linalg.norm(back - mm, axis=1).max())


def project(matrix: NDArray[np.floating[Any]], points: NDArray[np.floating[Any]]) -> Points:
    """Where the homography puts these points."""
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix)
    return mapped.reshape(-1, 2).astype(np.float32)


def patch(grey: Picture, matrix: Matrix, left: float, top: float, wide: float, high: float, scale: float) -> Picture:
    """A part of the plane, rectified. In millimetres, and pixels per millimetre."""
    to_mm = np.array([[1 / scale, 0, left + 0.5 / scale], [0, 1 / scale, top + 0.5 / scale], [0, 0, 1]])
    size = (round(wide * scale), round(high * scale))
    straight = cv2.warpPerspective(
        grey, matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return cast(Picture, straight)
