"""How sharp and how bright a camera sees. Numbers without a unit, to be compared with those of docs/badge.md."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.qrcode import modules
from cards.reader import Found

DARK, DIM = 40.0, 100.0
"""Grey level of the brightest hundredth: below the first nothing can be read, below the second it is hard.

Photographs of paperhop/bench/camera.py, levels 0 and 1, have 154 at least.
"""
GLARING = 220.0
"""Grey level of the darkest twentieth above which everything is white; these photographs have 186 at most."""
_LENS_PX, _NOISE_PX = 0.7, 1.0
"""The blur of a lens in focus, and that which keeps noise from looking sharp; standard deviations."""
_FINE = 2
"""How much finer than the frame the code is drawn before it is laid into it."""
_QUIET = 2
"""Modules of white around the code."""


class Brightness(NamedTuple):
    """Grey levels: the darkest twentieth of the pixels is below `dark`, the brightest hundredth above `bright`."""

    dark: float
    bright: float


def brightness(image: NDArray[np.uint8]) -> Brightness:
    """Of a whole frame; a hot pixel does not count."""
    dark, bright = np.percentile(image, (5, 99))
    return Brightness(float(dark), float(bright))


def sharpness(image: NDArray[np.uint8], found: Found) -> float:
    """The variance of the Laplacian over a code, as a part of what this code gives when it is drawn into its place.

    1 is as printed and in perfect focus, 0 is grey. Contrast and noise hardly matter.
    """
    seen = np.array(found.corners, np.float32)
    left, top = np.floor(seen.min(axis=0)).astype(int).clip(0)
    right, bottom = np.ceil(seen.max(axis=0)).astype(int) + 1
    part = image[top:bottom, left:right].astype(np.float32)
    side = float(np.linalg.norm(seen[1] - seen[0]))
    ideal, inside = _drawn(found.text, seen - (left, top), part.shape, side)
    low, high = np.percentile(part[inside], (5, 95))
    if high - low < 1:
        return 0.0
    measured = _rough((part - np.float32(low)) / np.float32(high - low), inside)
    return measured / _rough(cv2.GaussianBlur(ideal, (0, 0), _LENS_PX).astype(np.float32), inside)


def _drawn(
    text: str, corners: NDArray[np.float32], shape: tuple[int, ...], side: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A code, black 0 and white 1, with these corners; and which pixels it covers."""
    white = 1 - np.array([list(row) for row in modules(text)], np.float32)
    scale = max(1, round(_FINE * side / len(white)))
    code = np.pad(white, _QUIET, constant_values=1).repeat(scale, 0).repeat(scale, 1)
    first, last = _QUIET * scale - 0.5, len(code) - _QUIET * scale - 0.5
    own = np.array([(first, first), (last, first), (last, last), (first, last)], np.float32)
    onto = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    size = (shape[1], shape[0])
    soft = cv2.GaussianBlur(code, (0, 0), _FINE / 2)
    ideal = cv2.warpPerspective(soft, onto, size, flags=cv2.INTER_LINEAR, borderValue=1.0)
    covered = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(covered, np.rint(corners).astype(np.int32), 1)
    return np.asarray(ideal, np.float32), np.asarray(covered > 0)


def _rough(picture: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
    return float(cv2.Laplacian(cv2.GaussianBlur(picture, (0, 0), _NOISE_PX), cv2.CV_32F)[inside].var())
