"""Whole nodes with sockets, ARP, a switch and a hub, two routers and a transfer network: do the parts fit?"""

from __future__ import annotations

import dataclasses
from functools import partial
from ipaddress import IPv4Address

import pytest
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Unreachable
from cards.packet import Packet, Segment
from hub.simulator.connection import Endpoint
from hub.simulator.ethernet import Arp, Frame, Hub, Switch
from hub.simulator.sockets import Outcome, Sockets
from hub.simulator.states import State
from tests.hub.network import Network, endpoint

CLIENT, SERVER, ECHO = endpoint("10.0.1.2:40001"), endpoint("10.0.2.1:23"), endpoint("10.0.2.1:7")


@pytest.fixture
def net() -> Network:
    """client, idler -- switch -- r1 -- transfer network -- r2 -- hub -- server, spy."""
    net = Network()
    net.link("lan1", Switch(("client", "idler", "r1")))
    net.link("lan2", Hub(("server", "spy", "r2")))
    net.node("client", {"lan1": "10.0.1.2/24"}, {"0.0.0.0/0": "10.0.1.254"})
    net.node("idler", {"lan1": "10.0.1.3/24"}, {"0.0.0.0/0": "10.0.1.254"})
    net.node("r1", {"lan1": "10.0.1.254/24", "wire": "192.168.0.1/30"}, {"10.0.2.0/24": "192.168.0.2"}, router=True)
    net.node("r2", {"wire": "192.168.0.2/30", "lan2": "10.0.2.254/24"}, {"10.0.1.0/24": "192.168.0.1"}, router=True)
    net.node("server", {"lan2": "10.0.2.1/24"}, {"0.0.0.0/0": "10.0.2.254"})
    net.node("spy", {"lan2": "10.0.2.3/24"}, {})
    return net


def connected(net: Network) -> None:
    net.ask("server", lambda s: s.listen("telnet", 23))
    net.ask("client", lambda s: s.connect("c", CLIENT, SERVER))
    assert net.ask("server", lambda s: s.accept("telnet", "s")) == Outcome(peer=CLIENT)


def say(net: Network, name: str, packet: Packet) -> None:
    """A node sends a packet as it is."""
    net.ask(name, lambda s: (replace(s, host=replace(s.host, outbox=(packet,))), Outcome()))


def state(net: Network, name: str) -> list[State]:
    return [c.state for c in net.nodes[name].host.host.connections.values()]


def narrowed(net: Network, mtu: int) -> None:
    """The wire between the routers carries only so many octets in one piece."""
    for name in ("r1", "r2"):
        node = net.nodes[name]
        interfaces = tuple(dataclasses.replace(i, mtu=mtu) if i.name == "wire" else i for i in node.interfaces)
        net.nodes[name] = replace(node, interfaces=interfaces)


def packets(net: Network, link: str) -> list[Packet]:
    return [what for on, what in net.seen if on == link and isinstance(what, Packet)]


def test_a_connection_across_two_routers_opens_talks_and_closes(net: Network) -> None:
    connected(net)
    text = bytes(range(256)) * 40
    net.ask("client", lambda s: s.send("c", text, net.now))
    assert net.ask("server", lambda s: s.recv("s")).data == text
    net.ask("client", lambda s: s.close("c", net.now))
    assert net.ask("server", lambda s: s.recv("s")).eof
    net.ask("server", lambda s: s.close("s", net.now))
    assert (state(net, "client"), state(net, "server")) == ([State.TIME_WAIT], [])
    net.wait(60_000)
    assert state(net, "client") == []


def test_every_router_takes_one_hop(net: Network) -> None:
    connected(net)
    assert {p.ttl for p in packets(net, "wire") if p.src == CLIENT.address} == {63}
    there = [
        f.payload for link, f in net.seen if link == "lan2" and isinstance(f, Frame) and isinstance(f.payload, Packet)
    ]
    assert {p.ttl for p in there if p.src == CLIENT.address} == {62}


def test_who_has_the_next_hop_is_asked_once_on_each_ethernet(net: Network) -> None:
    connected(net)
    asked = [(link, f.payload.target) for link, f in net.seen if isinstance(f, Frame) and isinstance(f.payload, Arp)]
    questions = [each for each in asked if each[1] in (IPv4Address("10.0.1.254"), SERVER.address)]
    assert questions.count(("lan1", IPv4Address("10.0.1.254"))) == 1
    assert questions.count(("lan2", SERVER.address)) == 1


def test_nobody_behind_an_address_is_host_unreachable(net: Network) -> None:
    net.ask("client", lambda s: s.udp_open("u", 5000))
    net.ask("client", lambda s: s.sendto("u", endpoint("10.0.2.99:53"), b"?"))
    net.wait(10_000)
    errors = [p.body for p in packets(net, "wire") if isinstance(p.body, IcmpError)]
    assert [(e.type, e.code, e.about.dst) for e in errors] == [
        (IcmpType.UNREACHABLE, Unreachable.HOST, IPv4Address("10.0.2.99"))
    ]


def test_a_closed_port_and_no_route(net: Network) -> None:
    net.ask("client", lambda s: s.connect("c", CLIENT, SERVER))
    assert net.ask("client", lambda s: s.error("c")).error == "ECONNREFUSED"
    net.ask("client", lambda s: s.connect("d", CLIENT, endpoint("172.16.0.1:23")))
    net.wait(500)
    assert state(net, "client") == [State.SYN_SENT], "no route is a soft error: one goes on trying"
    assert net.ask("client", lambda s: s.error("d")).error == "ENETUNREACH"


def test_traceroute_sees_one_router_after_the_other(net: Network) -> None:
    answers = []
    for ttl in (1, 2, 3):
        say(net, "client", Packet(CLIENT.address, SERVER.address, Datagram(33_000, 33_434, b""), ttl=ttl))
        heard = [frame.payload for name, frame in net.heard if name == "client"]
        answers.append(next(p for p in reversed(heard) if isinstance(p, Packet) and isinstance(p.body, IcmpError)))
    assert [str(p.src) for p in answers] == ["10.0.1.254", "192.168.0.2", "10.0.2.1"]
    assert [p.body.type for p in answers if isinstance(p.body, IcmpError)] == [
        IcmpType.TIME_EXCEEDED,
        IcmpType.TIME_EXCEEDED,
        IcmpType.UNREACHABLE,
    ]


def test_ping(net: Network) -> None:
    say(net, "client", Packet(CLIENT.address, SERVER.address, Echo(False, 7, 1, b"hello")))
    replies = [p for p in packets(net, "wire") if isinstance(p.body, Echo) and p.body.reply]
    assert [(p.src, p.dst, p.body) for p in replies] == [(SERVER.address, CLIENT.address, Echo(True, 7, 1, b"hello"))]


def test_a_narrow_link_in_the_middle_makes_segments_smaller(net: Network) -> None:
    narrowed(net, 600)
    connected(net)
    text = b"x" * 5000
    net.ask("client", lambda s: s.send("c", text, net.now))
    net.wait(30_000)
    assert net.ask("server", lambda s: s.recv("s")).data == text
    lengths = [len(p.body.payload) for p in packets(net, "wire") if isinstance(p.body, Segment)]
    assert max(lengths) == 600 - 40


def test_a_datagram_is_cut_for_a_narrow_link_and_put_together_again(net: Network) -> None:
    narrowed(net, 300)
    net.ask("server", lambda s: s.udp_open("u", 53))
    net.ask("client", lambda s: s.udp_open("u", 5000))
    net.ask("client", lambda s: s.sendto("u", endpoint("10.0.2.1:53"), b"y" * 1000))
    assert net.ask("server", lambda s: s.recv("u")) == Outcome(data=b"y" * 1000, peer=endpoint("10.0.1.2:5000"))
    assert len(packets(net, "wire")) == 4


def test_a_cut_wire_is_repaired_by_the_timer(net: Network) -> None:
    connected(net)
    net.cut.add("wire")
    net.ask("client", lambda s: s.send("c", b"lost", net.now))
    net.wait(2500)
    net.cut.clear()
    net.wait(5000)
    assert net.ask("server", lambda s: s.recv("s")).data == b"lost"


def test_a_switch_keeps_to_itself_what_a_hub_tells_everybody(net: Network) -> None:
    connected(net)
    packets_heard = [name for name, frame in net.heard if isinstance(frame.payload, Packet)]
    assert packets_heard.count("spy") == 3
    assert packets_heard.count("idler") == 0


def test_two_hundred_clients_of_one_server_do_not_mix(net: Network) -> None:
    net.ask("server", lambda s: s.listen("telnet", 23, backlog=500))
    clients = [endpoint(f"10.0.1.2:{41_000 + n}") for n in range(200)]
    for local in clients:
        net.ask("client", partial(_opening, str(local), local))
        net.ask("client", partial(_saying, str(local), net.now))
    for local in clients:
        assert net.ask("server", partial(Sockets.accept, listener="telnet", name=str(local))).peer == local
        assert net.ask("server", partial(Sockets.recv, name=str(local))).data == f"my name is {local}".encode()


def _opening(name: str, local: Endpoint, s: Sockets) -> tuple[Sockets, Outcome]:
    return s.connect(name, local, SERVER)


def _saying(name: str, now: int, s: Sockets) -> tuple[Sockets, Outcome]:
    return s.send(name, f"my name is {name}".encode(), now)
