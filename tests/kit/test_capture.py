"""Capture files are read frame by frame, whatever wrote them; and a file that lies costs neither time nor memory."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
from pathlib import Path

import dpkt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import PcapNgWriter, PcapWriter

from paperhop import capture
from paperhop.capture import MOST_FRAME, CaptureError, Frame, frames, opened
from tests.kit.captures import (
    ETHERNET,
    RAW,
    TALK,
    block,
    enhanced,
    framed,
    interface,
    ip,
    old,
    pcap,
    pcapng,
    section,
    simple,
)

FRAMES = [framed(ETHERNET, ip(line)) for line in TALK]
FILES = [pcap(FRAMES), pcapng(FRAMES), pcapng(FRAMES, order=">"), section() + interface() + simple(b"x" * 9)]
WHOLE = [Frame(n, ETHERNET, octets) for n, octets in enumerate(FRAMES, 1)]


def read(octets: bytes) -> tuple[list[Frame], list[str]]:
    told: list[str] = []
    return list(frames(octets, "a.pcap", told.append)), told


@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_pcap_is_read_in_both_byte_orders_and_resolutions(order: str, nano: bool) -> None:
    assert read(pcap(FRAMES, order=order, nano=nano)) == (WHOLE, [])


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_is_read_in_both_byte_orders(order: str) -> None:
    assert read(pcapng(FRAMES, order=order)) == (WHOLE, [])


def test_every_interface_has_its_own_link_and_every_section_its_own_interfaces() -> None:
    first = section() + interface(ETHERNET) + interface(RAW) + enhanced(b"raw.", 1) + enhanced(b"ether", 0)
    second = section(">") + interface(RAW, ">") + enhanced(b"raw2", 0, ">")
    assert read(first + second) == ([Frame(1, RAW, b"raw."), Frame(2, ETHERNET, b"ether"), Frame(3, RAW, b"raw2")], [])


def test_old_and_simple_packets_are_read_and_other_blocks_are_passed_over() -> None:
    odd = block(0xBAD, b"whatever") + block(5, b"\0" * 12)
    octets = section() + interface(ETHERNET) + odd + simple(b"12345") + old(b"1234567")
    assert read(octets) == ([Frame(1, ETHERNET, b"12345"), Frame(2, ETHERNET, b"1234567")], [])
    cut = section() + interface(ETHERNET, snaplen=6) + simple(b"123456789", snaplen=6)
    assert read(cut) == ([Frame(1, ETHERNET, b"123456")], [])


def test_a_comment_that_is_no_text_does_no_harm() -> None:
    comment = struct.pack("<HH", 1, 4) + b"\xff\xfe\xfd\xfc" + bytes(4)
    assert read(section() + interface() + enhanced(FRAMES[0], options=comment)) == (WHOLE[:1], [])


def test_the_upper_half_of_the_link_type_says_other_things() -> None:
    assert read(pcap(FRAMES, link=ETHERNET | 0x2400_0000)) == (WHOLE, [])


@pytest.mark.parametrize("writer", [dpkt.pcap.Writer, dpkt.pcapng.Writer])
def test_what_dpkt_writes_is_read(writer: type) -> None:
    file = io.BytesIO()
    writer(file, linktype=RAW).writepkts([(float(n), ip(line)) for n, line in enumerate(TALK)])
    assert [frame.octets for frame in read(file.getvalue())[0]] == [ip(line) for line in TALK]


@pytest.mark.parametrize("writer", [PcapWriter, PcapNgWriter])
def test_what_scapy_writes_is_read(writer: type, tmp_path: Path) -> None:
    packets = [Ether() / IP(dst="10.0.1.1") / TCP(dport=23, seq=n) / b"hi" for n in range(3)]
    with writer(str(tmp_path / "a")) as file:
        for packet in packets:
            file.write(packet)
    assert [frame.octets for frame in read((tmp_path / "a").read_bytes())[0]] == [bytes(packet) for packet in packets]


def test_a_file_that_breaks_off_gives_what_is_whole_and_says_so() -> None:
    for octets in (pcap(FRAMES), pcapng(FRAMES)):
        there, told = read(octets[:-1])
        assert there == WHOLE[:-1]
        assert told == ["a.pcap breaks off after packet 7"]


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (
            pcap(FRAMES[:1]) + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 9),
            "damaged after packet 1: the next one would have",
        ),
        (pcap(FRAMES[:1]) + b"\0" * 15, "breaks off after packet 1"),
        (pcapng(FRAMES[:1]) + struct.pack("<II", 6, 0) + b"\0" * 40, "damaged after packet 1: a block of 0 octets"),
        (pcapng(FRAMES[:1]) + struct.pack("<II", 6, 13) + b"\0" * 40, "a block of 13 octets"),
        (pcapng(FRAMES[:1]) + struct.pack("<II", 6, 0xFFFFFFFC) + b"\0" * 40, "breaks off after packet 1"),
        (pcapng(FRAMES[:1]) + struct.pack("<I", 6), "breaks off after packet 1"),
        (pcapng(FRAMES[:1]) + enhanced(b"x", on=1), "damaged at packet 2"),
        (pcapng(FRAMES[:1]) + block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99) + b"x"), "damaged at packet 2"),
        (pcapng(FRAMES[:1]) + block(6, b"\0" * 8), "damaged at packet 2"),
        (pcapng(FRAMES[:1]) + block(0x0A0D0D0A, b"\0" * 16), "a section without a byte order"),
    ],
)
def test_a_file_that_lies_about_its_lengths_ends_there(octets: bytes, says: str) -> None:
    there, told = read(octets)
    assert there == WHOLE[:1]
    assert len(told) == 1
    assert says in told[0]


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"GET / HTTP/1.1", "not a capture: save it as pcap or pcapng"),
        (b"\x1f\x8b\x08", "packed with gzip"),
        (pcap([])[:20], "breaks off within its header"),
    ],
)
def test_a_file_that_is_no_capture_is_told(octets: bytes, says: str) -> None:
    with pytest.raises(CaptureError, match=says):
        list(frames(octets, "a.pcap"))


def test_a_path_that_has_no_octets_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, says in (("empty", "is empty"), ("nothing", "No such file"), (".", "directory"), ("pipe", "is a pipe")):
        with pytest.raises(CaptureError, match=says), opened(tmp_path / name):
            pass


def test_a_file_is_read_without_being_loaded(tmp_path: Path) -> None:
    """A hole of 4 GiB behind a header: the frame's length is refused before anything of that size is made."""
    path = tmp_path / "huge.pcap"
    with path.open("wb") as file:
        file.write(pcap(FRAMES) + struct.pack("<IIII", 0, 0, MOST_FRAME + 1, 0))
        file.truncate(4 << 30)
    tracemalloc.start()
    with opened(path) as octets:
        assert list(frames(octets, "huge.pcap")) == WHOLE
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_only_so_many_packets_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "MOST_FRAMES", 3)
    assert read(pcap(FRAMES)) == (WHOLE[:3], ["only the first 3 packets of a.pcap were looked at"])
    there, told = read(pcapng(FRAMES))
    assert there == WHOLE[:1], "a section and an interface are blocks, too"
    assert told == ["only the first 3 blocks of a.pcap were looked at"]


@settings(max_examples=300)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=8)), max_size=6),
    st.integers(0, 1500),
)
def test_any_change_gives_frames_of_the_file_or_a_sentence(
    octets: bytes, changes: list[tuple[int, bytes]], end: int
) -> None:
    harmed = bytearray(octets)
    for at, with_ in changes:
        harmed[at : at + len(with_)] = with_
    file = bytes(harmed[: end or None])
    told: list[str] = []
    try:
        there = list(frames(file, "a.pcap", told.append))
    except CaptureError as error:
        told.append(str(error))
        there = []
    assert all(frame.octets in file for frame in there)
    assert sum(len(frame.octets) for frame in there) <= len(file)
    assert [frame.number for frame in there] == list(range(1, len(there) + 1))
    assert all("a.pcap" in sentence for sentence in told)
