"""Sequence numbers as people count them, and as TCP does.

A card is translated once, at its origin, with what that node has sent and received; a forgery with what its receiver
knows, which is all that it can be held against. Instances hold engine numbers. As
RFC 9293 counts, paper and engine agree. Counting bytes (the game's rule), both ends begin with 0 and only data counts:
the first octet of data is number 0, and whoever has received 17 bytes acknowledges 17.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cards.packet import Carries, Flags, Packet, Segment, Written
from cards.seqnum import SeqNum
from hub.simulator.connection import FIN_CAME, Connection, Endpoint, Pair
from hub.simulator.host import Host
from hub.simulator.rules import Counting, Rules
from hub.simulator.states import State

_FIN_WENT = frozenset((State.FIN_WAIT_2, State.TIME_WAIT))
"""Where our FIN has gone out and is acknowledged."""


def rows(rules: Rules, paper: Written | None = None) -> tuple[str, ...]:
    """Which of seq and ack players see and mind: what the form asks for, and what stands on this paper all the same."""
    if rules.counting is Counting.OFF:
        return ()
    seq = rules.form.seq or (paper is not None and paper.seq is not None)
    ack = rules.form.ack or (paper is not None and paper.ack is not None)
    return tuple(row for row, there in (("seq", seq), ("ack", ack)) if there)


def minded(counting: Counting, written: Written) -> Written:
    """A card without the numbers that nobody looks at."""
    if counting is not Counting.OFF or written.carries is not Carries.TCP:
        return written
    return replace(written, seq=None, ack=None)


def on_form(rules: Rules, card: Written, paper: Written | None = None) -> Written:
    """A card as somebody may be told to write it, who has the lesson's form, or has written `paper`.

    No form has rows for the identifier and the number of a ping: its addresses tell which one is meant.
    """
    if card.carries.is_echo:
        return replace(card, sport=None, seq=None)
    if card.carries is not Carries.TCP:
        return card
    there = rows(rules, paper)
    return replace(card, seq=card.seq if "seq" in there else None, ack=card.ack if "ack" in there else None)


def as_played(rules: Rules, packet: Packet, said: Written | None, on_paper: bool = True) -> Written:
    """A packet as whoever plays knows it: complete, but of its numbers those that stand on the paper, or have a row on
    the form. said: what its sender has written; on_paper: on a card, else the engine has said it. TypeError for a
    packet that no card can be.
    """
    written = packet.written()
    if written.carries is not Carries.TCP:
        return written
    if rules.counting is not Counting.RFC:
        written = replace(written, seq=None if said is None else said.seq, ack=None if said is None else said.ack)
    return on_form(rules, written, said if on_paper else None)


class Zero(msgspec.Struct, frozen=True, gc=False):
    """Where a paper of one end of a connection begins to count.

    seq, ack: the engine's numbers of its own and of the other end's octet 0, None: not known yet. sent, received: how
    many octets there were before its own and the other end's FIN, once these count.
    """

    seq: SeqNum | None = None
    ack: SeqNum | None = None
    sent: int | None = None
    received: int | None = None


def ends(written: Written) -> Pair:
    """The connection that a card belongs to, as its sender calls it; both addresses and ports must be there."""
    assert written.src is not None
    assert written.dst is not None
    assert written.sport is not None
    assert written.dport is not None
    return Pair(Endpoint(written.src, written.sport), Endpoint(written.dst, written.dport))


def heard(host: Host, pair: Pair) -> Zero | None:
    """Where the other end of a connection begins to count, as `host`, which hears it, knows; None: it knows nothing."""
    if pair not in host.connections:
        return None
    own = zero(host, pair)
    return Zero(own.ack, own.seq, own.received, own.sent)


def to_engine(counting: Counting, zero: Zero, written: Written) -> tuple[SeqNum | None, SeqNum | None]:
    """seq and ack of a card as the engine of its sender counts; None: not written, or nobody minds."""
    if counting is Counting.OFF:
        return None, None
    flags = written.flags or Flags.NONE
    if counting is Counting.RFC:
        return written.seq, written.ack
    seq = ack = None
    if written.seq is not None:
        seq = _counted(zero.seq, written.seq.value, None if Flags.FIN in flags else zero.sent)
        if Flags.SYN in flags and zero.seq is not None:
            seq = seq + -1
    if written.ack is not None:
        ack = _counted(zero.ack, written.ack.value, zero.received)
    return (None if written.seq is not None and zero.seq is None and Flags.SYN in flags else seq), ack


def to_paper(counting: Counting, host: Host, pair: Pair, s: Segment) -> tuple[SeqNum | None, SeqNum | None]:
    """seq and ack of a segment of `host` as they stand on a card."""
    if counting is not Counting.BYTES:
        return (s.seq, s.ack) if counting is Counting.RFC else (None, None)
    begins = zero(host, pair)
    seq = SeqNum(0) if begins.seq is None or Flags.SYN in s.flags else _uncounted(begins.seq, s.seq, begins.sent)
    return seq, None if s.ack is None else _uncounted(begins.ack, s.ack, begins.received)


def as_written(counting: Counting, host: Host, packet: Packet) -> Written:
    """The card that somebody at `host` writes who sends `packet`; a comb that stays empty is not mentioned."""
    written = packet.written()
    if not written.payload:
        written = replace(written, payload=None)
    if not isinstance(packet.body, Segment):
        return written
    seq, ack = to_paper(counting, host, host.pair_of(packet), packet.body)
    return replace(written, seq=seq, ack=ack)


def zero(host: Host, pair: Pair) -> Zero:
    """Where a paper of `host` begins to count."""
    c = host.connections.get(pair)
    if c is not None and c.iss is None and c.irs is not None:
        return Zero(ack=c.irs + 1)
    if c is not None and c.iss is not None:
        begin = c.iss + 1
        gone = c.fin_sent or c.state in _FIN_WENT
        sent = c.snd_nxt - begin - 1 if gone else None
        if c.irs is None:
            return Zero(begin, sent=sent)
        return Zero(begin, c.irs + 1, sent, _received(c))
    for owed, reset in host.resets:
        if owed == pair:
            return Zero(reset.seq, reset.ack)
    return Zero()


def _received(c: Connection) -> int | None:
    return None if c.irs is None or c.state not in FIN_CAME else c.received


def _counted(begin: SeqNum | None, octets: int, before_fin: int | None) -> SeqNum:
    """The engine's number after so many octets; beyond the FIN from where all of them are meant: it counts nothing."""
    return (begin or SeqNum(0)) + (octets + (before_fin is not None and octets >= before_fin))


def _uncounted(begin: SeqNum | None, number: SeqNum, before_fin: int | None) -> SeqNum:
    octets = number - (begin or SeqNum(0))
    return SeqNum(max(0, octets - (before_fin is not None and octets > before_fin)))
