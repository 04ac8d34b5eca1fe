"""`paperhop check`: look a lesson over that somebody wrote, and play it, before a class does."""

from __future__ import annotations

import argparse
import json
import sys

from hub.checking import Finding, Weight, check
from hub.lessons import LessonError, NoLessonError, load
from paperhop.lesson_option import WHICH_LESSON


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop check`."""
    parser.add_argument("lesson", metavar="LESSON", help=WHICH_LESSON)
    parser.add_argument("--json", action="store_true", help="print a JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: nothing is wrong (there may be advice), 1: something is, 2: there is no such lesson to be read."""
    looked_at = arguments.lesson
    try:
        lesson = load(arguments.lesson)
        if lesson.variants:
            looked_at = f"{arguments.lesson}, with the variants {', '.join(lesson.variants)}"
        found = check(lesson)
    except NoLessonError as error:
        print(error, file=sys.stderr)
        return 2
    except LessonError as error:
        file = error.file or arguments.lesson
        wrong = sorted((error, *error.also), key=lambda each: each.line or 1)
        found = tuple(Finding(Weight.ERROR, "not-a-lesson", file, each.line or 1, each.message) for each in wrong)
    errors = sum(finding.weight is Weight.ERROR for finding in found)
    advice = len(found) - errors
    for finding in found:
        print(json.dumps(_plain(finding), ensure_ascii=False) if arguments.json else finding)
    if arguments.json:
        print(json.dumps({"summary": {"lesson": arguments.lesson, "errors": errors, "advice": advice}}))
    else:
        print(f"{looked_at}: {_summary(errors, advice)}")
    return 1 if errors else 0


def _plain(finding: Finding) -> dict[str, str | int]:
    """One finding as JSON (docs/contracts.md, "Checking a lesson")."""
    return {
        "weight": finding.weight.value,
        "code": finding.code,
        "file": finding.file,
        "line": finding.line,
        "text": finding.text,
    }


def _summary(errors: int, advice: int) -> str:
    if not errors and not advice:
        return "nothing to say against it."
    wrong = "no errors" if not errors else f"{errors} error{'s' * (errors > 1)}"
    hints = f"{advice} piece{'s' * (advice > 1)} of advice" if advice else "no advice"
    return f"{wrong}; {hints}."
