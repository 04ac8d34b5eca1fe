"""What an office printer makes of a card: toner that is not black, dots that grow, and greys made of dots."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_FINE = 2
_SCREEN = 8
"""Printer dots (of 1/600 inch) after which the screen repeats: it has 106 lines per inch, at 45 degrees."""


def printed(picture: Picture, rng: np.random.Generator) -> Picture:
    """A flat picture of 300 dpi (0 black, 255 white) as it comes out of a 600 dpi printer."""
    height, width = picture.shape
    fine = cv2.resize(picture, (width * _FINE, height * _FINE), interpolation=cv2.INTER_LINEAR)
    repeats = (height * _FINE // _SCREEN + 1, width * _FINE // _SCREEN + 1)
    screen = np.tile(_screen(rng), repeats)[: fine.shape[0], : fine.shape[1]]
    dots = cast(Picture, cv2.compare(fine, screen, cv2.CMP_GT))
    bare = np.arange(256) / 255
    gain = rng.uniform(0.0, 0.2)  # the part of half a dot by which the toner spreads around it
    grown = cv2.LUT(
        cv2.GaussianBlur(dots, (0, 0), rng.uniform(0.6, 1.2)),
        np.rint(255 * (bare - gain * 4 * bare * (1 - bare))).astype(np.uint8),
    )
    page = cv2.GaussianBlur(cv2.resize(grown, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 0.5)
    toner = 255 * rng.choice([rng.uniform(0.0, 0.2), rng.uniform(0.0, 0.4)])
    coarse = rng.standard_normal((height // 12 + 1, width // 12 + 1), np.float32) * np.float32(rng.uniform(0, 8))
    ground = cv2.resize((toner + coarse).clip(0, 140).astype(np.float32), (width, height))
    return cast(Picture, np.rint(ground + page * (1 - ground / np.float32(255))).astype(np.uint8))


def _screen(rng: np.random.Generator) -> Picture:
    """The threshold at each printer dot of one period: dots that grow. Black stays black, white white."""
    x, y = ((np.arange(_SCREEN) + rng.uniform(0, _SCREEN)) * (math.tau / _SCREEN) for _ in "xy")
    wave = np.outer(np.cos(y), np.cos(x))
    rank = wave.ravel().argsort().argsort().reshape(wave.shape)
    return np.asarray((rank + 0.5) / wave.size * 254, np.uint8)
