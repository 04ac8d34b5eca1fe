"""Which packets of a capture belong together: connections of TCP, exchanges of UDP, pings."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from cards.datagram import Datagram, Echo
from cards.packet import Flags, Packet, Segment
from cards.payload import octets
from cards.seqnum import SeqNum

_End = tuple[IPv4Address, int]
_Key = tuple[str, _End, _End]


@dataclass(slots=True)
class Stream:
    """Packets between two ends, and what has been seen of them. number: from 1, in the order of first packets."""

    number: int
    kind: str
    first: _End
    other: _End
    packets: int = 0
    octets: int = 0
    flags: Flags = Flags.NONE
    syns: dict[_End, SeqNum] = field(default_factory=dict)
    heard: set[_End] = field(default_factory=set)
    closed: set[_End] = field(default_factory=set)

    def __str__(self) -> str:
        """What it is in one line: "TCP 10.0.1.2:40001 > 10.0.1.1:23, 10 packets, 29 octets of data: opened, closed"."""
        packets = f"{self.packets} packet{'s' if self.packets != 1 else ''}"
        return f"{self.title}, {packets}, {self._data()}{self._fate()}"

    @property
    def title(self) -> str:
        """Its two ends."""
        return f"{self.kind} {self._end(self.first)} > {self._end(self.other)}"

    def _end(self, end: _End) -> str:
        return str(end[0]) if self.kind == "ping" else f"{end[0]}:{end[1]}"

    def _data(self) -> str:
        return f"{self.octets} octet{'s' if self.octets != 1 else ''} of data" if self.octets else "no data"

    def _fate(self) -> str:
        if self.kind != "TCP":
            return ""
        began = "opened" if len(self.syns) == 2 else "asked" if self.syns else "begun before the capture"
        ended = "reset" if Flags.RST in self.flags else "closed" if len(self.closed) == 2 else "not closed"
        return f": {began}, {ended}"


class Streams:
    """Sorts packets into streams, in the order of the capture. The same packets give the same numbers."""

    def __init__(self) -> None:
        self.all: list[Stream] = []
        self._current: dict[_Key, Stream] = {}

    def take(self, packet: Packet) -> Stream:
        """The stream that a packet belongs to, with this packet counted."""
        kind, src, dst = _ends(packet)
        key = (kind, min(src, dst), max(src, dst))
        stream = self._current.get(key)
        if stream is None or _begins_another(stream, src, packet):
            stream = Stream(len(self.all) + 1, kind, src, dst)
            self.all.append(stream)
            self._current[key] = stream
        _count(stream, src, packet)
        return stream


def _begins_another(stream: Stream, src: _End, packet: Packet) -> bool:
    """A SYN that does not repeat the one that this end has sent: its port is used again."""
    body = packet.body
    if not isinstance(body, Segment) or Flags.SYN not in body.flags or Flags.ACK in body.flags:
        return False
    return src in stream.heard and stream.syns.get(src) != body.seq


def _count(stream: Stream, src: _End, packet: Packet) -> None:
    stream.packets += 1
    stream.octets += len(payload_of(packet))
    body = packet.body
    if isinstance(body, Segment):
        stream.flags |= body.flags
        stream.heard.add(src)
        if Flags.SYN in body.flags:
            stream.syns.setdefault(src, body.seq)
        if Flags.FIN in body.flags:
            stream.closed.add(src)


def _ends(packet: Packet) -> tuple[str, _End, _End]:
    match packet.body:
        case Segment(sport=sport, dport=dport):
            return "TCP", (packet.src, sport), (packet.dst, dport)
        case Datagram(sport=sport, dport=dport):
            return "UDP", (packet.src, sport), (packet.dst, dport)
        case Echo(ident=ident):
            return "ping", (packet.src, ident), (packet.dst, ident)
        case other:
            raise TypeError(f"{type(other).__name__} is no part of a stream")


def payload_of(packet: Packet) -> bytes:
    """The data that a TCP segment, a datagram or a ping brings."""
    body = packet.body
    return octets(body.payload) if isinstance(body, Segment | Datagram | Echo) else b""
