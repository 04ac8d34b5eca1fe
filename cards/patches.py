"""Small parts of a picture, many at once: cut out, compared, and asked for their darkest."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from cards.decoder import Picture
from cards.plane import Grey, Points


def cut(picture: Picture | Grey, middles: Points, size: tuple[int, int]) -> Grey:
    """(n, high, wide): the picture around each place, between its pixels. size: (wide, high)."""
    wide, high = size
    found = np.empty((len(middles), high, wide), np.float32)
    for n, (x, y) in enumerate(middles):
        found[n] = cv2.getRectSubPix(picture, size, (float(x), float(y)))
    return found


def darkest(values: Grey, part: float) -> Grey:
    """The mean of the darkest part of each row."""
    count = max(1, round(part * values.shape[1]))
    return cast(Grey, np.partition(values, -count, axis=1)[:, -count:].mean(axis=1))


def likeness(seen: Grey, blank: Grey) -> Grey:
    """The correlation of each row with what is printed there."""
    one = seen.mean(axis=1, keepdims=True) - seen
    other = blank - blank.mean(axis=1, keepdims=True)
    product = (one * other).sum(axis=1)
    size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return cast(Grey, product / np.maximum(size, 1e-6))
