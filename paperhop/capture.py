"""Capture files: the frames in a pcap or a pcapng file, one after the other, in bounded memory.

pcap: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html; pcapng: draft-ietf-opsawg-pcapng-03.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

MOST_FRAMES = 200_000
"""Frames, and other blocks of a pcapng file, that are looked at: some seconds of work."""
MOST_FRAME = 262_144
"""Octets of the longest frame (libpcap's MAXIMUM_SNAPLEN); a length beyond it is not one."""
MOST_INTERFACES = 1000

Octets = bytes | mmap.mmap
Tell = Callable[[str], None]
"""Is given a sentence when a file ends before its end."""

_PCAP = {
    bytes.fromhex("a1b2c3d4"): ">",
    bytes.fromhex("d4c3b2a1"): "<",
    bytes.fromhex("a1b23c4d"): ">",
    bytes.fromhex("4d3cb2a1"): "<",
}
"""The magic numbers of files with microseconds and with nanoseconds, and the byte order of each."""
_PCAP_HEADER, _RECORD_HEADER = 24, 16
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_SECTION_MAGIC = _SECTION.to_bytes(4, "big")
_BYTE_ORDERS = {bytes.fromhex("1a2b3c4d"): ">", bytes.fromhex("4d3c2b1a"): "<"}
_BLOCK = 12
"""Octets of a block without body: its type, and its length at both ends."""
_PACKET_HEADS = {_PACKET: 20, _OLD_PACKET: 20, _SIMPLE_PACKET: 4}
_GZIP = bytes.fromhex("1f8b")


class CaptureError(ValueError):
    """A file that no frames can be read from; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a capture has of one frame. number: from 1, as Wireshark counts. link: the type of its link."""

    number: int
    link: int
    octets: bytes


@contextmanager
def opened(path: Path) -> Iterator[Octets]:
    """The octets of a file, not read until they are needed. CaptureError when it is no file with octets."""
    try:
        if path.is_fifo():
            raise CaptureError(f"{path} is a pipe: save the capture in a file first")
        with path.open("rb") as file:
            octets = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise CaptureError(f"{path} cannot be read as a file: {error.strerror}") from None
    except CaptureError:
        raise
    except ValueError:
        raise CaptureError(f"{path} is empty: was the capture stopped before it was saved?") from None
    with octets:
        yield octets


def frames(octets: Octets, name: str, tell: Tell = lambda sentence: None) -> Iterator[Frame]:
    """The frames of a capture, in its order, as far as it can be read.

    name: what to call the file. tell: hears when that is not the whole of it. Raises CaptureError when it is no
    capture.
    """
    magic = octets[:4]
    if magic in _PCAP:
        return _records(octets, name, Struct(f"{_PCAP[magic]}I"), tell)
    if magic == _SECTION_MAGIC:
        return _blocks(octets, name, tell)
    if magic[:2] == _GZIP:
        raise CaptureError(f"{name} is packed with gzip: unpack it first (gunzip {name})")
    raise CaptureError(f"{name} is not a capture: save it as pcap or pcapng (tcpdump -w FILE, or Wireshark)")


def _records(octets: Octets, name: str, number: Struct, tell: Tell) -> Iterator[Frame]:
    """The frames of a pcap file. Its header ends with the link's type, whose upper half says other things (§4)."""
    size = len(octets)
    if size < _PCAP_HEADER:
        raise CaptureError(f"{name} breaks off within its header: copy or capture it again")
    link = number.unpack_from(octets, 20)[0] & 0xFFFF
    at = _PCAP_HEADER
    for n in range(1, MOST_FRAMES + 1):
        if at == size:
            return
        if at + _RECORD_HEADER > size:
            tell(f"{name} breaks off after packet {n - 1}")
            return
        (captured,) = number.unpack_from(octets, at + 8)
        at += _RECORD_HEADER
        if captured > MOST_FRAME:
            tell(f"{name} is damaged after packet {n - 1}: the next one would have {captured} octets")
            return
        if at + captured > size:
            tell(f"{name} breaks off after packet {n - 1}")
            return
        yield Frame(n, link, octets[at : at + captured])
        at += captured
    tell(f"only the first {MOST_FRAMES} packets of {name} were looked at")


def _blocks(octets: Octets, name: str, tell: Tell) -> Iterator[Frame]:
    """The frames of a pcapng file. A section has its own byte order, and interfaces of its own."""
    at, n, size = 0, 0, len(octets)
    order = ""
    links: list[tuple[int, int]] = []
    for _ in range(MOST_FRAMES):
        if at == size:
            return
        if octets[at : at + 4] == _SECTION_MAGIC:
            order = _BYTE_ORDERS.get(octets[at + 8 : at + 12], "")
            links = []
        if not order:
            tell(f"{name} is damaged after packet {n}: a section without a byte order")
            return
        if at + _BLOCK > size:
            tell(f"{name} breaks off after packet {n}")
            return
        pair, number = Struct(f"{order}II"), Struct(f"{order}I")
        kind, length = pair.unpack_from(octets, at)
        if length < _BLOCK or length % 4:
            tell(f"{name} is damaged after packet {n}: a block of {length} octets")
            return
        if at + length > size:
            tell(f"{name} breaks off after packet {n}")
            return
        if kind == _INTERFACE and length >= _BLOCK + 8 and len(links) < MOST_INTERFACES:
            links.append((Struct(f"{order}H").unpack_from(octets, at + 8)[0], number.unpack_from(octets, at + 12)[0]))
        elif kind in _PACKET_HEADS:
            n += 1
            frame = _frame(octets, at, kind, length, order, links)
            if frame is None:
                tell(f"{name} is damaged at packet {n}: what it says of itself does not fit")
                return
            yield Frame(n, *frame)
        at += length
    tell(f"only the first {MOST_FRAMES} blocks of {name} were looked at")


def _frame(
    octets: Octets, at: int, kind: int, length: int, order: str, links: list[tuple[int, int]]
) -> tuple[int, bytes] | None:
    """The link and the octets of a packet's block; None when it contradicts itself."""
    room = length - _BLOCK - _PACKET_HEADS[kind]
    if room < 0:
        return None
    interface = 0
    if kind == _SIMPLE_PACKET:  # it does not say how much of it is there: all that was, up to the interface's limit
        (captured,) = Struct(f"{order}I").unpack_from(octets, at + 8)
        limit = links[0][1] if links else 0
        captured = min(captured, room, limit or room)
    else:
        interface = Struct(f"{order}{'I' if kind == _PACKET else 'H'}").unpack_from(octets, at + 8)[0]
        (captured,) = Struct(f"{order}I").unpack_from(octets, at + 20)
    if interface >= len(links) or captured > min(room, MOST_FRAME):
        return None
    start = at + 8 + _PACKET_HEADS[kind]
    return links[interface][0], octets[start : start + captured]
