"""The printed packet card, A6 landscape: a whole packet in the code and in words."""

from __future__ import annotations

from dataclasses import dataclass

from cards.datagram import Datagram, Echo
from cards.notation import write
from cards.packet import DEFAULT_TTL, Packet, Segment
from cards.payload import octets
from cards.qrtext import DEFAULT_HOST, PrintedCard, encode
from cards.sheet import Code, Disc, Line, Shape, Sheet, Text
from cards.typeface import fitted, shortened, width, wrapped

WIDTH, HEIGHT = 148.0, 105.0
CODE_SIDE = 50.0
"""The largest code, version 8 with 49 modules, still has modules of 1.02 mm (at least 1 mm reads reliably)."""

PORT_NAMES = {22: "ssh", 23: "telnet", 25: "mail", 53: "names", 80: "web", 443: "secure web"}
"""The well-known ports that players meet, in the words of the table."""

_MARGIN = 9.0
_RIGHT = WIDTH - _MARGIN
_LABELS = 67.5
_VALUES = 84.0
_WORDS_END = _RIGHT - 1.0
"""Where words end at the latest: drawn letter by letter on whole pixels they turn out a little wider than measured."""
_HAIR = 0.25
_SMALL, _LABEL, _VALUE, _FLAGS = 3.2, 4.0, 6.4, 16.0
_GAP = 2.4
_CAPITAL = 0.668
"""Height of a capital letter in ems."""
_NAME, _HEAD, _CAPTION = "Paperhop", 4.6, 6.0
_TWO_LINES = 9.0
"""Where flags and data would be smaller than this on one line, they have one each."""


@dataclass(frozen=True, slots=True)
class PrintedWords:
    """The words on a printed card that are not the field's own names. many: of {count} octets."""

    source: str = "from"
    destination: str = "to"
    data: str = "data"
    none: str = "none"
    one: str = "1 octet"
    many: str = "{count} octets"
    no_flags: str = "no flags"


_Piece = tuple[str, float, bool]
"""Part of a row: its text, size, and whether it is bold."""


_WORDS = PrintedWords()


def printed_card(card: PrintedCard, host: str = DEFAULT_HOST, caption: str = "", words: PrintedWords = _WORDS) -> Sheet:
    """The printed form of a card; ValueError when its packet does not fit into a code (see `qrtext.encode`).

    caption: a few words for people, at the top, where else the name of the game stands; as large as they fit.
    """
    notation = write(card.packet)
    shapes: tuple[Shape, ...] = (
        _head(caption or _NAME, str(card.id)),
        Text(_RIGHT, 13.8, str(card.id), _HEAD, anchor="end"),
        Line(_MARGIN, 17.0, _RIGHT, 17.0, _HAIR),
        Code(_MARGIN, 24.5, CODE_SIDE, encode(card, host)),
        *_limits(card.packet),
        *_kind(card.packet, words),
        *_route(card.packet, words),
        *_numbers(card.packet),
        *_data(card.packet, words),
        Line(_MARGIN, 89.0, _RIGHT, 89.0, _HAIR),
        *_lines(_MARGIN, 94.2, notation, _SMALL, _WORDS_END - _MARGIN, most_lines=2),
    )
    return Sheet(WIDTH, HEIGHT, f"{card.id}: {notation}", shapes)


def _head(words: str, id: str) -> Text:
    """Beside the card's identity, as large as it fits."""
    room = _RIGHT - width(id, _HEAD) - 2 * _GAP - _MARGIN
    size = _HEAD if words == _NAME else fitted(words, _CAPTION, room, bold=True)
    return Text(_MARGIN, 13.8, words, size, bold=True)


def _limits(packet: Packet) -> tuple[Shape, ...]:
    """TTL and window; in heavier type when the TTL is not the usual one, because then the lesson turns on it."""
    words = f"TTL {packet.ttl}"
    if isinstance(packet.body, Segment):
        words += f"  ·  window {packet.body.window}"
    heavy = packet.ttl != DEFAULT_TTL
    return (Text(_MARGIN + CODE_SIDE / 2, 84.4, words, _LABEL if heavy else _SMALL, bold=heavy, anchor="middle"),)


def _kind(packet: Packet, words: PrintedWords) -> tuple[Shape, ...]:
    """What it is in large letters: the flags of TCP and the data that comes with them; the name of anything else."""
    match packet.body:
        case Segment(flags=flags):
            name = str(flags) if flags.value else words.no_flags
        case Echo(reply=reply):
            name = "PING REPLY" if reply else "PING"
        case _:
            name = "UDP"
    said = _quoted(packet) if isinstance(packet.body, Segment) else ""
    whole = f"{name} {said}".rstrip()
    room = _WORDS_END - _LABELS
    size = fitted(whole, _FLAGS, room, bold=True)
    if not said or size >= _TWO_LINES:
        return (_large(whole, 29.85, size),)
    below = max(fitted(said, _TWO_LINES, room, bold=True), _VALUE)
    return (
        _large(name, 27.6, fitted(name, _TWO_LINES, room, bold=True)),
        _large(shortened(said, below, room, bold=True), 36.6, below),
    )


def _large(text: str, middle: float, size: float) -> Text:
    """A text in bold whose capitals have their middle at this height."""
    return Text(_LABELS, middle + _CAPITAL / 2 * size, text, size, bold=True)


def _quoted(packet: Packet) -> str:
    """Its data as text, in quotation marks; "" when there is none."""
    body = packet.body
    data = octets(body.payload) if isinstance(body, Segment | Datagram | Echo) else b""
    said = "".join(chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}" for octet in data)
    return f"“{said}”" if data else ""


def _route(packet: Packet, words: PrintedWords) -> tuple[Shape, ...]:
    """From and to, joined like two stops of a bus line."""
    stop, start, end = _VALUES - 3.6, 44.4, 54.0
    body = packet.body
    sport, dport = (body.sport, body.dport) if isinstance(body, Segment | Datagram) else (None, None)
    return (
        Line(stop, start + 1.2, stop, end, 0.6),
        Disc(stop, start, 1.2, stroke=0.6),
        Disc(stop, end, 1.5),
        *_row(start + 2.1, words.source, *_endpoint(str(packet.src), sport)),
        *_row(end + 2.1, words.destination, *_endpoint(str(packet.dst), dport)),
    )


def _endpoint(address: str, port: int | None) -> list[_Piece]:
    if port is None:
        return [(address, _VALUE, True)]
    service = PORT_NAMES.get(port)
    return [(f"{address}:{port}", _VALUE, True), *([(service, _LABEL, False)] if service else [])]


def _numbers(packet: Packet) -> tuple[Shape, ...]:
    match packet.body:
        case Segment(seq=seq, ack=ack):
            pieces: list[_Piece] = [(str(seq), _VALUE, True)]
            if ack is not None:
                pieces += [("ack", _LABEL, False), (str(ack), _VALUE, True)]
            return _row(66.0, "seq", *pieces)
        case Echo(ident=ident, number=number):
            return _row(66.0, "id", (str(ident), _VALUE, True), ("seq", _LABEL, False), (str(number), _VALUE, True))
        case _:
            return ()


def _data(packet: Packet, words: PrintedWords) -> tuple[Shape, ...]:
    body = packet.body
    y = 66.0 if isinstance(body, Datagram) else 75.0
    data = octets(body.payload) if isinstance(body, Segment | Datagram | Echo) else b""
    if not data:
        return _row(y, words.data, (words.none, _LABEL, False))
    length = words.one if len(data) == 1 else words.many.format(count=len(data))
    return (
        *_row(y, words.data),
        Text(_LABELS, y + 4.6, length, 2.8),
        *_lines(_VALUES, y, _quoted(packet), 4.4, _WORDS_END - _VALUES, most_lines=3),
    )


def _row(y: float, label: str, *pieces: _Piece) -> tuple[Shape, ...]:
    """A label and pieces beside it, one after the other, all made smaller where they would not fit."""
    wide = sum(width(text, size, bold) for text, size, bold in pieces) + _GAP * (len(pieces) - 1)
    fit = min(1.0, (_WORDS_END - _VALUES) / wide) if pieces else 1.0
    shapes: list[Shape] = [Text(_LABELS, y, label, _LABEL)]
    x = _VALUES
    for text, size, bold in pieces:
        shapes.append(Text(x, y, text, size * fit, bold))
        x += width(text, size * fit, bold) + _GAP * fit
    return tuple(shapes)


def _lines(x: float, y: float, text: str, size: float, room: float, most_lines: int) -> tuple[Shape, ...]:
    lines = wrapped(text, size, room, most_lines)
    return tuple(Text(x, y + 1.25 * size * n, line, size) for n, line in enumerate(lines))
