"""The course of a room: what happened, in order, and what came of it. A move can be taken back, and made after all.

The same events give the same world: taking a move back is playing the others again. It is refused when something that
was said since would then have been said otherwise: somebody has acted on it.
"""

from __future__ import annotations

import msgspec

from hub.simulator.events import Event, Passed, Played, RoundBegan, Scanned
from hub.simulator.goals import Goal, Tally, new_tally, tally
from hub.simulator.referee import judge
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
    """An event and what was said of it. moved: it was a move of `node`, and changed something."""

    event: Event
    rulings: tuple[Ruling, ...]
    node: str | None
    moved: bool


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """World and tally before the event with this number."""

    number: int
    world: World
    tally: Tally


class History:
    """A room's course from a world on. world, tally: as they are now."""

    def __init__(self, world: World, goals: tuple[Goal, ...] = ()) -> None:
        self._goals = goals
        self._first = 0
        self._past: list[_Past] = []
        self._kept = [_Kept(0, world, new_tally(world))]
        self._undone: dict[str, list[tuple[int, _Past]]] = {}
        self.world, self.tally = world, self._kept[0].tally

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
        self._past.append(_Past(event, rulings, node, moved))
        if moved and node is not None:
            self._undone.pop(node, None)
        if isinstance(event, RoundBegan):
            self._undone.clear()
        number = self._first + len(self._past)
        if number - self._kept[-1].number >= EVERY:
            self._remember(number)

    def undo(self, node: str) -> bool:
        """Take the last move of a node back; False when it has none, or somebody has acted on it."""
        number = self._last_move(node)
        if number is None:
            return False
        at = number - self._first
        move = self._past[at]
        if not self._again([*self._past[:at], *self._past[at + 1 :]], number):
            return False
        self._shift(number, -1)
        self._undone.setdefault(node, []).append((number, move))
        return True

    def redo(self, node: str) -> bool:
        """Make the move after all that was taken back last, at its place; False when it does not fit there any more."""
        undone = self._undone.get(node, [])
        if not undone:
            return False
        number, move = undone[-1]
        at = number - self._first
        if at < 0 or not self._again([*self._past[:at], move, *self._past[at:]], number):
            return False
        undone.pop()
        self._shift(number, 1)
        return True

    def _remember(self, number: int) -> None:
        self._kept.append(_Kept(number, self.world, self.tally))
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(0)
            forgotten = self._kept[0].number - self._first
            del self._past[:forgotten]
            self._first = self._kept[0].number

    def _shift(self, number: int, by: int) -> None:
        """The other moves that were taken back keep their places when one before them goes or comes."""
        for node, undone in self._undone.items():
            self._undone[node] = [(each + by if each >= number else each, move) for each, move in undone]

    def _last_move(self, node: str) -> int | None:
        for at in range(len(self._past) - 1, -1, -1):
            past = self._past[at]
            if isinstance(past.event, RoundBegan):
                return None
            if past.moved and past.node == node:
                return self._first + at
        return None

    def _again(self, past: list[_Past], number: int) -> bool:
        """Play another past from event `number` on; False, and nothing is changed, when others are judged otherwise."""
        kept = [each for each in self._kept if each.number <= number]
        before = self.world, self.tally, self._past, self._kept
        now, at = self.world.at, kept[-1].number - self._first
        self.world, self.tally = kept[-1].world, kept[-1].tally
        self._past, self._kept = past[:at], kept
        for each in past[at:]:
            judgement = self.judge(each.event)
            rulings, self.world, self.tally = judgement.rulings, judgement.world, judgement.tally
            if [_said(ruling) for ruling in rulings] != [_said(ruling) for ruling in each.rulings]:
                self.world, self.tally, self._past, self._kept = before
                return False
            self._past.append(each)
            if self._first + len(self._past) - self._kept[-1].number >= EVERY:
                self._kept.append(_Kept(self._first + len(self._past), self.world, self.tally))
        judgement = self.judge(Passed(now))
        self.world, self.tally = judgement.world, judgement.tally
        return True


def _has_moved(card: str | None, ruling: Ruling, before: World, after: World) -> bool:
    """Every move changes its packet; what was stopped, unread or shown again is none."""
    if card is None or ruling.verdict is Verdict.STOPPED:
        return False
    return after.instances.get(card) is not before.instances.get(card)


def _said(ruling: Ruling) -> tuple[object, ...]:
    return ruling.verdict, ruling.reason, ruling.node, ruling.card, ruling.goes_to
