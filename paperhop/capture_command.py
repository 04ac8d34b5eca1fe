"""`paperhop cards from-pcap`: a real connection from a capture becomes cards."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from cards.deck import MOST_CARDS, write_deck
from cards.qrtext import DEFAULT_HOST
from paperhop.capture import CaptureError, Octets, frames, opened
from paperhop.deck_commands import deck_pdf
from paperhop.from_capture import Made, Survey, counted, make, packets_of, survey

MOST_LISTED = 30
"""Of more streams, or of more kinds of things that are left out, only so many are listed."""
_CARDS = 100


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Give `paperhop cards` this command."""
    parser = commands.add_parser("from-pcap", help="make cards of a real connection, from a capture (pcap or pcapng)")
    parser.add_argument("file", type=Path, metavar="FILE", help="written by tcpdump -w, Wireshark, tshark ...")
    parser.add_argument("--stream", type=int, metavar="N", help="which connection; without it they are listed")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the cards as a PDF, one on each A6 page")
    parser.add_argument(
        "--toml", type=Path, metavar="FILE", help="write the deck as data, to change it before printing"
    )
    parser.add_argument("--deck", default="PCAP", metavar="NAME", help="1 to 4 of A-Z and 0-9 (default: %(default)s)")
    parser.add_argument("--max", type=_cards, default=_CARDS, metavar="N", help="most cards (default: %(default)s)")
    parser.add_argument(
        "--small-numbers",
        action="store_true",
        help="let the two ends begin to count at 100 and 300, so that people can",
    )
    parser.add_argument("--host", default=DEFAULT_HOST, help="the hub in the cards' URLs (default: %(default)s)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when nothing can be made of the file, or it is not said which stream; 1 when a file cannot be
    written. What the deck is goes to standard output, what it lacks to standard error.
    """
    try:
        with opened(arguments.file) as octets:
            return _made(arguments, octets)
    except ValueError as error:
        return _refuse(str(error), 2)
    except OSError as error:
        return _refuse(f"cannot write {error.filename}: {error.strerror}", 1)


def _made(arguments: argparse.Namespace, octets: Octets) -> int:
    name = arguments.file.name.encode("utf-8", "replace").decode("utf-8")
    found = survey(frames(octets, str(arguments.file), _note))
    if not found.streams:
        why = "; ".join(counted(found.left_out)[:MOST_LISTED]) or "it has no packets"
        raise CaptureError(f"{arguments.file} has nothing that a card can be made of: {why}")
    if arguments.stream is None and (len(found.streams) > 1 or not (arguments.out or arguments.toml)):
        return _list(found, arguments)
    number = 1 if arguments.stream is None else arguments.stream
    if not 1 <= number <= len(found.streams):
        raise CaptureError(f"there is no stream {number} in {arguments.file}: it has 1 to {len(found.streams)}")
    made = make(
        found.streams[number - 1],
        packets_of(number, frames(octets, name)),
        name,
        name=arguments.deck,
        most=arguments.max,
        small_numbers=arguments.small_numbers,
    )
    _write(arguments, made)
    _tell("left out", found.left_out + made.left_out)
    _tell("noted", made.noted)
    return 0


def _write(arguments: argparse.Namespace, made: Made) -> None:
    pdf = deck_pdf(made.deck, arguments.host) if arguments.out else b""
    if arguments.toml:
        arguments.toml.write_text(write_deck(made.deck), encoding="utf-8")
    if arguments.out:
        arguments.out.write_bytes(pdf)
    where = " and ".join(str(file) for file in (arguments.out, arguments.toml) if file)
    print(f"{where or 'not written'}: {len(made.deck.cards)} cards of {made.deck.name}, {made.deck.title}")


def _list(found: Survey, arguments: argparse.Namespace) -> int:
    """The streams; exit status 2 when one of them should have been named."""
    for stream in found.streams[:MOST_LISTED]:
        print(f"{stream.number:4}  {stream}")
    if len(found.streams) > MOST_LISTED:
        print(f"and {len(found.streams) - MOST_LISTED} more")
    _tell("left out", found.left_out)
    if arguments.out or arguments.toml:
        return _refuse(f"there are {len(found.streams)} streams: say which with --stream N", 2)
    return 0


def _tell(what: str, counts: Counter[str]) -> None:
    lines = counted(counts)
    for line in lines[:MOST_LISTED]:
        _note(f"{what}: {line}")
    if len(lines) > MOST_LISTED:
        _note(f"{what}: {len(lines) - MOST_LISTED} other kinds")


def _note(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _cards(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_CARDS):
        raise argparse.ArgumentTypeError(f"{text!r} should be a number of cards, 1 to {MOST_CARDS}")
    return int(text)


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
