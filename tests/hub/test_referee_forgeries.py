"""Packets that bear another's address: stopped by a coach, carried as they are where one plays freely."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.packet import Flags, Written
from cards.seqnum import SeqNum
from hub.lessons import from_text
from hub.simulator.events import Scanned
from hub.simulator.referee import judge
from hub.simulator.rules import Counting, Rules
from hub.simulator.states import State
from hub.speech import said
from tests.hub.play import Play

LAN = """
title: A LAN
goal: Talk
play: PLAY
nodes:
  - {id: alice, title: Alice, address: 10.0.1.2, routes: {default: router}}
  - {id: mallory, title: Mallory, address: 10.0.1.66, routes: {default: router}}
  - {id: router, title: Router, router: true, address: 10.0.1.254, routes: {10.0.1.0/24: link}}
  - {id: server, title: Server, address: 10.0.1.1, routes: {default: router}, services: {23: telnet}}
links: [[alice, router], [mallory, router], [server, router]]
"""
ALICE, SERVER = "10.0.1.2:40001", "10.0.1.1:23"


def lan(play: str) -> Rules:
    return from_text(LAN.replace("PLAY", play), "lan").rules


def established(play: str) -> Play:
    """Alice and the server after a handshake: she has said 100, the server 300."""
    room = Play(lan(play))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server")
    room.carry(f"{SERVER} > {ALICE} SYN,ACK seq=300 ack=101", "server", "router", "alice")
    room.carry(f"{ALICE} > {SERVER} ACK seq=101 ack=301", "alice", "router", "server")
    assert room.state("alice") == room.state("server") == [State.ESTABLISHED]
    return room


def test_a_coach_stops_who_writes_another_address() -> None:
    ruling = established("coach").scan("mallory", f"{SERVER} > {ALICE} RST seq=301")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "ip.wrong-source", "mallory")


def test_a_forged_rst_with_the_exact_number_kills_the_connection() -> None:
    room = established("free")
    rst = f"{SERVER} > {ALICE} RST seq=301"
    ruling = room.scan("mallory", rst)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("sent", "ip.spoofed-source", "mallory")
    assert room.state("server") == [State.ESTABLISHED], "its claimed source knows nothing of it"
    assert room.carry(rst, "router") == ["forwarded"]
    killed = room.scan("alice", rst)
    assert (killed.verdict.value, killed.reason) == ("rst", "tcp.connection-reset")
    assert (killed.origin, killed.forged) == ("mallory", True)
    assert (room.state("alice"), room.state("server")) == ([], [State.ESTABLISHED])


@pytest.mark.parametrize(("seq", "reason"), [(302, "tcp.rst-challenged"), (99, "tcp.rst-forged")])
def test_a_forged_rst_with_another_number_does_not(seq: int, reason: str) -> None:
    room = established("free")
    rst = f"{SERVER} > {ALICE} RST seq={seq}"
    room.carry(rst, "mallory", "router")
    ruling = room.scan("alice", rst)
    assert (ruling.verdict.value, ruling.reason) == ("dropped", reason)
    assert room.state("alice") == [State.ESTABLISHED]


def test_a_mistake_where_one_plays_freely_does_not_move_its_sender() -> None:
    room = established("free")
    ruling = room.scan("alice", f'{ALICE} > {SERVER} ACK seq=200 ack=301 data="hi"')
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("sent", "tcp.seq-mismatch", "alice")
    assert room.scan("alice", f'{ALICE} > {SERVER} ACK seq=101 ack=301 data="hi"').reason == "tcp.data-sent"


def test_data_that_was_forged_is_delivered_when_its_numbers_fit() -> None:
    room = established("free")
    forged = f'{ALICE} > {SERVER} ACK seq=101 ack=301 data="rm"'
    assert room.carry(forged, "mallory", "router", "server") == ["sent", "forwarded", "delivered"]
    own = room.scan("alice", f'{ALICE} > {SERVER} ACK seq=101 ack=301 data="hi"')
    assert own.verdict.value == "sent", "Alice has not said anything yet, as far as she knows"


@pytest.mark.parametrize("play", ["coach", "free"])
def test_an_old_packet_copied_by_another_is_a_replay(play: str) -> None:
    room = established(play)
    data = f'{ALICE} > {SERVER} ACK seq=101 ack=301 data="hi"'
    room.carry(data, "alice", "router", "server")
    ruling = room.scan("mallory", data, card="M-1")
    assert (ruling.reason, ruling.charged) == ("ip.replayed", "mallory")


def test_without_numbers_a_copy_is_known_by_its_words_and_tcp_has_had_it() -> None:
    room = Play(replace(lan("free"), counting=Counting.OFF))
    name = f'{ALICE} > {SERVER} ACK data="I am Alice"'
    for card, *nodes in (
        (f"{ALICE} > {SERVER} SYN", "alice", "router", "server"),
        (f"{SERVER} > {ALICE} SYN,ACK", "server", "router", "alice"),
        (f"{ALICE} > {SERVER} ACK", "alice", "router", "server"),
        (name, "alice", "router", "server"),
        (f"{SERVER} > {ALICE} ACK", "server", "router", "alice"),
    ):
        room.carry(card, *nodes)
    ruling = room.scan("mallory", name, card="M-1")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("sent", "ip.replayed", "mallory")
    room.scan("router", name, card="M-1")
    ruling = room.scan("server", name, card="M-1")
    assert (ruling.verdict.value, ruling.reason) == ("dropped", "tcp.duplicate")
    lie = f'{ALICE} > {SERVER} ACK data="I am rich"'
    assert room.scan("mallory", lie).reason == "ip.spoofed-source"
    room.scan("router", lie)
    assert room.scan("server", lie).reason == "tcp.data-received"


def test_who_answers_for_another_with_its_own_address_is_told_whose_turn_it_is() -> None:
    room = Play(lan("coach"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server")
    ruling = room.scan("mallory", f"10.0.1.66:23 > {ALICE} SYN,ACK seq=300 ack=101")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "tcp.wrong-person")
    assert (ruling.params["other"], ruling.charged) == ("Server", "mallory")


@pytest.mark.parametrize(
    "own",
    [
        f'10.0.1.66:40001 > {SERVER} ACK seq=101 ack=301 data="hi"',
        f"10.0.1.66:40002 > {SERVER} ACK seq=101 ack=301",
        f"10.0.1.66:40001 > {SERVER} ACK seq=7 ack=301",
    ],
)
def test_whoever_says_something_of_its_own_too_early_is_not_told_to_leave_it_to_others(own: str) -> None:
    room = Play(lan("coach"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server")
    room.carry(f"{SERVER} > {ALICE} SYN,ACK seq=300 ack=101", "server", "router", "alice")
    ruling = room.scan("mallory", own)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "tcp.too-early", "mallory")
    others = room.scan("mallory", f"10.0.1.66:40001 > {SERVER} ACK seq=101 ack=301")
    assert (others.reason, others.params["other"]) == ("tcp.wrong-person", "Alice")


def test_an_rst_of_ones_own_is_not_anothers() -> None:
    room = Play(lan("free"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server")
    room.carry(f"{SERVER} > {ALICE} SYN,ACK seq=300 ack=999", "server", "router", "alice")
    assert room.scan("mallory", f"10.0.1.66:40002 > {SERVER} RST seq=0").reason == "tcp.rst-unowed"
    assert room.scan("mallory", f"10.0.1.66:40001 > {SERVER} RST seq=999").params["other"] == "Alice"


def test_who_answers_for_another_with_its_address_is_told_so_too() -> None:
    room = Play(lan("coach"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server")
    ruling = room.scan("mallory", f"{SERVER} > {ALICE} SYN,ACK seq=300 ack=101")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "tcp.wrong-person")
    assert ruling.params["other"] == "Server"


def test_a_coach_stops_icmp_that_nobody_owes_whoever_it_bears() -> None:
    room = established("coach")
    for node, source, reason in (
        ("server", "10.0.1.1", "icmp.unowed"),
        ("mallory", "10.0.1.66", "icmp.unowed"),
        ("mallory", "10.0.1.1", "ip.wrong-source"),
    ):
        ruling = room.scan(node, f"{source} > 10.0.1.2 PORT-UNREACHABLE", card=f"{node}-{reason}")
        assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", reason, node)


@pytest.mark.parametrize(("source", "reason"), [("10.0.1.66", "icmp.unowed"), ("10.0.1.1", "ip.spoofed-source")])
def test_a_forged_error_of_who_has_seen_nothing_quotes_nothing_and_is_thrown_away(source: str, reason: str) -> None:
    room = Play(lan("free"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router")
    forged = f"{source} > 10.0.1.2 PORT-UNREACHABLE"
    ruling = room.scan("mallory", forged)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("sent", reason, "mallory")
    assert room.carry(forged, "router") == ["forwarded"]
    ruling = room.scan("alice", forged)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("dropped", "icmp.stray", None)
    assert room.state("alice") == [State.SYN_SENT]


def test_a_router_that_has_seen_a_syn_can_lie_about_it_and_end_the_connection() -> None:
    room = Play(lan("free"))
    room.carry(f"{ALICE} > {SERVER} SYN seq=100", "alice", "router")
    lie = "10.0.1.1 > 10.0.1.2 PORT-UNREACHABLE"
    ruling = room.scan("router", lie)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("sent", "ip.spoofed-source", "router")
    ruling = room.scan("alice", lie)
    assert (ruling.verdict.value, ruling.reason, ruling.forged) == ("delivered", "icmp.refused", True)
    assert room.state("alice") == []


def test_a_lie_about_an_established_connection_is_only_noted() -> None:
    room = established("free")
    lie = "10.0.1.254 > 10.0.1.2 HOST-UNREACHABLE"
    assert room.scan("router", lie).reason == "icmp.unowed"
    assert room.scan("alice", lie).reason == "icmp.noted"
    assert room.state("alice") == [State.ESTABLISHED]


def test_a_ping_in_anothers_name_is_answered_to_who_has_not_asked() -> None:
    room = Play(lan("free"))
    ping = "10.0.1.2 > 10.0.1.1 ECHO"
    assert room.carry(ping, "mallory", "router", "server") == ["sent", "forwarded", "delivered"]
    assert room.carry("10.0.1.1 > 10.0.1.2 ECHO-REPLY", "server", "router", "alice") == [
        "sent",
        "forwarded",
        "delivered",
    ]


@pytest.mark.parametrize("source", ["10.0.1.66", "10.0.1.1"])
def test_a_reply_to_a_ping_that_nobody_has_sent_is_thrown_away(source: str) -> None:
    room = Play(lan("free"))
    pong = f"{source} > 10.0.1.2 ECHO-REPLY"
    room.carry(pong, "mallory", "router")
    ruling = room.scan("alice", pong)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("dropped", "icmp.unasked", None)
    room.carry("10.0.1.2 > 10.0.1.1 ECHO", "alice", "router", "server")
    pong = "10.0.1.1 > 10.0.1.2 ECHO-REPLY"
    room.scan("server", pong, card="answer")
    room.scan("router", pong, card="answer")
    assert room.scan("alice", pong, card="answer").reason == "icmp.echo-reply"


@pytest.mark.parametrize("play", ["coach", "free"])
def test_a_reply_that_its_sender_forgot_to_scan_is_no_forgery(play: str) -> None:
    room = Play(lan(play))
    room.carry("10.0.1.2 > 10.0.1.1 ECHO", "alice", "router", "server")
    ruling = room.scan("router", "10.0.1.1 > 10.0.1.2 ECHO-REPLY")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.skipped-sender", "server")


def test_a_card_that_its_sender_forgot_to_scan_is_no_forgery() -> None:
    for play in ("coach", "free"):
        ruling = Play(lan(play)).scan("router", f"{ALICE} > {SERVER} SYN seq=100")
        assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.skipped-sender", "alice")


ASKED = ((f"{ALICE} > {SERVER} SYN seq=100", "alice", "router", "server"),)


@pytest.mark.parametrize("play", ["coach", "free"])
@pytest.mark.parametrize("node", ["router", "alice"])
@pytest.mark.parametrize(
    "card",
    [
        f"{SERVER} > {ALICE} SYN,ACK seq=500 ack=100",
        f"{SERVER} > {ALICE} ACK seq=500 ack=101",
        f"{SERVER} > {ALICE} seq=500",
        f"{SERVER} > 10.0.1.2:40002 SYN,ACK seq=500 ack=101",
    ],
)
def test_a_wrong_card_that_its_sender_forgot_to_scan_is_explained_to_its_sender(
    play: str, node: str, card: str
) -> None:
    room = Play(lan(play))
    room.carry(*ASKED[0])
    ruling = room.scan(node, card)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.skipped-sender", "server")
    assert said(room.world.rules, ruling).startswith("Server has not sent this yet")


@pytest.mark.parametrize("ends", ["10.0.1.2:40001 > 10.0.1.1:23", "10.0.1.2:23 > 10.0.1.1:40001"])
def test_swapped_addresses_are_found_by_their_writer_and_a_router_sends_the_card_there(ends: str) -> None:
    room = Play(lan("coach"))
    room.carry(*ASKED[0])
    swapped = f"{ends} SYN,ACK seq=500 ack=101"
    ruling = room.scan("router", swapped)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.skipped-sender", "server")
    assert said(room.world.rules, ruling).startswith("Server has not sent this yet")
    ruling = room.scan("server", swapped)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "ip.swapped-addresses", "server")
    assert ruling.params["answer"] == f"{SERVER} > {ALICE} SYN,ACK seq=500 ack=101"


@pytest.mark.parametrize("play", ["coach", "free"])
@pytest.mark.parametrize("card", ["10.0.1.2 > 10.0.1.1 ECHO", "10.0.1.2:40001 > 10.0.1.1:53 UDP"])
@pytest.mark.parametrize("node", ["router", "server"])
def test_a_ping_or_a_datagram_that_its_sender_forgot_to_scan_is_no_forgery(play: str, card: str, node: str) -> None:
    ruling = Play(lan(play)).scan(node, card)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "link.skipped-sender", "alice")


def test_an_rst_in_the_name_of_who_owes_something_else_is_a_forgery() -> None:
    room = Play(lan("coach"))
    room.carry(*ASKED[0])
    ruling = room.scan("router", f"{SERVER} > {ALICE} RST,ACK seq=0 ack=101")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("dropped", "ip.spoofed-source", "router")


ENDS = (
    (IPv4Address("10.0.1.2"), IPv4Address("10.0.1.1"), 40001, 23),
    (IPv4Address("10.0.1.1"), IPv4Address("10.0.1.2"), 23, 40001),
)
NUMBERS = st.sampled_from([99, 100, 101, 102, 300, 301, 302, 9999]).map(SeqNum)
FORGED = st.builds(
    lambda ends, flags, seq, ack, data: Written(
        ends[0], ends[1], ends[2], ends[3], flags, seq, ack if Flags.ACK in flags else None, payload=data
    ),
    st.sampled_from(ENDS),
    st.integers(0, 63).map(Flags),
    NUMBERS,
    NUMBERS,
    st.sampled_from([b"", b"x", b"hello"]),
)


@given(st.sampled_from(["coach", "free"]), st.lists(FORGED, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_forgery_never_moves_the_source_that_it_claims(play: str, forged: list[Written]) -> None:
    room = established(play)
    for number, written in enumerate(forged):
        claimed = room.world.rules.by_address[written.src] if written.src else ""
        before = room.world.nodes[claimed]
        world, (ruling,) = judge(room.world, Scanned(room.at, "badge-mallory", f"M-{number}", written))
        room.world = world
        assert room.world.nodes[claimed] == before
        if ruling.verdict.value != "sent":
            continue
        target = "server" if claimed == "alice" else "alice"
        for node in ("router", target):
            room.world, _ = judge(room.world, Scanned(room.at, f"badge-{node}", f"M-{number}", written))
        assert room.world.nodes[claimed] == before


def counting_bytes(*cards: tuple[str, ...]) -> Play:
    """Where one plays freely in the game's numbers, after these cards."""
    room = Play(replace(lan("free"), counting=Counting.BYTES))
    for card, *nodes in cards:
        room.carry(card, *nodes)
    return room


SAYS_HELLO = (
    (f"{ALICE} > {SERVER} SYN seq=0", "alice", "router", "server"),
    (f"{SERVER} > {ALICE} SYN,ACK seq=0 ack=0", "server", "router", "alice"),
    (f"{ALICE} > {SERVER} ACK seq=0 ack=0", "alice", "router", "server"),
    (f'{SERVER} > {ALICE} ACK seq=0 ack=0 data="hello"', "server", "router", "alice"),
    (f"{ALICE} > {SERVER} ACK seq=0 ack=5", "alice", "router", "server"),
)


@pytest.mark.parametrize(
    ("seq", "verdict", "reason"),
    [(5, "rst", "tcp.connection-reset"), (6, "dropped", "tcp.rst-challenged"), (4, "dropped", "tcp.rst-forged")],
)
@pytest.mark.parametrize("server", ["talks", "has forgotten"])
def test_a_forged_rst_is_held_against_the_stream_that_its_receiver_knows(
    server: str, seq: int, verdict: str, reason: str
) -> None:
    room = counting_bytes(*SAYS_HELLO)
    if server == "has forgotten":
        assert room.carry(f"{ALICE} > {SERVER} RST seq=0", "mallory", "router", "server")[-1] == "rst"
        assert room.state("server") == []
    rst = f"{SERVER} > {ALICE} RST seq={seq}"
    room.carry(rst, "mallory", "router")
    ruling = room.scan("alice", rst)
    assert (ruling.verdict.value, ruling.reason) == (verdict, reason)
    assert room.state("alice") == ([] if verdict == "rst" else [State.ESTABLISHED])


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        ("SYN,ACK seq=0 ack=0", "delivered", "tcp.syn-acked"),
        ("RST,ACK seq=0 ack=0", "rst", "tcp.connection-refused"),
        ("SYN,ACK seq=0 ack=7", "rst", "tcp.ack-of-nothing"),
        ("RST,ACK seq=0 ack=7", "dropped", "tcp.rst-forged"),
    ],
)
@pytest.mark.parametrize("claimed", [SERVER, "10.0.1.99:23"])
def test_a_forged_answer_to_a_syn_that_its_claimed_source_has_never_heard(
    claimed: str, answer: str, verdict: str, reason: str
) -> None:
    room = counting_bytes((f"{ALICE} > {claimed} SYN seq=0", "alice", "router"))
    forged = f"{claimed} > {ALICE} {answer}"
    room.carry(forged, "mallory", "router")
    ruling = room.scan("alice", forged)
    assert (ruling.verdict.value, ruling.reason) == (verdict, reason)


def test_a_forged_fin_in_the_games_numbers_is_the_last_that_its_receiver_waits_for() -> None:
    room = counting_bytes(*SAYS_HELLO)
    room.carry(f"{ALICE} > {SERVER} RST seq=0", "mallory", "router", "server")
    fin = f"{SERVER} > {ALICE} FIN,ACK seq=5 ack=0"
    assert room.carry(fin, "mallory", "router", "alice")[-1] == "delivered"
    assert room.state("alice") == [State.CLOSE_WAIT]
    rst = f"{SERVER} > {ALICE} RST seq=5"
    assert room.carry(rst, "mallory", "router", "alice")[-1] == "rst", "beyond the FIN, which does not count on paper"
