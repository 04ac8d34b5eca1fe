"""What a person at a host may send, owes, and may have meant: the host's side of `moves`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from cards.packet import Packet, Segment
from hub.simulator import moves
from hub.simulator.connection import Pair
from hub.simulator.emit import emit, opened
from hub.simulator.host import Host
from hub.simulator.moves import Kind, Move


def owed(host: Host) -> Iterator[Move]:
    """What a host must send now, what it has owed longest first."""
    for pair, reset in host.resets:
        yield moves.for_reset(pair, reset)
    for pair in host.owing:
        yield from (move for move in moves.for_connection(host.connections[pair]) if move.owed)


def moves_on(host: Host, pair: Pair) -> Iterator[Move]:
    """Everything that a host may send on one pair."""
    for owed_pair, reset in host.resets:
        if owed_pair == pair:
            yield moves.for_reset(pair, reset)
    connection = host.connections.get(pair)
    if connection is None:
        yield from moves.for_closed(pair)
    else:
        yield from moves.for_connection(connection)


def likely(host: Host, pair: Pair) -> Iterator[Move]:
    """What somebody may have meant to send who wrote `pair`: what is owed, and what may be sent on that pair and on
    those that changed last.
    """
    for owed_pair, reset in host.resets:
        yield moves.for_reset(owed_pair, reset)
    for each in dict.fromkeys((*host.owing, pair, *host.latest)):
        if each in host.connections:
            yield from moves.for_connection(host.connections[each])


def admit(host: Host, packet: Packet, now: int) -> tuple[Host, Move] | None:
    """The host after sending `packet` at `now` (ms), and the move that it was; None when it may not send it.

    What is not TCP is not judged yet.
    """
    if not isinstance(packet.body, Segment):
        return None
    pair = host.pair_of(packet)
    for move in moves_on(host, pair):
        if moves.fits(move, packet.segment):
            return _emitted(host, move, packet.segment, now), move
    return None


def _emitted(host: Host, move: Move, s: Segment, now: int) -> Host:
    if move.kind is Kind.RESET:
        sent = next(owed for owed in host.resets if moves.for_reset(*owed) == move)
        return replace(host, resets=tuple(owed for owed in host.resets if owed != sent))
    c = host.connections.get(move.pair) or opened(move.pair, host.options)
    return host.keep(move.pair, emit(c, s, now))
