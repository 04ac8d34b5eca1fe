"""`paperhop cards decks` and `paperhop cards deck`: decks that are data, listed and printed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cards import deck
from cards.deck import Deck
from cards.pdf import pdf
from cards.printedcard import printed_card
from cards.qrtext import DEFAULT_HOST


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Give `paperhop cards` these commands."""
    decks = commands.add_parser("decks", help="list the decks of printed cards that come along")
    decks.set_defaults(run=_list)
    printed = commands.add_parser("deck", help="print a deck as a PDF, a card on each A6 page")
    printed.add_argument("deck", metavar="NAME_OR_FILE", help="one of `paperhop cards decks`, or a .toml file")
    printed.add_argument("--host", default=DEFAULT_HOST, help="the hub in the cards' URLs (default: %(default)s)")
    printed.add_argument("--out", type=Path, required=True, metavar="FILE", help="write the PDF here")
    printed.set_defaults(run=_print)


def deck_pdf(which: Deck, host: str = DEFAULT_HOST) -> bytes:
    """A deck as a PDF file, a card on each A6 page. ValueError for a host that no card can have."""
    return pdf((printed_card(each.card, host, each.caption) for each in which.cards), which.title)


def _list(arguments: argparse.Namespace) -> int:
    """Exit status 0."""
    for id in deck.ids():
        there = deck.load(id)
        print(f"{id:10} {len(there.cards):3} cards {there.name + '-…':7} {there.title}")
    return 0


def _print(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when there is no such deck, or it is none; 1 when the file cannot be written."""
    try:
        which = deck.load(arguments.deck)
        octets = deck_pdf(which, arguments.host)
    except ValueError as error:
        print(f"paperhop cards: {error}", file=sys.stderr)
        return 2
    try:
        arguments.out.write_bytes(octets)
    except OSError as error:
        print(f"paperhop cards: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{arguments.out}: {len(which.cards)} cards of {which.name}, {which.title}")
    if which.text:
        print(which.text)
    return 0
