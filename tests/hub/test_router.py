"""The forwarding decision: which route, which answer, which packets go no further."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cards.datagram import Datagram, Fragment, IcmpType
from cards.packet import Packet
from hub.simulator.fragments import size
from hub.simulator.router import Forward, Interface, Kind, Refused, Route, Table, depart, forward, is_own, martian
from tests.cards import strategies

SENDER = IPv4Address("10.1.0.2")
LINKS = (
    Interface("A", (IPv4Interface("10.1.0.1/24"),)),
    Interface("B", (IPv4Interface("10.2.0.1/24"), IPv4Interface("10.2.1.1/24")), mtu=600),
    Interface("P", (IPv4Interface("10.4.0.0/31"),)),
)


def route(
    prefix: str, via: str | None = None, link: str | None = None, metric: int = 0, kind: str = "unicast"
) -> Route:
    return Route(IPv4Network(prefix), None if via is None else IPv4Address(via), link, metric, Kind(kind))


def to(dst: str, ttl: int = 64, src: IPv4Address = SENDER, data: bytes = b"x", df: bool = False) -> Packet:
    return Packet(src, IPv4Address(dst), Datagram(5000, 53, data), ttl, df)


def hop(dst: str, *routes: Route) -> tuple[str, str] | str:
    """The link and the next hop, or why there is none."""
    decision = forward(Table(routes), LINKS, to(dst))
    return decision.reason if isinstance(decision, Refused) else (decision.link, str(decision.next_hop))


# Which route

SPECIFIC = (
    route("10.9.8.200/32", "10.1.0.250"),
    route("10.9.8.128/25", "10.1.0.253"),
    route("10.9.8.0/24", "10.2.0.253"),
    route("0.0.0.0/0", "10.2.1.254"),
)


@pytest.mark.parametrize("routes", list(permutations(SPECIFIC)))
def test_the_longest_prefix_wins_in_whatever_order_routes_are_entered(routes: tuple[Route, ...]) -> None:
    assert hop("10.9.8.200", *routes) == ("A", "10.1.0.250")
    assert hop("10.9.8.201", *routes) == ("A", "10.1.0.253")
    assert hop("10.9.8.127", *routes) == ("B", "10.2.0.253")
    assert hop("10.9.9.0", *routes) == ("B", "10.2.1.254")


def test_of_equal_prefixes_the_lowest_metric_wins_and_then_the_first() -> None:
    slow, fast, also = (route("10.9.0.0/16", f"10.1.0.{n}", metric=m) for n, m in ((10, 20), (11, 5), (12, 5)))
    assert hop("10.9.1.1", slow, fast, also) == ("A", "10.1.0.11")
    assert hop("10.9.1.1", also, slow, fast) == ("A", "10.1.0.12")
    assert hop("10.9.1.1", route("10.9.1.0/24", "10.1.0.13", metric=99), fast) == ("A", "10.1.0.13")


def test_networks_of_the_interfaces_are_routes_by_themselves() -> None:
    assert hop("10.2.1.7") == ("B", "10.2.1.7")
    assert hop("10.4.0.1") == ("P", "10.4.0.1")
    assert hop("10.2.0.7", route("0.0.0.0/0", "10.1.0.250")) == ("B", "10.2.0.7")
    assert hop("10.2.0.7", route("10.2.0.0/24", "10.1.0.250")) == ("B", "10.2.0.7")
    assert hop("10.2.0.7", route("10.2.0.7/32", "10.1.0.250")) == ("A", "10.1.0.250")


def test_of_two_networks_on_one_link_the_longer_counts() -> None:
    nested = (Interface("N", (IPv4Interface("10.0.0.1/8"), IPv4Interface("10.1.0.1/16"))), *LINKS[1:])
    by_b = Table((route("10.0.0.0/12", "10.2.0.254"),))
    for dst, link in (("10.1.0.9", "N"), ("10.3.0.9", "B"), ("10.77.0.9", "N")):
        decision = forward(by_b, nested, to(dst, src=IPv4Address("192.168.7.7")))
        assert isinstance(decision, Forward)
        assert decision.link == link


def test_a_route_by_a_link_goes_to_whoever_has_the_address_there() -> None:
    assert hop("10.9.1.1", route("10.9.0.0/16", link="P")) == ("P", "10.9.1.1")
    assert hop("10.9.1.1", route("10.9.0.0/16", "10.9.0.1", link="P")) == ("P", "10.9.0.1")


@pytest.mark.parametrize(
    "useless", [route("10.9.0.0/16", "172.16.0.1"), route("10.9.0.0/16", link="Z"), route("10.9.0.0/16")]
)
def test_a_route_that_leads_nowhere_is_none(useless: Route) -> None:
    assert hop("10.9.1.1", useless) == "ip.no-route"


def test_a_special_route_hides_what_is_less_specific() -> None:
    default, hole = route("0.0.0.0/0", "10.1.0.250"), route("10.9.0.0/16", kind="blackhole")
    assert hop("10.9.1.1", default, hole) == "ip.blackhole"
    assert hop("10.9.1.1", default, hole, route("10.9.1.0/24", "10.1.0.9")) == ("A", "10.1.0.9")


routes = st.builds(
    lambda number, length, metric: Route(
        IPv4Network((number, length), strict=False), SENDER, metric=metric, kind=Kind.UNICAST
    ),
    st.sampled_from([0x0A000000, 0x0A090000, 0x0A0908C8, 0xC0A80000]) | st.integers(0, 2**32 - 1),
    st.integers(0, 32),
    st.integers(0, 3),
)


@given(st.lists(routes, max_size=20), strategies.addresses | st.just(IPv4Address("10.9.8.200")))
def test_the_table_finds_what_a_search_through_all_routes_finds(listed: list[Route], dst: IPv4Address) -> None:
    matching = [route for route in listed if dst in route.prefix]
    best = min(matching, key=lambda route: (-route.prefix.prefixlen, route.metric), default=None)
    assert Table(tuple(listed)).best(dst) == best


def test_a_look_up_does_not_search_through_the_routes() -> None:
    many = Table(tuple(Route(IPv4Network((number << 8, 24)), SENDER) for number in range(10_000)))
    assert len(many.by_length) == 1
    assert many.best(IPv4Address((9_999 << 8) + 7)) == many.routes[-1]


# One hop older


def test_forwarding_takes_one_from_the_ttl_and_nothing_else() -> None:
    packet = to("10.2.0.5", ttl=33)
    assert forward(Table(), LINKS, packet) == Forward("B", packet.dst, (replace(packet, ttl=32),))
    assert packet.ttl == 33


@pytest.mark.parametrize("ttl", [0, 1])
def test_without_a_hop_left_it_dies(ttl: int) -> None:
    assert forward(Table(), LINKS, to("10.2.0.5", ttl)) == Refused("ip.ttl-expired", IcmpType.TIME_EXCEEDED, 0)


def test_the_next_hop_is_determined_before_the_ttl_is_checked() -> None:
    """RFC 1812 §5.2.1.2: step 5 before step 7."""
    assert forward(Table(), LINKS, to("172.16.0.1", ttl=1)) == Refused("ip.no-route", IcmpType.UNREACHABLE, 0)


# Which answer


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("unreachable", Refused("ip.unreachable-route", IcmpType.UNREACHABLE, 1)),
        ("prohibit", Refused("ip.prohibited", IcmpType.UNREACHABLE, 13)),
        ("blackhole", Refused("ip.blackhole")),
    ],
)
def test_special_routes(kind: str, refused: Refused) -> None:
    assert forward(Table((route("10.9.0.0/16", kind=kind),)), LINKS, to("10.9.1.1")) == refused


def test_what_is_too_long_is_cut_or_refused_with_the_mtu() -> None:
    decision = forward(Table(), LINKS, to("10.2.0.5", data=bytes(1000)))
    assert isinstance(decision, Forward)
    assert [size(packet) for packet in decision.packets] == [20 + 576, 20 + 8 + 1000 - 576]
    assert {packet.ttl for packet in decision.packets} == {63}
    refused = forward(Table(), LINKS, to("10.2.0.5", data=bytes(1000), df=True))
    assert refused == Refused("ip.fragmentation-needed", IcmpType.UNREACHABLE, 4, mtu=600)
    assert isinstance(forward(Table(), LINKS, to("10.2.0.5", data=bytes(572), df=True)), Forward)


def test_a_fragment_that_cannot_be_is_not_passed_on() -> None:
    beyond = Packet(SENDER, IPv4Address("10.2.0.5"), Fragment(17, 65528, False, bytes(1000)))
    uneven = Packet(SENDER, IPv4Address("10.2.0.5"), Fragment(17, 0, True, bytes(1001)))
    assert forward(Table(), LINKS, beyond) == forward(Table(), LINKS, uneven) == Refused("ip.bad-fragment")


# Which addresses

DEFAULT = Table((route("0.0.0.0/0", "10.1.0.250"),))


@pytest.mark.parametrize(
    ("dst", "reason"),
    [
        ("255.255.255.255", "ip.broadcast-not-forwarded"),
        ("10.2.0.255", "ip.broadcast-not-forwarded"),
        ("10.1.0.255", "ip.broadcast-not-forwarded"),
        ("10.2.1.0", "ip.broadcast-not-forwarded"),
        ("224.1.2.3", "ip.multicast-not-forwarded"),
        ("0.0.0.7", "ip.bad-destination"),
        ("127.0.0.1", "ip.bad-destination"),
        ("240.0.0.1", "ip.bad-destination"),
        ("169.254.1.1", "ip.link-local"),
    ],
)
def test_some_destinations_are_thrown_away_in_silence(dst: str, reason: str) -> None:
    assert forward(DEFAULT, LINKS, to(dst)) == Refused(reason)


@pytest.mark.parametrize(
    "src",
    [
        *("0.0.0.0", "0.0.0.7", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("10.2.0.255", "10.1.0.0", "10.2.0.1", "10.1.0.1"),
    ],
)
def test_no_packet_comes_from_there(src: str) -> None:
    assert forward(DEFAULT, LINKS, to("10.9.1.1", src=IPv4Address(src))) == Refused("ip.martian-source")


def test_addresses_that_only_look_special() -> None:
    assert hop("10.2.2.255", *DEFAULT.routes) == ("A", "10.1.0.250")  # of a network that we are not on
    assert hop("10.4.0.1") == ("P", "10.4.0.1")  # the last of two: RFC 3021
    assert not martian(LINKS, IPv4Address("10.4.0.1"))
    assert is_own(LINKS, IPv4Address("10.4.0.0"))
    assert isinstance(forward(DEFAULT, LINKS, to("10.2.0.5", src=IPv4Address("192.168.7.7"))), Forward)


def test_link_local_addresses_stay_on_their_link() -> None:
    stray = to("10.2.0.5", src=IPv4Address("169.254.7.7"))
    assert forward(DEFAULT, LINKS, stray) == Refused("ip.link-local")


# A packet of the node's own


def test_a_packet_of_our_own_keeps_its_ttl() -> None:
    packet = to("10.9.1.1", ttl=1, src=IPv4Address("10.1.0.1"))
    assert depart(DEFAULT, LINKS, packet) == Forward("A", IPv4Address("10.1.0.250"), (packet,))
    assert depart(Table(), LINKS, packet) == Refused("ip.no-route", IcmpType.UNREACHABLE, 0)


def test_every_link_carries_68_octets() -> None:
    with pytest.raises(ValueError, match="68"):
        Interface("A", (), mtu=67)


any_packets = strategies.packets_with(strategies.bodies | strategies.tunnels)
near = st.integers(0x0A010000, 0x0A02020A).map(IPv4Address)


@given(any_packets, strategies.addresses | near, strategies.addresses | near)
def test_whatever_is_forwarded_is_older_and_fits(packet: Packet, src: IPv4Address, dst: IPv4Address) -> None:
    packet = replace(packet, src=src, dst=dst)
    table = Table((route("0.0.0.0/1", "10.2.0.9"), *DEFAULT.routes, route("11.0.0.0/8", kind="unreachable")))
    small = (LINKS[0], dataclasses.replace(LINKS[1], mtu=68), LINKS[2])
    decision = forward(table, small, packet)
    if isinstance(decision, Forward):
        assert {each.ttl for each in decision.packets} == {packet.ttl - 1}
        limit = next(interface.mtu for interface in small if interface.name == decision.link)
        assert all(size(each) <= limit for each in decision.packets)
        assert not martian(small, packet.src)
    else:
        assert decision.type is None or not packet.dst.is_multicast
