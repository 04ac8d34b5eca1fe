"""Every script of every lesson of ours plays as its file says: lesson and regression test in one."""

from __future__ import annotations

import pytest

from hub.lessons import Script, ids, load
from hub.simulator.events import Scanned
from tests.hub.play import Play

SCRIPTS = [(lesson, script) for lesson in ids() for script in load(lesson).scripts]


@pytest.mark.parametrize(("lesson", "script"), SCRIPTS, ids=[f"{lesson}-{script.id}" for lesson, script in SCRIPTS])
def test_script(lesson: str, script: Script) -> None:
    play = Play(load(lesson).rules)
    cards = {name: f"S-{number}" for number, name in enumerate(script.cards)}
    for number, step in enumerate(script.steps):
        event = Scanned(number * 1000, f"badge-{step.node}", cards[step.card], script.cards[step.card].written())
        (ruling,) = play.do(event)
        where = f"{lesson}: {script.id}, step {number + 1}: {step.card} at {step.node}"
        assert (ruling.verdict, ruling.reason) == (step.verdict, step.reason or ruling.reason), where
