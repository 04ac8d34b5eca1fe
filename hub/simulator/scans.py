"""A badge sees a card: at which node, is it a packet on its way or a new one, and what becomes of it there."""

from __future__ import annotations

from ipaddress import IPv4Address

from msgspec.structs import replace

from cards.packet import Carries, Packet, Segment, Written
from hub.simulator import counting, elsewhere, origin, stations
from hub.simulator.admission import admit
from hub.simulator.bots import answer
from hub.simulator.events import Scanned
from hub.simulator.explain import as_line
from hub.simulator.hop import hop
from hub.simulator.moves import Kind
from hub.simulator.origin import end_to_end
from hub.simulator.reasons import EARLY, REASONS, Charge
from hub.simulator.rules import Counting
from hub.simulator.turns import Turn, turns
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import Instance, Stopped, World


def scan(world: World, event: Scanned) -> tuple[World, Ruling]:
    """What the referee says of one scan."""
    nodes = world.seats.get(event.badge)
    if not nodes:
        params = {"badge": event.badge} | ({"free": ""} if _has_free_seat(world) else {})
        return world, Ruling(Verdict.UNREAD, "room.no-seat", params, card=event.card)
    node = nodes[0] if len(nodes) == 1 else _meant(world, nodes, event)
    if event.written is None or event.card is None:
        reason = event.problem or "card.damaged"
        return world, Ruling(Verdict.UNREAD, reason, {"detail": event.detail}, node, event.card)
    return at_node(world, node, event.card, event.written)


def at_node(world: World, node: str, card: str, written: Written, paper: bool = True) -> tuple[World, Ruling]:
    """A card is scanned at a node. paper: False when the engine plays, and there may be no card."""
    before, spoken = world, None
    instance = world.instances.get(card)
    if instance is None and paper and (world.engines or world.born):
        world, instance, spoken = stations.paper_of(world, node, card, written)
    if spoken is not None:
        ruling = spoken
    elif instance is None:
        world, ruling = _new(world, node, card, written, paper)
    elif instance.said == end_to_end(written):
        world, ruling = _known(world, node, instance, written)
    elif instance.due == node:
        here = Ruling(Verdict.STOPPED, "card.altered", packet=instance.packet, came_from=instance.holder)
        ruling = replace(here, goes_to=node)
    else:
        world, ruling = _new(world, node, card, written, paper)
    charged = _charged(world, node, ruling)
    if charged is not None or ruling.written is not written:
        ruling = replace(ruling, node=node, card=card, written=written, charged=charged)
    if ruling.origin is None:
        known = instance is not None and instance.said == end_to_end(written)
        first, forged = (instance.path[0], instance.forged) if known and instance is not None else (node, False)
        ruling = replace(ruling, origin=first, forged=forged)
    if ruling.charged == node and "answer" not in ruling.params and ruling.verdict in _AT_ITS_SOURCE:
        ruling = _with_answer(world, node, written, ruling)
    if ruling.repeated or world is before:
        return before, ruling
    rules = world.rules.by_id[node]
    if ruling.verdict is Verdict.STOPPED or (not rules.tasks and not rules.services):
        return world, ruling
    return replace(world, touched=world.touched.set(node, world.at)), ruling


def _has_free_seat(world: World) -> bool:
    """Some node is played by nobody, not even by the engine."""
    return not world.engines.union(*world.seats.values()).issuperset(world.nodes)


def _meant(world: World, nodes: tuple[str, ...], event: Scanned) -> str:
    """Which of the nodes of a badge a card is for: where it is due, where it was last, whose address it bears."""
    instance = None if event.card is None else world.instances.get(event.card)
    written = event.written
    if instance is not None and written is not None and instance.said == end_to_end(written):
        for node in (instance.due, instance.holder):
            if node in nodes:
                return str(node)
    source = None if written is None or written.src is None else world.rules.by_address.get(written.src)
    return source if source in nodes else nodes[0]


def _new(world: World, node: str, card: str, written: Written, paper: bool) -> tuple[World, Ruling]:
    """A packet that nobody has seen before, or a card that was written anew."""
    before = world.stopped.get(card)
    here = written.src is None or written.src in world.rules.node(node).addresses
    if before is not None and before.node != node and not here and before.said == end_to_end(written):
        params = {"early": ""} if before.reason in EARLY else {}
        return world, Ruling(Verdict.STOPPED, "card.stopped", params, came_from=before.node, goes_to=before.node)
    world, ruling = _new_here(world, node, card, written, paper)
    if ruling.verdict is Verdict.STOPPED and paper and REASONS[ruling.reason].charge is Charge.HERE:
        world = replace(world, stopped=world.stopped.set(card, Stopped(node, end_to_end(written), ruling.reason)))
    return world, ruling


def _new_here(world: World, node: str, card: str, written: Written, paper: bool) -> tuple[World, Ruling]:
    if written.src is not None and written.src not in world.rules.node(node).addresses:
        return elsewhere.seen(world, node, card, written)
    if paper and node in world.engines:
        return world, Ruling(Verdict.STOPPED, "link.too-early" if stations.is_answer(written) else "room.station")
    return origin.leave(world, node, card, written, paper)


def _known(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """A packet that is on its way, or was."""
    holder = instance.holder
    if instance.lost:
        again = _again(world, node, instance, written) if node == instance.path[0] else None
        if again is None and instance.last.node == node:
            return world, replace(instance.last, repeated=True)
        lost = Ruling(Verdict.DROPPED, "card.lost", packet=instance.packet, came_from=instance.last.node or holder)
        return again or (world, lost)
    if node == instance.due or (node == holder and instance.due is None and instance.extra):
        return hop(world, node, instance, written)
    if node == instance.path[0]:
        again = _again(world, node, instance, written)
        if again is not None:
            return again
    if node == holder:
        return world, replace(instance.last, repeated=True)
    here = Ruling(Verdict.DROPPED, "card.copy", packet=instance.packet, came_from=holder, goes_to=instance.due)
    if node == instance.path[0]:
        return world, replace(here, verdict=Verdict.STOPPED)
    if node in instance.path:
        return world, here
    if instance.due is None:
        return world, replace(here, reason="card.spent")
    return world, replace(here, reason=_misplaced(world, node, instance))


def _misplaced(world: World, node: str, instance: Instance) -> str:
    """Why a packet cannot be at a node that it was not sent on to."""
    rules, due = world.rules, instance.due
    assert due is not None
    if rules.linked(instance.holder, node):
        return "link.wrong-neighbour"
    if rules.node(due).router and instance.packet.dst in rules.node(node).addresses:
        return "link.skipped-router"
    return "link.no-wire"


def _again(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling] | None:
    """A card is shown once more at its sender: it goes again if that is owed, because a timer has run out, or if it is
    not acknowledged and something was lost; and a card whose packet has long arrived is as good as a new one, when it
    may be sent anew. It has as many hops to live as there are boxes left on it.

    None when it is neither: then it is the same scan as before, or a copy.
    """
    if not isinstance(instance.sent.body, Segment) or instance.forged:
        return None
    packet = instance.sent
    admitted = admit(world.host(node), packet, world.at)
    seen = len(instance.path) > 1 or instance.lost
    again = admitted is not None and (
        admitted[1].owed or (seen and admitted[1].kind is Kind.RETRANSMISSION and _something_lost(world, instance))
    )
    if not again and instance.due is None and not instance.lost:
        packet = origin.complete(world, node, replace(instance.said, src=packet.src))
        admitted = admit(world.host(node), packet, world.at)
        again = admitted is not None and (admitted[1].owed or admitted[1].kind in _ANEW)
    if admitted is None or not again:
        return None
    if written.ttl == 0:
        return world, Ruling(Verdict.STOPPED, "ip.ttl-zero", packet=packet)
    if written.ttl is not None:
        packet = replace(packet, ttl=written.ttl)
    hop = origin.way_out(world, node, packet)
    if isinstance(hop, Ruling):
        return world, hop
    return origin.depart(world, node, instance.card, instance.said, packet, admitted, hop, instance.paper)


def _something_lost(world: World, instance: Instance) -> bool:
    """A packet got no further, or one of the same connection since: perhaps its answer."""
    ends = _ends(instance.sent)
    return instance.stuck or any(
        other.stuck and other.since >= instance.since and _ends(other.sent) == ends
        for other in world.instances.values()
    )


def _ends(packet: Packet) -> frozenset[tuple[IPv4Address, int]] | None:
    body = packet.body
    return frozenset(((packet.src, body.sport), (packet.dst, body.dport))) if isinstance(body, Segment) else None


_AT_ITS_SOURCE = (Verdict.STOPPED, Verdict.SENT)
_ANEW = (Kind.OPEN, Kind.DATA, Kind.FIN)
"""What an application may want to send once more, on the same paper."""


def _with_answer(world: World, node: str, written: Written, ruling: Ruling) -> Ruling:
    """And what a node could rightly send now, if anything, for who has not written enough to be compared."""
    for owed in turns(world, node):
        card = None if owed.card is not None else answer(world, owed, at_once=True)
        if card is not None:
            card = counting.on_form(world.rules, _kept(world, node, card, owed, written), written)
            return replace(ruling, params={**ruling.params, "answer": as_line(card)})
    return ruling


def _kept(world: World, node: str, card: Written, owed: Turn, written: Written) -> Written:
    """A card with what its writer may choose as it stands on the paper: a client's port, where one begins to count."""
    opens = owed.code == "open"
    if opens and written.sport and written.dport in (None, card.dport):
        moved = replace(card, sport=written.sport)
        card = moved if counting.ends(moved) not in world.host(node).connections else card
    begins = opens or (owed.move is not None and owed.move.seq is None)
    if world.rules.counting is Counting.RFC and begins and card.carries is Carries.TCP and written.seq is not None:
        card = replace(card, seq=written.seq)
    return card


def _charged(world: World, node: str, ruling: Ruling) -> str | None:
    """Whose mistake it is. The engine makes none, and has no hands: what it has sent is carried by whoever shows it."""
    charge = REASONS[ruling.reason].charge if ruling.reason in REASONS else Charge.NOBODY
    if charge is Charge.NOBODY or ruling.repeated:
        return None
    return node if charge is Charge.HERE or ruling.came_from in world.engines else ruling.came_from
