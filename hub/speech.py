"""From codes to words: what is said of a ruling, and what a player has to do now, with the numbers of this case."""

from __future__ import annotations

from hub.simulator import counting
from hub.simulator.bots import answer
from hub.simulator.explain import as_line
from hub.simulator.facts import facts
from hub.simulator.hop import next_of
from hub.simulator.rules import Rules
from hub.simulator.turns import Turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World
from hub.texts import Hints, hints, sentence, turn, turn_hints


def said(rules: Rules, ruling: Ruling) -> str:
    """The sentence about a ruling."""
    return sentence(ruling.reason, facts(rules, ruling))


def help_with(rules: Rules, ruling: Ruling) -> Hints | None:
    """How to help whoever got a ruling; None where there is nothing to put right."""
    return hints(ruling.reason, facts(rules, ruling))


def turn_text(owed: Turn) -> str:
    """What a player has to do now, in a few words."""
    return turn(owed.code, _params(owed))


def help_with_turn(world: World, owed: Turn) -> Hints | None:
    """How to help a player who does not know what to do: the last hint is the whole answer."""
    params = _params(owed) | {"here": world.rules.title(owed.node)}
    written = answer(world, owed, at_once=True)
    if written is not None:
        params["answer"] = as_line(counting.on_form(world.rules, written))
    rows = counting.rows(world.rules)
    if rows:
        params["numbers"] = ", ".join(rows)
    hop = None if owed.card is None else next_of(world, owed.node, world.instances[owed.card])
    if hop is not None:
        params["next"] = world.rules.title(hop)
    if owed.until is not None:
        params["seconds"] = str(max(0, -(-(owed.until - world.at) // 1000)))
    return turn_hints(owed.code, params)


def _params(owed: Turn) -> dict[str, str]:
    return {
        "peer": owed.peer,
        "flags": owed.flags,
        "holder": owed.peer,
        "text": owed.text.decode("latin-1"),
    }
