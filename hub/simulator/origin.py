"""A packet leaves its sender: what is written is completed, admitted or explained, and the paper goes on its way."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from zlib import crc32

from msgspec.structs import replace

from cards.datagram import Echo, IcmpError, Quote
from cards.notation import write
from cards.packet import DEFAULT_TTL, ICMP_ERRORS, Carries, Flags, Packet, Segment, Written
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import counting, icmp, isn, router, tasks
from hub.simulator.admission import admit, moves_on, owed
from hub.simulator.connection import Pair
from hub.simulator.explain import Explanation, as_line, explain
from hub.simulator.host import Host
from hub.simulator.moves import NOT_COMPARED, Kind, Move, fits, seq_wanted
from hub.simulator.node import Node
from hub.simulator.router import Refused
from hub.simulator.rules import Counting, Play
from hub.simulator.verdicts import Difference, Ruling, Verdict
from hub.simulator.world import Instance, Reply, World

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

_NOTHING_KNOWN = Quote(IPv4Address(0), IPv4Address(0), 0, b"")


def leave(world: World, node: str, card: str, written: Written, paper: bool = True) -> tuple[World, Ruling]:
    """A card is scanned at the node whose address it bears: it goes, or it is stopped and explained.

    paper: there is a card; False: the engine sends it.
    """
    filled = counting.minded(world.rules.counting, written)
    if filled.src is None:
        filled = replace(filled, src=_source(world, node, written))
    if filled.ttl is None:
        filled = replace(filled, ttl=world.rules.form.ttl)
    reason = missing(filled, world) or _unsendable(world, node, filled)
    if reason is not None:
        return world, Ruling(Verdict.STOPPED, reason)
    if filled.carries is not Carries.TCP:
        return _other(world, node, card, written, filled, paper)
    host = world.host(node)
    packet = complete(world, node, filled)
    hop = way_out(world, node, packet)
    if isinstance(hop, Ruling):
        return world, hop
    explanation = _numbered_anew(world, host, packet, filled)
    if explanation is None:
        admitted = admit(host, packet, world.at)
        explanation = None if admitted is None else _no_room_to_count(world, host, packet, filled, admitted[1])
        if admitted is not None and (explanation is None or world.rules.play is Play.FREE):
            return depart(world, node, card, written, packet, admitted, hop, paper, explanation)
        explanation = explanation or _explained(world, node, packet, filled)
    reason, params, differences = explanation.reason, explanation.params, explanation.differences
    if world.rules.play is Play.COACH:
        return world, Ruling(Verdict.STOPPED, reason, params, packet=packet, differences=differences)
    sent = Ruling(Verdict.SENT, reason, params, differences=differences)
    return carry(world, node, card, written, packet, sent, hop, paper)


def way_out(world: World, node: str, packet: Packet) -> str | Ruling:
    """The node to which a packet of this node's own goes first; or why it cannot leave."""
    hop = next_hop(world, node, packet.dst)
    if hop is None:
        return Ruling(Verdict.STOPPED, "ip.no-route-here", packet=packet)
    if world.down and frozenset((node, hop)) in world.down:
        return Ruling(Verdict.STOPPED, "link.down", packet=packet, goes_to=hop)
    return hop


def depart(
    world: World,
    node: str,
    card: str,
    written: Written,
    packet: Packet,
    admitted: tuple[Host, Move],
    hop: str,
    paper: bool = True,
    unwise: Explanation | None = None,
) -> tuple[World, Ruling]:
    """The sender's engine has sent a segment. unwise: it may be sent, but there is something to be said about it."""
    host, move = admitted
    before = world.host(node)
    reason, params = _SENT[move.kind], dict[str, str]()
    if move.kind is Kind.RETRANSMISSION and not move.owed and world.rules.timers.retransmission is not None:
        reason = "tcp.retransmitted-early"
    if move.kind is Kind.RETRANSMISSION and packet.segment.payload and not _was_sent(world, packet):
        params = {"part": str(len(packet.segment.payload))}
    if move.ack is not None and packet.segment.ack != move.ack:
        should = _ack_on_paper(world, before, move)
        reason, params = "tcp.ack-behind", {"should": str(should)}
    world = _moved_on(world, node, before, packet)
    if move.kind is Kind.DATA or move.kind is Kind.FIN:
        world = _replied(world, node, move.pair, octets(packet.segment.payload))
    world = world.with_host(node, host)
    ruling = Ruling(Verdict.SENT, reason, params)
    if unwise is not None:
        ruling = Ruling(Verdict.SENT, unwise.reason, unwise.params, differences=unwise.differences)
    return carry(world, node, card, written, packet, ruling, hop, paper)


def _was_sent(world: World, packet: Packet) -> bool:
    """A packet from this port with the same data at the same place has gone out before: it was no part of one."""
    s = packet.segment
    data = s.sport, s.dport, s.seq, octets(s.payload)
    ends = packet.src, packet.dst
    sent = (each.sent for each in world.instances.values() if (each.sent.src, each.sent.dst) == ends)
    said = (each.body for each in sent if isinstance(each.body, Segment))
    return any((each.sport, each.dport, each.seq, octets(each.payload)) == data for each in said)


def carry(
    world: World,
    node: str,
    card: str,
    written: Written,
    packet: Packet,
    ruling: Ruling,
    hop: str,
    paper: bool = True,
    forged: bool = False,
) -> tuple[World, Ruling]:
    """The paper leaves its origin for the first hop."""
    ruling = replace(
        ruling, packet=packet, node=node, card=card, written=written, goes_to=hop, origin=node, forged=forged
    )
    said = end_to_end(written)
    instance = Instance(card, said, packet, packet, (node,), hop, world.at, ruling, paper, forged)
    prints = fingerprint(packet)
    if prints not in world.fingerprints:
        world = replace(world, fingerprints=world.fingerprints.set(prints, card))
    return world.with_instance(instance), ruling


def end_to_end(written: Written) -> Written:
    """What does not change on the way; what hops rewrite is left out."""
    if written.ttl is None and written.next_hop is None:
        return written
    return replace(written, ttl=None, next_hop=None)


def fingerprint(packet: Packet) -> int:
    """A number that packets share which say the same end to end, whoever carries them."""
    body = packet.body
    ends = int(packet.src), int(packet.dst)
    if not isinstance(body, Segment):
        return hash((*ends, crc32(repr(body).encode())))
    ack = -1 if body.ack is None else body.ack.value
    said = crc32(octets(body.payload)) if body.payload else 0
    return hash((*ends, body.sport, body.dport, body.flags.value, body.seq.value, ack, said))


def next_hop(world: World, node: str, dst: IPv4Address) -> str | None:
    """The node where a packet for `dst` goes from `node` by its table; None: no route, or nobody there."""
    at = world.nodes[node]
    way = router.way(at.table, at.interfaces, dst)
    return None if isinstance(way, Refused) else neighbour(world, node, way.next_hop)


def neighbour(world: World, node: str, address: IPv4Address) -> str | None:
    """The node with an address, when a wire leads there."""
    hop = world.rules.by_address.get(address)
    return hop if hop is not None and world.rules.linked(node, hop) else None


def missing(written: Written, world: World) -> str | None:
    """The reason code of the first thing that only the writer can know and that is not there."""
    if written.dst is None:
        return "ip.address-missing"
    if written.carries.has_ports and (written.sport is None or written.dport is None):
        return "tcp.port-missing"
    if written.carries is not Carries.TCP:
        return None
    if written.flags is None or (written.flags is Flags.NONE and world.rules.play is Play.COACH):
        return "tcp.flags-missing"
    if world.rules.counting is Counting.OFF:
        return None
    if world.rules.form.seq and written.seq is None:
        return "tcp.seq-missing"
    return "tcp.ack-missing" if world.rules.form.ack and Flags.ACK in written.flags and written.ack is None else None


def complete(world: World, node: str, written: Written) -> Packet:
    """The packet with what the form did not ask for filled in, as the engine of `node` would number it."""
    host, pair = world.host(node), counting.ends(written)
    seq, ack = counting.to_engine(world.rules.counting, counting.zero(host, pair), written)
    flags = written.flags or Flags.NONE
    if Flags.ACK not in flags:
        ack = None
    if seq is None or (ack is None and Flags.ACK in flags):
        seq, ack = _engine_numbers(world, host, pair, written, seq, ack)
    return replace(written, seq=seq, ack=ack).complete()


def as_heard(world: World, node: str, written: Written) -> Packet:
    """The packet as its receiver counts, if that knows the connection; else as `node`, from where it claims to come."""
    pair = counting.ends(written)
    receiver = world.rules.by_address.get(pair.remote.address)
    there = Pair(pair.remote, pair.local)
    zero = None if receiver is None else counting.heard(world.host(receiver), there)
    if receiver is None or zero is None:
        return complete(world, node, written)
    c = world.host(receiver).connections[there]
    seq, ack = counting.to_engine(world.rules.counting, zero, written)
    if seq is None:
        seq = world.host(node).isn(pair, world.at) if c.irs is None else c.rcv_nxt
    if Flags.ACK not in (written.flags or Flags.NONE):
        ack = None
    elif ack is None:
        ack = SeqNum(0) if c.iss is None else c.snd_nxt
    return replace(written, seq=seq, ack=ack).complete()


def _engine_numbers(
    world: World, host: Host, pair: Pair, written: Written, seq: SeqNum | None, ack: SeqNum | None
) -> tuple[SeqNum, SeqNum | None]:
    """The numbers that were not written: of the move that is most like the card, else the next of this connection."""
    flags = written.flags or Flags.NONE
    acks = SeqNum(0) if Flags.ACK in flags else None
    probe = Segment(pair.local.port, pair.remote.port, flags, SeqNum(0), acks, payload=written.payload or b"")
    c = host.connections.get(pair)
    same = [move for move in moves_on(host, pair) if move.flags == flags & ~NOT_COMPARED]
    like = next((move for move in same if move.least <= len(probe.payload) <= move.most), None)
    if seq is None:
        wanted = None if like is None else seq_wanted(like, probe)
        if wanted is None and like is None and c is not None and c.iss is not None:
            wanted = c.snd_nxt
        seq = host.isn(pair, world.at) if wanted is None else wanted
    if ack is None and acks is not None:
        ack = None if like is None else like.ack
        if ack is None:
            ack = SeqNum(0) if c is None or c.irs is None else c.rcv_nxt
    return seq, ack


def _source(world: World, node: str, written: Written) -> IPv4Address:
    """The address that a form without a source speaks from: of an error that is owed, its own."""
    if written.carries.is_error:
        for packet in messages(world.nodes[node]):
            if packet.dst == written.dst:
                return packet.src
    return world.rules.node(node).address


def _unsendable(world: World, node: str, written: Written) -> str | None:
    """The reason code when no host may send to there, or so (RFC 1122 §3.2.1, §4.2.3.10)."""
    dst = written.dst
    assert dst is not None
    if dst in world.rules.by_id[node].addresses:
        return "ip.to-yourself"
    first = int(dst) >> 24
    if first in (0, 127) or first >= 224:
        return "ip.bad-destination"
    if written.carries.has_ports and (written.sport == 0 or written.dport == 0):
        return "tcp.port-zero"
    return "ip.ttl-zero" if written.ttl == 0 else None


def _numbered_anew(world: World, host: Host, packet: Packet, written: Written) -> Explanation | None:
    """Counting bytes, everybody begins with 0."""
    c = host.connections.get(host.pair_of(packet))
    begins = world.rules.counting is Counting.BYTES and Flags.SYN in packet.segment.flags
    if not begins or (c is not None and c.state.synchronized) or written.seq is None or written.seq == SeqNum(0):
        return None
    peer = str(host.pair_of(packet).remote)
    params = {
        "written": str(written.seq),
        "should": "0",
        "peer": peer,
        "answer": write(replace(written, seq=SeqNum(0))),
    }
    return Explanation("tcp.begins-at-0", params, (Difference("seq", str(written.seq), "0"),))


def _no_room_to_count(world: World, host: Host, packet: Packet, written: Written, move: Move) -> Explanation | None:
    """Whoever begins close to the end of the form's columns soon needs one more. A number that has more digits than
    there are columns was printed, and nobody counts on by hand.
    """
    rules, seq, most = world.rules, written.seq, isn.highest(isn.DIGITS)
    begins = move.seq is None and Flags.SYN in packet.segment.flags
    if not begins or rules.counting is not Counting.RFC or not rules.form.seq or seq is None:
        return None
    if not most < seq.value < 10**isn.DIGITS:
        return None
    better = replace(written, seq=host.isn(host.pair_of(packet), world.at))
    params = {
        "written": str(seq),
        "should": str(most),
        "peer": str(host.pair_of(packet).remote),
        "answer": as_line(counting.on_form(rules, better, written)),
    }
    return Explanation("tcp.no-room-to-count", params, (Difference("seq", str(seq), str(most)),))


def _explained(world: World, node: str, packet: Packet, written: Written) -> Explanation:
    rules = world.rules
    explanation = explain(world.host(node), packet, written, rules, world.at)
    if explanation.reason not in ("tcp.too-early", "tcp.not-asked", "tcp.rst-unowed"):
        return explanation
    other = _who_owes_it(world, node, written)
    if other is None:
        return explanation
    return Explanation("tcp.wrong-person", explanation.params | {"other": rules.title(other)}, explanation.differences)


def _who_owes_it(world: World, node: str, written: Written) -> str | None:
    """The node that owes the receiver just such a segment, from the port and with the numbers and the data that are
    written, when it is not this one.
    """
    assert written.dst is not None
    receiver = world.rules.by_address.get(written.dst)
    if receiver is None:
        return None
    for pair in world.host(receiver).latest:
        other = world.rules.by_address.get(pair.remote.address)
        if other in (None, node, receiver):
            continue
        assert other is not None
        host, meant = world.host(other), complete(world, other, replace(written, src=pair.remote.address))
        there = host.pair_of(meant)
        if any(move.pair == there and fits(move, meant.segment) for move in owed(host)):
            return other
    return None


def _ack_on_paper(world: World, host: Host, move: Move) -> SeqNum | None:
    s = Segment(move.pair.local.port, move.pair.remote.port, Flags.ACK, move.seq or SeqNum(0), move.ack)
    return counting.to_paper(world.rules.counting, host, move.pair, s)[1]


def _moved_on(world: World, node: str, before: Host, packet: Packet) -> World:
    """The node's application is one step further, when this was what it wanted."""
    wanted = world.rules.node(node).tasks
    if not wanted:
        return world
    now = world.progress_of(node)
    after = tasks.departed(wanted, now, before, packet, world.at, world.rules.form.payload)
    return world if after == now else replace(world, progress=world.progress.set(node, after))


def _replied(world: World, node: str, pair: Pair, data: bytes) -> World:
    """What a service wanted to answer is said, in whatever words; without data it was the FIN."""
    replies = world.replies.get(node)
    reply = None if replies is None else replies.get(pair)
    if replies is None or reply is None:
        return world
    left = reply.text[len(data) :] if data and reply.text.startswith(data) else b""
    kept = Reply(left, reply.close) if data and (left or reply.close) else None
    return replace(
        world, replies=world.replies.set(node, replies.delete(pair) if kept is None else replies.set(pair, kept))
    )


# Not TCP


def messages(node: Node[Host]) -> Iterator[Packet]:
    """Packets other than TCP that a node owes: echo replies and ICMP errors, the oldest first."""
    yield from node.host.outbox
    yield from (sent.packet for sent in node.owed if sent.packet is not None)


def owes_message(node: Node[Host], written: Written) -> bool:
    """Whether a node owes just such an echo reply or ICMP error to whom a card says."""
    return any(packet.dst == written.dst and says(packet, written) for packet in messages(node))


def unowed(world: World, node: str, written: Written) -> Packet:
    """What a card is that is not TCP, as it stands on the paper, whether anybody owes it or not.

    No card has room for what an ICMP error quotes: it is the last packet of its receiver that this node has seen; who
    has seen none can quote nothing that would be known there.
    """
    if not written.carries.is_error:
        return _plain(written).complete()
    assert written.src is not None
    assert written.dst is not None
    seen = [each for each in world.instances.values() if node in each.path and each.packet.src == written.dst]
    last = max(seen, key=lambda each: (each.since, each.card), default=None)
    type_, code = ICMP_ERRORS[written.carries]
    body = IcmpError(type_, code, _NOTHING_KNOWN if last is None else icmp.about(last.packet))
    return Packet(written.src, written.dst, body, DEFAULT_TTL if written.ttl is None else written.ttl)


def _other(world: World, node: str, card: str, written: Written, filled: Written, paper: bool) -> tuple[World, Ruling]:
    """UDP, a ping, or an ICMP message: the application's choice, an answer that is owed, or (where one plays freely)
    one that nobody owes.
    """
    if filled.carries in (Carries.UDP, Carries.ECHO):
        packet = _plain(filled).complete()
        hop = way_out(world, node, packet)
        if isinstance(hop, Ruling):
            return world, hop
        world = _moved_on(world, node, world.host(node), packet)
        reason = "udp.sent" if filled.carries is Carries.UDP else "icmp.echo-sent"
        return carry(world, node, card, written, packet, Ruling(Verdict.SENT, reason), hop, paper)
    due = [each for each in messages(world.nodes[node]) if each.dst == filled.dst and says(each, filled)]
    wrong = None if due else _not_owed(world, node, filled)
    if wrong is not None and world.rules.play is Play.COACH:
        return world, wrong
    packet = due[0] if due else unowed(world, node, filled)
    hop = way_out(world, node, packet)
    if isinstance(hop, Ruling):
        return world, hop
    if wrong is not None:
        return carry(world, node, card, written, packet, replace(wrong, verdict=Verdict.SENT), hop, paper)
    world = world.with_node(node, _without(world.nodes[node], packet))
    if filled.ttl is not None:
        packet = replace(packet, ttl=filled.ttl)
    reason = "icmp.reply-sent" if isinstance(packet.body, Echo) else "icmp.error-sent"
    return carry(world, node, card, written, packet, Ruling(Verdict.SENT, reason), hop, paper)


def _not_owed(world: World, node: str, written: Written) -> Ruling:
    """Somebody at this address waits for another message; or somebody else does, for just this one; or nobody."""
    for packet in messages(world.nodes[node]):
        if packet.dst == written.dst:
            return _differs("icmp.mismatch", "flags", written.carries.word, packet.written().carries.word)
    for packet in messages(world.nodes[node]):
        if says(packet, written):
            return _differs("ip.wrong-address", "address", str(written.dst), str(packet.dst))
    return Ruling(Verdict.STOPPED, "icmp.unowed")


def _differs(reason: str, field: str, there: str, should: str) -> Ruling:
    params = {"written": there, "should": should}
    return Ruling(Verdict.STOPPED, reason, params, differences=(Difference(field, there, should),))


def says(packet: Packet, written: Written) -> bool:
    """Whether a card is a packet that is owed: of an ICMP message the kind is enough, the engine knows the rest."""
    return packet.carries is written.carries


def _plain(written: Written) -> Written:
    """Without the fields that only TCP has, whatever stands there."""
    if written.carries.is_echo:
        number = None if written.seq is None else SeqNum(written.seq.value & 0xFFFF)
        return replace(written, flags=None, ack=None, window=None, dport=None, seq=number)
    return replace(written, flags=None, ack=None, window=None, seq=None)


def _without(node: Node[Host], packet: Packet) -> Node[Host]:
    """The node that has sent one of the packets that it owed."""
    if packet in node.host.outbox:
        at = node.host.outbox.index(packet)
        outbox = (*node.host.outbox[:at], *node.host.outbox[at + 1 :])
        return replace(node, host=replace(node.host, outbox=outbox))
    at = next(number for number, sent in enumerate(node.owed) if sent.packet == packet)
    return replace(node, owed=(*node.owed[:at], *node.owed[at + 1 :]))
