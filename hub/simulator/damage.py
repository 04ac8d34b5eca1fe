"""How damage on the way is noticed: the Internet checksum (RFC 1071), and the value that says what is wrong."""

from __future__ import annotations

from ipaddress import IPv4Address

from msgspec import Struct


class Damaged(Struct, frozen=True):
    """Octets that are not what they should be: bits have changed, a length lies, or the end is missing.

    reason: a code, such as `tcp.bad-checksum`. detail: what was found. src, dst: what the IP header says, when there
    is one to read; they may be damaged too.
    """

    reason: str
    detail: str
    src: IPv4Address | None = None
    dst: IPv4Address | None = None


def checksum(octets: bytes, start: int = 0) -> int:
    """The Internet checksum (RFC 1071) as its field holds it; 0 when `octets` have a right one in theirs.

    start: what is summed besides the octets, see `pseudo_header`.
    """
    # 2**16 leaves 1 when divided by 0xFFFF: the remainder of the one long number is the sum of its 16-bit words.
    total = int.from_bytes(octets, "big")
    if len(octets) % 2:
        total <<= 8
    total += start
    return -total % 0xFFFF if total else 0xFFFF


def pseudo_header(src: IPv4Address, dst: IPv4Address, protocol: int, length: int) -> int:
    """What TCP and UDP sum besides their `length` octets (RFC 9293 §3.1, RFC 768)."""
    return int(src) + int(dst) + protocol + length


def sealed(octets: bytes, at: int, value: int) -> bytes:
    """The octets with a checksum of this value in the field that begins `at`."""
    return octets[:at] + value.to_bytes(2, "big") + octets[at + 2 :]


def wrong_checksum(reason: str, octets: bytes, at: int, start: int = 0) -> Damaged | None:
    """What to say of octets whose checksum, in the field that begins `at`, is not right; None when it is."""
    if not checksum(octets, start):
        return None
    right = checksum(sealed(octets, at, 0), start)
    return Damaged(reason, f"{octets[at : at + 2].hex()}, where {right:04x} would be right")
