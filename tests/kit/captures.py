"""Captures for tests, built from the descriptions of their formats alone."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from cards.notation import parse_packet
from cards.packet import Packet
from hub.simulator.wire import encode

ETHERNET, NULL, RAW, LOOP, SLL, IPV4, SLL2 = 1, 0, 101, 108, 113, 228, 276
MACS = bytes.fromhex("02000000000202000000000a")

A, B = "10.0.1.2:40001", "10.0.1.1:23"
TALK = [
    f"{A} > {B} SYN seq=1111111111",
    f"{B} > {A} SYN,ACK seq=4294967290 ack=1111111112",
    f"{A} > {B} ACK seq=1111111112 ack=4294967291",
    f'{A} > {B} PSH,ACK seq=1111111112 ack=4294967291 data="my name is Danilo"',
    f'{B} > {A} PSH,ACK seq=4294967291 ack=1111111129 data="hello Danilo"',
    f"{A} > {B} FIN,ACK seq=1111111129 ack=7",
    f"{B} > {A} FIN,ACK seq=7 ack=1111111130",
    f"{A} > {B} ACK seq=1111111130 ack=8",
]
"""A conversation with numbers as they are; those of the server wrap around."""
SMALL = [
    f"{A} > {B} SYN seq=100",
    f"{B} > {A} SYN,ACK seq=300 ack=101",
    f"{A} > {B} ACK seq=101 ack=301",
    f'{A} > {B} PSH,ACK seq=101 ack=301 data="my name is Danilo"',
    f'{B} > {A} PSH,ACK seq=301 ack=118 data="hello Danilo"',
    f"{A} > {B} FIN,ACK seq=118 ack=313",
    f"{B} > {A} FIN,ACK seq=313 ack=119",
    f"{A} > {B} ACK seq=119 ack=314",
]


def ip(line: str | Packet) -> bytes:
    """A packet as octets, of a line of notation."""
    return encode(parse_packet(line) if isinstance(line, str) else line)


def framed(link: int, packet: bytes, kind: int = 0x0800) -> bytes:
    """A packet with the header of its link. kind: its Ethertype; the loopback's headers say IPv4."""
    match link:
        case 1:
            return MACS + struct.pack(">H", kind) + packet
        case 0:
            return struct.pack("<I", 2) + packet
        case 108:
            return struct.pack(">I", 2) + packet
        case 113:
            return struct.pack(">HHH8sH", 0, 1, 6, b"\2\0\0\0\0\2", kind) + packet
        case 276:
            return struct.pack(">HHIHBB8s", kind, 0, 2, 1, 0, 6, b"\2\0\0\0\0\2") + packet
        case _:
            return packet


def pcap(
    frames: Sequence[bytes], link: int = ETHERNET, order: str = "<", nano: bool = False, snaplen: int = 262144
) -> bytes:
    """A pcap file; frames are cut at `snaplen`."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for n, frame in enumerate(frames):
        there = frame[:snaplen]
        parts.append(struct.pack(f"{order}IIII", 1_700_000_000 + n, 0, len(there), len(frame)) + there)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A block of a pcapng file."""
    padded = body + bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", 12 + len(padded))
    return struct.pack(f"{order}I", kind) + length + padded + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = ETHERNET, order: str = "<", snaplen: int = 0) -> bytes:
    return block(1, struct.pack(f"{order}HHI", link, 0, snaplen), order)


def enhanced(frame: bytes, on: int = 0, order: str = "<", options: bytes = b"") -> bytes:
    head = struct.pack(f"{order}IIIII", on, 0, 0, len(frame), len(frame))
    return block(6, head + frame + bytes(-len(frame) % 4) + options, order)


def simple(frame: bytes, order: str = "<", snaplen: int = 262144) -> bytes:
    return block(3, struct.pack(f"{order}I", len(frame)) + frame[:snaplen], order)


def old(frame: bytes, on: int = 0, order: str = "<") -> bytes:
    return block(2, struct.pack(f"{order}HHIIII", on, 0, 0, 0, len(frame), len(frame)) + frame, order)


def pcapng(frames: Sequence[bytes], link: int = ETHERNET, order: str = "<") -> bytes:
    """A pcapng file with one section and one interface."""
    return section(order) + interface(link, order) + b"".join(enhanced(frame, order=order) for frame in frames)
