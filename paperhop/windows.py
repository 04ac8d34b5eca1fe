"""The windows of a connection as octets: a card has no room for the option that scales them (RFC 7323 §2)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment
from paperhop.dissect import Captured

_MOST = 65_535
_ENDS = 2


class Windows:
    """What the windows of a connection mean. packets: all of it; scaled is only what both SYNs offer to scale."""

    def __init__(self, packets: Iterable[Captured]) -> None:
        scales: dict[tuple[IPv4Address, int], int] = {}
        for captured in packets:
            segment = captured.packet.body
            if isinstance(segment, Segment) and Flags.SYN in segment.flags and captured.scale is not None:
                scales.setdefault((captured.packet.src, segment.sport), captured.scale)
        self._scales = scales if len(scales) == _ENDS else {}

    def of(self, packet: Packet) -> Packet:
        """The packet with its window in octets; one that is wider than a card can say is as wide as it can."""
        segment = packet.body
        if not isinstance(segment, Segment) or Flags.SYN in segment.flags:
            return packet
        window = segment.window << self._scales.get((packet.src, segment.sport), 0)
        return replace(packet, body=replace(segment, window=min(window, _MOST)))
