"""Packets in one line of text, as the command line, lessons and messages have them.

    10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
    10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101
    10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="my name is Danilo"
    10.0.1.2:40001 > 10.0.2.1:33434 UDP ttl=1 data="x"
    10.0.1.2 > 10.0.2.1 ECHO id=7 seq=3
    10.0.1.254 > 10.0.1.2 TIME-EXCEEDED

What is not TCP says what it is where TCP has its flags: UDP, ECHO (or PING), ECHO-REPLY, NET-UNREACHABLE,
HOST-UNREACHABLE, PORT-UNREACHABLE, PROHIBITED, TIME-EXCEEDED. Then come `name=value` words in any order: seq, ack,
win, id (a ping's identifier; ADDRESS:ID at its source is the same), ttl, data (in double quotes, with the escapes of
a Python bytes literal), ink (the length of a handwritten payload, in octets), via (the next hop).
A part that was not written is left out; `?` stands for an address or port that was not.
"""

from __future__ import annotations

import ast
import re
from ipaddress import AddressValueError, IPv4Address

from cards.datagram import Fragment, IcmpError, Opaque, Protocol
from cards.packet import DEFAULT_TTL, DEFAULT_WINDOW, Carries, Flags, Packet, Written
from cards.payload import Ink, Payload
from cards.seqnum import SeqNum

EXAMPLE = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"

_WORD = re.compile(r'(?<![a-z])(?P<name>[a-z]+)=(?P<value>"(?:[^"\\]|\\.)*"|\S+)')
_OCTETS = re.compile(r'"(?:[\t -!#-\[\]-~]|\\(?:["\'\\abfnrtv]|[0-3][0-7]{2}|[0-7]{1,2}(?![0-7])|x[0-9a-fA-F]{2}))*"')
_JOINT = re.compile(r"[,+|/\s-]+")
_NAMES = ("seq", "ack", "win", "id", "ttl", "data", "ink", "via")
_KINDS = {carries.word: carries for carries in Carries} | {
    "PING": Carries.ECHO,
    "PING-REPLY": Carries.ECHO_REPLY,
}
_SHORT = {"S": "SYN", "F": "FIN", "R": "RST", "P": "PSH", "A": "ACK", "U": "URG"}


def parse_packet(text: str) -> Packet:
    """The packet that a line of notation writes; ValueError says what is wrong and how to write it."""
    try:
        return parse(text).complete()
    except ValueError as error:
        raise ValueError(f"{text!r} is not a packet: {error}") from None


def parse(text: str) -> Written:
    """What a line of notation writes, complete or not; ValueError says what is wrong."""
    words = _WORD.sub("", text).split()
    if len(words) < 3 or words[1] != ">":
        raise ValueError(f"a packet is written like this: {EXAMPLE}")
    carries, flags = _kind(words[3:])
    values: dict[str, str] = {}
    for match in _WORD.finditer(text):
        name, value = match["name"], match["value"]
        if name in values:
            raise ValueError(f"{name} is written twice")
        values[name] = value
    unknown = set(values) - set(_NAMES)
    if unknown:
        raise ValueError(f"nothing is called {min(unknown)!r}; there are {', '.join(_NAMES[:-1])} and {_NAMES[-1]}")
    src, sport = _endpoint(words[0], carries)
    dst, dport = _endpoint(words[2], carries)
    return Written(
        src,
        dst,
        _ident(values, sport, carries) if "id" in values else sport,
        dport,
        flags,
        _seqnum(values, "seq"),
        _seqnum(values, "ack"),
        _number(values, "win", 65535),
        _payload(values),
        _number(values, "ttl", 255),
        values.get("via"),
        carries,
    )


def write(packet: Packet | Written, brief: bool = False) -> str:
    """One line of notation for a packet; `parse` gives back what a card can hold of it.

    In a whole packet, window, TTL and a ping's identifier and number are left out when they are what they always
    are (65535, 64, 0 and 0). brief: also of what was written, for people who look at it. Of what no card can be (see
    `Packet.carries`) the line only tells people what it is, as in `10.0.1.2 > 10.0.2.1 protocol=47`; `parse` does not
    read that.
    """
    whole = brief or isinstance(packet, Packet)
    if isinstance(packet, Packet):
        if packet.carries is None:
            return _outline(packet)
        w = packet.written()
    else:
        w = packet
    echo, ports = w.carries.is_echo, w.carries.has_ports
    words = [_end(w.src, None if echo else w.sport, ports), ">", _end(w.dst, w.dport, ports)]
    if w.carries is not Carries.TCP:
        words.append(w.carries.word)
    if w.flags is not None:
        words.append(str(w.flags))
    numbers: list[tuple[str, int | None, int | None]] = [
        ("id", w.sport if echo else None, 0),
        ("seq", None if w.seq is None else w.seq.value, 0 if echo else None),
        ("ack", None if w.ack is None else w.ack.value, None),
        ("win", w.window, DEFAULT_WINDOW),
        ("ttl", w.ttl, DEFAULT_TTL),
    ]
    words += [
        f"{name}={value}" for name, value, usual in numbers if value is not None and not (whole and value == usual)
    ]
    if isinstance(w.payload, Ink):
        words.append(f"ink={w.payload.length}")
    elif w.payload or (w.payload is not None and not whole):
        words.append(f"data={_quote(w.payload)}")
    if w.next_hop is not None:
        words.append(f"via={w.next_hop}")
    return " ".join(words)


def _outline(packet: Packet) -> str:
    """What people call a packet that no card can be: its protocol, and which piece or ICMP message it is."""
    match packet.body:
        case Fragment(protocol=protocol, offset=offset):
            words = [f"protocol={protocol}", f"offset={offset}"]
        case IcmpError(type=type_, code=code):
            words = [f"protocol={Protocol.ICMP}", f"type={type_}", f"code={code}"]
        case Opaque(protocol=protocol):
            words = [f"protocol={protocol}"]
        case _:
            words = [f"protocol={Protocol.IPIP}"]
    if packet.ttl != DEFAULT_TTL:
        words.append(f"ttl={packet.ttl}")
    return " ".join([str(packet.src), ">", str(packet.dst), *words])


def _endpoint(word: str, carries: Carries) -> tuple[IPv4Address | None, int | None]:
    address, colon, port = word.rpartition(":")
    if not colon:
        if carries.has_ports:
            raise ValueError(f"{word!r} should be ADDRESS:PORT, for example 10.0.1.2:40001")
        address, port = word, "?"
    try:
        host = None if address == "?" else IPv4Address(address)
    except AddressValueError:
        raise ValueError(f"{address!r} is not an IPv4 address such as 10.0.1.2") from None
    return host, None if port == "?" else _within("a port", port, 65535)


def _end(address: IPv4Address | None, port: int | None, has_port: bool) -> str:
    host = "?" if address is None else str(address)
    return f"{host}:{'?' if port is None else port}" if has_port or port is not None else host


def _kind(words: list[str]) -> tuple[Carries, Flags | None]:
    """What it carries and its flags; there are at most two parts in the name of a kind ("PING REPLY")."""
    names = _JOINT.split(" ".join(words).upper()) if words else []
    for parts in (2, 1):
        kind = _KINDS.get("-".join(names[:parts]))
        if kind is not None:
            return kind, _flags(names[parts:])
    return Carries.TCP, _flags(names)


def _flags(names: list[str]) -> Flags | None:
    if not names:
        return None
    flags = Flags.NONE
    for name in names:
        name = _SHORT.get(name, name)
        if name:
            try:
                flags |= Flags[name]
            except KeyError:
                raise ValueError(
                    f"{name!r} is not a flag; there are SYN, ACK, FIN, RST, PSH and URG, joined by commas. "
                    f"What is not TCP has one of these instead: {', '.join(list(_KINDS)[1:])}"
                ) from None
    return flags


def _ident(values: dict[str, str], sport: int | None, carries: Carries) -> int | None:
    if not carries.is_echo:
        raise ValueError("only a ping has an id: write a port after its address, as in 10.0.1.2:40001")
    if sport is not None:
        raise ValueError("the identifier of the ping is written twice: after the source's address and as id")
    return _number(values, "id", 65535)


def _seqnum(values: dict[str, str], name: str) -> SeqNum | None:
    number = _number(values, name, 0xFFFFFFFF)
    return None if number is None else SeqNum(number)


def _number(values: dict[str, str], name: str, most: int) -> int | None:
    return _within(name, values[name], most) if name in values else None


def _within(what: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most):
        raise ValueError(f"{what} is a number from 0 to {most}, not {text!r}")
    return int(text)


def _payload(values: dict[str, str]) -> Payload | None:
    if "data" in values and "ink" in values:
        raise ValueError("a payload is data or ink, not both")
    ink = _number(values, "ink", 65535)
    if ink is not None:
        return Ink(ink)
    quoted = values.get("data")
    if quoted is None:
        return None
    if not quoted.startswith('"'):
        raise ValueError(f'data is written in double quotes: data="{quoted}"')
    if not _OCTETS.fullmatch(quoted):
        raise ValueError(f"data={quoted} has a character or an escape that is not an octet; write \\xNN")
    return bytes(ast.literal_eval("b" + quoted))


_OCTET = tuple(
    chr(octet) if 0x20 <= octet < 0x7F and chr(octet) not in '"\\' else f"\\x{octet:02x}" for octet in range(256)
)


def _quote(octets: bytes) -> str:
    return f'"{"".join(map(_OCTET.__getitem__, octets))}"'
