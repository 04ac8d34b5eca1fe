"""A variant of a lesson file: the same file with some parts in the place of others, and still known by their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from msgspec import Struct
from msgspec.structs import replace as changed

from hub.lessons.document import Document, NoLessonError, Path
from hub.lessons.schema import LessonFile

_BY_ID = ("nodes", "goals")
"""What a variant does not replace as a whole."""


def varied(document: Document, f: LessonFile, name: str) -> tuple[Document, LessonFile]:
    """The file and its document in a variant. Raises LessonError for a node that there is not; NoLessonError."""
    if name not in f.variants:
        there = ", ".join(f.variants) or "none"
        raise NoLessonError(f"{document.name} has no variant {name!r}; there are: {there}")
    variant, at = f.variants[name], ("variants", name)
    whole = {field: value for field, value in _given(variant) if field not in _BY_ID}
    moved: dict[Path, Path] = {(field,): (*at, field) for field in whole}
    nodes, ids = list(f.nodes), [node.id for node in f.nodes]
    for id, change in variant.nodes.items():
        number = ids.index(document.one_of((*at, "nodes", id), id, ids))
        given = dict(_given(change))
        nodes[number] = changed(nodes[number], **given)
        moved |= {("nodes", number, field): (*at, "nodes", id, field) for field in given}
    goals = list(f.goals)
    for number, goal in enumerate(variant.goals):
        places = {each.id: place for place, each in enumerate(goals)}
        place = places.get(goal.id, len(goals))
        goals[place : place + 1] = [goal]
        moved[("goals", place)] = (*at, "goals", number)
    return replace(document, moved=moved), changed(f, nodes=nodes, goals=goals, **whole)


def _given(part: Struct) -> Iterator[tuple[str, object]]:
    for field in part.__struct_fields__:
        value = getattr(part, field)
        if value is not None:
            yield field, value
