"""`python -m paperhop.simulation`: so many classes, and of each that went wrong, what did."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from paperhop.simulation.play import play
from paperhop.simulation.wrong import Wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Play the classes. Exit status 0; 1 when one went wrong."""
    parser = argparse.ArgumentParser(prog="python -m paperhop.simulation", description="Play classes in virtual time")
    parser.add_argument("--seeds", type=_classes, default=100, metavar="N", help="classes (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed (default: %(default)s)")
    arguments = parser.parse_args(argv)
    logging.getLogger("hub").setLevel(logging.CRITICAL)
    began, bad = time.monotonic(), 0
    whole: Counter[str] = Counter()
    memory = Path("/dev/shm")
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        folder = Path(tempfile.mkdtemp(prefix="paperhop-class-", dir=memory if memory.is_dir() else None))
        try:
            whole += play(seed, folder)
        except Wrong as error:
            bad += 1
            print(f"seed {seed}: {error}", flush=True)
        finally:
            shutil.rmtree(folder)
        done = seed - arguments.first + 1
        if done % 500 == 0 or done == arguments.seeds:
            counts = ", ".join(f"{count} {what}" for what, count in sorted(whole.items()))
            print(f"{done} classes in {time.monotonic() - began:.0f} s: {counts}; {bad} went wrong", flush=True)
    return 1 if bad else 0


def _classes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} should be a number of classes, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
