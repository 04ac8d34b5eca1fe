"""Checks a lesson that somebody wrote, beyond what loading it refuses: `check(lesson)` gives findings with lines.

The network is looked at as it stands in the file; then the lesson is played, by its scripts and by bots.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.checking import asking, fairness, network, paper, playing, tasks
from hub.checking.findings import Finding, Weight
from hub.lessons import Lesson, variant
from hub.scripted import journal_of_nobody

__all__ = ["Finding", "Weight", "check"]


def check(lesson: Lesson) -> tuple[Finding, ...]:
    """All that is to be said of a lesson and each of its variants: errors first, then advice, by lines.

    It plays in rooms of its own, whose journal is thrown away.
    """
    found = dict.fromkeys(_findings(lesson))
    return tuple(sorted(found, key=lambda each: (each.weight is Weight.ADVICE, each.line)))


def _findings(lesson: Lesson) -> Iterator[Finding]:
    lessons = {name: variant(lesson, name) for name in (None, *lesson.variants)}
    own = lessons[None]
    yield from network.findings(own)
    yield from tasks.findings(own, tuple(lessons.values()))
    yield from fairness.findings(own)
    yield from asking.findings(own)
    with journal_of_nobody() as journal:
        plays = {name: playing.alone(journal, each) for name, each in lessons.items()}
        yield from playing.bots(plays)
        yield from playing.scripts(journal, lessons)
    yield from paper.findings(plays)
