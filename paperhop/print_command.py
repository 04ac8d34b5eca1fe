"""`paperhop cards print`: everything on paper that a lesson needs for a class, as one PDF."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cards.imposition import PAPERS
from cards.pdf import pdf
from cards.qrtext import DEFAULT_HOST
from cards.testcard import printed_test_card
from hub.lessons import load
from hub.printing.deck import Order, deck, page_count
from paperhop.lesson_option import add_lesson
from paperhop.options import add_language


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Give `paperhop cards` the command `print`."""
    printing = commands.add_parser("print", help="everything on paper that a lesson needs, as a PDF to print and cut")
    add_lesson(printing)
    printing.add_argument(
        "--teams", type=int, default=1, metavar="N", help="how many teams play (default: %(default)s)"
    )
    printing.add_argument("--paper", choices=PAPERS, default="a4", help="default: %(default)s")
    printing.add_argument("--host", default=DEFAULT_HOST, help="the hub in the cards' URLs (default: %(default)s)")
    printing.add_argument(
        "--first",
        type=int,
        default=1,
        metavar="SERIAL",
        help="number of the first card of each kind (default: 1); the deck's first page says how to go on",
    )
    add_language(printing)
    printing.add_argument("--test-card", action="store_true", help="only the card with which a badge is tested, A6")
    printing.add_argument("--out", type=Path, required=True, metavar="FILE", help="write the PDF here")
    printing.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when what is asked for cannot be printed; 1 when the file cannot be written."""
    try:
        if arguments.test_card:
            octets = pdf([printed_test_card(arguments.host)], "Paperhop: test card")
            return _write(arguments.out, octets, "the card with which a badge is tested")
        lesson = load(arguments.lesson, arguments.language)
        order = Order(
            lesson,
            arguments.teams,
            arguments.paper,
            arguments.host,
            arguments.first,
            arguments.lesson,
        )
        octets = pdf(deck(order), f"Paperhop: {lesson.title}")
    except ValueError as error:
        print(f"paperhop cards: {error}", file=sys.stderr)
        return 2
    what = f"{page_count(order)} pages. The first says what to print on what, and how to cut it"
    return _write(arguments.out, octets, what)


def _write(file: Path, octets: bytes, what: str) -> int:
    try:
        file.write_bytes(octets)
    except OSError as error:
        print(f"paperhop cards: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{file}: {what}.")
    return 0
