"""Where a frame may show a code, told from a picture of half the size without a decoder: by its texture.

A code changes between black and white every few pixels, across and down; a hand, a shadow and the edge of a sheet do so
once. Texture that was there before is no news. All of it takes a PC less than a millisecond.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.frames import Image

Cells = NDArray[np.uint8]
"""(45, 80): 1 for each cell of 8 pixels of the halved picture (16 of a frame) of which something is true."""

Box = tuple[float, float, float, float]
"""Left, right, top and bottom of a part of a picture, from 0 to 1."""
ALL: Box = (0.0, 1.0, 0.0, 1.0)

COLUMNS, ROWS, CELL = 80, 45, 8
SIZE = (COLUMNS * CELL, ROWS * CELL)

_CHANGES = 1.3
"""Changes from dark to light or back on the way through three cells, across and down. Codes that any decoder read, in
1,300 photographs of levels 0 to 4, have 1.57 and more in half of their cells; a single edge has 1.
"""
_RANGE = 32
"""Grey levels between the darkest and the lightest pixel of three by three cells. Those codes have 53 and more."""
_STRENGTH = 2.0
"""Grey levels from one pixel to the next, the mean: a few dark specks are no texture."""
_SAME = 0.8
"""Correlation of a cell with itself before, from which on it shows the same, be it in another light."""
_MARGIN = 4
"""Cells around what looks like a code that are looked at with it: what is white around a code is no texture."""

_BLOCK = np.ones((3, 3), np.uint8)
_CELL = np.ones((CELL, CELL), np.uint8)
_MIDDLE = slice(CELL // 2, None, CELL)


def halved(image: Image) -> Image:
    """The picture in 640 x 360 pixels, whatever its size."""
    return cast(Image, cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA))


def textured(half: Image) -> Cells:
    """The cells of a halved picture that look like a part of a code with modules of up to 14 pixels of the frame."""
    wider = cv2.copyMakeBorder(half, 0, 1, 0, 1, cv2.BORDER_REPLICATE)
    across = _means(cast(Image, cv2.absdiff(half, wider[:-1, 1:])))
    down = _means(cast(Image, cv2.absdiff(half, wider[1:, :-1])))
    strength = np.minimum(cv2.blur(across, (3, 3)), cv2.blur(down, (3, 3)))
    high = cv2.dilate(cv2.dilate(half, _CELL)[_MIDDLE, _MIDDLE], _BLOCK)
    low = cv2.erode(cv2.erode(half, _CELL)[_MIDDLE, _MIDDLE], _BLOCK)
    reach = cv2.subtract(high, low)
    changing = strength * np.float32(3 * CELL) >= np.float32(_CHANGES) * reach
    return (changing & (reach >= _RANGE) & (strength >= _STRENGTH)).astype(np.uint8)


def changed(before: Image, now: Image) -> Cells:
    """The cells that do not show the same in two halved pictures; a change of light is none."""
    a, b = before.astype(np.float32), now.astype(np.float32)
    mean_a, mean_b = _means(a), _means(b)
    together = _means(a * b) - mean_a * mean_b
    alone = (_means(a * a) - mean_a**2) * (_means(b * b) - mean_b**2)
    return np.asarray(together < np.float32(_SAME) * np.sqrt(alone.clip(0)), np.uint8)


def region(cells: Cells) -> Box | None:
    """The box around all blocks of three by three such cells, with what is white around a code; None without any."""
    rows, columns = np.nonzero(cv2.erode(cells, _BLOCK, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    if not len(rows):
        return None
    return _span(columns, COLUMNS) + _span(rows, ROWS)


def share(box: Box) -> float:
    """The part of a picture's area that is in a box, from 0 to 1."""
    left, right, top, bottom = box
    return (right - left) * (bottom - top)


def cut_out(image: Image, box: Box) -> tuple[Image, int, int]:
    """The part of a frame within a box, and how many pixels left of it and above it are cut off."""
    height, width = image.shape
    left, right, top, bottom = (round(n * side) for n, side in zip(box, (width, width, height, height), strict=True))
    return image[top:bottom, left:right], left, top


def _span(at: NDArray[np.intp], cells: int) -> tuple[float, float]:
    return max(int(at.min()) - _MARGIN, 0) / cells, min(int(at.max()) + 1 + _MARGIN, cells) / cells


def _means(picture: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each cell."""
    return np.asarray(cv2.resize(picture, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)
