"""What pieces of work cost: CPU time of one core, and instructions as callgrind counts them."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import cv2

Work = Callable[[], object]
Works = Mapping[str, Sequence[Work]]
"""Pieces of work by their names, to be done in this order."""

_TIMEOUT = 900
_PROGRAM = "import sys; from paperhop.bench.cost import under_callgrind; under_callgrind(sys.argv[1])"
_S = TypeVar("_S")


def milliseconds(make: Callable[[_S], Works], subject: _S) -> dict[str, list[float]]:
    """CPU time of each piece of work, after one of each name was done for a first time."""
    _begin(make(subject))
    return {name: [_time(work) for work in works] for name, works in make(subject).items()}


def instructions(make: Callable[[_S], Works], subject: _S) -> dict[str, float]:
    """Millions of instructions, by name the mean of its works; nothing where callgrind is not to be had.

    make, subject: can be pickled.
    """
    if not _installed():
        return {}
    lengths = {name: len(works) for name, works in make(subject).items()}
    with tempfile.TemporaryDirectory() as folder:
        out, task = Path(folder) / "callgrind", Path(folder) / "task"
        task.write_bytes(pickle.dumps((make, subject)))
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        try:
            subprocess.run(
                [*callgrind, sys.executable, "-c", _PROGRAM, str(task)],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT,
            )
        except (subprocess.SubprocessError, OSError):
            return {}
        totals = [_total(out.with_name(f"{out.name}.{number}")) for number in range(1, 2 + len(lengths))]
    if None in totals:
        return {}
    nothing, *counts = (total or 0 for total in totals)
    return {name: (count - nothing) / lengths[name] / 1e6 for name, count in zip(lengths, counts, strict=True)}


def why_not_counted() -> str:
    """Why there are no counts of instructions."""
    if not _installed():
        return "valgrind is not installed (Debian, Ubuntu: apt-get install valgrind)"
    return "valgrind does not let this process talk to it"


def under_callgrind(task: str) -> None:
    """Do nothing, then the works of each name, with a dump of callgrind's counters after each name."""
    cv2.setNumThreads(1)
    make, subject = pickle.loads(Path(task).read_bytes())
    _begin(make(subject))
    for works in ([], *make(subject).values()):
        _control("--zero")
        for work in works:
            work()
        _control("--dump")


def _begin(named: Works) -> None:
    for works in named.values():
        works[0]()


def _time(work: Work) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _installed() -> bool:
    return shutil.which("valgrind") is not None and shutil.which("callgrind_control") is not None


def _total(dump: Path) -> int | None:
    if not dump.exists():
        return None
    found = re.search(r"^summary: (\d+)", dump.read_text(), re.MULTILINE)
    return int(found[1]) if found else None


def _control(order: str) -> None:
    subprocess.run(["callgrind_control", order, str(os.getpid())], check=True, capture_output=True)
