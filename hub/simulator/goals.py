"""Goals: who has reached which, a fold over what the referee says. The tally that it keeps is in `rounds`.

Whoever calls `judge` calls `tally` with the same event, and has at every moment who has reached what. A tally is a
value like the world: the same events give the same one, and steps share structure. A move that is taken back has never
been made (`history`): nothing here needs to know of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from hub.simulator.events import Event, Forgiven, Hinted, Played, RoundBegan, Scanned
from hub.simulator.rounds import NEVER, NOBODY, Round, Tally, forgiven, hinted, new_round, noted
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.when import Earner, Seen, When, candidates, ends, is_so, matches, seen, several
from hub.simulator.world import World, advance

K = TypeVar("K")
V = TypeVar("V")


class Goal(msgspec.Struct, frozen=True, cache_hash=True):
    """What is to be reached. who: the nodes that can earn it, each by itself; none: the room does.

    count: how often it must happen. What is so happens when it begins to be so; the first time it is enough that it is
    so, after the goals that come first. after: the ids of these: reached by the same node where it can earn them, by
    all who can where it cannot. points: for whoever earns it. quest: for who is early; a lesson is done without it.
    """

    id: str
    title: str
    when: When
    who: tuple[str, ...] = ()
    count: int = 1
    after: tuple[str, ...] = ()
    points: int = 1
    quest: bool = False

    @property
    def earners(self) -> tuple[Earner, ...]:
        """All who can earn it."""
        return self.who or (None,)


def reached(t: Round, goals: tuple[Goal, ...], goal: str, node: str | None = None) -> bool:
    """Whether a goal is reached: by a node, or (None) by all who can earn it."""
    if node is not None:
        return t.reached_at(goal, node) is not None
    return any(_by_all(t, each) for each in goals if each.id == goal)


def done(t: Round, goals: tuple[Goal, ...]) -> bool:
    """Whether every goal that is no quest is reached by all who can earn it. A lesson without goals is never done."""
    wanted = [goal for goal in goals if not goal.quest]
    return bool(wanted) and all(_by_all(t, goal) for goal in wanted)


def tally(
    t: Tally, goals: tuple[Goal, ...], event: Event, before: World, world: World, rulings: tuple[Ruling, ...]
) -> Tally:
    """The tally after an event: `judge(before, event)` has given `world` and `rulings`. Call it once for every event.

    What is so is looked at only where something has happened: where a packet was scanned, where a timer ran out, and
    for goals that follow one that was reached. What a teacher does reaches no goal.
    """
    index = _index(goals)
    t = _timers(t, index, before, event.at)
    before = advance(before, event.at)
    match event:
        case Scanned() | Played():
            t = replace(t, scans=t.scans + 1)
            for ruling in rulings:
                t = _brought(t, index, event, before, world, ruling)
            return t
        case RoundBegan():
            return new_round(t, world)
        case Forgiven(node=node):
            return forgiven(t, node)
        case Hinted(node=node):
            return hinted(t, node)
        case _:
            return t


# Which goals something can mean


@dataclass(frozen=True, slots=True)
class _Index:
    """Goals by what they ask for. packet: by a reason code, by a verdict, or (None) by neither.

    state: of those that ask only what is so, by the node where it would be, with who would earn them; at the node and
    its peer: by both. following: the goals that come after one.
    """

    by_id: dict[str, Goal]
    packet: dict[str | Verdict | None, tuple[Goal, ...]]
    state: dict[str | None, tuple[tuple[Goal, Earner], ...]]
    state_with: dict[tuple[str | None, str | None], tuple[tuple[Goal, Earner], ...]]
    following: dict[str, tuple[Goal, ...]]

    def for_packet(self, ruling: Ruling) -> Iterator[Goal]:
        """Goals that ask for a packet, perhaps this one."""
        for key in (ruling.reason, ruling.verdict, None):
            yield from self.packet.get(key, ())

    def for_state(self, node: str, peers: Iterable[str]) -> Iterator[tuple[Goal, Earner]]:
        """Goals that ask what is so at a node, by itself and with these peers."""
        for peer in (None, *peers):
            yield from self.state_with.get((node, peer), ())


@lru_cache(maxsize=64)
def _index(goals: tuple[Goal, ...]) -> _Index:
    packet: dict[str | Verdict | None, list[Goal]] = {}
    state: dict[str | None, list[tuple[Goal, Earner]]] = {}
    state_with: dict[tuple[str | None, str | None], list[tuple[Goal, Earner]]] = {}
    following: dict[str, list[Goal]] = {}
    for goal in goals:
        when = goal.when
        if when.of_packet:
            keys: tuple[str | Verdict | None, ...] = several(when.reason) or several(when.verdict) or (None,)
            for key in keys:
                packet.setdefault(key, []).append(goal)
            continue
        for earner in goal.earners:
            for node in when.nodes(when.at, earner):
                state.setdefault(node, []).append((goal, earner))
                for peer in when.nodes(when.peer, earner) or (None,):
                    state_with.setdefault((node, peer), []).append((goal, earner))
        for first in goal.after:
            following.setdefault(first, []).append(goal)
    return _Index(
        {goal.id: goal for goal in goals}, _frozen(packet), _frozen(state), _frozen(state_with), _frozen(following)
    )


def _frozen(lists: dict[K, list[V]]) -> dict[K, tuple[V, ...]]:
    return {key: tuple(each) for key, each in lists.items()}


# A move is made


def _brought(t: Tally, index: _Index, event: Scanned | Played, before: World, world: World, ruling: Ruling) -> Tally:
    """The tally after a ruling."""
    if ruling.repeated:
        return t
    packet = seen(before, ruling)
    after = noted(t, event, world.at, ruling)
    if ruling.node is None:
        return after
    happened: list[tuple[str, Earner]] = []
    for goal in index.for_packet(ruling):
        for earner in candidates(goal.when, goal.who, packet):
            if _open(t, index, goal, earner) and _met(goal.when, earner, packet, world):
                after = _happened(after, goal, earner, world.at)
                happened.append((goal.id, earner))
    touched = [*_following(index, happened, after), *index.for_state(ruling.node, ends(world, ruling))]
    return _begun(after, index, touched, before, world, world.at)


def _met(when: When, earner: Earner, packet: Seen, world: World) -> bool:
    return matches(when, earner, packet) and is_so(when, earner, world)


def _begun(
    t: Tally, index: _Index, touched: Iterable[tuple[Goal, Earner]], before: World, world: World, at: int
) -> Tally:
    """Goals that ask what is so, and what they lead to."""
    begun: list[tuple[str, Earner]] = []
    waiting = deque(touched)
    while waiting:
        goal, earner = waiting.popleft()
        if (goal.id, earner) in begun or not _open(t, index, goal, earner) or not is_so(goal.when, earner, world):
            continue
        if t.count(goal.id, earner) and is_so(goal.when, earner, before):
            continue
        t = _happened(t, goal, earner, at)
        begun.append((goal.id, earner))
        waiting.extend(_following(index, [(goal.id, earner)], t))
    return t


def _following(index: _Index, happened: Iterable[tuple[str, Earner]], t: Tally) -> Iterator[tuple[Goal, Earner]]:
    """Goals that ask what is so, and come after goals that were just reached."""
    for first, earner in happened:
        if t.reached_at(first, earner) is None:
            continue
        for goal in index.following.get(first, ()):
            for each in (earner,) if earner in goal.who else goal.earners:
                yield goal, each


def _timers(t: Tally, index: _Index, world: World, at: int) -> Tally:
    """Where a timer has run out by `at` (ms) something else may be so, since that moment: whoever looks at the clock in
    between changes nothing.
    """
    while index.state and (when := world.alarms.next) is not None and when <= at:
        alarms, woken = world.alarms, set[str]()
        while alarms.next is not None and alarms.next <= when:
            alarms, _, node = alarms.rung()
            woken |= set() if node is None else {node}
        after = advance(world, when)
        for node in sorted(woken):
            t = _begun(t, index, index.state.get(node, ()), world, after, after.at)
        world = after
    return t


# Goals are reached


def _open(t: Round, index: _Index, goal: Goal, earner: Earner) -> bool:
    """Not reached yet, and everything that comes first is."""
    return t.reached_at(goal.id, earner) is None and all(_came(t, index.by_id[first], earner) for first in goal.after)


def _came(t: Round, first: Goal, earner: Earner) -> bool:
    return t.reached_at(first.id, earner) is not None if earner in first.who else _by_all(t, first)


def _by_all(t: Round, goal: Goal) -> bool:
    return len(t.reached.get(goal.id, NOBODY)) == len(goal.earners)


def _happened(t: Tally, goal: Goal, earner: Earner, at: int) -> Tally:
    times = (*t.times.get(goal.id, NEVER).get(earner, ()), at)
    t = replace(t, times=t.times.set(goal.id, t.times.get(goal.id, NEVER).set(earner, times)))
    if len(times) < goal.count:
        return t
    return replace(t, reached=t.reached.set(goal.id, t.reached.get(goal.id, NOBODY).set(earner, times[-1])))
