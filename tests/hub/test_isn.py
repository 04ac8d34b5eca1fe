"""Initial sequence numbers (RFC 6528): a clock, and an offset of each pair that nobody outside can compute."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from cards.seqnum import SeqNum
from hub.simulator import isn
from hub.simulator.connection import Endpoint, Pair
from hub.simulator.emit import opened
from hub.simulator.host import Host
from tests.cards import strategies

endpoints = st.builds(Endpoint, strategies.addresses, strategies.ports)
pairs = st.builds(Pair, endpoints, endpoints)
secrets, times = st.text(max_size=20), st.integers(0, 10**12)
PAIR = Pair(Endpoint(IPv4Address("10.0.1.1"), 80), Endpoint(IPv4Address("10.0.1.2"), 40001))


@given(secrets, pairs, times, st.none() | st.integers(1, 9))
def test_the_same_seed_gives_the_same_number(secret: str, pair: Pair, now: int, digits: int | None) -> None:
    assert isn.initial(secret, pair, now, digits) == isn.initial(secret, pair, now, digits)


@given(secrets, pairs, times, st.integers(0, 10**6))
def test_the_clock_ticks_every_four_microseconds(secret: str, pair: Pair, now: int, later: int) -> None:
    """RFC 9293 §3.4.1, SHLD-1: a number for a pair is not used again for four and a half hours."""
    assert isn.initial(secret, pair, now + later) == isn.initial(secret, pair, now) + 250 * later


def test_every_part_of_the_pair_and_the_secret_counts() -> None:
    local, remote = PAIR.local, PAIR.remote
    others = [
        Pair(Endpoint(remote.address, local.port), remote),
        Pair(Endpoint(local.address, 81), remote),
        Pair(local, Endpoint(local.address, remote.port)),
        Pair(local, Endpoint(remote.address, 40002)),
        Pair(remote, local),
    ]
    numbers = [isn.initial("secret", pair, 0) for pair in (PAIR, *others)] + [isn.initial("other", PAIR, 0)]
    assert len(set(numbers)) == len(numbers)


@given(secrets, pairs, times, st.integers(1, 9))
def test_it_fits_the_boxes_of_a_form(secret: str, pair: Pair, now: int, digits: int) -> None:
    assert isn.initial(secret, pair, now, digits).value < 10**digits


@given(secrets, pairs, times)
def test_where_it_takes_all_columns_there_is_room_to_count_on(secret: str, pair: Pair, now: int) -> None:
    assert isn.initial(secret, pair, now, 4).value < 9000


@given(secrets, pairs, times, times, st.integers(1, 9))
def test_on_a_form_a_pair_always_begins_with_the_same_number(
    secret: str, pair: Pair, now: int, later: int, digits: int
) -> None:
    assert isn.initial(secret, pair, now, digits) == isn.initial(secret, pair, later, digits)


def test_a_host_begins_with_it() -> None:
    host = Host((PAIR.local.address,), secret="seed").keep(PAIR, opened(PAIR, Host((PAIR.local.address,)).options))
    host, (packet,) = host.transmit(5000)
    assert packet.segment.seq == isn.initial("seed", PAIR, 5000)
    assert host.connections[PAIR].snd_una == packet.segment.seq


def test_hosts_with_other_secrets_begin_elsewhere() -> None:
    numbers = {Host((PAIR.local.address,), secret=secret).isn(PAIR, 0) for secret in ("a", "b", "c")}
    assert len(numbers) == 3
    assert all(isinstance(number, SeqNum) for number in numbers)
