"""`make fuzz`: nearly right inputs for every part that reads what others wrote, as many as there is time for.

    python -m tests.fuzz [TARGET ...] [--runs N] [--seed S]

Each input follows from target, seed and number alone. What raises, or takes too long, is kept under build/fuzz/ and
told; the exit status is 1 then.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz.mutating import mutated
from tests.fuzz.targets import TARGETS, Target

KEPT = Path("build/fuzz")
_MOST_TOLD = 20


def fuzz(target: Target, runs: int, seed: str) -> int:
    """Feed a target; how many inputs it stumbled over."""
    corpus = target.corpus()
    for octets in corpus:  # it must pass; and what is made once is made now
        target.run(octets)
    slowest, at, bad = 0.0, "", set[str]()
    began = time.process_time()
    for number in range(runs):
        octets = mutated(random.Random(f"{target.name}|{seed}|{number}"), corpus)
        start = time.process_time()
        wrong = ""
        try:
            target.run(octets)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            wrong = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {str(error)[:200]}"
            kind = f"{type(error).__name__} {last.filename}:{last.lineno}"
        took = time.process_time() - start
        if took > slowest:
            slowest, at = took, str(number)
        if not wrong and took > target.slowest:
            wrong = kind = f"slow: {took:.1f} s, {target.slowest:.0f} are allowed"
        if wrong and kind not in bad:
            bad.add(kind)
            if len(bad) <= _MOST_TOLD:
                print(f"  {target.name} {number}: {wrong}\n    kept as {_keep(target, octets)}", flush=True)
    seconds = time.process_time() - began
    rate, longest = f"{runs / seconds:.0f} a second", f"slowest {slowest * 1000:.0f} ms (number {at})"
    print(f"{target.name:<8}{runs:>9} inputs   {rate:>15}   {longest}   {len(bad)} bugs", flush=True)
    return len(bad)


def _keep(target: Target, octets: bytes) -> Path:
    folder = KEPT / target.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(octets).hexdigest()[:12]
    path.write_bytes(octets)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description="Feed every part what nobody would write")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)}; without any: all")
    parser.add_argument("--runs", type=int, default=2000, help="inputs for each target (default: %(default)s)")
    parser.add_argument("--seed", default="0", help="other inputs for another seed (default: %(default)s)")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for name in arguments.targets:
        if name not in TARGETS:
            parser.error(f"there is no target {name!r}; there are: {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in arguments.targets or TARGETS]
    return 1 if sum(fuzz(target, arguments.runs, arguments.seed) for target in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
