"""A whole class in one process, without threads and in virtual time: badges, a broker that is as bad as may be, a hub.

    python -m paperhop.simulation --seeds 10000 [--first 0]

The link and the outbox of each badge are those that badges run; so are the hub's edge, its room, and its journal. What
lies between loses, doubles, delays and reorders messages; the broker, the hub (in the middle of whatever it does, and
with a disk that is full for a while) and each badge stop and start again. A seed is a class: whatever happens in it
follows from the seed alone. The hub takes snapshots every few records, and a command card begins new rounds.

In the end every scan that a badge has shown as taken must be in the journal once, in the badge's order; every badge
must have shown for each the verdict that the journal has, once, and once more at most for each time that it was
started anew; and a room that is given the same scans in that order, with
nothing in the way, must be the same.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import logging
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from cards.jsonform import to_json
from cards.penform import PenForm
from firmware.link import PATIENCE, Link, LinkState
from firmware.outbox import Outbox
from hub.broker import TICK_S, BrokerEdge
from hub.clock import LessonClock, ManualClock
from hub.journal import Journal, JournalError
from hub.lessons import Lesson, load
from hub.lessons.lesson import ScanStep
from hub.messages import Answer, Light, Role, Scan, Sighting, Update
from hub.records import Record, ScannedRecord
from hub.room import Room
from hub.snapshots import Snapshots

LESSONS = ("handshake", "data", "no-route", "linked", "loss", "closing")
"""In which people play all nodes: what an engine plays, and when, is no scan."""
READER = "reader"
"""The badge at which command cards work."""
SNAPSHOTS = (12, 4, 0.0)
"""Records from one snapshot to the next, those behind it, and seconds between two: a class is short."""
PLAYING_S = 60.0
"""Seconds, of virtual time, in which cards are scanned and things go wrong."""
SETTLING_S = 120.0
"""Seconds after which, with nothing in the way any more, every scan must have been answered."""


class Wrong(AssertionError):
    """A promise was broken; the text says which."""


class _Crash(BaseException):
    """The hub stops here: whatever it was about to do, it has not done."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad things are. Shares are of messages; the rest happens so often in a minute."""

    lost: float
    doubled: float
    delay_s: float
    hub_restarts: int
    hub_crashes: int
    badge_restarts: int
    outages: int
    full_disks: int

    @classmethod
    def of(cls, luck: random.Random) -> Weather:
        """Some weather: fair now and then, mostly not."""
        bad = luck.choice((0.0, 0.02, 0.1, 0.3))
        often = luck.choice((0, 1, 2, 4))
        doubled, delay_s = luck.choice((0.0, bad, 0.5)), luck.choice((0.01, 0.5, 4.0))
        return cls(bad, doubled, delay_s, *(luck.randint(0, often) for _ in range(5)))


@dataclass
class Told:
    """What a badge has shown: the verdict of each scan, in the order of showing."""

    answers: dict[tuple[str, int], Answer] = field(default_factory=dict)
    _since_start: set[tuple[str, int]] = field(default_factory=set)

    @property
    def order(self) -> list[tuple[str, int]]:
        """The scans, in the order in which their verdicts were shown first."""
        return list(self.answers)

    def started(self) -> None:
        """The badge has started; it does not know what it has shown before."""
        self._since_start.clear()

    def answered(self, answer: Answer) -> None:
        """A verdict is shown; once more after a start, when the badge has stopped at that moment."""
        name = answer.boot, answer.counter
        before = self.answers.setdefault(name, answer)
        _must(before == answer, f"{name} was shown {before.verdict} and then {answer.verdict}")
        _must(name not in self._since_start, f"{name} was shown twice, without a start in between")
        self._since_start.add(name)

    def light(self, light: Light) -> None:
        """Not looked at."""

    def role(self, role: Role) -> None:
        """Not looked at."""

    def form(self, form: PenForm) -> None:
        """Not looked at."""

    def update(self, update: Update) -> None:
        """Not looked at."""

    def link(self, state: LinkState, sentence: str) -> None:
        """Not looked at."""


class Air:
    """Virtual time, and the broker: messages get from line to line, or not."""

    def __init__(self, luck: random.Random, weather: Weather) -> None:
        self.now = 0.0
        self.weather = weather
        self.sent: Counter[str] = Counter()
        self._luck = luck
        self._todo: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._lines: list[_Line] = []
        self._out = False

    def clock(self) -> float:
        """Seconds of virtual time."""
        return self.now

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Something is to happen."""
        heapq.heappush(self._todo, (self.now + seconds, next(self._count), act))

    def run(self, until: float) -> None:
        """Time passes."""
        while self._todo and self._todo[0][0] <= until:
            self.now, _, act = heapq.heappop(self._todo)
            act()
        self.now = until

    def clear_up(self) -> None:
        """Nothing is in the way from now on."""
        self.weather = Weather(0.0, 0.0, 0.01, 0, 0, 0, 0, 0)
        self.outage(False)

    def outage(self, out: bool) -> None:
        """The broker stops, and whatever it has is gone; or it is back."""
        self._out = out
        for line in list(self._lines):
            self.later(self._luck.random() * 0.5, partial(line.linked, not out))

    def join(self, line: _Line) -> None:
        """A line is laid."""
        self._lines.append(line)
        self.later(self._luck.random() * 0.5, lambda: line.linked(not self._out))

    def leave(self, line: _Line) -> None:
        """A line is cut; what is under way to it arrives nowhere."""
        self._lines.remove(line)

    def carry(self, topic: str, payload: bytes) -> None:
        """A message is under way to everybody who listens for it, perhaps twice, perhaps never."""
        self.sent[topic] += 1
        for line in self._lines:
            if line.listens(topic):
                for _ in range(1 + (self._luck.random() < self.weather.doubled)):
                    if self._luck.random() >= self.weather.lost:
                        wait = self._luck.random() ** 2 * self.weather.delay_s
                        self.later(wait, partial(self._arrive, line, topic, payload))

    def _arrive(self, line: _Line, topic: str, payload: bytes) -> None:
        if line in self._lines and line.up:
            line.hear(topic, payload)


class _Line:
    """A session with this broker, as `hub.messages.session.Session` is one with a real one."""

    def __init__(
        self,
        air: Air,
        crashing: Callable[[], None],
        broker_url: str,
        client_id: str,
        *,
        subscriptions: list[str],
        on_message: Callable[[str, bytes], None],
        on_link: Callable[[bool, str], None],
        on_pause: Callable[[], bool] = lambda: False,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self._air, self._crashing = air, crashing
        (self._filter,) = subscriptions
        self._hear, self._linked, self._pause = on_message, on_link, on_pause
        self.will = will
        self.woken: Callable[[], object] = lambda: None
        self.up = False

    def start(self) -> None:
        self._air.join(self)

    def stop(self) -> None:
        self._air.leave(self)

    def listens(self, topic: str) -> bool:
        wanted, there = self._filter.split("/"), topic.split("/")
        return len(wanted) == len(there) and all(one in ("+", other) for one, other in zip(wanted, there, strict=True))

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        self._crashing()
        if self.up:
            self._air.carry(topic, payload)
        return self.up

    def linked(self, up: bool) -> None:
        if up is not self.up and self in self._air._lines:
            self.up = up
            self._linked(up, "up" if up else "down")
            self.woken()

    def hear(self, topic: str, payload: bytes) -> None:
        self._hear(topic, payload)
        while self._pause():
            pass
        self.woken()


class _Badge:
    """A badge, from start to start: its outbox lies on its disk, its link is new each time."""

    def __init__(self, air: Air, name: str, file: Path) -> None:
        self._air, self.name, self._file = air, name, file
        self.taken: list[tuple[Scan, Sighting]] = []
        self.told = Told()
        self._start()
        self._turn()

    def scan(self, seen: Sighting) -> None:
        """A card is shown; when this returns, the badge has lit that it is taken."""
        scan = self._outbox.put(self.name, seen)
        self.taken.append((scan, seen))
        self._link.notify(scan)
        self._link.tend()

    def restart(self, orderly: bool) -> None:
        """The badge stops, with a goodbye or without, and starts again."""
        if not orderly and self._line.will is not None and self._line.up:
            self._air.carry(*self._line.will)
        self._line.stop()
        self._outbox.close()
        self._start()

    @property
    def waiting(self) -> int:
        """Scans that are not answered."""
        return len(self._outbox)

    def close(self) -> None:
        """The end."""
        self._outbox.close()

    def _start(self) -> None:
        self._outbox = Outbox(self._file)
        self.told.started()
        self._link = Link(self.name, self._outbox, "mqtt://air", self.told, line=self._laid, clock=self._air.clock)
        self._line.start()

    def _laid(self, *arguments: Any, **named: Any) -> _Line:
        self._line = _Line(self._air, lambda: None, *arguments, **named)
        self._line.woken = lambda: self._link.tend()
        return self._line

    def _turn(self) -> None:
        """Its thread looks what is due, as it does after each message."""
        self._air.later(min(self._link.tend() or 1.0, 1.0), self._turn)


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


class _Hub:
    """A hub, from start to start, with all that lies on its disk."""

    def __init__(self, air: Air, luck: random.Random, lesson: Lesson, data: Path, seats: dict[str, str]) -> None:
        self._air, self._luck, self._lesson, self._data, self._seats = air, luck, lesson, data, seats
        self._crash_in: int | None = None
        self._is_full = False
        self._line: _Line | None = None
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
                seed="class",
            )
        except JournalError:
            self._air.later(1.0, self._start)
            return
        self.journal.before, self.journal.after = self._store, self._stumble
        edge = BrokerEdge(self.room, "mqtt://air", line=self._laid, clock=self._air.clock)
        self._edge = edge
        assert self._line is not None
        self._line.start()

    def _laid(self, *arguments: Any, **named: Any) -> _Line:
        line = self._line = _Line(self._air, self._stumble, *arguments, **named)
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


def play(seed: int, folder: Path) -> Counter[str]:
    """One class. What happened, counted. Raises Wrong."""
    luck = random.Random(f"class {seed}")
    lesson = _lesson(LESSONS[seed % len(LESSONS)])
    nodes = [node.id for node in lesson.rules.nodes if node.id not in lesson.rules.engines]
    seats = {f"b{number}": node for number, node in enumerate(nodes, 1)}
    air = Air(luck, Weather.of(luck))
    weather = air.weather
    hub = _Hub(air, luck, lesson, folder / "hub", seats)
    badges = {badge: _Badge(air, badge, folder / f"{badge}.sqlite") for badge in (*seats, READER)}
    happened = _plan(luck, air, weather, hub, badges, lesson, seats)
    air.run(PLAYING_S)
    air.clear_up()
    hub.settle()
    while any(badge.waiting for badge in badges.values()) and air.now < PLAYING_S + SETTLING_S:
        air.run(air.now + 1)
    air.run(air.now + 10)  # what is still under way arrives, and does no harm
    late = {badge: each.waiting for badge, each in badges.items() if each.waiting}
    _must(not late, f"not answered within {SETTLING_S:.0f} s: {late}")
    _look(hub, badges, lesson, folder, seats)
    happened["starts with a snapshot"] = hub.shortcuts
    for badge in badges.values():
        happened["scans"] += len(badge.taken)
        badge.close()
    happened["messages"] = sum(air.sent.values())
    _must(len(hub._edge._waiting) == 0, "something waits in the hub's edge for ever")
    turns = (PLAYING_S + SETTLING_S) / PATIENCE
    for badge_name, badge in badges.items():
        most = len(badge.taken) * 4 + turns + 30 * (1 + happened["restarts"] + happened["outages"])
        sent = air.sent[f"paperhop/kit/badge/{badge_name}/up/scan"]
        _must(sent <= most, f"{badge_name} sent {sent} times for {len(badge.taken)} scans")
    hub.journal.close()
    return happened


def _plan(
    luck: random.Random,
    air: Air,
    weather: Weather,
    hub: _Hub,
    badges: dict[str, _Badge],
    lesson: Lesson,
    seats: dict[str, str],
) -> Counter[str]:
    """What people do, and what goes wrong, and when."""
    happened: Counter[str] = Counter()
    at = {node: badges[badge] for badge, node in seats.items()}
    moment = 0.0
    for script in luck.sample(lesson.scripts, min(2, len(lesson.scripts))):
        for step in script.steps:
            if isinstance(step, ScanStep) and step.node in at:
                moment += luck.choice((0.0, 0.1, 1.0, 3.0)) * luck.random()
                seen = Sighting(f"A-{sum(map(ord, script.papers[step.card])) % 999}", to_json(script.cards[step.card]))
                for _ in range(luck.choice((1, 1, 1, 2))):
                    badge = luck.choice(list(badges.values())) if luck.random() < 0.1 else at[step.node]
                    air.later(min(moment, PLAYING_S - 1), partial(badge.scan, seen))

    for _ in range(luck.choice((0, 0, 1, 3))):
        happened["command cards"] += 1
        badge = badges[READER] if luck.random() < 0.8 else luck.choice(list(badges.values()))
        air.later(luck.random() * moment, partial(badge.scan, Sighting("K-1", command="round")))

    def often(what: str, times: int, act: Callable[[], None]) -> None:
        for _ in range(times):
            happened[what] += 1
            air.later(luck.random() * PLAYING_S, act)

    def outage() -> None:
        air.outage(True)
        air.later(luck.random() * 8, lambda: air.outage(False))

    def full() -> None:
        hub.full(True)
        air.later(luck.random() * 8, lambda: hub.full(False))

    often("restarts", weather.hub_restarts, hub.restart)
    often("restarts", weather.hub_crashes, hub.crash)
    often("outages", weather.outages, outage)
    often("full disks", weather.full_disks, full)
    for badge in badges.values():
        often("restarts", weather.badge_restarts, partial(badge.restart, luck.random() < 0.5))
    return happened


def _look(hub: _Hub, badges: dict[str, _Badge], lesson: Lesson, folder: Path, seats: dict[str, str]) -> None:
    """Every promise, looked at in what is on the hub's disk."""
    judged: dict[str, list[ScannedRecord]] = defaultdict(list)
    records = [record for _, record in hub.journal.records(0) if isinstance(record, ScannedRecord)]
    for record in records:
        judged[record.badge].append(record)
    scans = {(scan.badge, scan.boot, scan.counter): scan for badge in badges.values() for scan, _ in badge.taken}
    for name, badge in badges.items():
        taken = [(scan.boot, scan.counter) for scan, _ in badge.taken]
        kept = [(record.boot, record.counter) for record in judged[name]]
        _must(kept == taken, f"{name} has taken {taken}, and the journal has {kept}")
        _must(badge.told.order == taken, f"{name} has taken {taken}, and shown {badge.told.order}")
        for record in judged[name]:
            shown = badge.told.answers[record.boot, record.counter]
            _must(shown == record.answer, f"{name} has shown {shown}, and the journal has {record.answer}")
    clock = ManualClock()
    with closing(Journal(folder / "undisturbed")) as journal:
        room = Room(journal, lesson, seats=seats, readers=(READER,), clock=lambda at: clock, seed="class")
        for record in records:
            clock.forward_to(record.at)
            answer = room.scan(scans[record.badge, record.boot, record.counter])[0]
            _must(answer == record.answer, f"undisturbed it is {answer}, and it was {record.answer}")
        hub.room.tick()
        clock.forward_to(hub.room.world.at)
        room.tick()
        _must(room.world == hub.room.world, "the room is not what it is without disturbance")
        _must(room.tally == hub.room.tally, "the scores are not what they are without disturbance")


@cache
def _lesson(id: str) -> Lesson:
    return load(id)


def _must(true: bool, otherwise: str) -> None:
    if not true:
        raise Wrong(otherwise)


def main() -> int:
    """Play so many classes; tell of each that went wrong."""
    parser = argparse.ArgumentParser(prog="python -m paperhop.simulation", description="Play classes in virtual time")
    parser.add_argument("--seeds", type=int, default=100, help="classes (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: %(default)s)")
    arguments = parser.parse_args()
    logging.getLogger("hub").setLevel(logging.CRITICAL)
    began, bad = time.monotonic(), 0
    whole: Counter[str] = Counter()
    memory = Path("/dev/shm")
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        folder = Path(tempfile.mkdtemp(prefix="paperhop-class-", dir=memory if memory.is_dir() else None))
        try:
            whole += play(seed, folder)
        except Wrong as error:
            bad += 1
            print(f"seed {seed}: {error}", flush=True)
        finally:
            shutil.rmtree(folder)
        done = seed - arguments.first + 1
        if done % 500 == 0 or done == arguments.seeds:
            counts = ", ".join(f"{count} {what}" for what, count in sorted(whole.items()))
            print(f"{done} classes in {time.monotonic() - began:.0f} s: {counts}; {bad} went wrong", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
