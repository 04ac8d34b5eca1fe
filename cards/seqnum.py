"""Sequence numbers: 32 bits that wrap around (RFC 9293 §3.4)."""

from __future__ import annotations

from dataclasses import dataclass

_MODULUS = 1 << 32
_HALF = 1 << 31


@dataclass(frozen=True, slots=True)
class SeqNum:
    """A TCP sequence number.

    Arithmetic is modulo 2**32 and `<` means what the RFC means by it: `a < b` when b is at most 2**31 - 1
    octets ahead of a. So `SeqNum(0xFFFFFFFF) + 1 == SeqNum(0)` and `SeqNum(0xFFFFFFFF) < SeqNum(0)`.
    The order is not total: two numbers exactly 2**31 apart are each *not* less than the other.

    Raises ValueError for a value outside 0 .. 2**32 - 1.
    """

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value < _MODULUS:
            raise ValueError(f"a sequence number is between 0 and {_MODULUS - 1}, not {self.value}")

    def __add__(self, octets: int) -> SeqNum:
        return SeqNum((self.value + octets) % _MODULUS)

    def __sub__(self, other: SeqNum) -> int:
        """Octets from `other` to this number, signed: -2**31 .. 2**31 - 1."""
        return (self.value - other.value + _HALF) % _MODULUS - _HALF

    def __lt__(self, other: SeqNum) -> bool:
        return 0 < other._ahead_of(self) < _HALF

    def __le__(self, other: SeqNum) -> bool:
        return self == other or self < other

    def __gt__(self, other: SeqNum) -> bool:
        return other < self

    def __ge__(self, other: SeqNum) -> bool:
        return other <= self

    def __int__(self) -> int:
        return self.value

    def __str__(self) -> str:
        return str(self.value)

    def _ahead_of(self, other: SeqNum) -> int:
        return (self.value - other.value) % _MODULUS
