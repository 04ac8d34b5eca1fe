"""hardware/dimensions.toml: where everything on a badge is, in millimetres, for board, case, drawings, tests."""

from __future__ import annotations

import tomllib
from typing import Any

from hardware.steps import ROOT

DIMENSIONS = ROOT / "hardware" / "dimensions.toml"


def dimensions() -> dict[str, Any]:
    """The numbers that people chose, by section."""
    return tomllib.loads(DIMENSIONS.read_text(encoding="utf-8"))
