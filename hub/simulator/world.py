"""The world: all that the referee knows at one moment. History is not part of it.

Steps share structure (`immutables.Map`): the cost of a step does not grow with the room or the length of the game.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from immutables import Map
from msgspec.structs import replace as replace_options

from cards.packet import Packet, Written
from hub.simulator import admission
from hub.simulator.alarms import Alarms
from hub.simulator.host import Host, Listener
from hub.simulator.options import BY_HAND
from hub.simulator.rules import Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Ruling


@dataclass(frozen=True, slots=True)
class Instance:
    """One packet on its way: made by the scan at its origin, taken on by each node that sees it.

    written: what the paper says end to end. sent: the packet as it left its origin; packet: as it is now (TTL).
    path: the nodes that took it, the origin first. due: the node where it must be next; None when it has arrived
    or died. last: the ruling of the last node of the path.
    """

    card: str
    written: Written
    sent: Packet
    packet: Packet
    path: tuple[str, ...]
    due: str | None
    last: Ruling


@dataclass(frozen=True, slots=True)
class World:
    """What is so at lesson time `at` (ms).

    seats: badge -> node. instances: card -> its packet of this round. due_at: node -> the cards that must be there
    next, in the order in which they were sent on. alarms: the nodes whose timers run.
    """

    rules: Rules
    seed: str
    at: int = 0
    round: int = 1
    hosts: Map[str, Host] = field(default_factory=Map)
    seats: Map[str, str] = field(default_factory=Map)
    instances: Map[str, Instance] = field(default_factory=Map)
    due_at: Map[str, tuple[str, ...]] = field(default_factory=Map)
    alarms: Alarms[str] = field(default_factory=Alarms)

    def with_host(self, node: str, host: Host) -> World:
        """The world with one host changed; its next timer is seen to."""
        alarms = self.alarms if host.deadline is None else self.alarms.no_later_than(node, host.deadline)
        return replace(self, hosts=self.hosts.set(node, host), alarms=alarms)

    def with_instance(self, instance: Instance) -> World:
        """The world with one packet changed, and `due_at` with it."""
        before = self.instances.get(instance.card)
        due_at = self.due_at
        if before is not None and before.due is not None:
            due_at = due_at.set(before.due, tuple(card for card in due_at[before.due] if card != instance.card))
        if instance.due is not None:
            due_at = due_at.set(instance.due, (*due_at.get(instance.due, ()), instance.card))
        return replace(self, instances=self.instances.set(instance.card, instance), due_at=due_at)


def new_world(rules: Rules, seed: str) -> World:
    """A room at its start: every host listens on its services, nothing is connected, nobody is seated."""
    return replace(World(rules, seed), hosts=_fresh_hosts(rules, f"{seed}|1"))


def new_round(world: World) -> World:
    """The same room with all cards and connections forgotten."""
    fresh = replace(World(world.rules, world.seed), hosts=_fresh_hosts(world.rules, f"{world.seed}|{world.round + 1}"))
    return replace(fresh, at=world.at, round=world.round + 1, seats=world.seats)


def advance(world: World, at: int) -> World:
    """The world at lesson time `at`, every timer that was due by then fired, in order."""
    world = replace(world, at=max(at, world.at))
    while world.alarms.next is not None and world.alarms.next <= world.at:
        alarms, when, node = world.alarms.rung()
        world = replace(world, alarms=alarms)
        if node is not None:
            world = world.with_host(node, world.hosts[node].advance(when)[0])
    return world


@dataclass(frozen=True, slots=True)
class Turn:
    """What a node's player has to do now.

    what: `open`, `send`, `forward` or `receive`. label: the flags of the packet. peer: a node, or ADDRESS:PORT.
    """

    what: str
    label: str
    peer: str


def turn(world: World, node: str) -> Turn | None:
    """What one node owes: a card that is due there first, then the first answer that its host must send."""
    rules = world.rules.node(node)
    for card in world.due_at.get(node, ())[:1]:
        packet, path = world.instances[card].packet, world.instances[card].path
        what = "receive" if packet.dst == rules.address or not rules.router else "forward"
        return Turn(what, str(packet.segment.flags), path[-1])
    host = world.hosts[node]
    for move in admission.owed(host):
        return Turn("send", str(move.flags), str(move.pair.remote))
    if not rules.opens or any(c.state is State.SYN_SENT for c in host.connections.values()):
        return None
    for remote in rules.opens:
        if not any(pair.remote == remote for pair in host.connections):
            return Turn("open", "SYN", str(remote))
    return None


def _fresh_hosts(rules: Rules, secret: str) -> Map[str, Host]:
    options = replace_options(BY_HAND, msl_2=rules.msl_2)
    listener = Listener(options)
    return Map(
        {
            node.id: Host(
                (node.address,),
                options,
                f"{secret}|{node.id}",
                rules.isn_digits,
                Map({(None, port): listener for port, _ in node.services}),
            )
            for node in rules.nodes
        }
    )
