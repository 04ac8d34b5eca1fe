"""A host: its addresses, its listeners and connections, and what it owes.

`receive` learns from a packet that came, `transmit` sends what a stack sends by itself, `advance` lets timers fire.
What a person may send instead is in `admission`.
"""

from __future__ import annotations

from ipaddress import IPv4Address

import msgspec
from immutables import Map
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, Protocol
from cards.packet import Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator import arrive, checks, datagrams, icmp_errors, isn, timers, transmit
from hub.simulator.alarms import Alarms
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.emit import emit
from hub.simulator.options import BY_HAND, Options
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict

_MOST_RESETS = 256
"""RSTs that wait to be sent; whoever is flooded need not answer everybody."""
_LATEST = 8
"""Connections that are remembered as the latest."""

ANY = IPv4Address("0.0.0.0")

Local = tuple[IPv4Address | None, int]
"""Where something listens: an address (None: any of the host's) and a port."""


class Listener(msgspec.Struct, frozen=True, gc=False):
    """A passive OPEN. backlog: connections that may wait to be accepted; None: nobody waits, a person takes each one.

    half_open: connections in SYN-RECEIVED. waiting: those that were established and are not yet accepted; one that has
    ended since is still given to its application, which learns from it what happened.
    """

    options: Options
    backlog: int | None = None
    half_open: int = 0
    waiting: tuple[Pair, ...] = ()

    @property
    def full(self) -> bool:
        """No further connection can wait here."""
        return self.backlog is not None and len(self.waiting) > self.backlog

    @property
    def refuses(self) -> bool:
        """A SYN is not even answered: too many wait, or too many are half open."""
        return self.full or (self.backlog is not None and self.half_open > self.backlog)


class Notice(msgspec.Struct, frozen=True, gc=False):
    """A connection ended without a packet. error: what its application is told, by its name in POSIX."""

    pair: Pair
    error: str | None


class Host(msgspec.Struct, frozen=True, gc=False):
    """What one host knows and owes; a value.

    addresses: its own, the one it speaks from first. options: for connections that come to no listener of their own
    options. secret and isn_digits: where its sequence numbers begin (RFC 6528). bound: UDP ports that are open.
    resets: RSTs that this host owes, oldest first. outbox: other packets that it owes. owing: the connections that
    owe something, longest first. busy: those that may have text to send since `transmit` looked last. latest: those
    that changed last, newest first, a few. alarms: the connections' timers.
    """

    addresses: tuple[IPv4Address, ...]
    options: Options = BY_HAND
    secret: str = ""
    isn_digits: int | None = None
    listening: Map[Local, Listener] = msgspec.field(default_factory=Map)
    bound: frozenset[Local] = frozenset()
    connections: Map[Pair, Connection] = msgspec.field(default_factory=Map)
    resets: tuple[tuple[Pair, Segment], ...] = ()
    outbox: tuple[Packet, ...] = ()
    owing: tuple[Pair, ...] = ()
    busy: tuple[Pair, ...] = ()
    latest: tuple[Pair, ...] = ()
    alarms: Alarms[Pair] = Alarms()

    @property
    def address(self) -> IPv4Address:
        """The address that it speaks from."""
        return self.addresses[0]

    @property
    def unbound(self) -> IPv4Address:
        """What it speaks from when nobody has chosen: its only address, or the one of the way out, which its node fills
        in for 0.0.0.0 (RFC 1122 §3.3.4.3).
        """
        return self.address if len(self.addresses) == 1 else ANY

    @property
    def deadline(self) -> int | None:
        """When `advance` may have something to do, in ms; None: never."""
        return self.alarms.next

    def listen(self, port: int, address: IPv4Address | None = None, listener: Listener | None = None) -> Host:
        """A passive OPEN on a port, of one address or of all (RFC 9293 §3.10.1)."""
        return replace(self, listening=self.listening.set((address, port), listener or Listener(self.options)))

    def listener(self, local: Endpoint) -> tuple[Local, Listener] | None:
        """Who listens there: on that very address, else on all."""
        for key in ((local.address, local.port), (None, local.port)):
            if key in self.listening:
                return key, self.listening[key]
        return None

    # What comes

    def receive(self, packet: Packet, now: int) -> tuple[Host, Learned]:
        """A whole packet reached this host at lesson time `now` (ms), or a datagram that is for everybody."""
        body = packet.body
        if packet.dst not in self.addresses:
            return self, datagrams.at_everybody(body, isinstance(body, Datagram) and (None, body.dport) in self.bound)
        if isinstance(body, Segment):
            return self._segment(self.pair_to(packet), body, now)
        if isinstance(body, IcmpError):
            return self._told(body)
        if isinstance(body, Datagram):
            bound = (packet.dst, body.dport) in self.bound or (None, body.dport) in self.bound
            answer, learned = datagrams.at_port(packet, body, bound)
        elif isinstance(body, Echo):
            answer, learned = datagrams.at_echo(packet, body)
        else:
            answer, learned = datagrams.at_unknown(packet)
        return (self if answer is None else replace(self, outbox=(*self.outbox, answer))), learned

    def _segment(self, pair: Pair, s: Segment, now: int) -> tuple[Host, Learned]:
        c = self.connections.get(pair)
        if c is None:
            learned = self._without_connection(pair, s)
        elif c.state is State.SYN_SENT:
            learned = arrive.at_syn_sent(c, s, now)
        elif checks.syn_opens_anew(c, s) and self._takes(pair.local):
            learned = _numbered_beyond(c, self._without_connection(pair, s))
        else:
            learned = arrive.at_connection(c, s, now)
            if c.state is State.SYN_RECEIVED and learned.connection is not None:
                learned = self._admitted_to_backlog(c, s, learned)
        host = self.keep(pair, learned.connection)
        if learned.reset is not None and len(self.resets) < _MOST_RESETS and (pair, learned.reset) not in self.resets:
            host = replace(host, resets=(*host.resets, (pair, learned.reset)))
        return host, learned

    def _takes(self, local: Endpoint) -> bool:
        found = self.listener(local)
        return found is not None and not found[1].refuses

    def _without_connection(self, pair: Pair, s: Segment) -> Learned:
        found = self.listener(pair.local)
        if found is None:
            return arrive.at_closed(s, "tcp.no-listener" if s.ack is None else "tcp.no-connection")
        if found[1].refuses and Flags.SYN in s.flags:
            return Learned(Verdict.DROPPED, "tcp.backlog-full")
        learned = arrive.at_listen(pair, s, found[1].options)
        c = learned.connection
        return learned if c is None else replace(learned, connection=replace(c, came_to=found[0]))

    def _admitted_to_backlog(self, before: Connection, s: Segment, learned: Learned) -> Learned:
        """A connection that becomes established needs a place where it can wait for its application."""
        c, listener = learned.connection, None if before.came_to is None else self.listening.get(before.came_to)
        established = c is not None and c.state is not State.SYN_RECEIVED
        if not established or listener is None or not listener.full:
            return learned
        if before.options.abort_on_overflow:
            return Learned(Verdict.RST, "tcp.backlog-full", reset=arrive.reset_for(s))
        return Learned(Verdict.DROPPED, "tcp.backlog-full", before)

    def _told(self, e: IcmpError) -> tuple[Host, Learned]:
        """An ICMP error: to the connection that it is about, if there is one."""
        ports = e.about.ports
        if e.about.src not in self.addresses:
            return self, Learned(Verdict.DROPPED, "icmp.stray")
        if ports is not None and e.about.protocol == Protocol.TCP:
            pair = Pair(Endpoint(e.about.src, ports[0]), Endpoint(e.about.dst, ports[1]))
            c = self.connections.get(pair)
            if c is not None:
                learned = icmp_errors.at_connection(c, e)
                return self.keep(pair, learned.connection), learned
        return self, datagrams.at_error(e)

    # What goes by itself

    def transmit(self, now: int) -> tuple[Host, tuple[Packet, ...]]:
        """Everything that this host sends at `now` without being asked, in order."""
        if not (self.owing or self.busy or self.resets or self.outbox):
            return self, ()
        packets = [self._packet(pair, reset) for pair, reset in self.resets]
        packets.extend(self.outbox)
        host = replace(self, resets=(), outbox=(), owing=(), busy=())
        for pair in dict.fromkeys((*self.owing, *self.busy)) if self.busy else self.owing:
            before = c = host.connections[pair]
            while (s := transmit.next_segment(c, self.isn(pair, now) if c.iss is None else c.iss)) is not None:
                packets.append(self._packet(pair, s))
                after = emit(c, s, now)
                assert after is not None, "a stack aborts only when it is told to"
                c = after
            if c is not before:
                host = host.keep(pair, c)
            elif c.owes_ack:  # it waits for company
                host = replace(host, owing=(*host.owing, pair))
        return (replace(host, busy=()) if host.busy else host), tuple(packets)

    def advance(self, now: int) -> tuple[Host, tuple[Notice, ...]]:
        """Every timer that was due by `now` (ms) has fired, in order."""
        host, notices = self, []
        while host.deadline is not None and host.deadline <= now:
            rest, when, pair = host.alarms.rung()
            host = replace(host, alarms=rest)
            if pair is None:
                continue
            c = host.connections[pair]
            due = c.deadline is not None and c.deadline <= when
            after, error = timers.fired(c, when) if due else (c, None)
            host = host.keep(pair, after) if due else host._woken_again(pair, c)
            if after is None:
                notices.append(Notice(pair, error))
        return host, tuple(notices)

    def read(self, pair: Pair, unread: int) -> Host:
        """The application has read, `unread` octets are left: the window may open, and they are told (§3.8.6.2.2)."""
        c = self.connections.get(pair)
        if c is None or not checks.window_worth_moving(c, c.options.receive_buffer - unread):
            return self
        told = c.owes_ack or checks.window_worth_telling(c)
        return self.keep(pair, replace(c, rcv_wnd=c.options.receive_buffer - unread, owes_ack=told))

    def abort(self, pair: Pair, unread: bool = False) -> Host:
        """ABORT (RFC 9293 §3.10.5): an RST is owed where the peer could still be there, and the connection is gone.

        unread: octets were never read, and their sender is to know in any state (§3.6.1, SHLD-3).
        """
        c = self.connections.get(pair)
        if c is None:
            return self
        host = self.keep(pair, None)
        if (c.state not in transmit.ABORTABLE and not unread) or c.iss is None:
            return host
        return replace(host, resets=(*host.resets, (pair, transmit.reset(c))))

    # Bookkeeping

    def pair_to(self, packet: Packet) -> Pair:
        """The socket pair of a packet that comes to this host."""
        s = packet.segment
        return Pair(Endpoint(packet.dst, s.dport), Endpoint(packet.src, s.sport))

    def pair_of(self, packet: Packet) -> Pair:
        """The socket pair of a packet that this host sends."""
        s = packet.segment
        return Pair(Endpoint(packet.src, s.sport), Endpoint(packet.dst, s.dport))

    def isn(self, pair: Pair, now: int) -> SeqNum:
        """Where this host begins to count on `pair` at `now` (ms) when it may choose."""
        number = isn.initial(self.secret, pair, now, self.isn_digits)
        c = self.connections.get(pair)
        return number if c is None or c.beyond is None or number > c.beyond else c.beyond + 1

    def keep(self, pair: Pair, c: Connection | None) -> Host:
        """The host with one connection changed; None: there is none (any more)."""
        before = self.connections.get(pair)
        if c is before:
            return self
        host = self if _half_open(before) is _half_open(c) and c is not None else self._counted(pair, before, c)
        if c is None:
            return host._forgotten(pair)
        owes = c.owes_ack or c.owes_syn or c.owes_resend or c.owes_keep_alive
        deadline = c.deadline
        return replace(
            host,
            connections=host.connections.set(pair, c),
            owing=host.owing if (pair in host.owing) is owes else _listed(host.owing, pair, owes),
            busy=host.busy if (pair in host.busy) is c.waiting else _listed(host.busy, pair, c.waiting),
            latest=host.latest if host.latest[:1] == (pair,) else _first(host.latest, pair),
            alarms=host.alarms if deadline is None else host.alarms.no_later_than(pair, deadline),
        )

    def _woken_again(self, pair: Pair, c: Connection) -> Host:
        """It was woken too early: what it waited for has been put off, or is over."""
        deadline = c.deadline
        return self if deadline is None else replace(self, alarms=self.alarms.no_later_than(pair, deadline))

    def _counted(self, pair: Pair, before: Connection | None, c: Connection | None) -> Host:
        """The backlog of its listener keeps up with a connection that came passively."""
        was, now = _half_open(before), _half_open(c)
        key = c.came_to if c is not None else None if before is None else before.came_to
        listener = None if key is None else self.listening.get(key)
        if key is None or listener is None or listener.backlog is None:
            return self
        waiting = (*listener.waiting, pair) if was and not now and c is not None else listener.waiting
        listener = replace(listener, half_open=listener.half_open + now - was, waiting=waiting)
        return replace(self, listening=self.listening.set(key, listener))

    def _forgotten(self, pair: Pair) -> Host:
        if pair not in self.connections:
            return self
        return replace(
            self,
            connections=self.connections.delete(pair),
            owing=_listed(self.owing, pair, False),
            busy=_listed(self.busy, pair, False),
            latest=tuple(each for each in self.latest if each != pair),
            alarms=self.alarms.without(pair),
        )

    def _packet(self, pair: Pair, s: Segment) -> Packet:
        return Packet(pair.local.address, pair.remote.address, s, df=True)


def _numbered_beyond(old: Connection, learned: Learned) -> Learned:
    """A new connection out of TIME-WAIT begins beyond where the old one ended (RFC 9293 §3.6.1, MAY-2)."""
    c = learned.connection
    return learned if c is None else replace(learned, connection=replace(c, beyond=old.snd_nxt))


def _half_open(c: Connection | None) -> bool:
    return c is not None and c.state is State.SYN_RECEIVED


def _listed(pairs: tuple[Pair, ...], pair: Pair, there: bool) -> tuple[Pair, ...]:
    """The list with a pair at its end, or without it."""
    return (*pairs, pair) if there else tuple(each for each in pairs if each != pair)


def _first(pairs: tuple[Pair, ...], pair: Pair) -> tuple[Pair, ...]:
    return (pair, *(each for each in pairs if each != pair))[:_LATEST]
