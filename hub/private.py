"""Files that are written whole or not at all; those that nobody else may read: secrets, and names of people."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from hub.wiping import sync


def write_private(path: Path, octets: bytes) -> None:
    """As `write_whole`; its owner alone may read it."""
    write_whole(path, octets, 0o600)


def write_whole(path: Path, octets: bytes, mode: int) -> None:
    """The file has this content and these rights from now on, whole and on the disk, or what it had before. OSError
    when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = unfinished(path)
    written.unlink(missing_ok=True)  # whoever made it: its rights would stay
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    written.replace(path)
    sync(path.parent)


def keep_from_git(folder: Path) -> None:
    """Let git pass over a folder, which may lie in a copy of this very repository. OSError when that cannot be said."""
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_private(ignored, b"*\n")


def close_to_others(folder: Path, own: Collection[str]) -> None:
    """Nobody else may look into a folder of ours from now on, if it has nothing but files whose names begin with one of
    `own`, or with a dot and one. Rights are only ever taken away.
    """
    there, names = folder.stat(), (*own, *(f".{name}" for name in own))
    if there.st_uid == os.geteuid() and all(each.name.startswith(names) for each in folder.iterdir()):
        with suppress(OSError):  # a file system that knows no rights
            folder.chmod(there.st_mode & 0o7700)


def unfinished(path: Path) -> Path:
    """What is there of a file that is being written."""
    return path.with_name(f".{path.name}.new")
