"""Packets in one line of text, as the command line, lessons and messages have them.

    10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
    10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101
    10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="my name is Danilo"

After the flags come `name=value` words in any order: seq, ack, win, ttl, data (in double quotes, with the
escapes of a Python bytes literal), ink (the length of a handwritten payload, in octets), via (the next hop).
A part that was not written is left out; `?` stands for an address or port that was not.
"""

from __future__ import annotations

import ast
import re
from ipaddress import AddressValueError, IPv4Address

from cards.packet import DEFAULT_TTL, Flags, Packet, Written
from cards.payload import Ink, Payload
from cards.seqnum import SeqNum

EXAMPLE = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"

_WORD = re.compile(r'(?P<name>[a-z]+)=(?P<value>"(?:[^"\\]|\\.)*"|\S+)')
_OCTETS = re.compile(r'"(?:[\t -!#-\[\]-~]|\\(?:["\'\\abfnrtv]|[0-3][0-7]{2}|[0-7]{1,2}(?![0-7])|x[0-9a-fA-F]{2}))*"')
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
    src, sport = _endpoint(words[0])
    dst, dport = _endpoint(words[2])
    flags = _flags(words[3:])
    values: dict[str, str] = {}
    for match in _WORD.finditer(text):
        name, value = match["name"], match["value"]
        if name in values:
            raise ValueError(f"{name} is written twice")
        values[name] = value
    unknown = set(values) - {"seq", "ack", "win", "ttl", "data", "ink", "via"}
    if unknown:
        raise ValueError(f"nothing is called {min(unknown)!r}; there are seq, ack, win, ttl, data, ink and via")
    return Written(
        src,
        dst,
        sport,
        dport,
        flags,
        _seqnum(values, "seq"),
        _seqnum(values, "ack"),
        _number(values, "win", 65535),
        _payload(values),
        _number(values, "ttl", 255),
        values.get("via"),
    )


def write(packet: Packet | Written) -> str:
    """One line of notation for a packet; `parse` gives it back. Window, TTL and next hop are left out when they
    are absent or (in a whole packet) what they always are.
    """
    w = packet.written() if isinstance(packet, Packet) else packet
    words = [_end(w.src, w.sport), ">", _end(w.dst, w.dport)]
    if w.flags is not None:
        words.append(str(w.flags))
    words += [f"{name}={value}" for name, value in (("seq", w.seq), ("ack", w.ack)) if value is not None]
    quiet = DEFAULT_TTL if isinstance(packet, Packet) else None
    if w.window is not None and not (isinstance(packet, Packet) and w.window == 65535):
        words.append(f"win={w.window}")
    if w.ttl is not None and w.ttl != quiet:
        words.append(f"ttl={w.ttl}")
    if isinstance(w.payload, Ink):
        words.append(f"ink={w.payload.length}")
    elif w.payload or (w.payload is not None and not isinstance(packet, Packet)):
        words.append(f"data={_quote(w.payload)}")
    if w.next_hop is not None:
        words.append(f"via={w.next_hop}")
    return " ".join(words)


def _endpoint(word: str) -> tuple[IPv4Address | None, int | None]:
    address, colon, port = word.rpartition(":")
    if not colon:
        raise ValueError(f"{word!r} should be ADDRESS:PORT, for example 10.0.1.2:40001")
    try:
        host = None if address == "?" else IPv4Address(address)
    except AddressValueError:
        raise ValueError(f"{address!r} is not an IPv4 address such as 10.0.1.2") from None
    return host, None if port == "?" else _within("a port", port, 65535)


def _end(address: IPv4Address | None, port: int | None) -> str:
    return f"{'?' if address is None else address}:{'?' if port is None else port}"


def _flags(words: list[str]) -> Flags | None:
    if not words:
        return None
    flags = Flags.NONE
    for name in re.split(r"[,+|/\s-]+", " ".join(words).upper()):
        name = _SHORT.get(name, name)
        if name:
            try:
                flags |= Flags[name]
            except KeyError:
                raise ValueError(
                    f"{name!r} is not a flag; there are SYN, ACK, FIN, RST, PSH and URG, joined by commas"
                ) from None
    return flags


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


def _quote(octets: bytes) -> str:
    inside = "".join(
        chr(octet) if 0x20 <= octet < 0x7F and chr(octet) not in '"\\' else f"\\x{octet:02x}" for octet in octets
    )
    return f'"{inside}"'
