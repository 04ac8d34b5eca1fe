"""Stations: nodes that the engine plays, to which people bring cards; what it says exists first without a paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.journal import Journal
from hub.lessons import load
from hub.lessons.lesson import ScanStep
from hub.messages import BadgeStatus
from hub.room import Room
from hub.simulator import bots
from hub.simulator.acts import PlayStep
from hub.simulator.events import HandedOver, Scanned
from hub.simulator.rules import Counting
from tests.hub.play import CLIENT, SERVER, SYN, Play, with_rules


def asked(counting: Counting) -> Play:
    """A room whose server, played by the engine, has heard a SYN and has answered."""
    play = Play(with_rules(counting=counting))
    play.do(HandedOver(0, "server", True))
    assert play.carry(SYN, "client", "router", "server") == ["sent", "forwarded", "delivered"]
    played = bots.step(play.world, "server")
    assert played is not None
    play.do(played)
    return play


def answer(play: Play) -> str:
    """What the engine has said, as a line of notation with its own number."""
    (card,) = play.world.due_at["router"]
    return f"{SERVER} > {CLIENT} SYN,ACK seq={play.world.instances[card].packet.segment.seq} ack=101"


PRINTED = f"{SERVER} > {CLIENT} SYN,ACK seq=999 ack=7"
"""A card from a tray: the engine has not chosen these numbers."""


def test_a_printed_card_says_what_goes_without_saying_and_is_the_answer_all_the_same() -> None:
    play = asked(Counting.OFF)
    whole = f'{PRINTED} win=65535 ttl=64 data=""'
    assert play.carry(whole, "router", "client") == ["forwarded", "delivered"]
    other = asked(Counting.OFF)
    assert other.carry(f"{PRINTED} win=4", "router") == ["stopped"], "another window is another packet"


def test_where_nobody_counts_a_printed_card_is_the_answer_whatever_its_numbers() -> None:
    assert asked(Counting.OFF).carry(PRINTED, "router", "client") == ["forwarded", "delivered"]


def test_where_numbers_count_they_are_copied_or_left_out() -> None:
    play = asked(Counting.RFC)
    ruling = play.scan("router", PRINTED)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "card.miscopied", None)
    assert ruling.params["should"] == answer(play)
    assert play.carry(answer(play), "router", "client") == ["forwarded", "delivered"]
    assert asked(Counting.RFC).carry(f"{SERVER} > {CLIENT} SYN,ACK", "router", "client") == ["forwarded", "delivered"]


@pytest.mark.parametrize("counting", Counting)
def test_a_paper_that_is_quicker_than_the_engine_is_its_answer(counting: Counting) -> None:
    play = Play(with_rules(counting=counting))
    play.do(HandedOver(0, "server", True))
    play.carry("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0", "client", "router", "server")
    printed = f"{SERVER} > {CLIENT} SYN,ACK seq=0 ack={0 if counting is Counting.BYTES else 1}"
    assert play.carry(printed, "router", "client") == ["forwarded", "delivered"]
    assert bots.step(play.world, "server") is None


def test_the_answer_may_be_shown_where_it_was_sent_first() -> None:
    play = asked(Counting.OFF)
    ruling = play.scan("server", PRINTED)
    assert (ruling.verdict.value, ruling.reason, ruling.repeated) == ("sent", "tcp.syn-ack-sent", True)
    assert play.carry(PRINTED, "router", "client") == ["forwarded", "delivered"]


def test_the_answer_may_not_skip_the_router() -> None:
    play = asked(Counting.OFF)
    ruling = play.scan("client", PRINTED)
    assert (ruling.verdict.value, ruling.reason) == ("dropped", "link.skipped-router")
    assert play.carry(PRINTED, "router", "client") == ["forwarded", "delivered"]


@pytest.mark.parametrize("node", ["server", "router", "client"])
def test_an_answer_that_the_engine_has_not_given_yet_is_too_early(node: str) -> None:
    play = Play(with_rules(counting=Counting.OFF))
    play.do(HandedOver(0, "server", True))
    ruling = play.scan(node, PRINTED)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.too-early", None)


def test_nobody_writes_questions_for_the_engine() -> None:
    play = Play()
    play.do(HandedOver(0, "client", True))
    assert play.scan("client", SYN).reason == "room.station"


def test_the_badges_of_a_booth_find_their_stations(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("booth"))
    for badge in ("b1", "b2", "server"):
        room.status(BadgeStatus(badge, "online", "0011223344556677"))
    assert {badge: nodes[0] for badge, nodes in room.world.seats.items()} == {
        "b1": "client",
        "b2": "router",
        "server": "server",
    }


def test_a_badge_that_has_not_spoken_yet_keeps_the_seat_that_it_was_given(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"))
    for node in ("client", "router", "server"):
        room.seat(f"of-{node}", node)
    room.teach(PlayStep("client"))
    room.status(BadgeStatus("late", "online", "0011223344556677"))
    assert "late" not in room.world.seats


def test_printed_cards_are_the_answers_all_the_way_when_the_engine_is_quicker() -> None:
    lesson = load("booth")
    script = lesson.to_show[0]
    play = Play(lesson.rules)
    papers = {name: f"S-{number}" for number, name in enumerate(script.cards)}
    for step in script.steps:
        assert isinstance(step, ScanStep)
        play.at += 3000
        printed = script.cards[step.card].complete().written()
        (ruling,) = play.do(Scanned(play.at, f"badge-{step.node}", papers[step.card], printed))
        assert ruling.verdict is step.verdict, (step, ruling)
        while (played := bots.next_step(play.world)) is not None:
            play.do(played)
