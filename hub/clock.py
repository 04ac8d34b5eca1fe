"""Lesson time: what `at` counts. It never goes back and knows nothing of the wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What tells a room its lesson time."""

    def now_ms(self) -> int:
        """Lesson time now, in ms."""


class LessonClock:
    """Milliseconds of lesson time, going on from `start_ms`. monotonic: a clock in seconds that never goes back."""

    def __init__(self, start_ms: int = 0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start_ms = start_ms
        self._began = monotonic()

    def now_ms(self) -> int:
        """Lesson time now."""
        return self._start_ms + int((self._monotonic() - self._began) * 1000)


class ManualClock:
    """Lesson time that passes only when somebody says so: a script's."""

    def __init__(self, start_ms: int = 0) -> None:
        self._now = start_ms

    def now_ms(self) -> int:
        """Lesson time now."""
        return self._now

    def forward_to(self, at: int) -> None:
        """It is `at` ms now; time never goes back."""
        self._now = max(self._now, at)
