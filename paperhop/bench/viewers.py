"""What people who watch cost the judging: how long badges wait for their answers, with and without screens that follow.

A hub runs as it does in a kit, with its broker, its journal on disk and its pages; badges scan at the pace of a busy
class, by the wire alone, without camera and lights. Rounds without viewers and with them take turns, so that both meet
the same machine. Every viewer is an open stream of `/api/events`, read by one process beside.
"""

from __future__ import annotations

import multiprocessing
import os
import selectors
import socket
import statistics
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from paperhop.bench.kit import WITHIN_S, Class, RunningHub, Wire, broker, hub, lans, percentile

VIEWERS = 200
LANS = 10
"""Each of three badges."""
PER_SECOND = 20
"""Scans: those of thirty badges that scan every second and a half."""
ROUNDS = 3
"""Of each kind, in turn."""
_WORDS = f"""\
{3 * LANS} badges, {PER_SECOND} scans/s together; {ROUNDS} rounds without viewers and with {VIEWERS}, in turn.
scan to answer: by way of broker, hub and journal, in ms: half of the scans, 99 of 100, were at most as slow
CPU:            of the hub's process in ms a scan; its pages are another process, the viewers a third
seen:           events that all viewers together were told, of those that they had to be told
"""


def measure(scans: int) -> None:
    """Print the table."""
    alone: list[float] = []
    watched: list[float] = []
    cpu: dict[bool, list[float]] = {False: [], True: []}
    with ExitStack() as stack:
        url, name = stack.enter_context(broker())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = stack.enter_context(hub(url, folder, lans(LANS)))
        wire, players = Wire(stack, url), Class(LANS)
        print(f"\n{name}, {scans} scans a round.\n{_WORDS}")
        _round(wire, players, running, scans)  # connections are opened, everything is warm
        seen = 0
        for _ in range(ROUNDS):
            took, used = _round(wire, players, running, scans)
            alone += took
            cpu[False].append(used)
            with _Audience(running.page) as audience:
                took, used = _round(wire, players, running, scans)
                watched += took
                cpu[True].append(used)
                seen += audience.told()
    for what, took, spent in (("alone", alone, cpu[False]), (f"{VIEWERS} viewers", watched, cpu[True])):
        print(
            f"{what:<13}median {statistics.median(took):6.2f}   p99 {percentile(took, 99):6.2f}   "
            f"CPU {statistics.mean(spent):5.2f}"
        )
    print(
        f"{'ratio':<13}median {statistics.median(watched) / statistics.median(alone):6.2f}   "
        f"p99 {percentile(watched, 99) / percentile(alone, 99):6.2f}   "
        f"CPU {statistics.mean(cpu[True]) / statistics.mean(cpu[False]):5.2f}   (asked: at most 1.1)\n"
        f"seen: {seen} of at least {ROUNDS * scans * VIEWERS}"
    )


def _round(wire: Wire, players: Class, running: RunningHub, scans: int) -> tuple[list[float], float]:
    """Milliseconds from scan to answer, and of the hub's CPU a scan."""
    before, began = running.cpu_s(), time.monotonic()
    for number in range(scans):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        wire.scan(*players.scan())
    took = [wire.took.get(timeout=WITHIN_S) for _ in range(scans)]
    return took, (running.cpu_s() - before) * 1000 / scans


class _Audience:
    """VIEWERS streams of events, open while the block runs."""

    def __init__(self, page: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._here, there = spawn.Pipe()
        self._process = spawn.Process(target=_watch, args=(page, there), daemon=True)

    def __enter__(self) -> _Audience:
        self._process.start()
        if not self._here.poll(WITHIN_S):
            raise SystemExit(f"{VIEWERS} viewers could not connect")
        self._here.recv()
        return self

    def told(self) -> int:
        """How many events they have been told of, once nothing more comes."""
        self._here.send("end")
        told: int = self._here.recv()
        return told

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _watch(page: str, pipe: Connection) -> None:
    """The process of the viewers: it stands for machines of their own, so whatever runs here goes first."""
    os.nice(19)
    where = urlsplit(page)
    watching = selectors.DefaultSelector()
    request = f"GET /api/events HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode()
    for _ in range(VIEWERS):
        viewer = socket.create_connection((where.hostname or "", where.port or 80), timeout=WITHIN_S)
        viewer.sendall(request)
        if not viewer.recv(4096):
            raise SystemExit("A viewer was sent away")
        viewer.setblocking(False)
        watching.register(viewer, selectors.EVENT_READ)
    pipe.send("here")
    told = 0
    while True:
        ready = watching.select(timeout=0.5)
        for key, _ in ready:
            assert isinstance(key.fileobj, socket.socket)
            octets = key.fileobj.recv(1 << 16)
            told += octets.count(b"event: change")
            if not octets:
                watching.unregister(key.fileobj)
        if not ready and pipe.poll():
            pipe.send(told)
            return
