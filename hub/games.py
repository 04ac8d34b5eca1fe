"""Which game a journal goes on with: the newest one, unless another lesson is wanted than before, or a new one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from hub.journal import Journal
from hub.lessons import Lesson, from_text
from hub.records import RoomRecord
from hub.simulator import RULES_VERSION


@dataclass(frozen=True, slots=True)
class Found:
    """The game that a journal goes on with, or a new one (number None: it is not in the journal yet).

    lesson: as that game plays it: its text is in the journal, a changed file does not change a game.
    """

    number: int | None
    record: RoomRecord
    lesson: Lesson


def wanted(journal: Journal, lesson: Lesson, named: bool) -> Lesson:
    """The lesson that is to be played when a hub is started. named: somebody has named it at the start; else the lesson
    of the newest game goes on, whatever it is, and this one is for a new journal.

    Whoever starts the hub again with the same words has it go on, also with a lesson that was chosen on a page since.
    """
    newest = journal.newest_room()
    if newest is None:
        return lesson
    record = newest[1]
    if record.lesson == lesson.id or (named and record.asked != lesson.id):
        return lesson
    return from_text(record.source, record.lesson)


def find(journal: Journal, lesson: Lesson, fresh: bool, seed: str | None, asked: str = "") -> Found:
    """The newest game of a journal, when it is one of this lesson and nobody wants a fresh one. asked: see
    `RoomRecord`.
    """
    newest = None if fresh else journal.newest_room()
    if newest is not None and newest[1].lesson == lesson.id:
        number, record = newest
        return Found(number, record, lesson if record.source == lesson.source else from_text(record.source, lesson.id))
    return Found(None, _new_room(lesson, seed, asked), lesson)


def _new_room(lesson: Lesson, seed: str | None, asked: str) -> RoomRecord:
    began = datetime.now(UTC)
    return RoomRecord(
        name=f"{lesson.id.replace(':', '-')}-{began:%Y%m%d-%H%M%S}",
        lesson=lesson.id,
        source=lesson.source,
        seed=seed or secrets.token_hex(16),
        rules=RULES_VERSION,
        program=version("paperhop"),
        began=began.isoformat(timespec="seconds"),
        asked=asked,
    )
