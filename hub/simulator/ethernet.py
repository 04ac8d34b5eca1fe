"""Ethernet: addresses, frames and their octets (RFC 894, RFC 826), and the boxes that carry frames: hub and switch.

Frames have no check sequence here, as in a capture: what arrives on a wire that corrupts never becomes a frame.
"""

from __future__ import annotations

import enum
import re
from ipaddress import IPv4Address

from immutables import Map
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from cards.packet import Packet
from hub.simulator import wire
from hub.simulator.damage import Damaged

_IPV4 = 0x0800
_ARP = 0x0806
_HEADER = 14
_SHORTEST = 60
"""Octets of the shortest frame without its check sequence (IEEE 802.3: 64 with it)."""
_ARP_OF_ETHERNET_AND_IPV4 = bytes.fromhex("0001 0800 06 04")
"""How every ARP message that we can read begins: hardware and protocol, and how long their addresses are."""
_ARP_OCTETS = 28

_TEXT = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class Mac(Struct, frozen=True):
    """An Ethernet address, in its text form "aa:bb:cc:dd:ee:ff". Raises ValueError for any other text."""

    text: str

    def __post_init__(self) -> None:
        force_setattr(self, "text", self.text.lower())
        if not _TEXT.fullmatch(self.text):
            raise ValueError(f"an Ethernet address looks like 02:00:0a:01:00:01, not {self.text!r}")

    @classmethod
    def of(cls, octets: bytes) -> Mac:
        """The address that these 6 octets are. Raises ValueError when there are not 6."""
        return cls(octets.hex(":"))

    @property
    def octets(self) -> bytes:
        """The 6 octets, in the order in which they travel."""
        return bytes.fromhex(self.text.replace(":", ""))

    @property
    def is_group(self) -> bool:
        """It names several stations: broadcast or multicast (IEEE 802: the first octet's lowest bit)."""
        return int(self.text[1], 16) & 1 == 1

    def __str__(self) -> str:
        return self.text


BROADCAST = Mac("ff:ff:ff:ff:ff:ff")
UNKNOWN = Mac("00:00:00:00:00:00")
"""What stands in an ARP request for the address that it asks for."""


class Operation(enum.IntEnum):
    """What an ARP message is (RFC 826, ar$op)."""

    REQUEST = 1
    REPLY = 2


class Arp(Struct, frozen=True):
    """An ARP message about IPv4 over Ethernet (RFC 826). target_mac means nothing in a request."""

    op: Operation
    sender_mac: Mac
    sender: IPv4Address
    target_mac: Mac
    target: IPv4Address


class Frame(Struct, frozen=True):
    """An Ethernet frame: from a station to one station or to a group."""

    dst: Mac
    src: Mac
    payload: Packet | Arp


def frame_octets(frame: Frame) -> bytes:
    """The frame's octets (RFC 894): without check sequence, filled up with zeros to 60.

    Raises ValueError for a packet that IPv4 cannot hold, as `wire.encode` does.
    """
    payload = frame.payload
    if isinstance(payload, Arp):
        kind, octets = _ARP, _arp_octets(payload)
    else:
        kind, octets = _IPV4, wire.encode(payload)
    return (frame.dst.octets + frame.src.octets + kind.to_bytes(2, "big") + octets).ljust(_SHORTEST, b"\0")


def frame_from(octets: bytes) -> Frame | Damaged:
    """The frame that these octets are, filled up or not; without check sequence.

    Damaged: `ethernet.bad-length`, `ethernet.unknown-type` (neither IPv4 nor ARP), `arp.bad-length`,
    `arp.unknown-kind` (not IPv4 over Ethernet), `arp.unknown-operation`, and what `wire.decode` finds.
    """
    if len(octets) < _HEADER:
        return Damaged("ethernet.bad-length", f"{len(octets)} octets, shorter than the header of {_HEADER}")
    kind, payload = int.from_bytes(octets[12:_HEADER], "big"), octets[_HEADER:]
    found: Packet | Arp | Damaged
    if kind == _ARP:
        found = _arp_from(payload)
    elif kind == _IPV4:
        found = wire.decode(payload)
    else:
        return Damaged("ethernet.unknown-type", f"type {kind:#06x}")
    if isinstance(found, Damaged):
        return found
    return Frame(Mac.of(octets[:6]), Mac.of(octets[6:12]), found)


def _arp_octets(arp: Arp) -> bytes:
    sender = arp.sender_mac.octets + arp.sender.packed
    target = arp.target_mac.octets + arp.target.packed
    return _ARP_OF_ETHERNET_AND_IPV4 + arp.op.to_bytes(2, "big") + sender + target


def _arp_from(octets: bytes) -> Arp | Damaged:
    if len(octets) < _ARP_OCTETS:
        return Damaged("arp.bad-length", f"{len(octets)} octets, shorter than {_ARP_OCTETS}")
    if octets[:6] != _ARP_OF_ETHERNET_AND_IPV4:
        return Damaged("arp.unknown-kind", f"not IPv4 over Ethernet: {octets[:6].hex(' ')}")
    number = int.from_bytes(octets[6:8], "big")
    if number not in (Operation.REQUEST, Operation.REPLY):
        return Damaged("arp.unknown-operation", f"operation {number}")
    sender, target = IPv4Address(octets[14:18]), IPv4Address(octets[24:28])
    return Arp(Operation(number), Mac.of(octets[8:14]), sender, Mac.of(octets[18:24]), target)


Port = int | str
"""What names one socket of a hub or switch, as its owner likes."""


class Hub(Struct, frozen=True):
    """A repeater: every frame goes out of every other port."""

    ports: tuple[Port, ...]

    def receive(self, frame: Frame, port: Port, now: int) -> tuple[Hub, tuple[Port, ...]]:
        """The ports that a frame leaves by when it has come in by `port`."""
        return self, _others(self.ports, port)


class Learnt(Struct, frozen=True):
    """By which port a station was last heard, and when (lesson time, ms)."""

    port: Port
    at: int


class Switch(Struct, frozen=True):
    """A learning bridge (IEEE 802.1D §7.7, §7.8).

    ageing: for how many ms a station is remembered that is not heard again (table 7-5: 300 s). most: how many
    stations it remembers; whoever was heard longest ago makes room.
    """

    ports: tuple[Port, ...]
    ageing: int = 300_000
    most: int = 1024
    learnt: Map[Mac, Learnt] = Map()

    def receive(self, frame: Frame, port: Port, now: int) -> tuple[Switch, tuple[Port, ...]]:
        """The switch that has learnt where the sender is, and the ports that the frame leaves by: none when the
        destination is on the side that it came from. now: lesson time in ms.
        """
        switch = self if frame.src.is_group else replace(self, learnt=self._learning(frame.src, Learnt(port, now)))
        known = switch.learnt.get(frame.dst)
        if known is None or now - known.at >= self.ageing:
            return switch, _others(self.ports, port)
        return switch, () if known.port == port else (known.port,)

    def _learning(self, station: Mac, learnt: Learnt) -> Map[Mac, Learnt]:
        table = self.learnt
        if station not in table and len(table) >= self.most:
            table = table.delete(min(table, key=lambda mac: (table[mac].at, mac.text)))
        return table.set(station, learnt)


def _others(ports: tuple[Port, ...], port: Port) -> tuple[Port, ...]:
    return tuple(other for other in ports if other != port)
