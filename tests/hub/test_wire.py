"""Packets and their octets. The octets of the table are what another program (scapy 2.8) made of the same packets."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.datagram import Datagram, Echo, Fragment, IcmpError, IcmpType, Opaque, Protocol, Quote, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.payload import Ink
from cards.seqnum import SeqNum
from hub.simulator.wire import Damaged, checksum, decode, decode_body, encode, encode_body, protocol_of
from tests.cards import strategies

HOST, PEER, ROUTER = IPv4Address("10.0.1.2"), IPv4Address("10.0.2.3"), IPv4Address("10.0.1.1")
SYN, ACK, FIN, RST, PSH, URG = Flags.SYN, Flags.ACK, Flags.FIN, Flags.RST, Flags.PSH, Flags.URG


def to_peer(body: Body, ttl: int = 64, df: bool = False, ident: int = 0) -> Packet:
    return Packet(HOST, PEER, body, ttl, df, ident)


def from_peer(body: Body, ttl: int = 64) -> Packet:
    return Packet(PEER, HOST, body, ttl)


def reported(type: IcmpType, code: int, protocol: int, begins: bytes, mtu: int = 0) -> Packet:
    """The router tells the host about a packet of its own that died there."""
    return Packet(ROUTER, HOST, IcmpError(type, code, Quote(HOST, PEER, protocol, begins, 1, 0x1234), mtu))


TCP_BEGINS = bytes.fromhex("9c41 0017 00000064")
"""Ports 40001 and 23, sequence number 100."""

BOTH_WAYS = {
    "SYN with a segment size and DF": (
        to_peer(Segment(40001, 23, SYN, SeqNum(100), None, 64240, b"", 1460), df=True, ident=0x1234),
        "4500002c12344000400611940a0001020a0002039c41001700000064000000006002faf0e9740000020405b4",
    ),
    "SYN,ACK": (
        from_peer(Segment(23, 40001, SYN | ACK, SeqNum(2**32 - 1), SeqNum(101))),
        "4500002800000000400663cc0a0002030a00010200179c41ffffffff000000655012fffffc100000",
    ),
    "data, an odd number of octets": (
        to_peer(Segment(40001, 23, PSH | ACK, SeqNum(101), SeqNum(0), 512, b"hello"), ttl=7),
        "4500002d0000000007069cc70a0001020a0002039c410017000000650000000050180200b633000068656c6c6f",
    ),
    "urgent data and FIN": (
        to_peer(Segment(40001, 23, FIN | PSH | URG | ACK, SeqNum(106), SeqNum(7), 0, b"hurry!", urgent=3)),
        "4500002e00000000400663c60a0001020a0002039c4100170000006a0000000750390000a7cb0003687572727921",
    ),
    "RST": (
        to_peer(Segment(40001, 23, RST, SeqNum(106), None, 0)),
        "4500002800000000400663cc0a0001020a0002039c4100170000006a0000000050040000fc190000",
    ),
    "UDP": (
        to_peer(Datagram(5000, 53, b"who is there")),
        "4500002800000000401163c10a0001020a00020313880035001489c977686f206973207468657265",
    ),
    "UDP whose sender computed no checksum": (
        to_peer(Datagram(5000, 53, b"odd", checksummed=False)),
        "4500001f00000000401163ca0a0001020a00020313880035000b00006f6464",
    ),
    "UDP whose checksum comes out as 0": (
        to_peer(Datagram(5000, 53, bytes.fromhex("d518"))),
        "4500001e00000000401163cb0a0001020a00020313880035000affffd518",
    ),
    "UDP without payload": (
        to_peer(Datagram(5000, 53)),
        "4500001c00000000401163cd0a0001020a000203138800350008d51c",
    ),
    "echo request": (
        to_peer(Echo(False, 7, 2, b"abcde")),
        "4500002100000000400163d80a0001020a0002030800ce2f000700026162636465",
    ),
    "echo reply": (
        from_peer(Echo(True, 7, 2, b"abcde"), ttl=63),
        "45000021000000003f0164d80a0002030a0001020000d62f000700026162636465",
    ),
    "port unreachable": (
        reported(IcmpType.UNREACHABLE, Unreachable.PORT, Protocol.UDP, bytes.fromhex("138800350008d51c")),
        "4500003800000000400164c30a0001010a0001020303141b00000000"
        "4500001c12340000011190990a0001020a000203138800350008d51c",
    ),
    "fragmentation needed and DF set, with the MTU": (
        reported(IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED, Protocol.TCP, TCP_BEGINS, mtu=1400),
        "4500003800000000400164c30a0001010a00010203045ac700000578"
        "4500001c12344000010650a40a0001020a0002039c41001700000064",
    ),
    "TTL exceeded, more than 8 octets quoted": (
        reported(IcmpType.TIME_EXCEEDED, 0, 253, b"12345678ninth"),
        "4500003d00000000400164be0a0001010a0001020b00df4c00000000"
        "450000211234000001fd8fa80a0001020a00020331323334353637386e696e7468",
    ),
    "reassembly time exceeded, about a packet of 3 octets": (
        reported(IcmpType.TIME_EXCEEDED, 1, 253, b"123"),
        "4500003300000000400164c80a0001010a0001020b0190cc00000000450000171234000001fd8fb20a0001020a000203313233",
    ),
    "parameter problem": (
        reported(IcmpType.PARAMETER_PROBLEM, 1, Protocol.TCP, TCP_BEGINS),
        "4500003800000000400164c30a0001010a0001020c01574200000000"
        "4500001c12340000010690a40a0001020a0002039c41001700000064",
    ),
    "source quench": (
        reported(IcmpType.SOURCE_QUENCH, 0, Protocol.TCP, TCP_BEGINS),
        "4500003800000000400164c30a0001010a00010204005f4300000000"
        "4500001c12340000010690a40a0001020a0002039c41001700000064",
    ),
    "redirect": (
        Packet(
            ROUTER,
            HOST,
            Opaque(
                Protocol.ICMP,
                bytes.fromhex("050152440a0001fe4500001c12340000010690a40a0001020a0002039c41001700000064"),
            ),
        ),
        "4500003800000000400164c30a0001010a000102050152440a0001fe"
        "4500001c12340000010690a40a0001020a0002039c41001700000064",
    ),
    "ICMP timestamp": (
        to_peer(Opaque(Protocol.ICMP, bytes.fromhex("0d00f2f500070002000000010000000000000000"))),
        "4500002800000000400163d10a0001020a0002030d00f2f500070002000000010000000000000000",
    ),
    "first fragment": (
        to_peer(Fragment(Protocol.UDP, 0, True, bytes.fromhex("13880035001c0000")), ident=77),
        "4500001c004d2000401143800a0001020a00020313880035001c0000",
    ),
    "fragment in the middle": (
        to_peer(Fragment(Protocol.UDP, 1480, True, b"sixteen octets!!"), ident=77),
        "45000024004d20b9401142bf0a0001020a0002037369787465656e206f63746574732121",
    ),
    "last fragment, as far out as there is one": (
        to_peer(Fragment(Protocol.UDP, 65528, False, b"end"), ident=77),
        "45000017004d1fff401143860a0001020a000203656e64",
    ),
    "packet in a packet": (
        Packet(
            IPv4Address("192.0.2.1"),
            IPv4Address("198.51.100.2"),
            to_peer(Segment(40001, 23, ACK, SeqNum(101), SeqNum(1), payload=b"x"), ttl=63),
            ident=9,
        ),
        "4500003d0009000040048e7dc0000201c6336402"
        "45000029000000003f0664cb0a0001020a0002039c41001700000065000000015010ffff8410000078",
    ),
    "protocol that nobody knows": (
        to_peer(Opaque(253, b"anything")),
        "4500001c0000000040fd62e10a0001020a000203616e797468696e67",
    ),
}

SYN_1460 = to_peer(Segment(40001, 23, SYN, SeqNum(100), None, 64240, b"", 1460), df=True)
READ_ONLY = {
    "IPv4 options": (
        "4800002900000000401155b50a0001020a000203070b040000000000000000001388003500095d1a78",
        to_peer(Datagram(5000, 53, b"x")),
    ),
    "type of service": (
        "45b9001d00000000401163130a0001020a0002031388003500095d1a78",
        to_peer(Datagram(5000, 53, b"x")),
    ),
    "padding of Ethernet": (
        "4500001d00000000401163cc0a0001020a0002031388003500095d1a78" + "00" * 17,
        to_peer(Datagram(5000, 53, b"x")),
    ),
    "ECN bits and the options of Linux": (
        "4500003c00004000400623b80a0001020a0002039c41001700000064"
        "00000000a0c2faf0988d0000020405b40402080a000000010000000001030307",
        SYN_1460,
    ),
    "reserved bits, and an option after two that do nothing": (
        "4500003000000000400663c40a0001020a0002039c41001700000064000000007ec2faf0cd4b00000101020402180000",
        to_peer(Segment(40001, 23, SYN, SeqNum(100), None, 64240, b"", 536)),
    ),
    "what follows the end of the options": (
        "4500003000000000400663c40a0001020a0002039c41001700000064000000007002faf0dd0c00000000020402180000",
        to_peer(Segment(40001, 23, SYN, SeqNum(100), None, 64240)),
    ),
    "quotation of a long packet with options": (
        "4500003c00000000400164bf0a0001010a0001020b00584300000000"
        "460005dc12340000010687e20a0001020a000203010101019c41001700000064",
        reported(IcmpType.TIME_EXCEEDED, 0, Protocol.TCP, TCP_BEGINS),
    ),
    "error about a later fragment, which has no ports to quote": (
        "4500003800000000400164c30a0001010a0001020b01584200000000"
        "4500001c12340004010690a00a0001020a0002039c41001700000064",
        Packet(
            ROUTER,
            HOST,
            Opaque(
                Protocol.ICMP,
                bytes.fromhex("0b015842000000004500001c12340004010690a00a0001020a0002039c41001700000064"),
            ),
        ),
    ),
}


@pytest.mark.parametrize(("packet", "octets"), BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_a_packet_and_its_octets(packet: Packet, octets: str) -> None:
    assert encode(packet).hex() == octets
    assert decode(bytes.fromhex(octets)) == packet


@pytest.mark.parametrize(("octets", "packet"), READ_ONLY.values(), ids=READ_ONLY)
def test_what_we_would_not_write_is_read(octets: str, packet: Packet) -> None:
    assert decode(bytes.fromhex(octets)) == packet


@given(strategies.packets_with(strategies.bodies | strategies.tunnels))
def test_every_packet_comes_back(packet: Packet) -> None:
    assert decode(encode(packet)) == packet


@given(strategies.packets_with(strategies.bodies.filter(lambda body: not isinstance(body, Fragment))))
def test_every_body_comes_back(packet: Packet) -> None:
    assert decode_body(packet.src, packet.dst, protocol_of(packet.body), encode_body(packet)) == packet.body


def test_ink_travels_as_placeholders() -> None:
    assert encode(to_peer(Datagram(1, 2, Ink(5)))) == encode(to_peer(Datagram(1, 2, b"?????")))


def test_the_longest_packet() -> None:
    longest = to_peer(Segment(1, 2, ACK, SeqNum(0), SeqNum(0), payload=bytes(65535 - 40)))
    assert decode(encode(longest)) == longest
    for body in (Segment(1, 2, SYN, SeqNum(0), payload=bytes(65535 - 39)), Datagram(1, 2, bytes(65535 - 7))):
        with pytest.raises(ValueError, match="65536"):
            encode(to_peer(body))


# The checksum


def opened(octets: bytes) -> Packet | Damaged:
    """A packet as its host has it, who looks into the body, too."""
    packet = decode(octets)
    if isinstance(packet, Damaged) or not isinstance(packet.body, Opaque):
        return packet
    body = decode_body(packet.src, packet.dst, packet.body.protocol, packet.body.octets)
    return body if isinstance(body, Damaged) else packet


def test_a_router_carries_a_damaged_body_as_it_is() -> None:
    octets = flipped("UDP", -1)
    packet = decode(octets)
    assert isinstance(packet, Packet)
    assert isinstance(packet.body, Opaque)
    assert encode(packet) == octets


def test_the_checksum_of_the_rfc() -> None:
    """RFC 1071 §3: the sum of these words is ddf2; the checksum is its complement."""
    assert checksum(bytes.fromhex("0001 f203 f4f5 f6f7")) == 0xFFFF - 0xDDF2


@given(st.binary() | st.integers(0, 50).map(bytes) | st.integers(0, 50).map(lambda length: b"\xff" * length))
def test_the_checksum_is_the_sum_of_words(octets: bytes) -> None:
    """RFC 1071 §4.1, its C program."""
    total = sum(octets[0::2]) * 256 + sum(octets[1::2])
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    assert checksum(octets) == 0xFFFF - total


@given(strategies.packets_with(strategies.checked_bodies), st.data())
def test_one_flipped_bit_is_always_noticed(packet: Packet, data: st.DataObject) -> None:
    octets = bytearray(encode(packet))
    bit = data.draw(st.integers(0, len(octets) * 8 - 1))
    octets[bit // 8] ^= 1 << bit % 8
    assert isinstance(opened(bytes(octets)), Damaged)


def flipped(name: str, at: int) -> bytes:
    """The octets of a packet of the table, one bit of the octet `at` changed."""
    octets = bytearray.fromhex(BOTH_WAYS[name][1])
    octets[at] ^= 0x20
    return bytes(octets)


@pytest.mark.parametrize(
    ("name", "at", "reason"),
    [
        ("RST", 8, "ip.bad-checksum"),  # the TTL
        ("RST", 10, "ip.bad-checksum"),  # the checksum itself
        ("fragment in the middle", 4, "ip.bad-checksum"),
        ("RST", 24, "tcp.bad-checksum"),  # the sequence number
        ("data, an odd number of octets", -1, "tcp.bad-checksum"),
        ("SYN with a segment size and DF", -1, "tcp.bad-checksum"),  # the option
        ("UDP", 20, "udp.bad-checksum"),  # the source port
        ("UDP", -1, "udp.bad-checksum"),
        ("echo request", 24, "icmp.bad-checksum"),  # the identifier
        ("echo request", -1, "icmp.bad-checksum"),
        ("port unreachable", -1, "icmp.bad-checksum"),
        ("ICMP timestamp", -1, "icmp.bad-checksum"),
    ],
)
def test_a_bad_checksum(name: str, at: int, reason: str) -> None:
    answer = opened(flipped(name, at))
    assert isinstance(answer, Damaged)
    assert answer.reason == reason
    packet = BOTH_WAYS[name][0]
    assert (answer.src, answer.dst) == (packet.src, packet.dst)


@pytest.mark.parametrize(("at", "reason"), [(28, "ip.bad-checksum")])
def test_damage_inside_a_tunnel_is_told_of_the_packet_that_came(at: int, reason: str) -> None:
    answer = opened(flipped("packet in a packet", at))
    assert isinstance(answer, Damaged)
    assert answer.reason == reason
    assert (answer.src, answer.dst) == (IPv4Address("192.0.2.1"), IPv4Address("198.51.100.2"))


@pytest.mark.parametrize("body", [Segment(1, 2, SYN, SeqNum(3)), Datagram(1, 2, b"data")])
def test_tcp_and_udp_vouch_for_the_addresses(body: Body) -> None:
    """The pseudo header: what was meant for somebody else is noticed (RFC 9293 §3.1)."""
    octets = encode_body(to_peer(body))
    answer = decode_body(HOST, ROUTER, protocol_of(body), octets)
    assert isinstance(answer, Damaged)
    assert answer.reason == ("tcp.bad-checksum" if isinstance(body, Segment) else "udp.bad-checksum")


def test_damage_says_what_was_found() -> None:
    """The RST of the table has the checksum fc19."""
    answer = opened(flipped("RST", 36))
    assert isinstance(answer, Damaged)
    assert "dc19" in answer.detail
    assert "fc19" in answer.detail


# Lengths that lie, and octets that are missing


@pytest.mark.parametrize("octets", [octets for _, octets in BOTH_WAYS.values()], ids=BOTH_WAYS)
def test_a_packet_cut_short_at_any_length(octets: str) -> None:
    for length in range(len(octets) // 2):
        answer = decode(bytes.fromhex(octets)[:length])
        assert isinstance(answer, Damaged)
        assert answer.reason == "ip.bad-length"


UNDERSTOOD = [
    name for name, (packet, _) in BOTH_WAYS.items() if not isinstance(packet.body, Fragment | Packet | Opaque)
]


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_a_body_cut_short_at_any_length(name: str) -> None:
    """Whatever the IPv4 header says, TCP, UDP and ICMP notice that octets are missing."""
    packet = BOTH_WAYS[name][0]
    octets = encode_body(packet)
    for length in range(len(octets)):
        answer = decode_body(packet.src, packet.dst, protocol_of(packet.body), octets[:length])
        assert isinstance(answer, Damaged)
        assert (answer.src, answer.dst) == (packet.src, packet.dst)


@pytest.mark.parametrize(
    ("protocol", "shortest", "reason"),
    [(Protocol.TCP, 20, "tcp.bad-length"), (Protocol.UDP, 8, "udp.bad-length"), (Protocol.ICMP, 8, "icmp.bad-length")],
)
def test_less_than_a_header(protocol: Protocol, shortest: int, reason: str) -> None:
    for length in range(shortest):
        answer = opened(encode(to_peer(Opaque(protocol, bytes(length)))))
        assert isinstance(answer, Damaged)
        assert answer.reason == reason


def with_checksum(protocol: int, octets: bytes) -> bytes:
    """The body, from the host to the peer, its checksum made right: only the lengths in it may lie."""
    at = {Protocol.TCP: 16, Protocol.UDP: 6, Protocol.ICMP: 2}[Protocol(protocol)]
    length = int.from_bytes(octets[4:6], "big") if protocol == Protocol.UDP else len(octets)
    pseudo = HOST.packed + PEER.packed + bytes([0, protocol]) + length.to_bytes(2, "big")
    blank = octets[:at] + b"\0\0" + octets[at + 2 :]
    summed = checksum(blank if protocol == Protocol.ICMP else pseudo + blank[:length])
    return octets[:at] + summed.to_bytes(2, "big") + octets[at + 2 :]


def ipv4(first: int, total: int, came: int) -> bytes:
    """A header with these two fields and a right checksum, and zeros up to `came` octets."""
    header = (
        bytes([first, 0]) + total.to_bytes(2, "big") + bytes(4) + bytes([64, 253, 0, 0]) + HOST.packed + PEER.packed
    )
    size = max(20, (first & 15) * 4)
    summed = checksum(header.ljust(size, b"\0"))
    return (header[:10] + summed.to_bytes(2, "big") + header[12:]).ljust(came, b"\0")


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "ip.bad-length"),
        (bytes.fromhex("60") + bytes(39), "ip.bad-version"),
        (bytes.fromhex("05") + bytes(39), "ip.bad-version"),
        (ipv4(0x44, 40, 40), "ip.bad-length"),  # a header of 16 octets
        (ipv4(0x40, 40, 40), "ip.bad-length"),
        (ipv4(0x4F, 59, 60), "ip.bad-length"),  # a header of 60 in a packet of 59
        (ipv4(0x4F, 60, 59), "ip.bad-length"),
        (ipv4(0x45, 19, 40), "ip.bad-length"),
        (ipv4(0x45, 0, 40), "ip.bad-length"),
        (ipv4(0x45, 41, 40), "ip.bad-length"),
    ],
)
def test_an_ipv4_header_that_lies(octets: bytes, reason: str) -> None:
    answer = decode(octets)
    assert isinstance(answer, Damaged)
    assert answer.reason == reason


@pytest.mark.parametrize(("first", "total"), [(0x45, 20), (0x45, 40), (0x4F, 60)])
def test_an_ipv4_header_that_does_not_lie(first: int, total: int) -> None:
    assert decode(ipv4(first, total, 60)) == to_peer(Opaque(253, bytes(total - (first & 15) * 4)))


def tcp(words: int, rest: str) -> bytes:
    """A segment whose data offset is `words`, and what follows the fixed part of its header."""
    return bytes.fromhex("9c41 0017 00000064 00000000") + bytes([words << 4, 2]) + bytes(6) + bytes.fromhex(rest)


@pytest.mark.parametrize(
    "octets",
    [
        tcp(4, "02 04 05 b4"),  # a header of 16 octets
        tcp(0, ""),
        tcp(6, ""),  # a header of 24 in a segment of 20
        tcp(15, "01" * 39),
        tcp(6, "02 00 05 b4"),  # an option of no length (RFC 9293 §3.1, MUST-7)
        tcp(6, "02 01 05 b4"),
        tcp(6, "02 03 05 00"),  # a segment size is 4 octets
        tcp(6, "03 05 07 01"),  # an option that ends after the header
        tcp(6, "01 02 04 05"),
        tcp(6, "01 01 01 fe"),  # an option without a length
    ],
)
def test_a_tcp_header_that_lies(octets: bytes) -> None:
    answer = decode_body(HOST, PEER, Protocol.TCP, with_checksum(Protocol.TCP, octets))
    assert isinstance(answer, Damaged)
    assert answer.reason == "tcp.bad-length"


@pytest.mark.parametrize("length", [0, 7, 13, 65535])
def test_a_udp_header_that_lies(length: int) -> None:
    """12 octets came."""
    octets = bytes.fromhex("1388 0035") + length.to_bytes(2, "big") + bytes(6)
    answer = decode_body(HOST, PEER, Protocol.UDP, octets)
    assert isinstance(answer, Damaged)
    assert answer.reason == "udp.bad-length"


@pytest.mark.parametrize("length", [8, 11, 12])
def test_udp_ends_where_its_length_says(length: int) -> None:
    octets = bytes.fromhex("1388 0035") + length.to_bytes(2, "big") + b"\0\0" + b"data"
    answer = decode_body(HOST, PEER, Protocol.UDP, with_checksum(Protocol.UDP, octets))
    assert answer == Datagram(5000, 53, b"data"[: length - 8])


QUOTED = "4500001c12340000010690a40a0001020a0002039c41001700000064"


@pytest.mark.parametrize(
    "quoted",
    [
        "",
        QUOTED[:38],  # 19 octets of a header
        QUOTED[:54],  # 7 octets of a body that had 8
        "44" + QUOTED[2:],  # a header of 16 octets
        "48" + QUOTED[2:],  # a header of 32 in 28
    ],
)
def test_a_quotation_that_lies(quoted: str) -> None:
    octets = bytes.fromhex("0b00 0000 00000000" + quoted)
    answer = decode_body(HOST, PEER, Protocol.ICMP, with_checksum(Protocol.ICMP, octets))
    assert isinstance(answer, Damaged)
    assert answer.reason == "icmp.bad-length"


def test_a_quotation_of_something_else_is_not_understood() -> None:
    octets = with_checksum(Protocol.ICMP, bytes.fromhex("0b00 0000 00000000 60") + bytes(39))
    assert decode_body(HOST, PEER, Protocol.ICMP, octets) == Opaque(Protocol.ICMP, octets)


def test_only_fragmentation_needed_has_an_mtu() -> None:
    """What is unused elsewhere is not looked at (RFC 792, Message Formats)."""
    octets = with_checksum(Protocol.ICMP, bytes.fromhex("0303 0000 00000578" + QUOTED))
    about = Quote(HOST, PEER, Protocol.TCP, TCP_BEGINS, 1, 0x1234)
    assert decode_body(HOST, PEER, Protocol.ICMP, octets) == IcmpError(IcmpType.UNREACHABLE, Unreachable.PORT, about)


def test_an_echo_with_a_code_is_not_understood() -> None:
    """RFC 792 knows code 0."""
    octets = with_checksum(Protocol.ICMP, bytes.fromhex("0801 0000 0007 0002"))
    assert decode_body(HOST, PEER, Protocol.ICMP, octets) == Opaque(Protocol.ICMP, octets)


# Anything at all


def packets_in_packets(layers: int) -> bytes:
    octets = b""
    for _ in range(layers):
        octets = encode(to_peer(Opaque(Protocol.IPIP, octets)))
    return octets


def test_packets_in_packets_without_end() -> None:
    """As many headers as fit one packet are no reason to run out of stack: the innermost stay octets."""
    inner = decode(packets_in_packets(65535 // 20))
    while isinstance(inner, Packet) and isinstance(inner.body, Packet):
        inner = inner.body
    assert isinstance(inner, Packet)
    assert isinstance(inner.body, Opaque)
    assert inner.body.protocol == Protocol.IPIP


@given(st.binary(max_size=80))
def test_any_octets_have_an_answer(octets: bytes) -> None:
    assert isinstance(decode(octets), Packet | Damaged)
    assert isinstance(decode(b"\x45" + octets), Packet | Damaged)


well_summed = st.one_of(
    st.tuples(st.just(Protocol.TCP), st.binary(min_size=20, max_size=80)),
    st.tuples(st.just(Protocol.UDP), st.binary(min_size=8, max_size=80)),
    st.tuples(st.just(Protocol.ICMP), st.binary(min_size=8, max_size=80)),
    st.tuples(st.just(Protocol.ICMP), st.binary(max_size=80).map(lambda rest: b"\x0b\0\0\0\0\0\0\0\x45" + rest)),
    st.tuples(st.just(Protocol.TCP), st.binary(max_size=40).map(lambda rest: tcp(15, "") + rest)),
).map(lambda pair: (pair[0], with_checksum(*pair)))


@given(well_summed)
def test_whatever_is_read_can_be_sent_on_and_reads_the_same(body: tuple[Protocol, bytes]) -> None:
    """Any octets whose checksum is right: the rest of the header says what it likes."""
    protocol, octets = body
    answer = decode(encode(to_peer(Opaque(protocol, octets))))
    if isinstance(answer, Damaged):
        assert answer.reason.endswith(".bad-length")
    else:
        assert decode(encode(answer)) == answer


@given(strategies.packets_with(strategies.bodies | strategies.tunnels), st.data())
def test_a_mangled_packet_has_an_answer(packet: Packet, data: st.DataObject) -> None:
    octets = bytearray(encode(packet))
    for at in data.draw(st.lists(st.integers(0, len(octets) - 1), max_size=5)):
        octets[at] = data.draw(st.integers(0, 255))
    assert isinstance(decode(bytes(octets)), Packet | Damaged)
