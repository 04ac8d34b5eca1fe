"""Every script of every lesson of ours plays as its file says: lesson and regression test in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.journal import Journal
from hub.lessons import Script, ids, load
from hub.scripted import ScriptedRoom, play, play_alone

SCRIPTS = [(lesson, script) for lesson in ids() for script in load(lesson).scripts]
VARIANTS = [name for lesson in ids() for name in (lesson, *(f"{lesson}:{each}" for each in load(lesson).variants))]


@pytest.mark.parametrize(("lesson", "script"), SCRIPTS, ids=[f"{lesson}-{script.id}" for lesson, script in SCRIPTS])
def test_script(lesson: str, script: Script, tmp_path: Path) -> None:
    name = lesson if script.variant is None else f"{lesson}:{script.variant}"
    for outcome in play(Journal(tmp_path), load(name), script):
        line = script.lines[outcome.number - 1]
        assert outcome.wrong is None, f"{lesson}.yaml, line {line}, {script.id}, step {outcome.number}: {outcome.wrong}"


@pytest.mark.parametrize("name", VARIANTS)
def test_a_room_of_bots_reaches_the_goals(name: str, tmp_path: Path) -> None:
    hand = ScriptedRoom(Journal(tmp_path), load(name))
    for judged in play_alone(hand):
        assert judged.ruling.charged is None, f"a bot made a mistake: {judged.ruling}"
    missing = [goal.id for goal in hand.room.lesson.goals if not goal.quest and not hand.room.reached(goal.id)]
    assert missing == []
