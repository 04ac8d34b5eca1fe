"""`paperhop play`: play the scripts of a lesson, or let bots play it, without any hardware."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from cards.jsonform import to_json
from cards.packet import Carries
from hub.course import Judged
from hub.journal import Journal, JournalError
from hub.lessons import Lesson, LessonError, Script, ids, load, load_scripts, variant
from hub.lessons.lesson import ScanStep, Step
from hub.room import Room
from hub.scripted import Outcome, ScriptedRoom, play, play_alone
from hub.simulator.facts import facts
from hub.simulator.reasons import REASONS
from hub.speech import help_with, said
from paperhop.options import add_language

_WIDTH = 16
_KIND = 1 + max(len(carries.word) for carries in Carries)
"""Columns for a node's title, and for what kind of packet it is."""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop play`."""
    parser.add_argument("lesson", metavar="LESSON", help=f"{', '.join(ids())}, ID:VARIANT, or a .yaml file")
    add_language(parser)
    parser.add_argument("--script", type=Path, metavar="FILE", help="play the scripts in FILE, not the lesson's own")
    parser.add_argument("--only", metavar="ID", help="play this script alone")
    parser.add_argument("--bots", action="store_true", help="the engine plays every node, until the goals are reached")
    parser.add_argument("--json", action="store_true", help="print a JSON object a line")
    parser.add_argument("--data", type=Path, metavar="DIR", help="leave the rooms' journal there, as a hub would")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: all was as expected (or nothing was expected), 1: it was not, 2: it could not begin."""
    try:
        lesson = load(arguments.lesson, arguments.language)
        there = load_scripts(arguments.script, lesson) if arguments.script else lesson.scripts
        scripts = tuple(script for script in there if arguments.only in (None, script.id))
        if not arguments.bots and not scripts:
            raise LessonError(f"There is no such script to play; there are: {_names(there)}")
        variants = {name: lesson if name is None else variant(lesson, name) for name in _variants(scripts)}
        with _journal(arguments.data) as journal:
            if arguments.bots:
                return _bots(journal, lesson, arguments.json)
            return _scripts(journal, variants, scripts, arguments.json)
    except (LessonError, JournalError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(error, file=sys.stderr)
        return 2


def _names(scripts: tuple[Script, ...]) -> str:
    return ", ".join(script.id for script in scripts) or "none"


def _variants(scripts: tuple[Script, ...]) -> set[str | None]:
    return {script.variant for script in scripts}


@contextmanager
def _journal(data: Path | None) -> Iterator[Journal]:
    if data is not None:
        with closing(Journal(data)) as journal:
            yield journal
        return
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        yield journal


def _scripts(journal: Journal, lessons: dict[str | None, Lesson], scripts: tuple[Script, ...], as_json: bool) -> int:
    scans = good = 0
    failed: list[str] = []
    for script in scripts:
        lesson = lessons[script.variant]
        if not as_json:
            print(f"\n{script.title}" + (f": {script.text}" if script.text else ""))
        wrong = False
        for outcome in play(journal, lesson, script):
            wrong = wrong or outcome.wrong is not None
            if outcome.judged is not None:
                scans, good = scans + 1, good + (outcome.wrong is None)
            _tell(lesson, outcome, as_json)
        if wrong:
            failed.append(script.id)
    if as_json:
        _print({"summary": {"scripts": len(scripts), "scans": scans, "as_expected": good, "failed": failed}})
    else:
        print(f"\n{good} of {scans} scans as expected" + (f"; not so: {', '.join(failed)}" if failed else "."))
    return 1 if failed else 0


def _bots(journal: Journal, lesson: Lesson, as_json: bool) -> int:
    hand = ScriptedRoom(journal, lesson)
    for judged in play_alone(hand):
        _tell_judged(lesson, judged, judged.ruling.card, as_json)
    room = hand.room
    missing = [goal.id for goal in lesson.goals if not goal.quest and not room.reached(goal.id)]
    seconds = room.world.at // 1000
    if as_json:
        _print({"summary": {"goals": _goals(room), "reached": not missing, "missing": missing, "seconds": seconds}})
    else:
        said = f"not reached: {', '.join(missing)}" if missing else "every goal is reached"
        print(f"\nAfter {seconds} s of lesson time, {said}.")
    return 1 if missing else 0


def _goals(room: Room) -> dict[str, bool]:
    return {goal.id: room.reached(goal.id) for goal in room.lesson.goals}


def _tell(lesson: Lesson, outcome: Outcome, as_json: bool) -> None:
    if as_json:
        where = {"script": outcome.script.id, "step": outcome.number}
        if outcome.step is not None:
            where["line"] = outcome.script.lines[outcome.number - 1]
        judged = {} if outcome.judged is None else _verdict(lesson, outcome.judged, outcome.card)
        if outcome.refused is not None:
            judged = {"reason": outcome.refused.ruling.reason, "refused": str(outcome.refused)}
        expected = _expected(outcome.step)
        _print(where | judged | {"expected": expected, "as_expected": outcome.wrong is None, "wrong": outcome.wrong})
        return
    if outcome.judged is not None:
        _tell_judged(lesson, outcome.judged, outcome.card, as_json)
    if outcome.refused is not None:
        print(f"    line {outcome.script.lines[outcome.number - 1]}: {outcome.refused}")
    if outcome.wrong is not None:
        print(f"    line {outcome.script.lines[outcome.number - 1]}: {outcome.wrong}")


def _tell_judged(lesson: Lesson, judged: Judged, card: str | None, as_json: bool) -> None:
    if as_json:
        _print(_verdict(lesson, judged, card))
        return
    ruling = judged.ruling
    node = "" if ruling.node is None else lesson.rules.title(ruling.node)
    start = f"  {node:<{_WIDTH}}{facts(lesson.rules, ruling).get('flags', ''):<{_KIND}}{ruling.verdict.value:<10}"
    width = max(40, shutil.get_terminal_size().columns - len(start))
    lines = textwrap.wrap(said(lesson.rules, ruling), width) or [""]
    print(start + ("\n" + " " * len(start)).join(lines))


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
