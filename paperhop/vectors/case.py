"""What a case says before its first step: the host's links, routes and settings, and the flows by name."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, Literal

import msgspec
from immutables import Map
from msgspec.structs import replace

from hub.simulator.ethernet import Mac
from hub.simulator.fragments import Reassembly
from hub.simulator.host import Host
from hub.simulator.icmp import RateLimit
from hub.simulator.icmp_errors import HEADERS
from hub.simulator.node import Node, neighbours_on
from hub.simulator.options import Options
from hub.simulator.router import Interface, Kind, Route, Table
from hub.simulator.sockets import Sockets
from paperhop.vectors.reading import Unsupported, nothing_else, only_known, read


class Flow(msgspec.Struct, frozen=True):
    """A socket pair: `host` is the engine's end, `peer` the one that is injected, which begins at `peer_isn`."""

    host: str
    peer: str
    peer_isn: int


class Link(msgspec.Struct, frozen=True):
    """One of the host's interfaces: "tun" carries packets, "tap" Ethernet frames. neighbours: known without asking."""

    addr: IPv4Interface
    kind: Literal["tun", "tap"] = "tun"
    mtu: int = 1500
    neighbours: tuple[IPv4Address, ...] = ()
    extra_addrs: tuple[IPv4Interface, ...] = ()


class Path(msgspec.Struct, frozen=True):
    """A line of the routing table besides those of the links themselves."""

    dst: IPv4Network
    via: IPv4Address | None = None
    dev: str | None = None
    metric: int = 0
    type: Literal["unicast", "unreachable", "blackhole", "prohibit"] = "unicast"


class Case(msgspec.Struct, frozen=True):
    """What `reset` brings. format, group, title, rfc and settle_ms are for people and for the recorder."""

    id: str
    links: dict[str, Link]
    flows: dict[str, Flow] = {}
    routes: tuple[Path, ...] = ()
    sysctl: dict[str, int] = {}
    profile: str = "plain"
    route_features: str | None = None
    firewall: list[Any] = []
    format: str = "paperhop-tcp-oracle/1"
    group: str = ""
    title: str = ""
    rfc: str = ""
    settle_ms: int = 0


class Settings(msgspec.Struct, frozen=True):
    """How the host behaves. forwarding: it is a router. reassembly: how long a packet's fragments wait, in ms."""

    options: Options
    forwarding: bool
    reassembly: int
    error_limit: RateLimit


def case_from(given: object) -> Case:
    """Raises ValueError for what makes no sense, Unsupported for what the engine does not have."""
    case = read(Case, given)
    _nothing_unknown(given)
    if not case.links:
        raise ValueError("a host has at least one link")
    strange = [route.dev for route in case.routes if route.dev is not None and route.dev not in case.links]
    if strange:
        raise ValueError(f"no link is called {strange[0]!r}")
    if case.firewall:
        raise Unsupported("there are no firewall rules and no address translation here yet")
    return case


def settings_of(case: Case) -> Settings:
    """What the profile and the settings by name come to. Raises Unsupported."""
    only_known([case.profile], PROFILES, "a profile")
    only_known((case.route_features or "").split(), _ROUTE_FEATURES, "a feature of routes")
    only_known(case.sysctl, [*_OPTIONS, *_OTHERS], "a setting")
    if case.sysctl.get("net.ipv4.tcp_syncookies"):
        raise Unsupported("there are no SYN cookies here yet")
    changes = {field: meaning(case.sysctl[name]) for name, (field, meaning) in _OPTIONS.items() if name in case.sysctl}
    return Settings(
        replace(PROFILES[case.profile], **changes),
        bool(case.sysctl.get("net.ipv4.ip_forward")),
        _seconds(case.sysctl.get("net.ipv4.ipfrag_time", 30)),
        RateLimit(case.sysctl.get("net.ipv4.icmp_ratelimit", 0), _ERRORS_AT_ONCE),
    )


def node_of(case: Case) -> Node[Sockets]:
    """The host that a case describes, as it is before the first step. Raises ValueError and Unsupported."""
    settings = settings_of(case)
    interfaces = tuple(
        Interface(name, (link.addr, *link.extra_addrs), link.mtu, link.kind == "tap")
        for name, link in case.links.items()
    )
    routes = tuple(Route(r.dst, r.via, r.dev, r.metric, Kind(r.type)) for r in case.routes)
    addresses = tuple(address.ip for interface in interfaces for address in interface.addresses)
    near = neighbours_on(interfaces)
    for name in near:
        known = Map({address: station(address) for address in case.links[name].neighbours})
        near = near.set(name, replace(near[name], static=known))
    options = replace(settings.options, mss=_spoken_on(case).mtu - HEADERS)
    return Node(
        interfaces,
        Sockets(Host(addresses, options, case.id)),
        Table(routes),
        settings.forwarding,
        near,
        Reassembly(settings.reassembly),
        settings.error_limit,
    )


def _spoken_on(case: Case) -> Link:
    """The link of the host's end of the flows; the first one when there are none."""
    ends = [flow.host.split(":")[0] for flow in case.flows.values()]
    links = list(case.links.values())
    return next((link for link in links if ends and str(link.addr.ip) == ends[0]), links[0])


def station(address: IPv4Address) -> Mac:
    """The Ethernet address of whoever has this IP address: 02:00 and its four octets."""
    return Mac.of(b"\2\0" + address.packed)


def _nothing_unknown(given: Any) -> None:
    nothing_else(given, Case, "a case")
    for kind, what, several in (
        (Link, "a link", given["links"].values()),
        (Flow, "a flow", given.get("flows", {}).values()),
        (Path, "a route", given.get("routes", ())),
    ):
        for each in several:
            nothing_else(each, kind, what)


def _seconds(number: int) -> int:
    return number * 1000


PLAIN = Options(
    syn_retries=3, syn_ack_retries=3, retries=5, orphan_retries=3, fin_wait_2=_seconds(60), challenge_limit=None
)
PROFILES = {"plain": PLAIN, "delayed-ack": replace(PLAIN, delayed_ack=40), "linux-default": PLAIN}
_ROUTE_FEATURES = ("rto_min", "1s", "quickack", "1")
"""What the profiles say already."""
_OPTIONS: dict[str, tuple[str, Callable[[int], int]]] = {
    "net.ipv4.tcp_syn_retries": ("syn_retries", int),
    "net.ipv4.tcp_synack_retries": ("syn_ack_retries", int),
    "net.ipv4.tcp_retries2": ("retries", int),
    "net.ipv4.tcp_orphan_retries": ("orphan_retries", int),
    "net.ipv4.tcp_fin_timeout": ("fin_wait_2", _seconds),
    "net.ipv4.tcp_rfc1337": ("ignore_rst_in_time_wait", bool),
    "net.ipv4.tcp_abort_on_overflow": ("abort_on_overflow", bool),
}
_ERRORS_AT_ONCE = 6
_OTHERS = (
    "net.ipv4.ip_forward",
    "net.ipv4.ipfrag_time",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.icmp_ratelimit",
    # Which ICMP messages are limited: errors, and nothing else (RFC 1812 §4.3.2.8).
    "net.ipv4.icmp_ratemask",
    # A SYN's first gaps are alike there; here they double, as RFC 6298 §5.5 has it.
    "net.ipv4.tcp_syn_linear_timeouts",
)
