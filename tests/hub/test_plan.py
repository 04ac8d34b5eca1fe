"""What a teacher plans is done by itself, once, when its time has come."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.commands import described
from hub.lessons import load
from hub.plan import MOST_PLANNED
from hub.refusals import NothingDoneError
from hub.simulator.acts import Act, LiftAll, NewRound, PlayStep
from hub.simulator.events import (
    CardFound,
    CardLost,
    FaultKind,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Redone,
    Restarted,
    TableSet,
    Undone,
)
from tests.hub.play import SYN
from tests.hub.teaching import Kit, lights, why

BREAK = LinkTurned(0, ("client", "router"), False)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def down(kit: Kit) -> bool:
    return bool(kit.room.world.down)


def test_it_is_done_when_its_time_has_come_and_once(kit: Kit) -> None:
    plan = kit.room.plan(BREAK, 60)
    assert [(each.id, each.due, each.act) for each in kit.room.planned()] == [(plan, kit.at + 60_000, BREAK)]
    kit.later(59)
    assert not down(kit)
    kit.later(1)
    assert down(kit)
    assert kit.room.planned() == ()
    kit.room.teach(LinkTurned(0, ("client", "router"), True))
    kit.later(60)
    assert not down(kit)


def test_it_survives_a_restart_before_and_after(kit: Kit) -> None:
    kit.later(10)
    kit.room.plan(BREAK, 60)
    planned = kit.room.planned()
    kit.restart()
    assert kit.room.planned() == planned
    assert not down(kit)
    kit.later(60)
    assert down(kit)
    kit.restart()
    kit.later(60)
    assert down(kit)
    assert kit.room.planned() == ()


def test_time_is_lesson_time(kit: Kit) -> None:
    kit.room.plan(BREAK, 60)
    kit.room.pace(0)
    kit.later(1000)
    assert not down(kit)
    kit.room.pace(4)
    kit.later(15)
    assert down(kit)


def test_several_are_done_in_the_order_of_their_times(kit: Kit) -> None:
    kit.room.plan(LinkTurned(0, ("client", "router"), True), 20)
    kit.room.plan(BREAK, 10)
    assert kit.room.planned()[0].act == BREAK
    kit.later(30)
    assert not down(kit)


def test_what_is_cancelled_is_not_done(kit: Kit) -> None:
    plan = kit.room.plan(BREAK, 60)
    kit.room.cancel(plan)
    assert kit.room.planned() == ()
    kit.restart()
    kit.later(100)
    assert not down(kit)
    with pytest.raises(NothingDoneError) as refused:
        kit.room.cancel(plan)
    assert why(refused.value) == "room.no-such-plan"


def test_what_cannot_be_done_then_says_so_and_stays_until_it_is_cancelled(kit: Kit) -> None:
    plan = kit.room.plan(Undone(0, "client"), 10)
    kit.room.plan(BREAK, 20)
    for _ in range(3):
        kit.later(8)
    kit.restart()
    (stays,) = kit.room.planned()
    assert stays.id == plan
    assert stays.refused.startswith("Not done: Client has made no move")
    assert down(kit), "it holds up nothing"
    kit.room.cancel(plan)
    assert kit.room.planned() == ()


@pytest.mark.parametrize(
    ("act", "seconds", "reason"),
    [
        (BREAK, 0, "room.no-such-time"),
        (BREAK, -1, "room.no-such-time"),
        (BREAK, 1e9, "room.no-such-time"),
        (BREAK, float("nan"), "room.no-such-time"),
        (PlayStep("printer"), 5, "room.no-such-node"),
        (HandedOver(0, "printer", True), 5, "room.no-such-node"),
        (LinkTurned(0, ("client", "server"), False), 5, "room.no-such-wire"),
    ],
)
def test_what_can_be_done_at_no_time_is_not_planned(kit: Kit, act: Act, seconds: float, reason: str) -> None:
    last = kit.last
    with pytest.raises(NothingDoneError) as refused:
        kit.room.plan(act, seconds)
    assert why(refused.value) == reason
    assert kit.last == last
    assert kit.room.planned() == ()


def test_no_more_is_planned_than_a_teacher_can_read(kit: Kit) -> None:
    for _ in range(MOST_PLANNED):
        kit.room.plan(BREAK, 60)
    with pytest.raises(NothingDoneError) as refused:
        kit.room.plan(BREAK, 60)
    assert why(refused.value) == "room.too-much-planned"


def test_a_new_round_can_be_planned_and_what_is_planned_beside_it_stays(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    kit.room.plan(NewRound(), 10)
    kit.room.plan(BREAK, 20)
    assert lights(kit.later(10)) == {"b1": "your-turn", "b2": "ready"}
    assert kit.room.world.round == 2
    kit.restart()
    assert kit.room.world.round == 2
    kit.later(10)
    assert down(kit)


def test_a_step_of_the_engine_can_be_planned(kit: Kit) -> None:
    kit.room.plan(PlayStep("client"), 10)
    kit.later(10)
    assert kit.room.world.instances
    world = kit.room.world
    kit.restart()
    assert (kit.room.world.instances, kit.room.planned()) == (world.instances, ())


def test_a_plan_belongs_to_its_moment(kit: Kit) -> None:
    before = kit.last
    kit.room.plan(BREAK, 60)
    planned, last = kit.room.planned(), kit.last
    kit.later(60)
    kit.room.back(last)
    assert (kit.room.planned(), down(kit)) == (planned, False)
    kit.restart()
    kit.later(60)
    assert down(kit)
    kit.room.back(before)
    assert kit.room.planned() == ()


def test_a_step_in_a_paused_room_does_what_is_planned_next(kit: Kit) -> None:
    kit.room.plan(BREAK, 60)
    kit.room.plan(Undone(0, "client"), 90)
    kit.room.pace(0)
    at = kit.at
    assert kit.room.step().text == "60 seconds later, as planned: The wire between Client and Router breaks."
    assert (kit.at, down(kit)) == (at + 60_000, True)
    assert kit.room.step().text.startswith("30 seconds later, as planned: Not done: Client has made no move")
    kit.restart()
    assert (kit.at, down(kit)) == (at + 90_000, True)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (CardLost(0, "T-1"), "Card T-1 is lost."),
        (CardFound(0, "T-1"), "Card T-1 is found again."),
        (
            FaultSet(0, "f", FaultKind.LOSE, ("router", "server"), 3),
            "Each of the next 3 packets between Router and Server is lost.",
        ),
        (LiftAll(), "Every fault is over."),
        (FaultLifted(0, "f"), "The fault “f” is over."),
        (TableSet(0, "router", ()), "The routing table of Router is filled in."),
        (Restarted(0, "client", "server"), "Client and Server forget the connections between them."),
        (Forgiven(0, "client"), "The last mistake of Client is forgiven."),
        (Redone(0, "client"), "The hub does again the move of Client that was taken back."),
    ],
)
def test_every_act_has_its_words(act: Act, sentence: str) -> None:
    assert described(act, load("handshake").rules) == sentence
