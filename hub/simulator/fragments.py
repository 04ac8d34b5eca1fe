"""Packets too long for a link: taken apart by whoever has them, put together where they arrive (RFC 791 §3.2)."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, Fragment, IcmpError, Opaque
from cards.packet import Body, Packet, Segment
from hub.simulator import wire
from hub.simulator.wire import Damaged

HEADER = 20
"""Octets of an IP header without options."""
_MOST_OCTETS = 65_535 - HEADER
"""Octets of a body: the total length is a 16-bit field."""
KEPT = "ip.fragment-kept"
"""The reason of a fragment that waits for the others."""
_MOST_RUNS = 512
"""Stretches that one packet may lie in before it is given up."""


def size(packet: Packet) -> int:
    """Octets of the whole packet, header and all."""
    return HEADER + _length(packet.body)


def _length(body: Body) -> int:
    match body:
        case Segment():
            return 20 + 4 * (body.mss is not None) + len(body.payload)
        case Datagram() | Echo():
            return 8 + len(body.payload)
        case IcmpError():
            return 8 + HEADER + len(body.about.begins)
        case Fragment() | Opaque():
            return len(body.octets)
        case Packet():
            return size(body)


def split(packet: Packet, mtu: int) -> tuple[Packet, ...]:
    """The packet in pieces of at most `mtu` octets (68 or more), as it is when it fits; a fragment like any other."""
    if size(packet) <= mtu:
        return (packet,)
    whole = _as_fragment(packet)
    step = (mtu - HEADER) // 8 * 8
    starts = range(0, len(whole.octets), step)
    return tuple(
        replace(
            packet,
            body=Fragment(
                whole.protocol,
                whole.offset + start,
                whole.more or start != starts[-1],
                whole.octets[start : start + step],
            ),
        )
        for start in starts
    )


def _as_fragment(packet: Packet) -> Fragment:
    if isinstance(packet.body, Fragment):
        return packet.body
    return Fragment(wire.protocol_of(packet.body), 0, False, wire.encode_body(packet))


def _end(fragment: Fragment) -> int:
    return fragment.offset + len(fragment.octets)


def possible(fragment: Fragment) -> bool:
    """It has octets, in units of 8 where others follow (RFC 791 §3.2), and fits into a packet."""
    return bool(fragment.octets) and _end(fragment) <= _MOST_OCTETS and not (fragment.more and len(fragment.octets) % 8)


class Key(NamedTuple):
    """What the fragments of one packet have in common (RFC 791 §3.2)."""

    src: IPv4Address
    dst: IPv4Address
    protocol: int
    ident: int


class Run(NamedTuple):
    """Octets of a body without a hole, from offset `start` on."""

    start: int
    octets: bytes

    @property
    def end(self) -> int:
        """The offset after the last octet."""
        return self.start + len(self.octets)


class Partial(Struct, frozen=True, gc=False):
    """A packet of which some fragments have come.

    until: when it is given up, lesson time in ms. runs: what is there, in order, with a hole between each two.
    first: the fragment with offset 0. length: octets of the body, known from the last fragment.
    """

    until: int
    runs: tuple[Run, ...] = ()
    first: Packet | None = None
    length: int | None = None


class Reassembly(Struct, frozen=True, gc=False):
    """Fragments that wait for the rest of their packets (RFC 1122 §3.3.2).

    timeout: ms from the first that came until the packet is given up. most: packets in the making; a fragment of one
    more is lost, so that what has begun can finish.
    """

    timeout: int = 30_000
    most: int = 64
    partial: Map[Key, Partial] = Map()

    def take(self, packet: Packet, now: int) -> tuple[Reassembly, Packet | str]:
        """A fragment came, at lesson time `now` (ms): the whole packet when it was the last that was missing, else a
        reason: KEPT, or why it, or all of its packet, was thrown away.

        A fragment that brings nothing new is ignored. One that overlaps what is there without being part of it, or
        contradicts the known length, ends its packet: RFC 791 leaves open which octets count, and nobody who means
        well sends such (RFC 1858 §4; RFC 5722 §4 has it so for IPv6).
        """
        fragment = packet.body
        assert isinstance(fragment, Fragment)
        if not possible(fragment):
            return self, "ip.bad-fragment"
        key = Key(packet.src, packet.dst, fragment.protocol, packet.ident)
        before = self.partial.get(key)
        if before is None:
            if len(self.partial) >= self.most:
                return self, "ip.too-many-fragments"
            before = Partial(now + self.timeout)
        if any(run.start <= fragment.offset and _end(fragment) <= run.end for run in before.runs):
            return self, "ip.fragment-duplicate"
        after = _with(before, packet, fragment)
        if after is None:
            return self._without(key), "ip.fragment-overlap"
        if len(after.runs) > _MOST_RUNS:
            return self._without(key), "ip.too-many-fragments"
        if after.first is None or after.length is None or len(after.runs) > 1:
            return replace(self, partial=self.partial.set(key, after)), KEPT
        return self._without(key), _whole(after.first, fragment.protocol, after.runs[0].octets)

    @property
    def deadline(self) -> int | None:
        """Lesson time in ms when the next packet is given up; None when none waits."""
        return min((partial.until for partial in self.partial.values()), default=None)

    def advance(self, now: int) -> tuple[Reassembly, tuple[Packet, ...]]:
        """Packets whose time has run out by `now` (ms) are given up, longest waiting first. Of each whose first
        fragment is there, that one: its sender hears time exceeded, code 1 (RFC 1122 §3.3.2).
        """
        over = sorted((p.until, key) for key, p in self.partial.items() if p.until <= now)
        partial = self.partial
        for _, key in over:
            partial = partial.delete(key)
        firsts = (self.partial[key].first for _, key in over)
        return replace(self, partial=partial), tuple(first for first in firsts if first is not None)

    def _without(self, key: Key) -> Reassembly:
        return replace(self, partial=self.partial.delete(key)) if key in self.partial else self


def _with(before: Partial, packet: Packet, fragment: Fragment) -> Partial | None:
    """With one fragment more; None when it overlaps, or the length of the body cannot be."""
    start, end = fragment.offset, _end(fragment)
    earlier = tuple(run for run in before.runs if run.end <= start)
    later = tuple(run for run in before.runs if run.start >= end)
    if len(earlier) + len(later) < len(before.runs):
        return None
    length = before.length if fragment.more else end
    farthest = later[-1].end if later else end
    if (before.length is not None and before.length != length) or (length is not None and farthest > length):
        return None
    octets = fragment.octets
    if earlier and earlier[-1].end == start:
        *others, last = earlier
        earlier, start, octets = tuple(others), last.start, last.octets + octets
    if later and later[0].start == end:
        octets, later = octets + later[0].octets, later[1:]
    first = packet if fragment.offset == 0 else before.first
    return Partial(before.until, (*earlier, Run(start, octets), *later), first, length)


def _whole(first: Packet, protocol: int, octets: bytes) -> Packet | str:
    body = wire.decode_body(first.src, first.dst, protocol, octets)
    return body.reason if isinstance(body, Damaged) else replace(first, body=body)
