"""A node of any kind, host or router: everything between its links and what lives at its addresses (RFC 1812 §5.2).

`receive` only learns, and leaves in `owed` what must go out; `transmit` sends it, as a stack does at once. All times
are milliseconds of lesson time, and whoever calls has let `advance` fire what was due by then.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Generic, Protocol, Self, TypeVar

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from cards.datagram import Datagram, Fragment, IcmpError, IcmpType
from cards.packet import Packet
from hub.simulator import icmp, router
from hub.simulator.arp import Neighbours
from hub.simulator.arrive import Learned
from hub.simulator.ethernet import Arp, Frame, Mac
from hub.simulator.fragments import KEPT, Reassembly
from hub.simulator.hooks import Hooks, through
from hub.simulator.host import Notice
from hub.simulator.icmp import RateLimit
from hub.simulator.router import Forward, Interface, Refused, Table
from hub.simulator.verdicts import Verdict

_UNSPECIFIED = IPv4Address("0.0.0.0")
_EVERYBODY = IPv4Address("255.255.255.255")
_REASSEMBLY_EXPIRED = Refused("ip.reassembly-expired", IcmpType.TIME_EXCEEDED, 1)
_ROUNDS = 64
"""How often in one moment a host that talks to itself may answer itself."""


class Stack(Protocol):
    """What lives at a node's addresses: a host, or a host with its sockets.

    `receive` gets whole packets for one of the addresses, and datagrams to a broadcast address, about which no error
    may be sent (RFC 1122 §3.2.2). An error about a packet that could not even leave comes from an address of its own.
    """

    def receive(self, packet: Packet, now: int) -> tuple[Self, Learned]:
        """A packet came; nothing is sent."""

    def transmit(self, now: int) -> tuple[Self, tuple[Packet, ...]]:
        """Everything that it sends at `now`, in order."""

    @property
    def deadline(self) -> int | None:
        """When `advance` has something to do; None: never."""

    def advance(self, now: int) -> tuple[Self, tuple[Notice, ...]]:
        """Every timer that was due by `now` has fired."""


Above = TypeVar("Above", bound=Stack)


class Sent(Struct, frozen=True, gc=False):
    """A packet on its way out by a link, to a neighbour; on Ethernet in its frame. ARP has a frame and no packet."""

    link: str
    next_hop: IPv4Address | None
    packet: Packet | None
    frame: Frame | None = None


class Node(Struct, Generic[Above], frozen=True, gc=False):
    """Interfaces, a routing table, and what lives above them.

    forwarding: it is a router. neighbours: the ARP module of each Ethernet link, see `neighbours_on`; a link that has
    none is point-to-point. error_limit: how often it sends ICMP errors. next_ident: the identification of the next
    packet of its own that may be fragmented (RFC 6864 §4). owed: what must go out, in order.
    """

    interfaces: tuple[Interface, ...]
    host: Above
    table: Table = Table()
    forwarding: bool = False
    neighbours: Map[str, Neighbours] = Map()
    reassembly: Reassembly = Reassembly()
    error_limit: RateLimit = RateLimit()
    hooks: Hooks = Hooks()
    next_ident: int = 1
    owed: tuple[Sent, ...] = ()

    # What comes

    def receive_frame(self, frame: Frame, link: str, now: int) -> tuple[Self, Learned]:
        """A frame came by an Ethernet link. A packet to one host in a frame to all is not for us (RFC 1122 §3.3.6)."""
        near = self.neighbours.get(link)
        payload = frame.payload
        if near is None:
            return self, Learned(Verdict.DROPPED, "ethernet.unknown-type")
        if frame.dst != near.mac and not frame.dst.is_group:
            return self, Learned(Verdict.DROPPED, "ethernet.not-for-me")
        if isinstance(payload, Arp):
            near, frames = near.receive(payload, now)
            answered = replace(self, neighbours=self.neighbours.set(link, near))
            return answered._owing_frames(link, payload.sender, frames), _HEARD
        if frame.dst.is_group and not (payload.dst.is_multicast or router.is_broadcast(self.interfaces, payload.dst)):
            return self, Learned(Verdict.DROPPED, "ethernet.broadcast")
        return self.receive(payload, link, now)

    def receive(self, packet: Packet, link: str, now: int) -> tuple[Self, Learned]:
        """A packet came by a link: for this node, on whatever link its address is, or to be forwarded."""
        if router.is_own(self.interfaces, packet.dst):
            return self._delivered(packet, link, now)
        if any(interface.hears(packet.dst) for interface in self.interfaces):
            return self._delivered(packet, link, now)
        if self.forwarding:
            return self._forwarded(packet, link, now)
        return self, Learned(Verdict.DROPPED, "ip.not-for-me")

    def _delivered(self, packet: Packet, link: str, now: int) -> tuple[Self, Learned]:
        asks_for_an_address = packet.src == _UNSPECIFIED and packet.dst == _EVERYBODY
        if router.martian(self.interfaces, packet.src) and not asks_for_an_address:
            return self, Learned(Verdict.DROPPED, "ip.martian-source")
        node, whole = self._whole(packet, now)
        if isinstance(whole, str):
            return node, Learned(Verdict.DELIVERED if whole == KEPT else Verdict.DROPPED, whole)
        if not isinstance(whole.body, Datagram) and not router.is_own(self.interfaces, whole.dst):
            return node, Learned(Verdict.DROPPED, "ip.broadcast-ignored")
        admitted = through(self.hooks.input, whole, link)
        if isinstance(admitted, Refused):
            return node.refuse(whole, admitted, now), Learned(Verdict.DROPPED, admitted.reason)
        host, learned = node.host.receive(admitted, now)
        return replace(node, host=host), learned

    def _whole(self, packet: Packet, now: int) -> tuple[Self, Packet | str]:
        """The packet, put together if it had been fragmented; or why there is none (yet)."""
        if not isinstance(packet.body, Fragment):
            return self, packet
        reassembly, whole = self.reassembly.take(packet, now)
        return replace(self, reassembly=reassembly), whole

    def _forwarded(self, packet: Packet, link: str, now: int) -> tuple[Self, Learned]:
        admitted = through(self.hooks.forward, packet, link)
        decision = admitted if isinstance(admitted, Refused) else router.forward(self.table, self.interfaces, admitted)
        if isinstance(decision, Refused):
            return self.refuse(packet, decision, now), Learned(Verdict.DROPPED, decision.reason)
        return self._owing(decision), Learned(Verdict.FORWARDED, "ip.forwarded")

    # What goes

    def transmit(self, now: int) -> tuple[Self, tuple[Sent, ...]]:
        """Everything that a stack sends at `now`: what is owed, then what the host has to say."""
        node = self
        for _ in range(_ROUNDS):
            host, packets = node.host.transmit(now)
            node = replace(node, host=host)
            if not packets:
                break
            for packet in packets:
                node = node._originating(packet, now)
        return node._handing_over(now)

    def _originating(self, packet: Packet, now: int) -> Self:
        """A packet of this node's own: to one of its own addresses, or out; ICMP errors not too often."""
        if router.is_own(self.interfaces, packet.dst):
            host, _ = self.host.receive(packet, now)
            return replace(self, host=host)
        if isinstance(packet.body, IcmpError):
            limit, allowed = self.error_limit.take(now)
            if not allowed:
                return self
            return replace(self, error_limit=limit)._departing(packet, now)
        return self._departing(packet, now)

    def _departing(self, packet: Packet, now: int) -> Self:
        node, packet = self._numbered(self._spoken_from(packet))
        admitted = through(self.hooks.output, packet, None)
        decision = admitted if isinstance(admitted, Refused) else router.depart(self.table, self.interfaces, admitted)
        return node.refuse(packet, decision, now) if isinstance(decision, Refused) else node._owing(decision)

    def _spoken_from(self, packet: Packet) -> Packet:
        """With an address of the interface by which it leaves, when its sender has not chosen (RFC 1122 §3.3.4.3)."""
        found = router.way(self.table, self.interfaces, packet.dst)
        if packet.src != _UNSPECIFIED or isinstance(found, Refused) or not found.interface.addresses:
            return packet
        return replace(packet, src=found.interface.addresses[0].ip)

    def _numbered(self, packet: Packet) -> tuple[Self, Packet]:
        """With an identification that tells its fragments from others, where it can come to that (RFC 6864 §4)."""
        if packet.df or packet.ident:
            return self, packet
        return replace(self, next_ident=self.next_ident % 0xFFFF + 1), replace(packet, ident=self.next_ident)

    def refuse(self, packet: Packet, refused: Refused, now: int) -> Self:
        """The sender of a packet hears why it was refused, unless nobody may be told (RFC 1812 §4.3.2.7)."""
        if refused.type is None or router.is_broadcast(self.interfaces, packet.dst):
            return self
        source = self._source_of_errors_about(packet)
        if source is None:
            return self
        error = icmp.error(packet, source, refused.type, refused.code, refused.mtu)
        return self if error is None else self._originating(error, now)

    def _source_of_errors_about(self, packet: Packet) -> IPv4Address | None:
        """The address of ours that it was for; else one of the interface by which the error goes out (RFC 1812
        §4.3.2.4), on the network of its next hop if possible; of a node without addresses there, any.
        """
        if router.is_own(self.interfaces, packet.dst):
            return packet.dst
        found = router.way(self.table, self.interfaces, packet.src)
        if isinstance(found, Refused):
            return None
        there = found.interface.addresses
        anywhere = (address for interface in self.interfaces for address in interface.addresses)
        near = (address for address in there if found.next_hop in address.network)
        return next((address.ip for group in (near, there, anywhere) for address in group), None)

    def _owing(self, decision: Forward) -> Self:
        sent = (Sent(decision.link, decision.next_hop, piece) for piece in decision.packets)
        return replace(self, owed=(*self.owed, *sent))

    def _owing_frames(self, link: str, next_hop: IPv4Address | None, frames: tuple[Frame, ...]) -> Self:
        return replace(self, owed=(*self.owed, *(_framed(link, next_hop, frame) for frame in frames)))

    def _handing_over(self, now: int) -> tuple[Self, tuple[Sent, ...]]:
        """What is owed, in frames where the link is Ethernet; what waits for a neighbour's address stays there."""
        sent: list[Sent] = []
        neighbours = self.neighbours
        for each in self.owed:
            near = neighbours.get(each.link)
            if near is None or each.packet is None or each.next_hop is None or each.frame is not None:
                sent.append(each)
                continue
            near, frames = near.send(each.next_hop, each.packet, now)
            neighbours = neighbours.set(each.link, near)
            sent.extend(_framed(each.link, each.next_hop, frame) for frame in frames)
        return replace(self, neighbours=neighbours, owed=()), tuple(sent)

    # What runs out

    @property
    def deadline(self) -> int | None:
        """When `advance` has something to do next; None: never."""
        first, incomplete = self.host.deadline, self.reassembly.deadline
        if incomplete is None and not self.neighbours:
            return first
        near = (neighbours.deadline for neighbours in self.neighbours.values())
        return min((each for each in (first, incomplete, *near) if each is not None), default=None)

    def advance(self, now: int) -> tuple[Self, tuple[Notice, ...]]:
        """Everything that was due by `now` has happened: the host's timers, then packets that were never whole are
        given up, then neighbours that do not answer. `transmit` has what comes of it.
        """
        host, notices = self.host.advance(now)
        reassembly, firsts = self.reassembly.advance(now)
        node = replace(self, host=host, reassembly=reassembly)
        for first in firsts:
            node = node.refuse(first, _REASSEMBLY_EXPIRED, now)
        for link in sorted(self.neighbours):
            near, frames, given_up = self.neighbours[link].advance(now)
            node = replace(node, neighbours=node.neighbours.set(link, near))
            node = node._owing_frames(link, None, frames)
            for packet in given_up:
                node = node.refuse(packet, router.HOST_UNREACHABLE, now)
        return node, notices


_HEARD = Learned(Verdict.DELIVERED, "arp.heard")


def _framed(link: str, next_hop: IPv4Address | None, frame: Frame) -> Sent:
    packet = None if isinstance(frame.payload, Arp) else frame.payload
    return Sent(link, None if packet is None else next_hop, packet, frame)


def neighbours_on(interfaces: tuple[Interface, ...]) -> Map[str, Neighbours]:
    """The ARP modules of a node at its start. Each Ethernet interface, which has at least one address, has a station
    address made of the first: 02:00 and its four octets (the 2: locally administered).
    """
    ethernets = (interface for interface in interfaces if interface.ethernet)
    return Map({i.name: Neighbours(Mac.of(b"\2\0" + i.addresses[0].ip.packed), i.addresses) for i in ethernets})
