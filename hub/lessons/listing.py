"""The lessons that come with Paperhop, as one chooses from them."""

from __future__ import annotations

import functools

import msgspec

from hub.lessons import ids, load

COURSE = ("handshake", "data", "refused", "no-route", "linked", "loss", "closing", "booth")
"""The order in which a class takes the lessons."""


class VariantRow(msgspec.Struct, frozen=True):
    """A variant of a lesson; `ID:NAME` is what one orders. title: says what is different in it."""

    name: str
    title: str


class LessonRow(msgspec.Struct, frozen=True):
    """A lesson that can be chosen."""

    id: str
    title: str
    goal: str
    nodes: int
    variants: tuple[VariantRow, ...]


@functools.cache
def lesson_rows(language: str = "en") -> tuple[LessonRow, ...]:
    """All of them in a language, in the order of the course. The first time it takes a while: each is loaded, with its
    variants.
    """
    rows = []
    for id in sorted(ids(), key=lambda id: COURSE.index(id) if id in COURSE else len(COURSE)):
        lesson = load(id, language)
        variants = tuple(VariantRow(name, title) for name, title in lesson.variant_titles.items())
        rows.append(LessonRow(id, lesson.title, lesson.goal, len(lesson.rules.nodes), variants))
    return tuple(rows)
