"""docs/reasons.md says what the catalogue says."""

from __future__ import annotations

import re
from pathlib import Path

from hub.simulator.reasons import REASONS
from hub.texts import texts
from paperhop.reasons_page import page

PAGE = (Path(__file__).parent.parent / "docs" / "reasons.md").read_text("utf-8")


def test_the_page_is_that_of_the_catalogue() -> None:
    assert page() == PAGE, "run: python -m paperhop.reasons_page docs/reasons.md"


def test_every_reason_and_every_named_card_is_on_it() -> None:
    for code in (*REASONS, *(f"hack.{word}" for word in texts().hacks)):
        assert f"| `{code}` |" in PAGE, code


def test_its_tables_have_as_many_cells_in_every_row() -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE):
        assert len({row.replace(r"\|", "").count("|") for row in table.splitlines()}) == 1, table
