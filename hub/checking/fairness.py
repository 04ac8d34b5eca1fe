"""A race is fair: its teams have as much to do, and no server more than its player can write."""

from __future__ import annotations

from collections.abc import Iterator

from hub.checking.findings import Finding, advice
from hub.checking.network import at
from hub.lessons import Lesson
from hub.lessons.goals import unfair
from hub.simulator.race import fairness


def findings(lesson: Lesson) -> Iterator[Finding]:
    """Servers with too many clients, and teams that are not equal. What the engine plays has no player who minds."""
    rules = lesson.rules
    for each, sentence in zip(fairness(rules), unfair(rules), strict=True):
        if each.code == "too-many-clients":
            if each.who not in rules.engines:
                yield advice(lesson.document, at(lesson, each.who), "fairness", sentence)
            continue
        first = next(node.id for node in rules.nodes if node.team == each.who)
        yield advice(lesson.document, at(lesson, first, "team"), "fairness", sentence)
