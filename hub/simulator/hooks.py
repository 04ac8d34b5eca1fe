"""Places on a packet's way through a node where a rule can change it or stop it: a firewall's and a NAT's."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cards.packet import Packet
from hub.simulator.router import Refused

Hook = Callable[[Packet, str | None], Packet | Refused]
"""The packet as it goes on, or why it does not, with the ICMP error that its sender hears.

The link: by which it came in; None for what the node itself sends.
"""


class Hooks(Struct, frozen=True, gc=False):
    """What a node asks about each packet, in order: on its way to the host (whole), through the node, from the host."""

    input: tuple[Hook, ...] = ()
    forward: tuple[Hook, ...] = ()
    output: tuple[Hook, ...] = ()


def through(hooks: tuple[Hook, ...], packet: Packet, link: str | None) -> Packet | Refused:
    """The packet after all hooks; the first that refuses ends it."""
    for hook in hooks:
        result = hook(packet, link)
        if isinstance(result, Refused):
            return result
        packet = result
    return packet
