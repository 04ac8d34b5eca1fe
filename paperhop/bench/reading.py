"""How well paper is read: our reader beside bare pyzbar and bare zxing-cpp, on the same synthetic photographs.

Printed packet cards, each frame alone, at each level of `paperhop.bench.camera`. Counted are the frames in which
neither a finger nor the edge of the frame covers the code. Times are CPU milliseconds of one frame, the median.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from cards import drawing, reader
from cards.decoder import Picture
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard, UnreadableCard, decode
from cards.sheet import Code
from paperhop.bench.camera import FRAME, LEVELS, Shot, shoot
from paperhop.bench.printer import printed
from paperhop.bench.scenery import table

FRAMES = 200
BARS = {0: 99, 1: 99, 2: 88, 3: 55}
"""Per cent of frames that must be read, by level."""
SEED = 20_170_712
_AGAIN = 8
"""Photographs of one card before the next one is printed."""
_PACKETS = (
    "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100",
    "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101",
    '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="my name is Danilo"',
    "10.0.1.1:23 > 10.0.1.2:40001 ACK seq=301 ack=118",
    '10.0.2.1:80 > 10.0.1.7:40003 PSH,ACK seq=4301 ack=77 data="HTTP/1.1 200 OK Content-Length: 5"',
    "10.0.1.2:40001 > 10.0.1.1:80 RST seq=101",
)


@dataclass(slots=True)
class Tally:
    """What one reader made of the frames: how many it read, how many it read wrongly, and its times."""

    read: int = 0
    wrong: int = 0
    ms: list[float] = field(default_factory=list)


def _ours(image: Picture) -> list[PrintedCard]:
    return [found.card for found in reader.read(image) if isinstance(found.card, PrintedCard)]


def _pyzbar(image: Picture) -> list[PrintedCard]:
    return _cards(symbol.data.decode("utf-8", "replace") for symbol in pyzbar.decode(image))


def _zxing(image: Picture) -> list[PrintedCard]:
    return _cards(barcode.text for barcode in zxingcpp.read_barcodes(image))


def _cards(texts: Iterator[str]) -> list[PrintedCard]:
    cards = []
    for text in texts:
        try:
            card = decode(text)
        except UnreadableCard:
            continue
        if isinstance(card, PrintedCard):
            cards.append(card)
    return cards


READERS: dict[str, Callable[[Picture], list[PrintedCard]]] = {
    "Paperhop": _ours,
    "pyzbar": _pyzbar,
    "zxing-cpp": _zxing,
}


def measure(frames: int) -> None:
    """Print the tables."""
    print(
        f"Printed cards, {frames} photographs a level, {FRAME[0]}x{FRAME[1]}; only those whose code is not covered.\n"
    )
    print("read: per cent of these. wrong: cards that were not there. ms: CPU time, median\n")
    print(f"{'level':>5}{'frames':>8}{'bar':>5}" + "".join(f"  {name:>10} {'wrong':>6} {'ms':>6}" for name in READERS))
    for level in range(len(LEVELS)):
        seen, tallies = read_printed(level, frames)
        cells = "".join(
            f"  {100 * tally.read / max(1, seen):>9.1f}% {tally.wrong:>6} {statistics.median(tally.ms):>6.1f}"
            for tally in tallies.values()
        )
        print(f"{level:>5}{seen:>8}{BARS.get(level, ''):>5}{cells}", flush=True)
    cells = "".join(f"  {'':>10} {'':>6} {statistics.median(ms):>6.1f}" for ms in empty(20).values())
    print(f"{'empty':>5}{20:>8}{'':>5}{cells}")


def read_printed(level: int, frames: int, seed: int = SEED) -> tuple[int, dict[str, Tally]]:
    """How many of the frames show the whole code, and what each reader made of those."""
    rng = np.random.default_rng([seed, level])
    tallies = {name: Tally() for name in READERS}
    seen = 0
    for card, shot, whole in _photographs(level, frames, rng):
        if not whole:
            continue
        seen += 1
        for name, read in READERS.items():
            began = time.process_time()
            found = read(shot.image)
            tallies[name].ms.append((time.process_time() - began) * 1000)
            tallies[name].read += card in found
            tallies[name].wrong += sum(other != card for other in found)
    return seen, tallies


def empty(frames: int, seed: int = SEED) -> dict[str, list[float]]:
    """CPU milliseconds of each reader for pictures of empty tables."""
    rng = np.random.default_rng(seed)
    took: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(frames):
        light = table(FRAME, rng) ** (1 / 2.2) * 255 + rng.normal(0, 3, FRAME[::-1])
        image = cv2.GaussianBlur(light.clip(0, 255).astype(np.uint8), (0, 0), 0.6).astype(np.uint8)
        for name, read in READERS.items():
            began = time.process_time()
            read(image)
            took[name].append((time.process_time() - began) * 1000)
    return took


def _photographs(level: int, frames: int, rng: np.random.Generator) -> Iterator[tuple[PrintedCard, Shot, bool]]:
    for number in range(frames):
        if number % _AGAIN == 0:
            serial = number // _AGAIN
            card = PrintedCard(CardId("RB", serial), parse_packet(_PACKETS[serial % len(_PACKETS)]))
            paper = printed(drawing.picture(card), rng)
            code = next(shape for shape in drawing.sheet(card).shapes if isinstance(shape, Code))
        shot = shoot(paper, level, rng)
        quarters = [(x, y) for x in (code.side / 4, code.side * 3 / 4) for y in (code.side / 4, code.side * 3 / 4)]
        covered = any(shot.covered(code.x + x, code.y + y, code.side / 4 * math.sqrt(2)) for x, y in quarters)
        yield card, shot, not covered
