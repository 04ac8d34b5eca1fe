"""The packet: what travels. Frozen values that cannot hold nonsense; what they mean is the hub's business."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final, NoReturn

import msgspec

from cards.datagram import Datagram, Echo, Fragment, IcmpError, IcmpType, Opaque, Unreachable
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
        return _SPOKEN[self._value_][1]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bits that are set, SYN first and ACK last, as people say them."""
        return _SPOKEN[self._value_][0]


def _spoken(bits: int) -> tuple[tuple[str, ...], str]:
    order = (Flags.SYN, Flags.FIN, Flags.RST, Flags.PSH, Flags.URG, Flags.ACK)
    names = tuple(flag.name or "" for flag in order if flag.value & bits)
    return names, ",".join(names) or "-"


_SPOKEN = tuple(_spoken(bits) for bits in range(0x40))
"""Of every combination of bits: a packet's flags are named many times on its way."""


class Carries(enum.Enum):
    """What a packet on paper can be: TCP, UDP, a ping, or an ICMP error (RFC 792, RFC 1812 §5.2.7).

    The values are those of the JSON form. PROHIBITED: a filter does not let it through (RFC 1812 §5.2.7.1).
    """

    TCP = "tcp"
    UDP = "udp"
    ECHO = "echo"
    ECHO_REPLY = "echo-reply"
    NET_UNREACHABLE = "net-unreachable"
    HOST_UNREACHABLE = "host-unreachable"
    PORT_UNREACHABLE = "port-unreachable"
    PROHIBITED = "prohibited"
    TIME_EXCEEDED = "time-exceeded"

    @property
    def word(self) -> str:
        """As the notation writes it: "ECHO-REPLY"."""
        return self.value.upper()

    @property
    def has_ports(self) -> bool:
        """Its two ends are ADDRESS:PORT, not an address alone."""
        return self is Carries.TCP or self is Carries.UDP

    @property
    def is_echo(self) -> bool:
        """A ping or its reply."""
        return self is Carries.ECHO or self is Carries.ECHO_REPLY

    @property
    def is_error(self) -> bool:
        """An ICMP message about another packet, which it quotes."""
        return self in ICMP_ERRORS


ICMP_ERRORS: Final[Mapping[Carries, tuple[IcmpType, int]]] = MappingProxyType(
    {
        Carries.NET_UNREACHABLE: (IcmpType.UNREACHABLE, Unreachable.NET),
        Carries.HOST_UNREACHABLE: (IcmpType.UNREACHABLE, Unreachable.HOST),
        Carries.PORT_UNREACHABLE: (IcmpType.UNREACHABLE, Unreachable.PORT),
        Carries.PROHIBITED: (IcmpType.UNREACHABLE, Unreachable.PROHIBITED),
        Carries.TIME_EXCEEDED: (IcmpType.TIME_EXCEEDED, 0),
    }
)
"""The type and code of each ICMP error that a card can name (RFC 792; code 13: RFC 1812 §5.2.7.1)."""

CARRIES_OF: Final[Mapping[tuple[IcmpType, int], Carries]] = MappingProxyType(
    {pair: carries for carries, pair in ICMP_ERRORS.items()}
)
"""What a card calls an ICMP error of this type and code."""

_ACK = Flags.ACK
_PSH_ACK = Flags.PSH | Flags.ACK


class Segment(msgspec.Struct, frozen=True, gc=False):
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


class Packet(msgspec.Struct, frozen=True, gc=False):
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

    @property
    def carries(self) -> Carries | None:
        """What a card calls it; None for what no card can be: a fragment, a tunnel, another ICMP error ..."""
        match self.body:
            case Segment():
                return Carries.TCP
            case Datagram():
                return Carries.UDP
            case Echo(reply=reply):
                return Carries.ECHO_REPLY if reply else Carries.ECHO
            case IcmpError(type=type_, code=code):
                return CARRIES_OF.get((type_, code))
            case _:
                return None

    def written(self) -> Written:
        """The same packet as if somebody had filled in every field of a card for it.

        What an ICMP error quotes has no place there. Raises TypeError for what no card can be (see `carries`).
        """
        src, dst, ttl, carries = self.src, self.dst, self.ttl, self.carries
        match self.body:
            case Segment() as s:
                return Written(src, dst, s.sport, s.dport, s.flags, s.seq, s.ack, s.window, s.payload, ttl)
            case Datagram() as d:
                return Written(src, dst, d.sport, d.dport, payload=d.payload, ttl=ttl, carries=Carries.UDP)
            case Echo() as e:
                number = SeqNum(e.number)
                return Written(
                    src, dst, e.ident, seq=number, payload=e.payload, ttl=ttl, carries=carries or Carries.ECHO
                )
            case IcmpError() if carries is not None:
                return Written(src, dst, ttl=ttl, carries=carries)
            case other:
                raise TypeError(f"no card can carry this {type(other).__name__}")


Body = Segment | Datagram | Echo | IcmpError | Fragment | Opaque | Packet


class Written(msgspec.Struct, frozen=True, gc=False):
    """What was read from a card: any field may be absent (None), because the form does not ask for it.

    next_hop: the name that was marked in the card's next-hop row. carries: what it is; a card that does not say is TCP.
    A ping has its identifier where a TCP card has the source port (`sport`), and its number where that has the
    sequence number (`seq`).
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
    carries: Carries = Carries.TCP

    def complete(self) -> Packet:
        """The packet, when nothing that only its writer can know is missing.

        TTL, window, payload and a ping's identifier and number have defaults (64, 65535, nothing, 0 and 0). Raises
        ValueError that names what is missing or contradicts itself, and for every ICMP error: it quotes another packet.
        """
        if self.carries is Carries.TCP:
            return self._with_segment()
        if self.carries is Carries.UDP:
            return self._with_datagram()
        if self.carries.is_echo:
            return self._with_echo()
        raise ValueError(
            f"{self.carries.word} is an ICMP error: it quotes another packet, which no card has room for; "
            "the hub fills it in"
        )

    def _with_segment(self) -> Packet:
        src, sport, dst, dport = self._ends()
        if self.flags is None:
            raise ValueError("it has no flags: write SYN, SYN,ACK, ACK ... or - for none")
        if self.seq is None:
            raise ValueError("it has no sequence number: write seq=100, say")
        if Flags.ACK in self.flags and self.ack is None:
            raise ValueError("the ACK flag is set but there is no ack number: write ack=101, say")
        if Flags.ACK not in self.flags and self.ack is not None:
            raise ValueError("there is an ack number but the ACK flag is not set: write ...,ACK or leave ack out")
        segment = Segment(
            sport,
            dport,
            self.flags,
            self.seq,
            self.ack,
            DEFAULT_WINDOW if self.window is None else self.window,
            b"" if self.payload is None else self.payload,
        )
        return Packet(src, dst, segment, DEFAULT_TTL if self.ttl is None else self.ttl)

    def _with_datagram(self) -> Packet:
        if self.seq is not None:
            self._contradicts("a sequence number", f"seq={self.seq}")
        self._only_tcp()
        src, sport, dst, dport = self._ends()
        datagram = Datagram(sport, dport, b"" if self.payload is None else self.payload)
        return Packet(src, dst, datagram, DEFAULT_TTL if self.ttl is None else self.ttl)

    def _with_echo(self) -> Packet:
        if self.dport is not None:
            self._contradicts("a destination port", f"port {self.dport}")
        self._only_tcp()
        if self.src is None:
            raise ValueError("where is it from? Write the source's address, for example 10.0.1.2")
        if self.dst is None:
            raise ValueError("where does it go? Write the destination's address, for example 10.0.1.1")
        echo = Echo(
            self.carries is Carries.ECHO_REPLY,
            self.sport or 0,
            0 if self.seq is None else self.seq.value,
            b"" if self.payload is None else self.payload,
        )
        return Packet(self.src, self.dst, echo, DEFAULT_TTL if self.ttl is None else self.ttl)

    def _ends(self) -> tuple[IPv4Address, int, IPv4Address, int]:
        if self.src is None or self.sport is None:
            raise ValueError("where is it from? Write the source as ADDRESS:PORT, for example 10.0.1.2:40001")
        if self.dst is None or self.dport is None:
            raise ValueError("where does it go? Write the destination as ADDRESS:PORT, for example 10.0.1.1:23")
        return self.src, self.sport, self.dst, self.dport

    def _only_tcp(self) -> None:
        """Raises ValueError when something is written that only TCP has; no flag at all (`-`) is none of that."""
        if self.flags:
            self._contradicts("flags", str(self.flags))
        if self.ack is not None:
            self._contradicts("an ack number", f"ack={self.ack}")
        if self.window is not None:
            self._contradicts("a window", f"win={self.window}")

    def _contradicts(self, part: str, written: str) -> NoReturn:
        thing = "a UDP datagram" if self.carries is Carries.UDP else "a ping"
        raise ValueError(
            f"{thing} does not have {part}, but {written} is written: "
            f"leave that out, or write flags instead of {self.carries.word} if TCP is meant"
        )
