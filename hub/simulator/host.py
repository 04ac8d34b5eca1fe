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


@dataclass(frozen=True, slots=True)
class Host:
    """One IP address with what listens there. resets: RSTs that this host owes, oldest first.

    msl_2: twice the maximum segment lifetime, in ms: how long TIME-WAIT lasts.
    """

    address: IPv4Address
    listening: frozenset[int] = frozenset()
    connections: Map[Pair, Connection] = field(default_factory=Map)
    resets: tuple[tuple[Pair, Segment], ...] = ()
    msl_2: int = 60_000

    def receive(self, packet: Packet, now: int) -> tuple[Host, Learned]:
        """A packet reached this host at lesson time `now` (ms)."""
        if packet.dst != self.address:
            return self, Learned(Verdict.DROPPED, "ip.not-for-me")
        s = packet.segment
        pair = Pair(Endpoint(self.address, s.dport), Endpoint(packet.src, s.sport))
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

    def moves(self) -> Iterator[Move]:
        """Everything that this host may send on what it knows of; what it owes first.

        Opening a connection is not listed: it may be opened to anywhere (`moves_on` has it for one pair).
        """
        for pair, reset in self.resets:
            yield moves.for_reset(pair, reset)
        for pair in sorted(self.connections):
            yield from moves.for_connection(self.connections[pair])

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

    def pair_of(self, packet: Packet) -> Pair:
        """The socket pair of a packet that this host sends."""
        s = packet.segment
        return Pair(Endpoint(self.address, s.sport), Endpoint(packet.dst, s.dport))

    def due(self, now: int) -> Host:
        """The host after every timer that ran out by lesson time `now` has fired: 2MSL of TIME-WAIT."""
        host = self
        for pair in sorted(self.connections):
            c = self.connections[pair]
            if c.until is not None and c.until <= now:
                ended = step(c.state, Input.TIMEOUT_2MSL)
                host = host._keep(pair, None if ended is State.CLOSED else replace(c, state=ended))
        return host

    def _emit(self, move: Move, s: Segment) -> Host:
        host = self._keep(move.pair, moves.emit(move, s, self.connections.get(move.pair)))
        if move.kind is moves.Kind.RESET:
            sent = next(owed for owed in host.resets if moves.for_reset(*owed) == move)
            host = replace(host, resets=tuple(owed for owed in host.resets if owed != sent))
        return host

    def _keep(self, pair: Pair, connection: Connection | None) -> Host:
        if connection is not None:
            return replace(self, connections=self.connections.set(pair, connection))
        if pair in self.connections:
            return replace(self, connections=self.connections.delete(pair))
        return self
