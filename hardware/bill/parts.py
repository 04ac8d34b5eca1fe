"""hardware/parts.csv: each part once, with its price, and how many of it a badge, a hub and a set need.

How many screws and other small things a case takes stands in hardware/case/parts.toml: of these the list has the price.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from hardware.case.parts import bought
from hardware.steps import ROOT

PARTS = ROOT / "hardware" / "parts.csv"
BUILDS = ("breadboard", "board")
CASES = {
    "case=printed": {"breadboard": "stand-breadboard", "board": "stand"},
    "case=laser": {"board": "laser"},
    "case=lanyard": {"board": "lanyard"},
}
"""By the option and the build, what the case is called in its own list."""
_OF_CASE = "case-"
_ANY_CASE = "case=*"
ESTIMATE = "estimate"
"""The source of a price that nobody has seen at a seller's."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the list.

    option: "camera=module3" belongs to one of several choices; empty: always. per_badge: pieces by build. one_per: one
    for every so many badges begun, 0 for none. least: only in sets of so many badges. spares: one more for so many
    badges, 0 for none. pack: pieces sold together for `usd`, without tax and postage, seen on the day `priced`.
    wrong: what fails with a wrong one.
    """

    id: str
    designators: tuple[str, ...]
    name: str
    maker: str
    number: str
    option: str
    per_badge: dict[str, int]
    hub: int
    one_per: int
    least: int
    spares: int
    pack: int
    usd: float
    priced: date
    source: str
    alternates: str
    why: str
    wrong: str

    @property
    def unit(self) -> float:
        """Dollars for one piece."""
        return self.usd / self.pack

    @property
    def seen(self) -> bool:
        """Whether the price is a seller's."""
        return self.source != ESTIMATE

    @property
    def group(self) -> str:
        """What is chosen by its option, such as "camera"; empty when it always belongs."""
        return self.option.partition("=")[0]


def parts() -> tuple[Part, ...]:
    """All lines, in their order. KeyError or ValueError where the list is wrong."""
    case = {thing.name: thing.builds for thing in bought()}
    with PARTS.open(newline="", encoding="utf-8") as file:
        return tuple(part for row in csv.DictReader(file) for part in _parts(row, case))


def _parts(row: dict[str, str], case: Mapping[str, Mapping[str, int]]) -> Iterator[Part]:
    """The part of a line; of a case's small thing one for each kind of case. case: by name, pieces by kind of case."""
    if row["option"] != _ANY_CASE:
        yield _part(row, row["id"], row["option"], {build: int(row[build]) for build in BUILDS})
        return
    counted = case.get(row["id"].removeprefix(_OF_CASE), {})
    for option, kinds in CASES.items():
        per_badge = {build: counted.get(kinds.get(build, ""), 0) for build in BUILDS}
        yield _part(row, f"{row['id']}.{option.removeprefix('case=')}", option, per_badge)


def _part(row: dict[str, str], name: str, option: str, per_badge: dict[str, int]) -> Part:
    return Part(
        name,
        tuple(row["designators"].split()),
        row["name"],
        row["maker"],
        row["number"],
        option,
        per_badge,
        int(row["hub"]),
        int(row["one_per"]),
        int(row["from"]),
        int(row["spares"]),
        int(row["pack"]),
        float(row["usd"]),
        date.fromisoformat(row["priced"]),
        row["source"],
        row["alternates"],
        row["why"],
        row["wrong"],
    )
