"""From the text of a lesson file to a lesson: everything is checked, and a mistake is named by file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from hub.lessons import goals, questions, scripts, topology
from hub.lessons.document import Document, LessonError, Path, parse
from hub.lessons.lesson import Lesson, Race, Script
from hub.lessons.schema import (
    FaultFile,
    FormFile,
    GoalFile,
    LessonFile,
    NodeChange,
    NodeFile,
    QuestionFile,
    QuestionWords,
    RaceFile,
    ScriptFile,
    ScriptsFile,
    ScriptWords,
    StepFile,
    TaskFile,
    TimersFile,
    VariantFile,
    VariantWords,
    WhenFile,
    WordsFile,
)
from hub.lessons.varying import varied
from hub.lessons.wording import worded
from hub.simulator.events import FaultSet
from hub.simulator.goals import Goal
from hub.simulator.rules import Counting, Form, Play, Rules, Timers
from hub.texts import languages

T = TypeVar("T")

_IN_WORDS = {
    "`str` matching regex '^[a-z][a-z0-9-]{0,31}$'": "a name of lower-case letters, digits and -, like client-2",
    "Expected `object`": "Expected names with values (`name: value`)",
    "Expected `array`": "Expected a list (`- ...` or [...])",
    "of length >= 1": "that is not empty",
    "Expected `str`, got `object`": "Expected a text; put it in quotes",
    "Expected `bool`, got `str`": "Write true or false",
    "Expected `int`, got `str`": "Expected a whole number",
    "Expected `int`": "Expected a whole number",
}
_PLACE = "Write two numbers from 0 to 1, from the left and from the top, like [0.5, 0.4]"
_KINDS: dict[tuple[str, ...], type[msgspec.Struct]] = {
    (): LessonFile,
    ("nodes",): NodeFile,
    ("nodes", "tasks"): TaskFile,
    ("form",): FormFile,
    ("timers",): TimersFile,
    ("faults",): FaultFile,
    ("goals",): GoalFile,
    ("goals", "when"): WhenFile,
    ("questions",): QuestionFile,
    ("race",): RaceFile,
    ("variants",): VariantFile,
    ("variants", "form"): FormFile,
    ("variants", "timers"): TimersFile,
    ("variants", "faults"): FaultFile,
    ("variants", "nodes"): NodeChange,
    ("variants", "nodes", "tasks"): TaskFile,
    ("variants", "goals"): GoalFile,
    ("variants", "goals", "when"): WhenFile,
    ("scripts",): ScriptFile,
    ("scripts", "steps"): StepFile,
    ("scripts", "steps", "fault"): FaultFile,
    ("words",): WordsFile,
    ("words", "questions"): QuestionWords,
    ("words", "variants"): VariantWords,
    ("words", "scripts"): ScriptWords,
}


def from_text(text: str, id: str, file: str | None = None) -> Lesson:
    """The lesson in `text`, or the variant of it that is named after a colon in `id`; `file` is what errors call it.

    Raises LessonError.
    """
    base, _, variant = id.partition(":")
    document = parse(text, file or f"{base}.yaml")
    if not isinstance(document.data, dict):
        raise document.error((), "a lesson begins with 'title: ...', 'goal: ...', 'nodes:'")
    written = _typed(document, LessonFile)
    document.one_of(("language",), written.language, languages())
    f = worded(document, written)
    versions = {name: varied(document, f, name) for name in f.variants}
    known = {None: _known(document, f)} | {name: _known(*each) for name, each in versions.items()}
    goal_ids = {name: tuple(goal.id for goal in each.goals) for name, each in known.items()}
    if variant:
        document, f = versions.get(variant) or varied(document, f, variant)
    read = known[variant or None]
    return Lesson(
        id,
        f.title,
        f.goal,
        text,
        document,
        read.rules,
        topology.places(f.nodes),
        scripts.scripts(document, f.scripts, read.rules, goal_ids),
        read.goals,
        read.faults,
        None if f.race is None else Race(f.race.penalty, f.race.rotate),
        goal_ids,
        f.reset_after,
        questions.questions(document, f.questions),
        {node.id: node.title for node in written.nodes},
        {name: each.title for name, (_, each) in versions.items()},
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a lesson, or of a variant: a mistake in a variant is one in the lesson."""

    rules: Rules
    goals: tuple[Goal, ...]
    faults: tuple[FaultSet, ...]


def _known(document: Document, f: LessonFile) -> _Known:
    rules = _rules(document, f)
    return _Known(rules, goals.goals(document, f.goals, rules), _faults(document, f, rules))


def scripts_from_text(text: str, file: str, lesson: Lesson) -> tuple[Script, ...]:
    """The scripts in `text` for a lesson: `scripts:` and a list, or a single one. Raises LessonError."""
    document = parse(text, file)
    if not isinstance(document.data, dict):
        raise document.error((), "a script begins with 'title: ...', 'cards:', 'steps:'; or 'scripts:' and a list")
    if "scripts" not in document.data:
        document = document.under("scripts")
        document.data["scripts"][0].setdefault("id", "script")
        document.data["scripts"][0].setdefault("title", file)
        document.data["scripts"][0].setdefault("cards", {})
    f = _typed(document, ScriptsFile)
    goal_ids = {**lesson.goal_ids, None: tuple(goal.id for goal in lesson.goals)}  # of the variant that was asked for
    return scripts.scripts(document, f.scripts, lesson.rules, goal_ids)


def _faults(document: Document, f: LessonFile, rules: Rules) -> tuple[FaultSet, ...]:
    return tuple(scripts.fault(document, ("faults", n), fault, rules.by_id, rules) for n, fault in enumerate(f.faults))


def _rules(document: Document, f: LessonFile) -> Rules:
    nodes, links = topology.network(document, f.nodes, f.links)
    for number, node in enumerate(f.nodes):
        document.one_of(("nodes", number, "plays"), node.plays, ("people", "engine"))
    return Rules(
        nodes,
        links,
        Counting(document.one_of(("counting",), f.counting, [each.value for each in Counting])),
        Play(document.one_of(("play",), f.play, [each.value for each in Play])),
        f.isn_digits,
        Timers(f.timers.retransmission * 1000 or None, f.timers.delayed_ack * 1000, f.timers.time_wait * 1000),
        _form(document, ("form",), f.form),
        frozenset(node.id for node in f.nodes if node.plays == "engine"),
        f.language,
    )


def _form(document: Document, at: Path, f: FormFile) -> Form:
    addresses = tuple(topology.address_of(document, (*at, "addresses", n), text) for n, text in enumerate(f.addresses))
    return Form(f.seq, f.ack, f.ttl, f.next_hop, f.payload, f.check, addresses, tuple(f.ports))


def _typed(document: Document, kind: type[T]) -> T:
    try:
        return msgspec.convert(document.data, kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        path = _path(where.strip("`"))
        unknown = re.search(r"unknown field `(.+)`", message)
        if unknown:
            raise _unknown(document, path, unknown[1]) from None
        for said, meant in {"Object missing": "missing here: the", **_IN_WORDS}.items():
            message = message.replace(said, meant)
        if "place" in path:
            path, message = path[: path.index("place") + 1], _PLACE
        raise document.error(path, message) from None


def _unknown(document: Document, path: Path, name: str) -> LessonError:
    words = tuple(part for part in path if isinstance(part, str))
    kind = _KINDS.get(words) or _KINDS.get(words[:1], LessonFile)
    fields = _names(kind)
    near = difflib.get_close_matches(name, fields, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(fields)}"
    return document.error((*path, name), f"nothing here is called {name!r}; {hint}")


def _names(kind: type[msgspec.Struct]) -> list[str]:
    return list(kind.__struct_encode_fields__)


def _path(where: str) -> Path:
    """`$.nodes[0].services[...]` as a path; what stands for any key is left out."""
    parts: Iterable[Any] = re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", where)
    return tuple(int(number) if number else name for name, number in parts)
