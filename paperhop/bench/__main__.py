"""`python -m paperhop.bench [PART ...]`: the parts that are named, or all of them."""

from __future__ import annotations

import argparse

from paperhop.bench import day, engine, lights, load, penreading, printing, reading, referee, stages, viewers

_PARTS = ("engine", "referee", "lights", "load", "day", "viewers", "printing", "reading", "pens", "stages")
_SCANS = f"scans for each size, of viewers: a round; default: {lights.SCANS}, of a day {day.SCANS}"
_FRAMES = f"photographs a level (of pens: and profile); default: {reading.FRAMES}, of pens {penreading.FRAMES}"


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="python -m paperhop.bench", description="Measure Paperhop beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)}; default: all")
    parser.add_argument("--scans", type=int, help=_SCANS)
    parser.add_argument("--frames", type=int, help=_FRAMES)
    arguments = parser.parse_args()
    parts = arguments.parts or _PARTS
    if unknown := set(parts) - set(_PARTS):
        parser.error(f"there is no bench called {', '.join(sorted(unknown))}: it is one of {', '.join(_PARTS)}")
    if "engine" in parts:
        engine.measure()
    if "referee" in parts:
        referee.measure()
    if "lights" in parts:
        lights.measure(arguments.scans or lights.SCANS)
    if "load" in parts:
        load.measure()
    if "day" in parts:
        day.measure(arguments.scans or day.SCANS)
    if "viewers" in parts:
        viewers.measure(arguments.scans or lights.SCANS)
    if "printing" in parts:
        printing.measure()
    if "reading" in parts:
        reading.measure(arguments.frames or reading.FRAMES)
    if "pens" in parts:
        penreading.measure(arguments.frames or penreading.FRAMES)
    if "stages" in parts:
        stages.measure()
    return 0


raise SystemExit(main())
