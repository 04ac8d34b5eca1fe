"""SEGMENT ARRIVES (RFC 9293 §3.10.7): what one end learns from a segment, and what it then owes.

Nothing is sent here. An answer that the RFC wants becomes an obligation of the connection (`owes_ack`, `owes_syn`)
or a `reset` that the host owes; `emit` fulfils them.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cards.packet import Flags, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import checks, reassembly, rto, timers
from hub.simulator.connection import DEFAULT_MSS, LEAST_MSS, Connection, Pair
from hub.simulator.options import Options
from hub.simulator.reassembly import Piece
from hub.simulator.rto import Rto
from hub.simulator.states import Input, State, step
from hub.simulator.verdicts import Verdict

_OLD = "tcp.duplicate"
_PASSED = 8
"""Numbers that are remembered which a paper may acknowledge that was written before the last packets came."""


class Learned(msgspec.Struct, frozen=True, gc=False):
    """What became of something that came.

    connection: as it is now; None when there is none (any more). reset: the RST that is owed. text: octets that the
    application can read now. error: what the application of a connection that died is told, by its name in POSIX.
    """

    verdict: Verdict
    reason: str
    connection: Connection | None = None
    reset: Segment | None = None
    text: bytes = b""
    error: str | None = None


def at_closed(s: Segment, reason: str) -> Learned:
    """No connection and no listener (§3.10.7.1): everything but an RST is answered by an RST."""
    if Flags.RST in s.flags:
        return Learned(Verdict.DROPPED, "tcp.rst-stray")
    return Learned(Verdict.RST, reason, reset=reset_for(s))


def at_listen(pair: Pair, s: Segment, options: Options) -> Learned:
    """A listener on the port, no connection yet (§3.10.7.2)."""
    if Flags.RST in s.flags:
        return Learned(Verdict.DROPPED, "tcp.rst-stray")
    if s.ack is not None:
        return Learned(Verdict.RST, "tcp.no-connection", reset=reset_for(s))
    if Flags.SYN not in s.flags:
        return Learned(Verdict.DROPPED, "tcp.no-syn")
    first = Rto(float(options.rto_initial or 0))
    listening = Connection(pair, step(State.LISTEN, Input.RECEIVE_SYN), options, passive=True, rto=first)
    c = replace(_synchronized(listening, s), owes_syn=True, snd_wl1=s.seq)
    return Learned(Verdict.DELIVERED, "tcp.syn-received", _queued(c, s))


def at_syn_sent(c: Connection, s: Segment, now: int) -> Learned:
    """Our SYN is out (§3.10.7.3)."""
    if s.ack is not None and not checks.ack_acceptable_in_syn_sent(c, s.ack):
        if Flags.RST in s.flags:
            return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
        return Learned(Verdict.RST, "tcp.ack-of-nothing", c, reset_for(s))
    if Flags.RST in s.flags:
        if s.ack is None:
            return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
        return Learned(Verdict.RST, "tcp.connection-refused", error="ECONNREFUSED")
    if Flags.SYN not in s.flags:
        return Learned(Verdict.DROPPED, "tcp.no-syn", c)
    if s.ack is None:
        c = replace(_synchronized(c, s), state=step(c.state, Input.RECEIVE_SYN), owes_syn=True, snd_wl1=s.seq)
        return Learned(Verdict.DELIVERED, "tcp.simultaneous-open", timers.settled(_queued(c, s), now))
    c = _acknowledged(_synchronized(c, s), s.ack, now)
    c = replace(c, state=step(c.state, Input.RECEIVE_SYN_ACK), snd_wl1=s.seq, snd_wl2=s.ack)
    c = timers.heard(_queued(_must_ack(c), s), now)
    return _text(c, Piece(c.rcv_nxt, b""), now, "tcp.syn-acked")


def at_connection(c: Connection, s: Segment, now: int) -> Learned:
    """Any other state (§3.10.7.4): its checks in its order, then text and FIN."""
    if not s.plain:
        if checks.syn_again(c, s):
            return Learned(Verdict.DROPPED, _OLD, replace(c, owes_syn=True))
        if checks.syn_ack_crosses(c, s):
            c, s = _must_ack(c), replace(s, flags=s.flags & ~Flags.SYN, seq=s.seq + 1)
    before = c.state
    if c.options.keep_alive is not None:
        c = timers.heard(c, now)
    for check in _CHECKS_OF_PLAIN if s.plain else _CHECKS:
        after = check(c, s, now)
        if isinstance(after, Learned):
            return after
        c = after
    if before is State.TIME_WAIT:
        return _late(c, s, now)
    piece = Piece(s.seq, octets(s.payload), not s.plain and Flags.FIN in s.flags)
    return _text(c, piece, now, "tcp.established" if before is State.SYN_RECEIVED else "tcp.ack-received", s)


def reset_for(s: Segment) -> Segment:
    """The RST that answers a segment of no connection (§3.10.7.1)."""
    if s.ack is not None:
        return Segment(s.dport, s.sport, Flags.RST, s.ack, window=0)
    return Segment(s.dport, s.sport, Flags.RST | Flags.ACK, SeqNum(0), s.seq + s.length, window=0)


def _first_sequence(c: Connection, s: Segment, now: int) -> Connection | Learned:
    """§3.10.7.4, first check. What is not acceptable is answered by an ACK, a FIN again in TIME-WAIT restarts 2MSL."""
    if checks.segment_acceptable(c, s) or checks.ack_counts_though_window_is_shut(c, s):
        return c
    if Flags.RST in s.flags:
        return Learned(Verdict.DROPPED, "tcp.rst-forged", c)
    if checks.last_segment_again(c, s):
        return c
    if c.state is State.TIME_WAIT and Flags.FIN in s.flags:
        c = replace(c, until=now + c.options.msl_2)
    reason = _OLD if s.seq + s.length <= c.rcv_nxt else "tcp.out-of-window"
    return Learned(Verdict.DROPPED, reason, _challenge(c, now))


def _second_reset(c: Connection, s: Segment, now: int) -> Connection | Learned:
    """§3.10.7.4, second check, with RFC 5961 §3.2 and, where it is switched on, RFC 1337."""
    if Flags.RST not in s.flags:
        return c
    if not checks.rst_exact(c, s):
        return Learned(Verdict.DROPPED, "tcp.rst-challenged", _challenge(c, now))
    if c.state is State.TIME_WAIT and c.options.ignore_rst_in_time_wait:
        return Learned(Verdict.DROPPED, "tcp.rst-challenged", c)
    if c.state is State.SYN_RECEIVED and not c.passive:
        return Learned(Verdict.RST, "tcp.connection-refused", error="ECONNREFUSED")
    return Learned(Verdict.RST, "tcp.connection-reset", error=_error_of_reset(c.state))


def _error_of_reset(state: State) -> str | None:
    """What the user is told: nothing where nobody asks any more; EPIPE where only writing was left."""
    if state is State.TIME_WAIT:
        return None
    return "EPIPE" if state is State.CLOSE_WAIT else "ECONNRESET"


def _fourth_synchronize(c: Connection, s: Segment, now: int) -> Connection | Learned:
    """§3.10.7.4, fourth check, with RFC 5961 §4.2."""
    if Flags.SYN not in s.flags:
        return c
    if c.state is State.SYN_RECEIVED and c.passive:
        return Learned(Verdict.DROPPED, "tcp.syn-twice")
    return Learned(Verdict.DROPPED, "tcp.syn-challenged", _challenge(c, now))


def _fifth_acknowledge(c: Connection, s: Segment, now: int) -> Connection | Learned:
    """§3.10.7.4, fifth check, with RFC 5961 §5.2."""
    if s.ack is None:
        return Learned(Verdict.DROPPED, "tcp.ack-absent", c)
    if c.state is State.SYN_RECEIVED:
        if not checks.ack_of_something_new(c, s.ack):
            return Learned(Verdict.RST, "tcp.ack-of-nothing", c, reset_for(s))
        c = replace(c, state=step(c.state, Input.RECEIVE_ACK_OF_SYN))
        if c.fin:  # CLOSE was called in the meantime
            c = replace(c, state=step(c.state, Input.CLOSE))
    elif checks.ack_of_something_unsent(c, s.ack):
        return Learned(Verdict.DROPPED, "tcp.ack-of-nothing", _challenge(c, now))
    elif checks.ack_too_old(c, s.ack):
        return Learned(Verdict.DROPPED, "tcp.ack-too-old", _challenge(c, now))
    if checks.window_is_news(c, s):
        c = _window(c, s)
    c = _acknowledged(c, s.ack, now)
    if c.state is State.CLOSED:
        return Learned(Verdict.DELIVERED, "tcp.closed")
    return c


_CHECKS = (_first_sequence, _second_reset, _fourth_synchronize, _fifth_acknowledge)
"""The third check, security and compartment, is of no use any more, and the sixth, URG, changes nothing here."""
_CHECKS_OF_PLAIN = (_first_sequence, _fifth_acknowledge)


def _window(c: Connection, s: Segment) -> Connection:
    """SND.WND from a segment that is news; when it opens, what the shut window refused goes at once, and more with it.

    A peer that says again that its window is shut is alive: one waits for ever (§3.8.6.1, MUST-37).
    """
    assert s.ack is not None
    opened = c.probing and s.window > 0 and c.snd_nxt > s.ack
    return replace(
        c,
        snd_wnd=s.window,
        snd_wl1=s.seq,
        snd_wl2=s.ack,
        max_wnd=max(c.max_wnd, s.window),
        retries=c.retries if s.window else 0,
        owes_resend=c.owes_resend or opened,
        owes_probe=opened,
        retransmit_at=None if opened else c.retransmit_at,
        rto=rto.restored(c.rto, c.options.rto_min, c.options.rto_max) if c.probing and s.window else c.rto,
        probing=c.probing and not s.window,
    )


def _acknowledged(c: Connection, ack: SeqNum, now: int) -> Connection:
    """SND.UNA moves to `ack`, and the timer with it; our SYN and FIN may be among what was acknowledged."""
    if not checks.ack_of_something_new(c, ack):
        return c
    if c.snd_nxt < ack:  # it had arrived before it went again
        covered = ack - c.first
        c = replace(c, snd_nxt=ack, sent=min(covered, len(c.text)), fin_sent=covered > len(c.text))
    fin_acked = c.fin_sent and ack == c.snd_nxt
    octets_acked = ack - c.first - fin_acked
    c = timers.acknowledged(c, ack, now)
    left = c.text[octets_acked:]
    c = replace(c, snd_una=ack, syn_acked=True, owes_syn=False, text=left, sent=c.sent - octets_acked)
    if not fin_acked:
        return c
    c = replace(c, fin=False, fin_sent=False, state=step(c.state, Input.RECEIVE_ACK_OF_FIN))
    return timers.lingering(c, now)


def _text(c: Connection, piece: Piece, now: int, reason: str, s: Segment | None = None) -> Learned:
    """§3.10.7.4, seventh and eighth check: the text in its order, then the FIN."""
    length = len(piece.octets) + piece.fin
    if not c.state.may_receive_data:  # their FIN has come: nothing can come after it
        if length == 0:
            return Learned(Verdict.DELIVERED, reason, timers.settled(c, now))
        old = piece.seq + length <= c.rcv_nxt
        return Learned(
            Verdict.DROPPED, _OLD if old else "tcp.after-fin", timers.settled(_challenge(c, now) if old else c, now)
        )
    if length == 0 and not (c.held and c.held[0].seq == c.rcv_nxt):
        return Learned(Verdict.DELIVERED, reason, timers.settled(c, now))
    fitting = reassembly.trimmed(piece, c.rcv_nxt, c.rcv_wnd)
    if length and not (fitting.octets or fitting.fin):
        old = piece.seq + length <= c.rcv_nxt
        return Learned(Verdict.DROPPED, _OLD if old else "tcp.out-of-window", timers.settled(_challenge(c, now), now))
    taken, held = reassembly.arrived(c.held, fitting, c.rcv_nxt)
    if c.deaf and fitting.octets and s is not None:
        return Learned(Verdict.RST, "tcp.nobody-reads", reset=reset_for(s), error="ECONNRESET")
    if not (taken.octets or taken.fin):
        return Learned(Verdict.DELIVERED, "tcp.out-of-order", timers.settled(_must_ack(replace(c, held=held)), now))
    return _taken(c, taken, held, now)


def _taken(c: Connection, taken: Piece, held: tuple[Piece, ...], now: int) -> Learned:
    """Text and FIN are in order: RCV.NXT moves over them."""
    gap_was_filled = bool(c.held or held)
    size = len(taken.octets)
    state = step(c.state, Input.RECEIVE_FIN) if taken.fin else c.state
    passed = (*c.passed, c.rcv_nxt)[-_PASSED:] if c.acked != c.rcv_nxt else c.passed
    nxt = c.rcv_nxt + (size + taken.fin)
    c = replace(c, rcv_nxt=nxt, rcv_wnd=c.rcv_wnd - size, held=held, passed=passed, state=state)
    if state is State.TIME_WAIT:
        c = timers.lingering(replace(c, held=()), now)
    c = _must_ack(c) if gap_was_filled else _may_delay_ack(c, now)
    reason = "tcp.fin-received" if taken.fin else "tcp.data-received"
    return Learned(Verdict.DELIVERED, reason, timers.settled(c, now), text=taken.octets)


def _late(c: Connection, s: Segment, now: int) -> Learned:
    """What comes in TIME-WAIT is acknowledged again, and 2MSL begins anew (§3.10.7.4, fifth check); but not their last
    ACK once more: if that were, two ends in TIME-WAIT would never stop.
    """
    if s.length == 0 and s.seq == c.rcv_nxt:
        return Learned(Verdict.DELIVERED, "tcp.ack-received", c)
    reason = _OLD if s.seq + s.length <= c.rcv_nxt else "tcp.after-fin"
    return Learned(Verdict.DROPPED, reason, timers.lingering(_challenge(c, now), now))


def _synchronized(c: Connection, s: Segment) -> Connection:
    """Their SYN has come: where they count from, how much they take (§3.10.7.2, §3.10.7.3)."""
    return replace(
        c,
        irs=s.seq,
        rcv_nxt=s.seq + 1,
        rcv_wnd=c.options.receive_buffer,
        snd_wnd=s.window,
        max_wnd=s.window,
        snd_mss=min(c.options.mss, max(LEAST_MSS, s.mss or DEFAULT_MSS)),
    )


def _queued(c: Connection, s: Segment) -> Connection:
    """Text and FIN that come with a SYN wait until the connection is established (§3.10.7.2, §3.10.7.3)."""
    if not len(s.payload) and Flags.FIN not in s.flags:
        return c
    piece = Piece(s.seq + 1, octets(s.payload), Flags.FIN in s.flags)
    return replace(c, held=(reassembly.trimmed(piece, c.rcv_nxt, c.rcv_wnd),))


def _must_ack(c: Connection) -> Connection:
    """An ACK is owed now."""
    return replace(c, owes_ack=True, ack_at=None)


def _challenge(c: Connection, now: int) -> Connection:
    """An ACK is owed for what was not acceptable, unless too many were of late: two ends that each find the other's
    ACK unacceptable would never stop (RFC 5961 §7).
    """
    limit = c.options.challenge_limit
    if limit is None:
        return _must_ack(c)
    count, since = c.challenges
    if now - since >= c.options.challenge_per:
        count, since = 0, now
    return c if count >= limit else _must_ack(replace(c, challenges=(count + 1, since)))


def _may_delay_ack(c: Connection, now: int) -> Connection:
    """An ACK is owed; it may wait for company, but not for ever (RFC 9293 §3.8.6.3)."""
    if c.options.delayed_ack == 0 or checks.second_segment_unacked(c) or (c.owes_ack and c.ack_at is None):
        return _must_ack(c)
    return replace(c, owes_ack=True, ack_at=c.ack_at or now + c.options.delayed_ack)
