"""What happens in a room. Every event carries `at`: lesson time in milliseconds, never going back."""

from __future__ import annotations

from dataclasses import dataclass

from cards.packet import Written


@dataclass(frozen=True, slots=True)
class Seated:
    """A badge plays a node from now on (node None: none any more)."""

    at: int
    badge: str
    node: str | None


@dataclass(frozen=True, slots=True)
class RoundBegan:
    """A new round: all cards are forgotten, all hosts are as at the start. Seats stay."""

    at: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A badge saw a card: what is written on it, or why it could not be read."""

    at: int
    badge: str
    card: str | None
    written: Written | None = None
    problem: str | None = None
    detail: str = ""


Event = Seated | RoundBegan | Scanned
