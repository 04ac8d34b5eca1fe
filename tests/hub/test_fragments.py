"""Fragments: cut so that they fit, put together in any order, given up when one stays away."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, Fragment, Protocol
from cards.packet import Packet
from hub.simulator.fragments import KEPT, Reassembly, size, split
from hub.simulator.wire import encode, encode_body
from tests.cards import strategies

SRC, DST = IPv4Address("10.1.0.2"), IPv4Address("10.1.0.1")
MINUTE = 60_000


def question(data: bytes, ident: int = 77) -> Packet:
    return Packet(SRC, DST, Datagram(5000, 53, data), ident=ident)


def piece(offset: int, octets: bytes, more: bool = True, ident: int = 77, ttl: int = 64) -> Packet:
    return Packet(SRC, DST, Fragment(Protocol.UDP, offset, more, octets), ttl, ident=ident)


def body(packet: Packet) -> Fragment:
    assert isinstance(packet.body, Fragment)
    return packet.body


def arrived(*pieces: Packet, reassembly: Reassembly | None = None) -> tuple[Reassembly, list[Packet | str]]:
    reassembly = reassembly or Reassembly()
    outcomes: list[Packet | str] = []
    for each in pieces:
        reassembly, outcome = reassembly.take(each, 0)
        outcomes.append(outcome)
    return reassembly, outcomes


OCTETS = encode_body(question(bytes(range(100))))
"""108 octets of a UDP datagram."""

# Cutting


@given(strategies.packets_with(strategies.bodies | strategies.tunnels))
def test_the_size_is_that_of_the_octets(packet: Packet) -> None:
    assert size(packet) == len(encode(packet))


def test_what_fits_stays_as_it_is() -> None:
    packet = question(bytes(100))
    assert split(packet, 128) == (packet,)


def test_where_it_is_cut() -> None:
    packet = question(bytes(range(100)))
    first, second = split(packet, 127)  # 107 octets of body fit; 104 is the largest multiple of 8
    assert (body(first).offset, body(first).more, len(body(first).octets)) == (0, True, 104)
    assert (body(second).offset, body(second).more, len(body(second).octets)) == (104, False, 4)
    assert body(first).octets + body(second).octets == OCTETS
    assert {(each.src, each.dst, each.ttl, each.ident) for each in (first, second)} == {(SRC, DST, 64, 77)}


def test_a_fragment_is_cut_again() -> None:
    first, second, *_ = split(piece(48, bytes(96)), 68)
    assert [(body(each).offset, body(each).more) for each in (first, second)] == [(48, True), (96, True)]
    assert [body(each).more for each in split(piece(48, bytes(96), more=False), 68)] == [True, False]


bodies = strategies.segments(st.binary(max_size=3000)) | st.builds(
    Echo, st.booleans(), strategies.ports, strategies.ports, st.binary(max_size=3000)
)
whole_packets = strategies.packets_with(
    bodies | st.builds(Datagram, *(strategies.ports,) * 2, st.binary(max_size=3000))
)
mtus = st.sampled_from([68, 69, 127, 576, 1500]) | st.integers(68, 3000)


@given(whole_packets, mtus, mtus)
def test_pieces_fit_and_begin_at_multiples_of_8(packet: Packet, mtu: int, second: int) -> None:
    for each in (again for once in split(packet, mtu) for again in split(once, second)):
        assert size(each) <= min(second, size(packet))
        if isinstance(each.body, Fragment) and each.body.more:
            assert len(each.body.octets) % 8 == 0


@given(whole_packets, mtus, mtus, st.randoms())
def test_in_any_order_and_twice_they_are_the_packet_again(
    packet: Packet, mtu: int, second: int, random: Random
) -> None:
    pieces = [again for once in split(packet, mtu) for again in split(once, second)]
    if len(pieces) == 1:
        return
    shuffled = pieces + pieces[: len(pieces) // 2]
    random.shuffle(shuffled)
    _, outcomes = arrived(*shuffled)
    assert [outcome for outcome in outcomes if isinstance(outcome, Packet)][:1] == [packet]


@given(whole_packets, mtus, st.data())
def test_without_one_of_them_there_is_nothing(packet: Packet, mtu: int, data: st.DataObject) -> None:
    pieces = split(packet, mtu)
    if len(pieces) == 1:
        return
    missing = data.draw(st.integers(0, len(pieces) - 1))
    _, outcomes = arrived(*(each for n, each in enumerate(pieces) if n != missing))
    assert set(outcomes) == {KEPT}


@given(st.lists(strategies.packets_with(strategies.fragments).map(lambda p: replace(p, src=SRC, dst=DST, ident=1))))
def test_nothing_that_comes_raises(pieces: list[Packet]) -> None:
    reassembly, _ = arrived(*pieces)
    reassembly, _ = reassembly.advance(MINUTE)
    assert reassembly.deadline is None


# Putting together


def test_the_whole_has_the_header_of_the_first_fragment() -> None:
    _, outcomes = arrived(piece(48, OCTETS[48:], more=False, ttl=9), piece(0, OCTETS[:48], ttl=8))
    assert outcomes == [KEPT, replace(question(bytes(range(100))), ttl=8)]


def test_packets_are_told_apart_by_ident_addresses_and_protocol() -> None:
    others = [
        piece(0, OCTETS[:48], ident=78),
        replace(piece(0, OCTETS[:48]), src=IPv4Address("10.1.0.3")),
        replace(piece(0, OCTETS[:48]), dst=IPv4Address("10.1.0.9")),
        replace(piece(0, OCTETS[:48]), body=Fragment(Protocol.TCP, 0, True, OCTETS[:48])),
    ]
    _, outcomes = arrived(*others, piece(48, OCTETS[48:], more=False))
    assert outcomes == [KEPT] * 5


def test_what_is_there_already_is_ignored() -> None:
    first, last = piece(0, OCTETS[:48]), piece(48, OCTETS[48:], more=False)
    inside = piece(8, b"otherwise ......")
    _, outcomes = arrived(first, first, inside, last)
    assert outcomes == [KEPT, "ip.fragment-duplicate", "ip.fragment-duplicate", question(bytes(range(100)))]


@pytest.mark.parametrize(
    "overlapping",
    [piece(40, OCTETS[40:64]), piece(0, OCTETS[:56]), piece(8, OCTETS[8:], more=False), piece(0, OCTETS, more=False)],
)
def test_an_overlap_ends_the_whole_packet(overlapping: Packet) -> None:
    reassembly, outcomes = arrived(piece(0, OCTETS[:48]), overlapping)
    assert outcomes == [KEPT, "ip.fragment-overlap"]
    assert reassembly == Reassembly()


def test_an_overlap_across_two_pieces() -> None:
    _, outcomes = arrived(piece(0, OCTETS[:16]), piece(32, OCTETS[32:48]), piece(8, OCTETS[8:40]))
    assert outcomes[-1] == "ip.fragment-overlap"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (piece(48, OCTETS[48:], more=False), piece(112, bytes(8))),  # beyond the end
        (piece(24, bytes(8)), piece(16, bytes(8), more=False)),  # the end before what is there
        (piece(48, OCTETS[48:], more=False), piece(16, bytes(8), more=False)),  # two ends
        (piece(48, OCTETS[48:], more=False), piece(112, bytes(8), more=False)),
    ],
)
def test_a_length_that_cannot_be_ends_the_whole_packet(before: Packet, after: Packet) -> None:
    reassembly, outcomes = arrived(before, after)
    assert outcomes == [KEPT, "ip.fragment-overlap"]
    assert reassembly == Reassembly()


@pytest.mark.parametrize(
    "bad",
    [piece(8, b""), piece(8, bytes(15)), piece(65528, bytes(8), more=False), piece(65512, bytes(8))],
    ids=["empty", "not a multiple of 8", "past 65535", "past 65535, more to come"],
)
def test_a_fragment_that_cannot_be_is_ignored(bad: Packet) -> None:
    reassembly, outcomes = arrived(piece(0, OCTETS[:8]), bad)
    assert outcomes == [KEPT, "ip.bad-fragment"]
    assert len(reassembly.partial) == 1


def test_the_largest_packet_there_is() -> None:
    packet = Packet(SRC, DST, Echo(False, 1, 1, bytes(65535 - 28)), ident=5)
    _, outcomes = arrived(*reversed(split(packet, 1500)))
    assert outcomes[-1] == packet


def test_damage_shows_when_it_is_whole() -> None:
    reassembly, outcomes = arrived(piece(0, OCTETS[:48]), piece(48, OCTETS[48:-1] + b"!", more=False))
    assert outcomes == [KEPT, "udp.bad-checksum"]
    assert reassembly == Reassembly()


# Giving up


def test_time_runs_from_the_fragment_that_came_first() -> None:
    reassembly, _ = Reassembly(timeout=2000).take(piece(48, OCTETS[48:64]), 100)
    reassembly, _ = reassembly.take(piece(0, OCTETS[:48]), 1500)
    assert reassembly.deadline == 2100
    assert reassembly.advance(2099) == (reassembly, ())
    assert reassembly.advance(2100) == (Reassembly(timeout=2000), (piece(0, OCTETS[:48]),))


def test_nobody_is_told_without_the_first_fragment() -> None:
    reassembly, _ = arrived(piece(48, OCTETS[48:64]))
    assert reassembly.advance(MINUTE) == (Reassembly(), ())


def test_a_fragment_that_comes_after_that_begins_anew() -> None:
    reassembly, _ = arrived(piece(0, OCTETS[:48]))
    reassembly, _ = reassembly.advance(MINUTE)
    reassembly, outcome = reassembly.take(piece(48, OCTETS[48:], more=False), MINUTE)
    assert outcome == KEPT
    assert reassembly.deadline == MINUTE + 30_000


def test_only_so_many_packets_wait_and_what_began_can_finish() -> None:
    most = Reassembly(most=2)
    first, second, third = (piece(0, OCTETS[:48], ident=n) for n in (1, 2, 3))
    last = replace(piece(48, OCTETS[48:], more=False), ident=1)
    _, outcomes = arrived(first, second, third, last, third, reassembly=most)
    assert outcomes == [KEPT, KEPT, "ip.too-many-fragments", question(bytes(range(100)), ident=1), KEPT]


def test_a_packet_in_too_many_stretches_is_given_up() -> None:
    reassembly, outcomes = arrived(*(piece(16 * n, bytes(8)) for n in range(600)))
    assert "ip.too-many-fragments" in outcomes
    assert all(len(partial.runs) <= 512 for partial in reassembly.partial.values())
