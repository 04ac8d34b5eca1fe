"""The retransmission timeout (RFC 6298), with numbers worked out by hand. All times are ms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.simulator.emit import opened
from hub.simulator.options import Options
from hub.simulator.rto import Rto, backed_off, sampled
from hub.simulator.states import State
from tests.hub.tcp import EASY, ISS, PAIR, End, Out, in_state

LEAST, MOST = 1000, 60_000
QUICK = replace(EASY, rto_min=10, nagle=False)
"""A least timeout so small that the arithmetic shows."""

# The arithmetic (§2)


def measured(*rtts: int, least: int = 1, most: int = MOST) -> Rto:
    t = Rto()
    for rtt in rtts:
        t = sampled(t, rtt, least, most)
    return t


def test_the_first_measurement() -> None:
    """§2.2: SRTT <- R, RTTVAR <- R/2, RTO <- SRTT + max(G, 4*RTTVAR) = 3R."""
    assert measured(400) == Rto(1200.0, 400.0, 200.0)


def test_the_next_measurement() -> None:
    """§2.3: RTTVAR <- 3/4*200 + 1/4*|400-800| = 250, then SRTT <- 7/8*400 + 1/8*800 = 450, RTO = 450 + 1000."""
    assert measured(400, 800) == Rto(1450.0, 450.0, 250.0)


def test_one_more() -> None:
    """RTTVAR = 3/4*250 + 1/4*|450-50| = 287.5; SRTT = 7/8*450 + 1/8*50 = 400; RTO = 400 + 1150."""
    assert measured(400, 800, 50) == Rto(1550.0, 400.0, 287.5)


def test_a_clock_tick_is_the_least_variation() -> None:
    """§2.3: G, 1 ms here, when 4*RTTVAR is less."""
    t = Rto(1000.0, 200.0, 0.0)
    assert sampled(t, 200, 1, MOST).rto == 201.0


def test_it_is_at_least_the_least_and_at_most_the_most() -> None:
    """§2.4, §2.5."""
    assert measured(10, least=LEAST).rto == 1000.0
    assert measured(30_000, most=MOST).rto == 60_000.0


def test_backing_off_doubles_up_to_the_most() -> None:
    """§5.5."""
    t = measured(400)
    rtos = []
    for _ in range(7):
        t = backed_off(t, MOST)
        rtos.append(t.rto)
    assert rtos == [2400, 4800, 9600, 19_200, 38_400, 60_000, 60_000]
    assert (t.srtt, t.rttvar) == (400.0, 200.0), "what was measured is kept"


def test_backing_off_stops_the_measurement() -> None:
    """§3, Karn: what is sent again is not timed."""
    assert backed_off(Rto(timed=(ISS, 5)), MOST).timed is None


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=20))
def test_any_measurements_keep_it_within_bounds(rtts: list[int]) -> None:
    t = measured(*rtts, least=LEAST, most=MOST)
    assert LEAST <= t.rto <= MOST
    assert t.srtt is not None
    assert min(rtts) <= t.srtt <= max(rtts)


@given(st.integers(1, 5000))
def test_a_steady_round_trip_is_learned(rtt: int) -> None:
    t = measured(*[rtt] * 60)
    assert t.srtt == pytest.approx(rtt)
    assert t.rto == pytest.approx(rtt + 1, abs=1)


# In a connection (§3, §5)


def rto(end: End) -> float:
    return end.connection.rto.rto


def test_nothing_measured_yet_means_one_second() -> None:
    """§2.1."""
    end = End(in_state(State.SYN_SENT))
    assert end.waits(1000) == [(1000, Out("S", 0, None))]


def test_the_handshake_is_measured() -> None:
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    assert (end.connection.rto.srtt, rto(end)) == (400.0, 1200.0)


def test_data_is_measured_from_when_it_went_out_to_its_ack() -> None:
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    end.send(b"hello")
    end.waits(800)
    end.hears("A", 1, 6)
    assert rto(end) == 1450.0


def test_an_ack_of_less_than_what_is_timed_measures_nothing() -> None:
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    end.send(b"hello")
    end.waits(800)
    end.hears("A", 1, 3)
    assert rto(end) == 1200.0
    end.hears("A", 1, 6)
    assert rto(end) == 1450.0


def test_one_segment_at_a_time_is_measured() -> None:
    """§3: at least once a round trip; the second segment does not begin another measurement."""
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    end.send(b"one")
    end.waits(700)
    end.send(b"two")
    end.waits(100)
    end.hears("A", 1, 7)
    assert rto(end) == 1450.0, "800 ms from the first"


def test_what_was_sent_again_is_not_measured() -> None:
    """§3, Karn. The timeout stays as it was backed off until something new is measured (§5.5)."""
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    end.send(b"hello")
    assert end.waits(1200) == [(1600, Out("A", 1, 1, b"hello"))]
    end.waits(100)
    end.hears("A", 1, 6)
    assert (end.connection.rto.srtt, rto(end)) == (400.0, 2400.0)
    end.send(b"world")
    end.waits(400)
    end.hears("A", 1, 11)
    assert rto(end) == 400 + 4 * 150, "§2.3: RTTVAR = 3/4*200"


def test_nothing_that_was_outstanding_when_the_timer_ran_out_is_measured() -> None:
    end = End(in_state(State.SYN_SENT, QUICK))
    end.waits(400)
    end.hears("SA", 0, 1)
    end.send(b"x" * 150)  # two segments
    end.waits(1200)
    before = end.connection.rto
    assert end.hears("A", 1, 101) == [Out("A", 101, 1, b"x" * 50)]
    end.waits(50)
    end.hears("A", 1, 151)
    assert end.connection.rto == before


def test_an_octet_that_a_shut_window_refused_is_not_measured_when_it_goes_again() -> None:
    """§3, Karn: the ACK may be of the first time or of the second."""
    end = End(in_state(State.ESTABLISHED))
    end.hears("A", 1, 1, window=0)
    end.send(b"hello")
    assert end.waits(1000) == [(1000, Out("A", 1, 1, b"h"))]
    end.hears("A", 1, 1, window=0)
    end.waits(1500)
    assert end.hears("A", 1, 1) == [Out("A", 1, 1, b"hello")]
    before = end.connection.rto
    end.waits(10)
    end.hears("A", 1, 6)
    assert (end.connection.rto.srtt, end.connection.rto.rttvar) == (before.srtt, before.rttvar)


def test_after_a_lost_syn_the_timeout_begins_with_three_seconds() -> None:
    """§5.7."""
    end = End(in_state(State.SYN_SENT))
    assert end.waits(1000) == [(1000, Out("S", 0, None))]
    end.waits(10)
    end.hears("SA", 0, 1)
    assert rto(end) == 3000.0
    end.send(b"hello")
    assert end.waits(2999) == []
    assert end.waits(1) == [(4010, Out("A", 1, 1, b"hello"))]


def test_after_a_lost_syn_ack_too() -> None:
    end = End(in_state(State.SYN_RECEIVED))
    assert end.waits(1000) == [(1000, Out("SA", 0, 1))]
    end.hears("A", 1, 1)
    assert rto(end) == 3000.0


def test_a_syn_ack_that_was_asked_for_again_counts_as_one_that_was_lost() -> None:
    """§5.7 names the timer alone, but here nothing could be measured either (a choice: docs/engine.md)."""
    end = End(in_state(State.SYN_RECEIVED))
    assert end.hears("S", 0) == [Out("SA", 0, 1)]
    end.hears("A", 1, 1)
    assert rto(end) == 3000.0


# The timer (§5)


def test_it_starts_with_what_is_sent_and_stops_when_all_is_acknowledged() -> None:
    """§5.1, §5.2."""
    end = End()
    assert end.sockets.deadline is None
    end.send(b"hello")
    assert end.sockets.deadline == 1000
    end.hears("A", 1, 6)
    assert end.waits(10_000) == []


def test_a_running_timer_is_left_alone_when_more_is_sent() -> None:
    """§5.1."""
    end = End(in_state(State.ESTABLISHED, replace(EASY, nagle=False)))
    end.send(b"one")
    end.waits(600)
    end.send(b"two")
    assert end.waits(400) == [(1000, Out("A", 1, 1, b"onetwo"))]


def test_an_ack_of_something_new_begins_it_anew() -> None:
    """§5.3."""
    end = End(in_state(State.ESTABLISHED, replace(EASY, nagle=False)))
    end.send(b"one")
    end.send(b"two")
    end.waits(600)
    end.hears("A", 1, 4)
    assert end.waits(999) == []
    assert end.waits(1) == [(1600, Out("A", 4, 1, b"two"))]


def test_an_ack_of_nothing_new_does_not() -> None:
    end = End()
    end.send(b"hello")
    end.waits(600)
    end.hears("A", 1, 1)
    assert end.waits(400) == [(1000, Out("A", 1, 1, b"hello"))]


def test_the_earliest_segment_goes_again_and_only_that() -> None:
    """§5.4."""
    end = End()
    end.send(b"a" * 100 + b"b" * 100 + b"c")
    assert end.waits(1000) == [(1000, Out("A", 1, 1, b"a" * 100))]


def test_every_time_it_waits_twice_as_long() -> None:
    """§5.5, §5.6."""
    end = End()
    end.send(b"hello")
    assert [at for at, _ in end.waits(31_000)] == [1000, 3000, 7000, 15_000, 31_000]


def test_the_most_that_it_waits() -> None:
    end = End(in_state(State.ESTABLISHED, replace(EASY, rto_max=4000)))
    end.send(b"hello")
    assert [at for at, _ in end.waits(16_000)] == [1000, 3000, 7000, 11_000, 15_000]


def test_without_a_timeout_nothing_is_ever_sent_again_by_itself() -> None:
    end = End(in_state(State.ESTABLISHED, Options(rto_initial=None)))
    end.send(b"hello")
    assert end.sockets.deadline is None


def test_a_timeout_of_the_host_own_choice() -> None:
    end = End(opened(PAIR, Options(rto_initial=250)))
    assert [out.letters for out in end.says()] == ["S"]
    assert [at for at, _ in end.waits(4000)] == [250, 750, 1750, 3750]
