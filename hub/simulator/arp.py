"""Neighbours: which Ethernet address an IPv4 address has on this wire (RFC 826, RFC 1122 §2.3.2)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from cards.packet import Packet
from hub.simulator.ethernet import BROADCAST, UNKNOWN, Arp, Frame, Mac, Operation

REQUEST_INTERVAL = 1000
"""Milliseconds between two requests for one address (RFC 1122 §2.3.2.1: at most one per second)."""
REQUESTS = 3
"""How many requests go out before the packets that wait are given up."""
MOST_PACKETS = 16
"""How many packets wait for one address; the oldest makes room (RFC 1122 §2.3.2.2: at least the latest is saved)."""
MOST_WAITING = 256
"""How many addresses are asked for at a time; a packet for one more is lost."""
MOST_KNOWN = 1024
"""How many addresses are known that were learnt; whoever was heard longest ago makes room."""

_UNSPECIFIED = IPv4Address("0.0.0.0")
_LIMITED_BROADCAST = IPv4Address("255.255.255.255")


class Entry(Struct, frozen=True):
    """A neighbour that was heard. until: believed so long, lesson time in ms."""

    mac: Mac
    until: int


class Waiting(Struct, frozen=True):
    """Packets that wait for the address of `hop`.

    requests: how many went out. due: when the next one does, or the packets are given up; lesson time in ms.
    """

    hop: IPv4Address
    packets: tuple[Packet, ...]
    requests: int
    due: int


class Neighbours(Struct, frozen=True):
    """The ARP module of one Ethernet interface.

    mac, addresses: our own. static: entries that no message changes and that never age. reachable: how many ms what
    was heard is believed, in use or not (RFC 1122 §2.3.2.1: of the order of a minute).
    """

    mac: Mac
    addresses: tuple[IPv4Interface, ...]
    static: Map[IPv4Address, Mac] = Map()
    reachable: int = 60_000
    known: Map[IPv4Address, Entry] = Map()
    waiting: tuple[Waiting, ...] = ()

    def send(self, hop: IPv4Address, packet: Packet, now: int) -> tuple[Neighbours, tuple[Frame, ...]]:
        """A packet for the neighbour `hop`: its frame; where the address is not known, the packet waits, and a request
        goes out unless one did already (RFC 1122 §2.3.2). now: lesson time in ms.
        """
        mac = self._known(hop, now) or self._group(hop)
        if mac is not None:
            return self, (Frame(mac, self.mac, packet),)
        asked = self._waiting_for(hop)
        if asked is not None:
            queued = replace(asked, packets=(*asked.packets, packet)[-MOST_PACKETS:])
            return replace(self, waiting=tuple(queued if w is asked else w for w in self.waiting)), ()
        if len(self.waiting) >= MOST_WAITING:
            return self, ()
        asked = Waiting(hop, (packet,), requests=1, due=now + REQUEST_INTERVAL)
        return replace(self, waiting=(*self.waiting, asked)), (self._request(hop),)

    def receive(self, arp: Arp, now: int) -> tuple[Neighbours, tuple[Frame, ...]]:
        """RFC 826 "Packet Reception": learn the sender, send what waited for it, answer a request for us.

        Nothing comes of our own message that a wire brought back, nor of a sender's address that no single station
        can have (RFC 1812 §3.3.2). now: lesson time in ms.
        """
        if arp.sender_mac in (self.mac, UNKNOWN) or arp.sender_mac.is_group:
            return self, ()
        asks_us = arp.op is Operation.REQUEST and self._ours(arp.target)
        after, frames = self._learning(arp, now) if self._learns(arp, asks_us, now) else (self, ())
        if asks_us:
            reply = Arp(Operation.REPLY, self.mac, arp.target, arp.sender_mac, arp.sender)
            frames = (*frames, Frame(arp.sender_mac, self.mac, reply))
        return after, frames

    @property
    def deadline(self) -> int | None:
        """Lesson time in ms when `advance` has something to do next; None never."""
        return min((w.due for w in self.waiting), default=None)

    def advance(self, now: int) -> tuple[Neighbours, tuple[Frame, ...], tuple[Packet, ...]]:
        """All that is due by `now` (lesson time, ms), in order: requests again, and packets given up after the last
        request was not answered in time: only then is their destination unreachable (RFC 1812 §3.3.2).
        """
        waiting = self.waiting
        frames: tuple[Frame, ...] = ()
        given_up: tuple[Packet, ...] = ()
        while (first := min(waiting, key=lambda w: w.due, default=None)) is not None and first.due <= now:
            waiting = tuple(w for w in waiting if w is not first)
            if first.requests == REQUESTS:
                given_up += first.packets
            else:
                waiting += (replace(first, requests=first.requests + 1, due=first.due + REQUEST_INTERVAL),)
                frames += (self._request(first.hop),)
        return replace(self, waiting=waiting), frames, given_up

    def _learns(self, arp: Arp, asks_us: bool, now: int) -> bool:
        """A sender that we know or ask for is merged, one that asks us is added (RFC 826); a reply that nobody asked
        for adds nothing. Nobody else has our address, no address at all, or a group's.
        """
        if arp.sender in self.static or arp.sender == _UNSPECIFIED:
            return False
        if self._ours(arp.sender) or self._group(arp.sender) is not None:
            return False
        return asks_us or self._known(arp.sender, now) is not None or self._waiting_for(arp.sender) is not None

    def _learning(self, arp: Arp, now: int) -> tuple[Neighbours, tuple[Frame, ...]]:
        known = self.known
        if arp.sender not in known and len(known) >= MOST_KNOWN:
            known = known.delete(min(known, key=lambda address: (known[address].until, address)))
        known = known.set(arp.sender, Entry(arp.sender_mac, now + self.reachable))
        asked = self._waiting_for(arp.sender)
        frames = tuple(Frame(arp.sender_mac, self.mac, packet) for packet in asked.packets) if asked else ()
        return replace(self, known=known, waiting=tuple(w for w in self.waiting if w is not asked)), frames

    def _request(self, hop: IPv4Address) -> Frame:
        """From the address of ours that is on the network of `hop`; the first where none is."""
        near = [ours for ours in self.addresses if hop in ours.network] or self.addresses
        sender = near[0].ip if near else _UNSPECIFIED
        return Frame(BROADCAST, self.mac, Arp(Operation.REQUEST, self.mac, sender, UNKNOWN, hop))

    def _known(self, address: IPv4Address, now: int) -> Mac | None:
        entry = self.known.get(address)
        return entry.mac if entry is not None and now < entry.until else self.static.get(address)

    def _group(self, address: IPv4Address) -> Mac | None:
        """Broadcast and multicast addresses are not asked for (RFC 894; RFC 1112 §6.4: the last 23 bits)."""
        if address.is_multicast:
            return Mac.of(b"\x01\x00\x5e" + (int(address) & 0x7F_FFFF).to_bytes(3, "big"))
        nets = [ours.network for ours in self.addresses if ours.network.prefixlen < 31]
        if address == _LIMITED_BROADCAST or any(address == net.broadcast_address for net in nets):
            return BROADCAST
        return None

    def _waiting_for(self, hop: IPv4Address) -> Waiting | None:
        return next((w for w in self.waiting if w.hop == hop), None)

    def _ours(self, address: IPv4Address) -> bool:
        return any(address == ours.ip for ours in self.addresses)
