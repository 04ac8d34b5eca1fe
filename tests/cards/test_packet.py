from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Opaque, Unreachable
from cards.notation import EXAMPLE, parse
from cards.packet import CARRIES_OF, ICMP_ERRORS, Carries, Flags, Packet, Segment, Written
from cards.payload import Ink, octets
from cards.seqnum import SeqNum
from tests.cards.examples import ABOUT, ERRORS, SAMPLES, Sample
from tests.cards.strategies import bodies, named_icmp_errors, packets, packets_with, tunnels

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


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.line)
def test_a_packet_knows_what_a_card_calls_it(sample: Sample) -> None:
    assert sample.packet.carries == Carries(sample.json["carries"])
    assert sample.packet.written().carries == sample.packet.carries


@given(packets_with(bodies) | packets_with(tunnels) | packets_with(named_icmp_errors))
def test_a_packet_is_written_on_a_card_exactly_when_a_card_has_a_name_for_it(packet: Packet) -> None:
    if packet.carries is None:
        with pytest.raises(TypeError, match=type(packet.body).__name__):
            packet.written()
    else:
        what = packet.written()
        assert (what.carries, what.src, what.dst, what.ttl) == (packet.carries, packet.src, packet.dst, packet.ttl)


def test_every_sort_is_tcp_udp_a_ping_or_an_error() -> None:
    for carries in Carries:
        assert carries.has_ports + carries.is_echo + carries.is_error == 1
        assert carries.is_error == (carries in ICMP_ERRORS)
    assert {carries: CARRIES_OF[pair] for carries, pair in ICMP_ERRORS.items()} == {
        carries: carries for carries in Carries if carries.is_error
    }


@pytest.mark.parametrize(
    "body",
    [
        Opaque(47, b""),
        IcmpError(IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED, ABOUT, mtu=1000),
        IcmpError(IcmpType.TIME_EXCEEDED, 1, ABOUT),
    ],
)
def test_what_no_card_has_a_name_for_cannot_be_written(body: Opaque | IcmpError) -> None:
    packet = Packet(ERRORS[0].packet.src, ERRORS[0].packet.dst, body)
    assert packet.carries is None
    with pytest.raises(TypeError, match="no card can carry"):
        packet.written()


@pytest.mark.parametrize("sample", ERRORS, ids=lambda sample: sample.line)
def test_an_icmp_error_is_not_complete_on_a_card(sample: Sample) -> None:
    with pytest.raises(ValueError, match="quotes another packet, which no card has room for"):
        sample.packet.written().complete()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("10.0.1.2:1 > 10.0.2.1:2 UDP SYN", "UDP datagram does not have flags, but SYN is written"),
        ("10.0.1.2:1 > 10.0.2.1:2 UDP ack=7", "UDP datagram does not have an ack number, but ack=7"),
        ("10.0.1.2:1 > 10.0.2.1:2 UDP seq=0", "UDP datagram does not have a sequence number, but seq=0"),
        ("10.0.1.2:1 > 10.0.2.1:2 UDP win=5", "UDP datagram does not have a window, but win=5"),
        ("10.0.1.2 > 10.0.2.1 ECHO SYN,ACK", "ping does not have flags, but SYN,ACK is written"),
        ("10.0.1.2 > 10.0.2.1 ECHO ack=0", "ping does not have an ack number, but ack=0"),
        ("10.0.1.2 > 10.0.2.1 ECHO-REPLY win=5", "ping does not have a window"),
        ("10.0.1.2 > 10.0.2.1:23 ECHO", "ping does not have a destination port, but port 23"),
        ("10.0.1.2 > 10.0.2.1 ECHO seq=65536", "number is between 0 and 65535"),
        ("? > 10.0.2.1 ECHO", "where is it from"),
        ("10.0.1.2 > ? ECHO", "where does it go"),
        ("10.0.1.2:? > 10.0.2.1:2 UDP", "where is it from"),
        ("10.0.1.2:1 > 10.0.2.1:? UDP", "where does it go"),
    ],
)
def test_what_contradicts_itself_or_is_missing_is_named(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(line).complete()


def test_no_flag_at_all_contradicts_nothing() -> None:
    assert parse("10.0.1.2:1 > 10.0.2.1:2 UDP -").complete().body == Datagram(1, 2)


def test_a_ping_has_its_identifier_and_number_where_tcp_has_source_port_and_sequence_number() -> None:
    ping = Written(SYN.src, SYN.dst, 7, seq=SeqNum(3), carries=Carries.ECHO)
    assert ping.complete().body == Echo(False, 7, 3)
    assert replace(ping, sport=None, seq=None, carries=Carries.ECHO_REPLY).complete().body == Echo(True, 0, 0)


def test_what_is_written_is_compared_and_hashed_by_its_fields() -> None:
    one, same = replace(SYN, payload=Ink(3, b"one picture")), replace(SYN, payload=Ink(3, b"another"))
    assert one == same
    assert hash(one) == hash(same)
    assert one != replace(one, carries=Carries.UDP)
    with pytest.raises(AttributeError):
        one.ttl = 3  # type: ignore[misc]
