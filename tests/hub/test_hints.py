"""Hints to one player: they go to the badge, and are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.messages import Light, LightWord
from hub.records import HintedRecord
from hub.refusals import NothingDoneError
from hub.simulator.events import LinkTurned
from tests.hub.play import SYN, SYN_ACK
from tests.hub.teaching import Kit, lights, why


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_help_comes_in_three_steps_and_is_for_the_teacher_alone(kit: Kit) -> None:
    last = kit.last
    there = kit.room.help("client")
    assert (there.about, there.sentence) == ("open", "Open a connection: SYN to Server")
    assert there.nudge.endswith("?")
    assert there.answer == "Write this and scan it: 10.0.1.2:40001 > 10.0.1.1:23 SYN"
    assert kit.last == last


def test_a_hint_goes_to_the_badge_of_that_node_and_its_light_stays(kit: Kit) -> None:
    there = kit.room.help("client")
    for step, text in enumerate((there.nudge, there.pointer, there.answer)):
        assert kit.room.hint("client", step) == [Light("b1", LightWord.YOUR_TURN, text)]


def test_a_card_that_is_wrong_is_helped_with_first(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    kit.carry("T-2", SYN_ACK.replace("ack=101", "ack=100"), "b3")
    there = kit.room.help("server")
    assert there.about == "tcp.ack-mismatch"
    assert "101" in there.answer
    kit.restart()
    assert kit.room.help("server") == there
    kit.carry("T-2", SYN_ACK, "b3")
    with pytest.raises(NothingDoneError) as refused:
        kit.room.help("server")
    assert why(refused.value) == "room.no-help", "it is right now"


def test_a_hint_stays_until_there_is_something_else_to_show(kit: Kit) -> None:
    (hint,) = kit.room.hint("client", 0)
    kit.room.teach(LinkTurned(0, ("client", "router"), False))
    told = kit.room.teach(LinkTurned(0, ("client", "router"), True))
    assert "b1" not in lights(told), "the room has changed, but not for the client"
    kit.carry("T-1", SYN, "b1")
    (light,) = (light for light in kit.room.new_round() if isinstance(light, Light) and light.badge == "b1")
    assert light.sentence == "Open a connection: SYN to Server", "that was another time"
    assert kit.room.hint("client", 0) == [hint]


def test_hints_are_counted_and_kept(kit: Kit) -> None:
    kit.room.hint("client", 0)
    kit.room.hint("client", 2)
    assert kit.room.tally.player("client").hints == 2
    kit.restart()
    assert kit.room.tally.player("client").hints == 2
    assert kit.room.tally.player("server").hints == 0
    kept = [record for _, record in kit.journal.records(after=1) if isinstance(record, HintedRecord)]
    assert [(record.node, record.step) for record in kept] == [("client", 0), ("client", 2)]
    assert kept[1].sentence == kit.room.help("client").answer
    kit.room.new_round()
    assert kit.room.tally.player("client").hints == 0
    assert kit.room.tally.earlier[0].player("client").hints == 2


@pytest.mark.parametrize(
    ("node", "step", "reason"),
    [
        ("server", 0, "room.no-help"),
        ("printer", 0, "room.no-such-node"),
        ("client", 3, "room.no-such-hint"),
        ("client", -1, "room.no-such-hint"),
    ],
)
def test_a_hint_that_cannot_be_given_is_refused_and_not_counted(kit: Kit, node: str, step: int, reason: str) -> None:
    last = kit.last
    with pytest.raises(NothingDoneError) as refused:
        kit.room.hint(node, step)
    assert why(refused.value) == reason
    assert kit.last == last


def test_where_nobody_sits_nobody_reads_a_hint(kit: Kit) -> None:
    kit.room.seat("b1", None)
    with pytest.raises(NothingDoneError) as refused:
        kit.room.hint("client", 0)
    assert why(refused.value) == "room.nobody-there"
    assert kit.room.help("client").nudge, "the teacher can still say it"
