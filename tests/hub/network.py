"""A small network of whole nodes for tests: links carry frames or packets, time goes from deadline to deadline."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from msgspec.structs import replace

from cards.packet import Packet
from hub.simulator.connection import Endpoint
from hub.simulator.ethernet import Frame, Hub, Switch
from hub.simulator.host import Host
from hub.simulator.node import Node, Sent, neighbours_on
from hub.simulator.options import Options
from hub.simulator.router import Interface, Route, Table
from hub.simulator.sockets import Outcome, Sockets

Act = Callable[[Sockets], tuple[Sockets, Outcome]]


class Network:
    """Nodes by name, and the links between them. seen: (link, what was on it), in order. heard: (node, what a box let
    through to it). cut: links that lose everything.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, Node[Sockets]] = {}
        self.boxes: dict[str, Hub | Switch] = {}
        self.now = 0
        self.seen: list[tuple[str, Packet | Frame]] = []
        self.heard: list[tuple[str, Frame]] = []
        self.cut: set[str] = set()

    def link(self, name: str, box: Hub | Switch | None = None) -> None:
        """An Ethernet with a hub or a switch; without one a wire between two nodes (any number may listen)."""
        if box is not None:
            self.boxes[name] = box

    def node(
        self,
        name: str,
        addresses: dict[str, str],
        routes: dict[str, str] | None = None,
        router: bool = False,
        mtu: int = 1500,
    ) -> None:
        """addresses: link -> address/length. routes: prefix -> next hop."""
        interfaces = tuple(
            Interface(link, (IPv4Interface(address),), mtu, link in self.boxes) for link, address in addresses.items()
        )
        table = Table(tuple(Route(IPv4Network(prefix), IPv4Address(via)) for prefix, via in (routes or {}).items()))
        host = Host(tuple(i.addresses[0].ip for i in interfaces), Options(), name)
        self.nodes[name] = Node(interfaces, Sockets(host), table, router, neighbours_on(interfaces))

    def ask(self, name: str, act: Act) -> Outcome:
        """An application of a node does something, and the network comes to rest."""
        node = self.nodes[name]
        sockets, outcome = act(node.host)
        self.nodes[name] = replace(node, host=sockets)
        self.settle()
        return outcome

    def settle(self) -> None:
        """Everything that can be sent without waiting is sent and received."""
        for _ in range(10_000):
            sent = False
            for name in self.nodes:
                self.nodes[name], out = self.nodes[name].transmit(self.now)
                for each in out:
                    sent = True
                    self._carry(name, each)
            if not sent:
                return
        raise AssertionError("the network never comes to rest")

    def wait(self, ms: int) -> None:
        """Time goes by; every deadline on the way is kept."""
        until = self.now + ms
        while True:
            deadlines = [d for node in self.nodes.values() if (d := node.deadline) is not None]
            self.now = min([until, *(max(d, self.now) for d in deadlines)])
            for name in self.nodes:
                self.nodes[name], _ = self.nodes[name].advance(self.now)
            self.settle()
            if self.now >= until:
                return

    def _carry(self, name: str, sent: Sent) -> None:
        what = sent.frame if sent.frame is not None else sent.packet
        assert what is not None
        self.seen.append((sent.link, what))
        if sent.link in self.cut:
            return
        on_link = [other for other, node in self.nodes.items() if any(i.name == sent.link for i in node.interfaces)]
        reached = [other for other in on_link if other != name]
        if isinstance(what, Frame):
            self.boxes[sent.link], reached_ports = self.boxes[sent.link].receive(what, name, self.now)
            reached = [str(port) for port in reached_ports]
        for other in reached:
            node = self.nodes[other]
            if isinstance(what, Frame):
                self.heard.append((other, what))
                self.nodes[other], _ = node.receive_frame(what, sent.link, self.now)
            elif any(sent.next_hop == address.ip for i in node.interfaces for address in i.addresses):
                self.nodes[other], _ = node.receive(what, sent.link, self.now)


def endpoint(text: str) -> Endpoint:
    """ADDRESS:PORT."""
    address, port = text.split(":")
    return Endpoint(IPv4Address(address), int(port))
