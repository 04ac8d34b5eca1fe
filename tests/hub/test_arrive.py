"""SEGMENT ARRIVES (RFC 9293 §3.10.7), check by check; with RFC 5961 where it says more.

Every number is relative to where its side began, see `tests.hub.tcp`.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cards.packet import Segment
from hub.simulator import arrive
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection
from hub.simulator.emit import opened
from hub.simulator.options import Options
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict
from tests.hub.tcp import (
    BUFFER,
    EASY,
    IRS,
    ISS,
    PAIR,
    THEM,
    US,
    WINDOW,
    End,
    Out,
    after,
    answers,
    arrives,
    emitted,
    in_state,
    said,
    segment,
)

SYNCHRONIZED = [state for state in State if state.synchronized]
RECEIVING = [State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2]
THEIR_FIN_CAME = [State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT]

every_synchronized_state = pytest.mark.parametrize("state", SYNCHRONIZED, ids=lambda state: state.value)
every_receiving_state = pytest.mark.parametrize("state", RECEIVING, ids=lambda state: state.value)


def reset(learned: Learned) -> tuple[str, int, int | None]:
    """The RST that is owed: flags, and its numbers relative to nothing."""
    s = learned.reset
    assert s is not None, learned
    assert (s.sport, s.dport, len(s.payload)) == (US.port, THEM.port, 0)
    return ",".join(s.flags.names), s.seq.value, None if s.ack is None else s.ack.value


def following(c: Connection) -> tuple[int, int]:
    """The next number of theirs, and the next of ours."""
    return c.rcv_nxt - IRS, c.snd_nxt - ISS


def ignored(c: Connection, s: Segment) -> bool:
    """The segment changes nothing and nothing answers it."""
    learned = arrives(c, s)
    return (learned.verdict, learned.connection, learned.reset, learned.text) == (Verdict.DROPPED, c, None, b"")


def challenged(c: Connection, s: Segment) -> bool:
    """The segment changes nothing, and an ACK says where we are (RFC 5961)."""
    learned = arrives(c, s)
    theirs, ours = following(c)
    same = after(learned).state is c.state and following(after(learned)) == (theirs, ours)
    return same and not learned.text and answers(after(learned)) == [Out("A", ours, theirs)]


# §3.10.7.1 CLOSED


@pytest.mark.parametrize("letters", ["R", "RA", "RFSPUA"])
def test_closed_discards_a_reset(letters: str) -> None:
    learned = arrive.at_closed(segment(letters), "tcp.no-listener")
    assert learned == Learned(Verdict.DROPPED, "tcp.rst-stray")


@pytest.mark.parametrize(
    ("letters", "data", "length"),
    [("S", b"", 1), ("-", b"", 0), ("-", b"hello", 5), ("SF", b"hello", 7), ("F", b"", 1), ("PU", b"ab", 2)],
)
def test_closed_resets_what_has_no_ack_with_zero_and_an_ack_of_all_of_it(
    letters: str, data: bytes, length: int
) -> None:
    learned = arrive.at_closed(segment(letters, 7, data=data), "tcp.no-listener")
    assert (learned.verdict, learned.reason) == (Verdict.RST, "tcp.no-listener")
    assert reset(learned) == ("RST,ACK", 0, (IRS + 7 + length).value)


@pytest.mark.parametrize("letters", ["A", "SA", "FA", "PUA", "SFA"])
def test_closed_resets_what_has_an_ack_with_the_number_that_it_acknowledges(letters: str) -> None:
    learned = arrive.at_closed(segment(letters, 7, 9, b"hello"), "tcp.no-connection")
    assert reset(learned) == ("RST", (ISS + 9).value, None)


# §3.10.7.2 LISTEN


def at_listen(letters: str, data: bytes = b"", options: Options = EASY, mss: int | None = None) -> Learned:
    return arrive.at_listen(PAIR, segment(letters, 0, data=data, mss=mss), options)


@pytest.mark.parametrize("letters", ["R", "RA", "RS", "RSA"])
def test_listen_first_discards_a_reset(letters: str) -> None:
    assert at_listen(letters) == Learned(Verdict.DROPPED, "tcp.rst-stray")


@pytest.mark.parametrize("letters", ["A", "SA", "FA"])
def test_listen_second_resets_any_ack(letters: str) -> None:
    learned = at_listen(letters)
    assert learned.connection is None
    assert reset(learned) == ("RST", (ISS + 1).value, None)


def test_listen_third_answers_a_syn() -> None:
    c = after(at_listen("S"))
    assert (c.state, c.irs, c.rcv_nxt) == (State.SYN_RECEIVED, IRS, IRS + 1)
    c, (s,) = emitted(c)
    assert (s.seq, s.ack, s.window, s.mss) == (ISS, IRS + 1, BUFFER, EASY.mss)
    assert (c.iss, c.snd_una, c.snd_nxt) == (ISS, ISS, ISS + 1)
    assert answers(c) == []


@pytest.mark.parametrize("letters", ["-", "F", "PU", "FPU"])
def test_listen_fourth_drops_anything_else(letters: str) -> None:
    assert at_listen(letters, b"hello") == Learned(Verdict.DROPPED, "tcp.no-syn")


def test_text_that_comes_with_a_syn_waits_for_the_handshake() -> None:
    learned = at_listen("S", b"hello")
    assert learned.text == b""
    c, sent = emitted(after(learned))
    assert [s.ack for s in sent] == [IRS + 1]
    learned = arrives(c, segment("A", 6))
    assert (after(learned).state, learned.text) == (State.ESTABLISHED, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 6)]


def test_a_fin_that_comes_with_a_syn_waits_for_the_handshake() -> None:
    c, _ = emitted(after(at_listen("SF", b"hello")))
    assert c.state is State.SYN_RECEIVED
    learned = arrives(c, segment("A", 7))
    assert (after(learned).state, learned.text) == (State.CLOSE_WAIT, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 7)]


@pytest.mark.parametrize(
    ("ours", "theirs", "size"),
    [(100, None, 100), (1460, None, 536), (1460, 1400, 1400), (500, 1400, 500), (1460, 0, 536)],
)
def test_the_segment_size_is_the_smaller_of_both_and_536_of_whom_says_nothing(
    ours: int, theirs: int | None, size: int
) -> None:
    assert after(at_listen("S", options=Options(mss=ours), mss=theirs)).snd_mss == size


# §3.10.7.3 SYN-SENT


@pytest.mark.parametrize("letters", ["A", "SA", "FA"])
@pytest.mark.parametrize("ack", [-1, 0, 2, 1000])
def test_syn_sent_first_resets_an_ack_of_what_was_not_sent(letters: str, ack: int) -> None:
    c = in_state(State.SYN_SENT)
    learned = arrives(c, segment(letters, 0, ack))
    assert learned.connection == c
    assert reset(learned) == ("RST", (ISS + ack).value, None)


@pytest.mark.parametrize("s", [segment("RA", 0, 0), segment("RA", 0, 2), segment("R", 0), segment("R", 1)])
def test_syn_sent_second_discards_a_reset_that_does_not_acknowledge_our_syn(s: Segment) -> None:
    assert ignored(in_state(State.SYN_SENT), s)


@pytest.mark.parametrize("letters", ["RA", "RSA"])
def test_syn_sent_second_believes_a_reset_that_acknowledges_our_syn(letters: str) -> None:
    learned = arrives(in_state(State.SYN_SENT), segment(letters, 0, 1))
    assert (learned.verdict, learned.connection, learned.error) == (Verdict.RST, None, "ECONNREFUSED")
    assert learned.reset is None


def test_syn_sent_fourth_is_established_by_a_syn_that_acknowledges_ours() -> None:
    c = after(arrives(in_state(State.SYN_SENT), segment("SA", 0, 1)))
    assert (c.state, c.snd_una, c.snd_wnd) == (State.ESTABLISHED, ISS + 1, WINDOW)
    assert answers(c) == [Out("A", 1, 1)]


def test_syn_sent_fourth_answers_a_syn_without_an_ack_by_its_own_and_the_same_number() -> None:
    c = after(arrives(in_state(State.SYN_SENT), segment("S", 0)))
    assert (c.state, c.snd_una) == (State.SYN_RECEIVED, ISS)
    assert answers(c) == [Out("SA", 0, 1)]


@pytest.mark.parametrize("s", [segment("A", 0, 1), segment("FA", 0, 1, b"hello"), segment("-", 0), segment("F", 0)])
def test_syn_sent_fifth_drops_what_has_neither_syn_nor_rst(s: Segment) -> None:
    assert ignored(in_state(State.SYN_SENT), s)


def test_text_and_fin_that_come_with_the_syn_ack() -> None:
    learned = arrives(in_state(State.SYN_SENT), segment("SFA", 0, 1, b"hello"))
    assert (after(learned).state, learned.text) == (State.CLOSE_WAIT, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 7)]


def test_text_that_comes_with_a_crossing_syn_waits() -> None:
    learned = arrives(in_state(State.SYN_SENT), segment("S", 0, data=b"hello"))
    assert learned.text == b""
    c, _ = emitted(after(learned))
    learned = arrives(c, segment("A", 6, 1))
    assert (after(learned).state, learned.text) == (State.ESTABLISHED, b"hello")


def test_before_our_syn_has_gone_out_nothing_can_be_acknowledged() -> None:
    c = opened(PAIR, EASY)
    learned = arrives(c, segment("SA", 0, 1))
    assert after(learned).state is State.SYN_SENT
    assert reset(learned) == ("RST", (ISS + 1).value, None)
    assert answers(after(learned)) == [Out("S", 0, None)]


def test_before_our_syn_has_gone_out_a_syn_is_answered_with_both_at_once() -> None:
    c = after(arrives(opened(PAIR, EASY), segment("S", 0)))
    assert answers(c) == [Out("SA", 0, 1)]


# §3.10.7.4 first: sequence number


def at_window(rcv_wnd: int) -> Connection:
    return replace(in_state(State.ESTABLISHED), rcv_wnd=rcv_wnd)


ACCEPTABLE = [
    # length 0, window 0: SEG.SEQ = RCV.NXT
    (0, 1, 0, True),
    (0, 0, 0, False),
    (0, 2, 0, False),
    # length 0, window > 0: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND
    (10, 0, 0, False),
    (10, 1, 0, True),
    (10, 10, 0, True),
    (10, 11, 0, False),
    (10, 2**30, 0, False),
    (10, -(2**30), 0, False),
    # length > 0, window > 0: the first octet is in the window, or the last one
    (10, -4, 5, False),
    (10, -3, 5, True),
    (10, 1, 10, True),
    (10, 1, 11, True),
    (10, 10, 5, True),
    (10, 11, 5, False),
    (10, 0, 11, True),
]


@pytest.mark.parametrize(("rcv_wnd", "seq", "length", "acceptable"), ACCEPTABLE)
def test_first_the_sequence_number_is_looked_at(rcv_wnd: int, seq: int, length: int, acceptable: bool) -> None:
    c = said(at_window(rcv_wnd), "A", b"?")
    s = segment("A", seq, 2, b"x" * length)
    if acceptable:
        assert after(arrives(c, s)).snd_una == ISS + 2, "its ACK is taken"
    else:
        assert challenged(c, s)


def test_a_segment_that_covers_the_whole_window_and_more_on_both_sides_fails_the_test_of_the_rfc() -> None:
    assert challenged(at_window(10), segment("A", 0, 1, b"x" * 20))


@pytest.mark.parametrize("length", [1, 5])
def test_a_shut_window_takes_no_text_and_says_so(length: int) -> None:
    learned = arrives(at_window(0), segment("A", 1, 1, b"x" * length))
    assert (learned.verdict, learned.text) == (Verdict.DROPPED, b"")
    assert answers(after(learned)) == [Out("A", 1, 1)]


def test_a_shut_window_still_takes_an_ack_from_a_segment_with_text() -> None:
    c = replace(said(in_state(State.ESTABLISHED), "A", b"hello"), rcv_wnd=0)
    learned = arrives(c, segment("A", 1, 6, b"more", window=77))
    assert (after(learned).snd_una, after(learned).snd_wnd, learned.text) == (ISS + 6, 77, b"")


def test_a_shut_window_still_takes_a_reset() -> None:
    assert arrives(at_window(0), segment("R")).connection is None


def test_a_shut_window_does_not_take_a_fin() -> None:
    learned = arrives(at_window(0), segment("FA"))
    assert after(learned).state is State.ESTABLISHED
    assert answers(after(learned)) == [Out("A", 1, 1)]


@every_synchronized_state
@pytest.mark.parametrize("letters", ["R", "RA", "RSA", "RFA"])
@pytest.mark.parametrize("off", [-2, BUFFER, 2**30, -(2**30)])
def test_a_reset_outside_the_window_is_ignored(state: State, letters: str, off: int) -> None:
    c = in_state(state)
    assert ignored(c, segment(letters, following(c)[0] + off))


@every_synchronized_state
def test_a_reset_just_before_the_window_is_ignored(state: State) -> None:
    c = in_state(state)
    assert ignored(c, segment("R", following(c)[0] - 1))


@every_synchronized_state
@pytest.mark.parametrize("letters", ["A", "FA", "SA", "S", "F", "-"])
@pytest.mark.parametrize("seq", [-5, 1 + BUFFER + 1])
def test_anything_else_outside_the_window_is_answered_with_where_we_are(state: State, letters: str, seq: int) -> None:
    assert challenged(in_state(state), segment(letters, seq))


def test_a_late_duplicate_of_the_peers_fin_is_acknowledged_again_wherever_it_comes() -> None:
    for state in THEIR_FIN_CAME:
        assert challenged(in_state(state), segment("FA", 1, 1))


@pytest.mark.parametrize(
    ("state", "then"), [(State.CLOSING, State.TIME_WAIT), (State.LAST_ACK, None)], ids=["CLOSING", "LAST-ACK"]
)
def test_a_fin_that_comes_again_may_acknowledge_ours(state: State, then: State | None) -> None:
    """§3.10.7.4 would drop it whole; but it is all that a peer sends whose ACK was lost."""
    learned = arrives(in_state(state), segment("FA", 1, 2))
    assert (None if learned.connection is None else learned.connection.state) == then


def test_the_last_text_again_is_not_taken_again_but_its_ack_and_window_are() -> None:
    c = said(after(arrives(in_state(State.ESTABLISHED), segment("A", 1, 1, b"hi"))), "A", b"hello")
    learned = arrives(c, segment("A", 1, 6, b"hi"))
    assert (learned.text, after(learned).snd_una) == (b"", ISS + 6)
    assert answers(after(learned)) == [Out("A", 6, 3)]


# §3.10.7.4 second: RST (RFC 5961 §3.2)


@every_synchronized_state
@pytest.mark.parametrize("letters", ["R", "RA", "RPUA"])
def test_a_reset_with_exactly_the_next_number_ends_it(state: State, letters: str) -> None:
    c = in_state(state)
    learned = arrives(c, segment(letters, following(c)[0], 1))
    assert (learned.verdict, learned.connection, learned.reset) == (Verdict.RST, None, None)
    told = {State.TIME_WAIT: None, State.CLOSE_WAIT: "EPIPE"}
    assert learned.error == told.get(state, "ECONNRESET")


def test_the_ack_of_an_exact_reset_is_not_looked_at() -> None:
    assert arrives(in_state(State.ESTABLISHED), segment("RA", 1, 2**30)).connection is None


@every_synchronized_state
@pytest.mark.parametrize("beyond", [1, BUFFER - 1])
def test_a_reset_elsewhere_in_the_window_is_challenged(state: State, beyond: int) -> None:
    c = in_state(state)
    assert challenged(c, segment("R", following(c)[0] + beyond))


def test_syn_received_goes_back_to_listen_by_a_reset_when_it_was_opened_passively() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED), segment("R", 1))
    assert (learned.verdict, learned.connection, learned.reset) == (Verdict.RST, None, None)


def test_syn_received_is_refused_by_a_reset_when_it_was_opened_actively() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED, passive=False), segment("R", 1))
    assert (learned.connection, learned.error) == (None, "ECONNREFUSED")


@pytest.mark.parametrize("passive", [True, False])
def test_syn_received_challenges_a_reset_that_is_not_exact(passive: bool) -> None:
    assert challenged(in_state(State.SYN_RECEIVED, passive=passive), segment("R", 2))


@pytest.mark.parametrize("passive", [True, False])
@pytest.mark.parametrize("letters", ["R", "RA", "RS", "RSA"])
def test_syn_received_ignores_a_reset_from_before_the_window(passive: bool, letters: str) -> None:
    assert ignored(in_state(State.SYN_RECEIVED, passive=passive), segment(letters, 0))


def test_time_wait_can_be_told_not_to_be_assassinated() -> None:
    """RFC 1337."""
    c = in_state(State.TIME_WAIT, replace(EASY, ignore_rst_in_time_wait=True))
    assert ignored(c, segment("R", 2))


# §3.10.7.4 fourth: SYN (RFC 5961 §4.2)


@every_synchronized_state
@pytest.mark.parametrize("letters", ["S", "SA", "SF", "SFA"])
@pytest.mark.parametrize("beyond", [0, 1, BUFFER - 1])
def test_a_syn_in_the_window_is_challenged(state: State, letters: str, beyond: int) -> None:
    c = in_state(state)
    assert challenged(c, segment(letters, following(c)[0] + beyond, 1, b"hello"))


@every_synchronized_state
def test_a_restarted_peers_syn_is_answered_with_where_we_are(state: State) -> None:
    """RFC 9293 §3.5.1, figure 10: it will then send an RST."""
    assert challenged(in_state(state), segment("S", -(2**29)))


def test_syn_received_after_a_passive_open_goes_back_to_listen_by_a_syn_in_the_window() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED), segment("S", 5))
    assert (learned.connection, learned.reset) == (None, None)


def test_syn_received_after_an_active_open_challenges_a_syn_in_the_window() -> None:
    assert challenged(in_state(State.SYN_RECEIVED, passive=False), segment("S", 5))


def test_the_same_syn_again_gets_the_same_syn_ack_again() -> None:
    """Our SYN,ACK was lost; a retransmission is always allowed (§3.8.1)."""
    c = after(arrives(in_state(State.SYN_RECEIVED), segment("S", 0)))
    assert c.state is State.SYN_RECEIVED
    assert answers(c) == [Out("SA", 0, 1)]


def test_the_same_syn_again_where_both_opened_is_answered_with_where_we_are() -> None:
    assert challenged(in_state(State.SYN_RECEIVED, passive=False), segment("S", 0))


# §3.10.7.4 fifth: ACK


@pytest.mark.parametrize("state", [State.SYN_RECEIVED, *SYNCHRONIZED], ids=lambda state: state.value)
@pytest.mark.parametrize("letters", ["-", "F", "PU"])
def test_what_has_no_ack_is_dropped(state: State, letters: str) -> None:
    c = in_state(state)
    assert ignored(c, segment(letters, following(c)[0], data=b"hello"))


@pytest.mark.parametrize("passive", [True, False])
def test_syn_received_is_established_by_an_ack_of_our_syn(passive: bool) -> None:
    c = after(arrives(in_state(State.SYN_RECEIVED, passive=passive), segment("A", 1, 1, window=77)))
    assert (c.state, c.snd_una, c.snd_wnd) == (State.ESTABLISHED, ISS + 1, 77)
    assert answers(c) == []


@pytest.mark.parametrize("passive", [True, False])
@pytest.mark.parametrize("ack", [-1, 0, 2, 1000])
def test_syn_received_resets_an_ack_of_anything_else_and_stays(passive: bool, ack: int) -> None:
    c = in_state(State.SYN_RECEIVED, passive=passive)
    learned = arrives(c, segment("A", 1, ack, b"hello"))
    assert (after(learned).state, learned.text) == (State.SYN_RECEIVED, b"")
    assert reset(learned) == ("RST", (ISS + ack).value, None)


def test_the_ack_of_our_syn_may_bring_text_and_fin() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED), segment("FA", 1, 1, b"hello"))
    assert (after(learned).state, learned.text) == (State.CLOSE_WAIT, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 7)]


def test_when_the_third_segment_was_lost_text_establishes_the_connection() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED), segment("A", 4, 1, b"lo"))
    assert (after(learned).state, learned.text) == (State.ESTABLISHED, b"")
    assert answers(after(learned)) == [Out("A", 1, 1)]


def test_an_ack_takes_away_what_it_covers() -> None:
    c = said(in_state(State.ESTABLISHED), "A", b"hello")
    c = after(arrives(c, segment("A", 1, 4)))
    assert (c.snd_una, c.text, c.outstanding) == (ISS + 4, b"lo", 2)
    c = after(arrives(c, segment("A", 1, 6)))
    assert (c.snd_una, c.text, c.outstanding) == (ISS + 6, b"", 0)


def test_an_ack_that_came_already_is_ignored_and_its_text_is_not() -> None:
    c = after(arrives(said(in_state(State.ESTABLISHED), "A", b"hello"), segment("A", 1, 6)))
    learned = arrives(c, segment("A", 1, 4, b"text"))
    assert (after(learned).snd_una, learned.text) == (ISS + 6, b"text")


@every_synchronized_state
def test_an_ack_of_what_was_not_sent_is_answered_and_its_text_is_not_taken(state: State) -> None:
    c = in_state(state)
    theirs, ours = following(c)
    assert challenged(c, segment("A", theirs, ours + 1, b"text"))
    assert challenged(c, segment("FA", theirs, ours + 2**30))


def test_an_ack_from_before_anything_they_can_still_mean_is_challenged() -> None:
    """RFC 5961 §5.2: SND.UNA - MAX.SND.WND =< SEG.ACK."""
    c = in_state(State.ESTABLISHED)
    assert challenged(c, segment("A", 1, 1 - WINDOW - 1, b"text"))
    assert arrives(c, segment("A", 1, 1 - WINDOW, b"text")).text == b"text"


def test_the_oldest_ack_that_is_believed_goes_with_the_largest_window_they_ever_offered() -> None:
    c = after(arrives(in_state(State.ESTABLISHED), segment("A", 1, 1, window=10)))
    assert arrives(c, segment("A", 1, 1 - WINDOW, b"text")).text == b"text"


def window_after(*segments: Segment) -> int:
    c = said(in_state(State.ESTABLISHED), "A", b"x" * 50)
    for s in segments:
        c = after(arrives(c, s))
    return c.snd_wnd


def test_the_newest_segment_says_how_large_their_window_is() -> None:
    newer = segment("A", 6, 1, b"later", window=500)
    assert window_after(newer) == 500
    assert window_after(newer, segment("A", 1, 1, b"early", window=300)) == 500, "older by SEG.SEQ"
    assert window_after(newer, segment("A", 6, 11, window=300)) == 300, "same SEG.SEQ, newer by SEG.ACK"
    assert window_after(segment("A", 1, 11, window=500), segment("A", 1, 1, window=300)) == 500, "older by SEG.ACK"
    assert window_after(newer, segment("A", 6, 1, window=700)) == 700, "a mere window update"
    assert window_after(segment("A", 1, 11, window=500), segment("A", 2, 5, window=300)) == 500, "an ACK of the past"


# §3.10.7.4 seventh: text


@every_receiving_state
def test_text_in_order_is_delivered_and_acknowledged(state: State) -> None:
    c = in_state(state)
    learned = arrives(c, segment("A", 1, 1, b"hello"))
    assert (learned.verdict, learned.text) == (Verdict.DELIVERED, b"hello")
    assert following(after(learned)) == (6, following(c)[1])
    assert answers(after(learned)) == [Out("A", following(c)[1], 6)]


def test_the_window_shrinks_by_what_was_taken_until_it_is_read() -> None:
    c, (s,) = emitted(after(arrives(in_state(State.ESTABLISHED), segment("A", 1, 1, b"hello"))))
    assert s.window == BUFFER - 5
    assert c.rcv_wnd == BUFFER - 5


@every_receiving_state
def test_text_before_its_turn_is_held_and_a_duplicate_ack_asks_for_what_is_missing(state: State) -> None:
    c = in_state(state)
    ours = following(c)[1]
    learned = arrives(c, segment("A", 4, 1, b"lo"))
    assert (learned.text, answers(after(learned))) == (b"", [Out("A", ours, 1)])
    learned = arrives(emitted(after(learned))[0], segment("A", 1, 1, b"hel"))
    assert (learned.text, answers(after(learned))) == (b"hello", [Out("A", ours, 6)])


def test_of_text_that_came_in_part_the_rest_is_taken() -> None:
    c = after(arrives(in_state(State.ESTABLISHED), segment("A", 1, 1, b"hel")))
    learned = arrives(c, segment("A", 1, 1, b"HELLO"))
    assert learned.text == b"LO"
    assert answers(after(learned)) == [Out("A", 1, 6)]


def test_of_text_beyond_the_window_what_fits_is_taken() -> None:
    learned = arrives(at_window(3), segment("FA", 1, 1, b"hello"))
    assert (learned.text, after(learned).state, after(learned).rcv_wnd) == (b"hel", State.ESTABLISHED, 0)
    assert answers(after(learned)) == [Out("A", 1, 4)]


@pytest.mark.parametrize("state", THEIR_FIN_CAME, ids=lambda state: state.value)
def test_after_their_fin_text_is_not_taken(state: State) -> None:
    learned = arrives(in_state(state), segment("A", 2, 1, b"hello"))
    assert (learned.verdict, learned.text, after(learned).state) == (Verdict.DROPPED, b"", state)
    assert following(after(learned))[0] == 2


def test_push_and_urgent_make_no_difference() -> None:
    c = in_state(State.ESTABLISHED)
    assert arrives(c, segment("PUA", 1, 1, b"hello")) == arrives(c, segment("A", 1, 1, b"hello"))


# §3.10.7.4 eighth: FIN


@pytest.mark.parametrize(
    ("state", "ack", "then"),
    [
        (State.SYN_RECEIVED, 1, State.CLOSE_WAIT),
        (State.ESTABLISHED, 1, State.CLOSE_WAIT),
        (State.FIN_WAIT_1, 1, State.CLOSING),
        (State.FIN_WAIT_1, 2, State.TIME_WAIT),
        (State.FIN_WAIT_2, 2, State.TIME_WAIT),
    ],
)
@pytest.mark.parametrize("data", [b"", b"bye"])
def test_a_fin_moves_on_and_is_acknowledged(state: State, ack: int, then: State, data: bytes) -> None:
    learned = arrives(in_state(state), segment("FA", 1, ack, data))
    c = after(learned)
    assert (c.state, learned.text) == (then, data)
    assert answers(c) == [Out("A", c.snd_nxt - ISS, 2 + len(data))]


def test_a_fin_before_its_turn_waits_for_the_text_before_it() -> None:
    c = after(arrives(in_state(State.ESTABLISHED), segment("FA", 4, 1, b"lo")))
    assert (c.state, answers(c)) == (State.ESTABLISHED, [Out("A", 1, 1)])
    learned = arrives(c, segment("A", 1, 1, b"hel"))
    assert (after(learned).state, learned.text) == (State.CLOSE_WAIT, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 7)]


@pytest.mark.parametrize(
    ("state", "then"),
    [(State.FIN_WAIT_1, State.FIN_WAIT_2), (State.CLOSING, State.TIME_WAIT), (State.LAST_ACK, None)],
)
def test_an_ack_of_our_fin_moves_on(state: State, then: State | None) -> None:
    c = in_state(state)
    learned = arrives(c, segment("A", following(c)[0], 2))
    assert learned.verdict is Verdict.DELIVERED
    assert (None if learned.connection is None else learned.connection.state) == then
    assert learned.reset is None


@pytest.mark.parametrize("state", [State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK], ids=lambda state: state.value)
def test_an_ack_of_the_text_before_our_fin_is_not_one_of_the_fin(state: State) -> None:
    way = {State.FIN_WAIT_1: [], State.CLOSING: [segment("FA")], State.LAST_ACK: []}[state]
    c = in_state(State.CLOSE_WAIT if state is State.LAST_ACK else State.ESTABLISHED)
    c = said(c, "FA", b"bye")
    for s in way:
        c, _ = emitted(after(arrives(c, s)))
    c = after(arrives(c, segment("A", following(c)[0], 4)))
    assert (c.state, c.outstanding) == (state, 1)
    learned = arrives(c, segment("A", following(c)[0], 5))
    assert (None if learned.connection is None else learned.connection.state) is not state


def test_an_ack_in_fin_wait_2_or_close_wait_changes_no_state() -> None:
    for state in (State.FIN_WAIT_2, State.CLOSE_WAIT):
        c = in_state(state)
        assert after(arrives(c, segment("A", *following(c)))).state is state


# TIME-WAIT (§3.10.7.4, §3.6.1)


def test_time_wait_lasts_two_msl_from_the_fin() -> None:
    c = in_state(State.FIN_WAIT_2)
    c = after(arrives(c, segment("FA", 1, 2), now=5000))
    assert c.until == 5000 + EASY.msl_2


def test_the_fin_again_begins_time_wait_anew() -> None:
    c = after(arrives(in_state(State.TIME_WAIT), segment("FA", 1, 2), now=5000))
    assert c.until == 5000 + EASY.msl_2
    assert answers(c, now=5000) == [Out("A", 2, 2)]


def test_what_is_not_a_fin_leaves_the_end_of_time_wait_as_it_is() -> None:
    for s in (segment("A", 2, 2), segment("A", -5, 2), segment("R", 5), segment("S", 2), segment("A", 2, 7)):
        assert after(arrives(in_state(State.TIME_WAIT), s, now=5000)).until == EASY.msl_2


def test_nothing_else_is_timed_in_time_wait() -> None:
    c = in_state(State.CLOSING)
    assert c.retransmit_at is not None
    c = after(arrives(c, segment("A", 2, 2), now=300))
    assert (c.state, c.retransmit_at, c.deadline) == (State.TIME_WAIT, None, 300 + EASY.msl_2)


# Who opens and closes at the same time (§3.5, figures 7 and 13)


def test_simultaneous_open() -> None:
    c = in_state(State.SYN_SENT)
    c, sent = emitted(after(arrives(c, segment("S", 0))))
    assert [(s.seq, s.ack) for s in sent] == [(ISS, IRS + 1)]
    c = after(arrives(c, segment("SA", 0, 1)))
    assert (c.state, c.snd_una, following(c)) == (State.ESTABLISHED, ISS + 1, (1, 1))
    c, _ = emitted(c)
    learned = arrives(c, segment("A", 1, 1, b"hello"))
    assert learned.text == b"hello"


def test_the_crossing_syn_ack_may_bring_text() -> None:
    learned = arrives(in_state(State.SYN_RECEIVED, passive=False), segment("SA", 0, 1, b"hello"))
    assert (after(learned).state, learned.text) == (State.ESTABLISHED, b"hello")
    assert answers(after(learned)) == [Out("A", 1, 6)]


def test_simultaneous_close() -> None:
    c = in_state(State.FIN_WAIT_1)
    c, _ = emitted(after(arrives(c, segment("FA", 1, 1))))
    assert c.state is State.CLOSING
    c = after(arrives(c, segment("A", 2, 2)))
    assert c.state is State.TIME_WAIT


# Half-close, and nobody who reads


def test_who_has_closed_still_receives() -> None:
    c = in_state(State.FIN_WAIT_2)
    for number, data in enumerate((b"one", b"two")):
        learned = arrives(c, segment("A", 1 + 3 * number, 2, data))
        assert learned.text == data
        c, _ = emitted(after(learned))
    assert c.state is State.FIN_WAIT_2


def test_who_was_closed_to_still_sends() -> None:
    c = said(in_state(State.CLOSE_WAIT), "A", b"hello")
    c = after(arrives(c, segment("A", 2, 6)))
    assert (c.state, c.outstanding) == (State.CLOSE_WAIT, 0)


def deaf(state: State) -> Connection:
    return replace(in_state(state), deaf=True)


@pytest.mark.parametrize("state", [State.FIN_WAIT_1, State.FIN_WAIT_2], ids=lambda state: state.value)
@pytest.mark.parametrize("seq", [1, 5])
def test_text_that_nobody_will_read_is_answered_with_a_reset(state: State, seq: int) -> None:
    """RFC 9293 §3.6.1, SHLD-3: the peer is told that its data was lost."""
    learned = arrives(deaf(state), segment("A", seq, 2, b"hello"))
    assert (learned.verdict, learned.connection, learned.text) == (Verdict.RST, None, b"")
    assert reset(learned) == ("RST", (ISS + 2).value, None)


def test_nobody_need_read_a_fin_or_what_was_read_before() -> None:
    assert after(arrives(deaf(State.FIN_WAIT_2), segment("FA", 1, 2))).state is State.TIME_WAIT
    c = after(arrives(in_state(State.FIN_WAIT_2), segment("A", 1, 2, b"hello")))
    assert challenged(replace(c, deaf=True), segment("A", 1, 2, b"hello"))


def test_without_a_limit_fin_wait_2_lasts_for_ever() -> None:
    assert after(arrives(deaf(State.FIN_WAIT_1), segment("A", 1, 2))).deadline is None


def test_with_a_limit_fin_wait_2_ends_where_nobody_reads() -> None:
    limited = replace(EASY, fin_wait_2=3000)
    c = replace(in_state(State.FIN_WAIT_1, limited), deaf=True)
    assert after(arrives(c, segment("A", 1, 2), now=500)).until == 3500
    held = in_state(State.FIN_WAIT_1, limited)
    assert after(arrives(held, segment("A", 1, 2), now=500)).until is None, "somebody reads"


# Challenges are limited (RFC 5961 §7)


def answered(c: Connection, s: Segment, at: list[int]) -> list[bool]:
    """Whether each of these segments, which come at these times, draws an answer."""
    drew = []
    for now in at:
        c, sent = emitted(after(arrives(c, s, now)), now)
        drew.append(bool(sent))
    return drew


@pytest.mark.parametrize("s", [segment("A", -50), segment("R", 50), segment("S", 50), segment("A", 1, 2**30)])
def test_so_many_acks_a_second_answer_what_is_not_acceptable(s: Segment) -> None:
    limited = in_state(State.ESTABLISHED, replace(EASY, challenge_limit=3))
    assert answered(limited, s, [5000] * 5) == [True, True, True, False, False]
    assert answered(limited, s, [5000, 5300, 5600, 5900, 6000]) == [True, True, True, False, True]
    assert all(answered(in_state(State.ESTABLISHED, replace(EASY, challenge_limit=None)), s, [5000] * 50))


def test_text_in_order_is_always_acknowledged() -> None:
    c = in_state(State.ESTABLISHED, replace(EASY, challenge_limit=0))
    assert answers(after(arrives(c, segment("A", 1, 1, b"hello")))) == [Out("A", 1, 6)]
    assert answers(after(arrives(c, segment("A", 4, 1, b"lo")))) == [Out("A", 1, 1)]


# Acknowledgements that wait for company (§3.8.6.3, RFC 1122 §4.2.3.2)

DELAYING = replace(EASY, delayed_ack=200)


def test_an_ack_waits_a_little_and_not_for_ever() -> None:
    end = End(in_state(State.ESTABLISHED, DELAYING))
    assert end.hears("A", 1, 1, b"hello") == []
    assert end.waits(199) == []
    assert end.waits(1) == [(200, Out("A", 1, 6))]


def test_a_second_small_segment_does_not_make_it_wait_longer() -> None:
    end = End(in_state(State.ESTABLISHED, DELAYING))
    assert end.hears("A", 1, 1, b"hello") == []
    assert end.waits(150) == []
    assert end.hears("A", 6, 1, b"world") == []
    assert end.waits(100) == [(200, Out("A", 1, 11))]


def test_every_second_full_segment_is_acknowledged_at_once() -> None:
    end = End(in_state(State.ESTABLISHED, DELAYING))
    full = b"x" * 100
    assert end.hears("A", 1, 1, full) == []
    assert end.hears("A", 101, 1, full) == [Out("A", 1, 201)]
    assert end.hears("A", 201, 1, full) == []
    assert end.hears("A", 301, 1, full) == [Out("A", 1, 401)]


def test_an_ack_that_waits_goes_with_the_answer() -> None:
    end = End(in_state(State.ESTABLISHED, DELAYING))
    assert end.hears("A", 1, 1, b"hello") == []
    assert end.send(b"hi") == [Out("A", 1, 6, b"hi")]
    assert [out for _, out in end.waits(500)] == []


@pytest.mark.parametrize(
    ("seq", "data"),
    [(4, b"lo"), (-10, b"old"), (1 + BUFFER, b"far")],
    ids=["before its turn", "old", "far"],
)
def test_what_is_not_in_order_is_acknowledged_at_once(seq: int, data: bytes) -> None:
    end = End(in_state(State.ESTABLISHED, DELAYING))
    assert end.hears("A", seq, 1, data) == [Out("A", 1, 1)]


def test_what_fills_a_gap_is_acknowledged_at_once() -> None:
    """RFC 5681 §4.2."""
    end = End(in_state(State.ESTABLISHED, DELAYING))
    end.hears("A", 4, 1, b"lo")
    assert end.hears("A", 1, 1, b"hel") == [Out("A", 1, 6)]
