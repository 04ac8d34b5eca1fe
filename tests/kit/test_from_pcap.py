"""`paperhop cards from-pcap`: a connection as it was, as cards that people can play."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import PdfParser
from scapy.layers.inet import IP, TCP

from cards import deck
from cards.notation import parse_packet, write
from cards.packet import Flags, Packet, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator.damage import sealed
from paperhop.__main__ import main
from paperhop.from_capture import cut
from paperhop.recount import SmallNumbers
from tests.cards.strategies import packets_with, segments
from tests.hub.play import Play, handshake_rules
from tests.kit.captures import ETHERNET, RAW, SMALL, TALK, A, B, framed, ip, pcap, pcapng

Output = pytest.CaptureFixture[str]
C = "10.0.1.3:50000"
ON_ETHERNET = [framed(ETHERNET, ip(line)) for line in TALK]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "talk.pcap"


def save(file: Path, lines: Sequence[str | bytes], link: int = ETHERNET, snaplen: int = 262144) -> Path:
    packets = [ip(line) if isinstance(line, str) else line for line in lines]
    file.write_bytes(pcap([framed(link, packet) for packet in packets], link, snaplen=snaplen))
    return file


def made(file: Path, *words: str, status: int = 0) -> list[str]:
    """The packets of the deck that is written; none when none is."""
    toml = file.with_suffix(".toml")
    assert main(["cards", "from-pcap", str(file), "--toml", str(toml), *words]) == status
    return [write(each.card.packet) for each in deck.load(str(toml)).cards] if toml.exists() else []


def captions(file: Path) -> list[str]:
    return [each.caption for each in deck.load(str(file.with_suffix(".toml"))).cards]


def test_a_conversation_becomes_cards_with_its_numbers_as_they_were(file: Path, capsys: Output) -> None:
    assert made(save(file, TALK)) == TALK
    said = capsys.readouterr()
    assert f"8 cards of PCAP, TCP {A} > {B}" in said.out
    assert said.err == ""
    there = deck.load(str(file.with_suffix(".toml")))
    assert [str(each.card.id) for each in there.cards] == [f"PCAP-{n}" for n in range(1, 9)]
    assert captions(file)[:2] == ["packet 1", "packet 2"]
    assert "From talk.pcap, stream 1" in there.text
    assert "8 packets, 29 octets of data: opened, closed" in there.text


def test_small_numbers_let_people_count(file: Path) -> None:
    assert made(save(file, TALK), "--small-numbers") == SMALL


def test_cards_of_a_capture_can_be_played(file: Path) -> None:
    room = Play(handshake_rules())
    for n, line in enumerate(made(save(file, TALK), "--small-numbers")):
        client = line.startswith("10.0.1.2")
        for node in ("client", "router", "server") if client else ("server", "router", "client"):
            assert room.scan(node, line, f"PCAP-{n}").verdict.value in ("sent", "forwarded", "delivered"), line


def test_pcapng_is_read_too_and_the_pages_are_printed(file: Path, tmp_path: Path) -> None:
    file.write_bytes(pcapng(ON_ETHERNET))
    out = tmp_path / "deck.pdf"
    assert main(["cards", "from-pcap", str(file), "--out", str(out), "--deck", "REAL"]) == 0
    with PdfParser.PdfParser(str(out)) as read:
        assert len(read.pages) == 8


def test_several_streams_are_listed_and_one_is_chosen(file: Path, capsys: Output) -> None:
    ping, query = "10.0.1.2 > 10.0.1.1 ECHO id=7 seq=1", '10.0.1.2:5353 > 10.0.1.9:53 UDP data="?"'
    other = [line.replace(A, C) for line in TALK[:2]]
    save(file, [TALK[0], ping, other[0], TALK[1], query, ping.replace("ECHO", "ECHO-REPLY"), other[1], *TALK[2:]])
    assert main(["cards", "from-pcap", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"   1  TCP {A} > {B}, 8 packets, 29 octets of data: opened, closed",
        "   2  ping 10.0.1.2 > 10.0.1.1, 2 packets, no data",
        f"   3  TCP {C} > {B}, 2 packets, no data: opened, not closed",
        "   4  UDP 10.0.1.2:5353 > 10.0.1.9:53, 1 packet, 1 octet of data",
    ]
    assert made(file, status=2) == []
    assert "there are 4 streams: say which with --stream N" in capsys.readouterr().err
    assert made(file, "--stream", "3") == other
    assert made(file, "--stream", "4") == [query]
    assert made(file, "--stream", "1") == TALK
    file.with_suffix(".toml").unlink()
    assert made(file, "--stream", "5", status=2) == []
    assert "it has 1 to 4" in capsys.readouterr().err


def test_a_port_that_is_used_again_is_another_stream(file: Path, capsys: Output) -> None:
    again = TALK[0].replace("1111111111", "5")
    save(file, [TALK[0], TALK[0], *TALK[1:], again])
    assert main(["cards", "from-pcap", str(file)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "9 packets" in first, "the SYN that was sent again is of the same connection"
    assert "1 packet, no data: asked, not closed" in second


def test_retransmissions_are_kept_and_marked(file: Path) -> None:
    lines = [TALK[0], TALK[0], *TALK[1:4], TALK[3]]
    assert made(save(file, lines)) == lines
    assert captions(file) == [
        "packet 1", "packet 2, sent again", "packet 3", "packet 4", "packet 5", "packet 6, sent again",
    ]  # fmt: skip


def test_long_data_is_cut_into_pieces_that_fit(file: Path, capsys: Output) -> None:
    text = "".join(chr(97 + n % 26) for n in range(150))
    lines = made(save(file, [*TALK[:3], f'{A} > {B} FIN,PSH,ACK seq=1111111112 ack=4294967291 data="{text}"']))
    assert lines[3:] == [
        f'{A} > {B} ACK seq=1111111112 ack=4294967291 data="{text[:64]}"',
        f'{A} > {B} ACK seq=1111111176 ack=4294967291 data="{text[64:128]}"',
        f'{A} > {B} FIN,PSH,ACK seq=1111111240 ack=4294967291 data="{text[128:]}"',
    ]
    assert captions(file)[3:] == [f"packet 4, part {n} of 3" for n in (1, 2, 3)]
    assert "noted: 1 packet cut into pieces" in capsys.readouterr().err


@given(packets_with(segments(st.binary(max_size=400))))
def test_pieces_are_the_segment(packet: Packet) -> None:
    pieces = [piece.segment for piece in cut(packet)]
    whole = packet.segment
    assert b"".join(octets(piece.payload) for piece in pieces) == whole.payload
    assert all(len(piece.payload) <= 64 for piece in pieces)
    assert pieces[0].seq == whole.seq
    for one, after in pairwise(pieces):
        assert after.seq == one.seq + one.length, "each begins where the one before has ended"
    assert pieces[-1].seq + pieces[-1].length == whole.seq + whole.length
    for flag in Flags.FIN, Flags.PSH, Flags.RST:
        assert [flag in piece.flags for piece in pieces] == [False] * (len(pieces) - 1) + [flag in whole.flags]
    assert all(piece.ack == whole.ack for piece in pieces)


def test_long_datagrams_and_pings_are_refused_by_name(file: Path, capsys: Output) -> None:
    long = f'{A} > 10.0.1.9:53 UDP data="{"x" * 65}"'
    assert made(save(file, [f"{A} > 10.0.1.9:53 UDP", long, long])) == [f"{A} > 10.0.1.9:53 UDP"]
    assert "left out: 2 packets of UDP or ping with more than 64 octets" in capsys.readouterr().err
    file.with_suffix(".toml").unlink()
    assert made(save(file, [f'10.0.1.2 > 10.0.1.1 ECHO data="{"x" * 65}"']), status=2) == []
    assert "nothing to print of stream 1: 1 packet of UDP or ping" in capsys.readouterr().err


def test_what_can_be_no_card_is_said_in_a_line_for_each_kind(file: Path, capsys: Output) -> None:
    ipv6 = framed(ETHERNET, b"\x60" + bytes(39), 0x86DD)
    arp = framed(ETHERNET, bytes(28), 0x0806)
    bad = framed(ETHERNET, sealed(ip(TALK[2]), 36, 1))
    there = [framed(ETHERNET, ip(line)) for line in TALK]
    file.write_bytes(pcap([ipv6, *there[:2], bad, arp, *there[3:], ipv6]))
    assert made(file) == TALK
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "left out: 2 packets of IPv6: a card has room for IPv4 only",
        "left out: 1 packet without IP, such as ARP",
        "noted: 1 packet with a wrong checksum: a network card often fills it in only after the capture",
    ]


def test_a_capture_that_cuts_packets_short_keeps_their_lengths(file: Path, capsys: Output) -> None:
    lines = made(save(file, TALK, snaplen=14 + 40 + 2))
    assert lines[3] == TALK[3].replace("my name is Danilo", "my" + "?" * 15)
    assert lines[5:] == TALK[5:]
    assert "noted: 2 packets cut short by the capture (snaplen)" in capsys.readouterr().err


def test_no_more_cards_than_asked_for_and_no_packet_by_halves(file: Path, capsys: Output) -> None:
    long = f'{A} > {B} ACK seq=1111111112 ack=4294967291 data="{"x" * 130}"'
    save(file, [*TALK[:3], long, TALK[2]])
    assert made(file, "--max", "4") == TALK[:3]
    assert "left out: 2 packets beyond the most cards" in capsys.readouterr().err
    assert len(made(file, "--max", "6")) == 6


@pytest.mark.parametrize(("offers", "windows"), [(2, [1000, 1000, 512, 65535]), (1, [1000, 1000, 4, 1000])])
def test_windows_are_octets_though_a_card_cannot_say_that_they_are_scaled(
    offers: int, windows: list[int], file: Path
) -> None:
    here, there = IP(src="10.0.1.2", dst="10.0.1.1"), IP(src="10.0.1.1", dst="10.0.1.2")
    scale = [("WScale", 7)]
    packets = [
        here / TCP(sport=40001, dport=23, flags="S", seq=1, window=1000, options=scale),
        there / TCP(sport=23, dport=40001, flags="SA", seq=1, ack=2, window=1000, options=scale * (offers - 1)),
        here / TCP(sport=40001, dport=23, flags="A", seq=2, ack=2, window=4),
        there / TCP(sport=23, dport=40001, flags="A", seq=2, ack=2, window=1000),
    ]
    lines = made(save(file, [bytes(packet) for packet in packets]))
    assert [parse_packet(line).segment.window for line in lines] == windows


def test_an_rst_of_a_closed_port_keeps_its_zero(file: Path) -> None:
    knock = [f"{A} > 10.0.1.1:80 SYN seq=77777", f"10.0.1.1:80 > {A} RST,ACK seq=0 ack=77778"]
    assert made(save(file, knock), "--small-numbers") == [
        f"{A} > 10.0.1.1:80 SYN seq=100",
        f"10.0.1.1:80 > {A} RST,ACK seq=0 ack=101",
    ]


def test_a_connection_that_began_before_the_capture_has_small_numbers_too(file: Path) -> None:
    assert made(save(file, TALK[3:]), "--small-numbers") == [
        f'{A} > {B} PSH,ACK seq=100 ack=300 data="my name is Danilo"',
        f'{B} > {A} PSH,ACK seq=300 ack=117 data="hello Danilo"',
        f"{A} > {B} FIN,ACK seq=117 ack=312",
        f"{B} > {A} FIN,ACK seq=312 ack=118",
        f"{A} > {B} ACK seq=118 ack=313",
    ]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_small_numbers_do_not_depend_on_where_the_ends_began(client: int, server: int) -> None:
    def moved(line: str) -> Packet:
        packet = parse_packet(line)
        own, theirs = (client, server) if write(packet).startswith(A) else (server, client)
        segment = packet.segment
        ack = None if segment.ack is None else segment.ack + theirs
        return Packet(packet.src, packet.dst, Segment(
            segment.sport, segment.dport, segment.flags, segment.seq + own, ack, segment.window, segment.payload
        ))  # fmt: skip

    packets = [moved(line) for line in SMALL]
    numbers = SmallNumbers(packets)
    assert [write(numbers.of(packet)) for packet in packets] == SMALL
    assert packets[0].segment.seq == SeqNum((client + 100) % 2**32)


@pytest.mark.parametrize(
    ("octets", "words", "says"),
    [
        (b"", [], "is empty"),
        (b"PK\x03\x04", [], "is not a capture"),
        (pcap([]), [], "nothing that a card can be made of: it has no packets"),
        (pcap([bytes(60)]), [], "nothing that a card can be made of: 1 packet without IP"),
        (pcap([ip(TALK[0])], RAW), ["--deck", "lower"], "a deck is named by"),
        (pcap([ip(TALK[0])], RAW), ["--stream", "0"], "there is no stream 0"),
    ],
)
def test_a_file_that_gives_no_cards_gets_a_sentence(
    octets: bytes, words: list[str], says: str, file: Path, capsys: Output
) -> None:
    file.write_bytes(octets)
    assert made(file, *words, status=2) == []
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_place_that_cannot_be_written_is_named(file: Path, capsys: Output) -> None:
    assert main(["cards", "from-pcap", str(save(file, TALK)), "--out", str(file / "deck.pdf")]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_a_capture_that_breaks_off_is_used_as_far_as_it_goes(file: Path, capsys: Output) -> None:
    save(file, TALK)
    file.write_bytes(file.read_bytes()[:-1])
    assert made(file) == TALK[:-1]
    assert capsys.readouterr().err.splitlines() == [f"{file} breaks off after packet 7"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    octets=st.sampled_from([pcap(ON_ETHERNET), pcapng(ON_ETHERNET)]),
    changes=st.lists(st.tuples(st.integers(24, 900), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8),
)
def test_a_harmed_capture_gives_a_deck_or_a_sentence(
    file: Path, capsys: Output, octets: bytes, changes: list[tuple[int, bytes]]
) -> None:
    harmed = bytearray(octets)
    for at, with_ in changes:
        harmed[at : at + len(with_)] = with_
    file.write_bytes(harmed)
    toml = file.with_suffix(".toml")
    toml.unlink(missing_ok=True)
    status = main(["cards", "from-pcap", str(file), "--stream", "1", "--small-numbers", "--toml", str(toml)])
    said = capsys.readouterr()
    assert (status == 0) == toml.exists()
    if status == 0:
        assert 1 <= len(deck.load(str(toml)).cards) <= 100
    else:
        assert status == 2
        assert "paperhop cards: " in said.err
