"""A lesson is played, by its scripts and by bots, and what does not come as it should is named by its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cards.packet import Written
from hub.checking.findings import Finding, advice, error
from hub.checking.network import at
from hub.journal import Journal
from hub.lessons import Lesson, Script
from hub.lessons.lesson import ActStep, ScanStep
from hub.scripted import Outcome, ScriptedRoom, play, play_alone
from hub.simulator.facts import facts
from hub.simulator.verdicts import Ruling, Verdict
from hub.speech import help_with, said
from hub.texts import lacking


@dataclass(frozen=True, slots=True)
class Alone:
    """A room of bots has played. missing: goals that they have not reached, quests left out. seconds: of lesson time.

    charged: rulings in which a bot is charged with a mistake. cards: what bots have written.
    """

    lesson: Lesson
    missing: tuple[str, ...]
    seconds: int
    charged: tuple[Ruling, ...]
    cards: tuple[Written, ...]


def alone(kept: Journal, lesson: Lesson) -> Alone:
    """Let bots play a lesson, or a variant of it, from the beginning."""
    hand = ScriptedRoom(kept, lesson)
    rulings = [judged.ruling for judged in play_alone(hand)]
    missing = tuple(goal.id for goal in lesson.goals if not goal.quest and not hand.room.reached(goal.id))
    sent = [ruling.written for ruling in rulings if ruling.verdict is Verdict.SENT and ruling.written is not None]
    charged = tuple(ruling for ruling in rulings if ruling.charged is not None)
    return Alone(lesson, missing, hand.room.world.at // 1000, charged, tuple(dict.fromkeys(sent)))


def bots(plays: Mapping[str | None, Alone]) -> Iterator[Finding]:
    """Goals that a room of bots does not reach; `plays` by variants."""
    for variant, played in plays.items():
        lesson, where = played.lesson, "" if variant is None else f" in the variant {variant}"
        numbers = {goal.id: number for number, goal in enumerate(lesson.goals)}
        for goal in played.missing:
            text = (
                f"bots do not reach the goal {goal}{where}, and after {played.seconds} s nothing more happens: give "
                f"some node a task that leads to it, correct its when:, or write quest: true if it may be left out"
            )
            yield error(lesson.document, ("goals", numbers[goal]), "goal", text)
        for ruling in played.charged:
            assert ruling.charged is not None
            text = (
                f"a bot is charged with a mistake{where} ({ruling.reason}): {said(lesson.rules, ruling)} "
                f"Look at routes and links here; if they are right, tell the makers of Paperhop"
            )
            yield error(lesson.document, at(lesson, ruling.charged), "bot", text)


def scripts(kept: Journal, lessons: Mapping[str | None, Lesson]) -> Iterator[Finding]:
    """Scripts that do not play as they say, or leave something open; `lessons` by variants."""
    lesson, right = lessons[None], False
    for number, script in enumerate(lesson.scripts):
        outcomes = list(play(kept, lessons[script.variant], script))
        for outcome in outcomes:
            yield from _outcome(lesson, script, outcome)
        yield from _unused(lesson, number, script)
        right = right or _is_right(outcomes)
    if not right:
        text = (
            "no script plays the lesson without a mistake: write one of the right course, "
            "so that it is known to be possible"
        )
        yield advice(lesson.document, ("scripts",), "no-right-course", text)


def _is_right(outcomes: list[Outcome]) -> bool:
    rulings = [outcome.judged.ruling for outcome in outcomes if outcome.judged is not None]
    as_said = all(outcome.wrong is None for outcome in outcomes)
    return bool(rulings) and as_said and not any(_is_mistake(ruling) for ruling in rulings)


def _is_mistake(ruling: Ruling) -> bool:
    return ruling.charged is not None or ruling.verdict is Verdict.STOPPED


def _unused(lesson: Lesson, number: int, script: Script) -> Iterator[Finding]:
    used = {step.card for step in script.steps if isinstance(step, ScanStep)}
    used |= {script.papers[name] for name in used}
    for name in script.cards:
        if name not in used:
            text = f"the card {name} is never scanned: scan it in a step, or leave it out"
            yield advice(lesson.document, ("scripts", number, "cards", name), "unused-card", text)


def _outcome(lesson: Lesson, script: Script, outcome: Outcome) -> Iterator[Finding]:
    """What is to be said of one step, and of what came of it."""
    if outcome.number == 0:
        return
    path = ("scripts", lesson.scripts.index(script), "steps", outcome.number - 1)
    where = f"script {script.id}, step {outcome.number}"
    step, judged = outcome.step, outcome.judged
    if judged is None:
        if outcome.refused is not None and outcome.wrong is None and isinstance(step, ActStep) and step.refused is None:
            text = (
                f"{where}: {outcome.refused} If that is meant, write reason: {outcome.refused.ruling.reason} beside it"
            )
            yield advice(lesson.document, path, "nothing-done", text)
        if outcome.wrong is not None:
            text = f"{where}: {outcome.wrong}: write what is so then, or change the steps before"
            yield error(lesson.document, path, "script", text)
        return
    ruling = judged.ruling
    sentence = said(lesson.rules, ruling)
    if outcome.wrong is not None:
        is_so = f"expect: {ruling.verdict.value}, reason: {ruling.reason}"
        text = f"{where}: {outcome.wrong} ({sentence}): write {is_so}, or change the card or the steps before"
        yield error(lesson.document, path, "script", text)
    if not _is_mistake(ruling):
        return
    missing = lacking(ruling.reason, facts(lesson.rules, ruling))
    if missing or (ruling.charged is not None and help_with(lesson.rules, ruling) is None):
        what = f"do not know {', '.join(sorted(missing))}" if missing else "are missing"
        text = f"{where}: sentence and hints of {ruling.reason} {what}: tell the makers of Paperhop ({sentence})"
        yield error(lesson.document, path, "hint", text)
    if isinstance(step, ScanStep) and outcome.wrong is None and step.reason is None:
        text = f"{where} expects a mistake and does not say which: write reason: {ruling.reason}"
        yield advice(lesson.document, path, "no-reason", text)
