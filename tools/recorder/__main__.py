"""`python -m tools.recorder`: what it does is said in the package."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import traceback
from pathlib import Path

from tools import recorder
from tools.recorder import files


def main() -> int:
    """Record the cases of the command line, or check them. 1 when one could not be played, or is different."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.recorder", description=recorder.__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", nargs="+", type=Path, metavar="CASE")
    parser.add_argument("--out", type=Path, help="folder to write to (default: each file in place)")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is different")
    parser.add_argument("--jobs", type=int, default=32, help="cases that are played at a time (default 32)")
    asked = parser.parse_args()
    work = [(path, None if asked.check else (asked.out or path.parent) / path.name) for path in asked.cases]
    failed = 0
    with multiprocessing.get_context("fork").Pool(asked.jobs, maxtasksperchild=1) as pool:
        for path, said in pool.imap_unordered(_play, work, chunksize=1):
            failed += bool(said)
            for each in said:
                print(f"{path.stem}: {each}")
    print(f"{len(work) - failed} of {len(work)} cases {'are as they were' if asked.check else 'recorded'}")
    return 1 if failed else 0


def _play(work: tuple[Path, Path | None]) -> tuple[Path, list[str]]:
    """One case, in a process that plays no other; what went wrong with it, or is different."""
    path, out = work
    try:
        before = files.load(path)
        after = files.recorded(before)
        if out is None:
            return path, files.differences(before, after)
        files.save(out, after)
    except Exception:
        return path, [traceback.format_exc()]
    return path, []


if __name__ == "__main__":
    sys.exit(main())
