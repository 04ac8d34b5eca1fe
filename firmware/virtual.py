"""A hand that is not there: it draws cards as a camera would see them, and lays them on the rest one after another.

The pictures have what makes reading hard: a table, perspective, blur, noise and uneven light. All of it
comes from a seed, and time is made up, so that the same cards give the same frames anywhere.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.drawing import sheet, sheet_picture
from cards.qrtext import Card
from cards.sheet import Sheet
from firmware.frames import HEIGHT, RATE, WIDTH, Frame, Image

_DRAWN_DPI = 200
_CARD_WIDTH_PX = 840.0
_LAYING = (0.75, 0.4, 0.12)
_LEAVING = (0.2, 0.7)
"""Where the card is while it moves, from 0 (on the rest) to 1 (out of the frame), frame by frame."""
_LIES = 10
_EMPTY_BEFORE, _EMPTY_AFTER = 1, 8
_BLUR_PX = 1.1
_NOISE = 5.0
_IDLE_EVERY = 10
"""With nothing to show, a hand in real time gives every tenth frame only: there is nothing new to see."""
_NOISE_SIDE = 256
"""Pixels by which the sheet of noise is larger than a frame, so that each frame has another part of it."""


class VirtualHand:
    """A frame source for `show`ing cards to a badge without a camera.

    seed: of everything that is left to chance. pace: "real" gives ten frames per second, also of the empty
    rest; "fast" gives them as they are asked for, and waits while there is nothing to show.
    """

    name = "virtual"

    def __init__(self, seed: int, pace: Literal["real", "fast"] = "real") -> None:
        self._random = np.random.default_rng(seed)
        self._real = pace == "real"
        self._changed = threading.Condition()
        self._waiting: deque[Card | Sheet] = deque()
        self._finished = False
        self._closed = False
        self._tick = 0
        self._light = _light(self._random)
        self._table = _soft(_table(self._random) * self._light)
        sheet = self._random.standard_normal((HEIGHT + _NOISE_SIDE, WIDTH + _NOISE_SIDE), np.float32)
        self._noise = (_NOISE * sheet).clip(-100, 100).astype(np.int8)

    def show(self, card: Card | Sheet) -> None:
        """Lay this card on the rest for a second, when those before it have been taken away.

        A sheet is a card with what somebody has written on it.
        """
        with self._changed:
            self._waiting.append(card)
            self._changed.notify_all()

    def finish(self) -> None:
        """End the frames when all cards were shown."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the frames at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            with self._changed:
                if not self._real:
                    self._changed.wait_for(lambda: self._waiting or self._finished or self._closed)
                card = self._waiting.popleft() if self._waiting else None
                if self._closed or (card is None and self._finished):
                    return
            yield from self._hold(card) if card is not None else self._idle()

    def _idle(self) -> Iterator[Frame]:
        yield self._frame(self._table)
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._finished or self._closed, timeout=(_IDLE_EVERY - 1) / RATE
            )
        self._tick += _IDLE_EVERY - 1

    def _hold(self, card: Card | Sheet) -> Iterator[Frame]:
        lying, mask = self._drawn(card)
        direction = self._random.choice([-1, 1])
        moves = [None] * _EMPTY_BEFORE + [*_LAYING] + [0.0] * _LIES + [*_LEAVING] + [None] * _EMPTY_AFTER
        for away in moves:
            if self._closed:
                return
            scene = self._table if away is None else self._moved(lying, mask, round(direction * away * WIDTH))
            yield self._frame(scene)

    def _frame(self, scene: Image) -> Frame:
        """The scene with fresh noise, at the next tick; in real time not before a tenth of a second has passed."""
        if self._real:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, timeout=1 / RATE)
        y, x = self._random.integers(0, _NOISE_SIDE, 2)
        noise = self._noise[y : y + HEIGHT, x : x + WIDTH]
        self._tick += 1
        return Frame(cast(Image, cv2.add(scene, noise, dtype=cv2.CV_8U)), self._tick / RATE)

    def _drawn(self, card: Card | Sheet) -> tuple[Image, Image]:
        """The card as it lies on the table under this light, and where it is (255) or is not (0)."""
        paper = sheet_picture(card if isinstance(card, Sheet) else sheet(card), _DRAWN_DPI)
        height, width = paper.shape
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        onto = cv2.getPerspectiveTransform(corners, self._laid(height / width))
        size = (WIDTH, HEIGHT)
        warped = cv2.warpPerspective(paper, onto, size, flags=cv2.INTER_AREA)
        mask = cv2.warpPerspective(np.full_like(paper, 255), onto, size, flags=cv2.INTER_NEAREST)
        return _soft(warped * 0.85 * self._light + 12.0), cast(Image, mask)

    def _laid(self, shape: float) -> NDArray[np.float32]:
        """The card's corners in the frame: turned a little, tilted a little, about in the middle."""
        width, height = _CARD_WIDTH_PX, _CARD_WIDTH_PX * shape
        flat = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
        angle = np.radians(self._random.uniform(-8, 8))
        turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        tilt = self._random.uniform(-0.03, 0.03, (4, 2)) * (width, height)
        middle = np.array([WIDTH, HEIGHT]) / 2 + self._random.uniform(-30, 30, 2)
        return np.asarray(flat @ turn.T + tilt + middle, np.float32)

    def _moved(self, lying: Image, mask: Image, by: int) -> Image:
        """The table with the card `by` pixels to the right of where it will lie, cut off at the frame's edge."""
        scene = self._table.copy()
        to, source = slice(max(by, 0), WIDTH + min(by, 0)), slice(max(-by, 0), WIDTH - max(by, 0))
        np.copyto(scene[:, to], lying[:, source], where=mask[:, source] > 0)
        return scene


def _light(random: np.random.Generator) -> NDArray[np.float64]:
    """How bright the frame is from corner to corner, about 1.0: a lamp stands at one side."""
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    angle = random.uniform(0, 2 * np.pi)
    return np.asarray(0.95 + 0.2 * (x * np.cos(angle) + y * np.sin(angle)), np.float64)


def _table(random: np.random.Generator) -> NDArray[np.float64]:
    """A table top with some grain, 0 to 255."""
    grain = random.normal(0.0, 1.0, (HEIGHT // 4, WIDTH // 64)).astype(np.float32)
    return np.asarray(95.0 + 12.0 * cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float64)


def _soft(scene: NDArray[np.float64]) -> Image:
    """As a lens that is slightly out of focus sees it."""
    return cast(Image, cv2.GaussianBlur(scene.clip(0, 255).astype(np.uint8), (0, 0), _BLUR_PX))
