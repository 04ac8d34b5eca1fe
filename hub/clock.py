"""Lesson time: what `at` counts. It goes on at the pace that a teacher has set, never goes back by itself, and knows
nothing of the wall clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

SLOWEST, FASTEST = 0.25, 8.0
"""Seconds of lesson time in a second, when it is not paused."""


class Clock(Protocol):
    """What tells a room its lesson time."""

    def now_ms(self) -> int:
        """Lesson time now, in ms."""

    def go_on(self, at: int, pace: float) -> None:
        """It is `at` ms now, and from now on a second has `pace` seconds of lesson time; 0: time stands still."""


class LessonClock:
    """Milliseconds of lesson time, going on from `start_ms`. monotonic: a clock in seconds that never goes back."""

    def __init__(self, start_ms: int = 0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start_ms, self._pace = start_ms, 1.0
        self._began = monotonic()

    def now_ms(self) -> int:
        """Lesson time now."""
        return self._start_ms + int((self._monotonic() - self._began) * 1000 * self._pace)

    def go_on(self, at: int, pace: float) -> None:
        """It is `at` ms now, and time goes on at this pace."""
        self._began = self._monotonic()
        self._start_ms, self._pace = at, pace


class ManualClock:
    """Lesson time that passes only when somebody says so: a script's. Its pace is whatever the script makes of it."""

    def __init__(self, start_ms: int = 0) -> None:
        self._now = start_ms

    def now_ms(self) -> int:
        """Lesson time now."""
        return self._now

    def go_on(self, at: int, pace: float) -> None:
        """It is `at` ms now."""
        self._now = at

    def forward_to(self, at: int) -> None:
        """It is `at` ms now; time never goes back."""
        self._now = max(self._now, at)


def is_pace(rate: float) -> bool:
    """Whether time can pass like this: not at all, or between the slowest and the fastest."""
    return rate == 0 or SLOWEST <= rate <= FASTEST
