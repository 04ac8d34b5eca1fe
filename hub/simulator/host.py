"""A host's TCP/IP endpoint: its listeners, its connections, and the resets that it owes.

`receive` learns from a packet that came; `admit` lets a packet go out when some move of this host is exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from immutables import Map

from cards.packet import Packet, Segment
from hub.simulator import arrive, moves
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.moves import Move
from hub.simulator.states import Input, State, step
from hub.simulator.verdicts import Verdict

_LATEST = 8
"""Connections that are remembered as the latest."""


@dataclass(frozen=True, slots=True)
class Host:
    """One IP address with what listens there.

    resets: RSTs that this host owes, oldest first. owing: the connections that owe something, longest first. latest:
    those that changed last, newest first, a few. msl_2: twice the maximum segment lifetime, in ms: how long
    TIME-WAIT lasts.
    """

    address: IPv4Address
    listening: frozenset[int] = frozenset()
    connections: Map[Pair, Connection] = field(default_factory=Map)
    resets: tuple[tuple[Pair, Segment], ...] = ()
    owing: tuple[Pair, ...] = ()
    latest: tuple[Pair, ...] = ()
    msl_2: int = 60_000

    def receive(self, packet: Packet, now: int) -> tuple[Host, Learned]:
        """A packet reached this host at lesson time `now` (ms)."""
        if packet.dst != self.address:
            return self, Learned(Verdict.DROPPED, "ip.not-for-me")
        s = packet.segment
        pair = self.pair_to(packet)
        connection = self.connections.get(pair)
        if connection is not None:
            learned = arrive.at_connection(connection, s, now, self.msl_2)
        elif s.dport in self.listening:
            learned = arrive.at_listen(pair, s)
        else:
            learned = arrive.at_closed(s, "tcp.no-listener" if s.ack is None else "tcp.no-connection")
        host = self._keep(pair, learned.connection)
        if learned.reset is not None and (pair, learned.reset) not in self.resets:
            host = replace(host, resets=(*host.resets, (pair, learned.reset)))
        return host, learned

    def owed(self) -> Iterator[Move]:
        """What this host must send now, what it has owed longest first."""
        for pair, reset in self.resets:
            yield moves.for_reset(pair, reset)
        for pair in self.owing:
            yield from (move for move in moves.for_connection(self.connections[pair]) if move.owed)

    def likely(self, pair: Pair) -> Iterator[Move]:
        """What somebody may have meant to send who wrote `pair`: what is owed, and what may be sent on that pair and
        on those that changed last.
        """
        for owed_pair, reset in self.resets:
            yield moves.for_reset(owed_pair, reset)
        for each in dict.fromkeys((*self.owing, pair, *self.latest)):
            if each in self.connections:
                yield from moves.for_connection(self.connections[each])

    def moves_on(self, pair: Pair) -> Iterator[Move]:
        """Everything that this host may send on one pair."""
        for owed_pair, reset in self.resets:
            if owed_pair == pair:
                yield moves.for_reset(pair, reset)
        connection = self.connections.get(pair)
        if connection is None:
            yield from moves.for_closed(pair)
        else:
            yield from moves.for_connection(connection)

    def admit(self, packet: Packet) -> tuple[Host, Move] | None:
        """The host after sending `packet`, and the move that it was; None when no move of this host is that packet."""
        pair = self.pair_of(packet)
        for move in self.moves_on(pair):
            if moves.fits(move, packet.segment):
                return self._emit(move, packet.segment), move
        return None

    def pair_to(self, packet: Packet) -> Pair:
        """The socket pair of a packet that comes to this host."""
        s = packet.segment
        return Pair(Endpoint(self.address, s.dport), Endpoint(packet.src, s.sport))

    def pair_of(self, packet: Packet) -> Pair:
        """The socket pair of a packet that this host sends."""
        s = packet.segment
        return Pair(Endpoint(self.address, s.sport), Endpoint(packet.dst, s.dport))

    def due(self, pair: Pair, now: int) -> Host:
        """The host after 2MSL of TIME-WAIT of one connection has run out, if it has by lesson time `now` (ms)."""
        c = self.connections.get(pair)
        if c is None or c.until is None or c.until > now:
            return self
        ended = step(c.state, Input.TIMEOUT_2MSL)
        return self._keep(pair, None if ended is State.CLOSED else replace(c, state=ended))

    def _emit(self, move: Move, s: Segment) -> Host:
        host = self._keep(move.pair, moves.emit(move, s, self.connections.get(move.pair)))
        if move.kind is moves.Kind.RESET:
            sent = next(owed for owed in host.resets if moves.for_reset(*owed) == move)
            host = replace(host, resets=tuple(owed for owed in host.resets if owed != sent))
        return host

    def _keep(self, pair: Pair, connection: Connection | None) -> Host:
        if connection is None:
            if pair not in self.connections:
                return self
            others = tuple(each for each in self.owing if each != pair)
            latest = tuple(each for each in self.latest if each != pair)
            return replace(self, connections=self.connections.delete(pair), owing=others, latest=latest)
        owing = self.owing
        if connection.owes and pair not in owing:
            owing = (*owing, pair)
        elif not connection.owes and pair in owing:
            owing = tuple(each for each in owing if each != pair)
        latest = (pair, *(each for each in self.latest if each != pair))[:_LATEST]
        return replace(self, connections=self.connections.set(pair, connection), owing=owing, latest=latest)
