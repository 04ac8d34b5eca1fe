"""Where each part of the badge goes on a half-size breadboard, and what is connected to what by it.

Rows have numbers, 1 to 30; columns letters, a to j. The five holes of a row on one side of the gap are connected, and
the holes of a ground rail. Lights and SCAN are where the case has its icons and its cap, when the breadboard lies in
it with its gap behind SCAN (hardware/dimensions.toml).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from hardware.steps import ROOT
from hardware.wiring import Wire, wires

PLACES = ROOT / "hardware" / "breadboard.csv"
ROWS = 30
LOWER, UPPER = "abcde", "fghij"
CONNECTS = ("jumper", "bridge")
"""Kinds of parts that are nothing but a wire."""
_NOT_ON_IT = ("SSD1306",)
"""Parts that are plugged to the Raspberry Pi without the breadboard."""
LEFT_OUT = ("power_button",)
"""Functions that only the board has."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A hole: a column's letter and a row, or a ground rail ("lower", "upper") and the row beside it."""

    column: str
    row: int

    def __str__(self) -> str:
        return f"{self.column}{self.row}"

    @property
    def on_rail(self) -> bool:
        """Whether it is one of a ground rail."""
        return self.column in ("lower", "upper")

    @property
    def strip(self) -> str:
        """What it is connected with inside of the breadboard."""
        if self.on_rail:
            return self.column
        return f"{self.row}{LOWER if self.column in LOWER else UPPER}"


@dataclass(frozen=True, slots=True)
class Place:
    """One part, from one hole to another. start: None for a jumper, which comes from the header's pin.

    Of a LED `start` has the long leg; of a button the two holes are opposite corners.
    """

    kind: str
    function: str
    start: Hole | None
    end: Hole
    colour: str
    note: str

    @property
    def name(self) -> str:
        """What it is called in the picture."""
        return f"{self.kind}-{self.function}"

    def legs(self) -> tuple[Hole, ...]:
        """Every hole that it occupies."""
        start = () if self.start is None else (self.start,)
        if self.kind == "button" and self.start is not None:
            corners = [(self.start.column, self.end.row), (self.end.column, self.start.row)]
            return (*start, *(Hole(column, row) for column, row in corners), self.end)
        return (*start, self.end)


def hole(text: str) -> Hole:
    """A hole by its name, such as "a7" or "upper12". ValueError for one that a breadboard has not."""
    match = re.fullmatch(r"([a-j]|lower|upper)(\d+)", text)
    if match is None or not 1 <= int(match[2]) <= ROWS:
        raise ValueError(f"a breadboard has no hole {text!r}")
    return Hole(match[1], int(match[2]))


def places() -> list[Place]:
    """All parts, in the order in which one puts them in."""
    with PLACES.open(newline="", encoding="utf-8") as file:
        return [
            Place(
                row["kind"],
                row["function"],
                None if row["from"] == "pin" else hole(row["from"]),
                hole(row["to"]),
                row["colour"],
                row["note"],
            )
            for row in csv.DictReader(file)
        ]


def on_breadboard() -> dict[str, Wire]:
    """The wires of hardware/wiring.csv that go to the breadboard."""
    return {
        name: wire for name, wire in wires().items() if name not in LEFT_OUT and not wire.part.startswith(_NOT_ON_IT)
    }


def joined(parts: Sequence[Place]) -> dict[str, frozenset[str]]:
    """By each strip and header pin ("pin 11"), all that it is connected with by wires alone.

    The legs of a button that stand in one row are one piece of metal, pressed or not.
    """
    groups: dict[str, frozenset[str]] = {}
    for start, end in _wired(parts):
        both = groups.get(start, frozenset({start})) | groups.get(end, frozenset({end}))
        groups.update(dict.fromkeys(both, both))
    return groups


def _wired(parts: Sequence[Place]) -> Iterator[tuple[str, str]]:
    pins = on_breadboard()
    for part in parts:
        if part.kind in CONNECTS:
            start = f"pin {pins[part.function].header_pin}" if part.start is None else part.start.strip
            yield start, part.end.strip
        elif part.kind == "button":
            for one, other in combinations(part.legs(), 2):
                if one.row == other.row:
                    yield one.strip, other.strip
