"""What a step can ask for, a value each; their field names are those of the JSON.

Sequence numbers are relative, times in the unit that the name ends in. `settle_ms` is for the recorder of a real stack.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal

import msgspec

Octet = Annotated[int, msgspec.Meta(ge=0, le=255)]
Word = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Length = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Count = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]
"""At most a day."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What every step may say."""

    settle_ms: int = 0


class Carried(Step, frozen=True, kw_only=True):
    """An IP packet from outside. link: where it comes in; None: where its source is near. data: else `len` octets."""

    link: str | None = None
    ttl: Octet = 64
    df: bool = False
    ident: Word = 0
    data: str | None = None
    len: Length = 0
    bad_ip_checksum: bool = False


class Inject(Carried, frozen=True, kw_only=True):
    """A segment of a flow's peer. flags: letters of `S F R P A U`, or "-". ack None: the flag is off too."""

    flow: str
    flags: str
    seq: int
    ack: int | None = None
    win: Word = 65535
    mss: Word | None = None
    urg: Word = 0
    bad_tcp_checksum: bool = False


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The packet that an ICMP error quotes: a segment that the host sent on a flow, or any by addresses and ports."""

    flow: str | None = None
    seq: int = 0
    proto: Literal["tcp", "udp", "icmp"] = "udp"
    src: IPv4Address | None = None
    dst: IPv4Address | None = None
    sport: Word = 0
    dport: Word = 0


class InjectIp(Carried, frozen=True, kw_only=True):
    """Any packet. mf, frag_offset (octets): a fragment of that protocol; raw: octets of the protocol `number`."""

    proto: Literal["udp", "tcp", "icmp", "raw"]
    src: IPv4Address
    dst: IPv4Address
    mf: bool = False
    frag_offset: Word = 0
    number: Octet | None = None
    sport: Word = 0
    dport: Word = 0
    udp_checksum: Literal["right", "zero", "bad"] = "right"
    flags: str = "S"
    seq_abs: int = 0
    ack_abs: int = 0
    win: Word = 65535
    mss: Word | None = None
    urg: Word = 0
    bad_tcp_checksum: bool = False
    type: Octet = 8
    code: Octet = 0
    id: Word = 0
    icmp_seq: Word = 0
    mtu: Word = 0
    about: About | None = None


class InjectArp(Step, frozen=True, kw_only=True):
    """An ARP message from the station of `sender`, to everybody when it is a request."""

    link: str
    op_arp: Literal["request", "reply"]
    sender: IPv4Address
    target: IPv4Address


class Listen(Step, frozen=True, kw_only=True):
    """rcvbuf: octets."""

    port: Word
    sock: str
    ip: IPv4Address | None = None
    backlog: Word = 128
    rcvbuf: Length | None = None


class Connect(Step, frozen=True, kw_only=True):
    """From the flow's host to its peer. host_isn: absolute; None: the engine chooses."""

    flow: str
    sock: str
    host_isn: int | None = None


class Accept(Step, frozen=True, kw_only=True):
    """A connection that waits at `listener` becomes `sock`."""

    listener: str
    sock: str


class Send(Step, frozen=True, kw_only=True):
    """data: else `len` octets."""

    sock: str
    data: str | None = None
    len: Length = 0


class Shutdown(Step, frozen=True, kw_only=True):
    """how: which half."""

    sock: str
    how: Literal["rd", "wr", "rdwr"]


class OnSocket(Step, frozen=True, kw_only=True):
    """What needs nothing but the socket."""

    sock: str


class SetOption(Step, frozen=True, kw_only=True):
    """keepalive has times and a count; nodelay is on or off."""

    sock: str
    opt: str
    value: bool | int = True
    idle_s: Count = 7200
    interval_s: Count = 75
    count: Count = 9


class OpenUdp(Step, frozen=True, kw_only=True):
    """A socket that takes datagrams to `port`."""

    port: Word
    sock: str
    ip: IPv4Address | None = None


class SendTo(Step, frozen=True, kw_only=True):
    """A datagram from an open UDP socket to "ADDRESS:PORT"."""

    sock: str
    to: str
    data: str | None = None
    len: Length = 0


class Advance(Step, frozen=True, kw_only=True):
    """Let time pass. timing says what the answer's times are compared with."""

    ms: Milliseconds
    timing: bool | str = False
