"""A packet is first seen away from the source that it bears: a mistake of its sender, a mix-up, or a forgery.

Whatever it is, it never moves the engine of the source that it claims.
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.packet import Carries, Packet, Written
from hub.simulator import counting, origin, stations
from hub.simulator.admission import admit
from hub.simulator.explain import as_line
from hub.simulator.moves import Kind, Move
from hub.simulator.rules import Play, Rules
from hub.simulator.stations import owes
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import World


def seen(world: World, node: str, card: str, written: Written) -> tuple[World, Ruling]:
    """First seen at a node that is not the sender it claims."""
    rules = world.rules
    here = rules.node(node)
    assert written.src is not None
    claimed = rules.by_address.get(written.src)
    packet = _whole(world, node, claimed, written)
    segment = packet is not None and written.carries is Carries.TCP
    if packet is not None and not segment and _message_swapped(world, node, written):
        return world, _mixed_up(rules, written, packet)
    swapped = _swapped(world, node, written) if segment and written.dst in here.addresses else None
    if swapped is not None and (swapped.owed or _wanted(world, node, swapped)):
        return world, _mixed_up(rules, written, packet)
    if claimed is not None and packet is not None:
        skipped = _skipped_its_sender(world, node, claimed, packet, written)
        if skipped is not None:
            return world, skipped
    if swapped is not None and swapped.kind not in (Kind.OPEN, Kind.ABORT):
        return world, _mixed_up(rules, written, packet)
    speaks = claimed is not None and claimed in world.engines and not rules.node(claimed).silent
    if rules.play is Play.COACH and speaks and stations.is_answer(written):
        return world, Ruling(Verdict.STOPPED, "link.too-early", packet=packet, came_from=claimed)
    reason = "ip.spoofed-source"
    if packet is not None and origin.fingerprint(packet) in world.fingerprints:
        reason = "ip.replayed"
    if rules.play is Play.FREE and packet is not None and written.dst not in here.addresses:
        heard = origin.as_heard(world, node if claimed is None else claimed, written) if segment else packet
        return _forged(world, node, card, written, heard, reason)
    if claimed is not None and packet is not None and owes(world, claimed, packet):
        params = {"other": rules.title(claimed)}
        return world, Ruling(Verdict.STOPPED, "tcp.wrong-person", params, packet=packet)
    if rules.play is Play.COACH and not here.router and written.dst not in here.addresses and reason != "ip.replayed":
        params = {"written": str(written.src), "should": str(here.address)}
        return world, Ruling(Verdict.STOPPED, "ip.wrong-source", params, packet=packet)
    # Whoever was only handed it, as its receiver, has not forged it.
    forger = None if written.dst in here.addresses else node
    return world, Ruling(Verdict.DROPPED, reason, packet=packet, came_from=forger)


def _whole(world: World, node: str, claimed: str | None, written: Written) -> Packet | None:
    """The packet, when nothing that only its writer can know is missing."""
    if origin.missing(written, world) is not None:
        return None
    if written.carries is Carries.TCP:
        return origin.complete(world, node if claimed is None else claimed, written)
    return origin.unowed(world, node, written)


def _skipped_its_sender(world: World, node: str, claimed: str, packet: Packet, written: Written) -> Ruling | None:
    """The source that it claims would have sent this: it only was not scanned there.

    An RST that nobody owes is no slip, and at a host that is neither of its ends nothing is.
    """
    here = world.rules.node(node)
    if not here.router and packet.dst not in here.addresses:
        return None
    admitted = admit(world.host(claimed), packet, world.at)
    if not origin.owes_message(world.nodes[claimed], written) and (admitted is None or admitted[1].kind is Kind.ABORT):
        return None
    return Ruling(Verdict.STOPPED, "link.skipped-sender", packet=packet, came_from=claimed, goes_to=claimed)


def _forged(world: World, node: str, card: str, written: Written, packet: Packet, reason: str) -> tuple[World, Ruling]:
    """Where one plays freely, a forgery travels as it is, and the receiver's stack reacts on the merits."""
    hop = origin.way_out(world, node, packet)
    if isinstance(hop, Ruling):
        return world, hop
    return origin.carry(
        world, node, card, written, packet, Ruling(Verdict.SENT, reason, came_from=node), hop, forged=True
    )


def _swapped(world: World, node: str, written: Written) -> Move | None:
    """The move that a node's player meant who wrote both ends the wrong way round; None when it is none."""
    admitted = admit(world.host(node), origin.complete(world, node, _turned(written)), world.at)
    return None if admitted is None else admitted[1]


def _mixed_up(rules: Rules, written: Written, packet: Packet | None) -> Ruling:
    params = {"answer": as_line(counting.on_form(rules, _turned(written), written))}
    return Ruling(Verdict.STOPPED, "ip.swapped-addresses", params, packet=packet)


def _turned(written: Written) -> Written:
    """What somebody meant who wrote both ends the wrong way round."""
    return replace(written, src=written.dst, dst=written.src, sport=written.dport, dport=written.sport)


def _message_swapped(world: World, node: str, written: Written) -> bool:
    """A reply or an ICMP error that this node owes, with both addresses the wrong way round."""
    if written.dst not in world.rules.node(node).addresses:
        return False
    return origin.owes_message(world.nodes[node], replace(written, src=written.dst, dst=written.src))


def _wanted(world: World, node: str, move: Move) -> bool:
    """The lesson has this node's application open this very connection."""
    return move.kind is Kind.OPEN and any(task.remote == move.pair.remote for task in world.rules.node(node).tasks)
