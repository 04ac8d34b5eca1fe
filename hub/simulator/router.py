"""The forwarding engine of a router: longest prefix match and TTL (RFC 1812 §5.2.4, §5.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True)
class Route:
    """Packets for `prefix` go to the node `via`; None: to whoever has the address on its own wires."""

    prefix: IPv4Network
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A routing table."""

    routes: tuple[Route, ...] = ()

    def best(self, dst: IPv4Address) -> Route | None:
        """The route with the longest prefix that holds `dst`; of equals, the first."""
        matching = [route for route in self.routes if dst in route.prefix]
        return max(matching, key=lambda route: route.prefix.prefixlen, default=None)
