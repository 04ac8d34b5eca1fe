"""A lesson in a language: its text says which, and brings the words of the lesson in that language along.

So whoever keeps the text keeps the words: a journal needs no further file, and says the same for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TypeVar

from msgspec.structs import replace

from hub.lessons.document import Document, Path
from hub.lessons.schema import GoalFile, LessonFile, NodeFile, QuestionFile, ScriptFile, ScriptWords, VariantWords

_LANGUAGE = re.compile(r"^language:.*$", re.MULTILINE)
_Titled = TypeVar("_Titled", GoalFile, NodeFile)


def in_language(text: str, language: str, id: str | None = None) -> str:
    """The text of a lesson, so that its room is spoken to in this language. id: of a lesson that comes with Paperhop,
    whose words stand in `hub/lessons/LANGUAGE/ID.yaml`; None: the lesson keeps its own.
    """
    line = f"language: {language}"
    if _LANGUAGE.search(text):
        return _LANGUAGE.sub(line, text)
    words = None if id is None else _words(language, id)
    added = "" if words is None else "words:\n" + "".join(f"  {each}\n" for each in words.splitlines())
    return f"{text.rstrip()}\n{line}\n{added}"


def worded(document: Document, f: LessonFile) -> LessonFile:
    """A lesson file with its `words` in the place of its own. LessonError for words of what it does not have."""
    words = f.words
    variants = dict(f.variants)
    for name, each in words.variants.items():
        variant = variants[document.one_of(("words", "variants", name), name, variants)]
        goals = _titled(document, ("words", "variants", name, "goals"), variant.goals, each.goals)
        variants[name] = replace(variant, **_given(each), goals=goals)
    questions = {question.id: question for question in f.questions}
    for id, asked in words.questions.items():
        at = ("words", "questions", id)
        question: QuestionFile = questions[document.one_of(at, id, questions)]
        if len(asked.options) != len(question.options):
            raise document.error((*at, "options"), f"write {len(question.options)} of them, as the question has")
        questions[id] = replace(question, text=asked.text, options=asked.options, why=asked.why)
    scripts = {script.id: script for script in f.scripts}
    for id, said in words.scripts.items():
        script: ScriptFile = scripts[document.one_of(("words", "scripts", id), id, scripts)]
        scripts[id] = replace(script, **_given(said))
    return replace(
        f,
        title=words.title or f.title,
        goal=words.goal or f.goal,
        nodes=_titled(document, ("words", "nodes"), f.nodes, words.nodes),
        goals=_titled(document, ("words", "goals"), f.goals, words.goals),
        questions=[questions[question.id] for question in f.questions],
        variants=variants,
        scripts=[scripts[script.id] for script in f.scripts],
    )


def _titled(document: Document, at: Path, parts: Sequence[_Titled], titles: Mapping[str, str]) -> list[_Titled]:
    ids = [each.id for each in parts]
    for id in titles:
        document.one_of((*at, id), id, ids)
    return [replace(each, title=titles.get(each.id, each.title)) for each in parts]


def _given(words: VariantWords | ScriptWords) -> dict[str, str]:
    there = ((name, getattr(words, name)) for name in words.__struct_fields__)
    return {name: text for name, text in there if isinstance(text, str)}


def _words(language: str, id: str) -> str | None:
    try:
        return (resources.files("hub.lessons") / language / f"{id}.yaml").read_text("utf-8")
    except FileNotFoundError:
        return None
