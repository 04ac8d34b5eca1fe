"""Why a segment may not be sent: compared field by field with the nearest one that may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cards.packet import Flags, Packet, Written
from hub.simulator import admission, checks, moves
from hub.simulator.host import Host
from hub.simulator.moves import Kind, Move
from hub.simulator.states import State


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as it should be. weight: how far off, for finding the nearest move."""

    reason: str
    weight: int
    written: str
    should: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason code and what its sentence mentions."""

    reason: str
    params: dict[str, str]


_GOODBYES = {Kind.ABORT: Flags.RST, Kind.FIN: Flags.FIN}


def explain(host: Host, packet: Packet, written: Written) -> Explanation:
    """Why `host` may not send `packet`; to be asked only when `admission.admit` has said so.

    written: what stands on the paper: numbers that nobody wrote are not held against it.
    """
    s = packet.segment
    pair = host.pair_of(packet)
    if not checks.flags_possible(s.flags):
        return Explanation("tcp.flags-impossible", {"written": str(s.flags)})
    connection = host.connections.get(pair)
    if connection is not None and connection.state is State.SYN_SENT and Flags.ACK in s.flags:
        return Explanation("tcp.unanswered", {"peer": str(pair.remote)})
    move, differences = _nearest(host, packet, written)
    first = differences[0]
    params = {"peer": str(move.pair.remote), "written": first.written, "should": first.should}
    if move.kind is Kind.OPEN:
        return Explanation(_why_not_open(s.flags, bool(s.payload)), params)
    if first.reason == "tcp.flags-mismatch":
        return Explanation(_which_flag(s.flags, move.flags), params)
    return Explanation(first.reason, params)


def _nearest(host: Host, packet: Packet, written: Written) -> tuple[Move, tuple[Difference, ...]]:
    """The move with the least differences; of equals the one that is owed, then the one that comes first.

    Nobody who did not write RST is told to break a connection off, nobody who did not write FIN to end it.
    """
    pair = host.pair_of(packet)
    unasked = [kind for kind, flag in _GOODBYES.items() if flag not in packet.segment.flags]
    candidates = [move for move in admission.likely(host, pair) if move.kind not in unasked]
    if pair not in host.connections:
        candidates += moves.for_closed(pair)
    compared = [(move, tuple(_differences(move, packet, written))) for move in candidates]
    compared = [(move, differences) for move, differences in compared if differences]
    if not compared:
        return moves.Move(Kind.OPEN, pair, Flags.SYN), (
            Difference("tcp.not-open", 0, str(packet.segment.flags), "SYN"),
        )
    return min(compared, key=lambda each: (sum(d.weight for d in each[1]), not each[0].owed))


def _differences(move: Move, packet: Packet, written: Written) -> Iterator[Difference]:
    """What differs between a packet and a move, in the order in which one reads a card."""
    s, pair = packet.segment, move.pair
    if packet.dst != pair.remote.address:
        yield Difference("ip.wrong-address", 2, str(packet.dst), str(pair.remote.address))
    if s.sport != pair.local.port:
        yield Difference("tcp.wrong-source-port", 2, str(s.sport), str(pair.local.port))
    if s.dport != pair.remote.port:
        yield Difference("tcp.wrong-port", 2, str(s.dport), str(pair.remote.port))
    wrong_bits = (s.flags ^ move.flags) & ~moves.NOT_COMPARED
    if wrong_bits:
        yield Difference("tcp.flags-mismatch", 3 * len(wrong_bits.names), str(s.flags), str(move.flags))
    if written.seq is not None and move.seq is not None and not moves.seq_fits(move, s):
        yield Difference("tcp.seq-mismatch", 2, str(s.seq), str(moves.seq_wanted(move, s)))
    if written.ack is not None and move.ack is not None and s.ack is not None and not moves.ack_fits(move, s.ack):
        yield Difference("tcp.ack-mismatch", 2, str(s.ack), str(move.ack))
    if len(s.payload) < move.least:
        yield Difference("tcp.data-missing", 2, "0", str(move.least))
    if len(s.payload) > move.most:
        # Whoever writes data wants to send data: that it is too much comes before that it is there at all.
        reason, weight = ("tcp.window-exceeded", 2) if move.kind is Kind.DATA else ("tcp.data-unexpected", 3)
        yield Difference(reason, weight, str(len(s.payload)), str(move.most))
    elif moves.seq_fits(move, s) and not moves.repeats(move, s):
        yield Difference("tcp.retransmission-differs", 2, str(len(s.payload)), str(move.most))


def _why_not_open(written: Flags, with_data: bool) -> str:
    """The nearest thing would have been a first SYN."""
    if Flags.RST in written:
        return "tcp.rst-unowed"
    if Flags.ACK in written:
        return "tcp.too-early"
    if Flags.SYN in written and with_data:
        return "tcp.data-in-syn"
    return "tcp.not-open"


def _which_flag(written: Flags, should: Flags) -> str:
    """The flags differ: the mistakes that have a name of their own."""
    if Flags.RST in written and Flags.RST not in should:
        return "tcp.rst-unowed"
    if Flags.SYN in written and Flags.SYN not in should:
        return "tcp.syn-on-open"
    if Flags.ACK in should and Flags.ACK not in written:
        return "tcp.ack-flag-missing"
    return "tcp.flags-mismatch"
