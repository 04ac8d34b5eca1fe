"""What each step of reading a card for the pen costs, beside bare pyzbar and bare zxing-cpp on the same frame.

CPU time of one core, the median over frames; instructions as callgrind counts them, on one frame, when valgrind is
installed; and by how many megabytes a process grows that reads. Then what frames cost in which there is no card.
"""

from __future__ import annotations

import statistics
from collections import defaultdict

import numpy as np
import zxingcpp
from pyzbar import pyzbar

from cards import reader
from cards.decoder import find_codes
from cards.inkmeter import measure as measured
from cards.penreader import decided
from cards.qrcode import modules
from cards.registration import register
from paperhop.bench import looks
from paperhop.bench.apart import apart
from paperhop.bench.camera import FRAME
from paperhop.bench.cost import Work, Works, instructions, milliseconds, why_not_counted
from paperhop.bench.penreading import Filled, filled_in

FRAMES = 12
_SEED = 11
_LEVEL = 1
_PEERS = ("bare pyzbar", "bare zxing-cpp")
_AGAIN = 3
"""Times that each step is taken on a frame."""


def stages(card: Filled) -> Works:
    """What is measured, by its name, on a photograph that can be read."""
    image = card.shots[0].image
    (code,) = find_codes(image)
    rows = modules(code.text)
    registered = register(image, code, card.form, rows)
    inked = measured(registered, card.form)
    works: dict[str, Work] = {
        _PEERS[0]: lambda: pyzbar.decode(image),
        _PEERS[1]: lambda: zxingcpp.read_barcodes(image),
        "finding the code": lambda: find_codes(image),
        "registering the form": lambda: register(image, code, card.form, rows),
        "measuring the ink": lambda: measured(registered, card.form),
        "deciding": lambda: decided(card.form, inked, b""),
        "a whole read": lambda: reader.read(image),
    }
    return {name: [work] * _AGAIN for name, work in works.items()}


def measure() -> None:
    """Print the tables."""
    print(f"\nWhat reading a card for the pen costs, {FRAME[0]}x{FRAME[1]}, level {_LEVEL}; ratios to bare pyzbar\n")
    cards = _cards(FRAMES)
    took: dict[str, list[float]] = defaultdict(list)
    for card in cards:
        for name, times in milliseconds(stages, card).items():
            took[name].append(statistics.fmean(times))
    ms = {name: statistics.median(times) for name, times in took.items()}
    counts = instructions(stages, cards[0])
    print(f"  {'':<30}{'ms':>8}{'ratio':>8}{'million instructions':>22}{'ratio':>8}")
    for name in ms:
        counted = f"{counts[name]:>22.1f}{counts[name] / counts[_PEERS[0]]:>8.3f}" if counts else ""
        print(f"  {name:<30}{ms[name]:>8.2f}{ms[name] / ms[_PEERS[0]]:>8.3f}{counted}")
    if not counts:
        print(f"\n  instructions are not counted: {why_not_counted()}")
    image = cards[0].shots[0].image
    print(
        f"\n  memory: a process grows by {apart(reader.read, image):.1f} MB when it reads its first card, "
        f"and by {apart(pyzbar.decode, image):.1f} MB\n  when bare pyzbar does",
        flush=True,
    )
    looks.measure()


def _cards(count: int) -> list[Filled]:
    rng = np.random.default_rng(_SEED)
    cards: list[Filled] = []
    while len(cards) < count:
        for card in filled_in("mixed", _LEVEL, count - len(cards), rng):
            if any(found.reading for found in reader.read(card.shots[0].image)):
                cards.append(card)
    return cards
