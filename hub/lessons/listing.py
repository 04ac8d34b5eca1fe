"""The lessons that come with Paperhop, as one chooses from them."""

from __future__ import annotations

import functools

import msgspec

from hub.lessons import ids, load

COURSE = ("handshake", "data", "refused", "no-route", "linked", "loss", "closing", "booth")
"""The order in which a class takes the lessons."""


class LessonRow(msgspec.Struct, frozen=True):
    """A lesson that can be chosen. variants: their names; `ID:NAME` is what one orders."""

    id: str
    title: str
    goal: str
    nodes: int
    variants: tuple[str, ...]


@functools.cache
def lesson_rows(language: str = "en") -> tuple[LessonRow, ...]:
    """All of them in a language, in the order of the course. The first time it takes a while: each is loaded, with its
    variants.
    """
    rows = []
    for id in sorted(ids(), key=lambda id: COURSE.index(id) if id in COURSE else len(COURSE)):
        lesson = load(id, language)
        rows.append(LessonRow(id, lesson.title, lesson.goal, len(lesson.rules.nodes), lesson.variants))
    return tuple(rows)
