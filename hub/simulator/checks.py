"""The rules of RFC 9293 and RFC 5961 that are a question: one named function each, with its section."""

from __future__ import annotations

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator.connection import DEFAULT_MSS, Connection
from hub.simulator.states import State

# A segment comes: is it acceptable?


def seq_in_window(c: Connection, seq: SeqNum) -> bool:
    """RCV.NXT =< seq < RCV.NXT+RCV.WND (RFC 9293 §3.4)."""
    return 0 <= seq - c.rcv_nxt < c.rcv_wnd


def segment_acceptable(c: Connection, s: Segment) -> bool:
    """The four cases of the acceptability test (RFC 9293 §3.10.7.4, first check)."""
    length = s.length
    if length == 0:
        return s.seq == c.rcv_nxt if c.rcv_wnd == 0 else seq_in_window(c, s.seq)
    if c.rcv_wnd == 0:
        return False
    return seq_in_window(c, s.seq) or seq_in_window(c, s.seq + (length - 1))


def ack_counts_though_window_is_shut(c: Connection, s: Segment) -> bool:
    """RCV.WND is zero and the segment is the next: its ACK, URG and RST are taken, its text is not (§3.10.7.4)."""
    return c.rcv_wnd == 0 and s.seq == c.rcv_nxt


def last_segment_again(c: Connection, s: Segment) -> bool:
    """All of it is old, but it ends where we are: its text is not taken again, its ACK may be news all the same.

    The RFC would drop it whole (§3.10.7.4); everybody takes its ACK, so that whoever repeats a segment can go on.
    """
    if s.ack is None or s.flags & _SYN_RST or not c.state.synchronized:
        return False
    return s.length > 0 and s.seq + s.length == c.rcv_nxt


def ack_acceptable_in_syn_sent(c: Connection, ack: SeqNum) -> bool:
    """ISS < SEG.ACK =< SND.NXT (RFC 9293 §3.10.7.3, first check)."""
    return c.iss is not None and c.iss < ack <= c.snd_nxt


def ack_of_something_new(c: Connection, ack: SeqNum) -> bool:
    """SND.UNA < SEG.ACK =< SND.NXT (RFC 9293 §3.10.7.4, fifth check)."""
    return c.snd_una < ack <= ever_sent(c)


def ack_of_something_unsent(c: Connection, ack: SeqNum) -> bool:
    """SEG.ACK > SND.NXT (RFC 9293 §3.10.7.4, fifth check)."""
    return ack > ever_sent(c)


def ever_sent(c: Connection) -> SeqNum:
    """SND.NXT, or where it was before all went again in smaller pieces (`icmp_errors`)."""
    return c.snd_nxt if c.recover is None else max(c.snd_nxt, c.recover)


def ack_too_old(c: Connection, ack: SeqNum) -> bool:
    """SEG.ACK < SND.UNA - MAX.SND.WND: nobody who follows the connection says that (RFC 5961 §5.2)."""
    return ack - c.snd_una < -c.max_wnd


def window_is_news(c: Connection, s: Segment) -> bool:
    """The segment is not older than the one that SND.WND was last taken from (RFC 9293 §3.10.7.4, fifth check)."""
    return (
        s.ack is not None and c.snd_una <= s.ack and (c.snd_wl1 < s.seq or (c.snd_wl1 == s.seq and c.snd_wl2 <= s.ack))
    )


def syn_again(c: Connection, s: Segment) -> bool:
    """The SYN that came to our listener comes once more, because our SYN,ACK was lost (RFC 9293 §3.8.1)."""
    if c.state is not State.SYN_RECEIVED or not c.passive or s.seq != c.irs:
        return False
    return Flags.SYN in s.flags and Flags.RST not in s.flags and s.ack is None


def syn_ack_crosses(c: Connection, s: Segment) -> bool:
    """Both have opened at once, and this is the other's SYN again, now with an ACK (RFC 9293 §3.5, figure 7)."""
    if c.state is not State.SYN_RECEIVED or c.passive or s.flags & ~_NOT_CONTROL != Flags.SYN | Flags.ACK:
        return False
    return s.seq == c.irs and s.ack is not None and ack_of_something_new(c, s.ack)


def syn_opens_anew(c: Connection, s: Segment) -> bool:
    """In TIME-WAIT a SYN beyond all that was received may open a new connection (RFC 9293 §3.6.1, MAY-2)."""
    return c.state is State.TIME_WAIT and s.flags & ~_NOT_CONTROL == Flags.SYN and s.seq > c.rcv_nxt


def rst_exact(c: Connection, s: Segment) -> bool:
    """Only SEG.SEQ = RCV.NXT resets; elsewhere in the window it is challenged (RFC 5961 §3.2)."""
    return s.seq == c.rcv_nxt


def error_is_about_us(c: Connection, seq: int | None) -> bool:
    """SND.UNA =< SEG.SEQ < SND.NXT of the segment that an ICMP error quotes, else it is forged (RFC 5927 §4.1); SND.UNA
    itself when nothing is on its way.
    """
    return seq is not None and c.iss is not None and 0 <= SeqNum(seq) - c.snd_una < max(1, c.outstanding)


def flags_possible(flags: Flags) -> bool:
    """A segment that some TCP could have built: at most one of SYN, FIN and RST, and one of them or ACK."""
    special = [flag for flag in (Flags.SYN, Flags.FIN, Flags.RST) if flag in flags]
    if len(special) > 1 or (Flags.FIN in flags and Flags.ACK not in flags):
        return False
    return bool(special) or Flags.ACK in flags


# A segment could go: is it worth it?


def segment_size(c: Connection) -> int:
    """Octets of a full segment: Eff.snd.MSS (RFC 9293 §3.7.1), but at most half of the largest window they offered, as
    in BSD and Linux: with two segments on their way, neither end waits for the other.
    """
    return min(c.snd_mss, c.max_wnd // 2) if c.max_wnd > DEFAULT_MSS else c.snd_mss


def waits_for_what_was_lost(c: Connection) -> bool:
    """The timer has run out, and not all that was on its way then is acknowledged: nothing new goes before (RFC 5681
    §3.1).
    """
    return c.recover is not None and c.recover <= c.snd_nxt and c.outstanding > 0 and not c.owes_probe


def worth_sending(c: Connection, size: int, last: bool) -> bool:
    """The sender's silly window avoidance (RFC 9293 §3.8.6.2.1).

    size: octets that would go. last: nothing would be left.
    """
    if size >= segment_size(c) or (last and c.fin):
        return True
    return (last or 2 * size >= c.max_wnd) and not (c.options.nagle and small_segment_outstanding(c))


def small_segment_outstanding(c: Connection) -> bool:
    """Nagle's rule waits for it (RFC 896), in the form that gets on with delayed ACKs (RFC 9293 appendix A.3)."""
    return c.snd_una < c.snd_sml


def window_step(c: Connection) -> int:
    """By how much RCV.WND moves at least, in octets: a segment, or half the buffer (RFC 9293 §3.8.6.2.2)."""
    return max(1, min((c.options.receive_buffer + 1) // 2, c.options.mss))


def window_worth_moving(c: Connection, free: int) -> bool:
    """The receiver's silly window avoidance (RFC 9293 §3.8.6.2.2)."""
    return free - c.rcv_wnd >= window_step(c)


def window_worth_telling(c: Connection) -> bool:
    """The window was so small that they may be waiting for it: they are told that it has opened (§3.8.6.2.2)."""
    return c.rcv_wnd < window_step(c)


def second_segment_unacked(c: Connection) -> bool:
    """At least every second full-sized segment is acknowledged at once (RFC 9293 §3.8.6.3)."""
    return c.acked is None or c.rcv_nxt - c.acked >= 2 * c.options.mss


_NOT_CONTROL = Flags.PSH | Flags.URG
_SYN_RST = Flags.SYN | Flags.RST
