"""The pace of a room: it is paused and goes on, slower or faster, and takes one step after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.clock import LessonClock
from hub.lessons import Lesson, from_text, load
from hub.messages import Role
from hub.records import PaceRecord
from hub.refusals import NothingDoneError
from hub.simulator.events import FaultKind, FaultSet, HandedOver
from hub.simulator.states import State
from tests.hub.play import SYN
from tests.hub.teaching import Kit, lights, why


def timed() -> Lesson:
    return from_text(load("handshake").source + "\ntimers: {retransmission: 90}\n", "handshake")


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path, timed())


def test_lesson_time_stands_still_while_the_room_is_paused(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.room.pace(0)
    at = kit.at
    assert kit.later(1000) == []
    assert kit.at == at
    kit.room.pace(1)
    assert kit.later(89) == []
    assert lights(kit.later(1)) == {"b1": "send-again"}
    assert kit.at == at + 90_000


def test_what_was_due_before_a_pause_has_happened(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.seconds += 91
    assert lights(kit.room.pace(0)) == {"b1": "send-again"}


def test_a_timer_runs_out_sooner_in_a_faster_room(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.room.pace(8)
    assert kit.later(11) == []
    assert lights(kit.later(0.25)) == {"b1": "send-again"}
    kit.room.pace(0.25)
    at = kit.at
    kit.later(4)
    assert kit.at == at + 1000


def test_a_paused_room_is_still_paused_after_a_restart(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.later(10)
    kit.room.pace(0)
    world = kit.room.world
    kit.restart()
    kit.later(100)
    assert kit.room.world == world
    kit.room.pace(2)
    kit.restart()
    kit.later(39)
    assert State.SYN_SENT in {c.state for _, c in kit.room.world.host("client").connections.items()}
    assert lights(kit.later(1)) == {"b1": "send-again"}, "eighty seconds at twice the pace"


def test_a_card_is_judged_as_ever_while_time_stands_still(kit: Kit) -> None:
    kit.room.pace(0)
    at = kit.at
    kit.seconds += 50
    assert kit.carry("T-1", SYN, "b1", "b2", "b3") == ["sent", "forwarded", "delivered"]
    assert kit.at == at
    stored = [record for _, record in kit.journal.records(after=1)]
    assert stored[-4] == PaceRecord(at, 0)


def test_an_engine_waits_while_the_room_is_paused(kit: Kit) -> None:
    kit.room.seat("b1", None)
    kit.room.teach(HandedOver(0, "client", True))
    kit.room.pace(0)
    kit.later(10)
    assert not kit.room.world.instances
    kit.room.pace(1)
    kit.later(1)
    assert kit.room.world.instances


@pytest.mark.parametrize("rate", [-1, 0.2, 8.5, float("nan"), float("inf")])
def test_a_pace_that_no_room_has_is_refused(kit: Kit, rate: float) -> None:
    world, last = kit.room.world, kit.last
    with pytest.raises(NothingDoneError) as refused:
        kit.room.pace(rate)
    assert why(refused.value) == "room.no-such-pace"
    assert (kit.room.world, kit.last) == (world, last)


def test_time_never_goes_back_when_the_pace_changes() -> None:
    seconds = 0.0
    clock = LessonClock(0, lambda: seconds)
    seen = []
    for step in range(200):
        seconds += 0.0013
        seen.append(clock.now_ms())
        clock.go_on(clock.now_ms(), (0.25, 8, 0, 1)[step % 4])
        seen.append(clock.now_ms())
    assert seen == sorted(seen)


def test_a_step_is_the_next_timer(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.room.pace(0)
    before = kit.at
    stepped = kit.room.step()
    assert stepped.text == "90 seconds later. At Client a timer has run out: No ACK came: send the SYN to Server again."
    assert lights(stepped.downs) == {"b1": "send-again"}
    assert kit.at == before + 90_000
    world = kit.room.world
    kit.restart()
    assert kit.room.world == world
    assert kit.later(100) == []


def test_a_step_is_one_step_of_an_engine(kit: Kit) -> None:
    for badge in ("b1", "b2", "b3"):
        kit.room.seat(badge, None)
    for node in ("client", "router", "server"):
        kit.room.teach(HandedOver(0, node, True))
    kit.room.pace(0)
    at = kit.at
    said = [kit.room.step().text for _ in range(3)]
    assert [text.partition(":")[0] for text in said] == [
        f"The engine plays {title}" for title in ("Client", "Router", "Server")
    ]
    assert said[0].endswith("Carry it to Router.")
    assert kit.at == at
    world = kit.room.world
    kit.restart()
    assert kit.room.world.nodes == world.nodes


def test_a_step_is_a_slow_wire_that_lets_a_card_go(kit: Kit) -> None:
    kit.room.teach(FaultSet(0, "slow", FaultKind.DELAY, ("client", "router"), seconds=30))
    kit.carry("T-1", SYN, "b1", "b2")
    kit.room.pace(0)
    assert kit.scan("b2", "T-1", SYN).reason == "fault.wait"
    stepped = kit.room.step()
    assert stepped.text == "30 seconds later. At Router, waiting is over: Scan the SYN from Client, carry it on."
    assert kit.carry("T-1", SYN, "b2", "b3") == ["forwarded", "delivered"]


def test_a_step_of_nothing_says_why(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.room.pace(0)
    with pytest.raises(NothingDoneError) as refused:
        kit.room.step()
    assert why(refused.value) == "room.nothing-by-itself"
    kit.room.pace(1)
    with pytest.raises(NothingDoneError) as refused:
        kit.room.step()
    assert why(refused.value) == "room.not-paused"


def test_nobody_is_seated_or_told_anew_by_a_pause(kit: Kit) -> None:
    assert not [down for rate in (0, 1, 0.5) for down in kit.room.pace(rate) if isinstance(down, Role)]
