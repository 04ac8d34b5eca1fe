"""EMIT: what sending a segment does to the connection that sends it (RFC 9293 §3.10.1 to §3.10.4, RFC 6298 §5).

Whoever chose the segment, an engine or a person with a pen, it is emitted here; that it may be sent was found out
before (`transmit`, `moves`).
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.packet import Flags, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import timers
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
            c = replace(c if c.iss is not None else _numbered(c, s.seq), owes_syn=False)
    if s.ack is not None:
        c = _acknowledging(c, s.ack)
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
        return replace(c, acked=newest)
    return replace(c, acked=newest, owes_ack=False, ack_at=None)


def _carrying(c: Connection, s: Segment, now: int) -> Connection:
    """Sequence numbers go out: text that the engine did not know before (it was written by hand), FIN, a timer."""
    if len(s.payload):
        c = _with_text(c, s.seq, octets(s.payload))
    if not s.plain and Flags.FIN in s.flags:
        state = c.state if c.fin else step(c.state, Input.CLOSE)
        c = replace(c, fin=True, fin_sent=True, state=state)
    end = s.seq + s.length
    timed = None
    if c.snd_nxt < end:
        again = c.recover is not None and s.seq < c.recover
        timed = (end, now) if c.rto.timed is None and not again and s.seq == c.snd_nxt else c.rto.timed
        c = replace(c, snd_nxt=end)
    return replace(
        c, rto=c.rto if c.rto.timed is timed else replace(c.rto, timed=timed), owes_resend=False, owes_probe=False
    )


def _with_text(c: Connection, seq: SeqNum, data: bytes) -> Connection:
    """Octets from `seq` on have gone out; a person's are new to the engine."""
    sent = max(c.sent, seq + len(data) - c.first)
    new = sent - len(c.text)
    text = c.text + data[-new:] if new > 0 else c.text
    small = len(data) < c.snd_mss
    return replace(c, text=text, sent=sent, snd_sml=seq + len(data) if small else c.snd_sml)
