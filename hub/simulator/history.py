"""The course of a room: what happened, in order, and what came of it. A move can be taken back, and made after all.

The same events give the same world: taking a move back is playing the others again. What the engine did since goes
along, when it would have been judged otherwise then. When a move of people would have been, somebody has acted on it,
and it is refused.
"""

from __future__ import annotations

import copy
from bisect import bisect_left

import msgspec

from hub.simulator.events import Event, Forgiven, Passed, Played, Redone, RoundBegan, Scanned, TeacherMove, Undone
from hub.simulator.goals import Goal, tally
from hub.simulator.referee import judge
from hub.simulator.rounds import Tally, new_tally
from hub.simulator.teacher import nothing_done, refusal
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import World

EVERY = 256
"""Events from one world that is kept to the next: so many are played again at most, beside those that came since."""
MOST_KEPT = 64
"""Worlds that are kept; what happened before the oldest is not taken back any more."""


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What comes of an event: rulings, and world and tally after it."""

    event: Event
    rulings: tuple[Ruling, ...]
    world: World
    tally: Tally


class _Past(msgspec.Struct, frozen=True, gc=False):
    """An event and what was said of it. number: its place among all that ever happened, also those taken back.

    moved: it was a move of `node`, and changed something.
    """

    number: int
    event: Event
    rulings: tuple[Ruling, ...]
    node: str | None
    moved: bool


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """World and tally before the event with this number, and those that come after it."""

    number: int
    world: World
    tally: Tally


class Since(msgspec.Struct, frozen=True):
    """From where a course goes on. number: how many events have ever happened."""

    number: int
    world: World
    tally: Tally


class History:
    """A room's course from a world on. world, tally: as they are now."""

    def __init__(self, world: World, goals: tuple[Goal, ...] = ()) -> None:
        self._goals = goals
        self._next = 0
        self._past: list[_Past] = []
        self._kept = [_Kept(0, world, new_tally(world))]
        self._undone: dict[str, list[tuple[_Past, ...]]] = {}
        self.world, self.tally = world, self._kept[0].tally

    @classmethod
    def going_on(cls, since: Since, goals: tuple[Goal, ...] = ()) -> History:
        """A course of which only the end is known: what was before is not taken back."""
        other = cls(since.world, goals)
        other._next = since.number
        other._kept = [_Kept(since.number, since.world, since.tally)]
        other.tally = since.tally
        return other

    @property
    def since(self) -> Since:
        """All that is needed to go on from here."""
        return Since(self._next, self.world, self.tally)

    def judge(self, event: Event) -> Judgement:
        """What would come of an event; nothing has happened yet."""
        world, rulings = judge(self.world, event)
        return Judgement(event, rulings, world, tally(self.tally, self._goals, event, self.world, world, rulings))

    def take(self, event: Event) -> tuple[Ruling, ...]:
        """An event happens."""
        judgement = self.judge(event)
        self.keep(judgement)
        return judgement.rulings

    def keep(self, judgement: Judgement) -> None:
        """What was judged last happens: nothing else has in the meantime."""
        event, rulings, before = judgement.event, judgement.rulings, self.world
        self.world, self.tally = judgement.world, judgement.tally
        if isinstance(event, Passed):
            return  # the next event makes the same timers fire at the same moments
        node = rulings[0].node if rulings else None
        moved = isinstance(event, Scanned | Played) and _has_moved(event.card, rulings[0], before, self.world)
        self._past.append(_Past(self._next, event, rulings, node, moved))
        self._next += 1
        if moved and node is not None:
            self._undone.pop(node, None)
        if isinstance(event, RoundBegan):
            self._undone.clear()
        self._remember(self._next)
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(0)
            del self._past[: self._at(self._kept[0].number)]

    def copy(self) -> History:
        """The same course, to try something on: what happens to one does not happen to the other."""
        other = copy.copy(self)
        other._past, other._kept = list(self._past), list(self._kept)
        other._undone = {node: list(moves) for node, moves in self._undone.items()}
        return other

    def move(self, move: TeacherMove) -> Ruling | None:
        """A teacher's move. A ruling: it cannot be made, nothing has happened, and why."""
        refused = refusal(self.world, move)
        if refused is not None:
            return refused
        match move:
            case Undone(node=node):
                return self._undo(node)
            case Redone(node=node):
                return self._redo(node)
            case Forgiven(node=node) if not self.tally.mistakes(node):
                return nothing_done(self.world, "room.no-mistake", node)
            case _:
                self.take(move)
                return None

    def _undo(self, node: str) -> Ruling | None:
        """Take the last move of a node back, and what the engine has made of it, unless somebody has acted on it."""
        at = self._last_move(node)
        if at is None:
            return nothing_done(self.world, "room.nothing-to-undo", node)
        move = self._past[at]
        along: list[_Past] = []
        otherwise = self._again([*self._past[:at], *self._past[at + 1 :]], move.number, along)
        if otherwise is not None:
            reason = "room.acted-on" if otherwise.moved else "room.told-since"
            return nothing_done(self.world, reason, node, otherwise.node)
        self._undone.setdefault(node, []).append((move, *along))
        return None

    def _redo(self, node: str) -> Ruling | None:
        """Make the move after all that was taken back last, and what went along, at its place, unless it does not fit
        there any more.
        """
        undone = self._undone.get(node)
        if not undone or undone[-1][0].number < self._kept[0].number:
            return nothing_done(self.world, "room.nothing-to-redo", node)
        moves = undone[-1]
        past = sorted([*self._past, *moves], key=lambda past: past.number)
        otherwise = self._again(past, moves[0].number)
        if otherwise is not None:
            return nothing_done(self.world, "room.moved-since", node, otherwise.node)
        undone.pop()
        return None

    def _at(self, number: int) -> int:
        """Where the event with this number stands in the past, or would stand."""
        return bisect_left(self._past, number, key=lambda past: past.number)

    def _remember(self, number: int) -> None:
        """Keep the world before the event with this number, when it is some way from the last that was kept."""
        if number - self._kept[-1].number >= EVERY:
            self._kept.append(_Kept(number, self.world, self.tally))

    def _last_move(self, node: str) -> int | None:
        for at in range(len(self._past) - 1, -1, -1):
            past = self._past[at]
            if isinstance(past.event, RoundBegan):
                return None
            if past.moved and past.node == node:
                return at
        return None

    def _again(self, past: list[_Past], number: int, along: list[_Past] | None = None) -> _Past | None:
        """Play another past from event `number` on; the first event that is judged otherwise then, and nothing has
        changed. along: gets what the engine did that is judged otherwise, which is left out.
        """
        before = self.world, self.tally, self._past, self._kept
        kept = [each for each in self._kept if each.number <= number]
        now, at = self.world.at, self._at(kept[-1].number)
        self.world, self.tally = kept[-1].world, kept[-1].tally
        self._past, self._kept = past[:at], kept
        for each in past[at:]:
            judgement = self.judge(each.event)
            if [_said(ruling) for ruling in judgement.rulings] != [_said(ruling) for ruling in each.rulings]:
                if along is not None and isinstance(each.event, Played) and each.event.node in self.world.engines:
                    along.append(each)
                    continue
                self.world, self.tally, self._past, self._kept = before
                return each
            self.world, self.tally = judgement.world, judgement.tally
            self._past.append(each)
            self._remember(each.number + 1)
        judgement = self.judge(Passed(now))
        self.world, self.tally = judgement.world, judgement.tally
        return None


def _has_moved(card: str | None, ruling: Ruling, before: World, after: World) -> bool:
    """Every move changes its packet; what was stopped, unread or shown again is none."""
    if card is None or ruling.verdict is Verdict.STOPPED:
        return False
    return after.instances.get(card) is not before.instances.get(card)


def _said(ruling: Ruling) -> tuple[object, ...]:
    return ruling.verdict, ruling.reason, ruling.node, ruling.card, ruling.goes_to
