"""Folders for what badge and hub must not lose."""

from __future__ import annotations

import os
from pathlib import Path


def make_lasting(folder: Path) -> None:
    """Make a folder, and those above it, if need be, so that pulling the power does not take them away again.

    What is synced in a folder is only as sure as the folder's own name, which is kept in the one above. OSError when it
    cannot be made.
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in made:
        above = os.open(each.parent, os.O_RDONLY)
        try:
            os.fsync(above)
        finally:
            os.close(above)
