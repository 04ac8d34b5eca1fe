"""What is left in the pages of a SQLite file that SQLite does not open any more, or only in part.

A journal's table grows at its end, so its rows lie in its leaf pages one after the other. They are looked for in every
page of the file, and of the log beside it, whatever has become of the pages that lead to them. What is found may be
damaged or nonsense: only the journal's chain of hashes says what to believe.

The format: https://www.sqlite.org/fileformat2.html, sections 1.6, 2.1 and 4.1 to 4.2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]

PAGE = 4096
"""Octets of a page, unless the file says otherwise."""
_LEAF = 0x0D
_FILE_HEADER, _PAGE_HEADER, _LOG_HEADER, _FRAME_HEADER = 100, 8, 32, 24
_FIXED = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Serial types of NULL and of numbers: octets of the value."""
_MOST_OCTETS = 64 * 1024 * 1024
"""Of one row: what claims to be longer is none."""


def rows(path: Path, columns: int) -> Iterator[Row]:
    """Every row of so many columns that is found, in the order of the pages. Its first column is its number."""
    octets = _octets(path)
    size = _page_size(octets)
    pages = dict(enumerate((octets[at : at + size] for at in range(0, len(octets), size)), 1))
    beyond: dict[int, bytes] = {}
    begun: dict[int, bytes] = {}
    for frame in _frames(_octets(_log(path)), size):
        if not frame.sound:
            beyond[frame.number] = frame.page
            continue
        begun[frame.number] = frame.page
        if frame.ends:
            pages |= begun
            begun.clear()
    later = pages | beyond
    for number in sorted(pages):
        yield from _found(number, pages[number], columns, lambda n: pages.get(n, b""))
    for number in sorted(beyond):
        yield from _found(number, beyond[number], columns, lambda n: later.get(n, b""))


def log_is_spoilt(path: Path) -> bool:
    """Whether the log beside a file is damaged in what had been synced to it. A power cut spoils only the end: at most
    one transaction is being written at a time.
    """
    octets = _octets(_log(path))
    return sum(frame.ends for frame in _frames(octets, _page_size(_octets(path, 18))) if not frame.sound) > 1


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _octets(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return b""


def _page_size(octets: bytes) -> int:
    """What the file's header says, when it can be so."""
    size = int.from_bytes(octets[16:18], "big")
    return size if size in (512, 1024, 2048, 4096, 8192, 16384, 32768) else PAGE


@dataclass(frozen=True, slots=True)
class _Frame:
    """A page in the log. ends: a transaction does, with it. sound: it and all before it are as they were written."""

    number: int
    page: bytes
    ends: bool
    sound: bool


def _frames(log: bytes, size: int) -> Iterator[_Frame]:
    """The frames of this log; what is left of an older one behind it has other salts."""
    order = ">" if log[3:4] == b"\x83" else "<"
    sums = _sums(log[:24], order, (0, 0))
    sound = log[24:32] == struct.pack(">2I", *sums)
    for at in range(_LOG_HEADER, len(log) if sound else 0, _FRAME_HEADER + size):
        head, page = log[at : at + _FRAME_HEADER], log[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        if len(page) < size:
            return
        sums = _sums(page, order, _sums(head[:8], order, sums))
        ours = head[8:16] == log[16:24]
        sound = sound and ours and head[16:24] == struct.pack(">2I", *sums)
        if ours:
            yield _Frame(int.from_bytes(head[:4], "big"), page, head[4:8] != b"\0\0\0\0", sound)


def _sums(octets: bytes, order: str, before: tuple[int, int]) -> tuple[int, int]:
    """The checksum of a log's header or frame, which goes on from the one before."""
    one, other = before
    words = iter(struct.unpack(f"{order}{len(octets) // 4}I", octets[: len(octets) // 4 * 4]))
    for first, second in zip(words, words, strict=False):
        one = one + first + other & 0xFFFFFFFF
        other = other + second + one & 0xFFFFFFFF
    return one, other


def _found(number: int, page: bytes, columns: int, other: Callable[[int], bytes]) -> Iterator[Row]:
    """The rows in a leaf page. other: page by number, for what has no room in this one."""
    header = _FILE_HEADER if number == 1 else 0
    if len(page) < header + _PAGE_HEADER or page[header] != _LEAF:
        return
    count = int.from_bytes(page[header + 3 : header + 5], "big")
    for place in range(count):
        pointer = header + _PAGE_HEADER + 2 * place
        try:
            row = _row(page, int.from_bytes(page[pointer : pointer + 2], "big"), other)
        except (IndexError, ValueError):
            continue
        if len(row) == columns:
            yield row


def _row(page: bytes, at: int, other: Callable[[int], bytes]) -> Row:
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    values = _values(_payload(page, at, length, other))
    return (number, *values[1:])  # a number that is the key is not in the payload


def _payload(page: bytes, at: int, length: int, other: Callable[[int], bytes]) -> bytes:
    if length > _MOST_OCTETS:
        raise ValueError("nonsense")
    usable = len(page)
    most = usable - 35
    if length <= most:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts, following = [page[at : at + local]], int.from_bytes(page[at + local : at + local + 4], "big")
    missing = length - local
    while missing > 0:
        overflow = other(following)
        if len(overflow) <= 4:
            raise ValueError("it goes on in a page that is not there")
        parts.append(overflow[4 : 4 + missing])
        missing -= len(parts[-1])
        following = int.from_bytes(overflow[:4], "big")
    return b"".join(parts)


def _values(payload: bytes) -> list[Any]:
    size, at = _varint(payload, 0)
    kinds = []
    while at < size:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    at = size
    for kind in kinds:
        length = _FIXED[kind] if kind in _FIXED else (kind - 12) // 2
        octets = payload[at : at + length]
        if len(octets) < length or kind in (10, 11, 7):
            raise ValueError("nonsense")
        at += length
        values.append(_value(kind, octets))
    return values


def _value(kind: int, octets: bytes) -> Any:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 8:
        return int.from_bytes(octets, "big", signed=True)
    return octets if kind % 2 == 0 else octets.decode()


def _varint(octets: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine octets, and where it ends."""
    value = 0
    for n in range(8):
        octet = octets[at + n]
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, at + n + 1
    return value << 8 | octets[at + 8], at + 9
