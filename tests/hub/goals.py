"""A game with its tally in tests: like `tests.hub.play`, with goals."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from cards.notation import parse
from hub.lessons import load
from hub.simulator.events import Event, Forgiven, RoundBegan, Scanned
from hub.simulator.goals import Goal
from hub.simulator.history import History
from hub.simulator.rounds import Tally
from hub.simulator.rules import Play, Rules, Timers
from hub.simulator.verdicts import Ruling
from hub.simulator.when import When
from hub.simulator.world import World, new_world
from tests.hub.play import redo, seated, undo

CLIENT, SERVER = "10.0.1.2:40001", "10.0.1.1:23"
SYN = f"{CLIENT} > {SERVER} SYN seq=100"
SYN_ACK = f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=101"
ACK = f"{CLIENT} > {SERVER} ACK seq=101 ack=301"
HELLO = f'{CLIENT} > {SERVER} PSH,ACK seq=101 ack=301 data="my name is Ann"'
WRONG = f"{CLIENT} > {SERVER} ACK seq=101 ack=999"
WORSE = f"{CLIENT} > {SERVER} ACK seq=101 ack=998"
THERE, BACK = ("client", "router", "server"), ("server", "router", "client")


@cache
def handshake_rules() -> Rules:
    return load("handshake").rules


@cache
def free_rules() -> Rules:
    return replace(handshake_rules(), play=Play.FREE)


@cache
def short_lived_rules() -> Rules:
    """TIME-WAIT is over after 5 s."""
    return replace(handshake_rules(), timers=Timers(msl_2=5_000))


def goal(
    id: str,
    when: When,
    *who: str,
    count: int = 1,
    after: tuple[str, ...] = (),
    points: int = 1,
    quest: bool = False,
) -> Goal:
    return Goal(id, id, when, who, count, after, points, quest)


class Game:
    """A room with a badge at every node; each scan is one second later than the one before."""

    def __init__(self, goals: Sequence[Goal] = (), rules: Rules | None = None) -> None:
        self.goals = tuple(goals)
        self._history = History(new_world(rules or handshake_rules(), "seed"), self.goals)
        self.at = 0
        for event in seated(self.world.rules):
            self.do(event)

    @property
    def world(self) -> World:
        return self._history.world

    @property
    def tally(self) -> Tally:
        return self._history.tally

    def do(self, event: Event) -> tuple[Ruling, ...]:
        return self._history.take(event)

    def scan(self, node: str, text: str, card: str | None = None) -> Ruling:
        self.at += 1000
        name = card or f"T-{zlib.crc32(text.encode()) % 100_000}"
        (ruling,) = self.do(Scanned(self.at, f"badge-{node}", name, parse(text)))
        return ruling

    def carry(self, text: str, *nodes: str) -> Ruling:
        rulings = [self.scan(node, text) for node in nodes]
        assert all(ruling.verdict.value in ("sent", "forwarded", "delivered", "rst") for ruling in rulings), rulings
        return rulings[-1]

    def connect(self) -> None:
        self.carry(SYN, *THERE)
        self.carry(SYN_ACK, *BACK)
        self.carry(ACK, *THERE)

    def undo(self, node: str) -> None:
        undo(self._history, node)

    def redo(self, node: str) -> None:
        redo(self._history, node)

    def forgive(self, node: str) -> None:
        self.do(Forgiven(self.at, node))

    def round(self) -> None:
        self.do(RoundBegan(self.at))

    def reached(self, goal: str, earner: str | None = None) -> int | None:
        return self.tally.reached_at(goal, earner)

    def mistakes(self, node: str) -> list[str]:
        return [mistake.reason for mistake in self.tally.mistakes(node)]
