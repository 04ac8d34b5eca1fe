"""Virtual time, and a broker in it that is as bad as the weather has it."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


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


class Air:
    """Virtual time, and the broker: messages get from line to line, or not."""

    def __init__(self, luck: random.Random, weather: Weather) -> None:
        self.now = 0.0
        self.weather = weather
        self.sent: Counter[str] = Counter()
        self._luck = luck
        self._todo: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._lines: list[Line] = []
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

    def join(self, line: Line) -> None:
        """A line is laid."""
        self._lines.append(line)
        self.later(self._luck.random() * 0.5, lambda: line.linked(not self._out))

    def leave(self, line: Line) -> None:
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

    def _arrive(self, line: Line, topic: str, payload: bytes) -> None:
        if line in self._lines and line.up:
            line.hear(topic, payload)


class Line:
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
        """It is laid."""
        self._air.join(self)

    def stop(self) -> None:
        """It is cut."""
        self._air.leave(self)

    def listens(self, topic: str) -> bool:
        """Whether its subscription has this topic; of wildcards only `+` is used here."""
        wanted, there = self._filter.split("/"), topic.split("/")
        return len(wanted) == len(there) and all(one in ("+", other) for one, other in zip(wanted, there, strict=True))

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Whether the broker has it; whoever publishes may crash before."""
        self._crashing()
        if self.up:
            self._air.carry(topic, payload)
        return self.up

    def linked(self, up: bool) -> None:
        """The broker is there, or is gone."""
        if up is not self.up and self in self._air._lines:
            self.up = up
            self._linked(up, "up" if up else "down")
            self.woken()

    def hear(self, topic: str, payload: bytes) -> None:
        """A message has arrived."""
        self._hear(topic, payload)
        while self._pause():
            pass
        self.woken()
