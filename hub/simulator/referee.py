"""The referee: `judge(world, event) -> (world, rulings)`.

It never raises for what a player did: a wrong move is a ruling, and the old world stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import msgspec

from cards.packet import Flags, Packet, Written
from cards.seqnum import SeqNum
from hub.simulator.admission import admit, moves_on
from hub.simulator.events import Event, RoundBegan, Scanned, Seated
from hub.simulator.explain import explain
from hub.simulator.host import Host
from hub.simulator.moves import NOT_COMPARED, Kind, Move, seq_wanted
from hub.simulator.rules import Counting, Play
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import Instance, World, advance, new_round

_SENT = {
    Kind.OPEN: "tcp.syn-sent",
    Kind.SYN_ACK: "tcp.syn-ack-sent",
    Kind.ACK: "tcp.ack-sent",
    Kind.DATA: "tcp.data-sent",
    Kind.FIN: "tcp.fin-sent",
    Kind.RETRANSMISSION: "tcp.retransmitted",
    Kind.RESET: "tcp.rst-sent",
    Kind.ABORT: "tcp.rst-sent",
}

_BROADCAST = IPv4Address("255.255.255.255")


def judge(world: World, event: Event) -> tuple[World, tuple[Ruling, ...]]:
    """What the world is after an event, and what is said of it: one ruling for a scan, none for anything else."""
    world = advance(world, event.at)
    match event:
        case Seated():
            return _seat(world, event), ()
        case RoundBegan():
            return new_round(world), ()
        case Scanned():
            world, ruling = _scan(world, event)
            return world, (ruling,)


def _seat(world: World, event: Seated) -> World:
    if event.node is not None:
        return replace(world, seats=world.seats.set(event.badge, event.node))
    return replace(world, seats=world.seats.delete(event.badge)) if event.badge in world.seats else world


def _scan(world: World, scan: Scanned) -> tuple[World, Ruling]:
    node = world.seats.get(scan.badge)
    if node is None:
        return world, Ruling(Verdict.UNREAD, "room.no-seat", {"badge": scan.badge}, card=scan.card)
    if scan.written is None or scan.card is None:
        reason = scan.problem or "card.damaged"
        return world, Ruling(Verdict.UNREAD, reason, {"detail": scan.detail}, node, scan.card)
    instance = world.instances.get(scan.card)
    if instance is None:
        world, ruling = _new(world, node, scan.card, scan.written)
    elif _end_to_end(instance.written) == _end_to_end(scan.written):
        world, ruling = _known(world, node, instance, scan.written)
    elif instance.due == node:
        ruling = Ruling(Verdict.STOPPED, "card.altered", {"holder": _title(world, instance.path[-1])})
    else:
        world, ruling = _new(world, node, scan.card, scan.written)
    return world, replace(ruling, node=node, card=scan.card, written=scan.written)


def _known(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """A packet that is on its way, or was."""
    if node == instance.due:
        return _hop(world, node, instance, written)
    if node == instance.path[0]:
        again = _again(world, node, instance)
        if again is not None:
            return again
    if node == instance.path[-1]:
        return world, replace(instance.last, repeated=True)
    if node == instance.path[0]:
        return world, Ruling(Verdict.STOPPED, "card.copy", {"holder": _title(world, instance.path[-1])})
    if node in instance.path:
        return world, Ruling(Verdict.DROPPED, "card.copy", {"holder": _title(world, instance.path[-1])})
    if instance.due is None:
        return world, Ruling(Verdict.DROPPED, "card.spent", {"holder": _title(world, instance.path[-1])})
    holder, due = instance.path[-1], instance.due
    reason = "link.skipped-router" if world.rules.node(due).router else "link.wrong-neighbour"
    params = {"holder": _title(world, holder), "due": _title(world, due), "here": _title(world, node)}
    return world, Ruling(Verdict.DROPPED, reason, params, packet=instance.packet, came_from=holder, goes_to=due)


def _again(world: World, node: str, instance: Instance) -> tuple[World, Ruling] | None:
    """A card is shown once more at its sender: it goes again if it is owed, or was seen on its way and not answered.

    None when it is neither: then it is the same scan as before, or a copy.
    """
    admitted = admit(world.hosts[node], instance.sent, world.at)
    if admitted is None:
        return None
    lost = admitted[1].kind is Kind.RETRANSMISSION and len(instance.path) > 1
    if not (lost or admitted[1].owed):
        return None
    return _depart(world, node, instance.card, instance.written, instance.sent, admitted)


def _hop(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """The packet is where it must be: it is for this node, or this node forwards it."""
    came_from, packet = instance.path[-1], instance.packet
    rules = world.rules.node(node)
    if packet.dst == rules.address or not rules.router:
        host, learned = world.hosts[node].receive(packet, world.at)
        world = world.with_host(node, host.read(host.pair_to(packet), 0))
        facts = _facts(world, packet)
        if learned.text:
            facts["length"] = str(len(learned.text))  # with what had come before its turn
        ruling = Ruling(learned.verdict, learned.reason, facts, packet=packet, came_from=came_from)
        return _taken(world, node, instance, packet, None, ruling)
    return _forward(world, node, instance, written)


def _forward(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """A router's turn: its player's mark against its own table; one hop less to live."""
    came_from, packet = instance.path[-1], instance.packet
    hop = world.rules.next_hop(node, packet.dst)
    params = {**_facts(world, packet), "here": _title(world, node)}
    marked = None if written.next_hop is None else world.rules.named(written.next_hop)
    if hop is not None and written.next_hop is not None and marked != hop:
        if world.rules.play is Play.COACH or marked is None or not world.rules.linked(node, marked):
            params |= {"written": written.next_hop, "should": _title(world, hop)}
            wrong = Ruling(Verdict.STOPPED, "ip.wrong-next-hop", params, packet=packet, came_from=came_from)
            return world, replace(wrong, goes_to=node)
        hop = marked
    if packet.ttl <= 1:
        dead = Ruling(Verdict.DROPPED, "ip.ttl-expired", params, packet=packet, came_from=came_from)
        return _taken(world, node, instance, packet, None, dead)
    if hop is None:
        known = world.rules.node(node).table.best(packet.dst)
        reason = "ip.no-route" if known is None else "ip.host-unreachable"
        lost = Ruling(Verdict.DROPPED, reason, params, packet=packet, came_from=came_from)
        return _taken(world, node, instance, packet, None, lost)
    packet = msgspec.structs.replace(packet, ttl=packet.ttl - 1)
    params |= {"next": _title(world, hop), "ttl": str(packet.ttl)}
    ruling = Ruling(Verdict.FORWARDED, "ip.forwarded", params, packet=packet, came_from=came_from, goes_to=hop)
    return _taken(world, node, instance, packet, hop, ruling)


def _taken(
    world: World, node: str, instance: Instance, packet: Packet, due: str | None, ruling: Ruling
) -> tuple[World, Ruling]:
    """This node has seen the packet: it goes on to `due`, or its way ends here."""
    path = (*instance.path, node)
    ruling = replace(ruling, node=node, card=instance.card)
    return world.with_instance(replace(instance, packet=packet, path=path, due=due, last=ruling)), ruling


def _new(world: World, node: str, card: str, written: Written) -> tuple[World, Ruling]:
    """A packet that nobody has seen before, or a card that was written anew."""
    here = world.rules.node(node)
    if written.src not in (None, here.address):
        return world, _away_from_its_source(world, node, written)
    filled = msgspec.structs.replace(written, src=here.address)
    reason = _missing(filled) or _unsendable(filled, here.address)
    if reason is not None:
        return world, Ruling(Verdict.STOPPED, reason, {"address": str(written.dst)})
    host = world.hosts[node]
    packet = _fill(world, node, host, filled)
    hop = world.rules.next_hop(node, packet.dst)
    if hop is None:
        return world, Ruling(Verdict.STOPPED, "ip.no-route-here", _facts(world, packet), packet=packet)
    admitted = admit(host, packet, world.at)
    if admitted is not None:
        return _depart(world, node, card, written, packet, admitted)
    explanation = explain(host, packet, _counted(world, filled))
    params = {**_facts(world, packet), **explanation.params}
    if world.rules.play is Play.COACH:
        return world, Ruling(Verdict.STOPPED, explanation.reason, params, packet=packet)
    return _carry(world, node, card, written, packet, Ruling(Verdict.SENT, explanation.reason, params))


def _depart(
    world: World, node: str, card: str, written: Written, packet: Packet, admitted: tuple[Host, Move]
) -> tuple[World, Ruling]:
    """The sender's engine has sent it."""
    host, move = admitted
    params = _facts(world, packet)
    reason = _SENT[move.kind]
    if move.ack is not None and packet.segment.ack != move.ack:
        reason, params = "tcp.ack-behind", {**params, "should": str(move.ack)}
    return _carry(world.with_host(node, host), node, card, written, packet, Ruling(Verdict.SENT, reason, params))


def _carry(
    world: World, node: str, card: str, written: Written, packet: Packet, ruling: Ruling
) -> tuple[World, Ruling]:
    """The paper leaves its origin for the first hop."""
    hop = world.rules.next_hop(node, packet.dst)
    assert hop is not None, "nothing departs without a next hop"
    params = {**ruling.params, "next": _title(world, hop)}
    ruling = replace(ruling, params=params, packet=packet, node=node, card=card, goes_to=hop)
    return world.with_instance(Instance(card, written, packet, packet, (node,), hop, ruling)), ruling


def _away_from_its_source(world: World, node: str, written: Written) -> Ruling:
    """First seen at a node that is not the sender it claims. Nobody's engine moves."""
    assert written.src is not None
    here = world.rules.node(node)
    claimed = world.rules.by_address.get(written.src)
    source = str(written.src) if claimed is None else _title(world, claimed)
    params = {"source": source, "written": str(written.src), "here": here.title, "address": str(here.address)}
    whole = _missing(written) is None
    swapped = _swapped(world, node, written) if whole and written.dst == here.address else None
    if swapped is not None and (swapped.owed or _wanted(world, node, swapped)):
        return Ruling(Verdict.STOPPED, "ip.swapped-addresses", params)
    if whole and claimed is not None:
        host = world.hosts[claimed]
        if admit(host, _fill(world, claimed, host, written), world.at) is not None:
            return Ruling(Verdict.STOPPED, "link.skipped-sender", params)
    if swapped is not None and swapped.kind is not Kind.OPEN:
        return Ruling(Verdict.STOPPED, "ip.swapped-addresses", params)
    if world.rules.play is Play.COACH and not here.router and written.dst != here.address:
        return Ruling(Verdict.STOPPED, "ip.wrong-source", params)
    return Ruling(Verdict.DROPPED, "ip.spoofed-source", params)


def _swapped(world: World, node: str, written: Written) -> Move | None:
    """The move that a node's player meant who wrote both ends the wrong way round; None when it is none."""
    meant = msgspec.structs.replace(written, src=written.dst, dst=written.src, sport=written.dport, dport=written.sport)
    admitted = admit(world.hosts[node], _fill(world, node, world.hosts[node], meant), world.at)
    return None if admitted is None else admitted[1]


def _wanted(world: World, node: str, move: Move) -> bool:
    """The lesson has this node's application open this very connection."""
    return move.kind is Kind.OPEN and move.pair.remote in world.rules.node(node).opens


def _missing(written: Written) -> str | None:
    """The reason code of the first thing that only the writer can know and that is not there."""
    if written.dst is None:
        return "ip.address-missing"
    if written.sport is None or written.dport is None:
        return "tcp.port-missing"
    if written.flags is None:
        return "tcp.flags-missing"
    return None


def _unsendable(written: Written, own: IPv4Address) -> str | None:
    """The reason code when no host may send to there, or so (RFC 1122 §3.2.1, §4.2.3.10)."""
    dst = written.dst
    assert dst is not None
    if dst == own:
        return "ip.to-yourself"
    if dst.is_multicast or dst.is_loopback or dst.is_unspecified or dst == _BROADCAST:
        return "ip.bad-destination"
    if written.sport == 0 or written.dport == 0:
        return "tcp.port-zero"
    return "ip.ttl-zero" if written.ttl == 0 else None


def _counted(world: World, written: Written) -> Written:
    """What counts of what is written: without numbers where the lesson does not mind them."""
    return msgspec.structs.replace(written, seq=None, ack=None) if world.rules.counting is Counting.OFF else written


def _fill(world: World, node: str, host: Host, written: Written) -> Packet:
    """The packet with what the form did not ask for filled in, as its sender's engine would number it."""
    written = _counted(world, written)
    flags = written.flags or Flags.NONE
    seq, ack = written.seq, written.ack if Flags.ACK in flags else None
    probe = msgspec.structs.replace(written, seq=SeqNum(0), ack=SeqNum(0) if Flags.ACK in flags else None).complete()
    pair = host.pair_of(probe)
    same = [move for move in moves_on(host, pair) if move.flags == flags & ~NOT_COMPARED]
    like = next((move for move in same if move.least <= len(probe.segment.payload) <= move.most), None)
    if seq is None:
        wanted = None if like is None else seq_wanted(like, probe.segment)
        seq = host.isn(pair, world.at) if wanted is None else wanted
    if ack is None and Flags.ACK in flags:
        ack = like.ack if like is not None and like.ack is not None else SeqNum(0)
    return msgspec.structs.replace(written, seq=seq, ack=ack).complete()


def _end_to_end(written: Written) -> Written:
    """What does not change on the way; what hops rewrite is left out."""
    return msgspec.structs.replace(written, ttl=None, next_hop=None)


def _title(world: World, node: str) -> str:
    return world.rules.node(node).title


def _facts(world: World, packet: Packet) -> dict[str, str]:
    """What every sentence about a packet may mention."""
    s = packet.segment
    return {
        "flags": str(s.flags),
        "source": _who(world, packet.src),
        "destination": _who(world, packet.dst),
        "sport": str(s.sport),
        "dport": str(s.dport),
        "seq": str(s.seq),
        "ack": "-" if s.ack is None else str(s.ack),
        "length": str(len(s.payload)),
    }


def _who(world: World, address: IPv4Address) -> str:
    node = world.rules.by_address.get(address)
    return str(address) if node is None else world.rules.node(node).title
