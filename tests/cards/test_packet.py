from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from cards.notation import EXAMPLE, parse
from cards.packet import Flags, Packet, Segment, Written
from cards.payload import Ink, octets
from cards.seqnum import SeqNum
from tests.cards.strategies import packets

SYN = parse(EXAMPLE)


@given(packets())
def test_a_packet_with_every_field_written_is_that_packet(packet: Packet) -> None:
    assert packet.written().complete() == packet


def test_syn_and_fin_count_one_octet_each() -> None:
    assert Segment(1, 2, Flags.SYN, SeqNum(0)).length == 1
    assert Segment(1, 2, Flags.FIN | Flags.ACK, SeqNum(0), SeqNum(0), payload=b"abc").length == 4
    assert Segment(1, 2, Flags.NONE, SeqNum(0), payload=Ink(17)).length == 17


def test_flags_are_spoken_as_people_do() -> None:
    assert str(Flags.ACK | Flags.SYN) == "SYN,ACK"
    assert str(Flags.PSH | Flags.ACK) == "PSH,ACK"
    assert str(Flags.NONE) == "-"


def test_how_ink_looks_does_not_make_another_packet() -> None:
    assert Ink(3, b"one picture") == Ink(3, b"another")
    assert octets(Ink(3)) == b"???"
    assert octets(b"abc") == b"abc"


@pytest.mark.parametrize(
    ("field", "asks_for"),
    [("src", "source"), ("sport", "source"), ("dst", "destination"), ("dport", "destination"), ("flags", "flags")],
)
def test_what_only_the_writer_can_know_is_asked_for(field: str, asks_for: str) -> None:
    with pytest.raises(ValueError, match=asks_for):
        replace(SYN, **{field: None}).complete()


def test_an_ack_number_goes_with_the_ack_flag() -> None:
    with pytest.raises(ValueError, match="no ack number"):
        replace(SYN, flags=Flags.SYN | Flags.ACK).complete()
    with pytest.raises(ValueError, match="flag is not set"):
        replace(SYN, ack=SeqNum(1)).complete()
    with pytest.raises(ValueError, match="exactly when"):
        Segment(1, 2, Flags.ACK, SeqNum(0))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(SYN, sport=65536), "source port is between 0 and 65535, not 65536"),
        (replace(SYN, dport=-1), "destination port is between 0 and 65535, not -1"),
        (replace(SYN, window=65536), "window is between 0 and 65535, not 65536"),
        (replace(SYN, ttl=256), "TTL is between 0 and 255, not 256"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong: Written, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wrong.complete()
