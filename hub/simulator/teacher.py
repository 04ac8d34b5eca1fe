"""What a teacher changes in the world, where it can be seen; and what is said when there is nothing to change."""

from __future__ import annotations

from collections.abc import Iterable

from immutables import Map
from msgspec.structs import replace

from hub.simulator import tasks
from hub.simulator.connection import Pair
from hub.simulator.events import (
    CardFound,
    CardLost,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Redone,
    Restarted,
    Setting,
    TableSet,
    TeacherMove,
    Undone,
)
from hub.simulator.host import Host
from hub.simulator.tables import TableError, table
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import NO_ROUTES, World


def nothing_done(world: World, reason: str, node: str, other: str | None = None, **params: str) -> Ruling:
    """What is said of a move that cannot be made. node: at which; other: who has to do with it."""
    titles = {id: each.title for id, each in world.rules.by_id.items()}
    params |= {"who": titles.get(node, node), "id": node}
    if other is not None:
        params |= {"other": titles.get(other, other), "other_id": other}
    return Ruling(Verdict.STOPPED, reason, params)


def unknown(world: World, *nodes: str) -> Ruling | None:
    """What is said when one of these is no node of the room."""
    stranger = next((node for node in nodes if node not in world.nodes), None)
    return None if stranger is None else nothing_done(world, "room.no-such-node", stranger, nodes=_listed(world.nodes))


def refusal(world: World, event: TeacherMove) -> Ruling | None:
    """Why a move cannot be made: what it names is not there, or there is nothing in the world that it could change;
    None: as far as the world knows, it can.
    """
    return strange(world, event) or _pointless(world, event)


def strange(world: World, event: TeacherMove) -> Ruling | None:
    """What is said of a move that names a node or a wire that the room does not have."""
    match event:
        case Restarted(node=node, peer=peer):
            return unknown(world, node, peer)
        case LinkTurned(link=(one, other)) | FaultSet(link=(one, other)):
            if frozenset((one, other)) in world.rules.links:
                return None
            return unknown(world, one, other) or nothing_done(world, "room.no-such-wire", one, other)
        case HandedOver(node=node) | TableSet(node=node) | Forgiven(node=node) | Undone(node=node) | Redone(node=node):
            return unknown(world, node)
        case _:
            return None


def _pointless(world: World, event: TeacherMove) -> Ruling | None:
    match event:
        case Restarted(node=node, peer=peer):
            if moved(world, event) == world:
                return nothing_done(world, "room.nothing-between", node, peer)
        case TableSet(node=node):
            try:
                _table_set(world, event)
            except TableError as error:
                return nothing_done(world, error.reason, node, **error.params)
            except (ValueError, KeyError) as error:
                return nothing_done(world, "room.no-such-table", node, detail=str(error.args[0]))
        case FaultLifted(name=name):
            if name not in world.faults:
                return nothing_done(world, "room.no-such-fault", "", fault=name, faults=_listed(world.faults))
        case CardLost(card=card):
            if _card_lost(world, card) is world:
                return nothing_done(world, "room.no-such-card", "", card=card)
        case CardFound(card=card):
            if _card_found(world, card) is world:
                return nothing_done(world, "room.card-not-lost", "", card=card)
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "-"


def moved(world: World, event: Setting) -> World:
    """The world after a teacher's move that is not refused; one that names what is not there changes nothing."""
    match event:
        case HandedOver(node=node, engine=engine):
            return _handed_over(world, node, engine)
        case Restarted(node=node, peer=peer):
            return _restarted(world, node, peer)
        case TableSet():
            return world if refusal(world, event) is not None else _table_set(world, event)
        case LinkTurned(link=link, up=up):
            wire = frozenset(link)
            return replace(world, down=world.down - {wire} if up else world.down | ({wire} & world.rules.links))
        case FaultSet():
            return replace(world, faults=world.faults.set(event.name, event))
        case FaultLifted(name=name):
            return replace(world, faults=world.faults.delete(name)) if name in world.faults else world
        case CardLost(card=card):
            return _card_lost(world, card)
        case CardFound(card=card):
            return _card_found(world, card)
        case _:
            return world


def _handed_over(world: World, node: str, engine: bool) -> World:
    """The engine fills in a table at which nobody has begun."""
    if node not in world.nodes:
        return world
    own, rules = world.nodes[node], world.rules.node(node)
    if engine and rules.fill_in and own.table == NO_ROUTES:
        world = world.with_node(node, replace(own, table=rules.table))
    return replace(world, engines=world.engines | {node} if engine else world.engines - {node})


def _restarted(world: World, node: str, peer: str) -> World:
    """Both ends forget what is between them; their applications begin with this peer from the start, and go on with
    all others.
    """
    if node not in world.nodes or peer not in world.nodes:
        return world
    for one, other in ((node, peer), (peer, node)):
        there = world.rules.node(other).addresses
        host = world.host(one)
        gone = [pair for pair in host.connections if pair.remote.address in there]
        host = replace(host, resets=tuple(owed for owed in host.resets if owed[0].remote.address not in there))
        host = replace(host, outbox=tuple(packet for packet in host.outbox if packet.dst not in there))
        world = _forgetting(world, one, host, gone)
        wanted = world.rules.node(one).tasks
        if one in world.progress:
            anew = tasks.restarted(wanted, world.progress[one], there)
            world = replace(world, progress=world.progress.set(one, anew))
    between = {node, peer}
    for card in [card for card, instance in world.instances.items() if _ends(world, instance.packet) == between]:
        world = world.without_instance(card)
    return world


def _forgetting(world: World, node: str, host: Host, gone: list[Pair]) -> World:
    for pair in gone:
        host = host.keep(pair, None)
    world = world.with_host(node, host)
    replies = world.replies.get(node)
    if replies:
        left = Map({pair: reply for pair, reply in replies.items() if pair not in gone})
        world = replace(world, replies=world.replies.set(node, left))
    return world


def _ends(world: World, packet: object) -> set[str | None]:
    src, dst = getattr(packet, "src", None), getattr(packet, "dst", None)
    owners = world.rules.by_address
    return {owners.get(each) for each in (src, dst) if each is not None}


def _table_set(world: World, event: TableSet) -> World:
    """Raises ValueError and KeyError for lines that no table can have."""
    node = world.nodes[event.node]
    addresses = {each.id: each.addresses for each in world.rules.nodes}
    return world.with_node(event.node, replace(node, table=table(node.interfaces, event.routes, addresses)))


def _card_lost(world: World, card: str) -> World:
    instance = world.instances.get(card)
    if instance is None or instance.due is None:
        return world
    return world.with_instance(replace(instance, due=None, lost=True, was_due=instance.due, since=world.at))


def _card_found(world: World, card: str) -> World:
    instance = world.instances.get(card)
    if instance is None or not instance.lost:
        return world
    return world.with_instance(
        replace(instance, due=instance.was_due, lost=False, was_due=None, since=world.at, rolled=True)
    )
