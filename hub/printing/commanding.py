"""The command cards of a lesson: what its teacher can use."""

from __future__ import annotations

from hub.commands import parse
from hub.lessons import Lesson
from hub.simulator.rules import Do, Rules

_MORE = (("reorder", "60"), ("lose", "every"))
"""Faults with the number that the guides use."""


def commands(lesson: Lesson) -> tuple[str, ...]:
    """What a teacher can use in this lesson: a new round; losses and broken wires where all must pass, and more faults
    where players send again; help for each player; tables that are filled in rightly.
    """
    rules = lesson.rules
    wires = sorted(tuple(id for id in rules.by_id if id in pair) for pair in rules.links)
    players = [node for node in rules.nodes if node.id not in rules.engines]
    words = ["round"]
    middle = _middle(rules, wires)
    if lesson.faults or rules.timers.retransmission:
        words += [f"{word} {one} {other}" for word in ("lose", "delay") for one, other in wires]
        words += [f"{word} {one} {other}" for word in ("duplicate", "corrupt") for one, other in middle]
        words += [f"{word} {one} {other} {most}" for word, most in _MORE for one, other in middle]
    else:
        words += [f"lose {one} {other}" for one, other in middle]
    words.append("lift")
    words += [f"{word} {one} {other}" for one, other in middle for word in ("down", "up")]
    words += [f"{word} {node.id}" for node in players for word in ("undo", "play")]
    words += [f"restart {one} {other}" for one, other in _conversations(lesson)]
    words += [f"fill {node.id}" for node in rules.nodes if node.fill_in]
    return tuple(parse(line, rules).text for line in words)


def _middle(rules: Rules, wires: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The wires on which much depends: between routers; with one router, that to the first host that listens."""
    routers = {node.id for node in rules.nodes if node.router}
    servers = {node.id for node in rules.nodes if node.services}
    between = [wire for wire in wires if routers.issuperset(wire)]
    return between or [wire for wire in wires if not servers.isdisjoint(wire)][:1]


def _conversations(lesson: Lesson) -> list[tuple[str, str]]:
    """Who opens a connection with whom, once each."""
    rules = lesson.rules
    pairs = (
        (node.id, rules.by_address[task.remote.address])
        for node in rules.nodes
        for task in node.tasks
        if task.do is Do.OPEN and task.remote.address in rules.by_address
    )
    return list(dict.fromkeys(pairs))
