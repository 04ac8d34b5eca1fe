"""Frames and their octets, and where hubs and switches send them."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.datagram import Datagram
from cards.packet import Packet
from hub.simulator.damage import Damaged
from hub.simulator.ethernet import (
    BROADCAST,
    UNKNOWN,
    Arp,
    Frame,
    Hub,
    Mac,
    Operation,
    Port,
    Switch,
    frame_from,
    frame_octets,
)

A, B, C = (Mac(f"02:00:00:00:00:0{digit}") for digit in "abc")
HERE, THERE = IPv4Address("10.1.0.1"), IPv4Address("10.1.0.2")
REQUEST = Arp(Operation.REQUEST, A, HERE, UNKNOWN, THERE)
PORTS: tuple[Port, ...] = (1, 2, 3, "uplink")
AGEING = 300_000

# RFC 826: hardware 1, protocol 0x0800, lengths 6 and 4, operation 1, sender's two addresses, target's two.
REQUEST_OCTETS = bytes.fromhex(
    "ffffffffffff 02000000000a 0806 0001 0800 06 04 0001 02000000000a 0a010001 000000000000 0a010002"
)

MACS = st.binary(min_size=6, max_size=6).map(Mac.of)
ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)
ARPS = st.builds(Arp, st.sampled_from(Operation), MACS, ADDRESSES, MACS, ADDRESSES)
PACKETS = st.builds(
    Packet,
    ADDRESSES,
    ADDRESSES,
    st.builds(Datagram, st.integers(0, 65535), st.integers(0, 65535), st.binary(max_size=60)),
)


def frame(src: Mac, dst: Mac) -> Frame:
    return Frame(dst, src, REQUEST)


def test_an_address_is_the_same_however_it_is_written() -> None:
    assert Mac("02:AB:00:00:00:01") == Mac("02:ab:00:00:00:01") == Mac.of(b"\x02\xab\x00\x00\x00\x01")
    assert str(Mac("02:AB:00:00:00:01")) == "02:ab:00:00:00:01"


@pytest.mark.parametrize(
    "text", ["", "02:00:00:00:00", "02:00:00:00:00:01:02", "02-00-00-00-00-01", "zz:00:00:00:00:01"]
)
def test_no_other_text_is_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="Ethernet address"):
        Mac(text)


@pytest.mark.parametrize(("text", "group"), [("ff:ff:ff:ff:ff:ff", True), ("01:00:5e:00:00:01", True), (A.text, False)])
def test_the_first_octets_lowest_bit_makes_a_group(text: str, group: bool) -> None:
    assert Mac(text).is_group is group


def test_an_arp_request_has_the_octets_of_the_rfc_and_is_filled_up_to_60() -> None:
    assert frame_octets(Frame(BROADCAST, A, REQUEST)) == REQUEST_OCTETS + bytes(18)


def test_an_arp_request_is_read_filled_up_or_not() -> None:
    assert frame_from(REQUEST_OCTETS) == frame_from(REQUEST_OCTETS + bytes(18)) == Frame(BROADCAST, A, REQUEST)


def test_a_packet_goes_with_the_type_of_ipv4() -> None:
    octets = frame_octets(Frame(B, A, Packet(HERE, THERE, Datagram(5000, 53, b"x"))))
    assert octets[:14] == bytes.fromhex("02000000000b 02000000000a 0800")
    assert octets[14] == 0x45
    assert len(octets) == 60


@given(MACS, MACS, ARPS | PACKETS)
def test_what_is_sent_is_what_is_read(dst: Mac, src: Mac, payload: Arp | Packet) -> None:
    assert frame_from(frame_octets(Frame(dst, src, payload))) == Frame(dst, src, payload)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "ethernet.bad-length"),
        (REQUEST_OCTETS[:13], "ethernet.bad-length"),
        (REQUEST_OCTETS[:12] + b"\x86\xdd" + bytes(46), "ethernet.unknown-type"),
        (REQUEST_OCTETS[:41], "arp.bad-length"),
        (REQUEST_OCTETS[:14] + b"\x00\x06" + REQUEST_OCTETS[16:], "arp.unknown-kind"),
        (REQUEST_OCTETS[:18] + b"\x08" + REQUEST_OCTETS[19:], "arp.unknown-kind"),
        (REQUEST_OCTETS[:20] + b"\x00\x03" + REQUEST_OCTETS[22:], "arp.unknown-operation"),
    ],
)
def test_what_cannot_be_read_says_why(octets: bytes, reason: str) -> None:
    found = frame_from(octets)
    assert isinstance(found, Damaged)
    assert found.reason == reason


def test_a_packet_that_was_damaged_on_the_way_is_seen() -> None:
    octets = bytearray(frame_octets(Frame(B, A, Packet(HERE, THERE, Datagram(5000, 53, b"x")))))
    octets[14 + 12] ^= 1  # in the source address, which the header's checksum covers
    found = frame_from(bytes(octets))
    assert isinstance(found, Damaged)
    assert found.reason == "ip.bad-checksum"


@given(st.binary(max_size=80) | st.builds(lambda head, rest: head[:14] + rest, st.just(REQUEST_OCTETS), st.binary()))
def test_any_octets_have_an_answer(octets: bytes) -> None:
    assert isinstance(frame_from(octets), Frame | Damaged)


def test_a_hub_repeats_everything_on_every_other_port() -> None:
    hub = Hub(PORTS)
    assert hub.receive(frame(A, B), 1, 0) == (hub, (2, 3, "uplink"))
    assert hub.receive(frame(B, A), "uplink", 1) == (hub, (1, 2, 3))


def test_a_switch_floods_until_it_has_heard_the_destination() -> None:
    switch, out = Switch(PORTS).receive(frame(A, B), 1, 0)
    assert out == (2, 3, "uplink")
    switch, out = switch.receive(frame(B, A), "uplink", 1)
    assert out == (1,)
    _, out = switch.receive(frame(A, B), 1, 2)
    assert out == ("uplink",)


def test_a_switch_always_floods_broadcast_and_multicast() -> None:
    switch, _ = Switch(PORTS).receive(frame(BROADCAST, A), 1, 0)
    assert switch.receive(frame(A, BROADCAST), 2, 1)[1] == (1, 3, "uplink")
    assert switch.receive(frame(A, Mac("01:00:5e:00:00:01")), 2, 1)[1] == (1, 3, "uplink")


def test_a_frame_for_a_station_on_its_own_side_goes_nowhere() -> None:
    switch, _ = Switch(PORTS).receive(frame(A, BROADCAST), 1, 0)
    assert switch.receive(frame(B, A), 1, 1)[1] == ()


def test_a_station_that_is_heard_elsewhere_has_moved() -> None:
    switch, _ = Switch(PORTS).receive(frame(A, BROADCAST), 1, 0)
    switch, _ = switch.receive(frame(A, BROADCAST), 3, 1)
    assert switch.receive(frame(B, A), 2, 2)[1] == (3,)


def test_a_station_is_forgotten_after_five_minutes_without_a_frame_from_it() -> None:
    switch, _ = Switch(PORTS).receive(frame(A, BROADCAST), 1, 0)
    assert switch.receive(frame(B, A), 2, AGEING - 1)[1] == (1,)
    assert switch.receive(frame(B, A), 2, AGEING)[1] == (1, 3, "uplink")
    switch, _ = switch.receive(frame(A, BROADCAST), 1, AGEING - 1)
    assert switch.receive(frame(B, A), 2, AGEING)[1] == (1,)


def test_a_full_switch_forgets_the_station_that_was_heard_longest_ago() -> None:
    switch = Switch(PORTS, most=2)
    for now, station in enumerate((A, B, A, C)):
        switch, _ = switch.receive(frame(station, BROADCAST), 1, now)
    assert switch.receive(frame(C, A), 2, 9)[1] == (1,)
    assert switch.receive(frame(C, B), 2, 9)[1] == (1, 3, "uplink")


STATIONS = st.sampled_from([A, B, C, BROADCAST])
ARRIVALS = st.lists(st.tuples(STATIONS, STATIONS, st.sampled_from(PORTS), st.integers(0, 200_000)), max_size=30)


@given(ARRIVALS, st.integers(1, 3))
def test_whatever_comes_is_never_sent_back_and_changes_no_older_switch(
    arrivals: list[tuple[Mac, Mac, Port, int]], most: int
) -> None:
    switch, now = Switch(PORTS, most=most), 0
    for src, dst, port, later in arrivals:
        now += later
        before, shown = switch, repr(switch)
        switch, out = switch.receive(frame(src, dst), port, now)
        assert port not in out
        assert set(out) <= set(PORTS)
        assert len(set(out)) == len(out)
        assert repr(before) == shown
        assert len(switch.learnt) <= most


@given(ARRIVALS, st.permutations(PORTS))
def test_two_stations_that_were_heard_talk_over_one_port_each(
    arrivals: list[tuple[Mac, Mac, Port, int]], ports: list[Port]
) -> None:
    switch, now = Switch(PORTS), 0
    for src, dst, port, later in arrivals:
        now += later
        switch, _ = switch.receive(frame(src, dst), port, now)
    switch, _ = switch.receive(frame(A, BROADCAST), ports[0], now)
    switch, _ = switch.receive(frame(B, A), ports[1], now)
    assert switch.receive(frame(A, B), ports[0], now)[1] == (ports[1],)
    assert switch.receive(frame(B, A), ports[1], now)[1] == (ports[0],)
