"""The pages under hardware/ lead somewhere, and name every folder that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.page.markdown import anchor

HARDWARE = Path(__file__).parents[2] / "hardware"
PAGES = sorted(HARDWARE.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HARDWARE)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for href in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, part = href.partition("#")
        if "://" in href or not path:
            continue
        there = page.parent / path
        assert there.exists(), href
        if part:
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert part in {anchor(heading) for heading in headings}, href


def test_the_readme_names_every_folder_and_list() -> None:
    text = (HARDWARE / "README.md").read_text("utf-8")
    folders = [f"{path.name}/" for path in HARDWARE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    lists = [path.name for path in HARDWARE.iterdir() if path.suffix in (".csv", ".toml", ".md")]
    assert [name for name in (*folders, *lists) if name not in text and name != "README.md"] == []
