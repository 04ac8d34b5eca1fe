"""ARP: asking, answering, believing, and the packets that wait meanwhile."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from cards.datagram import Datagram
from cards.packet import Packet
from hub.simulator.arp import MOST_KNOWN, MOST_PACKETS, MOST_WAITING, Neighbours
from hub.simulator.ethernet import BROADCAST, UNKNOWN, Arp, Frame, Mac, Operation

OURS, PEER, OTHER = (Mac(f"02:00:00:00:00:0{digit}") for digit in "123")
US, SECOND = IPv4Interface("10.1.0.1/24"), IPv4Interface("10.2.0.1/24")
P, Q, FAR = IPv4Address("10.1.0.2"), IPv4Address("10.1.0.3"), IPv4Address("10.2.0.9")
MINUTE = 60_000


def fresh() -> Neighbours:
    return Neighbours(OURS, (US, SECOND))


def packet(number: int) -> Packet:
    return Packet(US.ip, IPv4Address("10.9.0.1"), Datagram(5000, 53), ident=number)


def request(sender: IPv4Address, target: IPv4Address, mac: Mac = PEER) -> Arp:
    return Arp(Operation.REQUEST, mac, sender, UNKNOWN, target)


def reply(sender: IPv4Address, mac: Mac = PEER) -> Arp:
    return Arp(Operation.REPLY, mac, sender, OURS, US.ip)


def asked_for(hop: IPv4Address, ours: IPv4Interface = US) -> Frame:
    return Frame(BROADCAST, OURS, Arp(Operation.REQUEST, OURS, ours.ip, UNKNOWN, hop))


def knowing(hop: IPv4Address, now: int = 0) -> Neighbours:
    """A request of `hop` for us has made it known, with the address PEER."""
    neighbours, _ = fresh().receive(request(hop, US.ip), now)
    return neighbours


def mac_used(neighbours: Neighbours, hop: IPv4Address, now: int) -> Mac | None:
    """Where a packet for this hop goes; None: it waits."""
    _, frames = neighbours.send(hop, packet(0), now)
    found = [frame.dst for frame in frames if isinstance(frame.payload, Packet)]
    return found[0] if found else None


# Asking


def test_the_first_packet_waits_and_one_request_is_broadcast() -> None:
    _, frames = fresh().send(P, packet(1), 0)
    assert frames == (asked_for(P),)


def test_the_request_comes_from_the_address_on_the_neighbours_network() -> None:
    _, frames = fresh().send(FAR, packet(1), 0)
    assert frames == (asked_for(FAR, SECOND),)


def test_more_packets_do_not_flood_the_wire_with_requests() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    for number in range(2, 6):
        neighbours, frames = neighbours.send(P, packet(number), 999)
        assert frames == ()
    assert neighbours.send(Q, packet(9), 999)[1] == (asked_for(Q),)


def test_the_reply_sends_what_waited_in_order_and_the_next_packet_goes_at_once() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    neighbours, _ = neighbours.send(Q, packet(2), 1)
    neighbours, _ = neighbours.send(P, packet(3), 2)
    neighbours, frames = neighbours.receive(reply(P), 5)
    assert frames == (Frame(PEER, OURS, packet(1)), Frame(PEER, OURS, packet(3)))
    assert neighbours.send(P, packet(4), 6)[1] == (Frame(PEER, OURS, packet(4)),)


def test_of_too_many_packets_the_oldest_are_lost() -> None:
    neighbours = fresh()
    for number in range(MOST_PACKETS + 2):
        neighbours, _ = neighbours.send(P, packet(number), 0)
    _, frames = neighbours.receive(reply(P), 1)
    assert frames == tuple(Frame(PEER, OURS, packet(number)) for number in range(2, MOST_PACKETS + 2))


def test_requests_repeat_each_second_and_after_the_third_the_packets_come_back() -> None:
    neighbours, _ = fresh().send(P, packet(1), 500)
    neighbours, _ = neighbours.send(P, packet(2), 600)
    for when in (1500, 2500):
        assert neighbours.deadline == when
        assert neighbours.advance(when - 1)[1:] == ((), ())
        neighbours, frames, given_up = neighbours.advance(when)
        assert (frames, given_up) == ((asked_for(P),), ())
    assert neighbours.deadline == 3500
    neighbours, frames, given_up = neighbours.advance(3500)
    assert (frames, given_up) == ((), (packet(1), packet(2)))
    assert neighbours.deadline is None


def test_after_giving_up_the_next_packet_asks_anew() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    neighbours, _, _ = neighbours.advance(3000)
    assert neighbours.send(P, packet(2), 3000)[1] == (asked_for(P),)


def test_a_reply_stops_the_repeats() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    neighbours, _ = neighbours.receive(reply(P), 700)
    assert neighbours.deadline is None
    assert neighbours.advance(9000) == (neighbours, (), ())


def test_any_message_of_the_neighbour_that_is_asked_for_will_do() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    _, frames = neighbours.receive(request(P, Q), 5)
    assert frames == (Frame(PEER, OURS, packet(1)),)


def test_so_many_addresses_are_asked_for_and_no_more() -> None:
    neighbours = fresh()
    for number in range(MOST_WAITING):
        neighbours, frames = neighbours.send(IPv4Address("10.3.0.0") + number, packet(number), 0)
        assert len(frames) == 1
    assert neighbours.send(P, packet(0), 0) == (neighbours, ())


# Answering


def test_a_request_for_us_is_answered_to_the_sender_alone() -> None:
    _, frames = fresh().receive(request(P, US.ip), 0)
    assert frames == (Frame(PEER, OURS, Arp(Operation.REPLY, OURS, US.ip, PEER, P)),)


def test_each_of_our_addresses_is_answered_for() -> None:
    _, frames = fresh().receive(request(P, SECOND.ip), 0)
    assert frames == (Frame(PEER, OURS, Arp(Operation.REPLY, OURS, SECOND.ip, PEER, P)),)


def test_a_request_for_another_is_not_ours_to_answer() -> None:
    assert fresh().receive(request(P, Q), 0) == (fresh(), ())


def test_a_reply_is_never_answered() -> None:
    assert fresh().receive(reply(P), 0)[1] == ()


def test_who_asks_us_while_we_ask_gets_what_waits_and_the_answer() -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    _, frames = neighbours.receive(request(P, US.ip), 5)
    assert frames == (
        Frame(PEER, OURS, packet(1)),
        Frame(PEER, OURS, Arp(Operation.REPLY, OURS, US.ip, PEER, P)),
    )


def test_a_probe_for_our_address_is_answered_but_nobody_is_called_0_0_0_0() -> None:
    nobody = IPv4Address("0.0.0.0")
    neighbours, frames = fresh().receive(request(nobody, US.ip), 0)
    assert frames == (Frame(PEER, OURS, Arp(Operation.REPLY, OURS, US.ip, PEER, nobody)),)
    assert neighbours == fresh()


# Believing


def test_who_asks_us_is_known_from_then_on() -> None:
    assert mac_used(knowing(P), P, 1) == PEER


def test_a_reply_that_nobody_asked_for_makes_no_entry() -> None:
    neighbours, _ = fresh().receive(reply(P), 0)
    assert mac_used(neighbours, P, 1) is None


@pytest.mark.parametrize("arp", [reply(P, OTHER), request(P, P, OTHER), request(P, Q, OTHER)])
def test_a_known_neighbour_may_say_that_its_card_was_changed(arp: Arp) -> None:
    neighbours, frames = knowing(P).receive(arp, 10)
    assert mac_used(neighbours, P, 11) == OTHER
    assert frames == ()


def test_an_announcement_of_a_stranger_makes_no_entry() -> None:
    assert fresh().receive(request(P, P), 0) == (fresh(), ())


def test_an_entry_is_believed_for_a_minute_and_then_asked_again_on_use() -> None:
    neighbours = knowing(P)
    assert mac_used(neighbours, P, MINUTE - 1) == PEER
    _, frames = neighbours.send(P, packet(1), MINUTE)
    assert frames == (asked_for(P),)


def test_each_message_of_the_neighbour_starts_its_minute_anew_and_use_does_not() -> None:
    neighbours, _ = knowing(P).send(P, packet(1), MINUTE - 1)
    assert mac_used(neighbours, P, MINUTE) is None
    neighbours, _ = knowing(P).receive(request(P, Q), MINUTE - 1)
    assert mac_used(neighbours, P, 2 * MINUTE - 2) == PEER


def test_an_entry_that_has_aged_is_as_unknown_as_a_stranger() -> None:
    neighbours, _ = knowing(P).receive(request(P, P, OTHER), MINUTE)
    assert mac_used(neighbours, P, MINUTE) is None


def test_a_static_entry_neither_ages_nor_believes() -> None:
    neighbours = Neighbours(OURS, (US,), Map({P: PEER}))
    neighbours, _ = neighbours.receive(request(P, US.ip, OTHER), 0)
    assert mac_used(neighbours, P, 1) == mac_used(neighbours, P, 10 * MINUTE) == PEER


def test_nobody_else_can_have_our_address() -> None:
    neighbours, frames = fresh().receive(request(US.ip, US.ip, OTHER), 0)
    assert frames == (Frame(OTHER, OURS, Arp(Operation.REPLY, OURS, US.ip, OTHER, US.ip)),)
    assert neighbours == fresh()
    assert fresh().receive(reply(US.ip, OTHER), 0) == (fresh(), ())


def test_what_we_said_ourselves_and_a_wire_brought_back_is_nothing() -> None:
    assert fresh().receive(request(US.ip, US.ip, OURS), 0) == (fresh(), ())


@pytest.mark.parametrize("mac", [BROADCAST, Mac("01:00:5e:00:00:01"), UNKNOWN])
def test_an_address_that_no_station_can_have_is_not_believed(mac: Mac) -> None:
    neighbours, _ = fresh().send(P, packet(1), 0)
    assert neighbours.receive(reply(P, mac), 1) == (neighbours, ())
    assert neighbours.receive(request(P, US.ip, mac), 1) == (neighbours, ())


@pytest.mark.parametrize("text", ["255.255.255.255", "10.1.0.255", "224.0.0.1"])
def test_no_station_can_claim_the_address_of_all(text: str) -> None:
    neighbours, _ = fresh().receive(request(IPv4Address(text), US.ip), 0)
    assert neighbours == fresh()


def test_of_too_many_neighbours_the_one_heard_longest_ago_is_forgotten() -> None:
    neighbours = fresh()
    for number in range(MOST_KNOWN + 1):
        neighbours, _ = neighbours.receive(request(IPv4Address("10.3.0.0") + number, US.ip), number)
    assert mac_used(neighbours, IPv4Address("10.3.0.0"), MOST_KNOWN) is None
    assert mac_used(neighbours, IPv4Address("10.3.0.1"), MOST_KNOWN) == PEER


# Groups


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("255.255.255.255", "ff:ff:ff:ff:ff:ff"),
        ("10.1.0.255", "ff:ff:ff:ff:ff:ff"),
        ("224.0.0.1", "01:00:5e:00:00:01"),
        ("239.255.1.2", "01:00:5e:7f:01:02"),  # RFC 1112 §6.4: the first nine bits are not in it
    ],
)
def test_a_group_is_not_asked_for(text: str, mac: str) -> None:
    assert fresh().send(IPv4Address(text), packet(1), 0) == (fresh(), (Frame(Mac(mac), OURS, packet(1)),))


def test_a_link_of_two_has_no_broadcast_address() -> None:
    neighbours = Neighbours(OURS, (IPv4Interface("10.1.0.2/31"),))
    _, frames = neighbours.send(IPv4Address("10.1.0.3"), packet(1), 0)
    assert [frame.dst for frame in frames] == [BROADCAST]
    assert isinstance(frames[0].payload, Arp)  # RFC 3021


# Whatever happens

HOPS = st.sampled_from([P, Q, FAR, US.ip, IPv4Address("10.1.0.255"), IPv4Address("0.0.0.0")])
STATIONS = st.sampled_from([OURS, PEER, OTHER, BROADCAST, UNKNOWN])
ARPS = st.builds(Arp, st.sampled_from(Operation), STATIONS, HOPS, STATIONS, HOPS)
LATER = st.sampled_from([0, 0, 1, 400, 1000, 2500, MINUTE])
EVENTS = st.lists(st.tuples(LATER, HOPS | ARPS), max_size=40)


class Course:
    """One interface, through a course of events: what it was given, and what came out of it."""

    def __init__(self) -> None:
        self.neighbours = fresh()
        self.given: dict[int, IPv4Address] = {}
        self.sent: list[int] = []
        self.given_up: list[int] = []
        self.asked: dict[IPv4Address, list[int]] = {}

    def step(self, now: int, event: IPv4Address | Arp) -> None:
        before, shown = self.neighbours, repr(self.neighbours)
        while (due := self.neighbours.deadline) is not None and due <= now:
            self.advance(due)
        if isinstance(event, Arp):
            self.neighbours, frames = self.neighbours.receive(event, now)
        else:
            number = len(self.given)
            self.given[number] = event
            self.neighbours, frames = self.neighbours.send(event, packet(number), now)
        self.note(frames, now)
        assert repr(before) == shown

    def advance(self, now: int) -> None:
        self.neighbours, frames, given_up = self.neighbours.advance(now)
        self.note(frames, now)
        self.given_up += [one.ident for one in given_up]

    def note(self, frames: tuple[Frame, ...], now: int) -> None:
        for frame in frames:
            assert frame.src == OURS
            if isinstance(frame.payload, Packet):
                self.sent.append(frame.payload.ident)
            elif frame.payload.op is Operation.REQUEST:
                self.asked.setdefault(frame.payload.target, []).append(now)


@given(EVENTS)
def test_what_waited_is_sent_once_and_in_order_or_given_back(events: list[tuple[int, IPv4Address | Arp]]) -> None:
    course, now = Course(), 0
    for later, event in events:
        now += later
        course.step(now, event)
    course.advance(now + 3000)
    out = course.sent + course.given_up
    assert len(out) == len(set(out))
    for hop in set(course.given.values()):
        numbers = [number for number in course.sent if course.given[number] == hop]
        assert numbers == sorted(numbers)
        waiting = [number for number, one in course.given.items() if one == hop]
        assert len(waiting) > MOST_PACKETS or set(waiting) <= set(out)


@given(EVENTS)
def test_nobody_is_asked_for_twice_within_a_second(events: list[tuple[int, IPv4Address | Arp]]) -> None:
    course, now = Course(), 0
    for later, event in events:
        now += later
        course.step(now, event)
    for times in course.asked.values():
        assert all(second - first >= 1000 for first, second in pairwise(times))


@given(st.lists(st.tuples(st.integers(0, 900), HOPS), max_size=10), st.integers(0, 5000))
def test_one_leap_in_time_is_as_good_as_many_steps(sends: list[tuple[int, IPv4Address]], leap: int) -> None:
    neighbours = fresh()
    for number, (now, hop) in enumerate(sorted(sends)):
        neighbours, _ = neighbours.send(hop, packet(number), now)
    after, frames, given_up = neighbours.advance(900 + leap)
    while (due := neighbours.deadline) is not None and due <= 900 + leap:
        neighbours, first_frames, first_given_up = neighbours.advance(due)
        assert frames[: len(first_frames)] == first_frames
        assert given_up[: len(first_given_up)] == first_given_up
        frames, given_up = frames[len(first_frames) :], given_up[len(first_given_up) :]
    assert (neighbours, frames, given_up) == (after, (), ())
