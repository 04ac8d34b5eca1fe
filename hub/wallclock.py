"""The hub's clock on the wall, which a teacher's browser sets once after a start: a Raspberry Pi has none that goes on
without power. Nothing that is judged asks it; rooms are called after it, and badges go by it.

The hub's program may not set it: it leaves a wish, which systemd takes to chrony (paperhop-clock.path).
"""

from __future__ import annotations

import contextlib
import enum
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

EARLIEST, LATEST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What a clock can be set to: nobody plays outside of this, and a browser that says so is wrong."""
WISH, DONE = Path("clock"), Path("/run/paperhop-clock/set")
"""The wish, in the folder that systemd gives the hub; what is there once it was fulfilled, until the next start."""
_LOCAL = ("7F7F0101", "00000000")
"""How chrony names its own clock as its source, or none."""
_WITHIN = 2.0


class ClockState(enum.Enum):
    """foreign: of a computer that is no hub, and not ours to set. right: it follows another clock. set: by somebody,
    since the start.
    """

    FOREIGN = "foreign"
    UNSET = "unset"
    SET = "set"
    RIGHT = "right"


class ClockView(msgspec.Struct, frozen=True):
    """now_ms: what it shows, ms since 1970."""

    state: ClockState
    now_ms: int


class WrongTimeError(ValueError):
    """Outside of what a clock can be set to."""


def followed() -> str | None:
    """What chrony follows, as it names it; None where there is no chrony."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["chronyc", "-n", "-c", "tracking"], capture_output=True, text=True, timeout=_WITHIN, check=False
        )
        if done.returncode == 0:
            return done.stdout.partition(",")[0]
    return None


class WallClock:
    """running: the folder that systemd gives the hub; None: this computer is no hub of a set."""

    def __init__(
        self,
        running: Path | None,
        done: Path = DONE,
        follows: Callable[[], str | None] = followed,
    ) -> None:
        self._running, self._done, self._follows = running, done, follows
        self._right = False
        self._writing = threading.Lock()

    def view(self) -> ClockView:
        """How it is now."""
        return ClockView(self._state(), time.time_ns() // 10**6)

    def wish(self, at_ms: int) -> bool:
        """It is `at_ms` ms since 1970 now, says somebody. False: it is not ours to set, was set already, or follows a
        better one. WrongTimeError for a time that cannot be. Asking chrony may take 2 s.
        """
        if not EARLIEST.timestamp() <= at_ms / 1000 < LATEST.timestamp():
            raise WrongTimeError
        if self._running is None or self._state() is not ClockState.UNSET:
            return False
        source = self._follows()
        self._right = source is not None and source not in _LOCAL
        if self._right:
            return False
        # Whoever fulfils it adds what has passed since.
        since_start = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 10**6
        with self._writing:
            new = self._running / f"{WISH}.new"
            new.write_text(f"{at_ms} {since_start}\n", encoding="ascii")
            new.chmod(0o644)  # chrony's user reads it; what else the hub writes is nobody else's
            new.replace(self._running / WISH)
        return True

    def _state(self) -> ClockState:
        if self._running is None:
            return ClockState.FOREIGN
        if self._right:
            return ClockState.RIGHT
        return ClockState.SET if self._done.exists() else ClockState.UNSET
