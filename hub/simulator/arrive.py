"""SEGMENT ARRIVES (RFC 9293 §3.10.7): what one end learns from a segment, and what it then owes.

Nothing is sent here. An answer that the RFC wants becomes an obligation of the connection (`owes_ack`, `owes_syn`)
or a `reset` that the host owes; `emit` fulfils them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator import checks
from hub.simulator.connection import Connection, Pair
from hub.simulator.states import Input, State, step
from hub.simulator.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of a segment. connection: None when there is none (any more). reset: the RST that is owed."""

    verdict: Verdict
    reason: str
    connection: Connection | None = None
    reset: Segment | None = None


def at_closed(s: Segment, reason: str) -> Learned:
    """No connection and no listener (§3.10.7.1): everything but an RST is answered by an RST."""
    if Flags.RST in s.flags:
        return Learned(Verdict.DROPPED, "tcp.rst-stray")
    return Learned(Verdict.RST, reason, reset=reset_for(s))


def at_listen(pair: Pair, s: Segment) -> Learned:
    """A listener on the port, no connection yet (§3.10.7.2)."""
    if Flags.RST in s.flags:
        return Learned(Verdict.DROPPED, "tcp.rst-stray")
    if Flags.ACK in s.flags:
        return Learned(Verdict.RST, "tcp.no-connection", reset=reset_for(s))
    if Flags.SYN not in s.flags:
        return Learned(Verdict.DROPPED, "tcp.no-syn")
    connection = Connection(
        pair,
        step(State.LISTEN, Input.RECEIVE_SYN),
        irs=s.seq,
        rcv_nxt=s.seq + 1,
        snd_wnd=s.window,
        snd_wl1=s.seq,
        owes_ack=True,
    )
    return Learned(Verdict.DELIVERED, "tcp.syn-received", connection)


def at_connection(c: Connection, s: Segment, now: int, msl_2: int) -> Learned:
    """A connection exists. now: lesson time in ms; msl_2: twice the maximum segment lifetime, in ms."""
    if c.state is State.SYN_SENT:
        return _at_syn_sent(c, s)
    return _at_others(c, s, now, msl_2)


def reset_for(s: Segment) -> Segment:
    """The RST that answers a segment of no connection (§3.10.7.1)."""
    if s.ack is not None:
        return Segment(s.dport, s.sport, Flags.RST, s.ack, window=0)
    return Segment(s.dport, s.sport, Flags.RST | Flags.ACK, SeqNum(0), s.seq + s.length, window=0)


def _at_syn_sent(c: Connection, s: Segment) -> Learned:
    """§3.10.7.3."""
    if s.ack is not None and not checks.ack_acceptable_in_syn_sent(c, s.ack):
        if Flags.RST in s.flags:
            return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
        return Learned(Verdict.RST, "tcp.ack-of-nothing", c, reset_for(s))
    if Flags.RST in s.flags:
        if s.ack is None:
            return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
        return _reset(c, "tcp.connection-refused")
    if Flags.SYN not in s.flags:
        return Learned(Verdict.DROPPED, "tcp.no-syn", c)
    happened = Input.RECEIVE_SYN if s.ack is None else Input.RECEIVE_SYN_ACK
    c = replace(c, irs=s.seq, rcv_nxt=s.seq + 1, owes_ack=True, state=step(c.state, happened))
    c = replace(c, snd_wnd=s.window, snd_wl1=s.seq, snd_wl2=c.snd_una if s.ack is None else s.ack)
    if s.ack is None:
        return Learned(Verdict.DELIVERED, "tcp.simultaneous-open", c)
    return Learned(Verdict.DELIVERED, "tcp.syn-acked", _acknowledged(c, s.ack))


def _at_others(c: Connection, s: Segment, now: int, msl_2: int) -> Learned:
    """§3.10.7.4, its checks in its order."""
    if Flags.SYN in s.flags and checks.syn_ack_crosses(c, s):
        s = replace(s, flags=s.flags & ~Flags.SYN, seq=s.seq + 1)
    if not checks.segment_acceptable(c, s):
        if Flags.RST in s.flags:
            return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
        return Learned(Verdict.DROPPED, _why_unacceptable(c, s), _must_ack(c, s, now, msl_2))
    if Flags.RST in s.flags:
        if checks.rst_exact(c, s):
            return _reset(c, "tcp.connection-reset")
        return Learned(Verdict.DROPPED, "tcp.rst-challenged", replace(c, owes_ack=True))
    if Flags.SYN in s.flags:
        return Learned(Verdict.DROPPED, "tcp.syn-challenged", replace(c, owes_ack=True))
    if s.ack is None:
        return Learned(Verdict.DROPPED, "tcp.ack-absent", c)
    if c.state is State.SYN_RECEIVED:
        if not checks.ack_of_something_new(c, s.ack):
            return Learned(Verdict.RST, "tcp.ack-of-nothing", c, reset_for(s))
        c = replace(c, state=step(c.state, Input.RECEIVE_ACK_OF_SYN), owes_ack=False)
        established = True
    else:
        established = False
        if checks.ack_of_something_unsent(c, s.ack):
            return Learned(Verdict.DROPPED, "tcp.ack-of-nothing", replace(c, owes_ack=True))
        if checks.ack_too_old(c, s.ack):
            return Learned(Verdict.DROPPED, "tcp.ack-too-old", replace(c, owes_ack=True))
    return _accepted(c, s, now, msl_2, established)


def _accepted(c: Connection, s: Segment, now: int, msl_2: int, established: bool) -> Learned:
    """The numbers are right: acknowledgement, text, FIN (§3.10.7.4, fifth, seventh and eighth check)."""
    assert s.ack is not None
    if checks.window_is_news(c, s):
        c = replace(c, snd_wnd=s.window, snd_wl1=s.seq, snd_wl2=s.ack)
    c = _acknowledged(c, s.ack)
    if c.state is State.CLOSED:
        return Learned(Verdict.DELIVERED, "tcp.closed")
    if s.seq > c.rcv_nxt:
        return Learned(Verdict.DROPPED, "tcp.out-of-order", replace(c, owes_ack=True))
    new_octets = max(0, len(s.payload) - (c.rcv_nxt - s.seq)) if c.state.may_receive_data else 0
    new_octets = min(new_octets, c.rcv_wnd)
    if new_octets:
        c = replace(c, rcv_nxt=c.rcv_nxt + new_octets, owes_ack=True)
    if Flags.FIN in s.flags and c.state.may_receive_data and s.seq + len(s.payload) == c.rcv_nxt:
        c = replace(c, rcv_nxt=c.rcv_nxt + 1, owes_ack=True, state=step(c.state, Input.RECEIVE_FIN))
        if c.state is State.TIME_WAIT:
            c = replace(c, until=now + msl_2)
        return Learned(Verdict.DELIVERED, "tcp.fin-received", c)
    if c.state is State.TIME_WAIT and c.until is None:
        c = replace(c, until=now + msl_2)
    if new_octets:
        return Learned(Verdict.DELIVERED, "tcp.data-received", c)
    return Learned(Verdict.DELIVERED, "tcp.established" if established else "tcp.ack-received", c)


def _acknowledged(c: Connection, ack: SeqNum) -> Connection:
    """SND.UNA moves to `ack`; our FIN may be among what was acknowledged."""
    if not checks.ack_of_something_new(c, ack):
        return c
    fin_acked = any(Flags.FIN in s.flags and s.seq + s.length <= ack for s in c.unacked)
    left = tuple(s for s in c.unacked if ack < s.seq + s.length)
    state = step(c.state, Input.RECEIVE_ACK_OF_FIN) if fin_acked else c.state
    return replace(c, snd_una=ack, unacked=left, state=state)


def _reset(c: Connection, reason: str) -> Learned:
    """An RST that counts: the connection is gone, without an answer."""
    after = step(c.state, Input.RECEIVE_RST)
    return Learned(Verdict.RST, reason, None if after is State.CLOSED else replace(c, state=after))


def _must_ack(c: Connection, s: Segment, now: int, msl_2: int) -> Connection:
    """An unacceptable segment is answered by an ACK; a FIN again in TIME-WAIT restarts its timer."""
    if c.state is State.TIME_WAIT and Flags.FIN in s.flags:
        c = replace(c, until=now + msl_2)
    return replace(c, owes_ack=True)


def _why_unacceptable(c: Connection, s: Segment) -> str:
    return "tcp.duplicate" if s.seq + s.length <= c.rcv_nxt else "tcp.out-of-window"
