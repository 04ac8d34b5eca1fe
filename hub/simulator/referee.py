"""The referee: `judge(world, event) -> (world, rulings)`.

It never raises for what a player did: a wrong move is a ruling, and the old world stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from cards.packet import Flags, Packet, Written
from cards.seqnum import SeqNum
from hub.simulator.events import Event, RoundBegan, Scanned, Seated
from hub.simulator.explain import explain
from hub.simulator.host import Host
from hub.simulator.moves import Kind, Move
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
    written = replace(scan.written, src=scan.written.src or world.rules.node(node).address)
    instance = world.instances.get(scan.card)
    if instance is not None and _end_to_end(instance.written) == _end_to_end(written):
        world, ruling = _known(world, node, instance, written)
    else:
        world, ruling = _new(world, node, scan.card, written)
    return world, replace(ruling, node=node, card=scan.card, written=written)


def _known(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """A packet that is on its way, or was."""
    if node == instance.path[-1]:
        return world, replace(instance.last, repeated=True)
    if node == instance.due:
        return _hop(world, node, instance, written)
    if node == instance.path[0]:
        return _again(world, node, instance)
    if node in instance.path:
        return world, Ruling(Verdict.DROPPED, "card.copy", {"holder": _title(world, instance.path[-1])})
    if instance.due is None:
        return world, Ruling(Verdict.DROPPED, "card.spent", {"holder": _title(world, instance.path[-1])})
    holder, due = instance.path[-1], instance.due
    reason = "link.skipped-router" if world.rules.node(due).router else "link.wrong-neighbour"
    params = {"holder": _title(world, holder), "due": _title(world, due), "here": _title(world, node)}
    return world, Ruling(Verdict.DROPPED, reason, params, packet=instance.packet, came_from=holder, goes_to=due)


def _again(world: World, node: str, instance: Instance) -> tuple[World, Ruling]:
    """A card is back at its sender after others have seen it: it may be sent once more while it is not acknowledged."""
    admitted = world.hosts[node].admit(instance.packet)
    if admitted is None or admitted[1].kind is not Kind.RETRANSMISSION:
        return world, Ruling(Verdict.STOPPED, "card.copy", {"holder": _title(world, instance.path[-1])})
    return _depart(world, node, instance.card, instance.written, instance.packet, admitted)


def _hop(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """The packet is where it must be: it is for this node, or this node forwards it."""
    came_from, packet = instance.path[-1], instance.packet
    rules = world.rules.node(node)
    if packet.dst == rules.address or not rules.router:
        host, learned = world.hosts[node].receive(packet, world.at)
        world = world.with_host(node, host)
        ruling = Ruling(learned.verdict, learned.reason, _facts(world, packet), packet=packet, came_from=came_from)
        return _taken(world, node, instance, packet, None, ruling)
    return _forward(world, node, instance, written)


def _forward(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """A router's turn: its player's mark against its own table; one hop less to live."""
    came_from, packet = instance.path[-1], instance.packet
    hop = world.rules.next_hop(node, packet.dst)
    params = {**_facts(world, packet), "here": _title(world, node)}
    if hop is not None and written.next_hop not in (None, hop):
        params |= {"written": str(written.next_hop), "should": _title(world, hop)}
        wrong = Ruling(Verdict.STOPPED, "ip.wrong-next-hop", params, packet=packet, came_from=came_from, goes_to=node)
        return world, wrong
    if packet.ttl <= 1:
        dead = Ruling(Verdict.DROPPED, "ip.ttl-expired", params, packet=packet, came_from=came_from)
        return _taken(world, node, instance, packet, None, dead)
    if hop is None:
        known = world.rules.node(node).table.best(packet.dst)
        reason = "ip.no-route" if known is None else "ip.host-unreachable"
        return _taken(
            world,
            node,
            instance,
            packet,
            None,
            Ruling(Verdict.DROPPED, reason, params, packet=packet, came_from=came_from),
        )
    packet = replace(packet, ttl=packet.ttl - 1)
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
    assert written.src is not None
    if written.src != world.rules.node(node).address:
        return _away_from_its_source(world, node, written)
    host = world.hosts[node]
    missing = _missing(written)
    if missing is not None:
        return world, Ruling(Verdict.STOPPED, missing)
    packet = _fill(world, node, host, written)
    admitted = host.admit(packet)
    if admitted is not None:
        return _depart(world, node, card, written, packet, admitted)
    explanation = explain(host, packet)
    params = {**_facts(world, packet), **explanation.params}
    if world.rules.play is Play.COACH or packet.dst == host.address:
        return world, Ruling(Verdict.STOPPED, explanation.reason, params, packet=packet)
    return _carry(world, node, card, written, packet, Ruling(Verdict.SENT, explanation.reason, params))


def _depart(
    world: World, node: str, card: str, written: Written, packet: Packet, admitted: tuple[Host, Move]
) -> tuple[World, Ruling]:
    """The sender's engine has sent it."""
    host, move = admitted
    ruling = Ruling(Verdict.SENT, _SENT[move.kind], _facts(world, packet))
    return _carry(world.with_host(node, host), node, card, written, packet, ruling)


def _carry(
    world: World, node: str, card: str, written: Written, packet: Packet, ruling: Ruling
) -> tuple[World, Ruling]:
    """The paper leaves its origin for the first hop."""
    hop = world.rules.next_hop(node, packet.dst)
    if hop is None:
        return world, Ruling(Verdict.STOPPED, "ip.no-route-here", _facts(world, packet), packet=packet)
    params = {**ruling.params, "next": _title(world, hop)}
    ruling = replace(ruling, params=params, packet=packet, node=node, card=card, goes_to=hop)
    return world.with_instance(Instance(card, written, packet, (node,), hop, ruling)), ruling


def _away_from_its_source(world: World, node: str, written: Written) -> tuple[World, Ruling]:
    """First seen at a node that is not the sender it claims. Nobody's engine moves."""
    assert written.src is not None
    here = world.rules.node(node)
    params = {"source": str(written.src), "here": here.title, "address": str(here.address)}
    if written.dst == here.address and _missing(written) is None:
        swapped = replace(written, src=written.dst, dst=written.src, sport=written.dport, dport=written.sport)
        owed = world.hosts[node].admit(_fill(world, node, world.hosts[node], swapped))
        if owed is not None and owed[1].owed:
            return world, Ruling(Verdict.STOPPED, "ip.swapped-addresses", params)
    claimed = world.rules.by_address.get(written.src)
    if claimed is not None and _missing(written) is None:
        source = world.hosts[claimed]
        params["source"] = world.rules.node(claimed).title
        if source.admit(_fill(world, claimed, source, written)) is not None:
            return world, Ruling(Verdict.STOPPED, "link.skipped-sender", params)
    return world, Ruling(Verdict.DROPPED, "ip.spoofed-source", params)


def _missing(written: Written) -> str | None:
    """The reason code of the first thing that only the writer can know and that is not there."""
    if written.dst is None:
        return "ip.address-missing"
    if written.sport is None or written.dport is None:
        return "tcp.port-missing"
    if written.flags is None:
        return "tcp.flags-missing"
    return None


def _fill(world: World, node: str, host: Host, written: Written) -> Packet:
    """The packet with what the form did not ask for filled in, as its sender's engine would number it."""
    if world.rules.counting is Counting.OFF:
        written = replace(written, seq=None, ack=None)
    flags = written.flags or Flags.NONE
    seq, ack = written.seq, written.ack if Flags.ACK in flags else None
    probe = replace(written, seq=SeqNum(0), ack=SeqNum(0) if Flags.ACK in flags else None).complete()
    pair = host.pair_of(probe)
    same = [move for move in host.moves_on(pair) if move.flags & ~Flags.PSH == flags & ~Flags.PSH]
    like = next((move for move in same if move.least <= len(probe.segment.payload) <= move.most), None)
    if seq is None:
        seq = like.seq if like is not None and like.seq is not None else world.isn(node, pair)
    if ack is None and Flags.ACK in flags:
        ack = like.ack if like is not None and like.ack is not None else SeqNum(0)
    return replace(written, seq=seq, ack=ack).complete()


def _end_to_end(written: Written) -> Written:
    """What does not change on the way; what hops rewrite is left out."""
    return replace(written, ttl=None, next_hop=None)


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
