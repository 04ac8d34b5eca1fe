"""Whether what is bought for the board is what its schematic needs."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from hardware.bill.parts import PARTS, Part
from hardware.steps import ROOT

NEEDED = ROOT / "hardware" / "board" / "badge-parts.csv"
"""The parts that the schematic names, as KiCad lists them."""


def listed(parts: Iterable[Part]) -> list[str]:
    """A sentence for each designator or maker's number that only one of both lists has; none when all is well."""
    with NEEDED.open(newline="", encoding="utf-8") as file:
        needed = {ref: row["number"] for row in csv.DictReader(file) for ref in row["designators"].split()}
    bought = {ref: f"{part.maker} {part.number}" for part in parts for ref in part.designators}
    wrong = [f"{ref} is in the schematic, and not in {PARTS.name}" for ref in sorted(needed.keys() - bought.keys())]
    wrong += [f"{ref} is in {PARTS.name}, and not in the schematic" for ref in sorted(bought.keys() - needed.keys())]
    return wrong + [
        f"{ref} is {needed[ref]} in the schematic, and {bought[ref]} in {PARTS.name}"
        for ref in sorted(needed.keys() & bought.keys())
        if needed[ref] != bought[ref]
    ]
