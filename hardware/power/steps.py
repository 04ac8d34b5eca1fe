"""`make hardware`: the power budget in docs/power.md."""

from __future__ import annotations

from hardware.pages import write_blocks
from hardware.power.tables import blocks
from hardware.steps import ROOT, Step

PAGE = ROOT / "docs" / "power.md"

STEPS = (
    Step(
        "power",
        "the power budget",
        ("hardware/power.toml", "hardware/wiring.*", "hardware/power/*.py", "hardware/pages.py"),
        (),
        lambda: write_blocks(PAGE, blocks()),
    ),
)
