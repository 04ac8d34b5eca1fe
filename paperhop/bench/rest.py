"""What a camera sees of a rest without a card: the table alone, a hand that passes, a lamp that is switched on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import cv2
import numpy as np

from paperhop.bench.camera import FRAME, Picture
from paperhop.bench.scenery import Light, Points, capsule, table

_PX_PER_MM = 5.0
_SHUTTER = 0.2
"""The part of the time between two frames in which light is gathered."""
_FINGERS = ((-32.0, 62.0, 8.0), (-11.0, 74.0, 8.5), (10.0, 70.0, 8.5), (30.0, 55.0, 7.5))
"""Millimetres: where each is beside the middle of the hand, how far it reaches, and half its width."""
_SLEEVE_MM = 110.0
"""How far from the middle of the hand the sleeve begins."""


class Rest:
    """A rest, and the noise of a camera above it. Frames are grey, of `FRAME` pixels, a tenth of a second apart.

    kind: of the table, one of `scenery.TABLES`.
    """

    def __init__(self, rng: np.random.Generator, kind: str) -> None:
        self._rng = rng
        self._table = table(FRAME, rng, kind)

    def still(self, frames: int) -> Iterator[Picture]:
        """Nothing happens."""
        for _ in range(frames):
            yield self._seen(self._table)

    def lamp(self, frames: int, dark: float = 0.5) -> Iterator[Picture]:
        """A lamp at one side is switched on and off, every five frames; without it there is `dark` of the light."""
        width, height = FRAME
        angle = self._rng.uniform(0, math.tau)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
        far = ((x - 0.5) * math.cos(angle) + (y - 0.3) * math.sin(angle) + 0.6).clip(0, 1.2)
        for n in range(frames):
            yield self._seen(self._table * (1 - (1 - dark) * far) if n // 5 % 2 else self._table * dark)

    def hand(self, frames: int, sleeve: str | None = None) -> Iterator[Picture]:
        """A hand comes in from one side, moves about above the rest, and goes away again.

        sleeve: what it looks like, one of `scenery.TABLES`, or any of them.
        """
        rng = self._rng
        way = rng.uniform(0, math.tau)
        turn = np.array([[math.cos(way), math.sin(way)], [-math.sin(way), math.cos(way)]])
        tone, cloth = rng.uniform(0.06, 0.45), table(FRAME, rng, sleeve)
        middle = np.array(FRAME) / 2 / _PX_PER_MM
        places = []
        for n in range(frames + 1):
            part = n / frames
            reach = 190 * abs(1 - 2 * part) ** 1.5
            sway = np.array([math.sin(9 * part) * 30, reach + math.sin(14 * part) * 8])
            places.append(middle + sway @ turn)
        for before, now in pairwise(places):
            motion = (now - before) * _PX_PER_MM * _SHUTTER
            yield self._seen(self._with_hand(now, motion, turn, tone, cloth))

    def _with_hand(self, place: Points, motion: Points, turn: Points, tone: float, sleeve: Light) -> Light:
        skin, arm, shade = (np.zeros(FRAME[::-1], np.float32) for _ in range(3))
        limbs = [np.array([[x, -reach], [x * 0.8, 0], [half, 0]]) for x, reach, half in _FINGERS]
        limbs += [np.array([[-62.0, -18], [-25, 30], [10, 0]]), np.array([[0.0, -42], [0, 60], [42, 0]])]
        limbs += [np.array([[0.0, 0], [0, 400], [30, 0]])]
        for part in np.linspace(1.0, 0.25, 7):
            for limb in limbs:
                self._fill(skin, limb, place, turn, part, 1.0)
                self._fill(shade, limb, place, turn, part, tone * (1.15 - 0.6 * part**2))
        self._fill(arm, np.array([[0.0, _SLEEVE_MM - 40], [0, 400], [40, 0]]), place, turn, 1.0, 1.0)
        hand = cast(Light, cv2.GaussianBlur(shade, (0, 0), 3)) * skin
        hand += arm * (sleeve - hand)
        covered = np.maximum(skin, arm)
        small = cv2.resize(covered, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        soft = cast(Light, cv2.resize(cv2.GaussianBlur(small, (0, 0), 4), FRAME, interpolation=cv2.INTER_LINEAR))
        aside = cv2.warpAffine(soft, np.array([[1.0, 0, 15], [0, 1.0, 25]]), FRAME, borderMode=cv2.BORDER_REPLICATE)
        light = cast(Light, self._table * (1 - 0.5 * aside))
        light *= 1 - _moved(covered, motion)
        light += _moved(hand, motion)
        return light

    @staticmethod
    def _fill(layer: Light, limb: Points, place: Points, turn: Points, part: float, value: float) -> None:
        tip, root, size = limb
        outline = capsule(np.stack([tip @ turn + place, root @ turn + place, size]), part)
        points = np.rint(outline * _PX_PER_MM * 16).clip(-(2**20), 2**20).astype(np.int32)
        cv2.fillPoly(layer, [points], (value,), cv2.LINE_AA, 4)

    def _seen(self, light: Light) -> Picture:
        grey = light.clip(0, 1) ** np.float32(1 / 2.2) * 255
        grey += 3 * self._rng.standard_normal(grey.shape, np.float32)
        return cast(Picture, cv2.GaussianBlur(grey.clip(0, 255).astype(np.uint8), (0, 0), 0.6))


def _moved(layer: Light, motion: Points) -> Light:
    """A layer that moves by so many pixels (x, y) while light is gathered."""
    if np.linalg.norm(motion) < 1:
        return layer
    half = math.ceil(float(np.abs(motion).max()) / 2)
    way = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    start, end = ([int(v) for v in np.rint((half + sign * motion / 2) * 16)] for sign in (-1, 1))
    cv2.line(way, start, end, (1.0,), 1, cv2.LINE_AA, 4)
    return cast(Light, cv2.filter2D(layer, -1, way / way.sum()))
