"""How fast the engine is, beside dpkt and scapy, which only parse and build the same segments.

One workload for all: a connection over which 100 octets go one way, and an ACK comes back, again and again. A segment
counts once: the engine emits it at one end, and the other end receives it; dpkt and scapy parse its octets, and build
them again from the fields with the right checksums. Rounds alternate between the peers, and of each the fastest round
counts, so that what else the machine does harms all alike. CPU time of one core.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator import arrive, transmit
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.emit import emit, opened
from hub.simulator.host import Host
from hub.simulator.options import Options
from hub.simulator.sockets import Sockets
from hub.simulator.wire import encode

CLIENT, SERVER = Endpoint(IPv4Address("10.0.1.2"), 40001), Endpoint(IPv4Address("10.0.1.1"), 23)
DATA = b"x" * 100
ROUNDS, EXCHANGES = 9, 1000
CONNECTIONS = (10, 1000, 100_000)
_OPTIONS = Options(nagle=False)
_ISS = SeqNum(1000)


def measure() -> None:
    """Print the tables."""
    print("Segments per second and core (100 octets and its ACK, in turn)\n")
    peers = {
        "engine: receive, owe, emit": _rounds(_connections()),
        "engine with hosts and sockets": _rounds(_sockets()),
        "dpkt: parse, build": dpkt_rounds(),
        "scapy: parse, build": _rounds(_scapy()),
    }
    fastest = dict.fromkeys(peers, 0.0)
    for _ in range(ROUNDS):
        for name, run in peers.items():
            fastest[name] = max(fastest[name], run())
    for name, rate in fastest.items():
        print(f"  {name:<32}{rate:>10,.0f}   {rate / fastest['dpkt: parse, build']:.2f} x dpkt")
    print("\nMemory of a host with established connections (tracemalloc)\n")
    for count in CONNECTIONS:
        print(f"  {count:>7,} connections {_octets_each(count):>9,.0f} octets each")
    print()


def dpkt_rounds() -> Callable[[], float]:
    """A round of dpkt that parses and builds the segments of the workload: segments per second of CPU time."""
    return _rounds(_dpkt())


def _rounds(exchange: Callable[[int], int]) -> Callable[[], float]:
    """A round of a peer: segments per second of CPU time. `exchange` does so many exchanges and counts segments."""

    def run() -> float:
        began = time.process_time()
        segments = exchange(EXCHANGES)
        return segments / (time.process_time() - began)

    return run


def _connections() -> Callable[[int], int]:
    """Two ends of one connection, and nothing else: SEGMENT ARRIVES and what follows from it."""
    client = opened(Pair(CLIENT, SERVER), _OPTIONS)
    client, syn = _next(client, 0)
    server = _learned(arrive.at_listen(Pair(SERVER, CLIENT), syn, _OPTIONS))
    server, syn_ack = _next(server, 0)
    client, ack = _next(_learned(arrive.at_syn_sent(client, syn_ack, 1)), 1)
    server = _learned(arrive.at_connection(server, ack, 1))

    def exchange(times: int) -> int:
        nonlocal client, server
        count, now = 0, 1
        for _ in range(times):
            now += 1
            client = replace(client, text=client.text + DATA)
            while (s := transmit.next_segment(client, _ISS)) is not None:
                client, count = _emitted(client, s, now), count + 1
                server = _learned(arrive.at_connection(server, s, now))
            server = replace(server, rcv_wnd=_OPTIONS.receive_buffer)
            while (s := transmit.next_segment(server, _ISS)) is not None:
                server, count = _emitted(server, s, now), count + 1
                client = _learned(arrive.at_connection(client, s, now))
        return count

    return exchange


def _next(c: Connection, now: int) -> tuple[Connection, Segment]:
    s = transmit.next_segment(c, _ISS)
    assert s is not None
    return _emitted(c, s, now), s


def _emitted(c: Connection, s: Segment, now: int) -> Connection:
    after = emit(c, s, now)
    assert after is not None
    return after


def _learned(learned: arrive.Learned) -> Connection:
    assert learned.connection is not None, learned.reason
    return learned.connection


def _sockets() -> Callable[[int], int]:
    """Two hosts with applications: the same with packets, the look-up of the connection, alarms, and reading."""
    server, _ = Sockets(Host((SERVER.address,), _OPTIONS, "server")).listen("listener", SERVER.port)
    client, _ = Sockets(Host((CLIENT.address,), _OPTIONS, "client")).connect("client", CLIENT, SERVER)
    client, (syn,) = client.transmit(0)
    server, (syn_ack,) = server.receive(syn, 0)[0].transmit(0)
    client, (ack,) = client.receive(syn_ack, 1)[0].transmit(1)
    server, _ = server.receive(ack, 1)[0].accept("listener", "server")

    def exchange(times: int) -> int:
        nonlocal client, server
        count, now = 0, 1
        for _ in range(times):
            now += 1
            client, _ = client.send("client", DATA, now)
            client, packets = client.transmit(now)
            for packet in packets:
                server, _ = server.receive(packet, now)
            server, _ = server.recv("server")
            server, answers = server.transmit(now)
            for packet in answers:
                client, _ = client.receive(packet, now)
            count += len(packets) + len(answers)
        return count

    return exchange


def _segments() -> tuple[bytes, bytes]:
    """The octets of the two packets of an exchange."""
    data = Segment(CLIENT.port, SERVER.port, Flags.PSH | Flags.ACK, SeqNum(101), SeqNum(301), 65_535, DATA)
    ack = Segment(SERVER.port, CLIENT.port, Flags.ACK, SeqNum(301), SeqNum(201))
    return encode(Packet(CLIENT.address, SERVER.address, data)), encode(Packet(SERVER.address, CLIENT.address, ack))


def _dpkt() -> Callable[[int], int]:
    from dpkt.ip import IP
    from dpkt.tcp import TCP

    def again(octets: bytes) -> bytes:
        ip = IP(octets)
        tcp = ip.data
        built = TCP(
            sport=tcp.sport, dport=tcp.dport, seq=tcp.seq, ack=tcp.ack, flags=tcp.flags, win=tcp.win, data=tcp.data
        )
        return bytes(IP(src=ip.src, dst=ip.dst, ttl=ip.ttl, id=ip.id, p=ip.p, data=built))

    return _parsing_and_building(again)


def _scapy() -> Callable[[int], int]:
    from scapy.layers.inet import IP, TCP
    from scapy.packet import Raw

    def again(octets: bytes) -> bytes:
        ip = IP(octets)
        tcp: Any = ip[TCP]
        built = IP(src=ip.src, dst=ip.dst, ttl=ip.ttl, id=ip.id) / TCP(
            sport=tcp.sport, dport=tcp.dport, seq=tcp.seq, ack=tcp.ack, flags=tcp.flags, window=tcp.window
        )
        data = bytes(tcp.payload)
        return bytes(built / Raw(data) if data else built)

    return _parsing_and_building(again)


def _parsing_and_building(again: Callable[[bytes], bytes]) -> Callable[[int], int]:
    packets = _segments()
    for octets in packets:
        assert again(octets) == octets, "the peer builds other octets: the comparison would not be fair"

    def exchange(times: int) -> int:
        for _ in range(times):
            for octets in packets:
                again(octets)
        return 2 * times

    return exchange


def _octets_each(count: int) -> float:
    """Octets of memory per connection of a server that has accepted so many, all by real handshakes."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    server = Host((SERVER.address,), _OPTIONS, "server").listen(SERVER.port)
    for number in range(count):
        client = Endpoint(CLIENT.address + number // 60_000, 1024 + number % 60_000)
        syn = Segment(client.port, SERVER.port, Flags.SYN, SeqNum(number), mss=1460)
        server, (answer,) = server.receive(Packet(client.address, SERVER.address, syn), 0)[0].transmit(0)
        ack = Segment(client.port, SERVER.port, Flags.ACK, SeqNum(number) + 1, answer.segment.seq + 1)
        server, _ = server.receive(Packet(client.address, SERVER.address, ack), 1)
    assert len(server.connections) == count
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / count
