"""What turns computers into a set: its accounts, its network, what each badge finds at its first start, and a backup.

`files/` is what lies on the hub as it is; the rest is made for one set. `install.sh` puts both where they belong.
"""

from __future__ import annotations

from pathlib import Path


def files() -> Path:
    """The folder of the files that are the same on every hub."""
    return Path(__file__).parent / "files"
