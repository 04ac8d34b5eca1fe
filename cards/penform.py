"""The form of a pen card: what one can mark on it. Where that stands on the paper is `penlayout`'s business."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Literal

import msgspec

from cards.packet import Carries

FLAGS = ("SYN", "ACK", "FIN", "RST")
"""The flags that people write, in the order of the form; PSH and URG are on no form."""
DIGITS = 4
"""Columns for a number, at most."""

Marks = Literal["one", "any"]


class FormError(ValueError):
    """A form that no paper can have; the text says what is too much and what to do."""


class Port(msgspec.Struct, frozen=True):
    """A port and what people call it: 23 "telnet", 40001 "A"."""

    number: int
    name: str = ""


class Neighbour(msgspec.Struct, frozen=True):
    """A node that a packet can be carried to next: its id, and what people call it."""

    id: str
    title: str


class Field(msgspec.Struct, frozen=True):
    """What is read as one: `name`, its values in the order of the form, and how many of them are to be marked.

    marks: `one`: never two; whether it may be left empty, as the column before a short number may, is for `filling` to
    say. `any`: none, one or several.
    """

    name: str
    values: tuple[str, ...]
    marks: Marks


class PenForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """What can be marked, beside the flags.

    networks: the first three numbers of addresses ("10.0.1"); a single one is printed, not marked. hosts: the last
    number. ports: of both ends. kinds: what a packet can be when it is not TCP. seq, ack: those numbers, of `digits`
    columns. check: a check digit. ttl: boxes to cross out, 0: none. hops, neighbours: columns of the next-hop row, and
    what is marked there. comb: cells for the payload, an octet each.
    """

    networks: tuple[str, ...]
    hosts: tuple[int, ...]
    ports: tuple[Port, ...]
    kinds: tuple[Carries, ...] = ()
    seq: bool = False
    ack: bool = False
    digits: int = DIGITS
    check: bool = False
    ttl: int = 0
    hops: int = 0
    neighbours: tuple[Neighbour, ...] = ()
    comb: int = 0

    @property
    def id(self) -> str:
        """The name of the form and of all decks of it: four of A-Z and 2-7, which follow from what is on it."""
        octets = hashlib.sha256(msgspec.json.encode(self)).digest()
        return base64.b32encode(octets).decode()[:4]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order in which one fills them in."""
        return tuple(self._fields())

    def _fields(self) -> Iterator[Field]:
        for side in ("src", "dst"):
            if len(self.networks) > 1:
                yield Field(f"{side}.network", self.networks, "one")
            yield Field(f"{side}.host", tuple(map(str, self.hosts)), "one")
            yield Field(f"{side}.port", tuple(str(port.number) for port in self.ports), "one")
        if self.kinds:
            yield Field("kind", tuple(kind.value for kind in self.kinds), "one")
        yield Field("flags", FLAGS, "any")
        for name, asked in (("seq", self.seq), ("ack", self.ack)):
            for column in range(1, self.digits * asked + 1):
                yield Field(f"{name}.{column}", tuple("0123456789"), "one")
        if self.check:
            yield Field("check", tuple("0123456789"), "one")
        if self.ttl:
            yield Field("ttl", tuple(str(box) for box in range(1, self.ttl + 1)), "any")
        for hop in range(1, self.hops + 1):
            yield Field(f"hop.{hop}", tuple(each.id for each in self.neighbours), "one")


def split(address: IPv4Address) -> tuple[str, int]:
    """An address as one marks it: its network ("10.0.1") and its host (2)."""
    network, _, host = str(address).rpartition(".")
    return network, int(host)


def joined(network: str, host: int) -> IPv4Address:
    """The address of a network and a host."""
    return IPv4Address(f"{network}.{host}")
