"""The command cards of a lesson: what its teacher can use."""

from __future__ import annotations

from hub.commands import parse
from hub.lessons import Lesson
from hub.simulator.rules import Do


def commands(lesson: Lesson) -> tuple[str, ...]:
    """What a teacher can use in this lesson: a new round; faults where losses can be mended; help for each
    player; tables that are filled in rightly.
    """
    rules = lesson.rules
    wires = sorted(tuple(id for id in rules.by_id if id in pair) for pair in rules.links)
    players = [node for node in rules.nodes if node.id not in rules.engines]
    words = ["round"]
    if lesson.faults or rules.timers.retransmission:
        words += [f"lose {one} {other}" for one, other in wires]
        words += [f"delay {one} {other}" for one, other in wires]
    if lesson.faults or rules.timers.retransmission:
        words.append("lift")
    words += [f"{word} {node.id}" for node in players for word in ("undo", "play")]
    words += [f"restart {one} {other}" for one, other in _conversations(lesson)]
    words += [f"fill {node.id}" for node in rules.nodes if node.fill_in]
    return tuple(parse(line, rules).text for line in words)


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
