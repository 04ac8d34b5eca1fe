"""A round that nobody plays any more makes way for the next: by itself, or by the card of a new player."""

from __future__ import annotations

from pathlib import Path

import pytest

from cards.notation import write
from hub.lessons import LessonError, from_text, load
from hub.lessons.lesson import ScanStep
from hub.messages import Answer, BadgeStatus, Scan, Verdict
from hub.records import RoundRecord
from hub.replay import replay
from hub.simulator.events import HandedOver, Undone
from tests.hub.play import SYN
from tests.hub.teaching import BOOT, Kit, lights

PLAYER = "new player"


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path, load("booth"))


def command(kit: Kit, badge: str, text: str = PLAYER) -> Answer:
    counter = next(kit.counters[badge])
    answer = kit.room.scan(Scan(badge, BOOT, counter, counter, "CMD-1", command=text))[0]
    assert isinstance(answer, Answer)
    return answer


def role(kit: Kit, badge: str, node: str) -> Answer:
    counter = next(kit.counters[badge])
    answer = kit.room.scan(Scan(badge, BOOT, counter, counter, "ROLE-1", role=node))[0]
    assert isinstance(answer, Answer)
    return answer


def rounds(kit: Kit) -> list[int]:
    """When a new round has begun, by the journal."""
    return [record.at for _, record in kit.journal.records(after=0) if isinstance(record, RoundRecord)]


def test_twenty_seconds_after_the_last_scan_the_next_stranger_can_begin(kit: Kit) -> None:
    seats = kit.room.world.seats
    kit.carry("T-1", SYN, "b1")
    kit.later(15)
    kit.carry("T-1", SYN, "b2")
    assert kit.room.state()["resets_at_ms"] == kit.at + 20_000
    kit.later(19.9)
    assert kit.room.world.round == 1
    assert lights(kit.later(0.1))["b1"] == "your-turn"
    assert (kit.room.world.round, kit.room.world.seats) == (2, seats)
    assert kit.room.state()["resets_at_ms"] is None
    assert kit.carry("T-1", SYN, "b1") == ["sent"], "the same card is a new one"


def test_a_slow_stranger_has_a_light_after_one_scan_and_a_connection_after_eight_in_two_minutes(kit: Kit) -> None:
    hello = next(script for script in kit.lesson.scripts if script.id == "hello")
    badges = {"client": "b1", "router": "b2", "server": "b3"}
    scans = {"first-light": 0, "connected": 0}
    for number, step in enumerate(hello.steps, 1):
        assert isinstance(step, ScanStep)
        kit.scan(badges[step.node or ""], step.card, write(hello.cards[step.card]))
        for goal in scans:
            scans[goal] = scans[goal] or (number if kit.room.reached(goal) else 0)
        kit.later(15)
    assert scans == {"first-light": 1, "connected": 8}
    assert kit.room.done
    assert kit.room.world.round == 1, "fifteen seconds for each step are not too slow"


def test_nothing_begins_anew_while_nobody_plays(kit: Kit) -> None:
    kit.later(1000)
    assert kit.room.world.round == 1
    kit.carry("T-1", SYN, "b1")
    for _ in range(10):
        kit.later(100)
    assert kit.room.world.round == 2


def test_a_card_that_was_stopped_or_not_read_is_a_sign_of_life(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b3")
    kit.later(19)
    assert kit.scan("b1", "T-2", "10.0.9.9:1 > 10.0.9.8:2 SYN seq=1").verdict is Verdict.STOPPED
    kit.later(19)
    assert kit.room.world.round == 1
    kit.later(1)
    assert kit.room.world.round == 2


def test_what_the_engine_plays_is_none(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    kit.later(19)
    assert any(not instance.paper for instance in kit.room.world.instances.values()), "the server has answered"
    kit.later(1)
    assert kit.room.world.round == 2


def test_a_scan_that_comes_just_before_keeps_the_round(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.seconds += 25  # the hub is late: it has not looked at the clock since
    assert kit.carry("T-1", SYN, "b2") == ["forwarded"]
    kit.later(19)
    assert kit.room.world.round == 1


def test_a_paused_room_waits_and_time_goes_by_the_clock_of_the_lesson(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.later(12)
    kit.room.pace(0)
    kit.later(1000)
    assert kit.room.world.round == 1
    kit.room.pace(2)
    kit.later(3.9)
    assert kit.room.world.round == 1
    kit.later(0.1)
    assert kit.room.world.round == 2


def test_what_is_left_is_neither_forgotten_nor_doubled_by_a_restart(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.later(12)
    kit.room.pace(1)  # something that the journal knows of
    due = kit.room.state()["resets_at_ms"]
    kit.restart()
    assert kit.room.state()["resets_at_ms"] == due
    kit.later(7.9)
    assert kit.room.world.round == 1
    kit.later(0.1)
    assert kit.room.world.round == 2
    world = kit.room.world
    kit.restart()
    assert kit.room.world == world
    kit.later(1000)
    assert len(rounds(kit)) == 1


def test_the_journal_tells_a_round_that_began_by_itself_like_any_other(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    kit.later(30)
    kit.carry("T-1", SYN, "b1")
    room, *records = kit.journal.records(after=0)
    *_, last = replay(kit.lesson, room[1].seed, records)  # type: ignore[union-attr]
    assert last.world == kit.room.world
    assert rounds(kit) == [30_000]


def test_whom_the_teacher_helps_is_still_there(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.later(15)
    kit.carry("T-1", SYN, "b2")
    kit.later(15)
    kit.room.teach(Undone(0, "router"))
    kit.later(19)
    assert kit.room.world.round == 1
    kit.later(1)
    assert kit.room.world.round == 2
    kit.room.teach(HandedOver(0, "client", True))
    kit.room.teach(HandedOver(0, "client", False))
    kit.later(1000)
    assert kit.room.world.round == 2, "but nobody was, whom the teacher could have helped"


def test_who_goes_back_has_the_whole_time_again_or_to_the_start_all_time(kit: Kit) -> None:
    start = kit.last
    kit.carry("T-1", SYN, "b1")
    sent = kit.last
    kit.later(10)
    kit.carry("T-1", SYN, "b2")
    kit.room.back(sent)
    assert (kit.at, kit.room.state()["resets_at_ms"]) == (0, 20_000)
    kit.restart()
    assert kit.room.state()["resets_at_ms"] == 20_000
    kit.room.back(start)
    assert kit.room.state()["resets_at_ms"] is None


def test_who_writes_with_a_pen_is_given_more_time(tmp_path: Path) -> None:
    kit = Kit(tmp_path, load("booth:complex"))
    kit.carry("T-1", SYN, "b1")
    kit.later(119)
    assert kit.room.world.round == 1
    kit.later(1)
    assert kit.room.world.round == 2


def test_no_other_lesson_begins_anew_by_itself(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.carry("T-1", SYN, "b1")
    kit.later(10_000)
    assert kit.room.world.round == 1
    state = kit.room.state()
    assert (state["resets_at_ms"], state["lesson"]["reset_after"]) == (None, None)


def test_a_lesson_cannot_begin_anew_faster_than_people_can_walk() -> None:
    source = load("handshake").source
    assert from_text(f"{source}\nreset_after: 30\n", "handshake").reset_after == 30
    with pytest.raises(LessonError, match="reset_after"):
        from_text(f"{source}\nreset_after: 0\n", "handshake")


@pytest.mark.parametrize("badge", ["b1", "b2", "b3"])
def test_the_card_of_a_new_player_works_at_every_badge_of_the_booth(kit: Kit, badge: str) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    answer = command(kit, badge)
    assert (answer.verdict, answer.reason) == (Verdict.DELIVERED, "room.commanded")
    assert answer.sentence == "All cards are new, and so is the player: begin!"
    assert (kit.room.world.round, dict(kit.room.world.instances)) == (2, {})
    assert kit.room.state()["resets_at_ms"] is None
    world = kit.room.world
    kit.restart()
    assert kit.room.world == world


def test_it_is_the_only_command_that_does(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    for text in ("round", "lose router server", "engine client", "new players"):
        assert command(kit, "b1", text).reason == "room.not-a-reader"
    assert kit.room.world.round == 1


def test_a_badge_without_a_seat_cannot_end_what_others_play(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    assert command(kit, "phone-x").reason == "room.not-a-reader"
    assert kit.room.world.round == 1


def test_elsewhere_it_works_at_a_reader_alone(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.carry("T-1", SYN, "b1")
    assert command(kit, "b1").reason == "room.not-a-reader"
    assert kit.room.world.round == 1
    kit.room.make_reader("desk", True)
    kit.room.status(BadgeStatus("desk", "online", BOOT))
    assert command(kit, "desk").reason == "room.commanded"
    assert kit.room.world.round == 2


def test_a_page_hears_when_a_round_will_end_and_that_it_has(kit: Kit) -> None:
    following = kit.room.feed.follow(kit.room.feed.last_id)
    kit.carry("T-1", SYN, "b1")
    told = next(following)
    assert told is not None
    assert '"resets_at_ms":20000' in told.json
    kit.later(20)
    told = next(following)
    assert told is not None
    assert '"resets_at_ms":null' in told.json
    assert '"round":2' in told.json


def test_who_has_no_seat_neither_keeps_a_round_alive_nor_is_seen(kit: Kit) -> None:
    kit.scan("phone-1", "T-9", SYN)
    assert kit.room.state()["resets_at_ms"] is None, "the table is free still"
    kit.carry("T-1", SYN, "b1")
    due, story = kit.room.state()["resets_at_ms"], kit.room.state()["story"]
    kit.later(15)
    assert kit.scan("phone-1", "T-9", SYN).reason == "room.no-seat"
    assert command(kit, "phone-1").reason == "room.not-a-reader"
    assert role(kit, "phone-1", "client").reason == "room.seat-taken"
    assert (kit.room.state()["resets_at_ms"], kit.room.state()["story"]) == (due, story)
    kit.restart()
    assert kit.room.state()["resets_at_ms"] == due
    assert kit.room.state()["story"] == story


def test_the_phone_of_a_visitor_goes_with_them_and_badges_stay(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    for badge, node in (("b2", "router"), ("b3", "server")):
        kit.room.release(badge)
        kit.room.status(BadgeStatus(badge, "offline", BOOT))
        phone = f"phone-{badge}"
        kit.room.here(phone)
        kit.room.take(phone, node)
    kit.carry("T-1", SYN, "phone-b2")
    kit.room.status(BadgeStatus("phone-b2", "offline", BOOT))
    kit.later(20)
    assert kit.room.world.round == 2
    assert set(kit.room.world.seats) == {"b1", "phone-b3"}, "a phone on a stand stays"
    assert [node["free"] for node in kit.room.state()["nodes"] if node["id"] == "router"] == [True]
    seats = kit.room.world.seats
    kit.restart()
    assert kit.room.world.seats == seats


def test_elsewhere_a_phone_keeps_its_seat_in_the_next_round(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.room.release("b2")
    kit.room.take("phone-1", "router")
    kit.room.new_round()
    assert kit.room.world.seats["phone-1"] == ("router",)
