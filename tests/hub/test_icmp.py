"""ICMP errors: what they quote, when there is none, how many there are."""

from __future__ import annotations

from ipaddress import IPv4Address
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.datagram import Datagram, Echo, Fragment, IcmpError, IcmpType, Opaque, Protocol, Quote, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator.icmp import RateLimit, about, error
from hub.simulator.wire import encode
from tests.cards import strategies

ROUTER, SRC, DST = IPv4Address("10.1.0.1"), IPv4Address("10.1.0.2"), IPv4Address("10.9.0.7")


def carrying(body: Body, src: str = str(SRC), dst: str = str(DST)) -> Packet:
    return Packet(IPv4Address(src), IPv4Address(dst), body, ttl=7, ident=77)


def complaint(packet: Packet) -> Packet | None:
    return error(packet, ROUTER, IcmpType.UNREACHABLE, Unreachable.HOST)


QUESTION = Datagram(5000, 53, b"who?")
ABOUT = Quote(SRC, DST, Protocol.UDP, b"", 0, 0)


def test_it_goes_to_the_sender_and_quotes_the_packet() -> None:
    answer = error(carrying(QUESTION), ROUTER, IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED, mtu=600)
    assert answer is not None
    assert (answer.src, answer.dst, answer.ttl) == (ROUTER, SRC, 64)
    body = answer.body
    assert isinstance(body, IcmpError)
    assert (body.type, body.code, body.mtu) == (3, 4, 600)
    assert (body.about.src, body.about.dst, body.about.protocol) == (SRC, DST, 17)
    assert (body.about.ttl, body.about.ident, body.about.ports) == (7, 77, (5000, 53))
    assert body.about.begins[8:] == b"who?"


def test_a_segment_is_quoted_with_its_sequence_number() -> None:
    quote = about(carrying(Segment(1025, 23, Flags.SYN, SeqNum(1000))))
    assert (quote.ports, quote.seq, len(quote.begins)) == ((1025, 23), 1000, 20)


@pytest.mark.parametrize(("data", "octets"), [(0, 20 + 8 + 20 + 8), (520, 576), (521, 576), (1400, 576)])
def test_it_quotes_as_much_as_fits_into_576_octets(data: int, octets: int) -> None:
    answer = complaint(carrying(Datagram(5000, 53, bytes(data))))
    assert answer is not None
    assert len(encode(answer)) == octets


# When there is none (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7)


@pytest.mark.parametrize(
    "body",
    [
        IcmpError(IcmpType.TIME_EXCEEDED, 0, ABOUT),
        IcmpError(IcmpType.UNREACHABLE, 3, ABOUT),
        Opaque(Protocol.ICMP, bytes((IcmpType.REDIRECT, 1, 0, 0))),
        Opaque(Protocol.ICMP, bytes((42, 0, 0, 0))),
        Opaque(Protocol.ICMP, b""),
        Fragment(Protocol.ICMP, 0, True, bytes((IcmpType.UNREACHABLE, 1, 0, 0, 0, 0, 0, 0))),
        Fragment(Protocol.UDP, 8, True, bytes(8)),
        Fragment(Protocol.UDP, 8, False, bytes(8)),
    ],
)
def test_none_about_an_icmp_error_or_a_later_fragment(body: Body) -> None:
    assert complaint(carrying(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        Echo(False, 1, 1),
        Echo(True, 1, 1),
        Opaque(Protocol.ICMP, bytes((13, 0, 0, 0))),
        Opaque(253, bytes((IcmpType.UNREACHABLE, 1))),
        Fragment(Protocol.UDP, 0, True, bytes(8)),
        Fragment(Protocol.ICMP, 0, True, bytes((IcmpType.ECHO, 0, 0, 0, 0, 0, 0, 0))),
        Packet(DST, SRC, IcmpError(IcmpType.UNREACHABLE, 3, ABOUT)),
    ],
)
def test_one_about_everything_else(body: Body) -> None:
    assert complaint(carrying(body)) is not None


@pytest.mark.parametrize("dst", ["255.255.255.255", "224.0.0.1", "239.255.255.255"])
def test_none_about_what_went_to_many(dst: str) -> None:
    assert complaint(carrying(QUESTION, dst=dst)) is None


@pytest.mark.parametrize("src", ["0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"])
def test_none_to_whoever_is_not_one_host(src: str) -> None:
    assert complaint(carrying(QUESTION, src=src)) is None


@given(strategies.packets_with(strategies.bodies | strategies.tunnels))
def test_an_error_is_never_answered_by_an_error(packet: Packet) -> None:
    answer = complaint(packet)
    assert answer is None or complaint(answer) is None


# How many (RFC 1812 §4.3.2.8)


def allowed(limit: RateLimit, times: list[int]) -> list[bool]:
    answers = []
    for now in times:
        limit, answer = limit.take(now)
        answers.append(answer)
    return answers


def test_a_burst_and_then_one_each_interval() -> None:
    limit = RateLimit(interval=100, burst=3)
    assert allowed(limit, [0, 0, 0, 0, 99, 100, 100, 200, 250]) == [True] * 3 + [False] * 2 + [True, False, True, False]
    assert allowed(limit, [0, 0, 0, 1000, 1000, 1000, 1000]) == [True] * 6 + [False]


def test_it_can_be_switched_off() -> None:
    assert all(allowed(RateLimit(interval=0), [0] * 1000))


@given(st.integers(1, 500), st.integers(1, 20), st.lists(st.integers(0, 300), max_size=100))
def test_never_more_than_burst_and_rate_allow(interval: int, burst: int, gaps: list[int]) -> None:
    times = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    sent = [now for now, answer in zip(times, allowed(RateLimit(interval, burst), times), strict=True) if answer]
    for first, last in combinations(range(len(sent)), 2):
        assert last - first + 1 <= burst + (sent[last] - sent[first]) // interval
