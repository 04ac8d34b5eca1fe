"""A packet is first seen away from the source that it bears: a mistake of its sender, a mix-up, or a forgery.

Whatever it is, it never moves the engine of the source that it claims.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cards.packet import Carries, Flags, Packet, Written
from hub.simulator import counting, origin, stations
from hub.simulator.admission import admit, owed
from hub.simulator.explain import as_line
from hub.simulator.moves import Kind, Move
from hub.simulator.rules import Counting, Play
from hub.simulator.stations import owes
from hub.simulator.tasks import wish
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
    turned = None if packet is None else _turned(world, node, written)
    if turned is not None and turned.writer == node and turned.first:
        return world, _mixed_up(world, node, turned, written, packet)
    if claimed is not None and packet is not None and _is_its(world, node, claimed, packet, written):
        return world, _skipped(packet, claimed)
    if turned is not None and (turned.first or turned.kind not in (Kind.OPEN, Kind.ABORT)):
        return world, _mixed_up(world, node, turned, written, packet)
    copied = _copied(world, written)
    reason = "ip.spoofed-source"
    if copied is not None or (packet is not None and origin.fingerprint(packet) in world.fingerprints):
        reason = "ip.replayed"
    if claimed is not None and reason != "ip.replayed" and _meant_it(world, node, claimed, written):
        return world, _skipped(packet, claimed)
    speaks = claimed is not None and claimed in world.engines and not rules.node(claimed).silent
    if rules.play is Play.COACH and speaks and stations.is_answer(written):
        return world, Ruling(Verdict.STOPPED, "link.too-early", packet=packet, came_from=claimed)
    if rules.play is Play.FREE and packet is not None and written.dst not in here.addresses:
        heard = origin.as_heard(world, node if claimed is None else claimed, written) if segment else packet
        heard = heard if copied is None else replace(copied, ttl=heard.ttl)
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


def _may_be_carried(world: World, node: str, written: Written) -> bool:
    """Somebody may have brought it here: to a router, or to its destination. At any other host it was written."""
    here = world.rules.node(node)
    return here.router or written.dst in here.addresses


def _is_its(world: World, node: str, claimed: str, packet: Packet, written: Written) -> bool:
    """The source that it claims would have sent just this: it only was not scanned there.

    An RST that nobody owes is no slip.
    """
    if not _may_be_carried(world, node, written):
        return False
    if written.carries in (Carries.UDP, Carries.ECHO):
        return claimed not in world.engines
    admitted = admit(world.host(claimed), packet, world.at)
    return origin.owes_message(world.nodes[claimed], written) or (
        admitted is not None and admitted[1].kind is not Kind.ABORT
    )


def _meant_it(world: World, node: str, claimed: str, written: Written) -> bool:
    """Its source has something to send to just this peer, and has written it wrongly: that is explained there."""
    if not _may_be_carried(world, node, written) or claimed in world.engines:
        return False
    if written.carries is not Carries.TCP:
        return any(packet.dst == written.dst for packet in origin.messages(world.nodes[claimed]))
    due = [move for move in owed(world.host(claimed)) if move.pair.remote.address == written.dst]
    if Flags.RST in (written.flags or Flags.NONE):
        return any(Flags.RST in move.flags for move in due)
    if due:
        return True
    wanted = wish(world.rules.node(claimed).tasks, world.progress_of(claimed), world.host(claimed), world.at)
    return wanted is not None and wanted.task.remote.address == written.dst


def _skipped(packet: Packet | None, sender: str) -> Ruling:
    return Ruling(Verdict.STOPPED, "link.skipped-sender", packet=packet, came_from=sender, goes_to=sender)


def _copied(world: World, written: Written) -> Packet | None:
    """The last packet of the source that a card claims which it copies word for word, where there are no numbers to
    tell them apart.
    """
    if world.rules.counting is not Counting.OFF or written.carries is not Carries.TCP:
        return None
    words = _words(written)
    said = [
        each
        for each in world.instances.values()
        if not each.forged and each.sent.src == written.src and _words(replace(each.said, src=written.src)) == words
    ]
    last = max(said, key=lambda each: (each.since, each.card), default=None)
    return None if last is None else last.sent


def _words(written: Written) -> Written:
    return replace(origin.end_to_end(written), seq=None, ack=None, window=None, payload=written.payload or None)


def _forged(world: World, node: str, card: str, written: Written, packet: Packet, reason: str) -> tuple[World, Ruling]:
    """Where one plays freely, a forgery travels as it is, and the receiver's stack reacts on the merits."""
    hop = origin.way_out(world, node, packet)
    if isinstance(hop, Ruling):
        return world, hop
    return origin.carry(
        world, node, card, written, packet, Ruling(Verdict.SENT, reason, came_from=node), hop, forged=True
    )


class _Turned(msgspec.Struct, frozen=True, gc=False):
    """A card with both ends the wrong way round. written: as its writer meant it; kind: what that is, of a segment.

    first: its writer owes it, or the lesson wants it, so that no other explanation comes before this one.
    """

    writer: str
    written: Written
    kind: Kind | None
    first: bool


def _turned(world: World, node: str, written: Written) -> _Turned | None:
    """What somebody meant who wrote both ends the wrong way round, or only the addresses: who scans it at its
    destination, or who lives there, when it has been carried to a router; None when nobody means that.
    """
    rules = world.rules
    writer = node if written.dst in rules.node(node).addresses else None
    if writer is None and rules.node(node).router and written.dst is not None:
        writer = rules.by_address.get(written.dst)
    if writer is None or (writer != node and writer in world.engines):
        return None
    addresses = replace(written, src=written.dst, dst=written.src)
    if written.carries is not Carries.TCP:
        owes_it = origin.owes_message(world.nodes[writer], addresses)
        return _Turned(writer, addresses, None, True) if owes_it else None
    found = None
    for meant in (replace(addresses, sport=written.dport, dport=written.sport), addresses):
        admitted = admit(world.host(writer), origin.complete(world, writer, meant), world.at)
        if admitted is None:
            continue
        move = admitted[1]
        if move.owed or _wanted(world, writer, move):
            return _Turned(writer, meant, move.kind, True)
        found = found or _Turned(writer, meant, move.kind, False)
    return found


def _mixed_up(world: World, node: str, turned: _Turned, written: Written, packet: Packet | None) -> Ruling:
    """Told to its writer; elsewhere, to bring it there first."""
    rules, meant = world.rules, turned.written
    if turned.writer != node:
        return _skipped(_whole(world, node, turned.writer, meant), turned.writer)
    params = {"answer": as_line(counting.on_form(rules, meant, written))}
    return Ruling(Verdict.STOPPED, "ip.swapped-addresses", params, packet=packet)


def _wanted(world: World, node: str, move: Move) -> bool:
    """The lesson has this node's application open this very connection."""
    return move.kind is Kind.OPEN and any(task.remote == move.pair.remote for task in world.rules.node(node).tasks)
