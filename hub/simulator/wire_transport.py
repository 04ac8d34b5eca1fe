"""TCP segments (RFC 9293 §3.1) and UDP datagrams (RFC 768) as octets.

What is read loses what Paperhop has no word for: reserved and ECN bits, TCP options other than the segment size.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from struct import Struct

from cards.datagram import Datagram, Protocol
from cards.packet import Flags, Segment
from cards.payload import octets as octets_of
from cards.payload import within
from cards.seqnum import SeqNum
from hub.simulator.damage import Damaged, checksum, pseudo_header, sealed, wrong_checksum

_TCP = Struct("!HHIIHH2xH")
_TCP_CHECKSUM_AT = 16
_FLAGS = tuple(Flags(bits) for bits in range(64))
_ACK = Flags.ACK.value

_END, _NO_OPERATION, _MSS = 0, 1, 2
_MSS_OPTION = Struct("!BBH")

_UDP = Struct("!HHHH")
_UDP_CHECKSUM_AT = 6


def segment_octets(src: IPv4Address, dst: IPv4Address, segment: Segment) -> bytes:
    """The segment with its checksum, as it travels from `src` to `dst`."""
    s = segment
    option = b"" if s.mss is None else _MSS_OPTION.pack(_MSS, _MSS_OPTION.size, s.mss)
    ack = 0 if s.ack is None else s.ack.value
    bits = (_TCP.size + len(option)) // 4 << 12 | s.flags.value
    header = _TCP.pack(s.sport, s.dport, s.seq.value, ack, bits, s.window, s.urgent)
    whole = header + option + octets_of(s.payload)
    return sealed(whole, _TCP_CHECKSUM_AT, checksum(whole, pseudo_header(src, dst, Protocol.TCP, len(whole))))


def segment_from(src: IPv4Address, dst: IPv4Address, octets: bytes) -> Segment | Damaged:
    """The segment that came from `src` to `dst`. Damaged: `tcp.bad-length` (of an option too), `tcp.bad-checksum`."""
    if len(octets) < _TCP.size:
        return Damaged("tcp.bad-length", f"{len(octets)} octets, shorter than the header of {_TCP.size}")
    sport, dport, seq, ack, bits, window, urgent = _TCP.unpack_from(octets)
    header = (bits >> 12) * 4
    if not _TCP.size <= header <= len(octets):
        return Damaged("tcp.bad-length", f"{len(octets)} octets with a header of {header}")
    start = pseudo_header(src, dst, Protocol.TCP, len(octets))
    if wrong := wrong_checksum("tcp.bad-checksum", octets, _TCP_CHECKSUM_AT, start):
        return wrong
    mss = None if header == _TCP.size else _mss(octets[_TCP.size : header])
    if isinstance(mss, Damaged):
        return mss
    acks = SeqNum(ack) if bits & _ACK else None
    return Segment(
        sport, dport, _FLAGS[bits & 0x3F], SeqNum(seq), acks, window, octets[header:], mss=mss, urgent=urgent
    )


def _mss(options: bytes) -> int | Damaged | None:
    """The maximum segment size option (§3.7.1) among the options (§3.1); the others are skipped by their length."""
    at, mss = 0, None
    while at < len(options) and options[at] != _END:
        if options[at] == _NO_OPERATION:
            at += 1
            continue
        length = int.from_bytes(options[at + 1 : at + 2], "big")
        if not 2 <= length <= len(options) - at or (options[at] == _MSS and length != _MSS_OPTION.size):
            return Damaged("tcp.bad-length", f"option {options[at]} with a length of {length}")
        if options[at] == _MSS:
            mss = int.from_bytes(options[at + 2 : at + 4], "big")
        at += length
    return mss


def datagram_octets(src: IPv4Address, dst: IPv4Address, datagram: Datagram) -> bytes:
    """The datagram, as it travels from `src` to `dst`. Raises ValueError when it is longer than 65535 octets."""
    payload = octets_of(datagram.payload)
    length = _UDP.size + len(payload)
    within("length of the datagram", length, 65535)
    whole = _UDP.pack(datagram.sport, datagram.dport, length, 0) + payload
    if not datagram.checksummed:
        return whole
    computed = checksum(whole, pseudo_header(src, dst, Protocol.UDP, length))
    return sealed(whole, _UDP_CHECKSUM_AT, computed or 0xFFFF)  # 0 says that there is none


def datagram_from(src: IPv4Address, dst: IPv4Address, octets: bytes) -> Datagram | Damaged:
    """The datagram that came from `src` to `dst`; what follows it is ignored.

    Damaged: `udp.bad-length`, `udp.bad-checksum`.
    """
    if len(octets) < _UDP.size:
        return Damaged("udp.bad-length", f"{len(octets)} octets, shorter than the header of {_UDP.size}")
    sport, dport, length, field = _UDP.unpack_from(octets)
    if not _UDP.size <= length <= len(octets):
        return Damaged("udp.bad-length", f"{len(octets)} octets that say they are {length}")
    octets = octets[:length]
    start = pseudo_header(src, dst, Protocol.UDP, length)
    if field and (wrong := wrong_checksum("udp.bad-checksum", octets, _UDP_CHECKSUM_AT, start)):
        return wrong
    return Datagram(sport, dport, octets[_UDP.size :], checksummed=field != 0)
