"""A badge that floods is slowed down, and the others do not notice: counted in messages, not in seconds on a wall."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.fairness import A_SECOND, AT_ONCE, MOST_NAMES, OCTETS, Shares


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_flood_of_one_badge_takes_nothing_from_the_others(clock: Clock) -> None:
    shares = Shares(clock)
    admitted = sum(shares.admit("b7", 300) for _ in range(50_000))
    assert admitted == AT_ONCE
    assert all(shares.admit(f"b{number}", 300) for number in range(100, 200))


def test_who_floods_has_a_few_each_second_and_a_pause_forgives_it(clock: Clock) -> None:
    shares = Shares(clock)
    while shares.admit("b7", 300):
        pass
    clock.now += 1
    assert sum(shares.admit("b7", 300) for _ in range(1000)) == A_SECOND
    clock.now += 3600
    assert sum(shares.admit("b7", 300) for _ in range(1000)) == AT_ONCE, "no more is saved than that"


def test_large_messages_count_for_more(clock: Clock) -> None:
    shares = Shares(clock)
    large = 512 * 1024
    assert sum(shares.admit("b7", large) for _ in range(1000)) == AT_ONCE // (1 + large // OCTETS)


def test_people_are_never_refused(clock: Clock) -> None:
    """Two cards a second, each with its handwriting, all day; and all that has waited for a hub, at once."""
    shares = Shares(clock)
    for _ in range(20_000):
        assert shares.admit("b1", 8_000)
        clock.now += 0.5
    assert all(shares.admit("b2", 8_000) for _ in range(60))


def test_names_that_are_made_up_have_one_share_together(clock: Clock) -> None:
    shares = Shares(clock)
    assert shares.admit("b1", 300)
    admitted = sum(shares.admit(f"x{number}", 300) for number in range(50_000))
    assert admitted == MOST_NAMES - 1 + AT_ONCE
    assert shares.admit("b1", 300), "who was there before is heard as ever"
    assert len(shares._paid_at) == MOST_NAMES + 1


def test_it_is_told_once_until_it_is_over(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    shares = Shares(clock, told.append)
    with caplog.at_level(logging.WARNING):
        for _ in range(5000):
            shares.admit("b7", 300)
    assert told == ["b7"]
    assert len(caplog.records) == 1
    assert "b7" in caplog.text
    clock.now += 60
    for _ in range(5000):
        shares.admit("b7", 300)
    assert told == ["b7", "b7"]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3), st.integers(0, 100_000)), max_size=300))
def test_whatever_comes_no_share_is_larger_than_it_may_be(coming: list[tuple[str, float, int]]) -> None:
    clock = Clock()
    shares = Shares(clock)
    began, had = clock.now, dict.fromkeys("abc", 0)
    for badge, pause, octets in coming:
        clock.now += pause
        if shares.admit(badge, octets):
            had[badge] += 1 + octets // OCTETS
        assert had[badge] <= AT_ONCE + A_SECOND * (clock.now - began) + 1
        assert len(shares._paid_at) <= 3
