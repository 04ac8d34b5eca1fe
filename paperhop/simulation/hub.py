"""The hub of the class: the edge, the room and the journal that a hub runs, on a disk and a machine that fail."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from hub.broker import TICK_S, BrokerEdge
from hub.clock import LessonClock
from hub.journal import Journal, JournalError
from hub.lessons import Lesson
from hub.records import Record, ScannedRecord
from hub.room import Room
from hub.snapshots import Snapshots
from paperhop.simulation.air import Air, Line

READER = "reader"
"""The badge at which command cards work."""
SEED = "class"
"""What the room's own luck follows from."""
SNAPSHOTS = (12, 4, 0.0)
"""Records from one snapshot to the next, those behind it, and seconds between two: a class is short."""


class _Crash(BaseException):
    """The hub stops here: whatever it was about to do, it has not done."""


class _Disk(Journal):
    """A journal whose disk is full at times, at a record or when several are written together, and whose hub may stop
    before and after either.
    """

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def append(self, record: Record) -> int:
        self.before()
        number = super().append(record)
        self.after()
        return number

    @contextmanager
    def together(self) -> Iterator[None]:
        with super().together():
            yield
            self.before()
        self.after()


class Hub:
    """A hub, from start to start, with all that lies on its disk."""

    def __init__(self, air: Air, luck: random.Random, lesson: Lesson, data: Path, seats: dict[str, str]) -> None:
        self._air, self._luck, self._lesson, self._data, self._seats = air, luck, lesson, data, seats
        self._crash_in: int | None = None
        self._is_full = False
        self._line: Line | None = None
        self._snapshots = Snapshots(data, *SNAPSHOTS)
        self.shortcuts = 0
        self._start()
        self._tick()

    def crash(self) -> None:
        """It stops soon, at the next step or one of those after it, be it between journal and answer."""
        self._crash_in = self._luck.randint(0, 12)

    def full(self, full: bool) -> None:
        """Its disk is full, or has room again."""
        self._is_full = full

    def restart(self) -> None:
        """It stops and starts again."""
        self._crash_in = None
        if self._line is not None:
            self._line.stop()
        self._line = None
        self.journal.close()
        self._air.later(self._luck.random() * 3, self._start)

    def settle(self) -> None:
        """Nothing is in its way any more."""
        self._crash_in, self._is_full = None, False

    @property
    def waiting(self) -> int:
        """What its edge has heard and not passed on."""
        return len(self._edge._waiting)

    def scanned(self) -> list[ScannedRecord]:
        """The scans on its disk, in the journal's order."""
        return [record for _, record in self.journal.records(0) if isinstance(record, ScannedRecord)]

    def close(self) -> None:
        """The end."""
        self.journal.close()

    def _start(self) -> None:
        if self._line is not None:
            return
        try:
            self.journal = _Disk(self._data)
            self.shortcuts += self._snapshots.newest(self.journal.last) > 0
            self.room = Room(
                self.journal,
                self._lesson,
                seats={} if self.journal.last else self._seats,  # later the journal knows who has moved on
                readers=(READER,),
                clock=partial(LessonClock, monotonic=self._air.clock),
                snapshots=self._snapshots,
                seed=SEED,
            )
        except JournalError:
            self._air.later(1.0, self._start)
            return
        self.journal.before, self.journal.after = self._store, self._stumble
        edge = BrokerEdge(self.room, "mqtt://air", line=self._laid, clock=self._air.clock)
        self._edge = edge
        assert self._line is not None
        self._line.start()

    def _laid(self, *arguments: Any, **named: Any) -> Line:
        line = self._line = Line(self._air, self._stumble, *arguments, **named)
        heard = line.hear

        def hear(topic: str, payload: bytes) -> None:
            self._survive(lambda: heard(topic, payload))

        line.hear = hear  # type: ignore[method-assign]
        linked = line.linked
        line.linked = lambda up: self._survive(lambda: linked(up))  # type: ignore[method-assign]
        return line

    def _tick(self) -> None:
        if self._line is not None:
            self._survive(lambda: self._edge.publish(self.room.tick()))
        self._air.later(TICK_S, self._tick)

    def _survive(self, act: Callable[[], None]) -> None:
        try:
            act()
        except _Crash:
            self.restart()
        finally:
            self._snapshots.wait()  # so that what happens follows from the seed

    def _store(self) -> None:
        if self._is_full:
            raise JournalError("the disk is full")
        self._stumble()

    def _stumble(self) -> None:
        if self._crash_in is not None:
            self._crash_in -= 1
            if self._crash_in < 0:
                raise _Crash
