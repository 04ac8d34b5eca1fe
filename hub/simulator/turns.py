"""Whose turn it is, and for what: what each node owes, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cards.packet import Packet, Segment
from hub.simulator import admission, tasks
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.facts import kind, who
from hub.simulator.host import Host
from hub.simulator.moves import Kind, Move
from hub.simulator.origin import messages
from hub.simulator.rules import Do
from hub.simulator.states import State
from hub.simulator.world import Debt, World

_OWED = {
    Kind.OPEN: "syn",
    Kind.SYN_ACK: "syn-ack",
    Kind.ACK: "ack",
    Kind.RETRANSMISSION: "resend",
    Kind.RESET: "rst",
}


CODES = (
    *("receive", "forward", "wait-cards", "reply", "report", "syn", "syn-ack", "ack", "rst", "resend"),
    *("open", "say", "close", "ping", "trace", "close-too"),
)
"""Everything that one can have to do, as `Turn.code` calls it."""


class Turn(msgspec.Struct, frozen=True, gc=False):
    """One thing that a node's player has to do.

    code: `receive` or `forward` a card that is due (`wait-cards`: a link holds it up); `syn`, `syn-ack`, `ack`, `rst`,
    `resend`, `reply`, `report`: to send what the protocol wants; `open`, `say`, `close`, `ping`, `trace`: what the
    application wants; `close-too`: the other side has closed. since: lesson time in ms. until: when a timer of this
    node, or of who waits for it, runs out; None: never. peer: a node's title, or ADDRESS:PORT. flags: what kind of
    packet. card: which one is due. move, packet, text: what is to be sent; of: how many octets the whole text has, when
    some of it is said. optional: nobody waits for it.
    """

    node: str
    code: str
    since: int
    until: int | None = None
    peer: str = ""
    flags: str = ""
    card: str | None = None
    holder: str | None = None
    move: Move | None = None
    packet: Packet | None = None
    text: bytes = b""
    of: int = 0
    pair: Pair | None = None
    optional: bool = False


def turn(world: World, node: str) -> Turn | None:
    """What a node's player has to do first; None: nothing."""
    return next(turns(world, node), None)


def turns(world: World, node: str) -> Iterator[Turn]:
    """All that a node's player has to do: cards that are due, then answers that are owed, then what one wants."""
    yield from _cards(world, node)
    yield from _messages(world, node)
    yield from _segments(world, node)
    yield from _wishes(world, node)


def stuck(world: World, after: int) -> Iterator[Turn]:
    """Who keeps others waiting for longer than `after` ms, for what; longest first."""
    late = [t for node in world.nodes for t in turns(world, node) if not t.optional and world.at - t.since >= after]
    yield from sorted(late, key=lambda t: (t.since, t.node))


def _cards(world: World, node: str) -> Iterator[Turn]:
    rules = world.rules.node(node)
    for card in world.due_at.get(node, ()):
        instance = world.instances[card]
        forward = rules.router and instance.packet.dst not in rules.addresses
        code = ("forward" if forward else "receive") if world.ready(instance) else "wait-cards"
        until = instance.not_before if code == "wait-cards" else None
        title = world.rules.title(instance.holder)
        yield Turn(node, code, instance.since, until, title, kind(instance.said), card, instance.holder)


def _messages(world: World, node: str) -> Iterator[Turn]:
    for packet in messages(world.nodes[node]):
        carries = packet.written().carries
        code = "report" if carries.is_error else "reply"
        since = _since(world, node, packet)
        yield Turn(node, code, since, None, who(world.rules, packet.dst), carries.word, packet=packet, text=b"")


def _segments(world: World, node: str) -> Iterator[Turn]:
    host = world.host(node)
    resets: dict[Pair, Segment] = {}
    for pair, reset in host.resets:
        resets.setdefault(pair, reset)
    for move in admission.owed(host):
        code = _OWED.get(move.kind)
        if code is None:
            continue
        debt: Debt = (move.pair, resets[move.pair]) if move.kind is Kind.RESET else move.pair
        c = host.connections.get(move.pair)
        yield Turn(
            node,
            code,
            _since(world, node, debt),
            _until(world, c, move),
            _peer(world, move.pair.remote),
            str(move.flags),
            move=move,
            pair=move.pair,
        )


def _wishes(world: World, node: str) -> Iterator[Turn]:
    host, since = world.host(node), world.touched.get(node, world.began)
    replies = world.replies.get(node)
    for pair, reply in sorted(replies.items()) if replies else ():
        c = host.connections.get(pair)
        if c is not None and c.state.may_send_data:
            code = "say" if reply.text else "close"
            yield Turn(node, code, since, None, _peer(world, pair.remote), text=reply.text, pair=pair, optional=True)
    wanted = world.rules.node(node).tasks
    wish = tasks.wish(wanted, world.progress_of(node), host, world.at) if wanted else None
    if wish is not None and not (wish.task.do is Do.OPEN and _waits_for_an_answer(host)):
        do, remote = wish.task.do, wish.task.remote
        peer, said = _peer(world, remote), wish.progress.count
        text, of = (wish.task.text[said:], len(wish.task.text) if said else 0) if do is Do.SAY else (b"", 0)
        yield Turn(node, do.value, since, None, peer, _flags(do), text=text, of=of, pair=wish.progress.pair)
        return
    for pair in host.latest:
        if host.connections[pair].state is State.CLOSE_WAIT and not (replies and pair in replies):
            yield Turn(node, "close-too", since, None, _peer(world, pair.remote), "FIN,ACK", pair=pair, optional=True)


def _waits_for_an_answer(host: Host) -> bool:
    """It has asked somebody to open a connection: one thing at a time."""
    return any(host.connections[pair].state is State.SYN_SENT for pair in host.latest)


def _flags(do: Do) -> str:
    return {Do.OPEN: "SYN", Do.SAY: "ACK", Do.CLOSE: "FIN,ACK", Do.PING: "ECHO", Do.TRACE: "UDP"}[do]


def _since(world: World, node: str, debt: Debt) -> int:
    return world.since.get((node, debt), world.at)


def _until(world: World, c: Connection | None, move: Move) -> int | None:
    """When it is too late: our own delayed ACK, or the retransmission timer of the peer who waits for it."""
    if c is not None and c.ack_at is not None and move.kind is Kind.ACK:
        return c.ack_at
    peer = world.rules.by_address.get(move.pair.remote.address)
    if peer is None or move.kind is Kind.RETRANSMISSION:
        return None
    theirs = world.host(peer).connections.get(Pair(move.pair.remote, move.pair.local))
    return None if theirs is None else theirs.retransmit_at


def _peer(world: World, remote: Endpoint) -> str:
    node = world.rules.by_address.get(remote.address)
    if node is not None:
        return world.rules.title(node)
    return str(remote) if remote.port else str(remote.address)  # a ping goes to no port
