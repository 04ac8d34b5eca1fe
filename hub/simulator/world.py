"""The world: all that the referee knows at one moment. History is not part of it.

Steps share structure (`immutables.Map`): the cost of a step does not grow with the room or the length of the game.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from immutables import Map
from msgspec.structs import replace

from cards.packet import Packet, Segment, Written
from hub.simulator.alarms import Alarms
from hub.simulator.connection import Pair
from hub.simulator.events import FaultSet
from hub.simulator.hooks import Hooks
from hub.simulator.host import Host, Listener, Local
from hub.simulator.node import Node
from hub.simulator.options import BY_HAND
from hub.simulator.router import Refused, Table
from hub.simulator.rules import NodeRules, Rules
from hub.simulator.tasks import Progress, at_the_start
from hub.simulator.verdicts import Ruling, Verdict

Link = frozenset[str]
"""The two nodes that a wire joins."""
Debt = Pair | tuple[Pair, Segment] | Packet
"""What a node can owe: something on a connection, an RST, any other packet."""

NO_ROUTES = Table(())
"""A table that its player has not filled in yet."""


class Instance(msgspec.Struct, frozen=True, gc=False):
    """One packet on its way: made by the scan at its origin, taken on by each node that sees it.

    said: what the paper says end to end. sent: the packet as it left its origin; packet: as it is now (TTL, damage).
    path: the nodes that took it, the origin first. due: the node where it must be next; None when it has arrived or
    died. since: lesson time of the last hop, in ms. last: the ruling of the last node of the path. paper: there is a
    card; False: the engine has sent it, and the first paper that says the same becomes its card.

    What links did: lost, and was_due: where it would have gone; not_before: a slow link, in ms; behind: it waits until
    so many have crossed its next link, or until not_before; extra: it arrives so often again at its last node; rolled:
    its fate on the link to where it is due is decided. forged: its origin is not the node whose address it bears.
    """

    card: str
    said: Written
    sent: Packet
    packet: Packet
    path: tuple[str, ...]
    due: str | None
    since: int
    last: Ruling
    paper: bool = True
    forged: bool = False
    lost: bool = False
    was_due: str | None = None
    not_before: int = 0
    behind: int | None = None
    extra: int = 0
    rolled: bool = False

    @property
    def stuck(self) -> bool:
        """It is lost, or was thrown away."""
        return self.lost or (self.due is None and self.last.verdict is Verdict.DROPPED)

    @property
    def holder(self) -> str:
        """The node that had it last."""
        return self.path[-1]


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What a service wants to answer on a connection. close: and then it has nothing more to say."""

    text: bytes = b""
    close: bool = False


class Stopped(msgspec.Struct, frozen=True, gc=False):
    """A card that was stopped at its sender, and why. said: what it says end to end."""

    node: str
    said: Written
    reason: str


class World(msgspec.Struct, frozen=True, gc=False):
    """What is so at lesson time `at` (ms).

    seats: badge -> the nodes that it plays. engines: nodes that the engine plays. instances: card -> its packet of
    this round; fingerprints: what was said -> the card that said it first. stopped: card -> where it was stopped last
    before it left. due_at: node -> the cards that must be there next, in the order in which they were sent on. alarms:
    the nodes whose timers run. since: (node, what it owes) -> since when, in ms. touched: node -> when it moved last; a
    card that was stopped is no move. progress: node -> how far its application is.
    replies: node -> what its services want to answer. faults: by name, in force; down: links that are down; crossed:
    link -> packets that have crossed it. born: packets that the engine has sent.
    """

    rules: Rules
    seed: str
    at: int = 0
    round: int = 1
    began: int = 0
    nodes: Map[str, Node[Host]] = Map()
    seats: Map[str, tuple[str, ...]] = Map()
    engines: frozenset[str] = frozenset()
    instances: Map[str, Instance] = Map()
    fingerprints: Map[int, str] = Map()
    stopped: Map[str, Stopped] = Map()
    due_at: Map[str, tuple[str, ...]] = Map()
    alarms: Alarms[str] = Alarms()
    since: Map[tuple[str, Debt], int] = Map()
    touched: Map[str, int] = Map()
    progress: Map[str, Progress] = Map()
    replies: Map[str, Map[Pair, Reply]] = Map()
    faults: Map[str, FaultSet] = Map()
    down: frozenset[Link] = frozenset()
    crossed: Map[Link, int] = Map()
    born: int = 0

    def progress_of(self, node: str) -> Progress:
        """How far the application of a node is."""
        return self.progress.get(node) or at_the_start(self.rules.node(node).tasks)

    def host(self, node: str) -> Host:
        """The host of a node."""
        return self.nodes[node].host

    def with_node(self, id: str, node: Node[Host]) -> World:
        """The world with one node changed; its next timer is seen to, and what it owes since when."""
        before = self.nodes[id]
        if node is before:
            return self
        deadline = node.deadline
        host, was = node.host, before.host
        since = self.since
        if (
            host.owing is not was.owing
            or host.resets is not was.resets
            or host.outbox is not was.outbox
            or node.owed is not before.owed
        ):
            since = _since(since, id, tuple(_debts(before)), tuple(_debts(node)), self.at)
        return replace(
            self,
            nodes=self.nodes.set(id, node),
            since=since,
            alarms=self.alarms if deadline is None else self.alarms.no_later_than(id, deadline),
        )

    def with_host(self, id: str, host: Host) -> World:
        """The world with the host of one node changed."""
        return self.with_node(id, replace(self.nodes[id], host=host))

    def with_instance(self, instance: Instance) -> World:
        """The world with one packet changed, and `due_at` with it."""
        return self.without_due(instance.card)._with_due(instance)

    def without_instance(self, card: str) -> World:
        """The world without a packet."""
        world = self.without_due(card)
        return replace(world, instances=world.instances.delete(card)) if card in world.instances else world

    def without_due(self, card: str) -> World:
        """The world in which a card must be nowhere."""
        before = self.instances.get(card)
        if before is None or before.due is None:
            return self
        waiting = tuple(each for each in self.due_at[before.due] if each != card)
        return replace(self, due_at=self.due_at.set(before.due, waiting))

    def _with_due(self, instance: Instance) -> World:
        due_at = self.due_at
        if instance.due is not None:
            due_at = due_at.set(instance.due, (*due_at.get(instance.due, ()), instance.card))
        return replace(self, instances=self.instances.set(instance.card, instance), due_at=due_at)

    def ready(self, instance: Instance) -> bool:
        """No link holds it up: a slow one has let go, another packet has overtaken it."""
        if instance.not_before <= self.at:
            return True
        if instance.behind is None or instance.due is None:
            return False
        return self.crossed.get(frozenset((instance.holder, instance.due)), 0) > instance.behind


def new_world(rules: Rules, seed: str) -> World:
    """A room at its start: every host listens on its services, nothing is connected, nobody is seated."""
    return World(rules, seed, nodes=_fresh_nodes(rules, f"{seed}|1"), engines=rules.engines)


def new_round(world: World) -> World:
    """The same room with all cards and connections forgotten; what was set up by the teacher stays."""
    number = world.round + 1
    fresh = _fresh_nodes(world.rules, f"{world.seed}|{number}")
    nodes = Map({id: replace(node, table=world.nodes[id].table) for id, node in fresh.items()})
    return World(
        world.rules,
        world.seed,
        at=world.at,
        round=number,
        began=world.at,
        nodes=nodes,
        seats=world.seats,
        engines=world.engines,
        faults=world.faults,
        down=world.down,
    )


def advance(world: World, at: int) -> World:
    """The world at lesson time `at`, every timer that was due by then fired, in order."""
    until = max(at, world.at)
    while (first := world.alarms.next) is not None and first <= until:
        alarms, when, node = world.alarms.rung()
        world = replace(world, alarms=alarms, at=max(when, world.at))
        if node is not None:
            world = world.with_node(node, _woken(world.nodes[node], when))
            deadline = world.nodes[node].deadline
            if deadline is not None:
                world = replace(world, alarms=world.alarms.no_later_than(node, deadline))
    return world if until == world.at else replace(world, at=until)


def _woken(node: Node[Host], when: int) -> Node[Host]:
    return node.advance(when)[0]


def _debts(node: Node[Host]) -> Iterator[Debt]:
    yield from node.host.owing
    yield from node.host.resets
    yield from node.host.outbox
    yield from (sent.packet for sent in node.owed if sent.packet is not None)


def _since(
    since: Map[tuple[str, Debt], int], id: str, before: tuple[Debt, ...], now: tuple[Debt, ...], at: int
) -> Map[tuple[str, Debt], int]:
    for debt in before:
        if debt not in now and (id, debt) in since:
            since = since.delete((id, debt))
    for debt in now:
        if (id, debt) not in since:
            since = since.set((id, debt), at)
    return since


def _fresh_nodes(rules: Rules, secret: str) -> Map[str, Node[Host]]:
    timers = rules.timers
    again = timers.retransmission
    options = replace(
        BY_HAND,
        msl_2=timers.msl_2,
        delayed_ack=timers.delayed_ack,
        rto_initial=again,
        rto_min=again or BY_HAND.rto_min,
        rto_max=max(again or 0, BY_HAND.rto_max),
    )
    listener = Listener(options)
    fresh = {node.id: _fresh(node, listener, f"{secret}|{node.id}", rules.isn_digits) for node in rules.nodes}
    empty = (node.id for node in rules.nodes if node.fill_in and node.id not in rules.engines)
    return Map(fresh | {id: replace(fresh[id], table=NO_ROUTES) for id in empty})


def _fresh(node: NodeRules, listener: Listener, secret: str, digits: int) -> Node[Host]:
    listening: Map[Local, Listener] = Map({(None, port): listener for port, _ in node.services})
    host = Host(node.addresses, listener.options, secret, digits, listening)
    return Node(node.interfaces, host, node.table, node.router, hooks=_SILENT if node.silent else Hooks())


def _swallowed(packet: Packet, link: str | None) -> Packet | Refused:
    return Refused("ip.filtered")


_SILENT = Hooks(input=(_swallowed,))
"""A firewall that discards and says nothing."""
