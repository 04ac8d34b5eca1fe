"""How fast cards become pages of a PDF, beside segno, which only writes the codes of the same cards, each as a PDF.

Cards of different packets, and empty cards for the pen, lie on A4. Each measurement has a process of its own, so that
its memory is its own: what the process had grown by at its largest. CPU time of one core.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import segno

from cards.imposition import Piece, pages
from cards.notation import parse_packet
from cards.pdf import pdf
from cards.printedcard import printed_card
from cards.qrtext import CardId, PrintedCard, encode
from hub.lessons import Lesson, load
from hub.printing.pen import pen_cards
from paperhop.bench.apart import largest

COUNTS = (250, 1000, 4000)
_PEER = "segno: codes alone"
_LESSON = "data"


def measure() -> None:
    """Print the table."""
    print("Cards on pages of A4 as one PDF; segno: the codes of the same printed cards, a PDF each\n")
    print(f"  {'':<26}{'cards':>6}{'seconds':>9}{'ratio':>7}{'KB':>8}{'MB grown':>10}")
    for count in COUNTS:
        peer, *_ = there = _apart(_segno, count)
        for name, (seconds, octets, grown) in (
            (_PEER, there),
            ("printed packets", _apart(_packets, count)),
            ("cards for the pen", _apart(_pen, count)),
        ):
            print(f"  {name:<26}{count:>6}{seconds:>9.2f}{seconds / peer:>7.2f}{octets // 1000:>8}{grown:>10.0f}")
    print()


def _apart(work: Callable[[int], int], count: int) -> tuple[float, int, float]:
    """Seconds, octets written, and megabytes by which a process of its own has grown."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_measured, work, count).result()


def _measured(work: Callable[[int], int], count: int) -> tuple[float, int, float]:
    work(1)
    before, began = largest(), time.process_time()
    octets = work(count)
    return time.process_time() - began, octets, largest() - before


def _cards(count: int) -> Iterator[PrintedCard]:
    for n in range(count):
        text = f'10.0.1.2:40001 > 10.0.1.1:23 ACK seq={n} ack=301 data="my name is Danilo"'
        yield PrintedCard(CardId("B", n), parse_packet(text))


def _segno(count: int) -> int:
    octets = 0
    for card in _cards(count):
        file = io.BytesIO()
        segno.make_qr(encode(card), error="m", mode="alphanumeric").save(file, kind="pdf")
        octets += file.tell()
    return octets


def _packets(count: int) -> int:
    return len(pdf(pages((Piece(printed_card(card)) for card in _cards(count)), "a4"), "bench"))


@cache
def _lesson() -> Lesson:
    return load(_LESSON)


def _pen(count: int) -> int:
    return len(pdf(pages(map(Piece, pen_cards(_lesson(), count, 1)), "a4"), "bench"))
