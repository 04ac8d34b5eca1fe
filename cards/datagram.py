"""What an IP packet can carry besides a TCP segment: UDP (RFC 768), ICMP (RFC 792), a fragment (RFC 791), anything."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from ipaddress import IPv4Address

from cards.payload import Payload, within


class Protocol(enum.IntEnum):
    """The protocol numbers that Paperhop knows (IANA "Assigned Internet Protocol Numbers")."""

    ICMP = 1
    IPIP = 4
    TCP = 6
    UDP = 17


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram (RFC 768). checksummed: whether its sender computed the checksum, which UDP leaves free."""

    sport: int
    dport: int
    payload: Payload = b""
    checksummed: bool = True

    def __post_init__(self) -> None:
        within("source port", self.sport, 65535)
        within("destination port", self.dport, 65535)


class Unreachable(enum.IntEnum):
    """The codes of ICMP destination unreachable (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1)."""

    NET = 0
    HOST = 1
    PROTOCOL = 2
    PORT = 3
    FRAGMENTATION_NEEDED = 4
    SOURCE_ROUTE_FAILED = 5
    NET_UNKNOWN = 6
    HOST_UNKNOWN = 7
    NET_PROHIBITED = 9
    HOST_PROHIBITED = 10
    PROHIBITED = 13


class IcmpType(enum.IntEnum):
    """The ICMP messages that Paperhop knows (RFC 792)."""

    ECHO_REPLY = 0
    UNREACHABLE = 3
    SOURCE_QUENCH = 4
    REDIRECT = 5
    ECHO = 8
    TIME_EXCEEDED = 11
    PARAMETER_PROBLEM = 12


@dataclass(frozen=True, slots=True)
class Echo:
    """Ping (RFC 792): the question, or the reply with the same ident, number and payload."""

    reply: bool
    ident: int
    number: int
    payload: Payload = b""

    def __post_init__(self) -> None:
        within("identifier", self.ident, 65535)
        within("number", self.number, 65535)


@dataclass(frozen=True, slots=True)
class Quote:
    """The packet that an ICMP error is about: its header, and how its body begins.

    begins: the first octets of the body: at least 8, unless the body had less (RFC 1122 §3.2.2).
    """

    src: IPv4Address
    dst: IPv4Address
    protocol: int
    begins: bytes
    ttl: int = 0
    ident: int = 0

    @property
    def ports(self) -> tuple[int, int] | None:
        """Source and destination port, when it is TCP or UDP and that much of it was quoted."""
        if self.protocol not in (Protocol.TCP, Protocol.UDP) or len(self.begins) < 4:
            return None
        return int.from_bytes(self.begins[:2], "big"), int.from_bytes(self.begins[2:4], "big")

    @property
    def seq(self) -> int | None:
        """The sequence number, when it is TCP and that much of it was quoted."""
        if self.protocol != Protocol.TCP or len(self.begins) < 8:
            return None
        return int.from_bytes(self.begins[4:8], "big")


@dataclass(frozen=True, slots=True)
class IcmpError:
    """An ICMP message about another packet (RFC 792). mtu: octets, of fragmentation needed only (RFC 1191 §4)."""

    type: IcmpType
    code: int
    about: Quote
    mtu: int = 0


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a packet's body (RFC 791 §3.2). offset: octets, a multiple of 8. more: others come after it."""

    protocol: int
    offset: int
    more: bool
    octets: bytes

    def __post_init__(self) -> None:
        within("fragment offset", self.offset, 65528)
        if self.offset % 8:
            raise ValueError(f"a fragment's offset is a multiple of 8 octets, not {self.offset}")


@dataclass(frozen=True, slots=True)
class Opaque:
    """A body that nobody here understands; ICMP messages of an unknown type too."""

    protocol: int
    octets: bytes
