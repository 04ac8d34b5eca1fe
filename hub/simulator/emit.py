"""EMIT: what sending a segment does to the connection that sends it (RFC 9293 §3.10.1 to §3.10.4, RFC 6298 §5).

Whoever chose the segment, an engine or a person with a pen, it is emitted here; that it may be sent was found out
before (`transmit`, `moves`).
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.packet import Flags, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import checks, timers
from hub.simulator.connection import Connection, Pair
from hub.simulator.options import Options
from hub.simulator.rto import Rto
from hub.simulator.states import Input, State, step


def opened(pair: Pair, options: Options, iss: SeqNum | None = None) -> Connection:
    """An active OPEN (RFC 9293 §3.10.1): a SYN is owed; it is numbered when it goes out, unless `iss` is given."""
    state = step(State.CLOSED, Input.ACTIVE_OPEN)
    rto = Rto(float(options.rto_initial or 0))
    c = Connection(pair, state, options, rcv_wnd=options.receive_buffer, owes_syn=True, rto=rto)
    return c if iss is None else _numbered(c, iss)


def emit(c: Connection, s: Segment, now: int) -> Connection | None:
    """The connection after `s` has gone out at `now` (ms); None when there is none any more."""
    if not s.plain:
        if Flags.RST in s.flags:
            return None
        if Flags.SYN in s.flags:
            answer_owed = c.owes_syn and c.irs is not None and s.ack is None
            c = replace(c if c.iss is not None else _numbered(c, s.seq), owes_syn=answer_owed)
    if s.ack is not None:
        owed = c.owes_ack
        c = _acknowledging(c, s.ack)
        if owed and not c.owes_ack and c.state is State.TIME_WAIT:
            c = timers.lingering(c, now)
    if s.length:
        c = _carrying(c, s, now)
    return timers.settled(replace(c, owes_keep_alive=False) if c.owes_keep_alive else c, now)


def _numbered(c: Connection, seq: SeqNum) -> Connection:
    """The sender has chosen its initial sequence number: ISS."""
    return replace(c, iss=seq, snd_una=seq, snd_nxt=seq, snd_wl2=seq, snd_sml=seq)


def _acknowledging(c: Connection, ack: SeqNum) -> Connection:
    """Every ACK discharges what was owed, when it is up to date."""
    newest = ack if c.acked is None or c.acked < ack else c.acked
    if ack != c.rcv_nxt:
        return replace(c, acked=newest, passed=tuple(each for each in c.passed if ack < each))
    return replace(c, acked=newest, passed=(), owes_ack=False, ack_at=None)


def _carrying(c: Connection, s: Segment, now: int) -> Connection:
    """Sequence numbers go out: text, of which a person's is new to the engine, and FIN; the round trip is timed."""
    if not s.plain and Flags.FIN in s.flags:
        c = replace(c, fin=True, fin_sent=True, state=c.state if c.fin else step(c.state, Input.CLOSE))
    data = octets(s.payload)
    sent = max(c.sent, s.seq + len(data) - c.first) if data else c.sent
    unknown = sent - len(c.text)
    end = s.seq + s.length
    return replace(
        c,
        text=c.text + data[-unknown:] if unknown > 0 else c.text,
        sent=sent,
        snd_sml=s.seq + len(data) if 0 < len(data) < checks.segment_size(c) else c.snd_sml,
        snd_nxt=max(c.snd_nxt, end),
        rto=_timed(c, s, end, now),
        resent=end if s.seq < c.snd_nxt else c.resent,
        probing=c.probing or (c.owes_probe and c.outstanding == 0 and c.snd_wnd == 0),
        owes_resend=False,
        owes_probe=False,
    )


def _timed(c: Connection, s: Segment, end: SeqNum, now: int) -> Rto:
    """One segment is timed at a time (RFC 6298 §3), and none that goes again: nobody could tell which was answered."""
    if s.seq != c.snd_nxt or (c.recover is not None and s.seq < c.recover):
        return c.rto if c.rto.timed is None else replace(c.rto, timed=None)
    return c.rto if c.rto.timed is not None else replace(c.rto, timed=(end, now))
