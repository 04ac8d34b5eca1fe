"""A badge that floods is slowed down, and the others do not notice: counted in messages, not in seconds on a wall."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.broker import MOST_WAITING, BrokerEdge
from hub.fairness import A_SECOND, AT_ONCE, MOST_NAMES, OCTETS, Shares
from hub.messages import Down, Problem, Scan, encode, topic
from tests.clock import Clock
from tests.hub.judges import OnlyScans


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
    assert len(shares._allowance) == MOST_NAMES + 1


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
        assert len(shares._allowance) <= 3


class Ear:
    """A session with no broker: a test says what arrives."""

    up = True

    def __init__(self, *arguments: object, **given: Any) -> None:
        self.hear, self.pause = given["on_message"], given["on_pause"]

    def start(self) -> None:
        pass

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        return True

    def stop(self) -> None:
        pass


class Judge(OnlyScans):
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scans(self, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        self.asked += [scan.badge for scan in scans]


def _said(badge: str, counter: int) -> tuple[str, bytes]:
    scan = Scan(badge, "ab" * 8, counter, counter, problem=Problem("card.damaged"))
    return topic(scan), encode(scan)


def _edge(clock: Clock) -> tuple[Judge, Ear]:
    ears: list[Ear] = []

    def line(*arguments: object, **given: Any) -> Ear:
        ears.append(Ear(*arguments, **given))
        return ears[-1]

    judge = Judge()
    BrokerEdge(judge, "mqtt://nowhere", line=line, clock=clock)
    return judge, ears[0]


def test_whoever_comes_after_a_flood_waits_for_no_more_of_it_than_its_share(clock: Clock) -> None:
    judge, ear = _edge(clock)
    for counter in range(1, 20_000):
        ear.hear(*_said("b7", counter))
        ear.hear(_said("b7", 1)[0], b"{" * 3000)
    ear.hear(*_said("b1", 1))
    while ear.pause():
        pass
    assert judge.asked.index("b1") <= AT_ONCE
    for second in range(1, 10):
        clock.now += 1
        judge.asked.clear()
        for counter in range(1, 5_000):
            ear.hear(*_said("b7", counter))
        ear.hear(*_said("b1", second + 1))
        while ear.pause():
            pass
        assert judge.asked == ["b7"] * A_SECOND + ["b1"]


def test_what_waits_is_bounded_when_everybody_comes_at_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    judge, ear = _edge(clock)
    for number in range(150):
        for counter in range(1, AT_ONCE + 1):
            ear.hear(*_said(f"b{number}", counter))
    assert "let go" in caplog.text
    while ear.pause():
        pass
    assert len(judge.asked) == MOST_WAITING
    ear.hear(*_said("late", 1))
    assert not ear.pause()
    assert judge.asked[-1] == "late"
