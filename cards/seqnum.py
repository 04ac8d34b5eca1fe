"""Sequence numbers: 32 bits that wrap around (RFC 9293 §3.4)."""

from __future__ import annotations

_MASK = 0xFFFF_FFFF
_HALF = 1 << 31


class SeqNum:
    """A TCP sequence number: a value, never changed.

    Arithmetic is modulo 2**32 and `<` means what the RFC means by it: `a < b` when b is at most 2**31 - 1
    octets ahead of a. So `SeqNum(0xFFFFFFFF) + 1 == SeqNum(0)` and `SeqNum(0xFFFFFFFF) < SeqNum(0)`.
    The order is not total: two numbers exactly 2**31 apart are each *not* less than the other.

    Raises ValueError for a value outside 0 .. 2**32 - 1.
    """

    __slots__ = ("value",)
    value: int

    def __init__(self, value: int) -> None:
        if not 0 <= value <= _MASK:
            raise ValueError(f"a sequence number is between 0 and {_MASK}, not {value}")
        _put(self, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a sequence number is a value: make another one")

    def __add__(self, octets: int) -> SeqNum:
        number = _make(SeqNum)
        _put(number, (self.value + octets) & _MASK)
        return number

    def __sub__(self, other: SeqNum) -> int:
        """Octets from `other` to this number, signed: -2**31 .. 2**31 - 1."""
        return (self.value - other.value + _HALF & _MASK) - _HALF

    def __lt__(self, other: SeqNum) -> bool:
        return 0 < (other.value - self.value & _MASK) < _HALF

    def __le__(self, other: SeqNum) -> bool:
        return (other.value - self.value & _MASK) < _HALF

    def __gt__(self, other: SeqNum) -> bool:
        return 0 < (self.value - other.value & _MASK) < _HALF

    def __ge__(self, other: SeqNum) -> bool:
        return (self.value - other.value & _MASK) < _HALF

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SeqNum) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __int__(self) -> int:
        return self.value

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return f"SeqNum({self.value})"

    def __reduce__(self) -> tuple[type[SeqNum], tuple[int]]:
        return SeqNum, (self.value,)


# A frozen dataclass does the same at twice the price, and the engine counts several times for every segment.
_make = object.__new__
_put = SeqNum.__dict__["value"].__set__
