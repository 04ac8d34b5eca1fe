"""From a captured frame to the packet in it: link headers, then IPv4 and what a printed card can be.

Link types: https://www.tcpdump.org/linktypes.html. Ethernet: IEEE 802.3; VLAN tags: IEEE 802.1Q, 802.1ad.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from cards.datagram import Datagram, Echo, Fragment, Opaque, Protocol
from cards.packet import Body, Packet, Segment
from hub.simulator import wire
from hub.simulator.damage import Damaged, checksum, pseudo_header, sealed
from hub.simulator.wire_ipv4 import CHECKSUM_AT, HEADER, MORE_FRAGMENTS, OFFSET, VERSION
from paperhop.capture import Frame

CUT_SHORT = "cut short by the capture (snaplen): what is missing of their data stands as question marks"
WRONG_CHECKSUM = "with a wrong checksum: a network card often fills it in only after the capture"
URGENT = "with an urgent pointer, which a card leaves out"
IP_OPTIONS = "with options of IPv4, which a card leaves out"

_CUT_OFF = "cut off within their headers by the capture (snaplen)"
_NULL, _ETHERNET, _RAW, _LOOP, _SLL, _IPV4, _IPV6, _SLL2 = 0, 1, 101, 108, 113, 228, 229, 276
_RAW_ON_BSD = (12, 14)
_ETHERTYPE_IPV4, _ETHERTYPE_IPV6 = 0x0800, 0x86DD
_TAGS = (0x8100, 0x88A8, 0x9100)
_AF_INET = 2
_AF_INET6 = (10, 23, 24, 28, 30)
"""Of Linux, Windows and the BSDs: the loopback's header has the number of the system that wrote it."""
_TYPE_AT = {_ETHERNET: (12, 14), _SLL: (14, 16), _SLL2: (0, 20)}
"""Where the protocol's number stands, and where the header ends."""

_LEAST = {Protocol.TCP: 20, Protocol.UDP: 8, Protocol.ICMP: 8}
_CHECKSUMS_AT = {Protocol.TCP: 16, Protocol.UDP: 6, Protocol.ICMP: 2}
_TCP_OPTIONS = {2: "MSS", 3: "window scale", 4: "SACK permitted", 5: "SACK", 8: "timestamps"}
_END, _NO_OPERATION, _WINDOW_SCALE = 0, 1, 3
_MOST_SCALE = 14
"""A larger shift is taken for this one (RFC 7323 §2.3)."""
_KNOWN_BITS = 0x3F


class NoCard(ValueError):
    """A frame that no card can be made of; the text says what it is, to go on with "12 packets"."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A packet of a capture. number: of its frame. notes: what a card does not show, to go on with "3 packets".

    scale: the shift of the TCP option window scale, where it has one (RFC 7323 §2.2).
    """

    number: int
    packet: Packet
    notes: tuple[str, ...] = ()
    scale: int | None = None


def dissect(frame: Frame) -> Captured:
    """The TCP, UDP or ping that a frame carries. Raises NoCard."""
    octets, notes = _whole(_ipv4(frame))
    packet = _packet(octets, notes)
    header, protocol = (octets[0] & 0x0F) * 4, octets[9]
    if header > HEADER.size:
        notes.append(IP_OPTIONS)
    content = octets[header:]
    scale: int | None = None
    match body := _body(packet, protocol, content, notes):
        case Segment():
            options = _options(content[20 : (content[12] >> 4) * 4])
            notes += _of_segment(body, content, options)
            if value := options.get(_WINDOW_SCALE):
                scale = min(value[0], _MOST_SCALE)
            body = replace(body, mss=None, urgent=0)
        case Datagram() | Echo():
            pass
        case Fragment():
            raise NoCard("that are fragments: a card holds a whole packet")
        case _:
            raise NoCard(_other(protocol))
    whole = Packet(packet.src, packet.dst, body, packet.ttl)
    return Captured(frame.number, whole, tuple(dict.fromkeys(notes)), scale)


def _packet(octets: bytes, notes: list[str]) -> Packet:
    """The packet, whatever the checksum of its header."""
    packet = wire.decode(octets)
    if isinstance(packet, Damaged):
        notes.append(WRONG_CHECKSUM)
        packet = wire.decode(_sealed_header(octets))
    if isinstance(packet, Damaged):
        raise NoCard("with a damaged header of IPv4")
    return packet


def _body(packet: Packet, protocol: int, content: bytes, notes: list[str]) -> Body:
    """What a packet carries, whatever its checksum; it cannot be right where something is missing."""
    if not isinstance(packet.body, Opaque) or protocol not in _LEAST:
        return packet.body
    body = wire.decode_body(packet.src, packet.dst, protocol, content)
    if isinstance(body, Damaged) and body.reason.endswith("checksum"):
        if CUT_SHORT not in notes:
            notes.append(WRONG_CHECKSUM)
        body = wire.decode_body(packet.src, packet.dst, protocol, _sealed_body(packet, protocol, content))
    if isinstance(body, Damaged):
        raise NoCard(f"with a damaged header of {body.reason.partition('.')[0].upper()}")
    return body


def _ipv4(frame: Frame) -> bytes:
    """What follows the headers of the link, when that is IPv4."""
    link, octets = frame.link, frame.octets
    if link in (_NULL, _LOOP):
        family, rest = octets[:4], octets[4:]
        numbers = {int.from_bytes(family, "big"), int.from_bytes(family, "little")}
        if _AF_INET in numbers:
            return rest
        raise NoCard(_not_ipv4(_ETHERTYPE_IPV6 if numbers & set(_AF_INET6) else 0))
    if link in _TYPE_AT:
        at, end = _TYPE_AT[link]
        return _untagged(int.from_bytes(octets[at : at + 2], "big"), octets[end:])
    if link in (_RAW, *_RAW_ON_BSD, _IPV4, _IPV6):
        version = octets[0] >> 4 if octets else 0
        if version == VERSION:
            return octets
        raise NoCard(_not_ipv4(_ETHERTYPE_IPV6 if version == 6 else 0))
    raise NoCard(f"from a link of type {link}, which this program cannot read: capture on Ethernet or loopback")


def _untagged(kind: int, octets: bytes) -> bytes:
    """Without tags of VLANs, however many; then it must be IPv4."""
    at = 0
    while kind in _TAGS:
        kind = int.from_bytes(octets[at + 2 : at + 4], "big")
        at += 4
    if kind != _ETHERTYPE_IPV4:
        raise NoCard(_not_ipv4(kind))
    return octets[at:]


def _not_ipv4(kind: int) -> str:
    return "of IPv6: a card has room for IPv4 only" if kind == _ETHERTYPE_IPV6 else "without IP, such as ARP"


def _other(protocol: int) -> str:
    if protocol == Protocol.ICMP:
        return "of ICMP that are no ping: write them by pen"
    return f"of protocol {protocol}: a printed card holds TCP, UDP or a ping"


def _whole(octets: bytes) -> tuple[bytes, list[str]]:
    """A packet in its full length, and what is to be said of it; what was not captured is filled up."""
    if len(octets) < HEADER.size:
        raise NoCard(_CUT_OFF)
    header, total = (octets[0] & 0x0F) * 4, int.from_bytes(octets[2:4], "big")
    fragment, protocol = int.from_bytes(octets[6:8], "big"), octets[9]
    if total <= len(octets):
        return octets[:total] if HEADER.size <= total else octets, []
    if protocol in _LEAST and not fragment & (MORE_FRAGMENTS | OFFSET):
        needed = header + _LEAST[Protocol(protocol)]
        if protocol == Protocol.TCP and len(octets) >= needed:
            needed = header + (octets[header + 12] >> 4) * 4
        if len(octets) < needed:
            raise NoCard(_CUT_OFF)
    return octets + b"?" * (total - len(octets)), [CUT_SHORT]


def _sealed_header(octets: bytes) -> bytes:
    """With a right checksum of the header, whatever stood there."""
    header = (octets[0] & 0x0F) * 4
    return sealed(octets, CHECKSUM_AT, checksum(sealed(octets[:header], CHECKSUM_AT, 0)))


def _sealed_body(packet: Packet, protocol: int, content: bytes) -> bytes:
    """With a right checksum of the body; UDP may be without."""
    at = _CHECKSUMS_AT[Protocol(protocol)]
    cleared = sealed(content, at, 0)
    if protocol == Protocol.UDP:
        return cleared
    start = pseudo_header(packet.src, packet.dst, protocol, len(content)) if protocol == Protocol.TCP else 0
    return sealed(cleared, at, checksum(cleared, start))


def _of_segment(segment: Segment, content: bytes, options: Iterable[int]) -> list[str]:
    """What a card has no room for of a segment."""
    names = (_TCP_OPTIONS.get(kind, f"number {kind}") for kind in options)
    notes = [f"with the TCP option {name}, which a card leaves out" for name in names]
    if segment.urgent:
        notes.append(URGENT)
    if content[13] & ~_KNOWN_BITS or content[12] & 0x0F:
        notes.append("with flags that a card leaves out (ECE, CWR)")
    return notes


def _options(octets: bytes) -> dict[int, bytes]:
    """The options of TCP (RFC 9293 §3.1) by their kind: what follows their length."""
    options, at = dict[int, bytes](), 0
    while at < len(octets) and octets[at] != _END:
        if octets[at] == _NO_OPERATION:
            at += 1
            continue
        end = at + max(2, octets[at + 1] if at + 1 < len(octets) else 2)
        options[octets[at]] = octets[at + 2 : end]
        at = end
    return options
