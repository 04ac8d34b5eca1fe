"""So often at once, and so often in each second from then on: by a clock that a test sets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.allowance import Allowance
from tests.clock import Clock


def test_each_name_has_its_own_and_gets_it_back_little_by_little() -> None:
    clock = Clock()
    tries = Allowance(5, 5 / 60, clock=clock)
    assert [tries.take("one") for _ in range(7)] == [True] * 5 + [False] * 2
    assert tries.take("other")
    clock.now = 1000 + 11.9
    assert not tries.take("one")
    clock.now = 1000 + 12.0
    assert [tries.take("one") for _ in range(2)] == [True, False]
    clock.now = 1000 + 12.0 + 3600
    assert [tries.take("one") for _ in range(6)] == [True] * 5 + [False], "no more is saved than that"


def test_further_names_have_one_bucket_together_until_some_are_at_rest() -> None:
    clock = Clock()
    few = Allowance(2, 1, names=3, clock=clock)
    assert [few.take(name) for name in "abcdefg"] == [True] * 5 + [False] * 2
    assert (few.counted_as("a"), few.counted_as("z"), len(few)) == ("a", "", 4)
    clock.now = 1000 + 2.0
    assert few.take("z")
    assert (few.counted_as("z"), few.is_at_rest("a"), few.is_at_rest("z"), len(few)) == ("z", True, False, 1)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.integers(1, 50),
    st.floats(0.01, 50),
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3), st.integers(1, 4)), max_size=200),
)
def test_in_no_time_is_there_more_than_was_allowed_in_it(
    at_once: int, a_second: float, coming: list[tuple[str, float, int]]
) -> None:
    clock = Clock()
    allowance = Allowance(at_once, a_second, clock=clock)
    taken: list[tuple[float, str, int]] = []
    for name, pause, times in coming:
        clock.now += pause
        if allowance.take(name, times):
            taken.append((clock.now, name, times))
    for first, (began, name, _) in enumerate(taken):
        had = 0
        for at, who, times in taken[first:]:
            had += times if who == name else 0
            assert had <= at_once + a_second * (at - began) + 0.01
