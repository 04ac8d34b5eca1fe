"""The engine plays: which step a bot takes now, as a card that it would write. The referee judges it like anybody's.

A bot does one thing at a time, in the order of `turns`: it takes the card that is due, answers what it owes, then does
what its application wants. What is chosen, when several answers would do, is what a stack sends (`transmit`).
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.datagram import Datagram, Echo
from cards.packet import DEFAULT_TTL, Flags, Packet, Segment, Written
from hub.simulator import counting, transmit
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.events import Played
from hub.simulator.hop import marked
from hub.simulator.host import Host
from hub.simulator.moves import Kind
from hub.simulator.origin import next_hop
from hub.simulator.rules import Do
from hub.simulator.tasks import PATIENCE, wish
from hub.simulator.turns import Turn, turns
from hub.simulator.world import Instance, World

DECK = "HUB"
"""The deck of the cards that the engine writes; they may exist on no paper."""
_MOST_CARDS = 100_000
_FIRST_PORT = 40_001
TRACE_PORT = 33_434
"""Where traceroute knocks, because nobody listens there."""


def step(world: World, node: str) -> Played | None:
    """What the engine does now for a node; None: nothing, or nothing that it may do by itself.

    At a node with a badge, a station, people bring the cards: it takes none by itself.
    """
    has_badge = any(node in nodes for nodes in world.seats.values())
    for each in turns(world, node):
        if each.code == "wait-cards" or (has_badge and each.card is not None):
            continue
        if each.card is not None:
            return Played(world.at, node, each.card, marked(world, node, world.instances[each.card]))
        written = answer(world, each)
        if written is not None and _can_leave(world, node, written):
            return Played(world.at, node, _card(world), written)
    return None


def _can_leave(world: World, node: str, written: Written) -> bool:
    """There is a way to where a card goes, and the wire is up: else it would be stopped, again and again."""
    hop = None if written.dst is None else next_hop(world, node, written.dst)
    return hop is not None and frozenset((node, hop)) not in world.down


def next_step(world: World) -> Played | None:
    """What the engine does next in the whole room; None: it waits for people, or for time to pass."""
    for node in world.rules.nodes:
        if node.id in world.engines:
            played = step(world, node.id)
            if played is not None:
                return played
    return None


def untaken(world: World, node: str) -> Instance | None:
    """A packet that the engine has sent from a node, and whose paper nobody has carried on yet; None: there is none."""
    for neighbour in world.rules.neighbours(node):
        for card in world.due_at.get(neighbour, ()):
            instance = world.instances[card]
            if not instance.paper and instance.holder == node:
                return instance
    return None


def wakes_at(world: World) -> int | None:
    """When something may happen by itself, in ms: a timer runs out, a slow link lets a card go, or nobody waits for a
    probe's answer any longer; None: never.
    """
    times = [] if world.alarms.next is None else [world.alarms.next]
    for cards in world.due_at.values():
        times += [world.instances[card].not_before for card in cards]
    times += [progress.at + PATIENCE for progress in world.progress.values() if progress.answered < progress.count]
    later = [when for when in times if when > world.at]
    return min(later, default=None)


def answer(world: World, turn: Turn, at_once: bool = False) -> Written | None:
    """The card that does what a turn asks for; None: not now. at_once: even an ACK that may wait for company.

    No form asks for the window: who plays on paper reads at once, and has room.
    """
    packet = _packet(world, turn, at_once)
    if packet is None:
        return None
    written = counting.as_written(world.rules.counting, world.host(turn.node), packet)
    boxes = world.rules.form.ttl
    ttl = boxes if packet.ttl == DEFAULT_TTL and boxes is not None else written.ttl
    return replace(written, ttl=None if ttl == DEFAULT_TTL else ttl, window=None)


def _packet(world: World, turn: Turn, at_once: bool) -> Packet | None:
    host = world.host(turn.node)
    if turn.packet is not None:
        return turn.packet
    if turn.move is not None:
        return _owed(world, host, turn, at_once)
    match turn.code:
        case "open":
            return _opening(world, host, turn.node)
        case "ping" | "trace":
            return _probe(world, host, turn.node)
        case "say" | "close" | "close-too":
            return _on_connection(world, host, turn)
        case _:
            return None


def _owed(world: World, host: Host, turn: Turn, at_once: bool) -> Packet | None:
    move = turn.move
    assert move is not None
    if move.kind is Kind.RESET:
        reset = next(reset for pair, reset in host.resets if pair == move.pair)
        return _from(move.pair, reset)
    c = host.connections[move.pair]
    if at_once and c.ack_at is not None:
        c = replace(c, ack_at=None)
    s = transmit.next_segment(c, host.isn(move.pair, world.at) if c.iss is None else c.iss)
    return None if s is None else _from(move.pair, replace(s, flags=s.flags & ~Flags.PSH, mss=None))


def _opening(world: World, host: Host, node: str) -> Packet | None:
    wanted = wish(world.rules.node(node).tasks, world.progress_of(node), host, world.at)
    if wanted is None:
        return None
    remote = wanted.task.remote
    pair = Pair(Endpoint(world.rules.node(node).address, wanted.task.port or _free_port(host, remote)), remote)
    if pair in host.connections:
        return None  # the port that the lesson wants is still taken
    return _from(pair, Segment(pair.local.port, remote.port, Flags.SYN, host.isn(pair, world.at)))


def _free_port(host: Host, remote: Endpoint) -> int:
    taken = {pair.local.port for pair in host.connections if pair.remote == remote}
    return next(port for port in range(_FIRST_PORT, 65_536) if port not in taken)


def _probe(world: World, host: Host, node: str) -> Packet | None:
    wanted = wish(world.rules.node(node).tasks, world.progress_of(node), host, world.at)
    if wanted is None:
        return None
    to, number = wanted.task.remote.address, wanted.progress.count
    source = world.rules.node(node).address
    if wanted.task.do is Do.PING:
        return Packet(source, to, Echo(False, 1, number + 1))
    port = wanted.task.port or _FIRST_PORT
    return Packet(source, to, Datagram(port, wanted.task.remote.port or TRACE_PORT, b"?"), ttl=number + 1)


def _on_connection(world: World, host: Host, turn: Turn) -> Packet | None:
    c = None if turn.pair is None else host.connections.get(turn.pair)
    if c is None or not c.state.may_send_data:
        return None
    if turn.text:
        size = min(len(turn.text), c.room, c.snd_mss, world.rules.form.payload)
        return None if size == 0 else _from(c.pair, _says(c, Flags.ACK, turn.text[:size]))
    return _from(c.pair, _says(c, Flags.FIN | Flags.ACK, b""))


def _says(c: Connection, flags: Flags, data: bytes) -> Segment:
    return Segment(c.pair.local.port, c.pair.remote.port, flags, c.snd_nxt, c.rcv_nxt, payload=data)


def _from(pair: Pair, s: Segment) -> Packet:
    return Packet(pair.local.address, pair.remote.address, s)


def _card(world: World) -> str:
    """The next card of the engine's deck that nobody has used in this round."""
    numbers = (number % _MOST_CARDS for number in range(world.born + 1, world.born + _MOST_CARDS))
    return next((card for number in numbers if (card := f"{DECK}-{number}") not in world.instances), f"{DECK}-0")
