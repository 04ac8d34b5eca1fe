"""The text in a card's QR code: a short URL that holds a whole packet, a command or a role, or says which card it is.

    HTTP://10.42.0.1/P/1-DEMO-12-AZAAUAAB...AAAAMQ-J4OB6
           host      | |  |    |  body          check
                     | |  deck serial
                     | version of the form
                     kind: P, a printed packet; M, a command; R, a role; C, a card for the pen

Only characters of the QR alphanumeric set (ISO/IEC 18004, table 5) occur, so that the code stays small, and
only those that may stand in a URL path, so that a phone opens it. The host is chosen when printing and is
ignored when reading.

A card for the pen has no body, and its code is a version 2-M with a host such as the one above: what can be marked on
it follows from its deck, which is the id of its form (see `penform`).
Body of a command: its words in capitals, joined by +, and %25 for %, as in the query of a URL.
Body of a role: the id of the node in capitals.
Body of a packet: base32 (RFC 4648 §6, no padding) of, big-endian: protocol, TTL, source, destination, and
- protocol 6, TCP: source port, destination port, flags, window, seq, ack (only with the ACK flag), payload;
- protocol 17, UDP: source port, destination port, payload;
- protocol 1, a ping: ICMP type (8 echo, 0 echo reply), identifier, number, payload.
Check: 25 bits of the CRC-32 of everything from the kind to the body. Any one changed character changes it.
A text is read only when it is, from the kind on, exactly what this module writes for that card.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from dataclasses import dataclass
from ipaddress import IPv4Address
from urllib.parse import quote_plus, unquote_plus

from cards.datagram import Datagram, Echo, IcmpType, Protocol
from cards.packet import Body, Flags, Packet, Segment
from cards.payload import Ink, Payload
from cards.seqnum import SeqNum

DEFAULT_HOST = "10.42.0.1"
MOST_HOST = 40
"""Characters of the longest host: with it and the longest payload the code still is a version 8-M."""
MOST_SERIAL = 99_999
MOST_PAYLOAD = 64
"""Octets of the longest payload: what people copy by hand, and what leaves QR modules of 1 mm on the card."""
MOST_COMMAND = 48
"""Characters of the longest command: what can be read from afar on the card."""

_IP = struct.Struct(">BBII")
_TCP = struct.Struct(">HHBHI")
_UDP = struct.Struct(">HH")
_ECHO = struct.Struct(">BHH")
_ACK = struct.Struct(">I")
_PACKET_FORM, _COMMAND_FORM, _ROLE_FORM, _PEN_FORM = "P/1", "M/1", "R/1", "C/1"
_DECK = re.compile(r"[A-Z0-9]{1,4}")
_ID = re.compile(r"(?P<deck>[A-Z0-9]{1,4})-(?P<serial>0|[1-9][0-9]{0,4})")
_HOST = re.compile(rf"[A-Z0-9.-]{{1,{MOST_HOST - 6}}}(:[0-9]{{1,5}})?")
_URL = re.compile(r"https?://[^/?#\s]+/(?P<path>.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_ANY_FORM = re.compile(r"(?P<form>[A-Z]/[A-Z0-9])-[A-Z0-9]{1,4}-[0-9]{1,5}-[A-Z0-9%+-]*")
_WHOLE = {
    form: re.compile(rf"{form}-(?P<id>{_ID.pattern}){body}-(?P<check>[A-Z2-7]{{5}})")
    for form, body in (
        (_PACKET_FORM, "-(?P<body>[A-Z2-7]+)"),
        (_COMMAND_FORM, "-(?P<body>[A-Z0-9%+-]+)"),
        (_ROLE_FORM, "-(?P<body>[A-Z0-9-]+)"),
        (_PEN_FORM, "(?P<body>)"),
    )
}
_COMMAND = re.compile(r"[a-z0-9%-]+( [a-z0-9%-]+)*")
_NODE = re.compile(r"[a-z][a-z0-9-]{0,31}")


class UnreadableCard(ValueError):
    """A QR text that is not a card this program can read.

    code: `card.foreign` (not one of ours), `card.damaged` (ours, but not as it was printed) or `card.newer`
    (ours, of a form that this program does not know). detail: a sentence for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class CardId:
    """Which piece of paper it is: "DEMO-12". deck: 1 to 4 of A-Z and 0-9; serial: 0 .. 99999; else ValueError."""

    deck: str
    serial: int

    def __post_init__(self) -> None:
        if not _DECK.fullmatch(self.deck):
            raise ValueError(f"a deck is named by 1 to 4 of A-Z and 0-9, not {self.deck!r}")
        if not 0 <= self.serial <= MOST_SERIAL:
            raise ValueError(f"a card's serial number is between 0 and {MOST_SERIAL}, not {self.serial}")

    def __str__(self) -> str:
        return f"{self.deck}-{self.serial}"

    @classmethod
    def parse(cls, text: str) -> CardId:
        """The identity that `str` wrote; ValueError for any other text."""
        match = _ID.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not the identity of a card, such as DEMO-12")
        return cls(match["deck"], int(match["serial"]))


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A piece of paper with a whole packet printed on it."""

    id: CardId
    packet: Packet


@dataclass(frozen=True, slots=True)
class CommandCard:
    """A piece of paper with which a teacher tells the hub to do something: "lose router server".

    command: words of a-z, 0-9, - and %, one space between two, at most 48 characters in all; else ValueError. What they
    mean, if anything, only the hub knows.
    """

    id: CardId
    command: str

    def __post_init__(self) -> None:
        if not _COMMAND.fullmatch(self.command):
            raise ValueError(
                f"{self.command!r} cannot be on a command card: write small letters, digits, - and %, "
                "and one space between two words"
            )
        if len(self.command) > MOST_COMMAND:
            raise ValueError(
                f"a command card holds at most {MOST_COMMAND} characters, and this command has {len(self.command)}"
            )


@dataclass(frozen=True, slots=True)
class PenCard:
    """A piece of paper to be filled in by pen. The deck is the id of its form."""

    id: CardId


@dataclass(frozen=True, slots=True)
class RoleCard:
    """A piece of paper that is a badge's face: laid before the badge, it asks the hub for its node.

    node: a node's id as in a lesson's file: 1 to 32 of a-z, 0-9 and -, the first a letter; else ValueError. Whether a
    lesson has such a node only the hub knows.
    """

    id: CardId
    node: str

    def __post_init__(self) -> None:
        if not _NODE.fullmatch(self.node):
            raise ValueError(
                f"{self.node!r} cannot be on a role card: write a node's id, 1 to 32 small letters, digits and -, "
                "a letter first"
            )


Card = PrintedCard | CommandCard | RoleCard | PenCard


def encode(card: Card, host: str = DEFAULT_HOST) -> str:
    """The QR text of a card: upper-case ASCII of the QR alphanumeric set.

    Raises ValueError for a packet that is not TCP, UDP or a ping, for a payload that does not fit or is ink, and for a
    host that no URL can have.
    """
    name = host.upper()
    if not _HOST.fullmatch(name):
        raise ValueError(
            f"{host!r} is not a host for a card: a name or IPv4 address of at most 34 characters, perhaps with :PORT"
        )
    return f"HTTP://{name}/{_path(card)}"


def decode(text: str) -> Card:
    """The card that a QR text is of; UnreadableCard says why it is none."""
    url = _URL.fullmatch(text)
    path = url["path"] if url else ""
    form, dash, _ = path.partition("-")
    if dash and form in _WHOLE:
        return _decode_path(path, form)
    newer = _ANY_FORM.fullmatch(path)
    if newer:
        raise UnreadableCard("card.newer", f"printed by a newer Paperhop (form {newer['form']}): update this program")
    raise UnreadableCard("card.foreign", "this QR code is not on a Paperhop card")


def _path(card: Card) -> str:
    match card:
        case PrintedCard(id, packet):
            checked = f"{_PACKET_FORM}-{id}-{_base32(_octets(packet))}"
        case CommandCard(id, command):
            checked = f"{_COMMAND_FORM}-{id}-{quote_plus(command).upper()}"
        case PenCard(id):
            checked = f"{_PEN_FORM}-{id}"
        case RoleCard(id, node):
            checked = f"{_ROLE_FORM}-{id}-{node.upper()}"
    return f"{checked}-{_check(checked)}"


def _decode_path(path: str, form: str) -> Card:
    whole = _WHOLE[form].fullmatch(path)
    if whole is None:
        raise UnreadableCard("card.damaged", "the card's code breaks off or has characters that do not belong there")
    if whole["check"] != _check(path.rpartition("-")[0]):
        raise UnreadableCard("card.damaged", "the card's code does not fit its check: it is not as it was printed")
    try:
        card = _card(form, CardId.parse(whole["id"]), whole["body"])
        as_printed = _path(card) == path
    except UnreadableCard:
        raise
    except (ValueError, struct.error):
        as_printed = False
    if not as_printed:
        raise UnreadableCard("card.damaged", "the card's code is not one that Paperhop prints")
    return card


def _card(form: str, id: CardId, body: str) -> Card:
    """The card of a form with this body. Raises ValueError, struct.error or UnreadableCard when there is none."""
    if form == _PEN_FORM:
        return PenCard(id)
    if form == _COMMAND_FORM:
        return CommandCard(id, unquote_plus(body).lower())
    if form == _ROLE_FORM:
        return RoleCard(id, body.lower())
    return PrintedCard(id, _packet(_unbase32(body)))


def _octets(packet: Packet) -> bytes:
    match packet.body:
        case Segment() as s:
            protocol, payload = Protocol.TCP, s.payload
            head = _TCP.pack(s.sport, s.dport, s.flags.value, s.window, s.seq.value)
            if s.ack is not None:
                head += _ACK.pack(s.ack.value)
        case Datagram() as d:
            protocol, payload = Protocol.UDP, d.payload
            head = _UDP.pack(d.sport, d.dport)
        case Echo() as e:
            protocol, payload = Protocol.ICMP, e.payload
            head = _ECHO.pack(IcmpType.ECHO_REPLY if e.reply else IcmpType.ECHO, e.ident, e.number)
        case _:
            carries = packet.carries
            what = "a packet of this sort" if carries is None else carries.word
            raise ValueError(f"{what} cannot be printed: a printed card holds TCP, UDP or a ping; write it by pen")
    return _IP.pack(protocol, packet.ttl, int(packet.src), int(packet.dst)) + head + _printable(payload)


def _printable(payload: Payload) -> bytes:
    if isinstance(payload, Ink):
        raise ValueError("a payload in ink cannot be printed in a code: write the octets as data")
    if len(payload) > MOST_PAYLOAD:
        raise ValueError(f"a printed card holds at most {MOST_PAYLOAD} octets of data, not {len(payload)}: cut it up")
    return payload


def _packet(octets: bytes) -> Packet:
    """The packet in the octets of a whole code. Raises ValueError or struct.error when they are none."""
    body: Body
    match octets[0] if octets else None:
        case Protocol.TCP:
            body = _segment(octets[_IP.size :])
        case Protocol.UDP:
            body = _datagram(octets[_IP.size :])
        case Protocol.ICMP:
            body = _echo(octets[_IP.size :])
        case None:
            raise ValueError("no octets")
        case protocol:
            raise _newer(f"protocol {protocol}")
    _, ttl, src, dst = _IP.unpack_from(octets)
    return Packet(IPv4Address(src), IPv4Address(dst), body, ttl)


def _segment(octets: bytes) -> Segment:
    sport, dport, bits, window, seq = _TCP.unpack_from(octets)
    flags, rest, ack = Flags(bits), octets[_TCP.size :], None
    if Flags.ACK in flags:
        ack, rest = SeqNum(*_ACK.unpack_from(rest)), rest[_ACK.size :]
    return Segment(sport, dport, flags, SeqNum(seq), ack, window, rest)


def _datagram(octets: bytes) -> Datagram:
    sport, dport = _UDP.unpack_from(octets)
    return Datagram(sport, dport, octets[_UDP.size :])


def _echo(octets: bytes) -> Echo:
    type_, ident, number = _ECHO.unpack_from(octets)
    if type_ not in (IcmpType.ECHO, IcmpType.ECHO_REPLY):
        raise _newer(f"ICMP type {type_}")
    return Echo(type_ == IcmpType.ECHO_REPLY, ident, number, octets[_ECHO.size :])


def _newer(what: str) -> UnreadableCard:
    return UnreadableCard("card.newer", f"a newer Paperhop printed {what} on this card: update this program")


def _check(text: str) -> str:
    return _base32((zlib.crc32(text.encode()) << 7 & 0xFFFFFFFF).to_bytes(4, "big"))[:5]


def _base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=")


def _unbase32(text: str) -> bytes:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return b""
