"""Which game a journal goes on with: the newest one, when it is of the lesson that is wanted, or a new one."""

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


def find(journal: Journal, lesson: Lesson, fresh: bool, seed: str | None) -> Found:
    """The newest game of a journal, when it is one of this lesson and nobody wants a fresh one."""
    newest = None if fresh else journal.newest_room()
    if newest is not None and newest[1].lesson == lesson.id:
        number, record = newest
        return Found(number, record, lesson if record.source == lesson.source else from_text(record.source, lesson.id))
    return Found(None, _new_room(lesson, seed), lesson)


def _new_room(lesson: Lesson, seed: str | None) -> RoomRecord:
    began = datetime.now(UTC)
    return RoomRecord(
        name=f"{lesson.id.replace(':', '-')}-{began:%Y%m%d-%H%M%S}",
        lesson=lesson.id,
        source=lesson.source,
        seed=seed or secrets.token_hex(16),
        rules=RULES_VERSION,
        program=version("paperhop"),
        began=began.isoformat(timespec="seconds"),
    )
