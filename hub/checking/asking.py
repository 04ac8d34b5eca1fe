"""The questions of a lesson cannot be answered by knowing how they are written."""

from __future__ import annotations

from collections.abc import Iterator

from hub.checking.findings import Finding, advice
from hub.lessons import Lesson


def findings(lesson: Lesson) -> Iterator[Finding]:
    """Whether the right option stands always at the same place."""
    places = {each.letters[each.right] for each in lesson.questions}
    if len(lesson.questions) > 1 and len(places) == 1:
        letter = places.pop()
        text = f"the right option is always {letter}: whoever guesses {letter} knows everything; change their order"
        yield advice(lesson.document, ("questions",), "questions", text)
