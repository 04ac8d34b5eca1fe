"""`python -m paperhop.bench [lights] [engine]`: both, when none is named."""

from __future__ import annotations

import argparse

from paperhop.bench import engine, lights


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="python -m paperhop.bench", description="Measure Paperhop beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="lights|engine", help="what to measure; default: both")
    parser.add_argument("--scans", type=int, default=lights.SCANS, help="scans for each size; default: %(default)s")
    arguments = parser.parse_args()
    parts = arguments.parts or ["engine", "lights"]
    if unknown := set(parts) - {"lights", "engine"}:
        parser.error(f"there is no bench called {', '.join(sorted(unknown))}: it is lights or engine")
    if "engine" in parts:
        engine.measure()
    if "lights" in parts:
        lights.measure(arguments.scans)
    return 0


raise SystemExit(main())
