"""What links do to packets: which fate a packet meets, and what it looks like then. Luck is the room's seed."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from cards.datagram import Opaque
from cards.packet import Packet
from hub.simulator import wire
from hub.simulator.events import FaultKind, FaultSet
from hub.simulator.world import Link, World


def crossing(world: World, link: Link, card: str) -> tuple[World, tuple[FaultSet, ...]]:
    """A card crosses a link: the world that has counted it, and the faults that it meets there, by their names.

    Nobody counts on a link that has been sound all the time.
    """
    if not world.faults and link not in world.crossed:
        return world, ()
    number = world.crossed.get(link, 0) + 1
    world = replace(world, crossed=world.crossed.set(link, number))
    met = []
    for name in sorted(world.faults):
        fault = world.faults[name]
        if frozenset(fault.link) != link or _dice(world, name, card) >= fault.rate:
            continue
        met.append(fault)
        if fault.count is not None:
            left, used_up = replace(fault, count=fault.count - 1), fault.count <= 1
            world = replace(world, faults=world.faults.delete(name) if used_up else world.faults.set(name, left))
    return world, tuple(met)


def meets(met: tuple[FaultSet, ...], kind: FaultKind) -> FaultSet | None:
    """The fault of one kind among those that a packet has met."""
    return next((fault for fault in met if fault.kind is kind), None)


def corrupted(packet: Packet) -> Packet:
    """The packet with one bit of its body turned over: its checksum will not be right any more."""
    body = bytearray(wire.encode_body(packet))
    body[-1] ^= 1
    return replace(packet, body=Opaque(wire.protocol_of(packet.body), bytes(body)))


def _dice(world: World, name: str, card: str) -> float:
    """0 to 1, the same whenever the same room is played again, whatever others do meanwhile."""
    text = f"{world.seed}|{world.round}|{name}|{card}|{world.at}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48
