"""How long a light takes, beside the bare echo of the same broker in the same run.

For each size of room (3 and 100 badges): every badge is connected; the badges lay one card each on their rest, in turn.
Measured from the frame that decides the scan, and from the scan in the outbox, to the first pin that has changed
(which it has when the badge tells its observer of the answer). The echo is a client that publishes and hears its own
message come back from another one, by the same library, with the same QoS and as many clients connected. The hub runs
in a process of its own, as it does in a kit, with its journal on disk.
"""

from __future__ import annotations

import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from cards.drawing import picture
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from firmware.badge import Badge
from firmware.frames import HEIGHT, WIDTH, Frame, Image
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.observer import Observer
from firmware.outbox import Outbox
from hub.messages import Answer, Role, Scan
from hub.messages.session import Session
from paperhop.bench.kit import ROUTER, WITHIN_S, address, broker, hub, percentile, session, star

SIZES = (3, 100)
SCANS = 200
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


def measure_echo(url: str, size: int, count: int) -> list[float]:
    """Milliseconds from publish to the echo, `size` clients taking turns."""
    back: queue.Queue[float] = queue.Queue()
    with ExitStack() as stack:
        echoer = session(stack, url, "echoer", ["echo/+/to"], lambda topic, octets: _answer(echoer, topic, octets))
        clients = [
            session(stack, url, f"echo-{n}", [f"echo/{n}/from"], lambda _topic, _octets: back.put(time.monotonic()))
            for n in range(size)
        ]
        took = []
        for number in range(count):
            began = time.monotonic()
            clients[number % size].publish(f"echo/{number % size}/to", b"x" * 400)
            took.append((back.get(timeout=WITHIN_S) - began) * 1000)
        return took


def _answer(echoer: Session, topic: str, octets: bytes) -> None:
    echoer.publish(topic.replace("/to", "/from"), octets)


def measure_lights(url: str, size: int, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from frame to light, and from scan to light, `size` badges taking turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(hub(url, folder, star(size)))
        benches = [_Bench(url, number, folder) for number in range(size)]
        for bench in benches:
            stack.callback(bench.close)
        for bench in benches:
            bench.wait_seated()
        took = [benches[number % size].scan(number // size) for number in range(count)]
        return [frame for frame, _ in took], [scan for _, scan in took]


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
        if not self._seated.wait(WITHIN_S):
            raise SystemExit(f"Badge n{self._number} was given no node")

    def scan(self, number: int) -> tuple[float, float]:
        """Lay a new card on the rest; ms from the deciding frame, and from the scan, to the first pin that changed."""
        text = f"{address(self._number)}:{40000 + number} > {ROUTER}:23 SYN seq={number}"
        card = PrintedCard(CardId(f"B{self._number}", number), parse_packet(text))
        self._source.show(_as_seen(card))
        frame, scanned = self._scanned.get(timeout=WITHIN_S)
        lit = self._answered.get(timeout=WITHIN_S)
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
