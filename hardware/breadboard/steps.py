"""`make hardware`: the picture of the breadboard, and its table in docs/wiring.md."""

from __future__ import annotations

from hardware.breadboard.canvas import png, svg
from hardware.breadboard.diagram import drawing
from hardware.breadboard.table import blocks
from hardware.pages import write_blocks
from hardware.steps import PILLOW, ROOT, Step

PICTURES = ROOT / "docs" / "pictures"
PAGE = ROOT / "docs" / "wiring.md"


def _make() -> None:
    picture = drawing()
    (PICTURES / "wiring.svg").write_text(svg(picture), encoding="utf-8")
    (PICTURES / "wiring.png").write_bytes(png(picture))
    write_blocks(PAGE, blocks())


STEPS = (
    Step(
        "breadboard",
        "the picture of the wiring, and where each part goes",
        (
            *("hardware/wiring.*", "hardware/breadboard.csv", "hardware/dimensions.*", "hardware/breadboard/*.py"),
            *("hardware/pages.py", "cards/typeface.py", "cards/fonts/*.ttf"),
        ),
        ("docs/pictures/wiring.svg", "docs/pictures/wiring.png"),
        _make,
        (PILLOW,),
    ),
)
