"""Packets as octets and octets as packets: IPv4 (RFC 791), what it carries, and packets in packets (RFC 2003).

Nothing is raised for octets: what cannot be read is `Damaged`. Lost on reading is what Paperhop has no word for: type
of service and options of IPv4, and what `wire_transport` and `wire_icmp` say.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from msgspec.structs import replace

from cards.datagram import Datagram, Echo, Fragment, IcmpError, Opaque, Protocol
from cards.packet import Body, Packet, Segment
from hub.simulator.damage import Damaged, checksum, wrong_checksum
from hub.simulator.wire_icmp import echo_octets, error_octets, message_from
from hub.simulator.wire_ipv4 import (
    CHECKSUM_AT,
    DONT_FRAGMENT,
    HEADER,
    MORE_FRAGMENTS,
    OFFSET,
    VERSION,
    header_octets,
)
from hub.simulator.wire_transport import datagram_from, datagram_octets, segment_from, segment_octets

__all__ = ["Damaged", "checksum", "decode", "decode_body", "encode", "encode_body", "protocol_of"]

_DEEPEST = 4
"""Packets in packets are read so many layers deep; what is still inside stays Opaque."""

_PROTOCOLS = {
    Segment: Protocol.TCP,
    Datagram: Protocol.UDP,
    Echo: Protocol.ICMP,
    IcmpError: Protocol.ICMP,
    Packet: Protocol.IPIP,
}


def protocol_of(body: Body) -> int:
    """The protocol number that IPv4 gives to a body."""
    return body.protocol if isinstance(body, Fragment | Opaque) else _PROTOCOLS[type(body)]


def encode(packet: Packet) -> bytes:
    """The packet as it travels, with right checksums. Raises ValueError when it is longer than 65535 octets."""
    body = encode_body(packet)
    fragment = DONT_FRAGMENT if packet.df else 0
    if isinstance(packet.body, Fragment):
        fragment |= packet.body.offset // 8 | (MORE_FRAGMENTS if packet.body.more else 0)
    protocol = protocol_of(packet.body)
    return header_octets(packet.src, packet.dst, protocol, len(body), packet.ttl, packet.ident, fragment) + body


def encode_body(packet: Packet) -> bytes:
    """What follows the IPv4 header. Raises ValueError when a length does not fit its field."""
    match packet.body:
        case Segment() as segment:
            return segment_octets(packet.src, packet.dst, segment)
        case Datagram() as datagram:
            return datagram_octets(packet.src, packet.dst, datagram)
        case Echo() as echo:
            return echo_octets(echo)
        case IcmpError() as error:
            return error_octets(error)
        case Packet() as inner:
            return encode(inner)
        case Fragment() | Opaque() as carried:
            return carried.octets


def decode(octets: bytes) -> Packet | Damaged:
    """The packet that these octets begin with; what follows its total length is ignored, as Ethernet's padding is.

    Damaged: `ip.bad-version`, `ip.bad-length`, `ip.bad-checksum` (RFC 1122 §3.2.1). A body that is damaged is Opaque:
    routers do not look at it, and its host asks `decode_body` what is wrong.
    """
    return _decode(octets, 0)


def decode_body(src: IPv4Address, dst: IPv4Address, protocol: int, octets: bytes) -> Body | Damaged:
    """The whole body of a packet from `src` to `dst`, such as one that was put together from fragments.

    Damaged: `tcp.`, `udp.` or `icmp.` `bad-length` or `bad-checksum`; what `decode` finds in a packet in the packet.
    """
    return _decode_body(src, dst, protocol, octets, 0)


def _decode(octets: bytes, depth: int) -> Packet | Damaged:
    if octets and octets[0] >> 4 != VERSION:
        return Damaged("ip.bad-version", f"version {octets[0] >> 4}")
    if len(octets) < HEADER.size:
        return Damaged("ip.bad-length", f"{len(octets)} octets, shorter than the header of {HEADER.size}")
    first, total, ident, fragment, ttl, protocol, source, destination = HEADER.unpack_from(octets)
    src, dst = IPv4Address(source), IPv4Address(destination)
    header = (first & 0x0F) * 4
    if not HEADER.size <= header <= total <= len(octets):
        return Damaged("ip.bad-length", f"{len(octets)} octets of {total}, with a header of {header}", src, dst)
    if wrong := wrong_checksum("ip.bad-checksum", octets[:header], CHECKSUM_AT):
        return replace(wrong, src=src, dst=dst)
    content = octets[header:total]
    body: Body | Damaged
    if fragment & (MORE_FRAGMENTS | OFFSET):
        body = Fragment(protocol, (fragment & OFFSET) * 8, bool(fragment & MORE_FRAGMENTS), content)
    else:
        body = _decode_body(src, dst, protocol, content, depth)
    if isinstance(body, Damaged):
        body = Opaque(protocol, content)
    return Packet(src, dst, body, ttl, bool(fragment & DONT_FRAGMENT), ident)


def _decode_body(src: IPv4Address, dst: IPv4Address, protocol: int, octets: bytes, depth: int) -> Body | Damaged:
    body: Body | Damaged
    if protocol == Protocol.TCP:
        body = segment_from(src, dst, octets)
    elif protocol == Protocol.UDP:
        body = datagram_from(src, dst, octets)
    elif protocol == Protocol.ICMP:
        body = message_from(octets)
    elif protocol == Protocol.IPIP and depth < _DEEPEST:
        body = _decode(octets, depth + 1)
    else:
        body = Opaque(protocol, octets)
    return replace(body, src=src, dst=dst) if isinstance(body, Damaged) else body
