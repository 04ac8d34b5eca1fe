"""The feed: nobody misses anything, nobody holds anybody up."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.feed import RESET, Event, Feed, Following

SOON = 10.0


def _take(following: Following, count: int) -> list[Event]:
    events = [event for event in itertools.islice(following, count) if event is not None]
    assert len(events) == count, "a heartbeat came where an event was due"
    return events


def test_an_event_is_told_with_its_id_name_and_data_on_one_line() -> None:
    feed = Feed()
    following = feed.follow()
    name = feed.publish("change", {"sentence": "two\nlines", "octets": "\xff"})
    (event,) = _take(following, 1)
    assert event.id == name == feed.last_id
    assert event.name == "change"
    assert event.json == '{"sentence":"two\\nlines","octets":"\xff"}'


def test_ids_count_from_one_and_each_feed_has_its_own_start() -> None:
    feed, other = Feed(), Feed()
    assert feed.last_id.endswith("-0")
    assert [feed.publish("change", {}).partition("-")[2] for _ in range(3)] == ["1", "2", "3"]
    assert feed.last_id.partition("-")[0] != other.last_id.partition("-")[0]


def test_data_is_told_as_it_was_when_it_was_published() -> None:
    feed = Feed()
    following = feed.follow()
    data = {"round": 1}
    feed.publish("change", data)
    data["round"] = 2
    assert _take(following, 1)[0].json == '{"round":1}'


def test_who_comes_back_is_told_exactly_what_was_missed() -> None:
    feed = Feed()
    names = [feed.publish("change", {"n": n}) for n in range(5)]
    assert [event.id for event in _take(feed.follow(names[1]), 3)] == names[2:]


def test_who_comes_new_is_told_only_what_comes_from_now_on() -> None:
    feed = Feed()
    feed.publish("change", {"n": 1})
    following = feed.follow()
    latest = feed.publish("change", {"n": 2})
    assert _take(following, 1)[0].id == latest


def test_from_the_id_before_the_first_event_all_is_told() -> None:
    feed = Feed()
    before = feed.last_id
    first = feed.publish("change", {})
    assert _take(feed.follow(before), 1)[0].id == first


def test_who_was_away_for_longer_than_the_memory_is_told_to_start_afresh_and_goes_on_from_there() -> None:
    feed = Feed(memory=3)
    first = feed.publish("change", {})
    for _ in range(4):
        latest = feed.publish("change", {})
    following = feed.follow(first)
    assert _take(following, 1) == [Event(latest, "reset", "{}")]
    after = feed.publish("change", {})
    assert _take(following, 1)[0].id == after


def test_the_oldest_event_that_is_still_remembered_is_told_without_a_reset() -> None:
    feed = Feed(memory=3)
    names = [feed.publish("change", {}) for _ in range(4)]
    assert [event.id for event in _take(feed.follow(names[0]), 3)] == names[1:]


@pytest.mark.parametrize(
    "stale", ["", "0123abcd-1", "rubbish", "-", "-1", "1-", "\u0663", "0123abcd-99999999999999999999"]
)
def test_an_id_of_another_feed_or_rubbish_gives_a_reset(stale: str) -> None:
    feed = Feed()
    feed.publish("change", {})
    assert _take(feed.follow(stale), 1)[0].name == "reset"


def test_an_id_that_is_not_given_yet_gives_a_reset() -> None:
    feed = Feed()
    start = feed.last_id.partition("-")[0]
    assert _take(feed.follow(f"{start}-1"), 1)[0].name == "reset"


def test_a_viewer_who_is_too_slow_is_told_to_start_afresh_and_holds_nobody_up() -> None:
    feed = Feed(memory=10)
    slow = feed.follow()
    for _ in range(1000):
        latest = feed.publish("change", {})
    assert _take(slow, 1) == [Event(latest, "reset", "{}")]


def test_when_it_is_quiet_there_is_a_heartbeat_and_then_the_next_event() -> None:
    feed = Feed()
    following = feed.follow(heartbeat_s=0.001)
    assert next(following) is None
    assert next(following) is None
    feed.publish("change", {})
    assert next(following) is not None


def test_closing_the_feed_ends_everybody_after_what_was_published() -> None:
    feed = Feed()
    following = feed.follow()
    feed.publish("change", {})
    feed.close()
    assert [event.name for event in following if event] == ["change"]


def test_closing_the_feed_wakes_a_waiting_viewer() -> None:
    feed = Feed()
    ended = threading.Event()
    following = feed.follow()

    def watch() -> None:
        for _ in following:
            pass
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    feed.close()
    assert ended.wait(SOON)


def test_closing_one_viewer_leaves_the_others() -> None:
    feed = Feed()
    one, other = feed.follow(), feed.follow()
    feed.publish("change", {})
    one.close()
    assert list(one) == []
    assert _take(other, 1)[0].name == "change"


def test_fifty_viewers_all_see_everything_in_order() -> None:
    feed = Feed()
    viewers = [feed.follow() for _ in range(50)]
    seen: list[list[str]] = [[] for _ in viewers]

    def watch(n: int) -> None:
        seen[n] += [event.id for event in viewers[n] if event]

    threads = [threading.Thread(target=watch, args=(n,), daemon=True) for n in range(len(viewers))]
    for thread in threads:
        thread.start()
    names = [feed.publish("change", {"n": n}) for n in range(100)]
    feed.close()
    for thread in threads:
        thread.join(SOON)
    assert seen == [names] * len(viewers)


def test_publishers_at_the_same_moment_get_ids_of_their_own() -> None:
    feed = Feed()
    names: list[str] = []

    def publish() -> None:
        names.extend(feed.publish("change", {}) for _ in range(200))

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert len(set(names)) == 800
    assert feed.last_id.endswith("-800")


@given(memory=st.integers(1, 8), published=st.integers(0, 20), known=st.integers(0, 20))
def test_a_viewer_misses_nothing_or_is_told_so(memory: int, published: int, known: int) -> None:
    feed = Feed(memory)
    names = [feed.last_id] + [feed.publish("change", {}) for _ in range(published)]
    known = min(known, published)
    feed.close()
    told = [event for event in feed.follow(names[known]) if event]
    if published - known > memory:
        assert [(event.name, event.id) for event in told] == [("reset", names[-1])]
    else:
        assert [event.id for event in told] == names[known + 1 :]


@pytest.mark.parametrize("name", ["", "two words", "line\nbreak", "UPPER"])
def test_a_name_that_would_break_the_stream_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an event"):
        Feed().publish(name, {})


def test_what_has_come_in_the_meantime_is_had_at_once() -> None:
    feed = Feed()
    following = feed.follow()
    for n in range(3):
        feed.publish("change", {"n": n})
    first = next(following)
    assert first is not None
    assert [event.json for event in (first, *following.waiting())] == ['{"n":0}', '{"n":1}', '{"n":2}']
    assert following.waiting() == []


def test_who_is_too_late_has_nothing_at_once_and_starts_afresh() -> None:
    feed = Feed(memory=2)
    following = feed.follow()
    for n in range(3):
        feed.publish("change", {"n": n})
    assert following.waiting() == []
    late = next(following)
    assert late is not None
    assert late.name == RESET
