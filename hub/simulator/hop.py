"""A packet is where it must be next: a link has its way with it, a router forwards it, a host receives it."""

from __future__ import annotations

from ipaddress import IPv4Address

from immutables import Map
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Unreachable
from cards.packet import Packet, Segment, Written
from hub.simulator import apps, faults, tasks
from hub.simulator.arrive import Learned
from hub.simulator.connection import Pair
from hub.simulator.events import FaultKind, FaultSet
from hub.simulator.facts import is_printed
from hub.simulator.host import Host
from hub.simulator.node import Node
from hub.simulator.origin import fingerprint, neighbour
from hub.simulator.router import HOST_UNREACHABLE, Refused
from hub.simulator.rules import Play
from hub.simulator.verdicts import Difference, Ruling, Verdict
from hub.simulator.world import Instance, Reply, World

_NO_REPLIES: Map[Pair, Reply] = Map()
_NOTHING = Reply()
_MOST_SAID = 256
"""Octets that a service answers at once."""
_ANSWERED = ("tcp.duplicate", "tcp.ack-of-nothing")
"""What is owed for it depends on the state of the receiver."""
_ASKS = ("tcp.syn-received", "tcp.data-received", "tcp.fin-received", "tcp.no-listener")
"""It owes an answer; where cards are printed, that of a station lies in its tray."""
_LINK_DOWN = Refused("link.down", IcmpType.UNREACHABLE, Unreachable.HOST)


def hop(world: World, node: str, instance: Instance, written: Written) -> tuple[World, Ruling]:
    """The card is scanned at the node where it is due."""
    came_from = instance.holder
    link = frozenset((came_from, node))
    if world.down and link in world.down:
        ruling = Ruling(Verdict.DROPPED, "link.down", packet=instance.packet, came_from=came_from, goes_to=node)
        return _lost(world, node, instance, ruling)
    if not world.ready(instance):
        return world, _held_up(world, instance)
    rules = world.rules
    crosses = node != came_from  # else it is the second of two that have arrived
    if crosses and not instance.rolled and _decided_on_arrival(world, came_from, node):
        world, met = faults.crossing(world, link, instance.card)
        if met:
            world, instance, stopped = _on_arrival(world, node, instance, met)
            if stopped is not None:
                return world, stopped
    at = world.nodes[node]
    after, learned = at.receive(instance.packet, "", world.at)
    if learned.verdict is Verdict.FORWARDED:
        return _forward(world, node, instance, written, after)
    if learned.reason == "icmp.echo-reply" and not _asked(world, instance.packet):
        learned = Learned(Verdict.DROPPED, "icmp.unasked")
    if learned.text:
        after = _read(after, learned)
    world = world.with_node(node, after)
    if not rules.node(node).router or instance.packet.dst in rules.node(node).addresses:
        world = _heard(world, node, instance.packet, learned)
    params = _learned(instance.packet, learned, at)
    if node in world.engines and learned.reason in _ASKS and is_printed(rules, written):
        params["station"] = ""
    ruling = Ruling(learned.verdict, learned.reason, params, packet=instance.packet, came_from=came_from)
    return _taken(world, node, instance, written, instance.packet, None, ruling)


def _asked(world: World, reply: Packet) -> bool:
    """Whether the ping was sent that an echo reply repeats (RFC 792)."""
    said = reply.body
    assert isinstance(said, Echo)
    ping = Packet(reply.dst, reply.src, Echo(False, said.ident, said.number, said.payload))
    return fingerprint(ping) in world.fingerprints


def _learned(packet: Packet, learned: Learned, before: Node[Host]) -> dict[str, str]:
    """What is said of a segment that only its receiver knows: what can be read now, what it owes for a duplicate or for
    an ACK of nothing, for the first time or not; and that an ACK was overtaken, which brings nothing that one could
    have had.
    """
    c = learned.connection
    said: dict[str, str] = {}
    if not isinstance(packet.body, Segment):
        return said
    if len(learned.text) > len(packet.body.payload):
        return {"read": str(len(learned.text))}
    if learned.reason == "tcp.duplicate" and not packet.body.length:
        said["late"] = ""
    if learned.reason in _ANSWERED and learned.verdict is Verdict.RST:
        said["owes"] = "RST"
    elif learned.reason in _ANSWERED and c is not None and (c.owes_syn or c.owes_ack):
        said["owes"] = "SYN,ACK" if c.owes_syn else "ACK"
        was = before.host.connections.get(c.pair)
        owed = was is not None and (was.owes_syn if c.owes_syn else was.owes_ack)
        said["still" if owed else "anew"] = ""
    return said


def marked(world: World, node: str, instance: Instance) -> Written:
    """The card as the player of a node marks it who does everything right."""
    written = instance.said
    rules = world.rules
    if not rules.node(node).router or instance.packet.dst in rules.node(node).addresses:
        return written
    if rules.form.ttl is not None:
        written = replace(written, ttl=max(0, instance.packet.ttl - 1))
    to = next_of(world, node, instance) if rules.form.next_hop else None
    return written if to is None else replace(written, next_hop=rules.title(to))


def next_of(world: World, node: str, instance: Instance) -> str | None:
    """Where a router forwards a packet to by its own table; None: nowhere, or it is for this node."""
    after, learned = world.nodes[node].receive(instance.packet, "", world.at)
    return neighbour(world, node, _next(after)) if learned.verdict is Verdict.FORWARDED else None


def _forward(world: World, node: str, instance: Instance, written: Written, after: Node[Host]) -> tuple[World, Ruling]:
    """A router's turn: its player's marks against its own table; one hop less to live."""
    rules, came_from = world.rules, instance.holder
    packet = after.owed[-1].packet
    assert packet is not None
    to = neighbour(world, node, _next(after))
    wrong = _marks(world, node, instance, written, to)
    chosen = to
    if wrong is not None:
        marked = None if written.next_hop is None else rules.named(written.next_hop)
        if rules.play is Play.COACH or (wrong.reason == "ip.wrong-next-hop" and not _reachable(world, node, marked)):
            return world, replace(wrong, packet=instance.packet, came_from=came_from, goes_to=node)
        chosen = marked if wrong.reason == "ip.wrong-next-hop" else to
    after = replace(after, owed=after.owed[:-1])
    if chosen is None or frozenset((node, chosen)) in world.down:
        refused = HOST_UNREACHABLE if chosen is None else _LINK_DOWN
        world = world.with_node(node, after.refuse(instance.packet, refused, world.at))
        params = {} if chosen is None else {"next": rules.title(chosen)}
        ruling = Ruling(Verdict.DROPPED, refused.reason, params, packet=instance.packet, came_from=came_from)
        return _taken(world, node, instance, written, instance.packet, None, ruling)
    world = world.with_node(node, after)
    reason = "ip.looping" if node in instance.path else "ip.forwarded"
    ruling = Ruling(Verdict.FORWARDED, reason, packet=packet, came_from=came_from, goes_to=chosen)
    if wrong is not None:
        ruling = replace(ruling, reason=wrong.reason, params=wrong.params, differences=wrong.differences)
    if not rules.node(chosen).router:
        world, met = faults.crossing(world, frozenset((node, chosen)), instance.card)
        if met:
            return _departing(world, node, replace(instance, packet=packet), written, chosen, ruling, met)
    return _taken(world, node, instance, written, packet, chosen, ruling)


def _marks(world: World, node: str, instance: Instance, written: Written, to: str | None) -> Ruling | None:
    """What a router's player has marked wrongly; None when it is right, or the card has no row for it."""
    rules, form, ttl = world.rules, world.rules.form, written.ttl
    # A number that no form has boxes for was printed, and is not crossed out by hand.
    by_pen = ttl is None or (form.ttl is not None and min(ttl, instance.packet.ttl) <= form.ttl)
    if by_pen and form.ttl is not None and ttl is not None:
        should = instance.packet.ttl - 1
        if ttl != should:
            reason = "ip.ttl-not-crossed" if ttl == instance.packet.ttl else "ip.ttl-mismatch"
            return _wrong_mark(reason, "ttl", str(ttl), str(should))
    if to is None:
        return None
    if written.next_hop is None:
        missing = form.next_hop and by_pen
        return _wrong_mark("ip.next-hop-missing", "next-hop", "-", rules.title(to)) if missing else None
    if rules.named(written.next_hop) == to:
        return None
    return _wrong_mark("ip.wrong-next-hop", "next-hop", written.next_hop, rules.title(to))


def _wrong_mark(reason: str, field: str, written: str, should: str) -> Ruling:
    params = {"written": written, "should": should}
    return Ruling(Verdict.STOPPED, reason, params, differences=(Difference(field, written, should),))


def _reachable(world: World, node: str, to: str | None) -> bool:
    return to is not None and world.rules.linked(node, to)


def _next(after: Node[Host]) -> IPv4Address:
    """The address to which a router that has just received a packet forwards it."""
    hop = after.owed[-1].next_hop
    assert hop is not None, "there is no Ethernet in a room"
    return hop


def _taken(
    world: World, node: str, instance: Instance, written: Written, packet: Packet, due: str | None, ruling: Ruling
) -> tuple[World, Ruling]:
    """This node has seen the packet: it goes on to `due`, or its way ends here."""
    again = instance.extra - 1 if node == instance.holder else instance.extra
    path = instance.path if node == instance.holder else (*instance.path, node)
    ruling = replace(
        ruling, node=node, card=instance.card, written=written, origin=instance.path[0], forged=instance.forged
    )
    changed = replace(
        instance,
        packet=packet,
        path=path,
        due=due,
        since=world.at,
        last=ruling,
        extra=max(0, again),
        rolled=False,
        not_before=0,
        behind=None,
    )
    return world.with_instance(changed), ruling


# Links


def _decided_on_arrival(world: World, one: str, other: str) -> bool:
    """Whoever carries it finds out: a router's player. On a link between hosts it is the receiver."""
    return world.rules.node(other).router or not world.rules.node(one).router


def _on_arrival(
    world: World, node: str, instance: Instance, met: tuple[FaultSet, ...]
) -> tuple[World, Instance, Ruling | None]:
    """What a link has done to a packet that comes to a router; a ruling when that ends it, or holds it up."""
    instance = replace(instance, rolled=True)
    if faults.meets(met, FaultKind.LOSE):
        params = {"next": world.rules.title(node)}
        ruling = Ruling(Verdict.DROPPED, "fault.lost", params, packet=instance.packet, came_from=instance.holder)
        world, ruling = _lost(world, node, instance, ruling)
        return world, instance, ruling
    instance = _changed(world, instance, frozenset((instance.holder, node)), met)
    if world.ready(instance):
        return world, instance, None
    return world.with_instance(instance), instance, _held_up(world, instance)


def _departing(
    world: World, node: str, instance: Instance, written: Written, to: str, ruling: Ruling, met: tuple[FaultSet, ...]
) -> tuple[World, Ruling]:
    """What the last link, from a router to a host, does to a packet."""
    if faults.meets(met, FaultKind.LOSE):
        params = {"next": world.rules.title(to)}
        lost = replace(ruling, verdict=Verdict.DROPPED, reason="fault.lost", params=params, goes_to=None)
        world, lost = _taken(world, node, instance, written, instance.packet, None, lost)
        gone = replace(world.instances[instance.card], lost=True, was_due=to)
        return world.with_instance(gone), lost
    world, ruling = _taken(world, node, instance, written, instance.packet, to, ruling)
    changed = _changed(world, world.instances[instance.card], frozenset((node, to)), met)
    reason = ruling.reason
    for kind, said in (
        (FaultKind.DUPLICATE, "fault.duplicated"),
        (FaultKind.REORDER, "fault.reordered"),
        (FaultKind.DELAY, "fault.delayed"),
    ):
        fault = faults.meets(met, kind)
        if fault is not None:
            reason, ruling = said, replace(ruling, params={**ruling.params, "seconds": str(fault.seconds)})
    ruling = replace(ruling, reason=reason)
    return world.with_instance(replace(changed, last=ruling, rolled=True)), ruling


def _changed(world: World, instance: Instance, link: frozenset[str], met: tuple[FaultSet, ...]) -> Instance:
    """The packet after the faults that do not lose it."""
    for fault in met:
        match fault.kind:
            case FaultKind.CORRUPT:
                instance = replace(instance, packet=faults.corrupted(instance.packet))
            case FaultKind.DUPLICATE:
                instance = replace(instance, extra=instance.extra + 1)
            case FaultKind.DELAY:
                instance = replace(instance, not_before=world.at + fault.seconds * 1000)
            case FaultKind.REORDER:
                until = world.at + fault.seconds * 1000
                instance = replace(instance, behind=world.crossed[link], not_before=until)
            case FaultKind.LOSE:
                pass
    return instance


def _held_up(world: World, instance: Instance) -> Ruling:
    reason = "fault.wait" if instance.behind is None else "fault.overtake"
    left = -(-(instance.not_before - world.at) // 1000)
    params = {"seconds": str(left)}
    return Ruling(
        Verdict.STOPPED, reason, params, packet=instance.packet, came_from=instance.holder, goes_to=instance.due
    )


def _lost(world: World, node: str, instance: Instance, ruling: Ruling) -> tuple[World, Ruling]:
    """It gets lost on the way to a node; whoever carries it there is told."""
    ruling = replace(ruling, node=node, card=instance.card, origin=instance.path[0], forged=instance.forged)
    gone = replace(instance, due=None, lost=True, was_due=node, last=ruling, since=world.at)
    return world.with_instance(gone), ruling


# Applications


def _read(node: Node[Host], learned: Learned) -> Node[Host]:
    """A person, or a bot, reads at once what came in order."""
    host = node.host
    read = host if learned.connection is None else host.read(learned.connection.pair, 0)
    return node if read is host else replace(node, host=read)


def _heard(world: World, node: str, packet: Packet, learned: Learned) -> World:
    """What came is for an application: a service answers, a probe is answered."""
    if isinstance(packet.body, (Echo, IcmpError, Datagram)):
        return _probe_answered(world, node, packet, learned)
    if not learned.text or learned.connection is None:
        return world
    pair = learned.connection.pair
    service = dict(world.rules.node(node).services).get(pair.local.port)
    reply = None if service is None else apps.answer(service, learned.text[:_MOST_SAID])
    if reply is None:
        return world
    replies = world.replies.get(node, _NO_REPLIES)
    before = replies.get(pair, _NOTHING)
    said = Reply((before.text + reply.text)[:_MOST_SAID], before.close or reply.close)
    return replace(world, replies=world.replies.set(node, replies.set(pair, said)))


def _probe_answered(world: World, node: str, packet: Packet, learned: Learned) -> World:
    progress = world.progress.get(node)
    if progress is None or (learned.verdict is not Verdict.DELIVERED and learned.reason != "icmp.stray"):
        return world
    if isinstance(packet.body, IcmpError) and packet.body.about.src not in world.rules.node(node).addresses:
        return world
    wanted = world.rules.node(node).tasks
    if not progress.left:
        return world
    by_the_host = packet.src == wanted[progress.left[0]].remote.address
    return replace(world, progress=world.progress.set(node, tasks.answered(progress, by_the_host)))
