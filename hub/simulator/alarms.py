"""Who is to be woken when: a queue of alarms that shares structure from step to step.

Setting an alarm and taking the earliest one cost the logarithm of how many there are, and leave older queues as they
were: a Braun tree, whose left side has as many alarms as its right side, or one more (Okasaki, "Three algorithms on
Braun trees", 1997).
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from immutables import Map
from msgspec.structs import replace

K = TypeVar("K")
_SPARE = 16

_Alarm = tuple[int, Any]
_Tree = tuple[_Alarm, "_Tree", "_Tree"] | tuple[()]


class Alarms(msgspec.Struct, Generic[K], frozen=True, gc=False):
    """One alarm for each sleeper, in ms of lesson time. A sleeper is woken at its time or before, never after it: who
    is woken too early sets the next alarm. Alarms that were replaced stay in the tree until their time comes, or until
    they are more than the others. size: alarms in the tree.
    """

    tree: _Tree = ()
    size: int = 0
    times: Map[K, int] = msgspec.field(default_factory=Map)

    @property
    def next(self) -> int | None:
        """When to look again; None: never."""
        return self.tree[0][0] if self.tree else None

    def no_later_than(self, sleeper: K, when: int) -> Alarms[K]:
        """`sleeper` is woken at `when` at the latest."""
        before = self.times.get(sleeper)
        if before is not None and before <= when:
            return self
        times = self.times.set(sleeper, when)
        if self.size < 2 * len(times) + _SPARE:
            return Alarms(_put(self.tree, (when, sleeper)), self.size + 1, times)
        tree: _Tree = ()
        for alarm in sorted((at, each) for each, at in times.items()):
            tree = _put(tree, alarm)
        return Alarms(tree, len(times), times)

    def without(self, sleeper: K) -> Alarms[K]:
        """`sleeper` is not woken any more."""
        return replace(self, times=self.times.delete(sleeper)) if sleeper in self.times else self

    def rung(self) -> tuple[Alarms[K], int, K | None]:
        """The queue without its earliest alarm, when that was, and whom it woke: None when it had been replaced."""
        assert self.tree, "there is no alarm"
        when, sleeper = self.tree[0]
        tree = _without_earliest(self.tree)
        if self.times.get(sleeper) != when:
            return Alarms(tree, self.size - 1, self.times), when, None
        return Alarms(tree, self.size - 1, self.times.delete(sleeper)), when, sleeper


def _put(tree: _Tree, alarm: _Alarm) -> _Tree:
    """The queue with one alarm more."""
    if not tree:
        return (alarm, (), ())
    earliest, left, right = tree
    if alarm < earliest:
        earliest, alarm = alarm, earliest
    return (earliest, _put(right, alarm), left)


def _without_earliest(tree: _Tree) -> _Tree:
    """The queue without the alarm that comes first; there must be one."""
    assert tree
    _, left, right = tree
    if not left:
        return ()
    last, left = _some(left)
    return _sifted(last, right, left)


def _some(tree: _Tree) -> tuple[_Alarm, _Tree]:
    """Any alarm, and the queue without it, still balanced."""
    assert tree
    earliest, left, right = tree
    if not left:
        return earliest, ()
    some, left = _some(left)
    return some, (earliest, right, left)


def _sifted(alarm: _Alarm, left: _Tree, right: _Tree) -> _Tree:
    """A queue from one alarm, wherever it belongs, and two sides that are in order."""
    if not left:
        return (alarm, (), ())
    if alarm <= left[0] and (not right or alarm <= right[0]):
        return (alarm, left, right)
    if not right or left[0] <= right[0]:
        return (left[0], _sifted(alarm, left[1], left[2]), right)
    return (right[0], left, _sifted(alarm, right[1], right[2]))
