"""The referee: `judge(world, event) -> (world, rulings)`.

It never raises for what a player did: a wrong move is a ruling, and the old world stays as it was.
"""

from __future__ import annotations

from msgspec.structs import replace

from hub.simulator import scans, teacher
from hub.simulator.events import Event, Hinted, Passed, Played, RoundBegan, Scanned, Seated
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World, advance, new_round


def judge(world: World, event: Event) -> tuple[World, tuple[Ruling, ...]]:
    """What the world is after an event, and what is said of it: one ruling for a scan, and for a move of the engine."""
    world = advance(world, event.at)
    match event:
        case Scanned():
            world, ruling = scans.scan(world, event)
            return world, (ruling,)
        case Played():
            return _played(world, event)
        case Seated():
            return _seat(world, event), ()
        case RoundBegan():
            return new_round(world), ()
        case Passed() | Hinted():
            return world, ()
        case _:
            return teacher.moved(world, event), ()


def _seat(world: World, event: Seated) -> World:
    nodes = tuple(node for node in event.nodes if node in world.nodes)
    if nodes:
        return replace(world, seats=world.seats.set(event.badge, nodes))
    return replace(world, seats=world.seats.delete(event.badge)) if event.badge in world.seats else world


def _played(world: World, event: Played) -> tuple[World, tuple[Ruling, ...]]:
    """The engine's move; a packet of its own has no paper yet."""
    born = event.card not in world.instances
    world, ruling = scans.at_node(world, event.node, event.card, event.written, paper=False)
    return (replace(world, born=world.born + 1) if born else world), (ruling,)
