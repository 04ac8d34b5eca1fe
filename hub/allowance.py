"""How often something may be done: so often at once, after a rest, and so often in each second from then on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_ROUNDING = 1e-6


class Allowance:
    """A leaky bucket for each name (the virtual scheduling of ITU-T I.371), from any thread.

    at_once: after a time of rest. a_second: in each second from then on. names: that are remembered at the same time;
    all further ones, if any, have one bucket together. clock: seconds that never go back: what the clock on the wall
    says has no part in it.
    """

    def __init__(
        self, at_once: int, a_second: float, names: int = 2000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once_s = at_once / a_second
        self._each_s = 1 / a_second
        self._names = names
        self._clock = clock
        self._paid_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, times: int = 1) -> bool:
        """It is done so many times; False: it may not be, and counts for nothing."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            name = self._counted_as(name)
            paid_at = max(self._paid_at.get(name, now), now) + times * self._each_s
            if paid_at - now > self._at_once_s + _ROUNDING:
                return False
            self._paid_at[name] = paid_at
            self._paid_at.move_to_end(name)
            return True

    def counted_as(self, name: str) -> str:
        """The name of the bucket: "" for one that many have together."""
        with self._lock:
            return self._counted_as(name)

    def is_at_rest(self, name: str) -> bool:
        """Whether a name may do again as often at once as ever."""
        with self._lock:
            return self._paid_at.get(name, -float("inf")) <= self._clock()

    def __len__(self) -> int:
        """How many names are remembered."""
        return len(self._paid_at)

    def _counted_as(self, name: str) -> str:
        return name if name in self._paid_at or len(self._paid_at) < self._names else ""

    def _forget(self, now: float) -> None:
        """Who is at rest. The first of all did something longest ago, and is behind others for no longer than a bucket
        takes to run dry.
        """
        while self._paid_at:
            name, paid_at = next(iter(self._paid_at.items()))
            if paid_at > now:
                return
            del self._paid_at[name]
