from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from cards.reader import Found, Problem
from firmware.steady import GONE, Hold, Nothing, Steady, TooMany

PACKET = parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")
SIDE = 300.0


def card(serial: int, x: float = 400.0) -> Found:
    return Found(square(x), f"text of {serial}", PrintedCard(CardId("DEMO", serial), PACKET), None)


def foreign(text: str = "https://example.org") -> Found:
    return Found(square(400.0), text, None, Problem("card.foreign", "not one of ours"))


def square(x: float) -> tuple[tuple[float, float], ...]:
    return ((x, 200.0), (x + SIDE, 200.0), (x + SIDE, 200.0 + SIDE), (x, 200.0 + SIDE))


def watch(frames: Iterable[tuple[Found, ...]], every: float = 0.1) -> list[Hold | TooMany | Nothing]:
    """The events of frames that follow each other evenly."""
    steady = Steady()
    seen = (steady.see(n * every, found) for n, found in enumerate(frames))
    return [event for event in seen if event is not None]


def serials(events: Iterable[Hold | TooMany | Nothing]) -> list[int | str]:
    return [
        ("problem" if event.found.card is None else event.found.card.id.serial) if isinstance(event, Hold) else "many"
        for event in events
    ]


A, B, NONE, BOTH = (card(1),), (card(2),), (), (card(1), card(2))


def test_a_card_that_lies_there_counts_once() -> None:
    assert serials(watch([NONE, *[A] * 30])) == [1]


def test_it_counts_after_a_quarter_of_a_second_and_not_before() -> None:
    (event,) = watch([A] * 10, every=0.1)
    assert isinstance(event, Hold)
    assert (event.since, round(event.at, 3)) == (0.0, 0.3)


def test_two_sightings_are_enough_for_a_slow_camera() -> None:
    assert serials(watch([A, A], every=0.5)) == [1]


def test_a_glimpse_does_not_count() -> None:
    assert watch([NONE, A, A, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE]) == []


def test_a_card_in_motion_counts_when_it_has_come_to_rest() -> None:
    sliding = [(card(1, x=100.0 * n),) for n in range(8)]
    (event,) = watch([*sliding, *[(card(1, x=705.0),)] * 5])
    assert isinstance(event, Hold)
    assert round(event.since, 3) == 0.7


def test_a_card_that_trembles_lies_still() -> None:
    assert serials(watch([(card(1, x=400.0 + n % 2 * 10.0),) for n in range(10)])) == [1]


def test_a_card_that_was_taken_away_counts_again() -> None:
    assert serials(watch([*[A] * 5, *[NONE] * 8, *[A] * 5])) == [1, 1]


def test_a_card_that_is_missed_for_some_frames_was_not_taken_away() -> None:
    assert serials(watch([*[A] * 5, *[NONE] * 5, *[A] * 5, NONE, A, NONE, A])) == [1]


def test_a_camera_that_hangs_does_not_take_the_card_away() -> None:
    steady = Steady()
    times = [0.0, 0.3, 5.0, 5.3, 9.0, 9.3]
    assert sum(steady.see(at, A) is not None for at in times) == 1


def test_another_card_counts_as_soon_as_it_lies_there() -> None:
    assert serials(watch([*[A] * 5, *[B] * 5])) == [1, 2]


def test_the_first_card_counts_again_after_the_second() -> None:
    assert serials(watch([*[A] * 5, *[B] * 8, *[A] * 5])) == [1, 2, 1]


def test_two_cards_are_too_many_once_and_neither_counts() -> None:
    assert serials(watch([*[BOTH] * 20])) == ["many"]


def test_the_one_that_is_left_counts() -> None:
    assert serials(watch([*[BOTH] * 6, *[B] * 12])) == ["many", 2]


def test_a_card_that_was_counted_does_not_count_again_after_a_crowd() -> None:
    assert serials(watch([*[A] * 5, *[BOTH] * 6, *[A] * 20])) == [1, "many"]


def test_a_decoder_that_misses_one_of_two_does_not_scan_the_other() -> None:
    assert serials(watch([*[BOTH] * 4, *[A] * 4, BOTH, *[B] * 5, *[BOTH] * 4, *[A] * 4])) == ["many"]


def test_a_second_crowd_is_said_again() -> None:
    assert serials(watch([*[BOTH] * 5, *[NONE] * 8, *[BOTH] * 5])) == ["many", "many"]


def test_a_card_on_top_of_the_other_for_a_moment_is_no_crowd() -> None:
    assert serials(watch([*[A] * 5, BOTH, BOTH, *[B] * 12])) == [1, 2]


def test_two_prints_of_one_card_are_two_cards() -> None:
    assert serials(watch([(card(1, 100.0), card(1, 700.0))] * 5)) == ["many"]


def test_a_code_that_is_no_card_counts_once_with_its_problem() -> None:
    (event,) = watch([(foreign(),)] * 20)
    assert isinstance(event, Hold)
    assert event.found.problem == Problem("card.foreign", "not one of ours")


def test_a_clock_that_runs_backwards_does_no_harm() -> None:
    steady = Steady()
    assert [steady.see(at, A) for at in (5.0, 3.0, 1.0)] == [None] * 3


sightings = st.lists(
    st.tuples(
        st.floats(0.01, 1.0),
        st.lists(st.sampled_from([card(1), card(1, 900.0), card(2), foreign(), foreign("other")]), max_size=3),
    ),
    max_size=80,
)


@given(sightings)
def test_a_card_counts_at_most_once_between_two_absences(frames: list[tuple[float, list[Found]]]) -> None:
    steady = Steady()
    at = 0.0
    counted: set[str] = set()
    missing_since: dict[str, float] = {}
    for pause, found in frames:
        at += pause
        texts = {one.text for one in found}
        for text in list(counted):
            if text in texts:
                missing_since.pop(text, None)
            elif at - missing_since.setdefault(text, at) >= GONE:
                counted.discard(text)
                missing_since.pop(text)
        event = steady.see(at, tuple(found))
        if isinstance(event, Hold):
            assert event.found.text not in counted
            assert event.found in found
            assert len(found) == 1, "nothing is scanned while there are several"
            assert event.at - event.since >= 0.25
            counted.add(event.found.text)


def pressed(frames: Iterable[tuple[Found, ...]], at: int) -> list[Hold | TooMany | Nothing]:
    """The events of frames, with the button pressed before one of them."""
    steady, events = Steady(), []
    for n, found in enumerate(frames):
        if n == at:
            steady.ask()
        events.append(steady.see(n * 0.1, found))
    return [event for event in events if event is not None]


def test_the_button_scans_what_has_been_scanned_already_once_more() -> None:
    events = pressed([A] * 30, at=20)
    assert [type(event) for event in events] == [Hold, Hold]
    assert isinstance(events[1], Hold)
    assert (events[1].found.card, round(events[1].at, 3)) == (A[0].card, 2.0)


def test_the_button_does_not_wait_for_the_card_to_lie_still() -> None:
    (event,) = pressed([NONE, A, A, A, A, A], at=1)
    assert isinstance(event, Hold)
    assert round(event.at, 3) == 0.1


def test_the_button_waits_a_moment_for_a_card_and_then_says_that_there_is_none() -> None:
    assert [type(event) for event in pressed([NONE] * 10 + [A] * 10, at=0)] == [Hold]
    (event,) = pressed([NONE] * 40, at=0)
    assert isinstance(event, Nothing)
    assert 1.0 < event.at < 2.0


def test_the_button_with_two_cards_there_says_so() -> None:
    assert [type(event) for event in pressed([BOTH] * 20, at=10)] == [TooMany, TooMany]
