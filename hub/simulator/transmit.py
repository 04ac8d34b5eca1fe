"""What a stack sends by itself, as soon as it may: the bots' choice among all that is admissible (`moves`)."""

from __future__ import annotations

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator import checks
from hub.simulator.connection import Connection
from hub.simulator.states import State

MAY_SEND_TEXT = frozenset((State.ESTABLISHED, State.CLOSE_WAIT, State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK))
"""Where text or FIN can still have to go out: before CLOSE, and after it what was given before."""
ABORTABLE = frozenset((State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT))
"""Where ABORT sends an RST; in the other states it just forgets the connection (RFC 9293 §3.10.5)."""


def next_segment(c: Connection, iss: SeqNum) -> Segment | None:
    """The next segment to send; None when there is nothing to send now.

    iss: the number to begin with, where the connection has none yet.
    """
    if c.owes_syn or (c.owes_resend and not c.syn_acked):
        return _synchronize(c, iss if c.iss is None else c.iss)
    if c.owes_resend and c.outstanding:
        return _again(c)
    if c.waiting and c.state in MAY_SEND_TEXT and not checks.waits_for_what_was_lost(c):
        fresh = _fresh(c)
        if fresh is not None:
            return fresh
    if c.owes_ack and c.ack_at is None:
        return _segment(c, Flags.ACK, acceptable_seq(c))
    if c.owes_keep_alive:
        return _segment(c, Flags.ACK, c.snd_nxt + -1)
    return None


def acceptable_seq(c: Connection) -> SeqNum:
    """The number of a bare ACK: SND.NXT, unless that lies beyond a window that was shut behind it or probed: they
    would not accept it, and answer, and we would answer that.
    """
    edge = c.snd_una + c.snd_wnd
    return c.snd_nxt if c.snd_nxt <= edge or not c.syn_acked else edge


def reset(c: Connection) -> Segment:
    """What ABORT sends (RFC 9293 §3.10.5). With the ACK flag, as everybody does: the peer may still be in SYN-SENT."""
    return _segment(c, Flags.RST | Flags.ACK, c.snd_nxt)


def _synchronize(c: Connection, iss: SeqNum) -> Segment:
    flags = Flags.SYN if c.irs is None else Flags.SYN | Flags.ACK
    ack = None if c.irs is None else c.rcv_nxt
    ports = c.pair.local.port, c.pair.remote.port
    return Segment(*ports, flags, iss, ack, min(c.rcv_wnd, 65_535), mss=c.options.mss)


def _again(c: Connection) -> Segment:
    """What is oldest, from SND.UNA on (RFC 6298 §5.4): as much as fits one segment and their window. Into a window that
    was shut behind it, it goes all the same (RFC 9293 §3.8.6, MAY-7 and MUST-35). When their window has just opened,
    what was held up goes with it.
    """
    text = c.text if c.owes_probe else c.text[: c.sent]
    size = min(len(text), checks.segment_size(c), c.snd_wnd or c.snd_mss)
    ends = size == len(c.text)
    fin = c.fin and ends and (c.fin_sent or c.owes_probe)
    return _segment(c, _flags(last=ends, fin=fin), c.first, text[:size])


def _fresh(c: Connection) -> Segment | None:
    """New text, as the window allows and where it is worth it; the FIN goes with the last of it."""
    offset = c.sent
    unsent = len(c.text) - offset
    room = c.room
    size = min(unsent, checks.segment_size(c), room)
    if c.owes_probe and c.outstanding == 0:
        size = max(size, min(unsent, 1))
        fin = c.fin and size == unsent
        return _segment(c, _flags(last=size == unsent, fin=fin), c.snd_nxt, c.text[offset : offset + size])
    last = size == unsent
    fin = c.fin and last and room > size
    if (size == 0 and not fin) or not (fin or checks.worth_sending(c, size, last)):
        return None
    return _segment(c, _flags(last, fin), c.snd_nxt, c.text[offset : offset + size])


def _flags(last: bool, fin: bool) -> Flags:
    return (_FIN_ACK if fin else _PSH_ACK) if last else Flags.ACK


def _segment(c: Connection, flags: Flags, seq: SeqNum, data: bytes = b"") -> Segment:
    window = 0 if Flags.RST in flags else min(c.rcv_wnd, 65_535)
    return Segment(
        c.pair.local.port, c.pair.remote.port, flags, seq, c.rcv_nxt if c.irs is not None else None, window, data
    )


_FIN_ACK = Flags.FIN | Flags.ACK
_PSH_ACK = Flags.PSH | Flags.ACK
