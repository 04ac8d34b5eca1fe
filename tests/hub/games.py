"""Games that were played by a lesson's script, as a journal has them."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hub import capture
from hub.journal import Journal, reading
from hub.lessons import Lesson, Script, from_text, load, load_scripts
from hub.records import RoomRecord
from hub.replay import Past, replay
from hub.scripted import play


@dataclass(frozen=True)
class Game:
    room: RoomRecord
    lesson: Lesson
    past: tuple[Past, ...]

    @property
    def sights(self) -> list[capture.Sight]:
        return capture.watch(self.lesson.rules, self.past).sights

    def octets(self, at: str | None = None, round: int | None = None) -> bytes:
        return b"".join(capture.octets(self.room, self.lesson, self.past, at=at, round=round))


_read = cache(from_text)


@cache
def lesson_of(id: str) -> Lesson:
    """One of our lessons, read once."""
    return load(id)


@cache
def game(lesson: str, script: str) -> Game:
    """A script of one of our lessons."""
    there = lesson_of(lesson)
    return _played(there, next(each for each in there.scripts if each.id == script))


def made_up(lesson: str, text: str) -> Game:
    """A script that is not in a lesson."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.yaml"
        path.write_text(text, "utf-8")
        there = lesson_of(lesson)
        (script,) = load_scripts(path, there)
    return _played(there, script)


def _played(lesson: Lesson, script: Script) -> Game:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        chosen = lesson if script.variant is None else _read(lesson.source, f"{lesson.id}:{script.variant}")
        with closing(Journal(data)) as journal:
            for outcome in play(journal, chosen, script):
                assert outcome.wrong is None, outcome
        with closing(reading(data)) as records:
            ((number, room),) = records.rooms
            as_played = _read(room.source, room.lesson)
            return Game(room, as_played, tuple(replay(as_played, room.seed, records.records(after=number))))
