"""How long a light takes, beside the bare echo of the same broker in the same run.

For each size of room (3 and 100 badges): every badge is connected; the badges lay one card each on their rest, in turn.
Measured from the frame that decides the scan, and from the scan in the outbox, to the first pin that has changed
(which it has when the badge tells its observer of the answer). The echo is a client that publishes and hears its own
message come back from another one, by the same library, with the same QoS and as many clients connected. The hub runs
in a process of its own, as it does in a kit, with its journal on disk.
"""

from __future__ import annotations

import queue
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np

from cards.drawing import picture
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from firmware.badge import Badge, Observer
from firmware.frames import HEIGHT, WIDTH, Frame, Image
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.outbox import Outbox
from hub.embedded_broker import EmbeddedBroker
from hub.messages import Answer, Role, Scan
from hub.messages.session import Session

SIZES = (3, 100)
SCANS = 200
_WITHIN = 60.0
_WORDS = """\
echo:           a message goes through the broker to another client, and comes back
scan to light:  from the scan in the badge's outbox, by way of the hub and its journal, to the first light that changes
frame to light: the same from the camera's frame that decided the scan: with reading the card
median, p99:    half of the scans, 99 of 100, were at most as slow. ratio: the median as a multiple of the echo's
"""


def measure(scans: int) -> None:
    """Print the table."""
    with broker() as (url, name):
        print(f"{name}, {scans} scans each, in turn, in milliseconds.\n")
        print(_WORDS)
        print(f"{'badges':>6}  {'':<15}{'median':>8}{'p99':>8}   ratio of medians")
        for size in SIZES:
            echo = measure_echo(url, size, scans)
            by_frame, by_scan = measure_lights(url, size, scans)
            for what, took in (("echo", echo), ("scan to light", by_scan), ("frame to light", by_frame)):
                ratio = statistics.median(took) / statistics.median(echo)
                print(f"{size:>6}  {what:<15}{statistics.median(took):>8.2f}{percentile(took, 99):>8.2f}   {ratio:.1f}")


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


def measure_echo(url: str, size: int, count: int) -> list[float]:
    """Milliseconds from publish to the echo, `size` clients taking turns."""
    back: queue.Queue[float] = queue.Queue()
    with ExitStack() as stack:
        echoer = _session(stack, url, "echoer", ["echo/+/to"], lambda topic, octets: _answer(echoer, topic, octets))
        clients = [
            _session(stack, url, f"echo-{n}", [f"echo/{n}/from"], lambda _topic, _octets: back.put(time.monotonic()))
            for n in range(size)
        ]
        took = []
        for number in range(count):
            began = time.monotonic()
            clients[number % size].publish(f"echo/{number % size}/to", b"x" * 400)
            took.append((back.get(timeout=_WITHIN) - began) * 1000)
        return took


def _answer(echoer: Session, topic: str, octets: bytes) -> None:
    echoer.publish(topic.replace("/to", "/from"), octets)


def _session(
    stack: ExitStack, url: str, name: str, topics: list[str], on_message: Callable[[str, bytes], None]
) -> Session:
    up = threading.Event()

    def linked(ok: bool, _text: str) -> None:
        if ok:
            up.set()

    session = Session(url, name, subscriptions=topics, on_message=on_message, on_link=linked)
    session.start()
    stack.callback(session.stop)
    if not up.wait(_WITHIN):
        raise SystemExit(f"{url} does not answer")
    return session


def measure_lights(url: str, size: int, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from frame to light, and from scan to light, `size` badges taking turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(_hub(url, folder, size).terminate)
        benches = [_Bench(url, number, folder) for number in range(size)]
        for bench in benches:
            stack.callback(bench.close)
        for bench in benches:
            bench.wait_seated()
        took = [benches[number % size].scan(number // size) for number in range(count)]
        return [frame for frame, _ in took], [scan for _, scan in took]


def _hub(url: str, folder: Path, size: int) -> subprocess.Popen[str]:
    lesson = folder / "bench.yaml"
    lesson.write_text(_lesson(size))
    words = ["hub", "--broker", url, "--data", str(folder / "data"), "--http", "127.0.0.1:0", "--lesson", str(lesson)]
    hub = subprocess.Popen([sys.executable, "-m", "paperhop", *words], stdout=subprocess.PIPE, text=True)
    assert hub.stdout is not None
    while "Room" not in (line := hub.stdout.readline()):
        if not line:
            raise SystemExit("The hub did not start")
    return hub


def _lesson(size: int) -> str:
    """A lesson of `size` hosts at one router."""
    hosts = "".join(
        f"  - {{id: n{n}, title: Host {n}, address: {_address(n)}, routes: {{default: router}}}}\n" for n in range(size)
    )
    links = "".join(f"  - [n{n}, router]\n" for n in range(size))
    router = "  - {id: router, title: Router, router: true, address: 10.0.255.254, routes: {10.0.0.0/16: link}}\n"
    return f"title: Bench\ngoal: Measure\nnodes:\n{hosts}{router}links:\n{links}"


def _address(number: int) -> str:
    return f"10.0.{number // 200}.{number % 200 + 1}"


class _Bench(Observer):
    """A whole badge that is shown one card after another, by frames that are drawn beforehand."""

    def __init__(self, url: str, number: int, folder: Path) -> None:
        self._number = number
        self._lights = Lights(MockPins())
        self._outbox = Outbox(folder / f"outbox-{number}.sqlite")
        self._source = _Stills()
        self._badge = Badge(f"n{number}", self._source, url, outbox=self._outbox, lights=self._lights, observer=self)
        self._seated = threading.Event()
        self._scanned: queue.Queue[tuple[float, float]] = queue.Queue()
        self._answered: queue.Queue[float] = queue.Queue()
        self._thread = threading.Thread(target=self._badge.run, daemon=True)
        self._thread.start()

    def on_role(self, role: Role) -> None:
        if role.node is not None:
            self._seated.set()

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        self._scanned.put((frame_time, time.monotonic()))

    def on_answer(self, answer: Answer) -> None:
        self._answered.put(time.monotonic())

    def wait_seated(self) -> None:
        if not self._seated.wait(_WITHIN):
            raise SystemExit(f"Badge n{self._number} was given no node")

    def scan(self, number: int) -> tuple[float, float]:
        """Lay a new card on the rest; ms from the deciding frame, and from the scan, to the first pin that changed."""
        text = f"{_address(self._number)}:{40000 + number} > 10.0.255.254:23 SYN seq={number}"
        card = PrintedCard(CardId(f"B{self._number}", number), parse_packet(text))
        self._source.show(_as_seen(card))
        frame, scanned = self._scanned.get(timeout=_WITHIN)
        lit = self._answered.get(timeout=_WITHIN)
        self._source.take_away()
        return (lit - frame) * 1000, (lit - scanned) * 1000

    def close(self) -> None:
        self._badge.stop()
        self._thread.join()
        self._lights.close()
        self._outbox.close()


class _Stills:
    """A source that shows a picture long enough for a scan, and an empty rest when it is taken away.

    A camera gives no frame for 100 ms after the one that decided; so the badge reads none while it is measured.
    """

    name = "bench"

    def __init__(self) -> None:
        self._holds: queue.Queue[tuple[Image, threading.Event] | None] = queue.Queue()
        self._taken = threading.Event()
        self._at = 0.0

    def show(self, image: Image) -> None:
        self._taken = threading.Event()
        self._holds.put((image, self._taken))

    def take_away(self) -> None:
        self._taken.set()

    def __iter__(self) -> Iterator[Frame]:
        empty = np.full((HEIGHT, WIDTH), 90, np.uint8)
        while (hold := self._holds.get()) is not None:
            image, taken = hold
            for still, seconds in ((image, 0.1), (image, 0.3), (empty, 0.5), (empty, 0.5)):
                if still is empty:
                    taken.wait()
                self._at += seconds
                yield Frame(still, self._at)

    def close(self) -> None:
        self.take_away()
        self._holds.put(None)


def _as_seen(card: PrintedCard) -> Image:
    """The card flat in the middle of the frame."""
    image = np.full((HEIGHT, WIDTH), 90, np.uint8)
    paper = cv2.resize(picture(card, 150), (840, 596), interpolation=cv2.INTER_AREA)
    image[62 : 62 + paper.shape[0], 220 : 220 + paper.shape[1]] = paper
    return image


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` per cent do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
