"""Routing tables as people write them: a prefix, and the next node by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

from hub.simulator.router import Interface, Route, Table


class TableError(ValueError):
    """Lines that no table can have. reason: a code of `reasons`; params: what its sentence mentions."""

    def __init__(self, text: str, reason: str, **params: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.params = params


OWN_WIRES = "link"
"""In a route: not by way of another node, but to the addresses on the node's own wires."""


def network(prefix: str) -> IPv4Network:
    """The network of a line; `default` is the whole world. Raises ValueError."""
    return IPv4Network("0.0.0.0/0" if prefix == "default" else prefix)


def table(
    interfaces: tuple[Interface, ...], routes: Iterable[tuple[str, str]], addresses: dict[str, tuple[IPv4Address, ...]]
) -> Table:
    """The table of a node with these interfaces. addresses: node id -> its addresses. Raises ValueError, of which
    TableError says more, and KeyError.
    """
    found = tuple(_route(interfaces, prefix, via, addresses) for prefix, via in routes)
    prefixes = [route.prefix for route in found]
    twice = next((prefix for n, prefix in enumerate(prefixes) if prefix in prefixes[:n]), None)
    if twice is not None:
        raise TableError(f"{twice} is there twice", "room.table-twice", network=str(twice))
    return Table(found)


def lines(table: Table, owners: Mapping[IPv4Address, str]) -> tuple[tuple[str, str], ...]:
    """A table as people write it. owners: who has an address."""
    return tuple((str(route.prefix), OWN_WIRES if route.via is None else owners[route.via]) for route in table.routes)


def _route(
    interfaces: tuple[Interface, ...], prefix: str, via: str, addresses: dict[str, tuple[IPv4Address, ...]]
) -> Route:
    if via == OWN_WIRES:
        return Route(network(prefix), None, interfaces[0].name)
    if any(network(prefix) == own.network for interface in interfaces for own in interface.addresses):
        raise ValueError(f"{prefix} is a network of its own wires, and needs no line by way of another")
    own_addresses = {own.ip for interface in interfaces for own in interface.addresses}
    if not own_addresses.isdisjoint(addresses[via]):
        raise TableError(f"{prefix} leads to the node itself", "room.table-to-itself")
    near = ((i, address) for address in addresses[via] for i in interfaces if i.reaches(int(address)) >= 0)
    interface, address = next(near, (interfaces[0], addresses[via][0]))
    return Route(network(prefix), address, interface.name)
