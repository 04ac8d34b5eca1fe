"""Ping, UDP and ICMP errors by people: what is owed, who writes it, and what else is written."""

from __future__ import annotations

import pytest

from hub.lessons import from_text, load
from hub.simulator import bots
from hub.simulator.rules import Rules
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import new_world
from hub.speech import turn_text
from tests.hub.play import Play

CHAIN = """
title: Two LANs
goal: Find the way
form: {ttl: 4, next_hop: true}
nodes:
  - {id: ann, title: Ann, address: 10.0.1.2, routes: {default: r1}}
  - id: r1
    title: R1
    router: true
    address: [10.0.1.254/24, 192.168.12.1/30]
    routes: {10.0.2.0/24: r2}
  - id: r2
    title: R2
    router: true
    address: [10.0.2.254/24, 192.168.12.2/30]
    routes: {10.0.1.0/24: r1}
  - {id: ben, title: Ben, address: 10.0.2.1, routes: {default: r2}, services: {23: telnet}}
  - {id: wall, title: Wall, address: 10.0.2.9, routes: {default: r2}, silent: true}
links: [[ann, r1], [r1, r2], [r2, ben], [r2, wall]]
"""


def chain() -> Play:
    rules: Rules = from_text(CHAIN, "chain").rules
    return Play(rules)


def said(ruling: Ruling) -> tuple[str, str]:
    return ruling.verdict.value, ruling.reason


def owes(play: Play, node: str) -> tuple[str, str, str] | None:
    owed = turn(play.world, node)
    return None if owed is None else (owed.code, owed.flags, owed.peer)


def test_a_ping_and_its_reply_go_through_two_routers() -> None:
    play = chain()
    for node, marks in (("ann", "ttl=4"), ("r1", "ttl=3 via=R2"), ("r2", "ttl=2 via=Ben"), ("ben", "ttl=2")):
        ruling = play.scan(node, f"10.0.1.2 > 10.0.2.1 ECHO {marks}", card="T-1")
    assert said(ruling) == ("delivered", "icmp.echo")
    assert owes(play, "ben") == ("reply", "ECHO-REPLY", "Ann")
    for node, marks in (("ben", "ttl=4"), ("r2", "ttl=3 via=R1"), ("r1", "ttl=2 via=Ann"), ("ann", "ttl=2")):
        ruling = play.scan(node, f"10.0.2.1 > 10.0.1.2 ECHO-REPLY {marks}", card="T-2")
    assert said(ruling) == ("delivered", "icmp.echo-reply")
    assert owes(play, "ben") is None


def test_a_router_that_lets_a_packet_die_owes_its_sender_a_word() -> None:
    play = chain()
    probe = '10.0.1.2:40001 > 10.0.2.1:33434 UDP data="?"'
    play.scan("ann", f"{probe} ttl=1", card="T-1")
    assert said(play.scan("r1", f"{probe} ttl=0 via=R2", card="T-1")) == ("dropped", "ip.ttl-expired")
    assert owes(play, "r1") == ("report", "TIME-EXCEEDED", "Ann")
    wrong = play.scan("r1", "10.0.1.254 > 10.0.1.2 NET-UNREACHABLE")
    assert (*said(wrong), wrong.params["should"]) == ("stopped", "icmp.mismatch", "TIME-EXCEEDED")
    error = "10.0.1.254 > 10.0.1.2 TIME-EXCEEDED"
    assert said(play.scan("r1", error)) == ("sent", "icmp.error-sent")
    assert said(play.scan("ann", error)) == ("delivered", "icmp.reported")
    assert owes(play, "r1") is None


def test_a_router_speaks_from_the_address_of_the_link_by_which_it_answers() -> None:
    play = chain()
    probe = '10.0.1.2:40001 > 10.0.2.1:33434 UDP data="?"'
    for node, marks in (("ann", "ttl=2"), ("r1", "ttl=1 via=R2"), ("r2", "ttl=0 via=Ben")):
        play.scan(node, f"{probe} {marks}", card="T-1")
    ruling = play.scan("r2", "? > 10.0.1.2 TIME-EXCEEDED")
    assert said(ruling) == ("sent", "icmp.error-sent")
    assert ruling.packet is not None
    assert str(ruling.packet.src) == "192.168.12.2"


@pytest.mark.parametrize(
    ("to", "reason", "error"),
    [
        ("172.16.9.9", "ip.no-route", "NET-UNREACHABLE"),
        ("10.0.1.77", "ip.host-unreachable", "HOST-UNREACHABLE"),
    ],
)
def test_a_router_without_a_way_says_so(to: str, reason: str, error: str) -> None:
    play = chain()
    syn = f"10.0.1.2:40001 > {to}:23 SYN seq=100"
    play.scan("ann", f"{syn} ttl=4", card="T-1")
    assert said(play.scan("r1", f"{syn} ttl=3", card="T-1")) == ("dropped", reason)
    assert owes(play, "r1") == ("report", error, "Ann")
    assert said(play.scan("r1", f"10.0.1.254 > 10.0.1.2 {error}")) == ("sent", "icmp.error-sent")
    assert said(play.scan("ann", f"10.0.1.254 > 10.0.1.2 {error}")) == ("delivered", "icmp.noted")


def test_a_udp_port_that_nobody_has_open_owes_port_unreachable() -> None:
    play = chain()
    for node, marks in (("ann", "ttl=4"), ("r1", "ttl=3 via=R2"), ("r2", "ttl=2 via=Ben"), ("ben", "ttl=2")):
        ruling = play.scan(node, f"10.0.1.2:40001 > 10.0.2.1:99 UDP {marks}", card="T-1")
    assert said(ruling) == ("dropped", "udp.no-listener")
    assert owes(play, "ben") == ("report", "PORT-UNREACHABLE", "Ann")


def test_a_firewall_swallows_everything_and_owes_nothing() -> None:
    play = chain()
    for node, marks in (("ann", "ttl=4"), ("r1", "ttl=3 via=R2"), ("r2", "ttl=2 via=Wall"), ("wall", "ttl=2")):
        ruling = play.scan(node, f"10.0.1.2 > 10.0.2.9 ECHO {marks}", card="T-1")
    assert said(ruling) == ("dropped", "ip.filtered")
    assert owes(play, "wall") is None


@pytest.mark.parametrize("kind", ["ECHO-REPLY", "TIME-EXCEEDED", "PORT-UNREACHABLE"])
def test_nobody_reports_what_has_not_happened(kind: str) -> None:
    ruling = chain().scan("r1", f"10.0.1.254 > 10.0.1.2 {kind}")
    assert (*said(ruling), ruling.charged) == ("stopped", "icmp.unowed", "r1")


@pytest.mark.parametrize(
    ("marks", "reason", "should"),
    [
        ("ttl=4 via=R2", "ip.ttl-not-crossed", "3"),
        ("ttl=2 via=R2", "ip.ttl-mismatch", "3"),
        ("ttl=3", "ip.next-hop-missing", "R2"),
        ("ttl=3 via=Ann", "ip.wrong-next-hop", "R2"),
        ("ttl=3 via=Nobody", "ip.wrong-next-hop", "R2"),
    ],
)
def test_the_marks_of_a_routers_player(marks: str, reason: str, should: str) -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=100"
    play.scan("ann", f"{syn} ttl=4", card="T-1")
    before = play.world.nodes
    wrong = play.scan("r1", f"{syn} {marks}", card="T-1")
    assert (*said(wrong), wrong.charged, wrong.params["should"]) == ("stopped", reason, "r1", should)
    assert play.world.nodes == before
    assert said(play.scan("r1", f"{syn} ttl=3 via=R2", card="T-1")) == ("forwarded", "ip.forwarded")


def test_a_printed_card_has_no_rows_to_mark() -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=100 ttl=64"
    assert play.carry(syn, "ann", "r1", "r2", "ben") == ["sent", "forwarded", "forwarded", "delivered"]


def test_two_tables_that_point_at_each_other_let_a_packet_die() -> None:
    from hub.simulator.events import TableSet

    play = chain()
    play.do(TableSet(0, "r2", (("default", "r1"),)))
    play.do(TableSet(0, "r1", (("default", "r2"), ("10.0.1.0/24", "link"))))
    ping = "10.0.1.2 > 172.16.0.1 ECHO"
    seen = []
    for ttl, node in enumerate(("ann", "r1", "r2", "r1", "r2")):
        via = {"r1": "via=R2", "r2": "via=R1"}.get(node, "")
        seen.append(said(play.scan(node, f"{ping} ttl={4 - ttl} {via}", card="T-1")))
    assert [reason for _, reason in seen] == [
        "icmp.echo-sent",
        "ip.forwarded",
        "ip.forwarded",
        "ip.looping",
        "ip.ttl-expired",
    ]


def test_the_engine_writes_the_icmp_that_a_player_owes() -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 172.16.9.9:23 SYN seq=100"
    play.scan("ann", f"{syn} ttl=4", card="T-1")
    play.scan("r1", f"{syn} ttl=3", card="T-1")
    played = bots.step(play.world, "r1")
    assert played is not None
    (ruling,) = play.do(played)
    assert said(ruling) == ("sent", "icmp.error-sent")


@pytest.mark.parametrize(
    "nonsense",
    [
        "10.0.1.2:1 > 10.0.2.1:2 UDP seq=5",
        "10.0.1.2 > 10.0.2.1 ECHO ack=5",
        "10.0.1.2 > ? ECHO",
        "10.0.1.2:1 > 10.0.2.1:? UDP",
    ],
)
def test_a_card_that_contradicts_itself_raises_nothing(nonsense: str) -> None:
    assert chain().scan("ann", nonsense).verdict.value in ("sent", "stopped")


def test_a_card_that_does_not_say_its_boxes_has_those_of_the_form() -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=1"
    play.scan("ann", syn, card="T-1")
    assert said(play.scan("r1", f"{syn} ttl=3 via=R2", card="T-1")) == ("forwarded", "ip.forwarded")
    wrong = play.scan("r2", f"{syn} ttl=3 via=Ben", card="T-1")
    assert (*said(wrong), wrong.params["should"]) == ("stopped", "ip.ttl-not-crossed", "2")


def test_what_came_with_boxes_has_no_more_of_them_than_the_form() -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=1"
    play.scan("ann", f"{syn} ttl=2", card="T-1")
    wrong = play.scan("r1", f"{syn} ttl=64 via=R2", card="T-1")
    assert (*said(wrong), wrong.params["should"]) == ("stopped", "ip.ttl-mismatch", "1")


def test_what_was_printed_with_more_than_the_form_has_boxes_for_is_not_crossed_out() -> None:
    play = chain()
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=1 ttl=64"
    play.scan("ann", syn, card="T-1")
    assert said(play.scan("r1", syn, card="T-1")) == ("forwarded", "ip.forwarded")


def test_a_ping_to_an_address_that_nobody_has_is_called_by_it_alone() -> None:
    lesson = from_text(load("no-route").source.replace("{ping: 10.0.2.1}", "{ping: 10.0.7.9}"), "mine")
    asks = (turn(new_world(lesson.rules, "seed"), node.id) for node in lesson.rules.nodes)
    assert "Ping 10.0.7.9" in [turn_text(lesson.rules, each) for each in asks if each is not None]
