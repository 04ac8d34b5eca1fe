from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.seqnum import SeqNum
from tests.cards.strategies import seqnums

octets = st.integers(-(2**33), 2**33)


def test_counting_wraps_around_at_32_bits() -> None:
    assert SeqNum(0xFFFFFFFF) + 1 == SeqNum(0)
    assert SeqNum(0xFFFFFFFF) < SeqNum(0)
    assert SeqNum(5) - SeqNum(0xFFFFFFFE) == 7


@given(seqnums, octets, octets)
def test_octets_can_be_counted_in_any_portions(start: SeqNum, a: int, b: int) -> None:
    assert start + a + b == start + (a + b)


@given(seqnums, seqnums)
def test_a_difference_leads_back(a: SeqNum, b: SeqNum) -> None:
    assert b + (a - b) == a
    assert -(2**31) <= a - b < 2**31


@given(seqnums, st.integers(1, 2**31 - 1))
def test_a_number_is_before_all_that_follow_within_half_the_circle(start: SeqNum, ahead: int) -> None:
    later = start + ahead
    assert start < later
    assert start <= later
    assert later > start
    assert later >= start
    assert not later < start
    assert not later <= start
    assert later - start == ahead


@given(seqnums)
def test_opposite_numbers_are_neither_before_nor_after(start: SeqNum) -> None:
    opposite = start + 2**31
    assert not start < opposite
    assert not opposite < start


@given(seqnums)
def test_a_number_is_not_before_itself(number: SeqNum) -> None:
    same = SeqNum(int(number))
    assert number <= same
    assert number >= same
    assert not number < same
    assert str(number) == str(int(same))


@pytest.mark.parametrize("value", [-1, 2**32])
def test_a_number_outside_32_bits_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 4294967295"):
        SeqNum(value)
