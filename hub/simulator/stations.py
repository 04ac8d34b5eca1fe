"""Paper for what the engine says: a card from a station's tray, a slip, or a copy from a screen.

A packet that the engine has sent has no paper at first. The first card that says the same, shown where that packet is
due or by whom it was sent, becomes its card. A card may also be quicker than the engine: then it is its answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from cards.packet import DEFAULT_WINDOW, Carries, Flags, Packet, Segment, Written
from hub.simulator import counting, origin
from hub.simulator.admission import owed
from hub.simulator.explain import as_line
from hub.simulator.moves import NOT_COMPARED
from hub.simulator.origin import end_to_end
from hub.simulator.rules import Counting
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import Instance, World


def paper_of(world: World, node: str, card: str, written: Written) -> tuple[World, Instance | None, Ruling | None]:
    """A card that nobody has seen yet: the packet of the engine whose paper it is, if it is one's.

    A ruling, when that says all: the engine speaks by this very scan, or the card was meant to be a copy and is not.
    """
    world, instance = _adopted(world, node, card, written)
    if instance is not None:
        return world, instance, None
    world, spoken = _spoken_for(world, card, written)
    if spoken is not None:
        return (world, None, spoken) if spoken.node == node else (world, world.instances[card], None)
    return world, None, _miscopied(world, node, written)


def is_answer(written: Written) -> bool:
    """Nobody says this without having heard something."""
    if written.carries is Carries.TCP:
        return written.flags is not None and Flags.ACK in written.flags
    return written.carries not in (Carries.UDP, Carries.ECHO)


def owes(world: World, node: str, packet: Packet) -> bool:
    """A node owes such a segment on this very connection; what is not TCP is on none."""
    if not isinstance(packet.body, Segment):
        return False
    s = packet.body
    for move in owed(world.host(node)):
        pair = move.pair
        ends = pair.local.address, pair.local.port, pair.remote.address, pair.remote.port
        if ends == (packet.src, s.sport, packet.dst, s.dport) and move.flags == s.flags & ~NOT_COMPARED:
            return True
    return False


def _adopted(world: World, node: str, card: str, written: Written) -> tuple[World, Instance | None]:
    """A paper says what the engine has sent, and nobody has taken on: it is that packet's card from now on."""
    said = end_to_end(written)
    for instance in _without_paper(world, node, written):
        if _copied(instance.said, said, world.rules.counting is not Counting.OFF):
            adopted = replace(instance, card=card, paper=True, said=said)
            return world.without_instance(instance.card).with_instance(adopted), adopted
    return world, None


def _spoken_for(world: World, card: str, written: Written) -> tuple[World, Ruling | None]:
    """A paper says what a node owes that the engine plays, before the engine has said it: that is its answer, with all
    that is free as it stands on the paper.
    """
    source = None if written.src is None else world.rules.by_address.get(written.src)
    if source is None or source not in world.engines or not is_answer(written):
        return world, None
    if origin.missing(written, world) is not None or not _owes_what_is_written(world, source, written):
        return world, None
    after, ruling = origin.leave(world, source, card, written)
    return (after, ruling) if ruling.verdict is Verdict.SENT and card in after.instances else (world, None)


def _owes_what_is_written(world: World, node: str, written: Written) -> bool:
    if written.carries is Carries.TCP:
        return not written.payload and owes(world, node, origin.complete(world, node, written))
    return origin.owes_message(world.nodes[node], written)


def _miscopied(world: World, node: str, written: Written) -> Ruling | None:
    """A paper is meant to say what the engine has sent, where that is due, and says something else."""
    for instance in _without_paper(world, node, written):
        said = instance.said
        ends = (said.src, said.dst, said.carries, said.flags)
        if ends == (written.src or said.src, written.dst, written.carries, written.flags):
            params = {"should": as_line(counting.on_form(world.rules, said, written))}
            holder = instance.holder
            return Ruling(Verdict.STOPPED, "card.miscopied", params, packet=instance.packet, came_from=holder)
    return None


def _without_paper(world: World, node: str, written: Written) -> Iterator[Instance]:
    """Packets of the engine that have no card yet: those that are due at a node, and those that the source of a card
    has sent and nobody has taken on.
    """
    source = node if written.src is None else world.rules.by_address.get(written.src, node)
    for near in (node, *world.rules.neighbours(source)):
        for card in world.due_at.get(near, ()):
            instance = world.instances[card]
            if not instance.paper and (near == node or instance.path == (source,)):
                yield instance


def _copied(original: Written, copy: Written, numbers: bool) -> bool:
    """A copy may leave out what its form does not ask for, and a printed card says what goes without saying. numbers:
    whether somebody minds seq and ack.
    """
    for field in original.__struct_fields__:
        if field in ("seq", "ack") and not numbers and original.carries is Carries.TCP:
            continue
        there, here = getattr(original, field), getattr(copy, field)
        if here is not None and here != (_UNSAID.get(field) if there is None else there):
            return False
    return copy.dst is not None and (copy.flags is not None or original.flags is None)


_UNSAID = {"payload": b"", "window": DEFAULT_WINDOW}
"""What a packet has that says nothing of it."""
