"""What a host says of packets that no card of ours can carry yet, or that only programs cause."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from msgspec.structs import replace

from cards.datagram import Datagram, IcmpError, IcmpType, Opaque, Quote, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator.connection import Endpoint, Pair
from hub.simulator.emit import emit, opened
from hub.simulator.host import Host
from hub.simulator.icmp import about
from hub.simulator.options import BY_HAND

US, THEM = Endpoint(IPv4Address("10.0.1.2"), 40001), Endpoint(IPv4Address("10.0.1.1"), 23)
PAIR = Pair(US, THEM)
SYN = Segment(US.port, THEM.port, Flags.SYN, SeqNum(100))


def asking() -> Host:
    """A host whose SYN is out; port 53 of UDP is open."""
    host = Host((US.address,), BY_HAND, bound=frozenset({(None, 53)}))
    return host.keep(PAIR, emit(opened(PAIR, BY_HAND), SYN, 0))


def forgotten_by_its_program() -> Host:
    """A host with a connection that nobody reads any more."""
    answer = Segment(THEM.port, US.port, Flags.SYN | Flags.ACK, SeqNum(300), SeqNum(101))
    host, _ = asking().receive(Packet(THEM.address, US.address, answer), 1)
    return host.keep(PAIR, replace(host.connections[PAIR], deaf=True))


def error(type: IcmpType, code: int, quoted: Quote | None = None) -> IcmpError:
    return IcmpError(type, code, quoted or about(Packet(US.address, THEM.address, SYN)), 500)


STRANGE = Quote(US.address, THEM.address, 6, (7).to_bytes(2, "big") + (9).to_bytes(2, "big") + bytes(4))
CASES: list[tuple[str, Host, Body]] = [
    ("icmp.refused", asking(), error(IcmpType.UNREACHABLE, Unreachable.PORT)),
    ("icmp.noted", asking(), error(IcmpType.UNREACHABLE, Unreachable.NET)),
    ("icmp.fragmentation-needed", asking(), error(IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED)),
    ("icmp.ignored", asking(), error(IcmpType.SOURCE_QUENCH, 0)),
    ("icmp.stray", asking(), error(IcmpType.UNREACHABLE, Unreachable.NET, STRANGE)),
    ("udp.received", asking(), Datagram(9, 53, b"?")),
    ("ip.unknown-protocol", asking(), Opaque(47, b"gre")),
    (
        "tcp.nobody-reads",
        forgotten_by_its_program(),
        Segment(THEM.port, US.port, Flags.ACK, SeqNum(301), SeqNum(101), payload=b"x"),
    ),
]


@pytest.mark.parametrize(("reason", "host", "body"), CASES, ids=[case[0] for case in CASES])
def test_what_a_host_says(reason: str, host: Host, body: Body) -> None:
    _, learned = host.receive(Packet(THEM.address, US.address, body), 5)
    assert learned.reason == reason
