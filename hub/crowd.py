"""How much a room holds: packets of a round, and connections of a host. A new round makes room again.

What is refused is a card that cannot be read for now; so a replay, which has that in the journal, agrees.
"""

from __future__ import annotations

from msgspec.structs import replace

from hub.simulator.events import Scanned
from hub.simulator.world import World

MOST_PACKETS = 50_000
"""Packets of a round. From then on only who has used less than a node's share of them can begin another."""
MOST_CONNECTIONS = 5_000
"""Connections of a host, over or not."""
CODE = "card.too-many"


def with_room(world: World, scanned: Scanned) -> Scanned:
    """A scan, as it is where the room has room for it."""
    if scanned.written is None or not (_too_many_packets(world, scanned) or _too_many_connections(world, scanned)):
        return scanned
    return replace(scanned, written=None, problem=CODE, detail="")


def _too_many_packets(world: World, scanned: Scanned) -> bool:
    if len(world.instances) < MOST_PACKETS or scanned.card in world.instances:
        return False
    nodes = world.seats.get(scanned.badge, ())
    mine = sum(each.path[0] in nodes for each in world.instances.values())
    return mine >= MOST_PACKETS // len(world.nodes) * len(nodes)


def _too_many_connections(world: World, scanned: Scanned) -> bool:
    flags = None if scanned.written is None else scanned.written.flags
    if flags is None or "SYN" not in flags.names or "ACK" in flags.names:
        return False
    nodes = [world.rules.node(node) for node in world.seats.get(scanned.badge, ())]
    return any(len(world.host(node.id).connections) >= MOST_CONNECTIONS for node in nodes if not node.router)
