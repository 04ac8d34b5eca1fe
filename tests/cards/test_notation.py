from __future__ import annotations

import contextlib
import warnings
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cards.datagram import Fragment, IcmpError, IcmpType, Opaque
from cards.notation import EXAMPLE, parse, parse_packet, write
from cards.packet import Body, Flags, Packet, Segment, Written
from cards.payload import Ink
from cards.seqnum import SeqNum
from tests.cards.examples import ABOUT, ERRORS, SAMPLES, Sample
from tests.cards.strategies import bodies, named_icmp_errors, packets, packets_with, tunnels, written

CLIENT, SERVER = IPv4Address("10.0.1.2"), IPv4Address("10.0.1.1")


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        (
            "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100",
            Packet(CLIENT, SERVER, Segment(40001, 23, Flags.SYN, SeqNum(100))),
        ),
        (
            "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101",
            Packet(SERVER, CLIENT, Segment(23, 40001, Flags.SYN | Flags.ACK, SeqNum(300), SeqNum(101))),
        ),
        (
            '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 win=512 ttl=3 data="say \\x22hi\\x22\\x0a"',
            Packet(CLIENT, SERVER, Segment(40001, 23, Flags.ACK, SeqNum(101), SeqNum(301), 512, b'say "hi"\n'), ttl=3),
        ),
        (
            "10.0.1.2:40001 > 10.0.1.1:23 - seq=0 ink=17",
            Packet(CLIENT, SERVER, Segment(40001, 23, Flags.NONE, SeqNum(0), payload=Ink(17))),
        ),
    ],
)
def test_packets_are_written_and_read_like_this(text: str, packet: Packet) -> None:
    assert write(packet) == text
    assert parse_packet(text) == packet


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.line)
def test_what_is_not_tcp_is_written_and_read_like_this(sample: Sample) -> None:
    assert write(sample.packet) == sample.line
    if sample in ERRORS:
        assert replace(parse(sample.line), ttl=64) == sample.packet.written()
    else:
        assert parse_packet(sample.line) == sample.packet


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("10.0.1.2 > 10.0.2.1 ping", "10.0.1.2 > 10.0.2.1 ECHO"),
        ("10.0.1.2 > 10.0.2.1 Echo", "10.0.1.2 > 10.0.2.1 ECHO"),
        ("10.0.1.2:7 > 10.0.2.1 PING", "10.0.1.2 > 10.0.2.1 ECHO id=7"),
        ("10.0.1.2:? > 10.0.2.1:? PING", "10.0.1.2 > 10.0.2.1 ECHO"),
        ("10.0.1.2 > 10.0.2.1 seq=3 ping reply id=7", "10.0.1.2 > 10.0.2.1 ECHO-REPLY id=7 seq=3"),
        ("10.0.1.2 > 10.0.2.1 echo-reply", "10.0.1.2 > 10.0.2.1 ECHO-REPLY"),
        ("10.0.1.2 > 10.0.2.1 Time exceeded", "10.0.1.2 > 10.0.2.1 TIME-EXCEEDED"),
        ("? > ? time-exceeded", "? > ? TIME-EXCEEDED"),
        ("10.0.1.2:1 > 10.0.2.1:2 udp", "10.0.1.2:1 > 10.0.2.1:2 UDP"),
        ("10.0.1.2:1 > 10.0.2.1:2 TCP SYN seq=3", "10.0.1.2:1 > 10.0.2.1:2 SYN seq=3"),
    ],
)
def test_people_say_in_their_own_ways_what_it_is(text: str, usual: str) -> None:
    assert parse(text) == parse(usual)
    assert write(parse(text)) == usual


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (Opaque(47, b"GRE"), "10.0.1.2 > 10.0.1.1 protocol=47 ttl=9"),
        (Packet(SERVER, CLIENT, Opaque(47, b"")), "10.0.1.2 > 10.0.1.1 protocol=4 ttl=9"),
        (Fragment(17, 1480, True, b"x"), "10.0.1.2 > 10.0.1.1 protocol=17 offset=1480 ttl=9"),
        (IcmpError(IcmpType.UNREACHABLE, 4, ABOUT, 1000), "10.0.1.2 > 10.0.1.1 protocol=1 type=3 code=4 ttl=9"),
    ],
)
def test_what_no_card_can_be_is_told_to_people(body: Body, line: str) -> None:
    assert write(Packet(CLIENT, SERVER, body, ttl=9)) == line


@given(packets_with(bodies) | packets_with(tunnels) | packets_with(named_icmp_errors))
def test_any_packet_is_written_in_a_line_and_read_back_when_a_card_can_be_it(packet: Packet) -> None:
    line = write(packet)
    assert line.isprintable()
    if packet.carries is None:
        with pytest.raises(ValueError, match="nothing is called"):
            parse(line)
    else:
        assert parse(line).carries is packet.carries


def test_people_write_in_their_own_ways() -> None:
    usual = parse("10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101")
    for flags in ("syn,ack", "SYN-ACK", "SYN+ACK", "ACK SYN", "S,A", "Syn / Ack"):
        assert parse(f" 10.0.1.1:23  >  10.0.1.2:40001 {flags} ack=101 seq=300 ") == usual


def test_what_was_not_written_is_absent() -> None:
    assert parse("10.0.1.2:? > ?:23 seq=5") == Written(src=CLIENT, dport=23, seq=SeqNum(5))


@given(packets())
def test_for_people_a_card_reads_as_its_packet_does_without_what_is_always_so(packet: Packet) -> None:
    assert write(packet.written(), brief=True) == write(packet)


def test_for_people_a_card_of_which_something_is_missing_has_no_less() -> None:
    line = "10.0.1.2:? > 10.0.1.1:23 SYN ttl=3"
    assert write(parse(line), brief=True) == line
    assert write(parse(line + ' win=65535 data=""'), brief=True) == line


@given(packets())
def test_a_packet_that_is_written_reads_the_same(packet: Packet) -> None:
    assert parse_packet(write(packet)) == packet


@given(written)
def test_an_incomplete_packet_that_is_written_reads_the_same(what: Written) -> None:
    assert parse(write(what)) == what


NOTATION = st.lists(
    st.sampled_from(
        [
            *EXAMPLE.split(),
            ":",
            ">",
            "seq=",
            "ack=7",
            'data="',
            '"',
            "\\",
            "\\x4",
            "-",
            "?",
            "=",
            "ink=3",
            " ",
            "UDP",
            "PING",
            "id=7",
        ]
    )
    | st.text(max_size=4)
)


@given(st.text() | NOTATION.map("".join) | NOTATION.map(" ".join))
def test_any_text_is_read_or_refused_without_a_warning(text: str) -> None:
    with warnings.catch_warnings(), contextlib.suppress(ValueError):
        warnings.simplefilter("error")
        parse_packet(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "written like this"),
        ("SYN", "written like this"),
        ("10.0.1.2 > 10.0.1.1:23 SYN seq=1", "ADDRESS:PORT"),
        ("10.0.1.999:1 > 10.0.1.1:23 SYN seq=1", "'10.0.1.999' is not an IPv4 address"),
        ("10.0.1.2:70000 > 10.0.1.1:23 SYN seq=1", "a port is a number from 0 to 65535"),
        ("10.0.1.2:1 > 10.0.1.1:23 SIN seq=1", "'SIN' is not a flag"),
        ("10.0.1.2:1 > 10.0.1.1:23 SYN seq=4294967296", "seq is a number from 0 to 4294967295"),
        ("10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 seq=2", "seq is written twice"),
        ("10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 size=2", "nothing is called 'size'"),
        ("10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 data=hello", 'data="hello"'),
        ('10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 data="\u20ac"', "not an octet"),
        ('10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 data="\\d"', "not an octet"),
        ('10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 data="\\777"', "not an octet"),
        ('10.0.1.2:1 > 10.0.1.1:23 SYN seq=1 data="a" ink=1', "not both"),
        ("10.0.1.2:1 > 10.0.1.1:23 SYN,ACK seq=1", "no ack number"),
        ("10.0.1.2 > 10.0.1.1:23 UDP", "ADDRESS:PORT"),
        ("10.0.1.2 > 10.0.1.1 PNIG", "UDP, ECHO, ECHO-REPLY"),
        ("10.0.1.2:1 > 10.0.1.1:2 UDP id=7", "only a ping has an id"),
        ("10.0.1.2:1 > 10.0.1.1:2 SYN seq=3 id=7", "only a ping has an id"),
        ("10.0.1.2:7 > 10.0.1.1 ECHO id=7", "identifier of the ping is written twice"),
        ("10.0.1.2 > 10.0.1.1 ECHO id=65536", "id is a number from 0 to 65535"),
        ("10.0.1.2 > 10.0.1.1 ECHO,SYN", "a ping does not have flags"),
        ("10.0.1.2 > 10.0.1.1 PROHIBITED", "quotes another packet"),
    ],
)
def test_a_mistake_is_explained(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="is not a packet") as refusal:
        parse_packet(text)
    assert says in str(refusal.value)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["router" * 40_000, 'a="' * 80_000, "seq=" * 60_000, '10.0.1.2:1 > 10.0.1.1:2 data="' + "\\" * 200_000]
)
def test_a_line_of_any_length_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)
