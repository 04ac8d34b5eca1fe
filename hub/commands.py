"""The language of command cards: one line of lower-case words, and what a teacher wants with it.

    lose A B, delay A B 30, duplicate A B, reorder A B 30, corrupt A B
                            the next packet on the wire between these nodes; seconds may be left out
    lose A B every          every packet from now on
    lose A B 20%            of every hundred packets from now on about twenty
    lift                    every fault is over
    lift NAME, lift lose A B   one fault is over
    down A B, up A B        a wire breaks, and is whole again
    round                   a new round
    new player              the same, asked for by whoever plays next
    undo A, redo A          the last move of a node
    forgive A               the last mistake of a node
    restart A B             the connections between two nodes are forgotten
    engine A, people A      who plays a node
    play A                  the engine plays one step for a node (`bots.step`)
    fill A                  the routing table of a node is as the lesson has it

A node is called by its id, or by its title where that is one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hub.simulator.acts import ON_NODE, ON_TWO, ON_WIRE, Act, LiftAll, NewRound, PlayStep
from hub.simulator.events import (
    CardFound,
    CardLost,
    FaultKind,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Redone,
    Restarted,
    TableSet,
    Undone,
)
from hub.simulator.rules import Rules
from hub.simulator.tables import lines
from hub.texts import phrase

DEFAULT_SECONDS = 30
"""How long a delayed packet waits, and one at most that is to be overtaken."""
MOST_SECONDS = 86_400
NEW_PLAYER = "new player"
"""The only command that is for players: where a round makes way for the next by itself, it works at every badge."""
_MOST_NAMED = 12
"""Of more nodes a sentence does not list the names."""

_FAULTS = {kind.value: kind for kind in FaultKind}
_TIMED = (FaultKind.DELAY, FaultKind.REORDER)
_USAGE = {
    "lose": "lose A B",
    "delay": f"delay A B {DEFAULT_SECONDS}",
    "duplicate": "duplicate A B",
    "reorder": "reorder A B",
    "corrupt": "corrupt A B",
    "lift": "lift",
    "down": "down A B",
    "up": "up A B",
    "round": "round",
    "new": NEW_PLAYER,
    "undo": "undo A",
    "redo": "redo A",
    "forgive": "forgive A",
    "restart": "restart A B",
    "engine": "engine A",
    "people": "people A",
    "play": "play A",
    "fill": "fill A",
}
_WORDS: dict[type[Act], str] = {
    NewRound: "round",
    LiftAll: "lift",
    Undone: "undo",
    Redone: "redo",
    Forgiven: "forgive",
    PlayStep: "play",
    TableSet: "fill",
}
"""Acts that only one word asks for."""
_PERCENT = re.compile(r"[0-9]{1,3}%")
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Command:
    """What a card says, and what is to be done. A teacher's move is of time 0: it is done when the card is scanned."""

    text: str
    act: Act


def parse(text: str, rules: Rules) -> Command:
    """The command of a line, in a lesson; upper case and more spaces do not matter.

    Raises ValueError with a sentence that says what is wrong, and how to write it.
    """
    words = text.lower().split()
    if not words:
        raise ValueError(_phrase(rules, "begin", words=_listed(rules, _USAGE)))
    word, *rest = words
    return Command(" ".join(words), _act(word, rest, rules))


def meaning(text: str, rules: Rules) -> str:
    """What a command does, in a sentence that calls the nodes by their titles. ValueError as for `parse`."""
    command = parse(text, rules)
    if command.text == NEW_PLAYER:
        return _does("new-player", rules)
    return described(command.act, rules)


def is_for_players(text: str) -> bool:
    """Whether a command is one that players may use, where the lesson lets them."""
    return " ".join(text.lower().split()) == NEW_PLAYER


def described(act: Act, rules: Rules) -> str:
    """What an act does, in a sentence that calls the nodes by their titles, also where no command card can say it."""
    match act:
        case FaultLifted(name=name):
            return _phrase(rules, "does.lift-one", name=name)
        case CardLost(card=card):
            return _phrase(rules, "does.lose-card", card=card)
        case CardFound(card=card):
            return _phrase(rules, "does.find-card", card=card)
        case FaultSet(kind=kind, link=(one, other)):
            which = {None: "every", 1: "next"}.get(act.count, "each")
            said = {"which": _phrase(rules, f"which.{which}", count=str(act.count))}
            said |= {"chance": f"{act.rate:.0%}"} if act.rate < 1 else {}
            return _does(kind.value, rules, one, other, seconds=str(act.seconds), **said)
        case LinkTurned(link=(one, other), up=up):
            return _does("up" if up else "down", rules, one, other)
        case Restarted(node=one, peer=other):
            return _does("restart", rules, one, other)
        case HandedOver(node=node, engine=engine):
            return _does("engine" if engine else "people", rules, node)
        case NewRound() | LiftAll():
            return _does(_WORDS[type(act)], rules)
        case _:
            return _does(_WORDS[type(act)], rules, act.node)


def _does(word: str, rules: Rules, *nodes: str, **more: str) -> str:
    titles = dict(zip(("one", "other"), map(rules.title, nodes), strict=False))
    return _phrase(rules, f"does.{word}", **titles, **more)


def _act(word: str, rest: list[str], rules: Rules) -> Act:
    match word:
        case "lift":
            return _lift(rest, rules)
        case "round":
            if rest:
                raise _wrong(rules, word, rest[0])
            return NewRound()
        case "new":
            if rest != ["player"]:
                raise ValueError(_phrase(rules, "new", usage=_USAGE[word]))
            return NewRound()
        case "fill":
            node = _one(word, rest, rules)
            return TableSet(0, node, lines(rules.node(node).table, rules.by_address))
        case _ if word in ON_NODE:
            return ON_NODE[word](_one(word, rest, rules))
        case _ if word in ON_TWO:
            return ON_TWO[word](*_two(word, rest, rules))
        case _ if word in ON_WIRE:
            return ON_WIRE[word](*_wire(word, rest, rules))
        case _ if word in _FAULTS:
            return _fault(word, rest, rules)
        case _:
            raise ValueError(_phrase(rules, "unknown", word=word, words=_listed(rules, _USAGE), **_meant(word, _USAGE)))


def _fault(word: str, rest: list[str], rules: Rules) -> FaultSet:
    """The fault that a card sets. Its name follows from kind and wire: the same card renews it, another replaces it."""
    kind = _FAULTS[word]
    wire = _wire(word, rest[:2], rules)
    ordered = [node for node in rules.by_id if node in wire]
    seconds: int | None = None
    every, percent = False, None
    for option in rest[2:]:
        if option == "every" and not every:
            every = True
        elif _PERCENT.fullmatch(option) and percent is None:
            percent = _between(rules, option, int(option[:-1]), 1, 100, "percent")
        elif _NUMBER.fullmatch(option) and seconds is None and kind in _TIMED:
            seconds = _between(rules, option, int(option), 1, MOST_SECONDS, "seconds")
        else:
            raise _strange(rules, word, option, kind)
    return FaultSet(
        0,
        "-".join((word, *ordered)),
        kind,
        wire,
        None if every or percent is not None else 1,
        1.0 if percent is None else percent / 100,
        DEFAULT_SECONDS if seconds is None else seconds,
    )


def _lift(rest: list[str], rules: Rules) -> LiftAll | FaultLifted:
    """All faults, or one: by its name, or by the words of the card that set it."""
    match rest:
        case []:
            return LiftAll()
        case [name]:
            return FaultLifted(0, name)
        case [kind, *more] if kind in _FAULTS:
            return FaultLifted(0, _fault(kind, more, rules).name)
        case _:
            raise _wrong(rules, "lift", rest[1])


def _wire(word: str, rest: Sequence[str], rules: Rules) -> tuple[str, str]:
    one, other = _two(word, rest, rules)
    if not rules.linked(one, other):
        beside = rules.neighbours(one)
        there = {"joined": _listed(rules, beside, "and")} if beside else {}
        raise ValueError(_phrase(rules, "no-wire", one=one, other=other, **there))
    return one, other


def _two(word: str, rest: Sequence[str], rules: Rules) -> tuple[str, str]:
    if len(rest) < 2:
        raise ValueError(_phrase(rules, "two-nodes", word=word, usage=_USAGE[word], nodes=_nodes(rules)))
    if len(rest) > 2:
        raise _wrong(rules, word, rest[2])
    one, other = (_node(each, rules) for each in rest)
    if one == other:
        raise ValueError(_phrase(rules, "twice", word=word, node=one))
    return one, other


def _one(word: str, rest: Sequence[str], rules: Rules) -> str:
    if not rest:
        raise ValueError(_phrase(rules, "a-node", word=word, usage=_USAGE[word], nodes=_nodes(rules)))
    if len(rest) > 1:
        raise _wrong(rules, word, rest[1])
    return _node(rest[0], rules)


def _node(word: str, rules: Rules) -> str:
    node = rules.named(word)
    if node is None:
        raise ValueError(_phrase(rules, "no-node", word=word, nodes=_nodes(rules), **_meant(word, rules.by_id)))
    return node


def _between(rules: Rules, word: str, number: int, least: int, most: int, what: str) -> int:
    if not least <= number <= most:
        raise ValueError(_phrase(rules, f"not-{what}", word=word, least=str(least), most=str(most)))
    return number


def _strange(rules: Rules, word: str, option: str, kind: FaultKind) -> ValueError:
    """What stands behind the two nodes of a fault and does not belong there."""
    timed = {"timed": ""} if kind in _TIMED else {}
    return ValueError(_phrase(rules, "strange", word=word, option=option, **timed, **_meant(option, ["every"])))


def _wrong(rules: Rules, word: str, extra: str) -> ValueError:
    return ValueError(_phrase(rules, "too-much-lift" if word == "lift" else "too-much", word=extra, usage=_USAGE[word]))


def _nodes(rules: Rules) -> str:
    if len(rules.by_id) > _MOST_NAMED:
        return _phrase(rules, "by-id")
    return _phrase(rules, "nodes", nodes=_listed(rules, rules.by_id, "and"))


def _meant(word: str, known: Iterable[str]) -> dict[str, str]:
    """What somebody may have meant, if anything comes near."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return {"near": near[0]} if near else {}


def _listed(rules: Rules, words: Iterable[str], joint: str = "or") -> str:
    *most, last = words
    return f"{', '.join(most)} {_phrase(rules, joint)} {last}" if most else last


def _phrase(rules: Rules, key: str, **params: str) -> str:
    return phrase(f"commands.{key}", params, rules.language)
