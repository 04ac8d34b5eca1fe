"""A script played in a room, without hardware: the same room, journal and clock as a hub's, and a hand at every node.

A step takes a second of lesson time. After each, the nodes that the engine plays do what they have to do.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from msgspec.structs import replace

from cards.jsonform import to_json
from cards.packet import Written
from hub.clock import ManualClock
from hub.course import Judged
from hub.journal import Journal
from hub.lessons import Lesson
from hub.lessons.lesson import ActStep, GoalStep, ScanStep, Script, SeatStep, Step, TurnStep, WaitStep
from hub.messages import Answer, Scan
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator import bots
from hub.simulator.acts import Act, PlayStep
from hub.simulator.events import CardFound, CardLost, HandedOver
from hub.simulator.turns import turn

STEP_MS = 1000
"""Lesson time that a step takes."""
DECK = "S"
MOST_BY_ITSELF = 1000
"""Steps that engines may take after one step of a script; more would be a quarrel without end."""
MOST_MS = 4 * 3_600_000
"""Lesson time after which bots that play alone give up: four hours."""
SEED = "script"
"""Of the room of a script, so that it goes the same way every time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step. number: of the step in its script, from 1. judged: by whom, what and how; None for a step
    that is no scan. wrong: what was not as the script says, in words. refused: why a teacher's move was not made.
    """

    script: Script
    number: int
    step: Step | None
    judged: Judged | None = None
    card: str | None = None
    wrong: str | None = None
    refused: NothingDoneError | None = None


class ScriptedRoom:
    """A room whose time, hands and teacher are a script's. lesson: the variant that is to be played."""

    def __init__(
        self, journal: Journal, lesson: Lesson, engines: frozenset[str] = frozenset(), seed: str = SEED
    ) -> None:
        self._clock = ManualClock()
        self._judged: list[Judged] = []
        self.room = Room(
            journal, lesson, fresh=True, clock=lambda at: self._clock, seed=seed, on_judged=self._judged.append
        )
        self._boot = secrets.token_hex(8)
        self._counters: dict[str, Iterator[int]] = {}
        for node in sorted(engines - lesson.rules.engines):
            self.room.teach(HandedOver(0, node, True))

    def scan(self, badge: str, card: str, written: Written) -> Judged:
        """A badge sees a card."""
        number = next(self._counters.setdefault(badge, count(1)))
        scan = Scan(badge, self._boot, number, number, card, to_json(written))
        downs = self.room.scan(scan)
        assert any(isinstance(down, Answer) for down in downs), "a scan is answered"
        return self._taken()[-1]

    def scan_at(self, node: str, card: str, written: Written) -> Judged:
        """The badge of a node sees a card. Where none sits one takes the seat, also beside the engine: a station."""
        seats = self.room.world.seats
        badge = next((badge for badge, nodes in sorted(seats.items()) if node in nodes), None)
        if badge is None:
            badge = next(name for name in chain([node], (f"{node}-{n}" for n in count(2))) if name not in seats)
            self.room.seat(badge, node)
        return self.scan(badge, card, written)

    def teach(self, act: Act) -> Judged | None:
        """The teacher does something; what the engine has played then, if that was what is done. Raises
        NothingDoneError.
        """
        self.room.teach(act)
        judged = self._taken()
        return judged[-1] if judged else None

    def settle(self) -> Iterator[Judged]:
        """The engine plays all that it can, a second each, without waiting for anything else."""
        for _ in range(MOST_BY_ITSELF):
            if bots.next_step(self.room.world) is None:
                return
            self.pass_time(STEP_MS)
            yield from self._taken()

    def pass_time(self, ms: int) -> None:
        """Time goes on, and timers run out."""
        self._clock.forward_to(self._clock.now_ms() + ms)
        self.room.tick()

    def wait(self, seconds: int) -> Iterator[Judged]:
        """Time goes on, from one thing that happens by itself to the next."""
        until = self._clock.now_ms() + seconds * 1000
        while self._clock.now_ms() < until:
            wakes = bots.wakes_at(self.room.world)
            due = bots.next_step(self.room.world) is not None
            step = STEP_MS if due else (until if wakes is None else wakes) - self._clock.now_ms()
            self.pass_time(max(1, min(step, until - self._clock.now_ms())))
            yield from self._taken()

    def begin_step(self) -> None:
        """A step takes a second."""
        self._clock.forward_to(self._clock.now_ms() + STEP_MS)

    def _taken(self) -> list[Judged]:
        judged, self._judged[:] = list(self._judged), []
        return judged


@contextmanager
def journal_of_nobody() -> Iterator[Journal]:
    """A journal that is gone when what was played in it has been seen."""
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        yield journal


def play(journal: Journal, lesson: Lesson, script: Script, seed: str = SEED) -> Iterator[Outcome]:
    """Play a script of a lesson in a new room, step by step. lesson: the variant that the script names."""
    return _Playing(ScriptedRoom(journal, lesson, script.engines, seed), script).outcomes()


def comes_out(journal: Journal, lesson: Lesson, script: Script, seed: str = SEED) -> bool:
    """Whether a script, played in a new room, comes out as it says."""
    return all(outcome.wrong is None for outcome in play(journal, lesson, script, seed))


def is_for(lesson: Lesson, script: Script) -> bool:
    """Whether a script is for a lesson, or for the variant that it is: it says so, or it was written for the lesson
    itself and comes out there as it says, which is tried.
    """
    if script.variant is not None or lesson.variant is None:
        return script.variant == lesson.variant
    with journal_of_nobody() as journal:
        return comes_out(journal, lesson, script)


def play_alone(hand: ScriptedRoom) -> Iterator[Judged]:
    """The engine plays every node, until the goals are reached, or nothing happens any more."""
    room = hand.room
    for node in room.lesson.rules.nodes:
        if node.id not in room.world.engines:
            room.teach(HandedOver(0, node.id, True))
    while room.world.at < MOST_MS:
        yield from hand.settle()
        wakes = bots.wakes_at(room.world)
        if room.done or wakes is None or bots.next_step(room.world) is not None:
            return
        hand.pass_time(wakes - room.world.at)


class _Playing:
    """A script on its way."""

    def __init__(self, hand: ScriptedRoom, script: Script) -> None:
        self._hand = hand
        self._script = script
        papers = {name: f"{DECK}-{number}" for number, name in enumerate(script.cards, 1)}
        self._ids = {name: papers[script.papers[name]] for name in script.cards}
        self._names = {id: name for name, id in papers.items()}

    def outcomes(self) -> Iterator[Outcome]:
        """Every scan, every step that was not as expected, and everything that engines did.

        A node that the engine plays from the start, and at which the script scans, is a station: it has its badge.
        """
        scanned = {step.node for step in self._script.steps if isinstance(step, ScanStep)}
        for node in sorted(self._hand.room.world.engines & scanned):
            self._hand.room.seat(node, node)
        yield from self._engines(0, self._hand.settle())
        for number, step in enumerate(self._script.steps, 1):
            self._hand.begin_step()
            yield from self._step(number, step)
            yield from self._engines(number, self._hand.settle())

    def _step(self, number: int, step: Step) -> Iterator[Outcome]:
        match step:
            case ScanStep():
                yield self._scan(number, step)
            case WaitStep(seconds=seconds):
                yield from self._engines(number, self._hand.wait(seconds))
            case SeatStep(badge=badge, node=node):
                self._hand.room.seat(badge, node)
            case ActStep():
                yield from self._act(number, step)
            case GoalStep(goal=goal, node=node):
                is_so = self._hand.room.reached(goal, node)
                told = f"the goal {goal} is {'reached' if is_so else 'not reached'}" + (f" by {node}" if node else "")
                wrong = None if is_so is step.reached else told
                yield Outcome(self._script, number, step, wrong=wrong)
            case TurnStep(node=node, code=code):
                owed = turn(self._hand.room.world, node)
                there = None if owed is None else owed.code
                wrong = None if there == code else f"{node} has to {there or 'do nothing'}, not {code or 'do nothing'}"
                yield Outcome(self._script, number, step, wrong=wrong)

    def _scan(self, number: int, step: ScanStep) -> Outcome:
        written = self._script.cards[step.card]
        if step.via is not None:
            written = replace(written, next_hop=step.via)
        if step.ttl is not None:
            written = replace(written, ttl=step.ttl)
        card = self._ids[step.card]
        if step.badge is not None:
            judged = self._hand.scan(step.badge, card, written)
        else:
            judged = self._hand.scan_at(step.node or "", card, written)
        return Outcome(self._script, number, step, judged, step.card, _wrong(step, judged))

    def _engines(self, number: int, judged: Iterator[Judged]) -> Iterator[Outcome]:
        for each in judged:
            yield Outcome(self._script, number, None, each, self._name(each))

    def _name(self, judged: Judged | None) -> str | None:
        card = None if judged is None else judged.ruling.card
        return None if card is None else self._names.get(card, card)

    def _act(self, number: int, step: ActStep) -> Iterator[Outcome]:
        """What a teacher does is told when the engine has played, or nothing could be done.

        A card is called as in the script; in the room it has its number.
        """
        act, wrong = step.act, None
        if isinstance(act, (CardLost, CardFound)):
            act = replace(act, card=self._ids[act.card])
        try:
            judged = self._hand.teach(act)
        except NothingDoneError as refused:
            if isinstance(act, PlayStep) or step.refused is not None:
                is_so = refused.ruling.reason
                wrong = None if step.refused == is_so else f"{is_so}, not {step.refused or 'a step of the engine'}"
            yield Outcome(self._script, number, step, wrong=wrong, refused=refused)
            return
        if step.refused is not None:
            wrong = f"it was done, not refused: {step.refused}"
        if judged is not None or wrong is not None:
            yield Outcome(self._script, number, step, judged, self._name(judged), wrong)


def _wrong(step: ScanStep, judged: Judged) -> str | None:
    ruling = judged.ruling
    there = (ruling.verdict.value, ruling.reason, ruling.charged or "nobody")
    wanted = (None if step.verdict is None else step.verdict.value, step.reason, step.charged)
    differ = [f"{is_}, not {want}" for is_, want in zip(there, wanted, strict=True) if want not in (None, is_)]
    return ", ".join(differ) or None
