"""What is inside a node: the connections of a host with their numbers and timers, the table of a router."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator import counting
from hub.simulator.connection import Connection, Pair
from hub.simulator.facts import who
from hub.simulator.host import Host
from hub.simulator.rules import Counting
from hub.simulator.states import State
from hub.simulator.tables import lines
from hub.simulator.tasks import gone_on, wish
from hub.simulator.turns import Turn, turns
from hub.simulator.world import World
from hub.speech import turn_text
from hub.view import StoryLine

MOST_FORWARDS = 8
"""Forwards of a router that are told: its last ones."""


class Number(msgspec.Struct, frozen=True):
    """A sequence number: as this lesson's paper has it, None where players do not count, and as the engine has it."""

    paper: int | None
    engine: int


class Timer(msgspec.Struct, frozen=True):
    """A timer that runs. kind: `retransmission`, `persist`, `delayed-ack`, `time-wait`, `fin-wait-2`, `keep-alive`.

    It was started at `started_ms`, for `for_ms`, and runs out at `due_ms`; all in lesson time.
    """

    kind: str
    started_ms: int
    for_ms: int
    due_ms: int


class Unacknowledged(msgspec.Struct, frozen=True):
    """Something that has gone out and is not acknowledged, from its first number on. what: `SYN`, `data` or `FIN`."""

    what: str
    seq: Number
    length: int
    text: str


class Owed(msgspec.Struct, frozen=True):
    """What this node has to do. code: as in `turns`; text: in a few words; since_ms, until_ms: lesson time.

    optional: nobody waits for it.
    """

    code: str
    text: str
    since_ms: int
    until_ms: int | None
    optional: bool


class ConnectionInside(msgspec.Struct, frozen=True):
    """A connection as this end has it; names as in RFC 9293 §3.3.1, windows in octets. A number is None until it is
    known.

    peer: the node at the other end. unacknowledged: the retransmission queue. waiting: text that has not gone out yet;
    fin_waits: and then a FIN. held: octets that came before their turn. srtt_ms, rto_ms: the variables of RFC 6298.
    retries: how often the same has gone out again without any answer.
    """

    local: str
    remote: str
    peer: str | None
    state: str
    passive: bool
    iss: Number | None
    snd_una: Number | None
    snd_nxt: Number | None
    snd_wnd: int
    irs: Number | None
    rcv_nxt: Number | None
    rcv_wnd: int
    timers: list[Timer]
    owes: list[Owed]
    unacknowledged: list[Unacknowledged]
    waiting: str
    fin_waits: bool
    held: int
    srtt_ms: int | None
    rto_ms: int | None
    retries: int


class Listening(msgspec.Struct, frozen=True):
    """A port where this host takes connections. service: what it is called; None: nobody has named it."""

    port: int
    service: str | None


class TaskInside(msgspec.Struct, frozen=True):
    """What its application wants. state: `done`, `now` (it may be done), `waits` (for something else), `later`.

    count: SYNs, octets or probes that have gone out.
    """

    do: str
    remote: str
    peer: str
    text: str
    state: str
    count: int


class HostInside(msgspec.Struct, frozen=True, tag_field="kind", tag="host"):
    """A host at lesson time `at_ms`. connections: those that changed last come first. owes: on no connection.

    counters: cards of this round that were sent here, and that ended their way here, by what became of them.
    """

    node: str
    at_ms: int
    connections: list[ConnectionInside]
    listening: list[Listening]
    tasks: list[TaskInside]
    owes: list[Owed]
    counters: dict[str, int]


class Route(msgspec.Struct, frozen=True):
    """A line of a table, as one may edit it: a network, and the node that comes next, or `link`."""

    prefix: str
    via: str


class Forwarded(msgspec.Struct, frozen=True):
    """A packet that a router has sent on."""

    event: int
    at_ms: int
    card: str | None
    text: str
    came_from: str | None
    goes_to: str | None


class RouterInside(msgspec.Struct, frozen=True, tag_field="kind", tag="router"):
    """A router at lesson time `at_ms`. networks: of its own wires, which need no line. due: cards it has to forward."""

    node: str
    at_ms: int
    networks: list[str]
    table: list[Route]
    forwards: list[Forwarded]
    owes: list[Owed]
    due: list[str]


def connections(world: World, node: str) -> HostInside:
    """The inside of a host. Raises KeyError when there is no such node."""
    host = world.host(node)
    owed: dict[Pair | None, list[Owed]] = {}
    for each in turns(world, node):
        owed.setdefault(each.pair, []).append(_owed(world, each))
    last = {pair: place for place, pair in enumerate(host.latest)}
    pairs = sorted(host.connections, key=lambda pair: (last.get(pair, len(last)), pair))
    services = dict(world.rules.node(node).services)
    return HostInside(
        node=node,
        at_ms=world.at,
        connections=[_connection(world, host, pair, owed.get(pair, [])) for pair in pairs],
        listening=[Listening(port, services.get(port)) for _, port in sorted(host.listening, key=lambda each: each[1])],
        tasks=list(_tasks(world, node)),
        owes=[each for pair, owes in owed.items() if pair not in host.connections for each in owes],
        counters=_counters(world, node),
    )


def router(world: World, node: str, story: Iterable[StoryLine] = ()) -> RouterInside:
    """The inside of a router. story: what was said lately, oldest first. Raises KeyError when there is no such node."""
    at = world.nodes[node]
    routes = [Route(prefix, via) for prefix, via in lines(at.table, world.rules.by_address)]
    forwards = [
        Forwarded(
            line.event,
            line.at_ms,
            line.card,
            "" if line.packet is None or line.packet.text is None else line.packet.text,
            line.came_from,
            line.goes_to,
        )
        for line in story
        if line.node == node and line.verdict.value == "forwarded"
    ]
    return RouterInside(
        node=node,
        at_ms=world.at,
        networks=[str(address.network) for interface in at.interfaces for address in interface.addresses],
        table=routes,
        forwards=forwards[-MOST_FORWARDS:],
        owes=[_owed(world, each) for each in turns(world, node)],
        due=list(world.due_at.get(node, ())),
    )


def _connection(world: World, host: Host, pair: Pair, owes: list[Owed]) -> ConnectionInside:
    c = host.connections[pair]
    by = world.rules.counting

    def ours(number: SeqNum, flags: Flags = Flags.ACK) -> Number:
        s = Segment(pair.local.port, pair.remote.port, flags, number, c.rcv_nxt if Flags.ACK in flags else None)
        return _number(counting.to_paper(by, host, pair, s)[0], number)

    def theirs(number: SeqNum) -> Number:
        s = Segment(pair.local.port, pair.remote.port, Flags.ACK, c.snd_nxt, number)
        return _number(counting.to_paper(by, host, pair, s)[1], number)

    measured = c.options.rto_initial is not None
    return ConnectionInside(
        local=str(pair.local),
        remote=str(pair.remote),
        peer=world.rules.by_address.get(pair.remote.address),
        state=c.state.value,
        passive=c.passive,
        iss=None if c.iss is None else ours(c.iss, Flags.SYN),
        snd_una=None if c.iss is None else ours(c.snd_una, Flags.ACK if c.syn_acked else Flags.SYN),
        snd_nxt=None if c.iss is None else ours(c.snd_nxt),
        snd_wnd=c.snd_wnd,
        irs=None if c.irs is None else _number(0 if by is Counting.BYTES else theirs(c.irs).paper, c.irs),
        rcv_nxt=None if c.irs is None else theirs(c.rcv_nxt),
        rcv_wnd=c.rcv_wnd,
        timers=list(_timers(c)),
        owes=owes,
        unacknowledged=[
            Unacknowledged(what, ours(seq, Flags.SYN if what == "SYN" else Flags.ACK), length, text)
            for what, seq, length, text in _queue(c)
        ],
        waiting=c.text[c.sent :].decode("latin-1"),
        fin_waits=c.fin and not c.fin_sent,
        held=sum(len(piece.octets) for piece in c.held),
        srtt_ms=None if c.rto.srtt is None else round(c.rto.srtt),
        rto_ms=round(c.rto.rto) if measured else None,
        retries=c.retries,
    )


def _number(paper: SeqNum | int | None, engine: SeqNum) -> Number:
    return Number(paper.value if isinstance(paper, SeqNum) else paper, engine.value)


def _timers(c: Connection) -> Iterator[Timer]:
    """The timers that run, with when they were started: a timer is never changed while it runs (RFC 6298 §5.1)."""
    options = c.options
    if c.retransmit_at is not None:
        kind = "retransmission" if c.outstanding else "persist"
        yield _timer(kind, c.retransmit_at, round(c.rto.rto))
    if c.ack_at is not None:
        yield _timer("delayed-ack", c.ack_at, options.delayed_ack)
    if c.until is not None and c.state is State.TIME_WAIT:
        yield _timer("time-wait", c.until, options.msl_2)
    elif c.until is not None:
        yield _timer("fin-wait-2", c.until, options.fin_wait_2 or 0)
    if c.keep_alive_at is not None and options.keep_alive is not None:
        asked = c.unanswered > 0
        yield _timer("keep-alive", c.keep_alive_at, options.keep_alive.interval if asked else options.keep_alive.idle)


def _timer(kind: str, due: int, length: int) -> Timer:
    return Timer(kind, due - length, length, due)


def _queue(c: Connection) -> Iterator[tuple[str, SeqNum, int, str]]:
    """What has gone out and is not acknowledged, in the order of its numbers."""
    if c.iss is None:
        return
    if not c.syn_acked and c.outstanding:
        yield "SYN", c.iss, 1, ""
    if c.sent:
        yield "data", c.first, c.sent, c.text[: c.sent].decode("latin-1")
    if c.fin_sent and c.snd_una != c.snd_nxt:
        yield "FIN", c.snd_nxt + -1, 1, ""


def _owed(world: World, turn: Turn) -> Owed:
    return Owed(turn.code, turn_text(world.rules, turn), turn.since, turn.until, turn.optional)


def _tasks(world: World, node: str) -> Iterator[TaskInside]:
    tasks = world.rules.node(node).tasks
    host = world.host(node)
    progress = gone_on(tasks, world.progress_of(node), host, world.at)
    wanted = wish(tasks, progress, host, world.at)
    for number, task in enumerate(tasks):
        if number not in progress.left:
            state = "done"
        elif number != progress.left[0]:
            state = "later"
        else:
            state = "waits" if wanted is None else "now"
        count = progress.count if progress.left[:1] == (number,) else 0
        peer = who(world.rules, task.remote.address)
        yield TaskInside(task.do.value, str(task.remote), peer, task.text.decode("latin-1"), state, count)


def _counters(world: World, node: str) -> dict[str, int]:
    """Packets of this round: `sent` by this node, and those that ended their way here, by what became of them."""
    counts: Counter[str] = Counter()
    for instance in world.instances.values():
        if instance.path[0] == node:
            counts["sent"] += 1
        elif instance.due is None and instance.holder == node and not instance.lost:
            counts[instance.last.verdict.value] += 1
    return dict(sorted(counts.items()))
