"""`paperhop cards`: draw packet and command cards, print those of a lesson, and read pictures of them."""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from cards import drawing, reader
from cards.decoder import NoDecoder
from cards.jsonform import to_json
from cards.notation import EXAMPLE, parse_packet, write
from cards.packet import Packet, Written
from cards.qrtext import DEFAULT_HOST, MOST_SERIAL, Card, CardId, CommandCard, PrintedCard, encode
from hub.commands import parse as parse_command
from hub.lessons import load

_PRINT_DPI = 300
_PACKET_DECK, _COMMAND_DECK = "DEMO", "CMD"


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop cards` its commands."""
    commands = parser.add_subparsers(dest="cards_command", required=True, metavar="COMMAND")
    render = commands.add_parser("render", help="draw a printed packet card, or a command card")
    what = render.add_mutually_exclusive_group(required=True)
    what.add_argument("--packet", metavar="TEXT", help=f'the packet, such as "{EXAMPLE}"')
    what.add_argument("--command", metavar="TEXT", help='a command, such as "lose router server"')
    render.add_argument("--lesson", metavar="ID", help="the command must mean something in this lesson")
    render.add_argument("--png", type=Path, metavar="FILE", help="write the card as a picture")
    render.add_argument("--svg", type=Path, metavar="FILE", help="write the card as SVG, for the printer")
    render.add_argument("--deck", help=f"1 to 4 of A-Z and 0-9 (default: {_PACKET_DECK}; of a command {_COMMAND_DECK})")
    render.add_argument("--serial", type=int, help="0 to 99999 (default: one that follows from what is on the card)")
    render.add_argument("--host", default=DEFAULT_HOST, help="the hub in the card's URL (default: %(default)s)")
    render.add_argument("--dpi", type=float, default=drawing.DEFAULT_DPI, help="of the PNG (default: %(default)s)")
    render.set_defaults(run=_render)
    deck = commands.add_parser("print", help="the cards of a lesson's demo as a PDF, a card on each A6 page")
    deck.add_argument("--lesson", default="handshake", metavar="ID", help="default: %(default)s")
    deck.add_argument("--deck", default="DEMO", help="1 to 4 of A-Z and 0-9 (default: %(default)s)")
    deck.add_argument("--host", default=DEFAULT_HOST, help="the hub in the cards' URLs (default: %(default)s)")
    deck.add_argument("--out", type=Path, required=True, metavar="FILE", help="write the PDF here")
    deck.set_defaults(run=_print)
    read = commands.add_parser("read", help="read cards in pictures: one JSON object per picture and line")
    read.add_argument("files", nargs="+", metavar="FILE")
    read.set_defaults(run=_read)


def _render(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when what is asked for cannot be drawn; 1 when it cannot be written."""
    if arguments.png is None and arguments.svg is None:
        return _refuse("say where to draw the card: --png FILE, --svg FILE or both", 2)
    try:
        card = _card(arguments)
        png = drawing.png(card, arguments.dpi, arguments.host) if arguments.png else b""
        svg = drawing.svg(card, arguments.host) if arguments.svg else ""
    except ValueError as error:
        return _refuse(str(error), 2)
    try:
        if arguments.png:
            arguments.png.write_bytes(png)
        if arguments.svg:
            arguments.svg.write_text(svg, encoding="utf-8")
    except OSError as error:
        return _refuse(f"cannot write {error.filename}: {error.strerror}", 1)
    return 0


def _card(arguments: argparse.Namespace) -> Card:
    """The card that is asked for; ValueError says why there is none. The same text gives the same serial, another one
    another: a room takes cards of one identity for one paper.
    """
    packet = None if arguments.packet is None else parse_packet(arguments.packet)
    text = " ".join(arguments.command.lower().split()) if packet is None else write(packet)
    deck = arguments.deck or (_COMMAND_DECK if packet is None else _PACKET_DECK)
    serial = zlib.crc32(text.encode()) % (MOST_SERIAL + 1) if arguments.serial is None else arguments.serial
    if packet is not None:
        return PrintedCard(CardId(deck, serial), packet)
    if arguments.lesson is not None:
        parse_command(text, load(arguments.lesson).rules)
    return CommandCard(CardId(deck, serial), text)


def _print(arguments: argparse.Namespace) -> int:
    """Exit status as of `_render`. The cards are numbered from 1 in the order of the lesson's file."""
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
        case CommandCard(id, command):
            return {"id": str(id), "kind": "command", "command": command, "text": found.text}
        case PrintedCard(id, packet):
            written = msgspec.to_builtins(to_json(packet))
            return {"id": str(id), "kind": "printed", "packet": written, "text": found.text}


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
