"""A class, and a hall, that scan all at once: how long answers take under load, beside the bare echo of the broker.

The hub runs as it does in a kit, with its journal on disk; scans come by the wire alone, evenly, and nobody waits for
the answer to one before the next. The echo answers the same messages at the same pace by the same client library, in a
process of its own like the hub, and does nothing else.
"""

from __future__ import annotations

import multiprocessing
import queue
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from paperhop.bench.kit import WITHIN_S, Class, Wire, broker, hub, lans, percentile, session

LOADS = ((100, 2.0), (300, 1.0), (1000, 1.0))
"""Badges, and how often each of them scans in a second."""
SECONDS = 10
_SPAWN = multiprocessing.get_context("spawn")
_MESSAGE = b"x" * 400
"""About as long as a scan."""
_LANS = 100
"""Of three nodes each: no lesson has more. Further badges show their cards at nodes that are played already."""
_WORDS = f"""\
{SECONDS} s each. median, p99: milliseconds from scan to answer, of half of the scans and of 99 of 100; late: how much
longer the last third took than the first, in the median; CPU: of the hub, in ms a scan, and the part of a core in all
"""


def measure() -> None:
    """Print the table."""
    with broker() as (url, name):
        print(f"\n{name}, {_WORDS}")
        print(f"{'badges':>7} {'scans/s':>8}  {'':<5}{'median':>9}{'p99':>9}{'late':>9}   ratio to echo       CPU")
        for badges, rate in LOADS:
            _line(url, badges, rate)


def _line(url: str, badges: int, rate: float) -> None:
    with ExitStack() as stack:
        echo = _paced(_Echo(stack, url), badges, rate)
    print(f"{badges:>7} {badges * rate:>8.0f}  echo {_figures(echo)}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = stack.enter_context(hub(url, folder, lans(min(badges // 3, _LANS))))
        wire = _Hub(stack, url, badges)
        for _ in range(3 * badges):  # connections are opened
            wire.send(0)
            wire.took.get(timeout=WITHIN_S)
        before = running.cpu_s()
        took = _paced(wire, badges, rate)
        cpu = (running.cpu_s() - before) * 1000 / len(took)
    ratios = [percentile(took, at) / percentile(echo, at) for at in (50, 99)]
    core = cpu * badges * rate / 1000
    beside = f"{ratios[0]:.1f} and {ratios[1]:.1f} (asked: 2, 3)"
    print(f"{'':>16}  hub  {_figures(took)}   {beside}   {cpu:.2f} ms, {core:.0%}", flush=True)


def _figures(took: Sequence[float]) -> str:
    third = len(took) // 3
    late = statistics.median(took[-third:]) - statistics.median(took[:third])
    return f"{statistics.median(took):>9.2f}{percentile(took, 99):>9.2f}{late:>+9.2f}"


def _paced(peer: _Peer, badges: int, rate: float) -> list[float]:
    """Milliseconds to each answer, in the order in which they came."""
    count, began = round(badges * rate * SECONDS), time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / (badges * rate) - time.monotonic()))
        peer.send(number % badges)
    return [peer.took.get(timeout=WITHIN_S) for _ in range(count)]


class _Peer(Protocol):
    """Whoever answers. took: the milliseconds to each answer."""

    took: queue.Queue[float]

    def send(self, n: int) -> None:
        """Badge `n` says something."""


class _Hub:
    """Scans that a hub answers."""

    def __init__(self, stack: ExitStack, url: str, badges: int) -> None:
        self._wire = Wire(stack, url)
        self._players = Class(min(badges // 3, _LANS))
        self.took = self._wire.took

    def send(self, n: int) -> None:
        self._wire.scan(*self._players.scan())


class _Echo:
    """Messages that come back as they went."""

    def __init__(self, stack: ExitStack, url: str) -> None:
        self.took: queue.Queue[float] = queue.Queue()
        self._sent: dict[str, float] = {}
        here, there = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_echo, args=(url, there), daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(here.close)
        there.close()
        here.recv()
        self._client = session(stack, url, "caller", ["echo/+/from"], self._heard)

    def send(self, n: int) -> None:
        name = f"{n}-{time.monotonic_ns()}"
        self._sent[name] = time.monotonic()
        self._client.publish(f"echo/{name}/to", _MESSAGE)

    def _heard(self, topic: str, _octets: bytes) -> None:
        self.took.put((time.monotonic() - self._sent.pop(topic.split("/")[1])) * 1000)


def _echo(url: str, pipe: Connection) -> None:
    """The process of the echo, until the other end of the pipe is closed."""
    with ExitStack() as stack:
        client = session(
            stack, url, "echoer", ["echo/+/to"], lambda topic, octets: answer(topic.replace("/to", "/from"), octets)
        )

        def answer(topic: str, octets: bytes) -> None:
            client.publish(topic, octets)

        pipe.send("here")
        with suppress(EOFError):
            pipe.recv()
