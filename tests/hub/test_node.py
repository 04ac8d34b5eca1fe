"""A node between its links and what lives at its addresses: delivery, forwarding, errors, Ethernet, hooks."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, Fragment, IcmpError, IcmpType, Opaque, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator.arrive import Learned
from hub.simulator.connection import Endpoint
from hub.simulator.ethernet import BROADCAST, UNKNOWN, Arp, Frame, Mac, Operation
from hub.simulator.fragments import Reassembly, split
from hub.simulator.hooks import Hooks
from hub.simulator.host import Host, Notice
from hub.simulator.icmp import RateLimit
from hub.simulator.node import Node, Sent, neighbours_on
from hub.simulator.options import Options
from hub.simulator.router import Interface, Kind, Refused, Route, Table
from hub.simulator.sockets import Sockets
from hub.simulator.verdicts import Verdict
from tests.cards import strategies

SENDER, US, FAR = IPv4Address("10.1.0.2"), IPv4Address("10.1.0.1"), IPv4Address("10.9.0.7")
ON_B, PEER_B, PEER_C = IPv4Address("10.2.0.1"), IPv4Address("10.2.0.5"), IPv4Address("10.3.0.5")
MINUTE = 60_000


def interface(name: str, address: str, mtu: int = 1500, ethernet: bool = False) -> Interface:
    return Interface(name, (IPv4Interface(address),), mtu, ethernet)


LINKS = (interface("A", "10.1.0.1/24"), interface("B", "10.2.0.1/24"), interface("C", "10.3.0.1/24", ethernet=True))
C_MAC, PEER_MAC, OTHER_MAC = Mac("02:00:0a:03:00:01"), Mac("02:00:00:00:00:05"), Mac("02:00:00:00:00:06")


class Ear(Struct, frozen=True):
    """Lives at a node's addresses, keeps what comes, and says what it was given to say."""

    heard: tuple[Packet, ...] = ()
    says: tuple[Packet, ...] = ()
    deadline: int | None = None

    def receive(self, packet: Packet, now: int) -> tuple[Ear, Learned]:
        return replace(self, heard=(*self.heard, packet)), Learned(Verdict.DELIVERED, "heard")

    def transmit(self, now: int) -> tuple[Ear, tuple[Packet, ...]]:
        return replace(self, says=()), self.says

    def advance(self, now: int) -> tuple[Ear, tuple[Notice, ...]]:
        return self, ()


def route(prefix: str, via: str | None = None, kind: Kind = Kind.UNICAST) -> Route:
    return Route(IPv4Network(prefix), None if via is None else IPv4Address(via), kind=kind)


def eared(*routes: Route, says: tuple[Packet, ...] = (), hooks: Hooks | None = None) -> Node[Ear]:
    """A router on A, B and the Ethernet C."""
    return Node(
        LINKS,
        Ear(says=says),
        Table(routes),
        forwarding=True,
        neighbours=neighbours_on(LINKS),
        error_limit=RateLimit(interval=0),
        hooks=hooks or Hooks(),
    )


def real(*routes: Route, forwarding: bool = True) -> Node[Sockets]:
    """The same with a real host on it."""
    addresses = tuple(address.ip for link in LINKS for address in link.addresses)
    return Node(LINKS, Sockets(Host(addresses, Options())), Table(routes), forwarding, neighbours_on(LINKS))


def question(dst: IPv4Address, src: IPv4Address = SENDER, data: bytes = b"x", ttl: int = 64) -> Packet:
    return Packet(src, dst, Datagram(5000, 53, data), ttl)


def answers(node: Node[Sockets], packet: Packet, link: str = "A") -> list[Sent]:
    after, _ = node.receive(packet, link, 0)
    return list(after.transmit(0)[1])


def error_in(sent: Sent) -> IcmpError:
    assert sent.packet is not None
    assert isinstance(sent.packet.body, IcmpError)
    return sent.packet.body


# For this node


@pytest.mark.parametrize("ttl", [0, 1, 64])
@pytest.mark.parametrize("dst", [US, ON_B])
def test_ping_to_any_of_its_addresses_is_answered_with_a_fresh_ttl(dst: IPv4Address, ttl: int) -> None:
    (sent,) = answers(real(), Packet(SENDER, dst, Echo(False, 1, 1, b"hello"), ttl))
    assert (sent.link, sent.next_hop) == ("A", SENDER)
    assert sent.packet is not None
    assert (sent.packet.src, sent.packet.ttl, sent.packet.body) == (dst, 64, Echo(True, 1, 1, b"hello"))


def test_a_port_where_nobody_listens_is_unreachable_at_the_address_that_was_asked() -> None:
    (sent,) = answers(real(), question(ON_B))
    assert sent.packet is not None
    assert (sent.link, sent.packet.src, sent.packet.dst) == ("A", ON_B, SENDER)
    assert (error_in(sent).type, error_in(sent).code) == (3, 3)


@pytest.mark.parametrize("body", [Opaque(253, bytes(12)), Packet(SENDER, FAR, Datagram(1, 2))])
def test_a_protocol_that_nobody_speaks_is_unreachable(body: Body) -> None:
    (sent,) = answers(real(), Packet(SENDER, US, body))
    assert (error_in(sent).type, error_in(sent).code) == (3, 2)


def test_what_is_for_somebody_else_is_none_of_a_hosts_business() -> None:
    host = real(forwarding=False)
    for dst in ("10.1.0.77", "192.168.7.7", "10.2.0.255", "224.0.0.1", "127.0.0.1", "10.1.0.0"):
        after, learned = host.receive(question(IPv4Address(dst)), "A", 0)
        assert (learned.verdict, learned.reason) == (Verdict.DROPPED, "ip.not-for-me")
        assert after == host


@pytest.mark.parametrize("dst", ["255.255.255.255", "10.1.0.255"])
def test_a_broadcast_on_the_link_is_heard_when_it_is_a_datagram(dst: str) -> None:
    group = IPv4Address(dst)
    after, _ = eared().receive(question(group), "A", 0)
    assert after.host.heard == (question(group),)
    for body in (Echo(False, 1, 1), Segment(1025, 23, Flags.SYN, SeqNum(1)), Opaque(253, b"")):
        after, learned = eared().receive(Packet(SENDER, group, body), "A", 0)
        assert (after, learned.reason) == (eared(), "ip.broadcast-ignored")
    assert answers(real(), question(group)) == []


def test_the_broadcast_of_another_of_our_networks_is_heard_and_not_forwarded() -> None:
    """RFC 1812 §5.2.3: it addresses one of our interfaces."""
    group = IPv4Address("10.2.0.255")
    after, _ = eared().receive(question(group), "A", 0)
    assert after.host.heard == (question(group),)
    assert after.owed == ()


@pytest.mark.parametrize("src", ["127.0.0.1", "224.0.0.1", "255.255.255.255", "10.1.0.255", "10.1.0.1", "0.0.0.0"])
def test_a_source_that_cannot_be_gets_no_answer(src: str) -> None:
    after, learned = real().receive(Packet(IPv4Address(src), US, Echo(False, 1, 1)), "A", 0)
    assert (after, learned.reason) == (real(), "ip.martian-source")


def test_whoever_asks_for_an_address_has_none_yet() -> None:
    asking = Packet(IPv4Address("0.0.0.0"), IPv4Address("255.255.255.255"), Datagram(68, 67))
    after, _ = eared().receive(asking, "A", 0)
    assert after.host.heard == (asking,)


# Through this node


def test_receiving_leaves_an_obligation_and_transmit_discharges_it() -> None:
    node = eared()
    owing, learned = node.receive(question(PEER_B), "A", 0)
    assert (learned.verdict, learned.reason) == (Verdict.FORWARDED, "ip.forwarded")
    sent = Sent("B", PEER_B, question(PEER_B, ttl=63))
    assert (node.owed, owing.owed) == ((), (sent,))
    after, out = owing.transmit(0)
    assert (out, after) == ((sent,), node)


def test_what_came_first_goes_first() -> None:
    node = eared(says=(question(PEER_B, src=ON_B),))
    for dst in (PEER_B, FAR, IPv4Address("10.2.0.6")):
        node, _ = node.receive(question(dst), "A", 0)
    _, sent = node.transmit(0)
    assert [str(each.next_hop) for each in sent] == ["10.2.0.5", "10.1.0.2", "10.2.0.6", "10.2.0.5"]


@pytest.mark.parametrize(
    ("dst", "ttl", "expected"),
    [
        ("172.16.0.1", 64, (3, 0)),
        ("10.2.0.5", 1, (11, 0)),
        ("10.2.0.5", 0, (11, 0)),
        ("10.20.0.1", 64, (3, 1)),
        ("10.21.0.1", 64, (3, 13)),
        ("10.22.0.1", 64, None),
    ],
)
def test_the_sender_hears_why_it_went_no_further(dst: str, ttl: int, expected: tuple[int, int] | None) -> None:
    kinds = zip((20, 21, 22), (Kind.UNREACHABLE, Kind.PROHIBIT, Kind.BLACKHOLE), strict=True)
    node = eared(*(route(f"10.{number}.0.0/16", kind=kind) for number, kind in kinds))
    packet = question(IPv4Address(dst), ttl=ttl)
    after, learned = node.receive(packet, "A", 0)
    assert learned.verdict is Verdict.DROPPED
    _, sent = after.transmit(0)
    assert [(error_in(each).type, error_in(each).code) for each in sent] == ([] if expected is None else [expected])
    for each in sent:
        assert each.packet is not None
        assert (each.link, each.packet.src, each.packet.dst, each.packet.ttl) == ("A", US, SENDER, 64)
        assert (error_in(each).about.dst, error_in(each).about.ttl) == (packet.dst, ttl)


def test_an_error_comes_from_the_interface_by_which_it_goes_out() -> None:
    """RFC 1812 §4.3.2.4; here the way back to the sender is not the way by which it came."""
    after, _ = eared(route("10.7.0.0/16", "10.2.0.5")).receive(question(FAR, src=IPv4Address("10.7.0.1")), "A", 0)
    (sent,) = after.transmit(0)[1]
    assert sent.packet is not None
    assert (sent.link, sent.next_hop, sent.packet.src) == ("B", PEER_B, ON_B)


def test_of_several_addresses_it_comes_from_the_one_on_the_senders_network() -> None:
    both = Interface("A", (IPv4Interface("10.1.0.1/24"), IPv4Interface("10.6.0.1/24")))
    after, _ = Node((both,), Ear(), forwarding=True).receive(question(FAR, src=IPv4Address("10.6.0.2")), "A", 0)
    (sent,) = after.transmit(0)[1]
    assert sent.packet is not None
    assert sent.packet.src == IPv4Address("10.6.0.1")


def test_a_link_without_addresses_borrows_one() -> None:
    links = (interface("A", "10.1.0.1/24"), Interface("U", ()))
    there = Route(IPv4Network("10.7.0.0/16"), link="U")
    node = Node(links, Ear(), Table((there,)), forwarding=True)
    after, _ = node.receive(question(FAR, src=IPv4Address("10.7.0.1")), "U", 0)
    (sent,) = after.transmit(0)[1]
    assert sent.packet is not None
    assert (sent.link, sent.packet.src) == ("U", US)


def test_nobody_hears_of_it_when_there_is_no_way_back() -> None:
    after, learned = eared().receive(question(FAR, src=IPv4Address("10.7.0.1")), "A", 0)
    assert (after, learned.reason) == (eared(), "ip.no-route")


def test_no_error_about_an_error() -> None:
    (first,) = eared().receive(question(FAR), "A", 0)[0].transmit(0)[1]
    assert first.packet is not None
    back = replace(first.packet, src=SENDER, dst=FAR)
    assert eared().receive(back, "A", 0)[0] == eared()


def test_errors_have_a_rate_limit_and_echo_replies_have_none() -> None:
    node = replace(real(), error_limit=RateLimit(interval=1000, burst=2))
    for _ in range(5):
        node, _ = node.receive(question(FAR), "A", 0)
        node, _ = node.receive(question(US), "A", 0)
        node, _ = node.receive(Packet(SENDER, US, Echo(False, 1, 1)), "A", 0)
    node, sent = node.transmit(0)
    bodies = [each.packet.body for each in sent if each.packet is not None]
    assert [type(body) for body in bodies].count(IcmpError) == 2
    assert [type(body) for body in bodies].count(Echo) == 5
    assert len(node.receive(question(FAR), "A", 1000)[0].owed) == 1


def test_a_long_packet_is_cut_for_a_short_link_and_not_put_together_on_the_way() -> None:
    links = (LINKS[0], interface("B", "10.2.0.1/24", mtu=600))
    node = Node(links, Ear(), forwarding=True)
    node, _ = node.receive(question(PEER_B, data=bytes(1000)), "A", 0)
    node, sent = node.transmit(0)
    assert [type(each.packet.body) for each in sent if each.packet is not None] == [Fragment, Fragment]
    for each in split(question(PEER_B, data=bytes(1000)), 300):
        node, learned = node.receive(each, "A", 0)
        assert learned.reason == "ip.forwarded"
    assert len(node.owed) == 4
    after, _ = node.receive(replace(question(PEER_B, data=bytes(1000)), df=True), "A", 0)
    (sent_back,) = after.owed[4:]
    assert (error_in(sent_back).type, error_in(sent_back).code, error_in(sent_back).mtu) == (3, 4, 600)


# Fragments for this node


def test_a_ping_in_fragments_is_answered_in_fragments() -> None:
    ping = Packet(SENDER, US, Echo(False, 1, 1, bytes(2000)), ident=9)
    node = real()
    for each in reversed(split(ping, 576)):
        node, learned = node.receive(each, "A", 0)
    assert learned.reason == "icmp.echo"
    node, sent = node.transmit(0)
    pieces = [each.packet for each in sent if each.packet is not None]
    assert len(pieces) == 2
    assert len({piece.ident for piece in pieces}) == 1
    assert pieces[0].ident != 0
    reassembly, _ = Reassembly().take(pieces[0], 0)
    assert reassembly.take(pieces[1], 0)[1] == replace(
        ping, src=US, dst=SENDER, body=Echo(True, 1, 1, bytes(2000)), ident=1
    )


def test_its_own_packets_do_not_share_an_identification() -> None:
    node = eared(says=(question(PEER_B, src=ON_B), question(PEER_B, src=ON_B)))
    _, sent = replace(node, next_ident=0xFFFF).transmit(0)
    assert [each.packet.ident for each in sent if each.packet is not None] == [0xFFFF, 1]


def test_an_identification_that_the_host_has_chosen_stays() -> None:
    chosen = replace(question(PEER_B, src=ON_B), ident=7)
    _, (sent,) = eared(says=(chosen,)).transmit(0)
    assert sent.packet == chosen


def test_a_packet_that_is_never_whole_is_given_up_and_its_sender_told_once() -> None:
    first, *_ = split(question(US, data=bytes(100)), 68)
    lonely = replace(split(question(US, data=bytes(100)), 68)[1], ident=5)
    node, learned = replace(eared(), reassembly=Reassembly(timeout=2000)).receive(first, "A", 100)
    assert (learned.verdict, learned.reason) == (Verdict.DELIVERED, "ip.fragment-kept")
    node, _ = node.receive(lonely, "A", 100)
    assert node.deadline == 2100
    node, _ = node.advance(2100)
    assert node.deadline is None
    (sent,) = node.transmit(2100)[1]
    assert sent.packet is not None
    assert (sent.packet.src, sent.packet.dst) == (US, SENDER)
    assert (error_in(sent).type, error_in(sent).code, error_in(sent).about.ports) == (11, 1, (5000, 53))


def test_nobody_is_told_about_a_broadcast_that_is_never_whole() -> None:
    first, *_ = split(question(IPv4Address("10.1.0.255"), data=bytes(100)), 68)
    node, _ = eared().receive(first, "A", 0)
    node, _ = node.advance(MINUTE)
    assert node.transmit(MINUTE)[1] == ()


# From this node


def test_its_own_packet_without_a_route_comes_back_as_an_error() -> None:
    node, sent = eared(says=(question(FAR, src=US),)).transmit(0)
    assert sent == ()
    (told,) = node.host.heard
    assert (told.src, told.dst) == (US, US)
    assert isinstance(told.body, IcmpError)
    assert (told.body.type, told.body.code, told.body.about.dst) == (3, 0, FAR)


def test_its_own_packet_that_is_too_long_is_cut_or_comes_back_with_the_mtu() -> None:
    long = question(PEER_B, src=ON_B, data=bytes(2000))
    node, sent = eared(says=(long, replace(long, df=True))).transmit(0)
    assert len(sent) == 2
    (told,) = node.host.heard
    assert isinstance(told.body, IcmpError)
    assert (told.body.type, told.body.code, told.body.mtu) == (3, 4, 1500)


def test_a_node_can_talk_to_itself() -> None:
    node = real()
    sockets, _ = node.host.udp_open("u", 53)
    sockets, _ = sockets.sendto("u", Endpoint(ON_B, 53), b"me?")
    node, sent = replace(node, host=sockets).transmit(0)
    assert sent == ()
    assert node.host.recv("u")[1].data == b"me?"


# Ethernet


def arp_reply(sender: IPv4Address, mac: Mac = PEER_MAC) -> Frame:
    return Frame(C_MAC, mac, Arp(Operation.REPLY, mac, sender, C_MAC, IPv4Address("10.3.0.1")))


def test_the_neighbour_is_asked_for_its_address_before_it_gets_the_packet() -> None:
    node, _ = eared().receive(question(PEER_C), "A", 0)
    node, (request,) = node.transmit(0)
    asked = Arp(Operation.REQUEST, C_MAC, IPv4Address("10.3.0.1"), UNKNOWN, PEER_C)
    assert request == Sent("C", None, None, Frame(BROADCAST, C_MAC, asked))
    node, learned = node.receive_frame(arp_reply(PEER_C), "C", 5)
    assert learned.reason == "arp.heard"
    assert node.transmit(5 + 2 * MINUTE)[1] == node.transmit(5)[1]
    node, (sent,) = node.transmit(5)
    packet = question(PEER_C, ttl=63)
    assert sent == Sent("C", PEER_C, packet, Frame(PEER_MAC, C_MAC, packet))
    node, _ = node.receive(question(PEER_C), "A", 10)
    assert node.transmit(10)[1] == (sent,)


def given_up(node: Node[Ear]) -> tuple[Node[Ear], list[Sent]]:
    """Until nothing is waited for any more, and all that was sent meanwhile."""
    node, sent = node.transmit(0)
    all_sent = list(sent)
    while node.deadline is not None:
        now = node.deadline
        node, _ = node.advance(now)
        node, sent = node.transmit(now)
        all_sent += sent
    return node, all_sent


def test_a_neighbour_that_does_not_answer_is_unreachable() -> None:
    node, _ = eared().receive(question(PEER_C), "A", 0)
    node, _ = node.receive(question(PEER_C, data=b"y"), "A", 0)
    _, sent = given_up(node)
    assert [each.link for each in sent] == ["C", "C", "C", "A", "A"]
    for each in sent[3:]:
        assert (error_in(each).type, error_in(each).code, error_in(each).about.dst) == (3, 1, PEER_C)


def test_the_host_hears_when_its_own_packet_finds_nobody() -> None:
    node, sent = given_up(eared(says=(question(PEER_C, src=IPv4Address("10.3.0.1")),)))
    assert [each.link for each in sent] == ["C", "C", "C"]
    (told,) = node.host.heard
    assert isinstance(told.body, IcmpError)
    assert (told.body.type, told.body.code) == (3, 1)


def test_a_fragmented_packet_that_finds_nobody_makes_one_error() -> None:
    node, _ = eared().receive(question(PEER_C, data=bytes(3000)), "A", 0)
    _, sent = given_up(node)
    assert [each.link for each in sent] == ["C", "C", "C", "A"]


def test_a_request_for_our_address_is_answered_and_for_another_is_not() -> None:
    for target, answered in ((IPv4Address("10.3.0.1"), 1), (IPv4Address("10.3.0.8"), 0), (IPv4Address("10.9.0.1"), 0)):
        request = Frame(BROADCAST, PEER_MAC, Arp(Operation.REQUEST, PEER_MAC, PEER_C, UNKNOWN, target))
        node, _ = eared(route("0.0.0.0/0", "10.2.0.5")).receive_frame(request, "C", 0)
        assert len(node.transmit(0)[1]) == answered


@pytest.mark.parametrize(
    ("station", "dst", "reason"),
    [
        (C_MAC, PEER_B, "ip.forwarded"),
        (C_MAC, IPv4Address("10.3.0.1"), "heard"),
        (OTHER_MAC, PEER_B, "ethernet.not-for-me"),
        (OTHER_MAC, IPv4Address("10.3.0.1"), "ethernet.not-for-me"),
        (BROADCAST, PEER_B, "ethernet.broadcast"),
        (BROADCAST, IPv4Address("10.3.0.1"), "ethernet.broadcast"),
        (BROADCAST, IPv4Address("10.3.0.255"), "heard"),
        (BROADCAST, IPv4Address("255.255.255.255"), "heard"),
    ],
)
def test_which_frames_are_for_us(station: Mac, dst: IPv4Address, reason: str) -> None:
    _, learned = eared().receive_frame(Frame(station, PEER_MAC, question(dst, src=PEER_C)), "C", 0)
    assert learned.reason == reason


def test_a_broadcast_of_our_own_is_not_asked_for() -> None:
    node = eared(says=(question(IPv4Address("10.3.0.255"), src=IPv4Address("10.3.0.1")),))
    (sent,) = node.transmit(0)[1]
    assert sent.frame is not None
    assert sent.frame.dst == BROADCAST


# Hooks


def no_port_53(packet: Packet, link: str | None) -> Packet | Refused:
    if isinstance(packet.body, Datagram) and packet.body.dport == 53:
        return Refused("fw.test", IcmpType.UNREACHABLE, Unreachable.PROHIBITED) if link == "A" else Refused("fw.test")
    return packet


def to_port_54(packet: Packet, link: str | None) -> Packet:
    return replace(packet, body=Datagram(5000, 54))


@pytest.mark.parametrize(("dst", "chain"), [(US, "input"), (ON_B, "input"), (PEER_B, "forward")])
def test_a_hook_stops_a_packet_with_an_error_or_in_silence(dst: IPv4Address, chain: str) -> None:
    node = eared(hooks=Hooks(**{chain: (no_port_53,)}))
    after, learned = node.receive(question(dst), "A", 0)
    assert (learned.verdict, learned.reason) == (Verdict.DROPPED, "fw.test")
    (sent,) = after.transmit(0)[1]
    assert sent.packet is not None
    assert (sent.link, error_in(sent).type, error_in(sent).code) == ("A", 3, 13)
    assert sent.packet.src == (dst if chain == "input" else US)
    assert node.receive(question(dst, src=PEER_B), "B", 0)[0] == node
    after, learned = node.receive(Packet(SENDER, dst, Datagram(5000, 99)), "A", 0)
    assert learned.reason in ("heard", "ip.forwarded")


def test_a_hook_sees_what_the_node_itself_sends() -> None:
    node = eared(says=(question(PEER_B, src=ON_B),), hooks=Hooks(output=(no_port_53,)))
    after, sent = node.transmit(0)
    assert (sent, after.host.heard) == ((), ())


def test_a_hook_may_change_a_packet_and_the_next_one_sees_the_change() -> None:
    node = eared(hooks=Hooks(forward=(to_port_54, no_port_53)))
    after, _ = node.receive(question(PEER_B), "A", 0)
    assert [each.packet for each in after.owed] == [Packet(SENDER, PEER_B, Datagram(5000, 54), ttl=63)]


def test_the_hook_for_input_sees_whole_packets() -> None:
    node = eared(hooks=Hooks(input=(no_port_53,)))
    for each in split(question(US, data=bytes(100)), 68):
        node, learned = node.receive(each, "A", 0)
    assert learned.reason == "fw.test"


# Several nodes


class Wires:
    """Nodes on point-to-point links; a link's name leads to the node with the other end."""

    def __init__(self, **nodes: Node[Sockets]) -> None:
        self.nodes = nodes
        self.carried: list[Packet] = []

    def run(self, most: int = 1000) -> None:
        """Until nobody has anything to send at this moment."""
        for _ in range(most):
            moved = False
            for name, node in self.nodes.items():
                self.nodes[name], sent = node.transmit(0)
                moved |= bool(sent)
                for each in sent:
                    assert each.packet is not None
                    self.carried.append(each.packet)
                    other = next(far for far in each.link.split("-") if far != name)
                    if other in self.nodes:
                        self.nodes[other], _ = self.nodes[other].receive(each.packet, each.link, 0)
            if not moved:
                return
        raise AssertionError("it never ends")


def wired(links: dict[str, str], default: str, forwarding: bool = False) -> Node[Sockets]:
    interfaces = tuple(interface(name, address) for name, address in links.items())
    addresses = tuple(each.addresses[0].ip for each in interfaces)
    table = Table((route("0.0.0.0/0", default),))
    return Node(interfaces, Sockets(Host(addresses, Options())), table, forwarding, error_limit=RateLimit(interval=0))


def test_two_hosts_talk_across_two_routers_and_a_transfer_network() -> None:
    wires = Wires(
        ann=wired({"ann-r": "10.1.0.2/24"}, "10.1.0.1"),
        r=wired({"ann-r": "10.1.0.1/24", "r-s": "10.5.0.0/31"}, "10.5.0.1", forwarding=True),
        s=wired({"r-s": "10.5.0.1/31", "s-ben": "10.2.0.1/24"}, "10.5.0.0", forwarding=True),
        ben=wired({"s-ben": "10.2.0.2/24"}, "10.2.0.1"),
    )
    ann, ben = wires.nodes["ann"], wires.nodes["ben"]
    wires.nodes["ben"] = replace(ben, host=ben.host.listen("L", 23)[0])
    there, here = Endpoint(IPv4Address("10.2.0.2"), 23), Endpoint(IPv4Address("10.1.0.2"), 40001)
    sockets, _ = ann.host.connect("c", here, there)
    sockets, _ = sockets.send("c", b"hello", 0)
    wires.nodes["ann"] = replace(ann, host=sockets)
    wires.run()
    sockets, outcome = wires.nodes["ben"].host.accept("L", "s")
    assert outcome.peer == here
    assert sockets.recv("s")[1].data == b"hello"
    assert {packet.ttl for packet in wires.carried} == {64, 63, 62}


@given(st.integers(0, 255), strategies.bodies)
def test_a_routing_loop_ends_by_ttl(ttl: int, body: Body) -> None:
    """Two routers that point at each other: the packet is carried no more often than it has hops, and at most one
    message comes of it, which ends the same way or reaches the sender.
    """
    wires = Wires(
        r=wired({"ann-r": "10.1.0.1/24", "r-s": "10.5.0.0/31"}, "10.5.0.1", forwarding=True),
        s=wired({"r-s": "10.5.0.1/31"}, "10.5.0.0", forwarding=True),
    )
    packet = Packet(SENDER, FAR, body, ttl)
    wires.nodes["r"], _ = wires.nodes["r"].receive(packet, "ann-r", 0)
    wires.run()
    looped = [each for each in wires.carried if each.dst == FAR]
    assert [each.ttl for each in looped] == list(range(ttl - 1, 0, -1))
    errors = [each for each in wires.carried if each.dst == SENDER]
    assert len(errors) <= 2  # one, seen on at most two wires
    assert all(isinstance(each.body, IcmpError) for each in errors)


# Whatever happens

some_addresses = strategies.addresses | st.sampled_from(
    [SENDER, US, ON_B, PEER_B, PEER_C, FAR, *map(IPv4Address, ("10.3.0.1", "10.1.0.255", "255.255.255.255", "0.0.0.0"))]
)
some_packets = st.builds(
    lambda packet, src, dst: replace(packet, src=src, dst=dst),
    strategies.packets_with(strategies.bodies | strategies.tunnels),
    some_addresses,
    some_addresses,
)
macs = st.sampled_from([C_MAC, PEER_MAC, OTHER_MAC, BROADCAST, UNKNOWN])
arps = st.builds(Arp, st.sampled_from(Operation), macs, some_addresses, macs, some_addresses)
frames = st.builds(Frame, macs, macs, arps | some_packets)
Event = Callable[[Node[Sockets], int], Node[Sockets]]
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        lambda packet, link: lambda node, now: node.receive(packet, link, now)[0], some_packets, st.sampled_from("AB")
    ),
    frames.map(lambda frame: lambda node, now: node.receive_frame(frame, "C", now)[0]),
    st.just(lambda node, now: node.transmit(now)[0]),
    st.just(lambda node, now: node.advance(now)[0]),
)


@given(st.booleans(), st.lists(st.tuples(st.integers(0, 5000), events), max_size=15))
def test_nothing_that_comes_raises_and_the_same_events_make_an_equal_node(
    forwarding: bool, course: list[tuple[int, Event]]
) -> None:
    ends = []
    for _ in range(2):
        node, now = real(route("0.0.0.0/0", "10.2.0.9"), forwarding=forwarding), 0
        for gap, event in course:
            now += gap
            node = event(node, now)
        ends.append(node)
    assert ends[0] == ends[1]
