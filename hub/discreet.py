"""What everybody may see of a packet that a link has lost: nothing. Only the timer tells its sender that it is gone.

Whoever carries it is told by a badge or a phone, and the teacher by her page; the rest of the room sees a packet that
goes on, until the round is over.
"""

from __future__ import annotations

from hub.simulator.events import FaultKind
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import Instance

LOST = "fault.lost"
COMMANDED = "room.commanded"
"""What the answer says when a command card was carried out."""
_SECRET = frozenset(kind.value for kind in FaultKind)
_SEEN = "link.down"
"""A broken wire is no secret."""


def as_all_may_see(rules: Rules, ruling: Ruling) -> Ruling | None:
    """A ruling as the room sees it: at a router a secret loss looks like any packet that is passed on. None: it is a
    command for such a fault, which nobody sees.
    """
    if ruling.reason == COMMANDED and _SECRET.intersection(ruling.params.get("command", "").lower().split()[:1]):
        return None
    if ruling.reason != LOST or ruling.node is None or not rules.node(ruling.node).router:
        return ruling
    return Ruling(
        Verdict.FORWARDED,
        "ip.forwarded",
        node=ruling.node,
        card=ruling.card,
        written=ruling.written,
        packet=ruling.packet,
        came_from=ruling.came_from,
        goes_to=_next(rules, ruling.node, ruling),
        origin=ruling.origin,
        forged=ruling.forged,
        repeated=ruling.repeated,
    )


def place_all_may_see(rules: Rules, instance: Instance) -> tuple[str, str | None]:
    """The node that a packet was seen at last, and the one where it must be next, as the room sees it; None: it has
    ended its way.
    """
    last = instance.last
    if not instance.lost or last.reason == _SEEN:
        return instance.holder, instance.due
    if last.reason == LOST:
        seen = as_all_may_see(rules, last)
        if seen is None or seen is last or seen.node is None:
            return instance.holder, instance.due
        return seen.node, seen.goes_to
    return instance.holder, instance.was_due


def _next(rules: Rules, node: str, ruling: Ruling) -> str | None:
    """Where a router would have sent it."""
    if ruling.packet is None:
        return None
    dst = ruling.packet.dst
    route = rules.node(node).table.best(dst)
    via = None if route is None else route.via
    return rules.by_address.get(dst if via is None else via)
