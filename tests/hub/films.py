"""The rooms of the lessons' own scripts, played as they stand in their files, to be looked at after any record."""

from __future__ import annotations

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from hub.journal import Journal
from hub.lessons import Lesson, ids, load
from hub.replay import Past, replay
from hub.scripted import play

SCRIPTS = [(lesson, script.id) for lesson in ids() for script in load(lesson).scripts]


class Film:
    """What each record has brought, by its number."""

    def __init__(self, lesson: Lesson, past: tuple[Past, ...]) -> None:
        self.lesson = lesson
        self.past = {each.number: each for each in past}
        self.first, self.last = min(self.past), max(self.past)

    def moment(self, number: int) -> Past:
        return self.past[number]


@cache
def film_of(lesson: str, script: str) -> Film:
    """The room in which a script was played."""
    chosen = next(each for each in load(lesson).scripts if each.id == script)
    variant = load(lesson if chosen.variant is None else f"{lesson}:{chosen.variant}")
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        for outcome in play(journal, variant, chosen):
            assert outcome.wrong is None, outcome
        newest = journal.newest_room()
        assert newest is not None
        return Film(variant, tuple(replay(variant, newest[1].seed, journal.records(after=newest[0]))))


def event(film: Film, reason: str, nth: int = 0) -> int:
    """The number of the nth record that was answered with a reason."""
    return [number for number, each in film.past.items() if each.line is not None and each.line.reason == reason][nth]
