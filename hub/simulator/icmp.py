"""ICMP errors: about which packets one may be sent, what it quotes, and how often (RFC 792, RFC 1812 §4.3.2)."""

from __future__ import annotations

from ipaddress import IPv4Address

from msgspec import Struct
from msgspec.structs import replace

from cards.datagram import Fragment, IcmpError, IcmpType, Opaque, Protocol, Quote
from cards.packet import Packet
from hub.simulator import wire

_LONGEST = 576
"""Octets of an ICMP error: it quotes as much as fits (RFC 1812 §4.3.2.3)."""
_QUOTED = _LONGEST - 20 - 8 - 20
"""What is left after its own IP header, the ICMP header and the IP header that it quotes."""

_QUERIES = frozenset((0, 8, 9, 10, 13, 14, 15, 16, 17, 18))
"""The ICMP types that are no errors: echo, router discovery, timestamp, information, address mask."""


def about(packet: Packet) -> Quote:
    """The packet as an ICMP error quotes it (RFC 1812 §4.3.2.3)."""
    begins = wire.encode_body(packet)[:_QUOTED]
    return Quote(packet.src, packet.dst, wire.protocol_of(packet.body), begins, packet.ttl, packet.ident)


def error(packet: Packet, source: IPv4Address, type: IcmpType, code: int, mtu: int = 0) -> Packet | None:
    """The ICMP error from `source` to the sender of `packet`; None when none may be sent.

    mtu: octets, of fragmentation needed only. None (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7): about an ICMP error, about a
    fragment other than the first, to or about many or nobody. Directed broadcasts are known only to who has the mask.
    """
    if _is_icmp_error(packet) or (isinstance(packet.body, Fragment) and packet.body.offset != 0):
        return None
    if packet.dst.is_multicast or int(packet.dst) == 0xFFFFFFFF or not _one_host(packet.src):
        return None
    return Packet(source, packet.src, IcmpError(type, code, about(packet), mtu))


def _one_host(address: IPv4Address) -> bool:
    """It names a single host: not net 0, loopback, multicast, class E with the limited broadcast."""
    first = int(address) >> 24
    return 0 < first < 224 and first != 127


def _is_icmp_error(packet: Packet) -> bool:
    """An unknown type counts as an error: no loop of errors can come of it."""
    body = packet.body
    if isinstance(body, IcmpError):
        return True
    if not isinstance(body, (Fragment, Opaque)) or body.protocol != Protocol.ICMP:
        return False
    return not body.octets or body.octets[0] not in _QUERIES


class RateLimit(Struct, frozen=True, gc=False):
    """How often ICMP errors are sent (RFC 1812 §4.3.2.8): one each `interval` ms, and `burst` of them at once after a
    silence. interval: 0 for no limit. full_at: when all of the burst can be used again, lesson time in ms.
    """

    interval: int = 100
    burst: int = 10
    full_at: int = 0

    def take(self, now: int) -> tuple[RateLimit, bool]:
        """Whether one more may be sent at lesson time `now` (ms), and the limit after it."""
        full_at = max(self.full_at, now) + self.interval
        if full_at - now > self.interval * self.burst:
            return self, False
        return replace(self, full_at=full_at), True
