"""EMIT: every segment that an end may send now, and what sending it does.

A `Move` is a template: what the RFC fixes is filled in, what the sender chooses (initial sequence number, payload,
segment size, PSH) is left open. A bot takes the first move that it owes; a person's paper is compared with all of
them, and the one that fits is taken.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator.connection import Connection, Pair
from hub.simulator.states import Input, State, step


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


@dataclass(frozen=True, slots=True)
class Move:
    """A segment that may go out on `pair`.

    seq None: the sender chooses it (an initial sequence number). ack None: no ACK flag; behind: an older ack that is
    admissible too, and all between (the paper may have been written before the last packet came). least and most:
    octets of payload. owed: the RFC wants it now; otherwise it is the application's choice. exactly: what a
    retransmission repeats.
    """

    kind: Kind
    pair: Pair
    flags: Flags
    seq: SeqNum | None = None
    ack: SeqNum | None = None
    behind: SeqNum | None = None
    least: int = 0
    most: int = 0
    owed: bool = False
    exactly: Segment | None = None


NOT_COMPARED = Flags.PSH | Flags.URG
"""What any segment may carry or not: it makes no difference to which move it is."""
_ABORTABLE = (State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT)
"""Where ABORT sends an RST; in the other states it just forgets the connection (RFC 9293 §3.10.5)."""


def for_closed(pair: Pair) -> Iterator[Move]:
    """No connection on this pair: its application may open one (RFC 9293 §3.10.1)."""
    yield Move(Kind.OPEN, pair, Flags.SYN)


def for_reset(pair: Pair, reset: Segment) -> Move:
    """An RST that answers a segment of no connection (§3.10.7.1): nothing in it is free."""
    return Move(Kind.RESET, pair, reset.flags, reset.seq, reset.ack, owed=True)


def for_connection(c: Connection) -> Iterator[Move]:
    """What this end may send, what it owes first."""
    if c.owes_syn:
        yield Move(Kind.SYN_ACK, c.pair, Flags.SYN | Flags.ACK, c.iss, c.rcv_nxt, owed=True)
    if c.state.synchronized or (c.state is State.SYN_RECEIVED and c.iss is not None and c.owes_ack):
        newly = None if c.acked is None or c.acked == c.rcv_nxt else c.acked + 1
        yield Move(Kind.ACK, c.pair, Flags.ACK, c.snd_nxt, c.rcv_nxt, newly, owed=c.owes_ack and not c.owes_syn)
    if c.state.may_send_data:
        yield Move(Kind.DATA, c.pair, Flags.ACK, c.snd_nxt, c.rcv_nxt, c.acked, least=1, most=c.room or _probe(c))
    if c.state.may_send_data or (c.state is State.SYN_RECEIVED and c.iss is not None):
        yield Move(Kind.FIN, c.pair, Flags.FIN | Flags.ACK, c.snd_nxt, c.rcv_nxt, c.acked, most=c.room)
    for sent in c.unacked:
        ack = None if sent.ack is None else c.rcv_nxt
        size = len(sent.payload)
        yield Move(Kind.RETRANSMISSION, c.pair, sent.flags, sent.seq, ack, sent.ack, size, size, exactly=sent)
    if c.state in _ABORTABLE and c.iss is not None:
        yield Move(Kind.ABORT, c.pair, Flags.RST, c.snd_nxt)
        yield Move(Kind.ABORT, c.pair, Flags.RST | Flags.ACK, c.snd_nxt, c.rcv_nxt, c.acked)


def _probe(c: Connection) -> int:
    """Into a window that is shut one sends a single octet, to learn when it opens (RFC 9293 §3.8.6.1)."""
    return int(c.snd_wnd == 0 and c.snd_una == c.snd_nxt)


def fits(move: Move, s: Segment) -> bool:
    """Whether a segment is this move, with what is free chosen by its sender."""
    return (
        (s.flags & ~NOT_COMPARED) == (move.flags & ~NOT_COMPARED)
        and (move.seq is None or s.seq == move.seq)
        and ack_fits(move, s.ack)
        and move.least <= len(s.payload) <= move.most
        and (move.exactly is None or s.payload == move.exactly.payload)
    )


def ack_fits(move: Move, ack: SeqNum | None) -> bool:
    """Whether an acknowledgement number is this move's: the newest, or one that is only behind."""
    if ack is None or move.ack is None or move.behind is None:
        return ack == move.ack
    return move.behind <= ack <= move.ack


def emit(move: Move, s: Segment, c: Connection | None) -> Connection | None:
    """The connection after `s`, which fits `move`, has gone out; None when there is none (any more)."""
    if move.kind is Kind.OPEN:
        state = step(State.CLOSED, Input.SEND_SYN)
        return Connection(move.pair, state, iss=s.seq, snd_una=s.seq, snd_nxt=s.seq + 1, unacked=(s,))
    if move.kind in (Kind.RESET, Kind.ABORT) or c is None:
        return c if move.kind is Kind.RESET else None
    if move.kind is Kind.SYN_ACK and c.iss is None:
        c = replace(c, iss=s.seq, snd_una=s.seq, snd_nxt=s.seq)
    if s.ack is not None:
        newest = s.ack if c.acked is None or c.acked < s.ack else c.acked
        c = replace(c, acked=newest, owes_ack=c.owes_ack and s.ack != c.rcv_nxt)
    beyond = s.seq + s.length
    if c.snd_nxt < beyond:
        c = replace(c, snd_nxt=beyond, unacked=(*c.unacked, s))
    if move.kind is Kind.FIN:
        c = replace(c, state=step(c.state, Input.SEND_FIN))
    return c
