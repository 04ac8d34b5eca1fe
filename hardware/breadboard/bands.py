"""The coloured rings of a resistor (IEC 60062): two digits, how many noughts, and the tolerance."""

from __future__ import annotations

COLOURS = ("black", "brown", "red", "orange", "yellow", "green", "blue", "violet", "grey", "white")


def bands(ohm: int) -> tuple[str, str, str, str]:
    """The four rings of a resistor of 5 %. ValueError when it has more than two digits that count."""
    noughts = len(str(ohm)) - 2
    if ohm < 10 or ohm % 10**noughts:
        raise ValueError(f"{ohm} ohm cannot be said with two digits")
    first, second = (int(digit) for digit in str(ohm)[:2])
    return COLOURS[first], COLOURS[second], COLOURS[noughts], "gold"
