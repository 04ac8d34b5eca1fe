"""The readers that a teacher has named: which badges take command cards is told by her page, and outlives a restart.

It is no part of a game: a new room, or another lesson, keeps them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from hub.private import write_private

FILE = "readers.json"


def kept(data: Path) -> frozenset[str]:
    """The readers that were kept last in the hub's data folder `data`; none when there is no sound file."""
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=frozenset[str])
    except (FileNotFoundError, msgspec.DecodeError):
        return frozenset()


def keep(data: Path, badges: Collection[str]) -> None:
    """These are the readers from now on; when this returns, they are on the disk."""
    write_private(data / FILE, msgspec.json.encode(sorted(badges)))
