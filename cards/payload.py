"""What a packet brings to the application: octets, or ink that stands for octets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ink:
    """A payload that was written by hand: how many octets it has, and perhaps how it looks.

    length: octets, counted from the inked cells of the comb.
    picture: PNG of the handwriting for the teacher's page; empty when there is none. Not part of equality.
    """

    length: int
    picture: bytes = field(default=b"", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.length < 0:
            raise ValueError(f"ink has a length of 0 or more, not {self.length}")

    def __len__(self) -> int:
        return self.length


Payload = bytes | Ink


def octets(payload: Payload) -> bytes:
    """The octets of a payload; ink travels as that many placeholders."""
    return b"?" * payload.length if isinstance(payload, Ink) else payload


def within(what: str, value: int, most: int) -> None:
    """Raises ValueError when `value` is not in 0 .. `most`."""
    if not 0 <= value <= most:
        raise ValueError(f"the {what} is between 0 and {most}, not {value}")
