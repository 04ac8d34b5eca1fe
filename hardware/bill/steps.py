"""`make hardware`: the bill of materials, as lists for ordering and in docs/bill.md."""

from __future__ import annotations

from hardware.bill.checks import listed
from hardware.bill.parts import BUILDS, parts
from hardware.bill.tables import blocks, ordering, why
from hardware.bill.totals import SETS
from hardware.pages import write_blocks
from hardware.steps import ROOT, Finding, Step

OUT = ROOT / "hardware" / "bill" / "out"
PAGE = ROOT / "docs" / "bill.md"
PARTS_PAGE = ROOT / "docs" / "parts.md"


def _make() -> None:
    every = parts()
    if wrong := listed(every):
        raise Finding("\n".join(wrong))
    OUT.mkdir(exist_ok=True)
    for build in BUILDS:
        for badges in SETS:
            (OUT / f"{build}-{badges}.csv").write_text(ordering(every, build, badges), encoding="utf-8")
    write_blocks(PAGE, blocks(every))
    write_blocks(PARTS_PAGE, why(every))


STEPS = (
    Step(
        "bill",
        "what everything costs, and lists for ordering; is it what the schematic needs",
        (
            *("hardware/parts.csv", "hardware/board/badge-parts.csv", "hardware/case/parts.toml"),
            *("hardware/bill/*.py", "hardware/case/parts.py", "hardware/case/layout.py", "hardware/pages.py"),
        ),
        ("hardware/bill/out/*.csv",),
        _make,
    ),
)
