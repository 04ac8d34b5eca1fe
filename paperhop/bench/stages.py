"""What each step of reading a card for the pen costs, beside bare pyzbar and bare zxing-cpp on the same frame.

CPU time of one core, the median over frames; instructions as callgrind counts them, on one frame, when valgrind is
installed; and by how many megabytes a process grows that reads.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from cards import reader
from cards.decoder import Picture, find_codes
from cards.inkmeter import measure as measured
from cards.penreader import decided
from cards.qrcode import modules
from cards.registration import register
from firmware.eye import THOROUGH_EVERY, Eye
from firmware.frames import Frame
from paperhop.bench.apart import apart
from paperhop.bench.camera import FRAME
from paperhop.bench.penreading import Filled, filled_in
from paperhop.bench.scenery import table

FRAMES = 12
_SEED = 11
_LEVEL = 1
_PEERS = ("bare pyzbar", "bare zxing-cpp")
_TIMEOUT = 600
_Work = Callable[[], object]


def stages(card: Filled, empty: Picture) -> dict[str, _Work]:
    """What is measured, by its name. card: a photograph that can be read; empty: one of a table."""
    image = card.shots[0].image
    (code,) = find_codes(image)
    rows = modules(code.text)
    registered = register(image, code, card.form, rows)
    inked = measured(registered, card.form)
    eye, clock = Eye(), iter(range(1, 1_000_000))

    def thorough() -> object:
        return Eye().look(Frame(empty, 0.0))

    def again() -> object:
        return eye.look(Frame(empty, 1e-6 * next(clock)))

    eye.look(Frame(empty, 0.0))
    return {
        _PEERS[0]: lambda: pyzbar.decode(image),
        _PEERS[1]: lambda: zxingcpp.read_barcodes(image),
        "an empty frame, every decoder": thorough,
        f"the same frame within {THOROUGH_EVERY:g} s": again,
        "finding the code": lambda: find_codes(image),
        "registering the form": lambda: register(image, code, card.form, rows),
        "measuring the ink": lambda: measured(registered, card.form),
        "deciding": lambda: decided(card.form, inked, b""),
        "a whole read": lambda: reader.read(image),
    }


def measure() -> None:
    """Print the table."""
    print(f"\nWhat reading a card for the pen costs, {FRAME[0]}x{FRAME[1]}, level {_LEVEL}; ratios to bare pyzbar\n")
    times = _times(FRAMES)
    counts = _instructions(list(times))
    zbar, zbar_count = times[_PEERS[0]], counts.get(_PEERS[0], 0)
    print(f"  {'':<30}{'ms':>8}{'ratio':>8}{'million instructions':>22}{'ratio':>8}")
    for name, ms in times.items():
        counted = f"{counts[name] / 1e6:>22.1f}{counts[name] / zbar_count:>8.3f}" if zbar_count else ""
        print(f"  {name:<30}{ms:>8.2f}{ms / zbar:>8.3f}{counted}")
    if not counts:
        print(f"\n  instructions are not counted: {_why_not()}")
    image = _subjects(1)[0][0].shots[0].image
    print(
        f"\n  memory: a process grows by {apart(reader.read, image):.1f} MB when it reads its first card, "
        f"and by {apart(pyzbar.decode, image):.1f} MB\n  when bare pyzbar does"
    )


def _subjects(count: int) -> list[tuple[Filled, Picture]]:
    rng = np.random.default_rng(_SEED)
    subjects: list[tuple[Filled, Picture]] = []
    while len(subjects) < count:
        for card in filled_in("mixed", _LEVEL, count - len(subjects), rng):
            light = table(FRAME, rng) ** (1 / 2.2) * 255 + rng.normal(0, 3, FRAME[::-1])
            empty = cv2.GaussianBlur(light.clip(0, 255).astype(np.uint8), (0, 0), 0.6).astype(np.uint8)
            if any(found.reading for found in reader.read(card.shots[0].image)):
                subjects.append((card, empty))
    return subjects


def _times(count: int) -> dict[str, float]:
    """Milliseconds of each stage."""
    took: dict[str, list[float]] = {}
    for subject in _subjects(count):
        for name, work in stages(*subject).items():
            work()
            began = time.process_time()
            for _ in range(3):
                work()
            took.setdefault(name, []).append((time.process_time() - began) / 3 * 1000)
    return {name: statistics.median(each) for name, each in took.items()}


def _why_not() -> str:
    if shutil.which("valgrind") is None or shutil.which("callgrind_control") is None:
        return "valgrind is not installed (Debian, Ubuntu: apt-get install valgrind)"
    return "valgrind does not let this process talk to it"


def _instructions(names: list[str]) -> dict[str, int]:
    """Instructions of each stage, on one frame; nothing where callgrind is not to be had."""
    if shutil.which("valgrind") is None or shutil.which("callgrind_control") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable, "-c"]
        command.append("from paperhop.bench.stages import under_callgrind; under_callgrind()")
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT)
        except (subprocess.SubprocessError, OSError):
            return {}
        counts = [_total(out.with_name(f"{out.name}.{number}")) for number in range(1, 2 + len(names))]
    if None in counts:
        return {}
    nothing, *rest = (count or 0 for count in counts)
    return {name: count - nothing for name, count in zip(names, rest, strict=True)}


def _total(dump: Path) -> int | None:
    if not dump.exists():
        return None
    found = re.search(r"^summary: (\d+)", dump.read_text(), re.MULTILINE)
    return int(found[1]) if found else None


def under_callgrind() -> None:
    """Run nothing, then each stage, with a dump of callgrind's counters after each."""
    cv2.setNumThreads(1)
    (subject,) = _subjects(1)
    works = stages(*subject)
    for work in (lambda: None, *works.values()):
        work()
        _control("--zero")
        work()
        _control("--dump")


def _control(order: str) -> None:
    subprocess.run(["callgrind_control", order, str(os.getpid())], check=True, capture_output=True)
