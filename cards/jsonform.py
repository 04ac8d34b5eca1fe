"""What was written on a card as JSON: the one form that messages, the journal, the command line and pages use.

Octets of a payload travel as text with one character (U+0000 to U+00FF) per octet, so that people can read it.
"""

from __future__ import annotations

import base64
import functools
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, Literal, cast

import msgspec

from cards.notation import write
from cards.packet import Carries, Flags, Packet, Written
from cards.payload import Ink, Payload
from cards.seqnum import SeqNum

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Number32 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]
Address = Annotated[str, msgspec.Meta(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")]
FlagName = Literal["SYN", "FIN", "RST", "PSH", "URG", "ACK"]


class InkJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A handwritten payload: `length` octets, and perhaps its picture (PNG, base64)."""

    length: Port
    picture: Annotated[str, msgspec.Meta(max_length=400_000)] = ""


class WrittenJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is written on a card; a field that was not written is left out.

    `carries`: what it is, TCP when left out. A ping has its identifier in `sport` and its number in `seq`.
    `text` is the whole in one line of notation, for people; it is ignored when read.
    """

    src: Address | None = None
    dst: Address | None = None
    sport: Port | None = None
    dport: Port | None = None
    flags: Annotated[tuple[FlagName, ...], msgspec.Meta(max_length=6)] | None = None
    seq: Number32 | None = None
    ack: Number32 | None = None
    window: Port | None = None
    data: Annotated[str, msgspec.Meta(max_length=65535)] | None = None
    ink: InkJson | None = None
    ttl: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    next_hop: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    carries: Carries = Carries.TCP
    text: str | None = None


def to_json(packet: Packet | Written) -> WrittenJson:
    """The JSON form of a packet or of what was written. TypeError for a packet that no card can be."""
    w = packet.written() if isinstance(packet, Packet) else packet
    ink = w.payload if isinstance(w.payload, Ink) else None
    return WrittenJson(
        src=None if w.src is None else str(w.src),
        dst=None if w.dst is None else str(w.dst),
        sport=w.sport,
        dport=w.dport,
        flags=None if w.flags is None else cast(tuple[FlagName, ...], w.flags.names),
        seq=None if w.seq is None else w.seq.value,
        ack=None if w.ack is None else w.ack.value,
        window=w.window,
        data=w.payload.decode("latin-1") if isinstance(w.payload, bytes) else None,
        ink=None if ink is None else InkJson(ink.length, base64.b64encode(ink.picture).decode()),
        ttl=w.ttl,
        next_hop=w.next_hop,
        carries=w.carries,
        text=write(packet, brief=True),
    )


def from_json(j: WrittenJson) -> Written:
    """What was written, from its JSON form; ValueError names what is wrong."""
    return Written(
        _address("src", j.src),
        _address("dst", j.dst),
        j.sport,
        j.dport,
        _flags(j.flags),
        None if j.seq is None else SeqNum(j.seq),
        None if j.ack is None else SeqNum(j.ack),
        j.window,
        _payload(j),
        j.ttl,
        j.next_hop,
        j.carries,
    )


_known = functools.lru_cache(maxsize=4096)(IPv4Address)
"""A room has few addresses, and each of them is read again and again."""


def _address(field: str, text: str | None) -> IPv4Address | None:
    try:
        return None if text is None else _known(text)
    except AddressValueError:
        raise ValueError(f"{field}: {text!r} is not an IPv4 address such as 10.0.1.2") from None


def _flags(names: tuple[FlagName, ...] | None) -> Flags | None:
    if names is None:
        return None
    flags = Flags.NONE
    for name in names:
        flags |= Flags[name]
    return flags


def _payload(j: WrittenJson) -> Payload | None:
    if j.data is not None and j.ink is not None:
        raise ValueError("data and ink: a payload is one or the other")
    if j.ink is not None:
        try:
            return Ink(j.ink.length, base64.b64decode(j.ink.picture, validate=True))
        except ValueError:
            raise ValueError("ink.picture: not base64") from None
    try:
        return None if j.data is None else j.data.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("data: one character per octet, U+0000 to U+00FF") from None
