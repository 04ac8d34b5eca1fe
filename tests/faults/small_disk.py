"""A disk that is full when a test wants it to be, and one that cannot be written."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.conftest import lacking

_SIZE = "3m"
_BALLAST = "ballast"


class SmallDisk(Protocol):
    """The disk below a folder, for the process with a number."""

    def fill(self, process: int) -> None:
        """Nothing more can be written from now on."""

    def free(self, process: int) -> None:
        """There is room again."""


class _Mounted:
    """A file system of its own."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / _BALLAST

    def fill(self, process: int) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self, process: int) -> None:
        self._ballast.unlink()


class _Limited:
    """Where nobody may mount: files of the process cannot grow beyond what the largest has (EFBIG, not ENOSPC)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def fill(self, process: int) -> None:
        largest = max(path.stat().st_size for path in self._folder.iterdir())
        resource.prlimit(process, resource.RLIMIT_FSIZE, (largest, self._hard))

    def free(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (self._hard, self._hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A small file system, mounted there; where that is not allowed, a limit to the size of files."""
    folder.mkdir(parents=True)
    if not _mount("-t", "tmpfs", "-o", f"size={_SIZE}", "paperhop-test", str(folder)):
        if not hasattr(resource, "prlimit"):
            lacking("a small disk", how="run this test on Linux")
        yield _Limited(folder)
        return
    try:
        yield _Mounted(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that `small_disk` has made cannot be written any more."""
    if _mount("-o", "remount,ro", str(folder)):
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(folder))
        return
    if os.geteuid() == 0:
        lacking("mount", how="run this test where root may mount, or not as root")
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def _mount(*words: str) -> bool:
    if os.geteuid() != 0:
        return False
    try:
        return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
