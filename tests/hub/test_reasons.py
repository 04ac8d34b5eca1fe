"""A gallery: what people do, and the reason that they are told. Each case is a course of cards and a last scan."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hub import messages
from hub.messages import Answer
from hub.simulator.facts import facts
from hub.simulator.reasons import REASONS
from hub.simulator.rules import Play as Mode
from hub.simulator.rules import Timers
from hub.texts import hints, sentence
from tests.hub.play import CLIENT, SERVER, SYN, SYN_ACK, Play, established, with_rules
from tests.hub.test_people_icmp import chain
from tests.hub.test_referee_forgeries import established as established_lan

THERE, BACK = f"{CLIENT} > {SERVER}", f"{SERVER} > {CLIENT}"
PING = "10.0.1.2 > 10.0.2.1 ECHO ttl=64"
FAR = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=1 ttl=64"
OUT, HOME = ("client", "router", "server"), ("server", "router", "client")


FREE = with_rules(play=Mode.FREE)
TIMED = with_rules(timers=Timers(retransmission=90_000))


def open_and_free() -> Play:
    """A connection in a room where one plays freely: what is wrong travels, and its receiver reacts."""
    return established(FREE)


def half_open() -> Play:
    play = Play(FREE)
    play.carry(SYN, *OUT)
    play.carry(SYN_ACK, "server", "router")
    return play


def closed_by_client() -> Play:
    """The client has sent its FIN, and it is acknowledged."""
    play = established()
    play.carry(f"{THERE} FIN,ACK seq=101 ack=301", *OUT)
    play.carry(f"{BACK} ACK seq=301 ack=102", *HOME)
    return play


def in_time_wait() -> Play:
    play = closed_by_client()
    play.carry(f"{BACK} FIN,ACK seq=301 ack=102", *HOME)
    play.carry(f"{THERE} ACK seq=102 ack=302", *OUT)
    return play


def said_hello() -> Play:
    """5 octets have arrived and are acknowledged."""
    play = established()
    play.carry(f'{THERE} ACK seq=101 ack=301 data="hello"', *OUT)
    play.carry(f"{BACK} ACK seq=301 ack=106", *HOME)
    return play


def timer_ran_out() -> Play:
    """The client's "hello" has got lost, and it should go again."""
    play = established(TIMED)
    play.carry(f'{THERE} ACK seq=101 ack=301 data="hello"', *OUT[:2])
    play.at += 90_000
    return play


def after(begin: Callable[[], Play], *cards: tuple[str, tuple[str, ...]]) -> Callable[[], Play]:
    def play() -> Play:
        room = begin()
        for text, nodes in cards:
            room.carry(text, *nodes)
        return room

    return play


CASES: list[tuple[str, str, str | None, Callable[[], Play], str, str]] = [
    # reason, verdict, whose mistake, after what, where, what
    (
        "card.spent",
        "dropped",
        "server",
        lambda: established_lan("coach"),
        "mallory",
        f"10.0.1.2:40001 > {SERVER} SYN seq=100",
    ),
    ("link.wrong-neighbour", "dropped", "r2", after(chain, (FAR, ("ann", "r1", "r2"))), "wall", FAR),
    ("link.no-wire", "dropped", "ann", after(chain, (FAR, ("ann",))), "wall", FAR),
    ("tcp.fin-sent", "sent", None, established, "client", f"{THERE} FIN,ACK seq=101 ack=301"),
    (
        "tcp.fin-received",
        "delivered",
        None,
        after(established, (f"{THERE} FIN,ACK seq=101 ack=301", OUT[:2])),
        "server",
        f"{THERE} FIN,ACK seq=101 ack=301",
    ),
    (
        "tcp.ack-received",
        "delivered",
        None,
        after(said_hello, (f'{THERE} ACK seq=106 ack=301 data="x"', OUT), (f"{BACK} ACK seq=301 ack=107", HOME[:2])),
        "client",
        f"{BACK} ACK seq=301 ack=107",
    ),
    (
        "tcp.closed",
        "delivered",
        None,
        after(
            closed_by_client,
            (f"{BACK} FIN,ACK seq=301 ack=102", HOME),
            (f"{THERE} ACK seq=102 ack=302", OUT[:2]),
        ),
        "server",
        f"{THERE} ACK seq=102 ack=302",
    ),
    ("tcp.after-own-fin", "stopped", "client", closed_by_client, "client", f'{THERE} ACK seq=102 ack=301 data="x"'),
    ("tcp.time-wait", "stopped", "client", in_time_wait, "client", f"{THERE} SYN seq=500"),
    (
        "tcp.acknowledged-already",
        "stopped",
        "client",
        said_hello,
        "client",
        f'{THERE} ACK seq=101 ack=301 data="hello" ttl=9',
    ),
    ("tcp.data-missing", "stopped", "client", timer_ran_out, "client", f"{THERE} PSH,ACK seq=101 ack=301"),
    (
        "tcp.retransmission-differs",
        "stopped",
        "client",
        after(established, (f'{THERE} ACK seq=101 ack=301 data="hello"', OUT[:2])),
        "client",
        f'{THERE} ACK seq=101 ack=301 data="hullo"',
    ),
    (
        "tcp.segment-too-big",
        "stopped",
        "client",
        established,
        "client",
        f'{THERE} ACK seq=101 ack=301 data="{"x" * 600}"',
    ),
    ("tcp.retransmitted-early", "sent", None, after(lambda: Play(TIMED), (SYN, OUT[:2])), "client", f"{SYN} ttl=9"),
    (
        "tcp.simultaneous-open",
        "delivered",
        None,
        after(Play, (SYN, OUT[:1]), (f"{BACK} SYN seq=300", HOME[:2])),
        "client",
        f"{BACK} SYN seq=300",
    ),
    (
        "tcp.ack-absent",
        "dropped",
        None,
        after(open_and_free, (f'{THERE} - seq=101 data="x"', OUT[:2])),
        "server",
        f'{THERE} - seq=101 data="x"',
    ),
    (
        "tcp.ack-of-nothing",
        "dropped",
        None,
        after(open_and_free, (f"{THERE} ACK seq=101 ack=900", OUT[:2])),
        "server",
        f"{THERE} ACK seq=101 ack=900",
    ),
    (
        "tcp.ack-too-old",
        "dropped",
        None,
        after(open_and_free, (f"{THERE} ACK seq=101 ack=4294900000", OUT[:2])),
        "server",
        f"{THERE} ACK seq=101 ack=4294900000",
    ),
    (
        "tcp.out-of-window",
        "dropped",
        None,
        after(open_and_free, (f'{THERE} ACK seq=90000 ack=301 data="x"', OUT[:2])),
        "server",
        f'{THERE} ACK seq=90000 ack=301 data="x"',
    ),
    (
        "tcp.syn-challenged",
        "dropped",
        None,
        after(open_and_free, (f"{THERE} SYN seq=101", OUT[:2])),
        "server",
        f"{THERE} SYN seq=101",
    ),
    (
        "tcp.syn-twice",
        "dropped",
        None,
        after(half_open, (f"{THERE} SYN seq=101", OUT[:2])),
        "server",
        f"{THERE} SYN seq=101",
    ),
    (
        "tcp.after-fin",
        "dropped",
        None,
        after(
            open_and_free,
            (f"{THERE} FIN,ACK seq=101 ack=301", OUT),
            (f'{THERE} ACK seq=102 ack=301 data="x"', OUT[:2]),
        ),
        "server",
        f'{THERE} ACK seq=102 ack=301 data="x"',
    ),
    ("udp.sent", "sent", None, chain, "ann", "10.0.1.2:40001 > 10.0.2.1:99 UDP ttl=4"),
    (
        "icmp.reply-sent",
        "sent",
        None,
        after(chain, (PING, ("ann", "r1", "r2", "ben"))),
        "ben",
        "10.0.2.1 > 10.0.1.2 ECHO-REPLY ttl=4",
    ),
]


@pytest.mark.parametrize(
    ("reason", "verdict", "charged", "begin", "node", "text"), CASES, ids=[case[0] for case in CASES]
)
def test_what_people_do_and_what_they_are_told(
    reason: str, verdict: str, charged: str | None, begin: Callable[[], Play], node: str, text: str
) -> None:
    play = begin()
    ruling = play.scan(node, text)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == (verdict, reason, charged)
    known = facts(play.world.rules, ruling)
    assert not re.search(r"\{|[^a-z]\?", sentence(reason, known)), "a parameter is missing"
    if REASONS[reason].mistake:
        help_ = hints(reason, known)
        assert help_ is not None
        assert not re.search(r"[^a-z]\?", help_.answer), help_


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_can_be_told_to_a_badge(code: str) -> None:
    answer = Answer("b1", "00112233", 1, messages.Verdict.STOPPED, code, "Why.", messages.LightWord.STOPPED)
    topic, octets = messages.topic(answer, "kit"), messages.encode(answer)
    assert messages.decode_down(topic, octets) == answer
