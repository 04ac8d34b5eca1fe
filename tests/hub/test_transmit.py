"""What a stack sends by itself, and when: sizes, windows, Nagle, probes, FIN, retransmission, keep-alive, giving up.

Times are ms; every number is relative to where its side began, see `tests.hub.tcp`.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cards.packet import Flags
from hub.simulator.options import KeepAlive, Options
from hub.simulator.states import State
from tests.hub.tcp import BUFFER, EASY, IRS, End, Out, in_state, said, shown

PROMPT = replace(EASY, nagle=False)


def established(options: Options = EASY, window: int = 2000) -> End:
    return End(in_state(State.ESTABLISHED, options, window=window))


def times(said: list[tuple[int, Out]]) -> list[int]:
    return [at for at, _ in said]


# Segments (§3.7.1)


def test_text_goes_in_segments_of_the_agreed_size() -> None:
    end = established(PROMPT)
    assert end.send(b"a" * 100 + b"b" * 100 + b"c" * 30) == [
        Out("A", 1, 1, b"a" * 100),
        Out("A", 101, 1, b"b" * 100),
        Out("A", 201, 1, b"c" * 30),
    ]


def test_the_last_of_what_was_given_is_pushed() -> None:
    """RFC 9293 §3.9.1.2, MUST-61."""
    end = established(PROMPT)
    end.sockets, _ = end.sockets.send("a", b"x" * 150, 0)
    assert [Flags.PSH in s.flags for s in end.transmits()] == [False, True]


def test_every_segment_tells_the_window_and_acknowledges() -> None:
    end = established()
    end.hears("A", 1, 1, b"hello")
    end.sockets, _ = end.sockets.send("a", b"hi", 0)
    (s,) = end.transmits()
    assert (shown(s), s.window, s.mss) == (Out("A", 1, 6, b"hi"), BUFFER - 5, None)


def test_a_segment_is_at_most_half_of_the_largest_window() -> None:
    """With two on their way, neither end waits for the other."""
    end = established(replace(PROMPT, mss=1460), window=900)
    assert [len(out.data) for out in end.send(b"x" * 900)] == [450, 450]


def test_text_that_was_given_before_the_handshake_goes_when_it_is_done() -> None:
    end = End(in_state(State.SYN_SENT))
    assert end.send(b"hello") == []
    assert end.hears("SA", 0, 1) == [Out("A", 1, 1, b"hello")]


def test_text_waits_also_while_both_open_at_once() -> None:
    end = End(in_state(State.SYN_RECEIVED, passive=False))
    assert end.send(b"hello") == []
    assert end.hears("A", 1, 1) == [Out("A", 1, 1, b"hello")]


# Their window (§3.8.6)


def test_no_more_goes_out_than_their_window_takes() -> None:
    end = established(PROMPT, window=300)
    assert [len(out.data) for out in end.send(b"x" * 400)] == [100, 100, 100]


def test_more_goes_out_as_acks_move_the_window() -> None:
    end = established(window=200)
    assert [out.seq for out in end.send(b"x" * 400)] == [1, 101]
    assert end.hears("A", 1, 101, window=200) == [Out("A", 201, 1, b"x" * 100)]
    assert end.hears("A", 1, 301, window=200) == [Out("A", 301, 1, b"x" * 100)]


def test_a_window_that_shrinks_below_what_is_on_its_way_stops_it() -> None:
    end = established(window=300)
    assert len(end.send(b"x" * 400)) == 3
    assert end.hears("A", 1, 101, window=100) == []
    assert end.hears("A", 1, 301, window=100) == [Out("A", 301, 1, b"x" * 100)]


def test_what_is_sent_again_fits_a_window_that_has_shrunk() -> None:
    end = established()
    end.send(b"x" * 100)
    end.hears("A", 1, 1, window=10)
    assert end.waits(1000) == [(1000, Out("A", 1, 1, b"x" * 10))]


# Their silly window (§3.8.6.2.1), Nagle (RFC 896)


def test_a_small_part_of_the_text_waits_for_a_better_window() -> None:
    """The window of 130 takes 30 more; half of the largest window ever seen would be 65."""
    end = established(PROMPT, window=130)
    assert end.send(b"x" * 300) == [Out("A", 1, 1, b"x" * 100)]
    assert end.hears("A", 1, 101, window=100) == [Out("A", 101, 1, b"x" * 100)]


def test_half_of_the_largest_window_is_worth_sending() -> None:
    end = established(PROMPT, window=50)
    assert [len(out.data) for out in end.send(b"x" * 80)] == [50]
    assert end.hears("A", 1, 51, window=24) == []
    assert [len(out.data) for out in end.hears("A", 1, 51, window=25)] == [25]


def test_a_small_part_goes_all_the_same_when_the_window_stays_small() -> None:
    """§3.8.6.2.1 (4): the override timeout."""
    end = established(PROMPT)
    end.hears("A", 1, 1, window=10)
    assert end.send(b"x" * 50) == []
    assert end.waits(1000) == [(1000, Out("A", 1, 1, b"x" * 10))]


def test_with_nagle_a_small_segment_waits_while_one_is_on_its_way() -> None:
    end = established()
    assert end.send(b"a") == [Out("A", 1, 1, b"a")]
    assert end.send(b"b") == []
    assert end.send(b"c") == []
    assert end.hears("A", 1, 2) == [Out("A", 2, 1, b"bc")]


def test_with_nagle_a_full_segment_does_not_wait() -> None:
    end = established()
    end.send(b"a")
    assert end.send(b"b" * 110) == [Out("A", 2, 1, b"b" * 100)]


def test_with_nagle_a_small_end_does_not_wait_for_the_full_segments_before_it() -> None:
    """RFC 9293 appendix A.3: only an earlier small segment holds it up."""
    end = established()
    assert [len(out.data) for out in end.send(b"x" * 230)] == [100, 100, 30]


def test_without_nagle_every_piece_goes_at_once() -> None:
    end = established(PROMPT)
    assert [end.send(data) for data in (b"a", b"b", b"c")] == [
        [Out("A", 1, 1, b"a")],
        [Out("A", 2, 1, b"b")],
        [Out("A", 3, 1, b"c")],
    ]


def test_with_nagle_the_end_of_the_stream_does_not_wait() -> None:
    end = established()
    end.send(b"a")
    end.send(b"b")
    assert end.shutdown() == [Out("FA", 2, 1, b"b")]


def test_nagle_can_be_switched_off_while_something_waits() -> None:
    end = established()
    end.send(b"a")
    assert end.send(b"b") == []
    end.sockets, _ = end.sockets.set_options("a", PROMPT, 0)
    assert end.says() == [Out("A", 2, 1, b"b")]


# A shut window (§3.8.6.1)


def test_a_shut_window_is_probed_with_one_octet_and_ever_more_rarely() -> None:
    end = established(window=0)
    assert end.send(b"hello") == []
    probes = []
    for _ in range(5):
        ((at, out),) = end.waits(end.sockets.deadline - end.now if end.sockets.deadline else 0)
        probes.append((at, out))
        end.hears("A", 1, 1, window=0)
    assert [out for _, out in probes] == [Out("A", 1, 1, b"h")] * 5
    assert times(probes) == [1000, 3000, 7000, 15_000, 31_000]


def test_probes_do_not_slow_down_what_goes_after_them() -> None:
    """RFC 6298 §5.5 backs off for a loss: a window that was shut for long is none."""
    end = established(window=0)
    end.send(b"hello")
    for _ in range(5):
        end.waits(40_000)
        end.hears("A", 1, 1, window=0)
    assert end.hears("A", 1, 1) == [Out("A", 1, 1, b"hello")]
    opened = end.now
    assert end.waits(1500) == [(opened + 1000, Out("A", 1, 1, b"hello"))]


def test_whoever_says_that_his_window_is_shut_is_never_given_up() -> None:
    """MUST-37."""
    end = established(replace(EASY, retries=3, rto_max=8000), window=0)
    end.send(b"hello")
    for _ in range(40):
        end.waits(8000)
        end.hears("A", 1, 1, window=0)
    assert end.hears("A", 1, 1, window=500) == [Out("A", 1, 1, b"hello")]


def test_whoever_does_not_answer_a_probe_is_given_up() -> None:
    end = established(replace(EASY, retries=3), window=0)
    end.send(b"hello")
    assert times(end.waits(60_000)) == [1000, 3000, 7000]
    assert (end.gone, end.error()) == (True, "ETIMEDOUT")


def test_when_the_window_opens_everything_goes() -> None:
    end = established(PROMPT, window=0)
    assert end.send(b"x" * 150) == []
    assert [len(out.data) for out in end.hears("A", 1, 1)] == [100, 50]
    assert end.connection.outstanding == 150


def test_when_the_window_opens_the_refused_probe_goes_with_what_follows() -> None:
    end = established(PROMPT, window=0)
    end.send(b"x" * 150)
    end.waits(1000)
    end.hears("A", 1, 1, window=0)
    assert end.hears("A", 1, 1) == [Out("A", 1, 1, b"x" * 100), Out("A", 101, 1, b"x" * 50)]


def test_a_probe_may_be_taken_although_the_window_stays_shut() -> None:
    end = established(window=0)
    end.send(b"hello")
    end.waits(1000)
    assert end.hears("A", 1, 2, window=0) == []
    ((_, out),) = end.waits(1000)
    assert out == Out("A", 2, 1, b"e")


def test_a_window_that_shuts_behind_what_is_on_its_way_is_probed_with_that() -> None:
    """MUST-35."""
    end = established()
    end.send(b"hello")
    end.hears("A", 1, 1, window=0)
    ((_, out),) = end.waits(1000)
    assert (out.seq, out.data[:1]) == (1, b"h")


def test_a_fin_alone_probes_a_shut_window_too() -> None:
    end = established(window=0)
    assert end.shutdown() == []
    assert end.waits(1000) == [(1000, Out("FA", 1, 1))]


# Our window (§3.8.6.2.2)


def test_a_window_that_was_shut_is_opened_when_it_is_worth_it() -> None:
    end = established()
    for number in range(10):
        end.hears("A", 1 + 100 * number, 1, b"x" * 100)
    assert end.connection.rcv_wnd == 0
    end.read(99)
    assert end.says() == [], "a silly little window"
    end.read(1)
    assert end.says() == [Out("A", 1, 1001)]
    assert end.connection.rcv_wnd == 100


def test_a_window_that_was_large_all_the_time_is_not_told_of() -> None:
    end = established()
    end.hears("A", 1, 1, b"x" * 300)
    end.read()
    assert end.says() == []
    assert end.connection.rcv_wnd == BUFFER


def test_unread_text_shuts_the_window_and_nothing_is_lost() -> None:
    end = established(replace(EASY, receive_buffer=10))
    assert end.hears("A", 1, 1, b"0123456789") == [Out("A", 1, 11)]
    assert end.hears("A", 11, 1, b"x") == [Out("A", 1, 11)]
    assert end.read() == b"0123456789"
    assert end.says() == [Out("A", 1, 11)]
    end.hears("A", 11, 1, b"x")
    assert end.read() == b"x"


@pytest.mark.parametrize("buffer", range(1, 12))
def test_however_small_the_buffer_is_they_are_told_that_it_is_free_again(buffer: int) -> None:
    end = established(replace(EASY, receive_buffer=buffer))
    end.hears("A", 1, 1, b"x" * buffer)
    end.read()
    assert end.says() == [Out("A", 1, 1 + buffer)]
    assert end.connection.rcv_wnd == buffer


@given(st.integers(1, 300), st.integers(1, 300))
def test_they_are_told_whenever_their_own_rule_could_keep_them_waiting(buffer: int, size: int) -> None:
    """A sender waits for half of the largest window it ever saw, or a full segment (§3.8.6.2.1)."""
    end = established(replace(EASY, receive_buffer=buffer))
    end.hears("A", 1, 1, b"x" * min(size, buffer))
    known = end.connection.rcv_wnd
    end.read()
    assert end.says() or 2 * known >= buffer or known >= EASY.mss


@given(st.integers(1, 300), st.lists(st.tuples(st.integers(1, 120), st.integers(1, 400)), max_size=20))
def test_the_right_edge_of_our_window_never_moves_left(buffer: int, course: list[tuple[int, int]]) -> None:
    """RFC 9293 §3.8.6: a window that was told is not taken back (SHLD-14)."""
    end = established(replace(EASY, receive_buffer=buffer))
    seq, edge = 1, 1 + buffer
    for size, most in course:
        end.hears("A", seq, 1, b"x" * size)
        seq = end.connection.rcv_nxt - IRS
        end.read(most)
        end.says()
        now = seq + end.connection.rcv_wnd
        assert edge <= now <= seq + buffer
        edge = now


# FIN (§3.6)


def test_a_fin_goes_with_the_last_text() -> None:
    end = established(window=0)
    end.send(b"x" * 150)
    end.shutdown()
    assert end.hears("A", 1, 1) == [Out("A", 1, 1, b"x" * 100), Out("FA", 101, 1, b"x" * 50)]
    assert end.connection.state is State.FIN_WAIT_1


def test_a_fin_alone() -> None:
    assert established().shutdown() == [Out("FA", 1, 1)]
    assert End(in_state(State.CLOSE_WAIT)).shutdown() == [Out("FA", 1, 2)]


def test_a_fin_waits_for_text_that_their_window_does_not_take_yet() -> None:
    end = established(window=200)
    assert [len(out.data) for out in end.send(b"x" * 250)] == [100, 100]
    assert end.shutdown() == []
    assert end.hears("A", 1, 201, window=200) == [Out("FA", 201, 1, b"x" * 50)]


def test_a_fin_that_owes_an_ack_carries_it() -> None:
    end = End(in_state(State.ESTABLISHED, replace(EASY, delayed_ack=200)))
    end.hears("FA", 1, 1)
    assert end.shutdown() == [Out("FA", 1, 2)]


def test_closing_while_both_open_at_once() -> None:
    """§3.10.4: SYN-RECEIVED goes to FIN-WAIT-1."""
    end = End(in_state(State.SYN_RECEIVED, passive=False))
    assert end.shutdown() == [Out("FA", 1, 1)]
    assert end.connection.state is State.FIN_WAIT_1
    end.hears("A", 1, 2)
    assert (end.connection.state, end.connection.outstanding) == (State.FIN_WAIT_2, 0)


def test_the_syn_goes_again_before_the_fin_that_follows_it() -> None:
    end = End(in_state(State.SYN_RECEIVED, passive=False))
    end.shutdown()
    assert end.waits(1000) == [(1000, Out("SA", 0, 1))]
    assert end.hears("A", 1, 1) == [Out("FA", 1, 1)]


def test_closing_before_the_handshake_is_done_waits_for_what_was_given() -> None:
    """§3.10.4, SYN-RECEIVED: with text to be sent, CLOSE is queued until ESTABLISHED."""
    end = End(in_state(State.SYN_RECEIVED, passive=False))
    end.send(b"hello")
    assert end.shutdown() == []
    assert end.hears("A", 1, 1) == [Out("FA", 1, 1, b"hello")]


# Again (RFC 6298 §5, RFC 9293 §3.8.1)


def test_text_and_fin_go_again_together() -> None:
    end = established()
    end.sockets, _ = end.sockets.send("a", b"bye", 0)
    assert end.shutdown() == [Out("FA", 1, 1, b"bye")]
    assert end.waits(1000) == [(1000, Out("FA", 1, 1, b"bye"))]


def test_a_lost_fin_goes_again() -> None:
    for state, theirs in ((State.FIN_WAIT_1, 1), (State.CLOSING, 2), (State.LAST_ACK, 2)):
        assert End(in_state(state)).waits(1000) == [(1000, Out("FA", 1, theirs))]


def test_what_goes_again_carries_the_newest_ack() -> None:
    end = established()
    end.send(b"hello")
    end.hears("A", 1, 1, b"hi")
    assert end.waits(1000) == [(1000, Out("A", 1, 3, b"hello"))]


def test_after_a_timeout_each_ack_brings_the_next_of_what_was_lost() -> None:
    """RFC 6582's "recover": all that was outstanding when the timer ran out goes again without waiting for it."""
    end = established()
    end.send(b"a" * 100 + b"b" * 100 + b"c" * 100)
    end.waits(1000)
    assert end.hears("A", 1, 101) == [Out("A", 101, 1, b"b" * 100)]
    assert end.hears("A", 1, 201) == [Out("A", 201, 1, b"c" * 100)]
    assert end.hears("A", 1, 301) == []
    assert end.connection.deadline is None


def test_new_text_does_not_get_in_the_way_of_what_was_lost() -> None:
    end = established()
    end.send(b"a" * 100 + b"b" * 100 + b"c" * 100)
    end.waits(1000)
    end.send(b"d" * 100)
    assert end.hears("A", 1, 101)[0] == Out("A", 101, 1, b"b" * 100)
    assert end.hears("A", 1, 201)[0] == Out("A", 201, 1, b"c" * 100)


def test_a_partial_ack_in_the_middle_of_a_segment() -> None:
    end = established()
    end.send(b"hello world")
    assert end.hears("A", 1, 7) == []
    assert end.waits(1000) == [(1000, Out("A", 7, 1, b"world"))]


def test_what_was_not_lost_is_not_sent_again() -> None:
    end = established()
    end.send(b"a" * 100 + b"b" * 100 + b"c" * 100)
    end.waits(1000)
    assert end.hears("A", 1, 301) == []
    assert end.waits(60_000) == []


def test_small_segments_go_again_as_one() -> None:
    end = established(PROMPT)
    for data in (b"a", b"b", b"c"):
        end.send(data)
    assert end.waits(1000) == [(1000, Out("A", 1, 1, b"abc"))]


def test_after_a_timeout_new_text_waits_until_something_is_acknowledged() -> None:
    """RFC 5681 §3.1: the loss window is one segment."""
    end = established(PROMPT)
    end.send(b"old")
    end.waits(1000)
    assert end.send(b"new") == []
    assert end.hears("A", 1, 4) == [Out("A", 4, 1, b"new")]


# Giving up (§3.8.3)


def test_a_syn_that_nobody_answers() -> None:
    end = End(in_state(State.SYN_SENT, replace(EASY, syn_retries=3)))
    assert end.waits(60_000) == [(at, Out("S", 0, None)) for at in (1000, 3000, 7000)]
    assert (end.gone, end.error()) == (True, "ETIMEDOUT")


def test_a_syn_ack_that_nobody_answers() -> None:
    end = End(in_state(State.SYN_RECEIVED, replace(EASY, syn_ack_retries=2)))
    assert times(end.waits(6999)) == [1000, 3000]
    assert not end.gone
    assert end.waits(1) == []
    assert end.gone


def test_text_that_nobody_acknowledges() -> None:
    end = established(replace(EASY, retries=4))
    end.send(b"hello")
    assert times(end.waits(30_999)) == [1000, 3000, 7000, 15_000]
    assert not end.gone
    assert end.waits(1) == []
    assert (end.gone, end.error()) == (True, "ETIMEDOUT")


def test_any_new_ack_begins_the_patience_anew() -> None:
    end = established(replace(EASY, retries=2))
    end.send(b"hello")
    end.waits(3000)
    end.hears("A", 1, 3)
    assert len(end.waits(12_000)) == 2
    assert not end.gone


def test_an_old_ack_does_not() -> None:
    end = established(replace(EASY, retries=2))
    end.send(b"hello")
    end.waits(3000)
    end.hears("A", 1, 1)
    end.waits(4000)
    assert end.gone


def test_for_what_nobody_waits_any_more_there_is_less_patience() -> None:
    end = established(replace(EASY, retries=10, orphan_retries=2))
    end.send(b"hello")
    end.close()
    assert len(end.waits(60_000)) == 2
    assert end.gone


# Keep-alive (§3.8.4)

KEEPING = replace(EASY, keep_alive=KeepAlive(idle=10_000, interval=1000, count=3))


def test_a_silent_peer_is_asked_and_at_last_given_up() -> None:
    end = established(KEEPING)
    end.hears("A", 1, 1, b"hello")
    assert end.waits(12_999) == [(at, Out("A", 0, 6)) for at in (10_000, 11_000, 12_000)]
    assert not end.gone
    assert end.waits(1) == []
    assert (end.gone, end.error()) == (True, "ETIMEDOUT")


def test_a_peer_who_answers_is_left_in_peace() -> None:
    end = established(KEEPING)
    end.hears("A", 1, 1, b"hello")
    assert times(end.waits(10_500)) == [10_000]
    end.hears("A", 6, 1)
    assert times(end.waits(10_000)) == [20_500]


def test_a_probe_of_theirs_is_answered() -> None:
    assert established().hears("A", 0, 1) == [Out("A", 1, 1)]
    assert established().hears("A", 0, 1, b"?") == [Out("A", 1, 1)]


def test_keep_alive_is_off_unless_it_is_asked_for() -> None:
    """MUST-25."""
    end = established()
    end.hears("A", 1, 1, b"hello")
    assert end.sockets.deadline is None


@pytest.mark.parametrize("passive", [True, False])
def test_keep_alive_begins_with_the_connection(passive: bool) -> None:
    if passive:
        end = End(in_state(State.SYN_RECEIVED, KEEPING))
        end.hears("A", 1, 1)
    else:
        end = End(in_state(State.SYN_SENT, KEEPING))
        end.hears("SA", 0, 1)
    assert times(end.waits(10_000)) == [10_000]


def test_keep_alive_can_be_switched_on_and_off() -> None:
    end = established()
    end.sockets, _ = end.sockets.set_options("a", KEEPING, 0)
    assert times(end.waits(10_000)) == [10_000]
    end.sockets, _ = end.sockets.set_options("a", EASY, end.now)
    assert end.waits(100_000) == []


def test_nobody_is_asked_while_text_is_on_its_way() -> None:
    """Its retransmission asks already."""
    end = established(replace(KEEPING, rto_initial=20_000, rto_min=20_000))
    end.hears("A", 1, 1, b"hello")
    end.send(b"hi")
    assert end.waits(19_999) == []


# A person's own segments are emitted by the same engine


def test_a_stack_and_a_pen_agree_on_what_was_sent() -> None:
    by_stack = established(PROMPT)
    by_stack.send(b"hello")
    by_pen = said(established(PROMPT).connection, "A", b"hello")
    assert by_pen == by_stack.connection
