"""The queue of alarms against a plain dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.simulator.alarms import Alarms, _Tree

SLEEPERS = "abcdefgh"

no_later_than = st.tuples(st.sampled_from(SLEEPERS), st.integers(0, 50))
without = st.sampled_from(SLEEPERS)
steps = st.lists(no_later_than | without | st.none(), max_size=60)
"""No later than; without; the earliest rings."""

Step = tuple[str, int] | str | None


def follow(alarms: Alarms[str], step: Step) -> Alarms[str]:
    if step is None:
        return alarms.rung()[0] if alarms.next is not None else alarms
    return alarms.without(step) if isinstance(step, str) else alarms.no_later_than(*step)


@given(steps)
def test_it_is_a_dict_of_which_the_earliest_rings_first(course: list[Step]) -> None:
    alarms: Alarms[str] = Alarms()
    model: dict[str, int] = {}
    for step in course:
        if step is None and alarms.next is not None:
            _, when, woken = alarms.rung()
            assert when == alarms.next
            assert woken is None or model.pop(woken) == when == min([when, *model.values()])
        elif isinstance(step, str):
            model.pop(step, None)
        elif step is not None:
            sleeper, when = step
            model[sleeper] = min(when, model.get(sleeper, when))
        alarms = follow(alarms, step)
        assert dict(alarms.times) == model
        assert not model or (alarms.next is not None and alarms.next <= min(model.values())), "never too late"


@given(steps)
def test_everybody_is_woken_once_at_his_time_and_in_order(course: list[Step]) -> None:
    alarms: Alarms[str] = Alarms()
    for step in course:
        alarms = follow(alarms, step)
    expected = sorted((when, sleeper) for sleeper, when in alarms.times.items())
    rang: list[tuple[int, str]] = []
    while alarms.next is not None:
        alarms, when, woken = alarms.rung()
        if woken is not None:
            rang.append((when, woken))
    assert sorted(rang) == expected
    assert [when for when, _ in rang] == [when for when, _ in expected]


@given(steps)
def test_the_same_steps_give_an_equal_queue_and_leave_the_old_one_alone(course: list[Step]) -> None:
    alarms: Alarms[str] = Alarms()
    olds = [alarms]
    for step in course:
        alarms = follow(alarms, step)
        olds.append(alarms)
    again: Alarms[str] = Alarms()
    for old, step in zip(olds, course, strict=False):
        assert old == again
        again = follow(again, step)
    assert alarms == again


def test_a_later_alarm_does_not_replace_an_earlier_one() -> None:
    alarms: Alarms[str] = Alarms()
    alarms = alarms.no_later_than("a", 5)
    assert alarms.no_later_than("a", 7) is alarms
    assert alarms.no_later_than("a", 3).next == 3


def test_who_was_taken_out_is_not_woken() -> None:
    alarms: Alarms[str] = Alarms()
    alarms = alarms.no_later_than("a", 5).without("a")
    assert alarms.rung() == (Alarms(), 5, None)


def test_nobody_sleeps_in_an_empty_queue() -> None:
    alarms: Alarms[str] = Alarms()
    assert alarms.next is None
    assert alarms.without("a") is alarms


def depth(tree: _Tree) -> int:
    return 1 + max(depth(tree[1]), depth(tree[2])) if tree else 0


def test_it_stays_balanced() -> None:
    """A thousand alarms are ten steps deep, however they came and went."""
    alarms: Alarms[int] = Alarms()
    for sleeper in range(2047):
        alarms = alarms.no_later_than(sleeper, sleeper)
    assert depth(alarms.tree) == 11
    for _ in range(1024):
        alarms, _, _ = alarms.rung()
    assert depth(alarms.tree) == 10
