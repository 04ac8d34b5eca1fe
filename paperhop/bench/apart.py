"""Work in a process of its own, so that its memory is its own."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")


def apart(work: Callable[[_T], object], subject: _T) -> float:
    """Megabytes by which a process has grown at its largest when it does this work once."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_grown, work, subject).result()


def largest() -> float:
    """Megabytes that this process has had at its largest."""
    status = Path("/proc/self/status")
    if status.exists():  # there getrusage also counts what the process was before it became this program
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _grown(work: Callable[[_T], object], subject: _T) -> float:
    before = largest()
    work(subject)
    return largest() - before
