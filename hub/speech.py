"""From codes to words: what is said of a ruling, and what a player has to do now, with the numbers of this case.

All of it in the language of the room (`Rules.language`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.simulator import counting
from hub.simulator.bots import answer
from hub.simulator.explain import as_line
from hub.simulator.facts import facts
from hub.simulator.hop import next_of
from hub.simulator.rules import Rules
from hub.simulator.turns import Turn, turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World
from hub.texts import Hints, hints, sentence, turn_hints, word
from hub.texts import turn as words_for

_WORDS = ("what", "again", "source", "destination")
"""The facts that may be a code for which each language has a word: `packet`, `nobody`."""


def said(rules: Rules, ruling: Ruling) -> str:
    """The sentence about a ruling."""
    return sentence(ruling.reason, _facts(rules, ruling), rules.language)


def help_with(rules: Rules, ruling: Ruling) -> Hints | None:
    """How to help whoever got a ruling; None where there is nothing to put right."""
    return hints(ruling.reason, _facts(rules, ruling), rules.language)


def turn_text(rules: Rules, owed: Turn) -> str:
    """What a player has to do now, in a few words."""
    return words_for(owed.code, _params(owed), rules.language)


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
    return turn_hints(owed.code, params, world.rules.language)


class Help(msgspec.Struct, frozen=True):
    """What a node's player can be told, one step after the other. about: the reason of the card that was wrong, or what
    the player has to do; sentence: the same in words.
    """

    node: str
    about: str
    sentence: str
    nudge: str
    pointer: str
    answer: str

    @property
    def steps(self) -> tuple[str, str, str]:
        """A question, where to look, the answer."""
        return self.nudge, self.pointer, self.answer


def help_at(world: World, node: str, last: Ruling | None) -> Help | None:
    """How to help the player of a node: with the card that was scanned there last, if something is wrong with it, else
    with what is to be done. None: there is nothing to help with.
    """
    there = None if last is None else help_with(world.rules, last)
    if last is not None and there is not None:
        return Help(node, last.reason, said(world.rules, last), there.nudge, there.pointer, there.answer)
    owed = turn(world, node)
    there = None if owed is None else help_with_turn(world, owed)
    if owed is None or there is None:
        return None
    return Help(node, owed.code, turn_text(world.rules, owed), there.nudge, there.pointer, there.answer)


def _facts(rules: Rules, ruling: Ruling) -> Mapping[str, str]:
    known = facts(rules, ruling)
    return {**known, **{name: word(known[name], rules.language) for name in _WORDS if name in known}}


def _params(owed: Turn) -> dict[str, str]:
    rest = {"rest": str(len(owed.text)), "all": str(owed.of)} if owed.of else {}
    return rest | {
        "peer": owed.peer,
        "flags": owed.flags,
        "holder": owed.peer,
        "text": owed.text.decode("latin-1"),
    }
