"""`make hardware`: make and check everything under hardware/ that is made; with names, only those steps.

Exit status 1 when something is wrong, 3 when nothing is wrong but a step could not be run for want of a tool.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from hardware import manifest
from hardware.bill import steps as bill
from hardware.board import steps as board
from hardware.breadboard import steps as breadboard
from hardware.case import steps as case
from hardware.power import steps as power
from hardware.steps import Finding, Step

STEPS: tuple[Step, ...] = (*breadboard.STEPS, *board.STEPS, *case.STEPS, *bill.STEPS, *power.STEPS)
"""In the order in which they build on each other."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps, or with --check only compare every file with the manifest."""
    parser = argparse.ArgumentParser(prog="python -m hardware", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"one of: {', '.join(step.name for step in STEPS)}")
    parser.add_argument("--check", action="store_true", help="make nothing: compare files with hardware/manifest.json")
    options = parser.parse_args(arguments)
    if unknown := set(options.steps) - {step.name for step in STEPS}:
        parser.error(f"no step {', '.join(sorted(unknown))}")
    if options.check:
        return _report(manifest.stale(STEPS, manifest.read()))
    return _make([step for step in STEPS if not options.steps or step.name in options.steps])


def _report(findings: list[str]) -> int:
    for finding in findings:
        print(finding)
    if findings:
        print("Run `make hardware` and commit what it makes.")
    else:
        print("All is up to date.")
    return int(bool(findings))


def _make(steps: list[Step]) -> int:
    recorded = manifest.read()
    skipped = wrong = 0
    for step in steps:
        if missing := step.missing():
            skipped += 1
            print(f"SKIPPED {step.name} ({step.does}): it needs")
            for tool in missing:
                print(f"    {tool.name}: {tool.install}")
            continue
        print(f"{step.name}: {step.does}", flush=True)
        try:
            step.run()
        except Finding as finding:
            wrong += 1
            print(f"WRONG {step.name}: {finding}")
            continue
        before, recorded[step.name] = recorded.get(step.name), manifest.entry(step)
        _tell(before, recorded[step.name])
        manifest.write(recorded)
    if skipped:
        print(f"{skipped} of {len(steps)} steps were skipped: what they make was neither made nor checked.")
    return 1 if wrong else 3 if skipped else 0


def _tell(before: dict[str, dict[str, str]] | None, now: dict[str, dict[str, str]]) -> None:
    """Whether the same sources gave the same files."""
    files = f"    {len(now['outputs'])} files"
    if before is None or before["sources"] != now["sources"] or before["tools"] != now["tools"]:
        print(files)
    elif before["outputs"] == now["outputs"]:
        print(f"{files}, the same as before")
    else:
        print(f"{files}; sources and tools are as they were, yet these differ from before:")
        for path in sorted(now["outputs"]):
            if now["outputs"][path] != before["outputs"].get(path):
                print(f"        {path}")


if __name__ == "__main__":
    sys.exit(main())
