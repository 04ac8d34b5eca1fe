"""`paperhop play`: play the scripts of a lesson, or let bots play it, without any hardware."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from cards.jsonform import to_json
from cards.notation import write
from cards.packet import Carries
from hub.course import Judged
from hub.journal import Journal, JournalError
from hub.lessons import Lesson, LessonError, Script, load, load_scripts, variant
from hub.lessons.lesson import ScanStep, Step
from hub.room import Room
from hub.scripted import Outcome, ScriptedRoom, is_for, journal_of_nobody, play, play_alone
from hub.simulator.facts import facts
from hub.simulator.reasons import REASONS
from hub.speech import help_with, said
from paperhop.lesson_option import WHICH_LESSON
from paperhop.options import add_language

_WIDTH = 16
_KIND = 1 + max(len(carries.word) for carries in Carries)
"""Columns for a node's title, and for what kind of packet it is."""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop play`."""
    parser.add_argument("lesson", metavar="LESSON", help=WHICH_LESSON)
    add_language(parser)
    parser.add_argument("--script", type=Path, metavar="FILE", help="play the scripts in FILE, not the lesson's own")
    parser.add_argument("--only", metavar="ID", help="play this script alone")
    parser.add_argument("--bots", action="store_true", help="the engine plays every node, until the goals are reached")
    told = parser.add_mutually_exclusive_group()
    told.add_argument("--step", action="store_true", help="show who scans what; the verdict comes with Enter")
    told.add_argument("--json", action="store_true", help="print a JSON object a line")
    parser.add_argument("--data", type=Path, metavar="DIR", help="leave the rooms' journal there, as a hub would")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: all was as expected (or nothing was expected), 1: it was not, 2: it could not begin."""
    try:
        lesson = load(arguments.lesson, arguments.language)
        teller = _Teller(arguments.json, arguments.step)
        if arguments.bots:
            with _journal(arguments.data) as journal:
                return _bots(journal, lesson, teller)
        there = load_scripts(arguments.script, lesson) if arguments.script else lesson.scripts
        scripts = tuple(script for script in there if arguments.only in (None, script.id))
        if not scripts:
            raise LessonError(f"There is no such script to play; there are: {_names(there)}")
        if lesson.variant is not None and arguments.script is None and arguments.only is None:
            scripts = _of_variant(lesson)
        variants = {name: lesson if name is None else variant(lesson, name) for name in _variants(scripts)}
        with _journal(arguments.data) as journal:
            return _scripts(journal, variants, scripts, teller)
    except (LessonError, JournalError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(error, file=sys.stderr)
        return 2


def _names(scripts: tuple[Script, ...]) -> str:
    return ", ".join(script.id for script in scripts) or "none"


def _of_variant(lesson: Lesson) -> tuple[Script, ...]:
    """Its scripts, and a word on those that are left out. Raises LessonError when all are."""
    scripts = tuple(script for script in lesson.scripts if is_for(lesson, script))
    left = ", ".join(script.id for script in lesson.scripts if script.variant is None and script not in scripts)
    if not scripts:
        raise LessonError(
            f"No script comes out in {lesson.id} as it says. --bots lets the engine play it, and --only ID plays one "
            f"all the same: {left}"
        )
    if left:
        print(f"Written for {lesson.base} itself, and left out: {left}", file=sys.stderr)
    return scripts


def _variants(scripts: tuple[Script, ...]) -> set[str | None]:
    return {script.variant for script in scripts}


@contextmanager
def _journal(data: Path | None) -> Iterator[Journal]:
    if data is not None:
        with closing(Journal(data)) as journal:
            yield journal
        return
    with journal_of_nobody() as journal:
        yield journal


class _Teller:
    """What is told of a play. as_json: an object a line; step: a verdict only when Enter is pressed."""

    def __init__(self, as_json: bool, step: bool) -> None:
        self.as_json = as_json
        self._step = step

    def title(self, script: Script) -> None:
        if not self.as_json:
            print(f"\n{script.title}" + (f": {script.text}" if script.text else ""))

    def outcome(self, lesson: Lesson, outcome: Outcome) -> None:
        if self.as_json:
            where = {"script": outcome.script.id, "step": outcome.number}
            if outcome.step is not None:
                where["line"] = outcome.script.lines[outcome.number - 1]
            judged = {} if outcome.judged is None else _verdict(lesson, outcome.judged, outcome.card)
            if outcome.refused is not None:
                judged = {"reason": outcome.refused.ruling.reason, "refused": str(outcome.refused)}
            expected = _expected(outcome.step)
            _print(
                where | judged | {"expected": expected, "as_expected": outcome.wrong is None, "wrong": outcome.wrong}
            )
            return
        if outcome.judged is not None:
            self.judged(lesson, outcome.judged, outcome.card)
        if outcome.refused is not None:
            print(f"    line {outcome.script.lines[outcome.number - 1]}: {outcome.refused}")
        if outcome.wrong is not None:
            print(f"    line {outcome.script.lines[outcome.number - 1]}: {outcome.wrong}")

    def judged(self, lesson: Lesson, judged: Judged, card: str | None) -> None:
        if self.as_json:
            _print(_verdict(lesson, judged, card))
            return
        ruling = judged.ruling
        node = "" if ruling.node is None else lesson.rules.title(ruling.node)
        if self._step:
            shown = card or "" if ruling.written is None else write(ruling.written)
            print(f"  {node:<{_WIDTH}}{shown}  ", end="", flush=True)
            if not sys.stdin.readline().endswith("\n"):
                print()
            start = f"  {'':<{_WIDTH}}{ruling.verdict.value:<10}"
        else:
            start = (
                f"  {node:<{_WIDTH}}{facts(lesson.rules, ruling).get('flags', ''):<{_KIND}}{ruling.verdict.value:<10}"
            )
        width = max(40, shutil.get_terminal_size().columns - len(start))
        lines = textwrap.wrap(said(lesson.rules, ruling), width) or [""]
        print(start + ("\n" + " " * len(start)).join(lines))


def _scripts(journal: Journal, lessons: dict[str | None, Lesson], scripts: tuple[Script, ...], teller: _Teller) -> int:
    scans = good = 0
    failed: list[str] = []
    for script in scripts:
        lesson = lessons[script.variant]
        teller.title(script)
        wrong = False
        for outcome in play(journal, lesson, script):
            wrong = wrong or outcome.wrong is not None
            if outcome.judged is not None:
                scans, good = scans + 1, good + (outcome.wrong is None)
            teller.outcome(lesson, outcome)
        if wrong:
            failed.append(script.id)
    if teller.as_json:
        _print({"summary": {"scripts": len(scripts), "scans": scans, "as_expected": good, "failed": failed}})
    else:
        print(f"\n{good} of {scans} scans as expected" + (f"; not so: {', '.join(failed)}" if failed else "."))
    return 1 if failed else 0


def _bots(journal: Journal, lesson: Lesson, teller: _Teller) -> int:
    hand = ScriptedRoom(journal, lesson)
    for judged in play_alone(hand):
        teller.judged(lesson, judged, judged.ruling.card)
    room = hand.room
    missing = [goal.id for goal in lesson.goals if not goal.quest and not room.reached(goal.id)]
    seconds = room.world.at // 1000
    if teller.as_json:
        _print({"summary": {"goals": _goals(room), "reached": not missing, "missing": missing, "seconds": seconds}})
    else:
        said = f"not reached: {', '.join(missing)}" if missing else "every goal is reached"
        print(f"\nAfter {seconds} s of lesson time, {said}.")
    return 1 if missing else 0


def _goals(room: Room) -> dict[str, bool]:
    return {goal.id: room.reached(goal.id) for goal in room.lesson.goals}


def _verdict(lesson: Lesson, judged: Judged, card: str | None) -> dict[str, Any]:
    """One verdict as JSON (docs/contracts.md, "Playing a script")."""
    rules, ruling = lesson.rules, judged.ruling
    reason = REASONS[ruling.reason]
    hints = help_with(rules, ruling)
    return {
        "at_ms": judged.at,
        "badge": judged.badge,
        "node": ruling.node,
        "card": card,
        "packet": None if ruling.written is None else msgspec.to_builtins(to_json(ruling.written)),
        "verdict": ruling.verdict.value,
        "reason": ruling.reason,
        "params": dict(facts(rules, ruling)),
        "sentence": said(rules, ruling),
        "hints": None if hints is None else [hints.nudge, hints.pointer, hints.answer],
        "rfc": reason.rfc,
        "key": None if judged.answer is None else judged.answer.key,
        "charged": ruling.charged,
        "differences": msgspec.to_builtins(ruling.differences),
        "from": ruling.came_from,
        "to": ruling.goes_to,
        "repeated": ruling.repeated,
    }


def _expected(step: Step | None) -> dict[str, str | None] | None:
    if not isinstance(step, ScanStep):
        return None
    verdict = None if step.verdict is None else step.verdict.value
    return {"verdict": verdict, "reason": step.reason, "charged": step.charged}


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)
