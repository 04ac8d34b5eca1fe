"""`paperhop cards`: draw packet cards, print those of a lesson, and read pictures of them."""

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
from cards.packet import Packet
from cards.qrtext import DEFAULT_HOST, MOST_SERIAL, CardId, PrintedCard
from hub.lessons import load

_PRINT_DPI = 300


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop cards` its commands."""
    commands = parser.add_subparsers(dest="cards_command", required=True, metavar="COMMAND")
    render = commands.add_parser("render", help="draw a printed packet card")
    render.add_argument("--packet", required=True, metavar="TEXT", help=f'the packet, such as "{EXAMPLE}"')
    render.add_argument("--png", type=Path, metavar="FILE", help="write the card as a picture")
    render.add_argument("--svg", type=Path, metavar="FILE", help="write the card as SVG, for the printer")
    render.add_argument("--deck", default="DEMO", help="1 to 4 of A-Z and 0-9 (default: %(default)s)")
    render.add_argument("--serial", type=int, help="0 to 99999 (default: one that follows from the packet)")
    render.add_argument("--host", default=DEFAULT_HOST, help="the hub in the card's URL (default: %(default)s)")
    render.add_argument("--dpi", type=float, default=drawing.DEFAULT_DPI, help="of the PNG (default: %(default)s)")
    render.set_defaults(run=_render)
    deck = commands.add_parser("print", help="every card of a lesson's scripts as a PDF, a card on each A6 page")
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
        packet = parse_packet(arguments.packet)
        serial = _serial_of(packet) if arguments.serial is None else arguments.serial
        card = PrintedCard(CardId(arguments.deck, serial), packet)
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


def _print(arguments: argparse.Namespace) -> int:
    """Exit status as of `_render`. The cards are numbered from 1 in the order of the lesson's file."""
    try:
        packets = [packet for script in load(arguments.lesson).scripts for packet in script.cards.values()]
        if not packets:
            return _refuse(f"the lesson {arguments.lesson} has no scripts, so it has no cards to print", 2)
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


def _serial_of(packet: Packet) -> int:
    """The same packet gives the same serial, another one another: a room takes cards of one identity for one paper."""
    return zlib.crc32(write(packet).encode()) % (MOST_SERIAL + 1)


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
    if found.card is None:
        return {"problem": msgspec.to_builtins(found.problem), "text": found.text}
    return {
        "id": str(found.card.id),
        "kind": "printed",
        "packet": msgspec.to_builtins(to_json(found.card.packet)),
        "text": found.text,
    }


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
