"""What turns computers into a set: its accounts, its network, what each badge finds at its first start, and a backup.

`files/` is what lies on the hub as it is; the rest is made for one set. `install.sh` puts both where they belong.
"""

from __future__ import annotations

from pathlib import Path

PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
"""Of each Raspberry Pi OS that a badge can be made of, the Python that it has."""


def badge_list(bundle: Path, python: str) -> Path:
    """Where a bundle names the wheels of a badge with this Python, one a line."""
    return bundle / "wheels" / f"badge-{python}.txt"


def files() -> Path:
    """The folder of the files that are the same on every hub."""
    return Path(__file__).parent / "files"
