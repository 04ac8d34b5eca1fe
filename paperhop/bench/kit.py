"""A kit to measure on: a broker, a hub with its journal and pages, each in a process of its own, and clients."""

from __future__ import annotations

import math
import os
import queue
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface
from itertools import chain
from pathlib import Path

from cards.jsonform import to_json
from cards.packet import Written
from hub.embedded_broker import EmbeddedBroker
from hub.messages import Answer, LightWord, Scan, Verdict, decode_down, encode, topic
from hub.messages.connection import CONNECTED
from hub.messages.session import Session
from hub.simulator.events import Scanned
from paperhop.bench.referee import Lan

WITHIN_S = 60.0
"""Seconds after which nobody waits any longer."""
ROUTER = "10.0.255.254"
"""The address of the router in the lesson that is measured with."""


@contextmanager
def broker() -> Iterator[tuple[str, str]]:
    """A mosquitto of our own where there is one, else the embedded broker: its URL and what it is."""
    executable = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/opt/homebrew/sbin")
    if executable is None:
        with EmbeddedBroker() as embedded:
            yield embedded.url, "embedded broker (no mosquitto here)"
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type none\n")
        process = subprocess.Popen([executable, "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            yield f"mqtt://127.0.0.1:{port}", "mosquitto"
        finally:
            process.terminate()
            process.wait()


def session(
    stack: ExitStack, url: str, name: str, topics: list[str], on_message: Callable[[str, bytes], None]
) -> Session:
    """A client that is connected, until the stack is closed."""
    up = threading.Event()

    def linked(ok: bool, _text: str) -> None:
        if ok:
            up.set()

    client = Session(url, name, subscriptions=topics, on_message=on_message, on_link=linked)
    client.start()
    stack.callback(client.stop)
    if not up.wait(WITHIN_S):
        raise SystemExit(f"{url} does not answer")
    return client


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub in a process of its own. page: its address."""

    page: str
    pid: int

    def cpu_s(self) -> float:
        """Seconds that it has used of a core so far, its pages not counted; NaN where there is no /proc."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return math.nan
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def hub(url: str, folder: Path, lesson: str) -> Iterator[RunningHub]:
    """A hub with a lesson (its text), of which every node is played by the badge of the same name."""
    file = folder / "bench.yaml"
    file.write_text(lesson)
    words = ["hub", "--broker", url, "--data", str(folder / "data"), "--http", "127.0.0.1:0", "--lesson", str(file)]
    words += [word for id in _ID.findall(lesson) for word in ("--seat", f"{id}={id}")]
    process = subprocess.Popen([sys.executable, "-m", "paperhop", *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        page, linked = None, False
        while page is None or not linked:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("The hub did not start")
            page = page or _PAGE.search(line)
            linked = linked or CONNECTED in line
        yield RunningHub(page[1], process.pid)
    finally:
        process.terminate()
        process.wait()


_PAGE = re.compile(r"The page: (http://\S+)")


_ID = re.compile(r"{id: ([^,]+),")


def star(size: int) -> str:
    """A lesson of `size` hosts n0, n1 ... at one router."""
    hosts = [_host(f"n{n}", address(n), "router") for n in range(size)]
    return _lesson([*hosts, _router("router", ROUTER, "10.0.0.0/16")], [(f"n{n}", "router") for n in range(size)])


def address(number: int) -> str:
    """Of a host in that lesson."""
    return f"10.0.{number // 200}.{number % 200 + 1}"


def lans(count: int) -> str:
    """A lesson of so many LANs (`referee.Lan`): a client, a router and a server each."""
    nodes, links = [], []
    for lan in map(Lan, range(count)):
        client, router, server = lan.ids
        nodes.append(_host(client, str(lan.client), router))
        nodes.append(_router(router, str(lan.router), str(IPv4Interface(f"{lan.router}/24").network)))
        nodes.append(_host(server, str(lan.server), router, "services: {23: telnet}"))
        links += [(client, router), (router, server)]
    return _lesson(nodes, links)


def _lesson(nodes: list[str], links: list[tuple[str, str]]) -> str:
    wires = "".join(f"  - [{one}, {other}]\n" for one, other in links)
    return f"title: Bench\ngoal: Measure\ncounting: rfc\nnodes:\n{''.join(nodes)}links:\n{wires}"


def _host(id: str, address: str, router: str, more: str = "services: {}") -> str:
    return f"  - {{id: {id}, title: {id}, address: {address}, routes: {{default: {router}}}, {more}}}\n"


def _router(id: str, address: str, network: str) -> str:
    return f"  - {{id: {id}, title: {id}, router: true, address: {address}, routes: {{{network}: link}}}}\n"


class Class:
    """People who play in such LANs, one card after the other, each with a badge of its own: all of them in turn."""

    def __init__(self, count: int) -> None:
        self._lans = [Lan(number) for number in range(count)]
        self._playing = [chain(lan.scans(lan.handshake(), 0), _talking(lan)) for lan in self._lans]
        self._turn = 0

    def scan(self) -> tuple[str, str, Written]:
        """The next scan: badge, card, and what is on it."""
        scanned = next(self._playing[self._turn])
        self._turn = (self._turn + 1) % len(self._playing)
        assert scanned.card is not None
        assert scanned.written is not None
        return scanned.badge, scanned.card, scanned.written


def _talking(lan: Lan) -> Iterator[Scanned]:
    while True:
        yield from lan.scans(lan.exchange(), 0)


class Wire:
    """Badges without a camera: their scans go to the hub, and its answers come back, by one client.

    took: the milliseconds to each answer.
    """

    def __init__(self, stack: ExitStack, url: str) -> None:
        self.took: queue.Queue[float] = queue.Queue()
        self._boot = secrets.token_hex(8)
        self._counters: dict[str, int] = {}
        self._sent: dict[tuple[str, int], float] = {}
        down = topic(Answer("x", self._boot, 1, Verdict.SENT, "x.x", "", LightWord.SENT)).replace("/x/", "/+/")
        self._client = session(stack, url, "wire", [down], self._heard)

    def scan(self, badge: str, card: str, written: Written) -> None:
        """A badge sees a card on which this is written."""
        counter = self._counters[badge] = self._counters.get(badge, 0) + 1
        scan = Scan(badge, self._boot, counter, counter, card, to_json(written))
        self._sent[badge, counter] = time.monotonic()
        self._client.publish(topic(scan), encode(scan))

    def _heard(self, on_topic: str, octets: bytes) -> None:
        answer = decode_down(on_topic, octets)
        if isinstance(answer, Answer) and (sent := self._sent.pop((answer.badge, answer.counter), None)) is not None:
            self.took.put((time.monotonic() - sent) * 1000)


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` per cent do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
