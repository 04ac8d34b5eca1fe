"""How a badge is while it runs: what its frames and its computer tell, for the hub's page."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware.machine import Machine
from firmware.sharpness import DARK
from firmware.wishes import Wishes
from hub.messages.health import FULL_MB, HOT_C

WINDOW = 10.0
"""Seconds over which frames are counted."""
DARK_FOR = 5.0
"""Seconds of darkness after which it is no hand before the lens."""
_LOOK_EVERY = 1.0
_EVERY_PIXEL = 8
"""One pixel in so many, each way, tells whether it is dark."""
_CAMERAS = ("picamera", "opencv:")


class Facts(NamedTuple):
    """What was measured, as in `hub.messages.BadgeStatus`; None: not to be had, or not yet."""

    frame_rate: float | None = None
    dark: bool | None = None
    temperature: float | None = None
    under_voltage: bool | None = None
    free_mb: int | None = None
    release: int | None = None
    update: str = ""

    def worse_than(self, before: Facts) -> bool:
        """Whether something has gone wrong since."""
        return any(now and not then for now, then in zip(self._troubles(), before._troubles(), strict=True))

    def _troubles(self) -> tuple[bool, ...]:
        return (
            self.frame_rate == 0,
            self.dark is True,
            self.temperature is not None and self.temperature >= HOT_C,
            self.under_voltage is True,
            self.free_mb is not None and self.free_mb < FULL_MB,
            self.update not in ("", "asked"),
        )


class Vitals:
    """Sees every frame, and sums up when it is asked. Safe to use from several threads.

    machine: this computer. folder: on the disk whose room counts. frames: the name of the frames' source: of pictures
    that no camera takes nothing is told. wishes: which program this is.
    """

    def __init__(
        self,
        machine: Machine,
        folder: Path,
        frames: str,
        clock: Callable[[], float] = time.monotonic,
        wishes: Wishes | None = None,
    ) -> None:
        self._machine = machine
        self._folder = folder
        self._wishes = wishes
        self._camera = frames.startswith(_CAMERAS)
        self._clock = clock
        self._begun = clock()
        self._lock = threading.Lock()
        self._taken: deque[float] = deque()
        self._looked_at = float("-inf")
        self._dark_since: float | None = None

    def saw(self, image: NDArray[np.uint8], at: float) -> None:
        """Take note of a frame that was handed over at this time of the clock."""
        with self._lock:
            self._taken.append(at)
            self._forget(at)
            if at - self._looked_at >= _LOOK_EVERY:
                self._looked_at = at
                dark = float(np.percentile(image[::_EVERY_PIXEL, ::_EVERY_PIXEL], 99)) < DARK
                self._dark_since = (at if self._dark_since is None else self._dark_since) if dark else None

    def measure(self) -> Facts:
        """How the badge is now. Rounded, so that what hardly changes does not change."""
        now = self._clock()
        heat, free = self._machine.temperature(), self._machine.free_disk_mb(self._folder)
        rate, dark = self._seen(now) if self._camera else (None, None)
        return Facts(
            rate,
            dark,
            None if heat is None else float(round(heat)),
            self._machine.under_voltage(),
            # By a tenth of a gigabyte where there is plenty.
            free if free is None or free < 1000 else free // 100 * 100,
            None if self._wishes is None else self._wishes.release,
            "" if self._wishes is None else self._wishes.word,
        )

    def _seen(self, now: float) -> tuple[float | None, bool | None]:
        with self._lock:
            self._forget(now)
            rate = None if now - self._begun < WINDOW else float(round(len(self._taken) / WINDOW))
            if rate == 0 and self._taken:
                rate = round(len(self._taken) / WINDOW, 1)
            dark = self._dark_since is not None and self._looked_at - self._dark_since >= DARK_FOR
            return rate, dark if self._taken else None

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] < now - WINDOW:
            self._taken.popleft()
