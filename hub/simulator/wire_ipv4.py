"""The IPv4 header as octets (RFC 791 §3.1)."""

from __future__ import annotations

from ipaddress import IPv4Address
from struct import Struct

from cards.payload import within
from hub.simulator.damage import checksum, sealed

HEADER = Struct("!BxHHHBB2xII")
"""Version and length, total length, identification, flags and offset, TTL, protocol, source, destination.

What Paperhop has no word for is passed over, and written as 0: the type of service.
"""
VERSION = 4
DONT_FRAGMENT, MORE_FRAGMENTS, OFFSET = 0x4000, 0x2000, 0x1FFF
"""The flags, and the offset in units of 8 octets."""

CHECKSUM_AT = 10


def header_octets(
    src: IPv4Address, dst: IPv4Address, protocol: int, length: int, ttl: int, ident: int, fragment: int
) -> bytes:
    """The header of a packet whose body has `length` octets; fragment: flags and offset.

    Raises ValueError for a packet that is longer than 65535 octets.
    """
    total = HEADER.size + length
    within("total length", total, 65535)
    first = VERSION << 4 | HEADER.size // 4
    header = HEADER.pack(first, total, ident, fragment, ttl, protocol, int(src), int(dst))
    return sealed(header, CHECKSUM_AT, checksum(header))
