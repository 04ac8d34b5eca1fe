"""The sequence numbers of a connection, so small that people can count with them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment
from cards.seqnum import SeqNum

FIRST, OTHER = SeqNum(100), SeqNum(300)
"""Where the end begins that is heard first, and where the other one does."""

_End = tuple[IPv4Address, int]


class SmallNumbers:
    """What the numbers of a connection are when its ends begin with 100 and 300. packets: all of the connection.

    An end begins with its SYN; one whose SYN was not captured with the first octet that it sends, or that the other
    one acknowledges.
    """

    def __init__(self, packets: Iterable[Packet]) -> None:
        segments = [(packet, packet.body) for packet in packets if isinstance(packet.body, Segment)]
        begins: dict[_End, SeqNum] = {}
        for packet, segment in segments:
            if Flags.SYN in segment.flags:
                begins.setdefault((packet.src, segment.sport), segment.seq)
        known = frozenset(begins)
        for packet, segment in segments:
            sender, receiver = (packet.src, segment.sport), (packet.dst, segment.dport)
            if sender not in known and not _numberless(segment):
                begins[sender] = min(segment.seq, begins.get(sender, segment.seq))
            if receiver not in known and segment.ack is not None:
                begins[receiver] = min(segment.ack, begins.get(receiver, segment.ack))
        first = (segments[0][0].src, segments[0][1].sport) if segments else None
        self._shifts = {end: (FIRST if end == first else OTHER) - begin for end, begin in begins.items()}

    def of(self, packet: Packet) -> Packet:
        """The packet with small numbers."""
        segment = packet.body
        if not isinstance(segment, Segment):
            return packet
        seq, ack = segment.seq, segment.ack
        if not _numberless(segment):
            seq += self._shifts.get((packet.src, segment.sport), 0)
        if ack is not None:
            ack += self._shifts.get((packet.dst, segment.dport), 0)
        return replace(packet, body=replace(segment, seq=seq, ack=ack))


def _numberless(segment: Segment) -> bool:
    """The RST of a closed port, whose number is 0 whatever was sent before (RFC 9293 §3.10.7.1)."""
    return segment.flags == Flags.RST | Flags.ACK and segment.seq == SeqNum(0)
