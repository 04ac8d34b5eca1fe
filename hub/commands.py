"""The language of command cards: one line of lower-case words, and what a teacher wants with it.

    lose A B, delay A B 30, duplicate A B, reorder A B 30, corrupt A B
                            the next packet on the wire between these nodes; seconds may be left out
    lose A B every          every packet from now on
    lose A B 20%            of every hundred packets from now on about twenty
    lift                    every fault is over
    lift NAME, lift lose A B   one fault is over
    down A B, up A B        a wire breaks, and is whole again
    round                   a new round
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

from msgspec.structs import replace

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

DEFAULT_SECONDS = 30
"""How long a delayed packet waits, and one at most that is to be overtaken."""
MOST_SECONDS = 86_400
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
    "lift": "lift, or lift and a fault's name",
    "down": "down A B",
    "up": "up A B",
    "round": "round",
    "undo": "undo A",
    "redo": "redo A",
    "forgive": "forgive A",
    "restart": "restart A B",
    "engine": "engine A",
    "people": "people A",
    "play": "play A",
    "fill": "fill A",
}
_MEANINGS = {
    "lose": "{which} between {one} and {other} is lost.",
    "delay": "{which} between {one} and {other} waits for {seconds} seconds.",
    "duplicate": "{which} between {one} and {other} arrives twice.",
    "reorder": "{which} between {one} and {other} is overtaken, or waits for {seconds} seconds.",
    "corrupt": "{which} between {one} and {other} is damaged on its way.",
    "lift": "Every fault is over.",
    "down": "The wire between {one} and {other} breaks.",
    "up": "The wire between {one} and {other} is whole again.",
    "round": "A new round begins.",
    "undo": "The hub takes back the last move of {one}.",
    "redo": "The hub does again the move of {one} that was taken back.",
    "forgive": "The last mistake of {one} is forgiven.",
    "restart": "{one} and {other} forget the connections between them.",
    "engine": "The hub plays {one} from now on.",
    "people": "People play {one} from now on.",
    "play": "The hub plays this step for {one}.",
    "fill": "The routing table of {one} is filled in.",
}
"""What a card does, for who has never seen the language; nodes are called by their titles."""
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
        raise ValueError(f"A command begins with one of {_listed(_USAGE)}.")
    word, *rest = words
    return Command(" ".join(words), _act(word, rest, rules))


def meaning(text: str, rules: Rules) -> str:
    """What a command does, in a sentence that calls the nodes by their titles. ValueError as for `parse`."""
    return described(parse(text, rules).act, rules)


def described(act: Act, rules: Rules) -> str:
    """What an act does, in a sentence that calls the nodes by their titles, also where no command card can say it."""
    match act:
        case FaultLifted(name=name):
            return f"The fault “{name}” is over."
        case CardLost(card=card):
            return f"Card {card} is lost."
        case CardFound(card=card):
            return f"Card {card} is found again."
        case FaultSet(kind=kind, link=(one, other)):
            sentence = _meant_by(kind.value, rules, one, other, which=_which(act.count), seconds=str(act.seconds))
            return sentence if act.rate == 1 else f"{sentence[:-1]}, with a chance of {act.rate:.0%}."
        case LinkTurned(link=(one, other), up=up):
            return _meant_by("up" if up else "down", rules, one, other)
        case Restarted(node=one, peer=other):
            return _meant_by("restart", rules, one, other)
        case HandedOver(node=node, engine=engine):
            return _meant_by("engine" if engine else "people", rules, node)
        case NewRound() | LiftAll():
            return _MEANINGS[_WORDS[type(act)]]
        case _:
            return _meant_by(_WORDS[type(act)], rules, act.node)


def _meant_by(word: str, rules: Rules, one: str, other: str = "", **more: str) -> str:
    return _MEANINGS[word].format(one=rules.title(one), other=rules.title(other) if other else "", **more)


def _which(count: int | None) -> str:
    return "Every packet" if count is None else "The next packet" if count == 1 else f"Each of the next {count} packets"


def words(act: Act) -> str | None:
    """The command that does this; None where no card says it."""
    match act:
        case FaultSet() as fault:
            return _fault_words(fault)
        case FaultLifted(name=name):
            return f"lift {name}"
        case LiftAll():
            return "lift"
        case NewRound():
            return "round"
        case LinkTurned(link=(one, other), up=up):
            return f"{'up' if up else 'down'} {one} {other}"
        case Restarted(node=node, peer=peer):
            return f"restart {node} {peer}"
        case TableSet(node=node):
            return f"fill {node}"
        case CardLost() | CardFound():
            return None
        case _:
            return next(f"{word} {act.node}" for word, made in ON_NODE.items() if made(act.node) == _undated(act))


def _undated(act: Act) -> Act:
    return act if isinstance(act, NewRound | LiftAll | PlayStep) else replace(act, at=0)


def _fault_words(fault: FaultSet) -> str:
    words = [fault.kind.value, *fault.link]
    if fault.rate < 1:
        words.append(f"{fault.rate:.0%}")
    elif fault.count is None:
        words.append("every")
    return " ".join([*words, str(fault.seconds)] if fault.kind in _TIMED else words)


def _act(word: str, rest: list[str], rules: Rules) -> Act:
    match word:
        case "lift":
            return _lift(rest, rules)
        case "round":
            if rest:
                raise _wrong(word, rest[0])
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
            there = f"{_meant(word, _USAGE)}A command begins with one of {_listed(_USAGE)}."
            raise ValueError(f"“{word}” is no command. {there}")


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
            percent = _between(option, int(option[:-1]), 1, 100, "a percentage")
        elif _NUMBER.fullmatch(option) and seconds is None and kind in _TIMED:
            seconds = _between(option, int(option), 1, MOST_SECONDS, "seconds")
        else:
            raise _strange(word, option, kind)
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
            raise _wrong("lift", rest[1])


def _wire(word: str, rest: Sequence[str], rules: Rules) -> tuple[str, str]:
    one, other = _two(word, rest, rules)
    if not rules.linked(one, other):
        beside = rules.neighbours(one)
        joined = f"{one} is joined with {_listed(beside, 'and')}" if beside else f"{one} has no wire at all"
        raise ValueError(f"No wire joins {one} and {other}: {joined}.")
    return one, other


def _two(word: str, rest: Sequence[str], rules: Rules) -> tuple[str, str]:
    if len(rest) < 2:
        raise ValueError(f"“{word}” needs two nodes. Write it like this: {_USAGE[word]}. {_nodes(rules)}")
    if len(rest) > 2:
        raise _wrong(word, rest[2])
    one, other = (_node(each, rules) for each in rest)
    if one == other:
        raise ValueError(f"“{word}” needs two different nodes, and this is {one} twice.")
    return one, other


def _one(word: str, rest: Sequence[str], rules: Rules) -> str:
    if not rest:
        raise ValueError(f"“{word}” needs a node. Write it like this: {_USAGE[word]}. {_nodes(rules)}")
    if len(rest) > 1:
        raise _wrong(word, rest[1])
    return _node(rest[0], rules)


def _node(word: str, rules: Rules) -> str:
    node = rules.named(word)
    if node is None:
        raise ValueError(f"This lesson has no node “{word}”. {_meant(word, rules.by_id)}{_nodes(rules)}")
    return node


def _between(word: str, number: int, least: int, most: int, what: str) -> int:
    if not least <= number <= most:
        raise ValueError(f"“{word}” cannot be {what}: write {least} to {most}.")
    return number


def _strange(word: str, option: str, kind: FaultKind) -> ValueError:
    """What stands behind the two nodes of a fault and does not belong there."""
    known = "“every”, a percentage such as 20%" + (", or seconds such as 30" if kind in _TIMED else "")
    meant = _meant(option, ["every"])
    return ValueError(
        f"“{option}” does not belong there. {meant}Behind the nodes of “{word}” may stand, once: {known}."
    )


def _wrong(word: str, extra: str) -> ValueError:
    return ValueError(f"“{extra}” is too much. Write it like this: {_USAGE[word]}.")


def _nodes(rules: Rules) -> str:
    if len(rules.by_id) > _MOST_NAMED:
        return "Call a node by its id in the lesson's file."
    return f"The nodes are {_listed(rules.by_id, 'and')}."


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean “{near[0]}”? " if near else ""


def _listed(words: Iterable[str], joint: str = "or") -> str:
    *most, last = words
    return f"{', '.join(most)} {joint} {last}" if most else last
