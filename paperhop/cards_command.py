"""`paperhop cards`: draw packet, command and role cards, print those of a lesson, and read pictures of them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from cards import drawing, reader
from cards.decoder import NoDecoder
from cards.jsonform import to_json
from cards.packet import Packet, Written
from cards.qrtext import DEFAULT_HOST, MOST_SERIAL, CardId, CommandCard, PenCard, PrintedCard, RoleCard, encode
from hub.lessons import load
from paperhop import capture_command, deck_commands, render_command

_PRINT_DPI = 300


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop cards` its commands."""
    commands = parser.add_subparsers(dest="cards_command", required=True, metavar="COMMAND")
    render_command.add(commands)
    deck = commands.add_parser("print", help="the cards of a lesson's demo as a PDF, a card on each A6 page")
    deck.add_argument("--lesson", default="handshake", metavar="ID", help="default: %(default)s")
    deck.add_argument("--deck", default="DEMO", help="1 to 4 of A-Z and 0-9 (default: %(default)s)")
    deck.add_argument("--host", default=DEFAULT_HOST, help="the hub in the cards' URLs (default: %(default)s)")
    deck.add_argument("--out", type=Path, required=True, metavar="FILE", help="write the PDF here")
    deck.set_defaults(run=_print)
    deck_commands.add(commands)
    capture_command.add(commands)
    read = commands.add_parser("read", help="read cards in pictures: one JSON object per picture and line")
    read.add_argument("files", nargs="+", metavar="FILE")
    read.set_defaults(run=_read)


def _print(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when what is asked for cannot be drawn; 1 when it cannot be written.

    The cards are numbered from 1 in the order of the lesson's file.
    """
    try:
        written = [card for script in load(arguments.lesson).to_show for card in script.cards.values()]
        packets = [packet for packet in map(_whole, written) if packet is not None]
        if not packets:
            return _refuse(f"the lesson {arguments.lesson} has no scripts with whole packets, so nothing to print", 2)
        if len(packets) < len(written):
            left = len(written) - len(packets)
            print(f"{left} cards of this lesson are for the pen: they leave something out, or are ICMP errors")
        cards = [PrintedCard(CardId(arguments.deck, serial), packet) for serial, packet in enumerate(packets, 1)]
        pages = [Image.fromarray(drawing.picture(card, _PRINT_DPI, arguments.host)) for card in cards]
    except ValueError as error:
        return _refuse(str(error), 2)
    try:
        first, *others = pages
        first.save(arguments.out, "PDF", resolution=_PRINT_DPI, save_all=True, append_images=others, quality=95)
    except OSError as error:
        return _refuse(f"cannot write {error.filename}: {error.strerror}", 1)
    return 0


def _whole(written: Written) -> Packet | None:
    """The packet on a card, when it can be printed whole."""
    try:
        packet = written.complete()
        encode(PrintedCard(CardId("DEMO", MOST_SERIAL), packet))
    except ValueError:
        return None
    return packet


def _read(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 when one of the files is no picture, or when nothing can be read here at all."""
    status = 0
    for file in arguments.files:
        try:
            answer = {"file": file, "cards": [_describe(found) for found in reader.read(reader.load(file))]}
        except NoDecoder as error:
            return _refuse(str(error), 1)
        except ValueError as error:
            answer = {"file": file, "cards": [], "problem": {"code": "picture.unreadable", "detail": str(error)}}
            status = 1
        print(json.dumps(answer), flush=True)
    return status


def _describe(found: reader.Found) -> dict[str, Any]:
    match found.card:
        case None:
            return {"problem": msgspec.to_builtins(found.problem), "text": found.text}
        case PenCard(id):
            return {"id": str(id), "kind": "pen", "text": found.text}
        case CommandCard(id, command):
            return {"id": str(id), "kind": "command", "command": command, "text": found.text}
        case RoleCard(id, node):
            return {"id": str(id), "kind": "role", "node": node, "text": found.text}
        case PrintedCard(id, packet):
            written = msgspec.to_builtins(to_json(packet))
            return {"id": str(id), "kind": "printed", "packet": written, "text": found.text}


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
