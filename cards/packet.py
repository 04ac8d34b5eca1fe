"""The packet: what travels. Frozen values that cannot hold nonsense; what they mean is the hub's business."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from ipaddress import IPv4Address

import msgspec

from cards.datagram import Datagram, Echo, Fragment, IcmpError, Opaque
from cards.payload import Payload, within
from cards.seqnum import SeqNum

DEFAULT_TTL = 64
DEFAULT_WINDOW = 65535


class Flags(enum.Flag):
    """The TCP control bits, with the values they have in the header (RFC 9293 §3.1)."""

    NONE = 0
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20

    def __str__(self) -> str:
        """As the RFC writes `CTL=`: "SYN,ACK"; "-" for none."""
        return ",".join(self.names) or "-"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bits that are set, SYN first and ACK last, as people say them."""
        spoken = (Flags.SYN, Flags.FIN, Flags.RST, Flags.PSH, Flags.URG, Flags.ACK)
        return tuple(flag.name or "" for flag in spoken if flag in self)


_ACK = Flags.ACK
_PSH_ACK = Flags.PSH | Flags.ACK


class Segment(msgspec.Struct, frozen=True):
    """A TCP segment (RFC 9293 §3.1).

    sport, dport: 0 .. 65535. window: octets. mss: the option of that name, octets; None when it is not there.
    urgent: the urgent pointer. ack is there exactly when the ACK flag is; anything else raises ValueError.
    """

    sport: int
    dport: int
    flags: Flags
    seq: SeqNum
    ack: SeqNum | None = None
    window: int = DEFAULT_WINDOW
    payload: Payload = b""
    mss: int | None = None
    urgent: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.sport <= 65535 and 0 <= self.dport <= 65535 and 0 <= self.window <= 65535):
            within("source port", self.sport, 65535)
            within("destination port", self.dport, 65535)
            within("window", self.window, 65535)
        if self.urgent or self.mss is not None:
            within("urgent pointer", self.urgent, 65535)
            within("maximum segment size", self.mss or 0, 65535)
        if (self.plain or Flags.ACK in self.flags) != (self.ack is not None):
            raise ValueError("a segment has an ack number exactly when its ACK flag is set")

    @property
    def plain(self) -> bool:
        """It acknowledges and perhaps brings data, as nearly all segments do: no SYN, no FIN, no RST."""
        return self.flags is _ACK or self.flags is _PSH_ACK

    @property
    def length(self) -> int:
        """SEG.LEN: the octets of data, and one each for SYN and FIN (RFC 9293 §3.4)."""
        if self.flags is _ACK or self.flags is _PSH_ACK:
            return len(self.payload)
        return len(self.payload) + (Flags.SYN in self.flags) + (Flags.FIN in self.flags)


class Packet(msgspec.Struct, frozen=True):
    """A complete IPv4 packet (RFC 791 §3.1): what every field holds when it is carried.

    body: what is inside; a packet in a packet is a tunnel (RFC 2003). ttl: hops left, 0 .. 255. df: routers may not
    fragment it. ident: what the fragments of one packet have in common, 0 .. 65535.
    """

    src: IPv4Address
    dst: IPv4Address
    body: Body
    ttl: int = DEFAULT_TTL
    df: bool = False
    ident: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.ttl <= 255 and 0 <= self.ident <= 65535):
            within("TTL", self.ttl, 255)
            within("identification", self.ident, 65535)

    @property
    def segment(self) -> Segment:
        """The TCP segment in it. Raises TypeError when it carries something else."""
        if not isinstance(self.body, Segment):
            raise TypeError(f"{type(self.body).__name__} is not a TCP segment")
        return self.body

    def written(self) -> Written:
        """The same packet as if somebody had filled in every field of a TCP card."""
        s = self.segment
        return Written(self.src, self.dst, s.sport, s.dport, s.flags, s.seq, s.ack, s.window, s.payload, self.ttl)


Body = Segment | Datagram | Echo | IcmpError | Fragment | Opaque | Packet


@dataclass(frozen=True, slots=True)
class Written:
    """What was read from a card: any field may be absent (None), because the form does not ask for it.

    next_hop: the name that was marked in the card's next-hop row.
    """

    src: IPv4Address | None = None
    dst: IPv4Address | None = None
    sport: int | None = None
    dport: int | None = None
    flags: Flags | None = None
    seq: SeqNum | None = None
    ack: SeqNum | None = None
    window: int | None = None
    payload: Payload | None = None
    ttl: int | None = None
    next_hop: str | None = None

    def complete(self) -> Packet:
        """The packet, when nothing that only its writer can know is missing.

        TTL, window and payload have defaults (64, 65535, nothing). Raises ValueError that names what is
        missing or contradicts itself.
        """
        if self.src is None or self.sport is None:
            raise ValueError("where is it from? Write the source as ADDRESS:PORT, for example 10.0.1.2:40001")
        if self.dst is None or self.dport is None:
            raise ValueError("where does it go? Write the destination as ADDRESS:PORT, for example 10.0.1.1:23")
        if self.flags is None:
            raise ValueError("it has no flags: write SYN, SYN,ACK, ACK ... or - for none")
        if self.seq is None:
            raise ValueError("it has no sequence number: write seq=100, say")
        if Flags.ACK in self.flags and self.ack is None:
            raise ValueError("the ACK flag is set but there is no ack number: write ack=101, say")
        if Flags.ACK not in self.flags and self.ack is not None:
            raise ValueError("there is an ack number but the ACK flag is not set: write ...,ACK or leave ack out")
        segment = Segment(
            self.sport,
            self.dport,
            self.flags,
            self.seq,
            self.ack,
            DEFAULT_WINDOW if self.window is None else self.window,
            b"" if self.payload is None else self.payload,
        )
        return Packet(self.src, self.dst, segment, DEFAULT_TTL if self.ttl is None else self.ttl)
