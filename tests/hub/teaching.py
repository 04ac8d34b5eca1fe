"""A room with a teacher in it: badges b1, b2 ... at its nodes, a clock that a test turns on, and restarts."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from cards.jsonform import to_json
from cards.notation import parse
from hub.clock import LessonClock
from hub.journal import Journal
from hub.lessons import Lesson, load
from hub.messages import Answer, BadgeStatus, Down, Light, Scan
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.snapshots import BEHIND, EVERY, Snapshots
from tests.hub.play import ACK, SYN, SYN_ACK

BOOT = "00112233"


class Kit:
    """A room of the lesson `handshake`, unless it is told another. every, behind: of its snapshots."""

    def __init__(
        self,
        data: Path,
        lesson: Lesson | None = None,
        badges: tuple[str, ...] = ("b1", "b2", "b3"),
        every: int = EVERY,
        behind: int = BEHIND,
    ) -> None:
        self.data = data
        self.snapshots = Snapshots(data, every, behind, pause_s=0)
        self.lesson = lesson or load("handshake")
        self.seconds = 100.0
        self.counters: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self.open()
        for badge in badges:
            self.room.status(BadgeStatus(badge, "online", BOOT))

    def open(self) -> None:
        self.journal = Journal(self.data)
        self.room = Room(
            self.journal,
            self.lesson,
            clock=lambda at: LessonClock(at, lambda: self.seconds),
            snapshots=self.snapshots,
        )

    def restart(self) -> None:
        """The hub is started again, an hour later."""
        self.snapshots.wait()
        self.journal.close()
        self.seconds += 3600
        self.open()

    def later(self, seconds: float) -> list[Down]:
        """So many seconds of the wall clock pass."""
        self.seconds += seconds
        return self.room.tick()

    def scan(self, badge: str, card: str, text: str) -> Answer:
        counter = next(self.counters[badge])
        answer = self.room.scan(Scan(badge, BOOT, counter, counter, card, to_json(parse(text))))[0]
        assert isinstance(answer, Answer)
        return answer

    def carry(self, card: str, text: str, *badges: str) -> list[str]:
        return [self.scan(badge, card, text).verdict.value for badge in badges]

    def handshake(self) -> None:
        self.carry("T-1", SYN, "b1", "b2", "b3")
        self.carry("T-2", SYN_ACK, "b3", "b2", "b1")
        self.carry("T-3", ACK, "b1", "b2", "b3")

    @property
    def last(self) -> int:
        """The number of the last record."""
        return max(number for number, _ in self.journal.records(after=0))

    @property
    def at(self) -> int:
        return self.room.world.at


def lights(downs: list[Down]) -> dict[str, str]:
    """What each badge is told to show, in the end."""
    return {down.badge: down.light.value for down in downs if isinstance(down, Light)}


def why(error: NothingDoneError) -> str:
    """The code of a refusal, whose sentence must be one for people."""
    assert str(error).startswith("Not done: ")
    assert "?" not in str(error)
    return error.ruling.reason
