"""How fast the referee is, beside dpkt, which only parses and builds the same segments.

A room of LANs, each with a client, a router and a server: everywhere 100 octets go one way and an ACK comes back, card
by card, three scans each. What is measured is `judge`, for scans that were prepared before, in rooms of 3, 30 and 300
nodes, and in rooms in which 100, 10,000 and 100,000 scans have been judged. Rounds alternate with dpkt's, and of each
the fastest counts. CPU time of one core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface

from cards.packet import Flags, Written
from cards.seqnum import SeqNum
from hub.simulator.events import Event, Scanned, Seated
from hub.simulator.referee import judge
from hub.simulator.router import Interface, Route, Table
from hub.simulator.rules import NodeRules, Rules
from hub.simulator.tables import network
from hub.simulator.verdicts import Verdict
from hub.simulator.world import World, new_world
from paperhop.bench.engine import dpkt_rounds

NODES = (3, 30, 300)
SCANS = (100, 10_000, 100_000)
ROUNDS, BATCH = 7, 1800
_DATA = b"x" * 100
_GOOD = frozenset((Verdict.SENT, Verdict.FORWARDED, Verdict.DELIVERED))


class Lan:
    """One client, one router, one server, and where their conversation is."""

    def __init__(self, number: int) -> None:
        base = int(IPv4Address("10.0.0.0")) + (number << 8)
        self.number = number
        self.client, self.server, self.router = (IPv4Address(base + host) for host in (2, 1, 254))
        self.ids = tuple(f"{name}-{number}" for name in ("client", "router", "server"))
        self.seq, self.cards = SeqNum(101), 0

    def nodes(self) -> Iterator[NodeRules]:
        """Client, router, server."""
        for id, address, services in zip(
            self.ids, (self.client, self.router, self.server), ((), (), ((23, "telnet"),)), strict=True
        ):
            interface = Interface("if0", (IPv4Interface(address),))
            router = address == self.router
            way = None if router else self.router
            prefix = network(f"{IPv4Address(int(self.router) & ~255)}/24" if router else "default")
            yield NodeRules(id, id, (interface,), Table((Route(prefix, way, "if0"),)), router, services)

    def links(self) -> Iterator[frozenset[str]]:
        """The wires between them."""
        client, router, server = self.ids
        yield from (frozenset((client, router)), frozenset((router, server)))

    def handshake(self) -> Iterator[tuple[Written, bool]]:
        """Three cards, and whether each goes from the client to the server."""
        yield self._card(True, Flags.SYN, SeqNum(100), None), True
        yield self._card(False, Flags.SYN | Flags.ACK, SeqNum(300), SeqNum(101)), False
        yield self._card(True, Flags.ACK, SeqNum(101), SeqNum(301)), True

    def exchange(self) -> Iterator[tuple[Written, bool]]:
        """The next 100 octets, and their ACK."""
        yield self._card(True, Flags.ACK, self.seq, SeqNum(301), _DATA), True
        self.seq += len(_DATA)
        yield self._card(False, Flags.ACK, SeqNum(301), self.seq), False

    def scans(self, cards: Iterator[tuple[Written, bool]], at: int) -> Iterator[Scanned]:
        """Each of these cards at its three nodes."""
        for written, there in cards:
            self.cards += 1
            card = f"L{self.number}-{self.cards}"
            for id in self.ids if there else reversed(self.ids):
                yield Scanned(at, id, card, written)

    def _card(self, there: bool, flags: Flags, seq: SeqNum, ack: SeqNum | None, data: bytes = b"") -> Written:
        ends = (self.client, self.server, 40001, 23) if there else (self.server, self.client, 23, 40001)
        return Written(*ends, flags, seq, ack, payload=data)


class _Room:
    """A room that goes on and on."""

    def __init__(self, nodes: int) -> None:
        self._lans = [Lan(number) for number in range(nodes // 3)]
        rules = Rules(
            tuple(node for lan in self._lans for node in lan.nodes()),
            frozenset(link for lan in self._lans for link in lan.links()),
        )
        self._world, self._at, self._turn = new_world(rules, "bench"), 0, 0
        for lan in self._lans:
            self._run([Seated(0, id, id) for id in lan.ids])
            self._run(list(lan.scans(lan.handshake(), 0)))

    def play(self, scans: int) -> float:
        """Judge so many scans, six for an exchange; seconds of CPU time."""
        events: list[Event] = []
        for _ in range(scans // 6):
            self._at += 1000
            lan = self._lans[self._turn % len(self._lans)]
            self._turn += 1
            events += lan.scans(lan.exchange(), self._at)
        return self._run(events)

    def _run(self, events: list[Event]) -> float:
        world: World = self._world
        began = time.process_time()
        for event in events:
            world, rulings = judge(world, event)
            for ruling in rulings:
                assert ruling.verdict in _GOOD, ruling
        self._world = world
        return time.process_time() - began


def measure() -> None:
    """Print the table."""
    print("Scans judged per second and core (100 octets and its ACK, three scans each)\n")
    peer = dpkt_rounds()
    rates: dict[str, float] = {"dpkt: parse, build": 0.0}
    rooms: dict[str, Callable[[], float]] = {}
    for nodes in NODES:
        rooms[f"{nodes} nodes, after 100 scans"] = _measured(nodes, SCANS[0])
    for scans in SCANS[1:]:
        rooms[f"30 nodes, after {scans:,} scans"] = _measured(30, scans)
    for _ in range(ROUNDS):
        rates["dpkt: parse, build"] = max(rates["dpkt: parse, build"], peer())
        for name, run in rooms.items():
            rates[name] = max(rates.get(name, 0.0), run())
    for name, rate in rates.items():
        print(f"  {name:<32}{rate:>10,.0f}   {rate / rates['dpkt: parse, build']:.2f} x dpkt")
    judged = [rates[name] for name in rooms]
    print(f"\n  fastest room / slowest room: {max(judged) / min(judged):.2f}\n")


def _measured(nodes: int, after: int) -> Callable[[], float]:
    """Rounds in a room in which so many scans have been judged; the room grows by a batch each round."""
    room = _Room(nodes)
    room.play(after)

    def run() -> float:
        return BATCH / room.play(BATCH)

    return run
