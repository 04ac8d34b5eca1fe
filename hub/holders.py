"""Who must hold which card, after a room has gone back to an earlier moment: paper does not go back by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from cards.notation import write
from hub.simulator.facts import kind
from hub.simulator.world import Instance, World
from hub.texts import of_room


class Held(msgspec.Struct, frozen=True):
    """A card, and where it must be. text: what it says; label: what kind of packet it is.

    what: `carry`: it is with the player of `node`, and goes to `to` next; `fetch`: the engine has sent it from `node`,
    and nobody has it on paper yet; `lost`: in the drop box; `stopped`: with its writer at `node`, who has to correct
    it; `unsent`: back to its writer at `node`, who has not sent it yet; `away`: to be put away, as the engine, which
    plays `node`, has not sent it yet.
    """

    card: str
    text: str
    label: str
    what: str
    node: str
    to: str | None = None


class HeldAt(msgspec.Struct, frozen=True):
    """What the player of a node must have in hand, in words; none: nothing."""

    node: str
    title: str
    sentences: list[str]


class Holders(msgspec.Struct, frozen=True):
    """Every card that is not at the end of its way, by the order of the nodes; and the same for each node in words."""

    cards: list[Held]
    nodes: list[HeldAt]


def holders(world: World, unsent: Mapping[str, Instance]) -> Holders:
    """Who must hold which card now. unsent: cards that were sent in what has been taken back."""
    order = {node.id: place for place, node in enumerate(world.rules.nodes)}
    cards = sorted(_cards(world, unsent), key=lambda held: (order[held.node], held.card))
    nodes = [
        HeldAt(node.id, node.title, [_said(world, held) for held in cards if held.node == node.id])
        for node in world.rules.nodes
    ]
    return Holders(cards, nodes)


def _cards(world: World, unsent: Mapping[str, Instance]) -> Iterator[Held]:
    for card, instance in world.instances.items():
        what = _what(world, instance)
        if what is not None:
            yield _held(card, instance, what, instance.holder, instance.due)
    for card, stopped in world.stopped.items():
        if card not in world.instances:
            yield Held(card, write(stopped.said, brief=True), kind(stopped.said), "stopped", stopped.node)
    for card, instance in unsent.items():
        if card not in world.instances and card not in world.stopped:
            origin = instance.path[0]
            yield _held(card, instance, "away" if origin in world.engines else "unsent", origin)


def _what(world: World, instance: Instance) -> str | None:
    """None: nobody needs it any more, or nobody ever has it in hand."""
    if instance.lost:
        return "lost" if instance.paper else None
    if instance.due is None:
        return None
    by_itself = instance.due in world.engines and not any(instance.due in nodes for nodes in world.seats.values())
    return "carry" if instance.paper else None if by_itself else "fetch"


def _held(card: str, instance: Instance, what: str, node: str, to: str | None = None) -> Held:
    return Held(card, write(instance.said, brief=True), kind(instance.said), what, node, to)


def _said(world: World, held: Held) -> str:
    params = {"card": held.card, "what": held.label, "who": world.rules.title(held.node)}
    if held.to is not None:
        params["next"] = world.rules.title(held.to)
    return of_room(f"holds.{held.what}", params, world.rules.language)
