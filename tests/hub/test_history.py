"""A move can be taken back, and made after all: as if it had never been made, or never been taken back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.lessons import load
from hub.simulator import bots
from hub.simulator.events import (
    CardFound,
    CardLost,
    Event,
    FaultKind,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Passed,
    Played,
    Redone,
    Restarted,
    RoundBegan,
    Scanned,
    Seated,
    TableSet,
    TeacherMove,
    Undone,
)
from hub.simulator.history import EVERY, History
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Verdict
from hub.simulator.world import new_world
from hub.speech import said
from tests.hub.play import SYN, SYN_ACK, handshake_rules, redo, scanned, seated, undo
from tests.hub.test_course_properties import COURSE, RULES, Course, course, seats
from tests.hub.test_course_properties import NODES as PLACES

NODES = ("client", "router", "server")


def history(*carried: tuple[str, str]) -> History:
    """A handshake room in which cards were scanned at nodes, a second apart."""
    room = History(new_world(handshake_rules(), "seed"))
    for event in seated(handshake_rules()):
        room.take(event)
    for number, (text, node) in enumerate(carried, 1):
        room.take(scanned(number * 1000, node, text))
    return room


def test_the_last_move_of_a_node_is_taken_back_and_made_after_all() -> None:
    room, before = history((SYN, "client")), history()
    after = room.world
    assert undo(room, "client")
    assert room.world.instances == before.world.instances
    assert room.world.nodes == before.world.nodes
    assert redo(room, "client")
    assert room.world == after


def test_what_others_did_meanwhile_stays() -> None:
    other = "10.0.1.1:9 > 10.0.1.2:9 SYN seq=7"
    room = history((SYN, "client"), (other, "server"))
    assert undo(room, "client")
    assert not room.world.host("client").connections
    assert len(room.world.host("server").connections) == 1


def test_a_move_that_somebody_has_acted_on_stays() -> None:
    room = history((SYN, "client"), (SYN, "router"))
    before = room.world
    assert not undo(room, "client")
    assert room.world is before
    assert undo(room, "router")
    assert undo(room, "client"), "in the order in which they were made, it goes"


def with_engines(*nodes: str) -> History:
    """A handshake room in which the engine plays some nodes."""
    room = history()
    for node in nodes:
        room.take(HandedOver(0, node, True))
        room.take(Seated(0, f"badge-{node}", None))
    return room


def engine_plays(room: History) -> int:
    """The engine plays until it waits for people; how many moves it has made."""
    moves = 0
    while (played := bots.next_step(room.world)) is not None:
        room.take(played)
        moves += 1
    return moves


def test_what_the_engine_has_made_of_a_move_is_taken_back_and_made_after_all_with_it() -> None:
    room = with_engines("router", "server")
    before = room.world
    room.take(scanned(1000, "client", SYN))
    assert engine_plays(room) > 3, "to the server, and back with its answer"
    after, tally = room.world, room.tally
    assert undo(room, "client")
    assert (room.world.nodes, room.world.instances) == (before.nodes, before.instances)
    assert engine_plays(room) == 0
    assert redo(room, "client")
    assert (room.world, room.tally) == (after, tally)


def test_what_the_engine_did_for_others_meanwhile_stays() -> None:
    room = with_engines("router")
    room.take(scanned(1000, "server", "10.0.1.1:9 > 10.0.1.2:9 SYN seq=7"))
    room.take(scanned(2000, "client", SYN))
    assert engine_plays(room) == 2
    assert undo(room, "client")
    (left,) = room.world.instances.values()
    assert (left.path, left.due) == (("server", "router"), "client")


def test_a_move_stays_when_somebody_has_acted_on_what_the_engine_made_of_it() -> None:
    room = with_engines("router")
    room.take(scanned(1000, "client", SYN))
    engine_plays(room)
    room.take(scanned(2000, "server", SYN))
    assert refused(room, Undone(room.world.at, "client")) == (
        "room.acted-on",
        "Not done: Server has acted on the last move of Client. Take that back first: undo server.",
    )


def test_a_step_that_was_played_for_somebody_is_a_move_of_its_own() -> None:
    room = history((SYN, "client"))
    played = bots.step(room.world, "router")
    assert played is None, "its badge has to see the card"
    room.take(Seated(2000, "badge-router", None))
    played = bots.step(room.world, "router")
    assert played is not None
    room.take(played)
    assert refused(room, Undone(room.world.at, "client"))[0] == "room.acted-on"


def test_several_moves_of_one_node_come_back_one_after_the_other() -> None:
    room = history((SYN, "client"), (SYN, "router"), (SYN, "server"), (SYN_ACK, "server"))
    after = room.world
    assert undo(room, "server")
    assert undo(room, "server")
    assert not room.world.host("server").connections
    assert redo(room, "server")
    assert redo(room, "server")
    assert room.world == after
    assert not redo(room, "server")


def test_moves_of_several_nodes_find_their_places_again_in_any_order() -> None:
    others = ("10.0.1.2:9 > 10.0.1.1:9 SYN seq=7", "10.0.1.2:10 > 10.0.1.1:9 SYN seq=7")
    for nodes in (("server", "client"), ("client", "server"), ("client", "client", "server")):
        room = history((others[0], "client"), (SYN_ACK.replace("SYN,ACK", "SYN"), "server"), (others[1], "client"))
        world, tally = room.world, room.tally
        assert all(undo(room, node) for node in nodes)
        for node in (*nodes[1:], nodes[0]):
            assert redo(room, node)
        assert (room.world, room.tally) == (world, tally)


def test_who_moves_anew_cannot_redo() -> None:
    room = history((SYN, "client"))
    undo(room, "client")
    room.take(scanned(9000, "client", "10.0.1.2:40009 > 10.0.1.1:23 SYN seq=5"))
    assert not redo(room, "client")


def test_there_is_nothing_to_take_back_at_first_and_in_a_new_round() -> None:
    room = history((SYN, "client"))
    assert not undo(room, "server")
    assert not undo(room, "nobody")
    room.take(RoundBegan(5000))
    assert not undo(room, "client")


def refused(room: History, move: TeacherMove) -> tuple[str, str]:
    before = room.world
    ruling = room.move(move)
    assert ruling is not None
    assert room.world is before, "nothing has happened"
    return ruling.reason, said(room.world.rules, ruling)


def test_who_has_acted_on_a_move_is_named_and_so_is_what_to_do() -> None:
    room = history((SYN, "client"), (SYN, "router"))
    reason, sentence = refused(room, Undone(9000, "client"))
    assert reason == "room.acted-on"
    assert sentence == "Not done: Router has acted on the last move of Client. Take that back first: undo router."


def test_a_move_that_somebody_was_told_of_stays() -> None:
    room = history((SYN, "client"), (SYN, "server"))
    assert refused(room, Undone(9000, "client"))[0] == "room.told-since"


def test_a_move_that_does_not_fit_any_more_is_not_made() -> None:
    room = history((SYN, "client"))
    assert undo(room, "client")
    room.take(scanned(9000, "router", SYN))
    assert refused(room, Redone(9000, "client"))[0] == "room.moved-since"


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (Undone(0, "server"), "room.nothing-to-undo"),
        (Undone(0, "nobody"), "room.no-such-node"),
        (Redone(0, "client"), "room.nothing-to-redo"),
        (Forgiven(0, "client"), "room.no-mistake"),
        (Forgiven(0, "nobody"), "room.no-such-node"),
        (FaultLifted(0, "f"), "room.no-such-fault"),
        (FaultSet(0, "f", FaultKind.LOSE, ("client", "server")), "room.no-such-wire"),
        (LinkTurned(0, ("client", "server"), False), "room.no-such-wire"),
        (LinkTurned(0, ("client", "nobody"), False), "room.no-such-node"),
        (TableSet(0, "router", (("10.0.1.0/24", "nobody"),)), "room.no-such-table"),
        (TableSet(0, "router", (("10.0.1.0/99", "link"),)), "room.no-such-table"),
        (Restarted(0, "router", "server"), "room.nothing-between"),
        (Restarted(0, "client", "nobody"), "room.no-such-node"),
        (HandedOver(0, "nobody", True), "room.no-such-node"),
        (CardLost(0, "C-1"), "room.no-such-card"),
        (CardFound(0, "C-1"), "room.card-not-lost"),
    ],
)
def test_what_a_teacher_cannot_do_is_refused(move: TeacherMove, reason: str) -> None:
    said_so, sentence = refused(history((SYN, "client")), move)
    assert said_so == reason
    assert sentence.startswith("Not done: ")
    assert "?" not in sentence


def test_a_table_sends_nobody_another_way_to_its_own_wires() -> None:
    """Such a line would be kept, and never be looked at."""
    room = History(new_world(load("linked").rules, "seed"))
    move = TableSet(0, "router-2", (("10.0.2.0/24", "router-1"),))
    reason, sentence = refused(room, move)
    assert reason == "room.no-such-table"
    assert "10.0.2.0/24 is a network of its own wires" in sentence
    assert room.move(replace(move, routes=(("10.0.1.0/24", "router-1"),))) is None


def test_what_is_tried_on_a_copy_has_not_happened() -> None:
    room = history((SYN, "client"))
    before, other = room.world, room.copy()
    assert undo(other, "client")
    assert room.world is before
    assert not redo(room, "client")
    assert undo(room, "client")


def test_a_fault_that_was_used_up_is_there_again() -> None:
    room = history((SYN, "client"))
    room.take(FaultSet(2000, "f", FaultKind.LOSE, ("client", "router")))
    (ruling,) = room.take(scanned(3000, "router", SYN))
    assert ruling.reason == "fault.lost"
    assert not room.world.faults
    assert undo(room, "router")
    assert set(room.world.faults) == {"f"}


def test_time_goes_on_while_moves_are_taken_back() -> None:
    room = history((SYN, "client"), (SYN_ACK, "server"))
    at = room.world.at
    assert undo(room, "client")
    assert room.world.at == at


def test_old_moves_are_taken_back_from_worlds_that_were_kept() -> None:
    rules = handshake_rules()
    room = History(new_world(rules, "seed"))
    for event in seated(rules):
        room.take(event)
    room.take(scanned(1000, "client", SYN))
    for number in range(2 * EVERY):
        room.take(scanned(2000 + number, "server", f"10.0.1.1:9 > 10.0.1.2:{1000 + number} SYN seq=7"))
    after = room.world
    assert undo(room, "client")
    assert not room.world.host("client").connections
    assert len(room.world.host("server").connections) == 2 * EVERY
    assert redo(room, "client")
    assert room.world == after


@given(RULES, COURSE, st.lists(st.sampled_from(PLACES), max_size=4))
@settings(max_examples=100, deadline=None)
def test_undo_then_redo_is_the_identity(rules: Rules, steps: Course, nodes: list[str]) -> None:
    room, _ = course(rules, steps)
    after, tally = room.world, room.tally
    taken_back = [node for node in nodes if undo(room, node)]
    for node in reversed(taken_back):
        assert redo(room, node)
    assert (room.world, room.tally) == (after, tally)


@given(RULES, COURSE)
@settings(max_examples=100, deadline=None)
def test_a_move_that_is_taken_back_has_never_been_made(rules: Rules, steps: Course) -> None:
    room, events = course(rules, steps)
    before = seats(rules)
    for event in events[:-1]:
        before.take(event)
    node = None if not events else moved(before, events[-1])
    if node is None:
        return
    before.take(Passed(room.world.at))
    assert undo(room, node)
    assert (room.world, room.tally) == (before.world, before.tally)


def moved(room: History, event: Event) -> str | None:
    """The node whose move an event would be; None when it would be none."""
    if not isinstance(event, Scanned | Played) or event.card is None:
        return None
    judgement = room.judge(event)
    (ruling,) = judgement.rulings
    changed = judgement.world.instances.get(event.card) is not room.world.instances.get(event.card)
    return ruling.node if changed and ruling.verdict is not Verdict.STOPPED else None
