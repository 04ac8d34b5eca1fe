"""Parts of a page under docs/ that are made: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hardware.steps import Finding


def with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """The page with these blocks in their places. `Finding` for a block without a place, or a place without a block."""
    places = re.findall(r"<!-- begin ([a-z-]+) -->", text)
    if sorted(places) != sorted(blocks):
        raise Finding(f"the page has places for {sorted(places)}, and the blocks are {sorted(blocks)}")
    for name, block in blocks.items():
        pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
        text, count = re.subn(pattern, lambda m: f"{m[1]}\n{block}\n\n{m[2]}", text, flags=re.DOTALL)  # noqa: B023
        if count != 1:
            raise Finding(f"the place of {name} does not end")
    return text


def write_blocks(page: Path, blocks: Mapping[str, str]) -> None:
    """Make the blocks of a page anew."""
    page.write_text(with_blocks(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A Markdown table. right: columns of numbers, from 0."""
    lines = ["---:" if n in right else "---" for n in range(len(heads))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, lines, *rows))
