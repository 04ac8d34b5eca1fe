"""Files about people, removed so that as little as possible stays: overwritten first, and gone when the power fails."""

from __future__ import annotations

import os
from pathlib import Path


def wipe(file: int) -> None:
    """Overwrite an open file; what a memory card keeps of it inside nobody can say."""
    os.pwrite(file, bytes(os.fstat(file).st_size), 0)
    os.fsync(file)


def remove(path: Path) -> None:
    """Overwrite and remove a file, if it is there."""
    if path.exists():
        with path.open("r+b") as file:
            wipe(file.fileno())
        path.unlink()
        sync(path.parent)


def sync(folder: Path) -> None:
    """What was renamed or removed in a folder stays so when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
