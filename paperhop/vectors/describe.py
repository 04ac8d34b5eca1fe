"""What the host emitted, as a case writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from cards.datagram import Datagram, Echo, Fragment, IcmpError, Opaque, Protocol, Quote, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.payload import octets
from hub.simulator import wire
from hub.simulator.connection import Endpoint, Pair
from hub.simulator.ethernet import Frame
from hub.simulator.wire import Damaged
from paperhop.vectors.numbers import Numbers
from paperhop.vectors.reading import text

MOST_TEXT = 80
"""Octets of a TCP stream are written down when they are so many or fewer."""
LETTERS = {"S": Flags.SYN, "F": Flags.FIN, "R": Flags.RST, "P": Flags.PSH, "A": Flags.ACK, "U": Flags.URG}
"""The flags, in the order in which a case names them."""

_HEADER = 8
"""Octets of a UDP header, and of one of ICMP."""

Form = dict[str, Any]


def packet(sent: Packet, flows: Mapping[Pair, Numbers]) -> Form:
    """A packet as its octets have it; on a known flow by the flow's name and relative numbers."""
    back = wire.decode(wire.encode(sent))
    if isinstance(back, Damaged):
        return _packet(sent, flows) | {"bad_checksum": True}
    return _packet(back, flows)


def frame(sent: Frame, flows: Mapping[Pair, Numbers]) -> Form:
    """What is in an Ethernet frame; next_hop is whose Ethernet address it goes to."""
    message = sent.payload
    if isinstance(message, Packet):
        hop = {} if sent.dst.is_group else {"next_hop": str(IPv4Address(sent.dst.octets[2:]))}
        return hop | packet(message, flows)
    ends = {"sender": str(message.sender), "target": str(message.target)}
    return {"proto": "arp", "op": message.op.name.lower()} | ends | {"broadcast": sent.dst.is_group}


def stream(data: bytes) -> Form:
    """What is written down of the octets of a stream."""
    return {"data": text(data)} if 0 < len(data) <= MOST_TEXT else {}


def _packet(p: Packet, flows: Mapping[Pair, Numbers]) -> Form:
    if isinstance(p.body, Segment):
        numbers = flows.get(Pair(Endpoint(p.src, p.body.sport), Endpoint(p.dst, p.body.dport)))
        if numbers is not None:
            return {"proto": "tcp", "flow": numbers.flow} | _tcp(p.body) | numbers.emitted(p.body)
    return {"src": str(p.src), "dst": str(p.dst), "ttl": p.ttl} | ({"df": True} if p.df else {}) | _body(p.body)


def _body(body: Body) -> Form:
    match body:
        case Segment(seq=seq, ack=ack):
            numbers = {"seq_abs": seq.value, "ack_abs": 0 if ack is None else ack.value}
            return {"proto": "tcp", "sport": body.sport, "dport": body.dport} | _tcp(body) | numbers
        case Datagram():
            return _udp(body.sport, body.dport, octets(body.payload))
        case Echo(ident=ident, number=number):
            kind = 0 if body.reply else 8
            return _icmp(kind, 0) | {"id": ident, "icmp_seq": number, "len": len(body.payload)}
        case IcmpError():
            mtu = {"next_hop_mtu": body.mtu} if (body.type, body.code) == (3, Unreachable.FRAGMENTATION_NEEDED) else {}
            return _icmp(body.type, body.code) | _quote(body.about) | mtu
        case Fragment():
            more = {"mf": body.more, "frag_offset": body.offset, "len": len(body.octets)}
            return (_beginning(body) if body.offset == 0 else {"proto": "fragment"}) | more
        case Opaque(protocol=Protocol.ICMP) if len(body.octets) >= _HEADER:
            return _icmp(body.octets[0], body.octets[1]) | {"len": len(body.octets) - _HEADER}
        case Opaque():
            return {"proto": "raw", "number": body.protocol, "len": len(body.octets)}
        case Packet():
            return {"proto": "raw", "number": int(Protocol.IPIP), "len": len(wire.encode(body))}


def _beginning(first: Fragment) -> Form:
    """The first fragment still has ports, or what an echo has instead."""
    one, two, three, four = (int.from_bytes(first.octets[at : at + 2], "big") for at in (0, 2, 4, 6))
    if first.protocol == Protocol.UDP and len(first.octets) >= _HEADER:
        return _udp(one, two, first.octets[_HEADER:])
    if first.protocol == Protocol.ICMP and len(first.octets) >= _HEADER:
        return _icmp(*divmod(one, 256)) | {"id": three, "icmp_seq": four}
    return {"proto": "fragment"}


def _tcp(s: Segment) -> Form:
    form: Form = {"flags": "".join(letter for letter, flag in LETTERS.items() if flag in s.flags) or "-"}
    form |= {"len": len(s.payload), "win": s.window} | stream(octets(s.payload))
    return form if s.mss is None else form | {"opts": {"mss": s.mss}}


def _udp(sport: int, dport: int, data: bytes) -> Form:
    return {"proto": "udp", "sport": sport, "dport": dport, "len": len(data)} | ({"data": text(data)} if data else {})


def _icmp(kind: int, code: int) -> Form:
    return {"proto": "icmp", "type": int(kind), "code": int(code)}


def _quote(about: Quote) -> Form:
    ports = dict(zip(("sport", "dport"), about.ports or (), strict=False))
    quotes = {"src": str(about.src), "dst": str(about.dst), "ttl": about.ttl, "proto": about.protocol} | ports
    return {"quotes": quotes, "quoted_bytes_after_ip_header": len(about.begins)}
