"""Sequence numbers as people count them, and as TCP does.

A card is translated once, at its origin, with what that node has sent and received; instances hold engine numbers. As
RFC 9293 counts, paper and engine agree. Counting bytes (the game's rule), both ends begin with 0 and only data counts:
the first octet of data is number 0, and whoever has received 17 bytes acknowledges 17.
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment, Written
from cards.seqnum import SeqNum
from hub.simulator.connection import Connection, Pair
from hub.simulator.host import Host
from hub.simulator.rules import Counting
from hub.simulator.states import State

_FIN_CAME = frozenset((State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT))
_FIN_WENT = frozenset((State.FIN_WAIT_2, State.TIME_WAIT))
"""Where our FIN has gone out and is acknowledged."""


def to_engine(counting: Counting, host: Host, pair: Pair, written: Written) -> tuple[SeqNum | None, SeqNum | None]:
    """seq and ack of a card as the engine of its sender counts; None: not written, or nobody minds."""
    if counting is Counting.OFF:
        return None, None
    flags = written.flags or Flags.NONE
    if counting is Counting.RFC:
        return written.seq, written.ack
    begin_seq, begin_ack, sent, received = _origin(host, pair)
    seq = ack = None
    if written.seq is not None:
        seq = _counted(begin_seq, written.seq.value, None if Flags.FIN in flags else sent)
        if Flags.SYN in flags and begin_seq is not None:
            seq = seq + -1
    if written.ack is not None:
        ack = _counted(begin_ack, written.ack.value, received)
    return (None if written.seq is not None and begin_seq is None and Flags.SYN in flags else seq), ack


def to_paper(counting: Counting, host: Host, pair: Pair, s: Segment) -> tuple[SeqNum | None, SeqNum | None]:
    """seq and ack of a segment of `host` as they stand on a card."""
    if counting is not Counting.BYTES:
        return (s.seq, s.ack) if counting is Counting.RFC else (None, None)
    begin_seq, begin_ack, sent, received = _origin(host, pair)
    seq = SeqNum(0) if begin_seq is None or Flags.SYN in s.flags else _uncounted(begin_seq, s.seq, sent)
    return seq, None if s.ack is None else _uncounted(begin_ack, s.ack, received)


def as_written(counting: Counting, host: Host, packet: Packet) -> Written:
    """The card that somebody at `host` writes who sends `packet`; a comb that stays empty is not mentioned."""
    written = packet.written()
    if not written.payload:
        written = replace(written, payload=None)
    if not isinstance(packet.body, Segment):
        return written
    seq, ack = to_paper(counting, host, host.pair_of(packet), packet.body)
    return replace(written, seq=seq, ack=ack)


def _origin(host: Host, pair: Pair) -> tuple[SeqNum | None, SeqNum | None, int | None, int | None]:
    """The engine's numbers of our and their octet 0, and, once our and their FIN have gone, how many octets there were
    before them.
    """
    c = host.connections.get(pair)
    if c is not None and c.iss is None and c.irs is not None:
        return None, c.irs + 1, None, None
    if c is not None and c.iss is not None:
        begin = c.iss + 1
        gone = c.fin_sent or c.state in _FIN_WENT
        sent = c.snd_nxt - begin - 1 if gone else None
        if c.irs is None:
            return begin, None, sent, None
        return begin, c.irs + 1, sent, _received(c)
    for owed, reset in host.resets:
        if owed == pair:
            return reset.seq, reset.ack, None, None
    return None, None, None, None


def _received(c: Connection) -> int | None:
    return None if c.irs is None or c.state not in _FIN_CAME else c.rcv_nxt - c.irs - 2


def _counted(begin: SeqNum | None, octets: int, before_fin: int | None) -> SeqNum:
    """The engine's number after so many octets; beyond the FIN when all of them are meant."""
    return (begin or SeqNum(0)) + (octets + (octets == before_fin))


def _uncounted(begin: SeqNum | None, number: SeqNum, before_fin: int | None) -> SeqNum:
    octets = number - (begin or SeqNum(0))
    return SeqNum(max(0, octets - (before_fin is not None and octets > before_fin)))
