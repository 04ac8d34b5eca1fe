"""A sentence fits its case: what it names is there, and what it says to do can be done."""

from __future__ import annotations

from typing import Any

import pytest

from hub.lessons import load
from hub.simulator.events import CardLost, FaultKind, FaultSet, HandedOver, Seated, TableSet
from hub.simulator.reasons import REASONS
from hub.simulator.referee import judge
from hub.simulator.rules import Play as Mode
from hub.simulator.rules import Timers
from hub.simulator.teacher import refusal
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import new_world
from hub.speech import help_with, help_with_turn, said, turn_text
from hub.texts import page, sentence
from tests.hub.play import CLIENT, SERVER, SYN, SYN_ACK, Play, established, handshake_rules, scanned, with_rules

PRINTED = 'win=65535 ttl=64 data=""'
"""What a printed card says, and no card for the pen."""


def words(play: Play, ruling: Ruling) -> str:
    return said(play.world.rules, ruling)


def answer(play: Play, ruling: Ruling) -> str:
    there = help_with(play.world.rules, ruling)
    assert there is not None
    return there.answer


def booth() -> Play:
    return Play(load("booth").rules)


def test_who_has_no_seat_is_not_told_that_all_are_taken_while_one_is_free() -> None:
    world = new_world(handshake_rules(), "seed")
    world, (ruling,) = judge(world, scanned(1000, "phone", SYN))
    assert said(world.rules, ruling) == "You have no seat yet: choose one on this page, or scan a role card."
    for node in world.rules.nodes[1:]:
        world, _ = judge(world, Seated(1000, f"b-{node.id}", node.id))
    world, _ = judge(world, HandedOver(1000, world.rules.nodes[0].id, True))
    world, (ruling,) = judge(world, scanned(2000, "phone", SYN))
    assert "All seats are taken: badge badge-phone stands by" in said(world.rules, ruling)


def test_at_a_station_a_stranger_is_told_which_card_of_its_tray_goes_where() -> None:
    play = booth()
    play.carry(f"{SYN} {PRINTED}", "client", "router")
    ruling = play.scan("server", f"{SYN} {PRINTED}")
    assert words(play, ruling).endswith("Take the card SYN,ACK from this tray, and show it to the next badge.")
    play.carry(f"{SYN_ACK} {PRINTED}", "server", "router")
    ruling = play.scan("client", f"{SYN_ACK} {PRINTED}")
    assert words(play, ruling).endswith("Now show the card ACK here.")


def test_who_writes_the_answer_is_told_that_it_is_owed() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    assert words(play, play.scan("server", SYN)).endswith("It owes SYN,ACK.")
    play.carry(SYN_ACK, "server", "router")
    assert words(play, play.scan("client", SYN_ACK)).endswith("It owes ACK.")


def test_what_has_never_been_sent_is_still_owed_and_not_once_more() -> None:
    twice = faulty(FaultKind.DUPLICATE)
    twice.carry(SYN, "client", "router", "server")
    second = twice.scan("server", SYN)
    assert words(twice, second) == "Server has had this SYN already. It still owes SYN,ACK."
    after = faulty(FaultKind.DUPLICATE)
    after.carry(SYN, "client", "router", "server")
    after.carry(SYN_ACK, "server")
    assert words(after, after.scan("server", SYN)) == "Server has had this SYN already. It owes SYN,ACK once more."


def faulty(kind: FaultKind, **more: Any) -> Play:
    play = Play()
    play.do(FaultSet(0, "fault", kind, ("router", "server"), **more))
    return play


def test_a_card_that_a_slow_wire_holds_back_is_said_to_be_between_two_nodes_that_there_are() -> None:
    play = faulty(FaultKind.DELAY, seconds=30)
    play.carry(SYN, "client", "router")
    owed = turn(play.world, "server")
    assert owed is not None
    assert owed.code == "wait-cards"
    assert turn_text(play.world.rules, owed) == "Hold back the SYN from Router"
    there = help_with_turn(play.world, owed)
    assert there is not None
    assert "from Router to Server" in there.pointer
    assert there.answer.endswith("Then scan it at Server.")


def test_only_its_writer_is_told_to_write_a_card_anew_and_not_while_it_is_on_its_way() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    ruling = play.scan("client", SYN)
    assert words(play, ruling) == (
        "This packet has gone on: Router saw it already. It belongs at Server: bring it there."
    )
    assert answer(play, ruling) == "Bring this card to Server."
    play.scan("server", SYN)
    assert words(play, play.scan("client", SYN)).endswith("It stays there. To say it again, write a new card.")
    assert words(play, play.scan("router", SYN)) == "This packet has gone on: Server saw it already. It stays there."
    stranger = booth()
    stranger.carry(f"{SYN} {PRINTED}", "client", "router")
    ruling = stranger.scan("client", f"{SYN} {PRINTED}")
    assert words(stranger, ruling).endswith("It belongs at Server: bring it there.")
    assert answer(stranger, ruling) == "Bring this card to Server."


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("PSH", "No TCP sends PSH like this: ACK is missing, mark it, too."),
        ("FIN", "No TCP sends FIN like this: ACK is missing, mark it, too."),
        ("SYN,FIN", "No TCP sends SYN,FIN like this: mark only one of SYN,FIN, they exclude each other."),
        ("RST,ACK,FIN", "No TCP sends FIN,RST,ACK like this: mark only one of FIN,RST, they exclude each other."),
    ],
)
def test_impossible_flags_are_named_by_what_is_wrong_with_them(flags: str, sentence: str) -> None:
    ack = " ack=0" if "ACK" in flags else ""
    play = Play()
    ruling = play.scan("client", f"{CLIENT} > {SERVER} {flags} seq=100{ack}")
    assert ruling.reason == "tcp.flags-impossible"
    assert words(play, ruling) == sentence


def test_data_where_none_may_be_is_struck_out_and_no_other_part_is_blamed() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("server", f'{SYN_ACK} data="x"')
    assert words(play, ruling) == "This SYN,ACK carries no data here: strike out the 1 byte."


def test_who_refuses_at_an_open_door_is_told_that_somebody_listens() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > {CLIENT} RST,ACK seq=0 ack=101")
    assert ruling.reason == "tcp.rst-unowed"
    assert words(play, ruling) == "Somebody listens on port 23: do not refuse the SYN, agree with SYN,ACK."
    assert "There is nothing to refuse" in words(play, Play().scan("server", f"{SERVER} > {CLIENT} RST seq=0"))


def test_a_card_that_came_too_early_is_not_to_be_corrected() -> None:
    play = Play()
    play.scan("server", SYN_ACK)
    assert "take it back there, and show it when its time has come." in words(play, play.scan("router", SYN_ACK))
    play.scan("client", SYN.replace(SERVER, "10.0.1.2:23"))
    wrong = play.scan("router", SYN.replace(SERVER, "10.0.1.2:23"))
    assert words(play, wrong).endswith("take it back there, and correct it first.")


@pytest.mark.parametrize(
    ("lesson", "sentence"), [("loss", "Only the timer of Nina can notice."), ("data", "no timer runs in this lesson.")]
)
def test_a_timer_notices_a_lost_card_only_where_one_runs(lesson: str, sentence: str) -> None:
    play = Play(load(lesson).rules)
    client = next(node for node in play.world.rules.nodes if node.tasks)
    server = next(node for node in play.world.rules.nodes if node.services)
    syn = f"{client.address}:40001 > {server.address}:{server.services[0][0]} SYN seq=0"
    lost = scanned(1000, client.id, syn)
    play.do(lost)
    assert lost.card is not None
    play.do(CardLost(2000, lost.card))
    assert words(play, play.scan("router", syn)).endswith(sentence)


def test_a_part_of_what_was_sent_is_not_called_the_same_packet() -> None:
    play = established(with_rules(timers=Timers(retransmission=90_000)))
    hello = f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="hello"'
    play.scan("client", hello)
    part = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="hel"')
    assert words(play, part).startswith("Client sends 3 bytes again before its timer has run out")
    whole = play.scan("client", hello, card="T-1")
    assert words(play, whole).startswith("Client sends this packet again before")


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        ((("default", "router"),), "Not done: Router cannot send on to itself. Name the node that comes next."),
        (
            (("10.0.7.0/24", "client"), ("10.0.7.0/24", "server")),
            "Not done: the table of Router has 10.0.7.0/24 twice. Each network has one line.",
        ),
        (
            (("default", "client"), ("0.0.0.0/0", "server")),
            "Not done: the table of Router has 0.0.0.0/0 twice. Each network has one line.",
        ),
        (
            (("x", "client"),),
            "Not done: Router cannot have this table: Expected 4 octets in 'x'. A line is a network, and the node that "
            "comes next, or link.",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_what_is_wrong_with_it(
    routes: tuple[tuple[str, str], ...], sentence: str
) -> None:
    world = new_world(handshake_rules(), "seed")
    ruling = refusal(world, TableSet(0, "router", routes))
    assert ruling is not None
    assert ruling.reason in ("room.table-to-itself", "room.table-twice", "room.no-such-table")
    assert said(world.rules, ruling) == sentence


def test_small_words_fit_when_there_is_one_or_none() -> None:
    assert page("done.dealt", {"count": "1"}) == "1 person has a seat now."
    nobody = sentence("room.no-such-option", {"question": "port", "options": "A, B, C"})
    assert nobody == "Not done: no option of the question is chosen. There are: A, B, C."
    itself = sentence("room.nothing-to-swap", {"who": "Client", "other": "Client", "itself": ""})
    assert itself == "Not done: Client cannot change places with itself."


def test_who_refuses_is_told_the_flags_that_must_be_marked() -> None:
    refused = Play()
    knock = f"{CLIENT} > 10.0.1.1:80 SYN seq=100"
    refused.carry(knock, "client", "router")
    assert words(refused, refused.scan("server", knock)).endswith("It owes RST,ACK: connection refused.")
    owed = turn(refused.world, "server")
    assert owed is not None
    assert turn_text(refused.world.rules, owed) == "Refuse: RST,ACK to Client"
    refusal = f"10.0.1.1:80 > {CLIENT} RST,ACK seq=0 ack=101"
    assert "breaks off: RST,ACK." in words(refused, refused.scan("server", refusal))


def test_who_owes_a_plain_rst_is_told_a_plain_one() -> None:
    free = Play(with_rules(play=Mode.FREE))
    free.scan("client", SYN)
    wrong = SYN_ACK.replace("ack=101", "ack=999")
    free.scan("router", wrong)
    free.scan("client", wrong)
    owed = turn(free.world, "client")
    assert owed is not None
    assert turn_text(free.world.rules, owed) == "Refuse: RST to Server"


def test_data_in_a_syn_is_not_looked_for_among_the_flags() -> None:
    play = Play()
    ruling = play.scan("client", f'{SYN} data="hi"')
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "tcp.data-in-syn")
    assert "SYN carries no data here" in words(play, ruling)
    assert REASONS[ruling.reason].key is None, "a badge would blink for the flags"
