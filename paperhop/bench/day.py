"""A day of ten hours at a booth: what the hub's memory comes to, and how long its restart takes.

A hub runs as it does in a kit; all scans come by the wire, as fast as they are answered, and belong to one round: so
nothing is forgotten. Then it is killed and started again, with its snapshots and without.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from hub.snapshots import BEHIND, PAUSE_S, PREFIX
from paperhop.bench.kit import WITHIN_S, Class, Wire, broker, hub, lans

SCANS = 100_000
LANS = 30
"""Each of three badges."""
AT_ONCE = 30
"""Scans that wait for their answers at the same time."""
STARTS = 3
"""Of each kind."""


def measure(scans: int) -> None:
    """Print the table."""
    with broker() as (url, name), tempfile.TemporaryDirectory() as folder:
        print(f"\n{name}, {3 * LANS} badges, {scans} scans in one round, {AT_ONCE} at a time")
        kept, empty = Path(folder) / "kept", Path(folder) / "empty"
        kept.mkdir()
        with ExitStack() as stack:
            running = stack.enter_context(hub(url, kept, lans(LANS)))
            before = _peak_mb(running.pid)
            wire, players, began = Wire(stack, url), Class(LANS), time.monotonic()
            _play(wire, players, scans)
            took = time.monotonic() - began
            _wait_for_a_snapshot(kept / "data", scans)
            _play(wire, players, BEHIND + AT_ONCE)
            print(
                f"memory of the hub, at most: {_peak_mb(running.pid):.0f} MB, {before:.0f} MB when it had started "
                f"(asked: 300)   {scans / took:.0f} scans/s, {running.cpu_s() / scans * 1000:.2f} ms of CPU each"
            )
        size = sum(path.stat().st_size for path in (kept / "data").iterdir()) / 1e6
        print(f"data folder: {size:.0f} MB")
        with_snapshots = [_start(url, kept) for _ in range(STARTS)]
        for path in (kept / "data").glob("snapshot-*"):
            path.unlink()
        without = _start(url, kept)
        new = []
        for number in range(STARTS):
            (folder_of_one := empty.with_name(f"empty-{number}")).mkdir()
            new.append(_start(url, folder_of_one))
        first = statistics.median(new)
        for what, seconds in (
            ("new folder", first),
            ("this day, with snapshots", statistics.median(with_snapshots)),
            ("this day, from its journal alone", without),
        ):
            print(f"start, {what:<33}{seconds:6.2f} s   {seconds / first:5.1f} times   {seconds - first:+6.2f} s")


def _play(wire: Wire, players: Class, scans: int) -> None:
    for number in range(scans + AT_ONCE):
        if number >= AT_ONCE:
            wire.took.get(timeout=WITHIN_S)
        if number < scans:
            wire.scan(*players.scan())


def _wait_for_a_snapshot(data: Path, after: int) -> None:
    """Until there is one of a record behind `after`: ten hours have a pause for each, this day has one for all."""
    until = time.monotonic() + PAUSE_S + WITHIN_S
    while not any(int(path.name.removeprefix(PREFIX)) > after for path in data.glob(f"{PREFIX}*")):
        if time.monotonic() > until:
            raise SystemExit("The hub keeps no snapshot")
        time.sleep(0.1)


def _start(url: str, folder: Path) -> float:
    """Seconds from the start of the program to its page."""
    began = time.monotonic()
    with hub(url, folder, lans(LANS)):
        return time.monotonic() - began


def _peak_mb(pid: int) -> float:
    """The most memory that a process ever had, in 10^6 octets; NaN where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return float("nan") if found is None else int(found[1]) * 1024 / 1e6
