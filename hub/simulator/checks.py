"""Whether an arriving segment's numbers are acceptable: one named function for each rule, with its section."""

from __future__ import annotations

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator.connection import Connection
from hub.simulator.states import State

MAX_WINDOW = 65_535
"""MAX.SND.WND: the largest window that a card can hold, in octets."""


def seq_in_window(c: Connection, seq: SeqNum) -> bool:
    """RCV.NXT =< seq < RCV.NXT+RCV.WND (RFC 9293 §3.4)."""
    return 0 <= seq - c.rcv_nxt < c.rcv_wnd


def segment_acceptable(c: Connection, s: Segment) -> bool:
    """The four cases of the acceptability test (RFC 9293 §3.10.7.4, first check)."""
    if s.length == 0:
        return s.seq == c.rcv_nxt if c.rcv_wnd == 0 else seq_in_window(c, s.seq)
    if c.rcv_wnd == 0:
        return False
    return seq_in_window(c, s.seq) or seq_in_window(c, s.seq + (s.length - 1))


def ack_acceptable_in_syn_sent(c: Connection, ack: SeqNum) -> bool:
    """ISS < SEG.ACK =< SND.NXT (RFC 9293 §3.10.7.3, first check)."""
    return c.iss is not None and c.iss < ack <= c.snd_nxt


def ack_of_something_new(c: Connection, ack: SeqNum) -> bool:
    """SND.UNA < SEG.ACK =< SND.NXT (RFC 9293 §3.10.7.4, fifth check)."""
    return c.snd_una < ack <= c.snd_nxt


def ack_of_something_unsent(c: Connection, ack: SeqNum) -> bool:
    """SEG.ACK > SND.NXT (RFC 9293 §3.10.7.4, fifth check)."""
    return ack > c.snd_nxt


def ack_too_old(c: Connection, ack: SeqNum) -> bool:
    """SEG.ACK < SND.UNA - MAX.SND.WND: nobody who follows the connection says that (RFC 5961 §5.2)."""
    return ack - c.snd_una < -MAX_WINDOW


def window_is_news(c: Connection, s: Segment) -> bool:
    """The segment is not older than the one that SND.WND was last taken from (RFC 9293 §3.10.7.4, fifth check)."""
    assert s.ack is not None
    return c.snd_una <= s.ack and (c.snd_wl1 < s.seq or (c.snd_wl1 == s.seq and c.snd_wl2 <= s.ack))


def syn_ack_crosses(c: Connection, s: Segment) -> bool:
    """Both have opened at once, and this is the other's SYN again, now with an ACK (RFC 9293 §3.5, figure 7)."""
    return c.state is State.SYN_RECEIVED and s.seq == c.irs and s.ack is not None and ack_of_something_new(c, s.ack)


def rst_exact(c: Connection, s: Segment) -> bool:
    """Only SEG.SEQ = RCV.NXT resets; elsewhere in the window it is challenged (RFC 5961 §3.2)."""
    return s.seq == c.rcv_nxt


def flags_possible(flags: Flags) -> bool:
    """A segment that some TCP could have built: at most one of SYN, FIN and RST, and one of them or ACK."""
    special = [flag for flag in (Flags.SYN, Flags.FIN, Flags.RST) if flag in flags]
    if len(special) > 1 or (Flags.FIN in flags and Flags.ACK not in flags):
        return False
    return bool(special) or Flags.ACK in flags
