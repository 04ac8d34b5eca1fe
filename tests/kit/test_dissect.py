"""From frames to packets: every link, what a card does not show is named, and what is no card is said to be none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether

from cards.notation import parse_packet, write
from cards.qrtext import CardId, PrintedCard, encode
from hub.simulator.damage import sealed
from paperhop import dissect
from paperhop.capture import Frame
from paperhop.dissect import CUT_SHORT, WRONG_CHECKSUM, NoCard
from paperhop.from_capture import cut
from tests.kit.captures import ETHERNET, IPV4, LOOP, NULL, RAW, SLL, SLL2, TALK, framed, ip

DATA = TALK[3]
PING = '10.0.1.2 > 10.0.1.1 ECHO id=7 seq=3 data="abcdefgh"'
UDP_ = '10.0.1.2:40001 > 10.0.1.1:53 UDP data="question"'


def dissected(octets: bytes, link: int = ETHERNET) -> tuple[str, tuple[str, ...]]:
    captured = dissect.dissect(Frame(1, link, octets))
    return write(captured.packet), captured.notes


def refusal(octets: bytes, link: int = ETHERNET) -> str:
    with pytest.raises(NoCard) as error:
        dissect.dissect(Frame(1, link, octets))
    return str(error.value)


@pytest.mark.parametrize("line", [DATA, PING, UDP_, *TALK])
@pytest.mark.parametrize("link", [ETHERNET, NULL, RAW, 12, 14, LOOP, SLL, SLL2, IPV4])
def test_a_packet_is_found_on_every_link(link: int, line: str) -> None:
    assert dissected(framed(link, ip(line)), link) == (line, ())


def test_a_loopback_that_was_written_on_another_machine_is_read() -> None:
    assert dissected(struct.pack(">I", 2) + ip(DATA), NULL) == (DATA, ())


def test_tags_of_vlans_are_passed_over() -> None:
    tagged = framed(ETHERNET, struct.pack(">HH", 7, 0x8100) + struct.pack(">HH", 8, 0x0800) + ip(DATA), 0x88A8)
    assert dissected(tagged) == (DATA, ())
    by_scapy = bytes(Ether() / Dot1Q(vlan=5) / IP(ip(DATA)))
    assert dissected(by_scapy)[0] == DATA


def test_padding_is_no_data() -> None:
    assert dissected(framed(ETHERNET, ip(TALK[0])) + bytes(20)) == (TALK[0], ())


def test_what_scapy_builds_is_what_it_says() -> None:
    head = IP(src="10.0.1.2", dst="10.0.1.1", ttl=57)
    segment = bytes(head / TCP(sport=40001, dport=80, flags="PA", seq=5, ack=6, window=1000) / b"GET /")
    assert dissected(segment, RAW)[0] == (
        '10.0.1.2:40001 > 10.0.1.1:80 PSH,ACK seq=5 ack=6 win=1000 ttl=57 data="GET /"'
    )
    datagram = bytes(head / UDP(sport=5000, dport=53) / b"x")
    assert dissected(datagram, RAW)[0] == '10.0.1.2:5000 > 10.0.1.1:53 UDP ttl=57 data="x"'
    echo = bytes(head / ICMP(type="echo-reply", id=9, seq=2) / b"abc")
    assert dissected(echo, RAW)[0] == '10.0.1.2 > 10.0.1.1 ECHO-REPLY id=9 seq=2 ttl=57 data="abc"'


def test_what_a_card_leaves_out_is_named() -> None:
    options = [("MSS", 1460), ("NOP", None), ("WScale", 7), ("SAckOK", b""), ("Timestamp", (1, 0))]
    syn = IP(src="10.0.1.2", dst="10.0.1.1") / TCP(sport=1, dport=2, flags="SECU", seq=5, urgptr=3, options=options)
    line, notes = dissected(bytes(syn), RAW)
    assert line == "10.0.1.2:1 > 10.0.1.1:2 SYN,URG seq=5 win=8192"
    for part in ("MSS", "window scale", "SACK permitted", "timestamps", "ECE", "urgent"):
        assert any(part in note for note in notes), part
    assert len(notes) == 6
    routed = IP(src="10.0.1.2", dst="10.0.1.1", options=b"\x01\x01\x01\x00") / UDP(sport=1, dport=2)
    assert any("options of IPv4" in note for note in dissected(bytes(routed), RAW)[1])


@pytest.mark.parametrize(("line", "at"), [(DATA, 16), (UDP_, 6), (PING, 2)])
def test_a_wrong_checksum_of_the_body_is_noted_and_no_hindrance(line: str, at: int) -> None:
    packet = sealed(ip(line), 20 + at, 0x1234)
    assert dissected(packet, RAW) == (line, (WRONG_CHECKSUM,))


def test_a_wrong_checksum_of_the_header_is_noted_once() -> None:
    packet = sealed(sealed(ip(DATA), 10, 0), 36, 0x1234)
    assert dissected(packet, RAW) == (DATA, (WRONG_CHECKSUM,))


@pytest.mark.parametrize("line", [DATA, PING, UDP_])
def test_data_that_was_not_captured_stands_as_question_marks(line: str) -> None:
    whole = parse_packet(line)
    packet, notes = dissected(ip(line)[:-3], RAW)
    assert packet == line[:-4] + '???"'
    assert notes == (CUT_SHORT,)
    assert len(parse_packet(packet).body.payload) == len(whole.body.payload)  # type: ignore[union-attr]


def _fragment() -> bytes:
    return bytes(IP(src="10.0.1.2", dst="10.0.1.1", flags="MF") / UDP(sport=1, dport=2) / bytes(24))


@pytest.mark.parametrize(
    ("octets", "link", "says"),
    [
        (bytes(Ether() / IPv6() / TCP()), ETHERNET, "IPv6"),
        (bytes(IPv6() / TCP()), RAW, "IPv6"),
        (struct.pack("<I", 30) + bytes(IPv6() / TCP()), NULL, "IPv6"),
        (bytes(Ether() / ARP()), ETHERNET, "without IP"),
        (bytes(12) + b"\0\x26" + bytes(38), ETHERNET, "without IP"),
        (b"", ETHERNET, "without IP"),
        (b"", RAW, "without IP"),
        (struct.pack("<I", 2), NULL, "cut off within their headers"),
        (_fragment(), RAW, "fragment"),
        (_fragment()[:24], RAW, "fragment"),
        (bytes(IP(proto=47) / bytes(90))[:30], RAW, "of protocol 47"),
        (bytes(IP() / ICMP(type=3, code=1) / bytes(28)), RAW, "no ping"),
        (bytes(IP(proto=47) / bytes(9)), RAW, "of protocol 47"),
        (bytes(IP() / IP() / TCP()), RAW, "of protocol 4"),
        (ip(DATA)[:35], RAW, "cut off within their headers"),
        (ip(DATA)[:19], RAW, "cut off within their headers"),
        (ip(DATA)[:2] + b"\0\x15" + ip(DATA)[4:], RAW, "damaged header of TCP"),
        (b"\x42" + ip(DATA)[1:], RAW, "damaged header of IPv4"),
        (ip(DATA), 105, "from a link of type 105"),
    ],
)
def test_what_is_no_card_is_said_to_be_none(octets: bytes, link: int, says: str) -> None:
    assert says in refusal(octets, link)


@settings(max_examples=400)
@given(
    st.sampled_from([*TALK, PING, UDP_]),
    st.sampled_from([ETHERNET, NULL, RAW, LOOP, SLL, SLL2]),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), max_size=4),
    st.integers(0, 100),
)
def test_any_octets_make_a_packet_that_can_be_printed_or_get_a_reason(
    line: str, link: int, changes: list[tuple[int, int]], end: int
) -> None:
    octets = bytearray(framed(link, ip(line)))
    for at, octet in changes:
        if at < len(octets):
            octets[at] = octet
    said = "said"
    try:
        captured = dissect.dissect(Frame(1, link, bytes(octets[: end or None])))
    except NoCard as error:
        said = str(error)
    else:
        for piece in cut(captured.packet):
            if len(piece.body.payload) <= 64:  # type: ignore[union-attr]
                encode(PrintedCard(CardId("T", 1), piece))
    assert said
