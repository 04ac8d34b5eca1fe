"""Where a packet goes next: interfaces, routes, and the forwarding decision (RFC 1812 §5.2, §5.3)."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from msgspec import Struct
from msgspec.structs import replace

from cards.datagram import Fragment, IcmpType, Unreachable
from cards.packet import Packet
from hub.simulator.fragments import possible, size, split

LEAST_MTU = 68
"""Octets that every link carries in one piece (RFC 791 §3.2)."""

_NET_0 = 0x01000000
_LOOPBACK = 127
_LINK_LOCAL = 0xA9FE
_CLASS_D = 0xE0000000
_CLASS_E = 0xF0000000
_LIMITED_BROADCAST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Interface:
    """A node's end of a link.

    name: of the link. mtu: octets, at least 68, else ValueError. own: its addresses; broadcasts: the directed
    broadcast addresses of its networks; networks: the obsolete ones, all zeros (RFC 1812 §4.2.3.1); all as numbers.
    Networks of two addresses or one have neither (RFC 3021 §2.2). connected: (length, mask, network), longest first.
    """

    name: str
    addresses: tuple[IPv4Interface, ...]
    mtu: int = 1500
    ethernet: bool = False
    own: frozenset[int] = field(init=False, compare=False, repr=False)
    broadcasts: frozenset[int] = field(init=False, compare=False, repr=False)
    networks: frozenset[int] = field(init=False, compare=False, repr=False)
    connected: tuple[tuple[int, int, int], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.mtu < LEAST_MTU:
            raise ValueError(f"a link carries at least {LEAST_MTU} octets, not {self.mtu}")
        nets = sorted((address.network for address in self.addresses), key=lambda net: -net.prefixlen)
        shared = [net for net in nets if net.prefixlen < 31]
        object.__setattr__(self, "own", frozenset(int(address.ip) for address in self.addresses))
        object.__setattr__(self, "broadcasts", frozenset(int(net.broadcast_address) for net in shared))
        object.__setattr__(self, "networks", frozenset(int(net.network_address) for net in shared))
        connected = tuple((net.prefixlen, int(net.netmask), int(net.network_address)) for net in nets)
        object.__setattr__(self, "connected", connected)

    def hears(self, address: IPv4Address) -> bool:
        """A broadcast to `address` is for everybody on this link, us too (RFC 1812 §4.2.3.1)."""
        number = int(address)
        return number == _LIMITED_BROADCAST or number in self.broadcasts

    def reaches(self, address: int) -> int:
        """The length of the longest of its networks that holds `address`; -1 when none does."""
        for length, mask, net in self.connected:
            if address & mask == net:
                return length
        return -1


class Kind(enum.Enum):
    """What a route does with packets; all but the first throw them away."""

    UNICAST = "unicast"
    UNREACHABLE = "unreachable"
    BLACKHOLE = "blackhole"
    PROHIBIT = "prohibit"


class Route(Struct, frozen=True, gc=False):
    """Packets for `prefix` go to the router `via`; None: to whoever has the address on that link.

    link: None: the one on whose network `via` is. metric: the lowest is best.
    """

    prefix: IPv4Network
    via: IPv4Address | None = None
    link: str | None = None
    metric: int = 0
    kind: Kind = Kind.UNICAST


@dataclass(frozen=True, slots=True)
class Table:
    """A routing table. The networks of the interfaces need no route in it.

    by_length: (mask, network -> route), longest first: a look-up takes at most 33 steps, however many routes.
    """

    routes: tuple[Route, ...] = ()
    by_length: tuple[tuple[int, dict[int, Route]], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        lengths: dict[int, dict[int, Route]] = {}
        for route in sorted(self.routes, key=lambda route: (-route.prefix.prefixlen, route.metric)):
            same_length = lengths.setdefault(int(route.prefix.netmask), {})
            same_length.setdefault(int(route.prefix.network_address), route)
        object.__setattr__(self, "by_length", tuple(lengths.items()))

    def best(self, dst: IPv4Address) -> Route | None:
        """The route with the longest prefix that holds `dst`; of equals the one with the lowest metric, then the first
        (RFC 1812 §5.2.4.3).
        """
        number = int(dst)
        for mask, routes in self.by_length:
            route = routes.get(number & mask)
            if route is not None:
                return route
        return None


class Forward(Struct, frozen=True, gc=False):
    """Send these by a link to a neighbour: the packet, or its pieces where it is too long for the link."""

    link: str
    next_hop: IPv4Address
    packets: tuple[Packet, ...]


class Refused(Struct, frozen=True, gc=False):
    """It goes no further. type, code: the ICMP error that its sender should hear; None: silence.

    mtu: octets that would have fitted, of fragmentation needed only.
    """

    reason: str
    type: IcmpType | None = None
    code: int = 0
    mtu: int = 0


class Way(Struct, frozen=True, gc=False):
    """Out of this interface, to this neighbour."""

    interface: Interface
    next_hop: IPv4Address


_NO_ROUTE = Refused("ip.no-route", IcmpType.UNREACHABLE, Unreachable.NET)
HOST_UNREACHABLE = Refused("ip.host-unreachable", IcmpType.UNREACHABLE, Unreachable.HOST)
"""No neighbour answers to the next hop's address."""
_TTL_EXPIRED = Refused("ip.ttl-expired", IcmpType.TIME_EXCEEDED, 0)

_SPECIAL = {
    Kind.UNREACHABLE: Refused("ip.unreachable-route", IcmpType.UNREACHABLE, Unreachable.HOST),
    Kind.PROHIBIT: Refused("ip.prohibited", IcmpType.UNREACHABLE, Unreachable.PROHIBITED),
    Kind.BLACKHOLE: Refused("ip.blackhole"),
}


def way(table: Table, interfaces: tuple[Interface, ...], dst: IPv4Address) -> Way | Refused:
    """The next hop for `dst` (RFC 1812 §5.2.4): the longest prefix of all; between equals a network of our own wins."""
    route = table.best(dst)
    near = _nearest(interfaces, dst, -1 if route is None else route.prefix.prefixlen - 1)
    if near is not None:
        return Way(near, dst)
    if route is None:
        return _NO_ROUTE
    if route.kind is not Kind.UNICAST:
        return _SPECIAL[route.kind]
    next_hop = dst if route.via is None else route.via
    if route.link is None:
        out = _nearest(interfaces, next_hop, -1)
    else:
        out = next((interface for interface in interfaces if interface.name == route.link), None)
    return _NO_ROUTE if out is None else Way(out, next_hop)


def _nearest(interfaces: tuple[Interface, ...], address: IPv4Address, beyond: int) -> Interface | None:
    """Whose network holds `address` by the longest prefix, one longer than `beyond`; None: nobody's."""
    number, nearest = int(address), None
    for interface in interfaces:
        if (length := interface.reaches(number)) > beyond:
            nearest, beyond = interface, length
    return nearest


def forward(table: Table, interfaces: tuple[Interface, ...], packet: Packet) -> Forward | Refused:
    """What a router does with a packet that is not for itself, in the order of RFC 1812 §5.2.1.2: are its addresses
    such that it may be forwarded, where does it go, has it a hop left, does it fit.
    """
    invalid = next(_invalid(interfaces, packet), None)
    if invalid is not None:
        return Refused(invalid)
    found = way(table, interfaces, packet.dst)
    if isinstance(found, Refused):
        return found
    return _TTL_EXPIRED if packet.ttl <= 1 else _onto(found, replace(packet, ttl=packet.ttl - 1))


def depart(table: Table, interfaces: tuple[Interface, ...], packet: Packet) -> Forward | Refused:
    """What a node does with a packet of its own for somebody else: where does it go, does it fit."""
    found = way(table, interfaces, packet.dst)
    return found if isinstance(found, Refused) else _onto(found, packet)


def _onto(found: Way, packet: Packet) -> Forward | Refused:
    """In pieces where it is too long for the link, unless it may not be fragmented (RFC 1191 §4)."""
    link, mtu = found.interface.name, found.interface.mtu
    if size(packet) <= mtu:
        return Forward(link, found.next_hop, (packet,))
    if packet.df:
        return Refused("ip.fragmentation-needed", IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED, mtu)
    if isinstance(packet.body, Fragment) and not possible(packet.body):
        return Refused("ip.bad-fragment")
    return Forward(link, found.next_hop, split(packet, mtu))


def _invalid(interfaces: tuple[Interface, ...], packet: Packet) -> Iterator[str]:
    """Why the addresses of a packet keep it from being forwarded (RFC 1812 §5.3.4, §5.3.5, §5.3.7), in silence."""
    if martian(interfaces, packet.src):
        yield "ip.martian-source"
    dst = int(packet.dst)
    if is_broadcast(interfaces, packet.dst):
        yield "ip.broadcast-not-forwarded"
    if _CLASS_D <= dst < _CLASS_E:
        yield "ip.multicast-not-forwarded"
    if dst < _NET_0 or dst >> 24 == _LOOPBACK or dst >= _CLASS_E:
        yield "ip.bad-destination"
    if _LINK_LOCAL in (dst >> 16, int(packet.src) >> 16):
        yield "ip.link-local"


def is_own(interfaces: tuple[Interface, ...], address: IPv4Address) -> bool:
    """It is an address of this node, on whatever link."""
    number = int(address)
    for interface in interfaces:  # noqa: SIM110 (asked of every packet, and a generator takes twice as long)
        if number in interface.own:
            return True
    return False


def is_broadcast(interfaces: tuple[Interface, ...], address: IPv4Address) -> bool:
    """Everybody here, or on a network that we know, today's way or the obsolete one (RFC 1812 §4.2.3.1, §5.3.5)."""
    number = int(address)
    if number == _LIMITED_BROADCAST:
        return True
    for i in interfaces:  # noqa: SIM110
        if number in i.broadcasts or number in i.networks:
            return True
    return False


def martian(interfaces: tuple[Interface, ...], src: IPv4Address) -> bool:
    """No packet comes from there: net 0, loopback, multicast, class E, a broadcast address of a network that we know
    (RFC 1122 §3.2.1.3, RFC 1812 §5.3.7), or an address of our own.
    """
    number = int(src)
    if number < _NET_0 or number >> 24 == _LOOPBACK or number >= _CLASS_D:
        return True
    return is_own(interfaces, src) or is_broadcast(interfaces, src)
