"""What may be sent: every segment that is admissible for one end now.

A `Move` is a template: what the RFC fixes is filled in, what the sender chooses (initial sequence number, payload,
segment size, PSH) is left open. A person's paper is compared with all of them, and the one that fits is emitted; what
an engine sends by itself (`transmit`) is always one of them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from cards.packet import Flags, Segment
from cards.payload import Ink, octets
from cards.seqnum import SeqNum
from hub.simulator.connection import Connection, Pair
from hub.simulator.states import State
from hub.simulator.transmit import ABORTABLE, MAY_SEND_TEXT, acceptable_seq


class Kind(enum.Enum):
    """Why one sends this segment."""

    OPEN = "open"
    SYN_ACK = "syn-ack"
    ACK = "ack"
    DATA = "data"
    FIN = "fin"
    RETRANSMISSION = "retransmission"
    RESET = "reset"
    ABORT = "abort"


class Move(msgspec.Struct, frozen=True, gc=False):
    """A segment that may go out on `pair`.

    seq None: the sender chooses it (an initial sequence number). ack None: no ACK flag; older: those that are
    admissible too (the paper may have been written before the last packet came); behind: from there on all of them are.
    least and most: octets of payload. owed: the RFC wants it now; otherwise it is the application's choice. stream:
    what went out from `seq` on: a retransmission repeats any part of it.
    """

    kind: Kind
    pair: Pair
    flags: Flags
    seq: SeqNum | None = None
    ack: SeqNum | None = None
    older: tuple[SeqNum, ...] = ()
    behind: SeqNum | None = None
    least: int = 0
    most: int = 0
    owed: bool = False
    stream: bytes | None = None


NOT_COMPARED = Flags.PSH | Flags.URG
"""What any segment may carry or not: it makes no difference to which move it is."""


def for_closed(pair: Pair) -> Iterator[Move]:
    """No connection on this pair: its application may open one (RFC 9293 §3.10.1)."""
    yield Move(Kind.OPEN, pair, Flags.SYN)


def for_reset(pair: Pair, reset: Segment) -> Move:
    """An RST that answers a segment of no connection (§3.10.7.1): nothing in it is free."""
    return Move(Kind.RESET, pair, reset.flags, reset.seq, reset.ack, owed=True)


def for_connection(c: Connection) -> Iterator[Move]:
    """What this end may send, what it owes first."""
    if c.owes_syn and c.irs is not None:
        yield Move(Kind.SYN_ACK, c.pair, Flags.SYN | Flags.ACK, c.iss, c.rcv_nxt, owed=True)
    elif c.owes_syn:
        yield Move(Kind.OPEN, c.pair, Flags.SYN, c.iss, owed=True)
    if c.state.synchronized or (c.state is State.SYN_RECEIVED and c.iss is not None and c.owes_ack):
        owed = c.owes_ack and not c.owes_syn
        yield Move(Kind.ACK, c.pair, Flags.ACK, c.snd_nxt, c.rcv_nxt, c.passed, owed=owed)
        if acceptable_seq(c) != c.snd_nxt:
            yield Move(Kind.ACK, c.pair, Flags.ACK, acceptable_seq(c), c.rcv_nxt, c.passed, owed=owed)
    older = c.passed if c.acked is None else (c.acked, *c.passed)
    if c.state.may_send_data:
        most = min(c.room or _probe(c), c.snd_mss)
        yield Move(Kind.DATA, c.pair, Flags.ACK, c.snd_nxt, c.rcv_nxt, older, least=1, most=most)
    if (c.state.may_send_data or (c.state is State.SYN_RECEIVED and c.iss is not None)) and not c.fin:
        yield Move(
            Kind.FIN,
            c.pair,
            Flags.FIN | Flags.ACK,
            c.snd_nxt,
            c.rcv_nxt,
            older,
            most=min(max(0, c.room - 1), c.snd_mss),
        )
    if c.fin and not c.fin_sent and c.state in MAY_SEND_TEXT:
        yield from _closing(c, older)
    if c.iss is not None and c.outstanding:
        yield from _again(c)
    if c.state in ABORTABLE and c.iss is not None:
        yield Move(Kind.ABORT, c.pair, Flags.RST, c.snd_nxt)
        yield Move(Kind.ABORT, c.pair, Flags.RST | Flags.ACK, c.snd_nxt, c.rcv_nxt, older)


def _closing(c: Connection, older: tuple[SeqNum, ...]) -> Iterator[Move]:
    """CLOSE was called, and what was given before goes first: its text, and the FIN with the last of it; with what has
    gone already and is not acknowledged, if one likes.
    """
    most = min(c.sent + (c.room or _probe(c)), c.snd_mss)
    if c.text:
        yield Move(Kind.DATA, c.pair, Flags.ACK, c.first, c.rcv_nxt, older, least=1, most=most, stream=c.text)
    yield Move(Kind.FIN, c.pair, Flags.FIN | Flags.ACK, c.first, c.rcv_nxt, older, most=most, stream=c.text)


def _again(c: Connection) -> Iterator[Move]:
    """A retransmission repeats octets between SND.UNA and SND.NXT, in pieces of any size (RFC 9293 §3.8.1), and takes
    text along that waits, when there is room.

    It may acknowledge as little as it did the first time: no paper need be written anew.
    """
    kind, pair, owed = Kind.RETRANSMISSION, c.pair, c.owes_resend
    if not c.syn_acked:
        if c.irs is None or not c.passive:
            yield Move(kind, pair, Flags.SYN, c.iss, owed=owed)
        if c.irs is not None and not c.owes_syn:
            yield Move(kind, pair, Flags.SYN | Flags.ACK, c.iss, c.rcv_nxt, owed=owed)
    if c.irs is None:
        return
    first_ack, most = c.irs + 1, min(len(c.text), c.sent + c.room, c.snd_mss)
    if c.sent:
        yield Move(
            kind, pair, Flags.ACK, c.first, c.rcv_nxt, (), first_ack, least=1, most=most, owed=owed, stream=c.text
        )
    if c.fin_sent:
        flags = Flags.FIN | Flags.ACK
        yield Move(kind, pair, flags, c.first, c.rcv_nxt, (), first_ack, most=most, owed=owed, stream=c.text)


def _probe(c: Connection) -> int:
    """Into a window that is shut one sends a single octet, to learn when it opens (RFC 9293 §3.8.6.1)."""
    return int(c.snd_wnd == 0 and c.outstanding == 0)


def fits(move: Move, s: Segment) -> bool:
    """Whether a segment is this move, with what is free chosen by its sender."""
    return (
        (s.flags & ~NOT_COMPARED) == (move.flags & ~NOT_COMPARED)
        and seq_fits(move, s)
        and ack_fits(move, s.ack)
        and move.least <= len(s.payload) - early(move, s) <= move.most
        and repeats(move, s)
    )


def seq_fits(move: Move, s: Segment) -> bool:
    """Whether a sequence number is this move's: a retransmission may begin anywhere in what it repeats, or before it,
    with octets that have been acknowledged since.
    """
    if move.seq is None or s.seq == move.seq:
        return True
    if move.stream is None:
        return False
    return move.seq < s.seq <= move.seq + len(move.stream) or 0 < early(move, s) < len(s.payload)


def early(move: Move, s: Segment) -> int:
    """Octets of a retransmission that have been acknowledged since it went out first."""
    return max(0, move.seq - s.seq) if move.kind is Kind.RETRANSMISSION and move.seq is not None else 0


def seq_wanted(move: Move, s: Segment) -> SeqNum | None:
    """The number that a segment of this length has as this move: a FIN comes after the last octet."""
    if move.seq is None or move.stream is None or Flags.FIN not in s.flags:
        return move.seq
    return move.seq + max(0, len(move.stream) - len(s.payload))


def ack_fits(move: Move, ack: SeqNum | None) -> bool:
    """Whether an acknowledgement number is this move's: the newest, or one that is only behind."""
    if ack is None or move.ack is None or ack == move.ack:
        return ack == move.ack
    return ack in move.older or (move.behind is not None and move.behind <= ack < move.ack)


def repeats(move: Move, s: Segment) -> bool:
    """Whether a retransmission says again what was said; a FIN again comes after the last octet."""
    if move.stream is None or move.seq is None:
        return True
    begin, known = max(0, s.seq - move.seq), early(move, s)
    end = begin + len(s.payload) - known
    if Flags.FIN in s.flags and end != len(move.stream):
        return False
    if isinstance(s.payload, Ink):
        return end <= len(move.stream)
    return move.stream[begin:end] == octets(s.payload)[known:]
