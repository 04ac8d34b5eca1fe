"""What the badge's eye costs while there is no card on the rest, and how soon it sees one that is laid down.

Each frame is looked at by an eye that knows the empty rest, in order; bare pyzbar and bare zxing-cpp look at some of
the same frames. Ratios are of means, to bare pyzbar.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import zxingcpp
from pyzbar import pyzbar

from cards.reader import find
from firmware.eye import Eye
from firmware.frames import RATE, Frame
from paperhop.bench.camera import Picture
from paperhop.bench.cost import Work, Works, instructions, milliseconds
from paperhop.bench.penreading import filled_in
from paperhop.bench.rest import Rest
from paperhop.bench.scenery import TABLES

FRAMES = 20
CARDS = 12
_SEED = 3
_COUNTED = ("wood", "newspaper")
"""Tables on which instructions are counted, as that takes its time: the plainest, and the one most like a code."""
_PEER_EVERY = 5
_KNOWN = 20
"""Frames of the empty rest, after which an eye knows it."""
_SHOTS = 6
_OURS, _PEERS = "the eye", ("bare pyzbar", "bare zxing-cpp")


@dataclass(frozen=True, slots=True)
class Sequence:
    """Frames to be looked at, and those before them."""

    before: list[Picture]
    frames: list[Picture]


def sequences(kind: str, seed: int) -> Iterator[tuple[str, Sequence]]:
    """What can happen above an empty rest of one kind, by its name. kind: of `scenery.TABLES`."""
    rng = np.random.default_rng(seed)
    rest = Rest(rng, kind)
    known = list(rest.still(_KNOWN))
    yield "the same frame", Sequence(known, known[-1:] * FRAMES)
    yield "sensor noise", Sequence(known, list(rest.still(FRAMES)))
    yield "a moving hand", Sequence(known, list(rest.hand(FRAMES)))
    yield "a lamp, on and off", Sequence(known, list(rest.lamp(FRAMES)))


def works(sequence: Sequence) -> Works:
    """Every look of an eye at the frames, and the peers' at some of them."""
    some = sequence.frames[_PEER_EVERY // 2 :: _PEER_EVERY]
    return {
        _OURS: _looks(sequence),
        _PEERS[0]: [partial(pyzbar.decode, image) for image in some],
        _PEERS[1]: [partial(zxingcpp.read_barcodes, image) for image in some],
    }


def measure() -> None:
    """Print the tables."""
    print(f"\nWhat {FRAMES} frames without a card cost, when the empty rest is known\n")
    print(f"  {'':<12}{'':<20}{'ms':>7}{'worst':>7}{'pyzbar':>8}{'zxing':>7}{'ratio':>7}{'worst':>7}", end="")
    print(f"{'M instr.':>10}{'pyzbar':>8}{'zxing':>7}{'ratio':>7}")
    for number, kind in enumerate(TABLES):
        for name, sequence in sequences(kind, _SEED + number):
            ms = milliseconds(works, sequence)
            counts = instructions(works, sequence) if kind in _COUNTED else {}
            ours, zbar, zxing = (statistics.fmean(ms[who]) for who in (_OURS, *_PEERS))
            worst = max(ms[_OURS])
            counted = "".join(f"{counts[who]:>{8 + 2 * (who == _OURS) - (who == _PEERS[1])}.1f}" for who in counts)
            ratio = f"{counts[_OURS] / counts[_PEERS[0]]:>7.3f}" if counts else ""
            print(
                f"  {kind:<12}{name:<20}{ours:>7.2f}{worst:>7.2f}{zbar:>8.1f}{zxing:>7.1f}{ours / zbar:>7.3f}"
                f"{worst / zbar:>7.3f}{counted}{ratio}",
                flush=True,
            )
    _arrivals()


def _looks(sequence: Sequence) -> list[Work]:
    eye = Eye()
    for number, image in enumerate(sequence.before):
        eye.look(Frame(image, number / RATE))
    start = len(sequence.before)
    return [partial(eye.look, Frame(image, (start + n) / RATE)) for n, image in enumerate(sequence.frames)]


def _arrivals() -> None:
    """How many frames a card lies there until it is seen, beside every decoder on each whole frame."""
    print(
        f"\nThe frame in which a card is seen, counted from the first in which it lies still; {CARDS} cards a level\n"
    )
    print(f"  {'level':>5}{'by the eye: mean':>20}{'worst':>7}{'never':>7}", end="")
    print(f"{'by every decoder on every frame: mean':>41}{'worst':>7}{'never':>7}")
    for level in (1, 2, 3, 4):
        seen: dict[str, list[int]] = defaultdict(list)
        rng = np.random.default_rng([_SEED, level])
        for number, card in enumerate(filled_in("mixed", level, CARDS, rng, _SHOTS)):
            rest = Rest(rng, list(TABLES)[number % len(TABLES)])
            eye = Eye()
            before = [*rest.still(_KNOWN), *rest.hand(8)]
            frames = [Frame(image, n / RATE) for n, image in enumerate([*before, *(s.image for s in card.shots)])]
            sights = [bool(eye.look(frame)) for frame in frames][len(before) :]
            seen["eye"].append(_first(sights))
            seen["all"].append(_first([bool(find(shot.image)) for shot in card.shots]))
        print(f"  {level:>5}{_summary(seen['eye'], 20)}{_summary(seen['all'], 41)}", flush=True)


def _first(sights: list[bool]) -> int:
    """The number of the first frame with a card, from 1; 0 when there is none."""
    return sights.index(True) + 1 if any(sights) else 0


def _summary(firsts: list[int], width: int) -> str:
    there = [first for first in firsts if first]
    return f"{statistics.fmean(there):>{width}.2f}{max(there):>7}{firsts.count(0):>7}" if there else ""
