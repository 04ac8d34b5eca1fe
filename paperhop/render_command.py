"""`paperhop cards render`: draw one card: of a printed packet, for the pen, of a command, or of a role."""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cards import drawing
from cards.commandcard import command_card
from cards.filling import check_fits, marks
from cards.geometry import Geometry, geometry
from cards.notation import EXAMPLE, parse, parse_packet, write
from cards.packet import Written
from cards.payload import octets
from cards.pencard import pen_card
from cards.penlayout import layout
from cards.qrtext import DEFAULT_HOST, MOST_SERIAL, Card, CardId, CommandCard, PenCard, PrintedCard, RoleCard
from cards.sheet import Sheet
from hub.commands import meaning
from hub.commands import parse as parse_command
from hub.lessons import load
from hub.lessons.forms import pen_form

_PACKET_DECK, _COMMAND_DECK, _ROLE_DECK, _LESSON = "DEMO", "CMD", "ROLE", "handshake"


@dataclass(frozen=True, slots=True)
class _Drawn:
    sheet: Sheet
    geometry: Callable[[float], Geometry] | None = None
    """Of a card for the pen, by the pixels for a millimetre."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Give `paperhop cards` the command `render`."""
    render = commands.add_parser(
        "render", help="draw a printed packet card, one for the pen, a command card or a role card"
    )
    render.add_argument("--packet", metavar="TEXT", help=f'the packet, such as "{EXAMPLE}"')
    render.add_argument("--command", metavar="TEXT", help='a command, such as "lose router server"')
    render.add_argument("--role", metavar="NODE", help="the id of a node, such as server")
    render.add_argument("--pen", action="store_true", help="a card for the pen, of the lesson's form, filled in")
    render.add_argument("--blank", action="store_true", help="a card for the pen that is not filled in")
    render.add_argument(
        "--lesson", metavar="ID", help=f"whose form, command or role it is (default of a form: {_LESSON})"
    )
    render.add_argument("--png", type=Path, metavar="FILE", help="write the card as a picture")
    render.add_argument("--svg", type=Path, metavar="FILE", help="write the card as SVG, for the printer")
    render.add_argument("--geometry", type=Path, metavar="FILE", help="write the places on a card for the pen as JSON")
    render.add_argument(
        "--deck",
        help=f"1 to 4 of A-Z and 0-9 (default: {_PACKET_DECK}; of a command {_COMMAND_DECK}, of a role {_ROLE_DECK})",
    )
    render.add_argument("--serial", type=int, help="0 to 99999 (default: one that follows from what is on the card)")
    render.add_argument("--host", default=DEFAULT_HOST, help="the hub in the card's URL (default: %(default)s)")
    render.add_argument("--dpi", type=float, default=drawing.DEFAULT_DPI, help="of the PNG (default: %(default)s)")
    render.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 when what is asked for cannot be drawn; 1 when it cannot be written."""
    try:
        files = _files(arguments)
    except ValueError as error:
        return _refuse(str(error), 2)
    try:
        for path, content, what in files:
            path.write_bytes(content)
            print(f"{path}: {what}")
    except OSError as error:
        return _refuse(f"cannot write {error.filename}: {error.strerror}", 1)
    return 0


def _files(arguments: argparse.Namespace) -> list[tuple[Path, bytes, str]]:
    """What is to be written where, and what that is. ValueError says why it cannot be drawn."""
    if arguments.png is None and arguments.svg is None and arguments.geometry is None:
        raise ValueError("say where to draw the card: --png FILE, --svg FILE or both")
    drawn = _pen(arguments) if arguments.pen or arguments.blank else _Drawn(_sheet(arguments))
    files = []
    if arguments.png:
        files.append((arguments.png, drawing.sheet_png(drawn.sheet, arguments.dpi), drawn.sheet.title))
    if arguments.svg:
        files.append((arguments.svg, drawing.sheet_svg(drawn.sheet).encode(), drawn.sheet.title))
    if arguments.geometry:
        if drawn.geometry is None:
            raise ValueError("only a card for the pen has a geometry: ask for --pen, or --blank")
        places = msgspec.json.encode(drawn.geometry(arguments.dpi / drawing.MM_PER_INCH))
        files.append((arguments.geometry, places + b"\n", "where everything stands on the card"))
    return files


def _pen(arguments: argparse.Namespace) -> _Drawn:
    for what in ("command", "role"):
        if getattr(arguments, what) is not None:
            raise ValueError(f"a {what} is not written by pen: leave out --pen, or --{what}")
    if arguments.deck is not None:
        raise ValueError("the deck of a card for the pen is the name of its form: choose a --lesson")
    if not arguments.blank and arguments.packet is None:
        raise ValueError(f'say what is written on the card: --packet "{EXAMPLE}", or --blank for nothing')
    form = pen_form(load(arguments.lesson or _LESSON))
    written = Written() if arguments.blank else parse(arguments.packet)
    check_fits(form, written)
    text = "" if arguments.blank else write(written)
    card = PenCard(CardId(form.id, _serial(arguments, text)))
    filled = frozenset() if arguments.blank else marks(form, written)
    data = octets(written.payload or b"").decode("latin-1")
    sheet = pen_card(form, card, arguments.host, filled, data)
    return _Drawn(sheet, lambda px_per_mm: geometry(layout(form), px_per_mm, filled, len(data)))


def _sheet(arguments: argparse.Namespace) -> Sheet:
    """A card that is no form; of a command with a lesson, what it does in this lesson is on it."""
    card = _card(arguments)
    if isinstance(card, CommandCard) and arguments.lesson is not None:
        return command_card(card, arguments.host, meaning(card.command, load(arguments.lesson).rules))
    return drawing.sheet(card, arguments.host)


def _card(arguments: argparse.Namespace) -> Card:
    """The card that is asked for; ValueError says why there is none. The same text gives the same serial, another one
    another: a room takes cards of one identity for one paper.
    """
    if sum(each is not None for each in (arguments.packet, arguments.command, arguments.role)) != 1:
        raise ValueError(
            "say what is on the card: --packet TEXT, --command TEXT or --role NODE, or --blank for a card for the pen"
        )
    if arguments.packet is not None:
        packet = parse_packet(arguments.packet)
        return PrintedCard(CardId(arguments.deck or _PACKET_DECK, _serial(arguments, write(packet))), packet)
    lesson = None if arguments.lesson is None else load(arguments.lesson)
    if arguments.role is not None:
        node = arguments.role.lower()
        if lesson is not None and node not in lesson.rules.by_id:
            raise ValueError(f"the lesson {lesson.id} has no node {node!r}; its nodes: {', '.join(lesson.rules.by_id)}")
        return RoleCard(CardId(arguments.deck or _ROLE_DECK, _serial(arguments, node)), node)
    text = " ".join(arguments.command.lower().split())
    if lesson is not None:
        parse_command(text, lesson.rules)
    return CommandCard(CardId(arguments.deck or _COMMAND_DECK, _serial(arguments, text)), text)


def _serial(arguments: argparse.Namespace, text: str) -> int:
    serial: int | None = arguments.serial
    return zlib.crc32(text.encode()) % (MOST_SERIAL + 1) if serial is None else serial


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
