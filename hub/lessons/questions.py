"""The questions of a lesson file, for before and after."""

from __future__ import annotations

from hub.lessons.document import Document
from hub.lessons.lesson import LETTERS, Question
from hub.lessons.schema import QuestionFile


def questions(document: Document, files: list[QuestionFile]) -> tuple[Question, ...]:
    """The questions, checked. Raises LessonError."""
    document.distinct("questions", "id", [each.id for each in files])
    return tuple(_question(document, number, each) for number, each in enumerate(files))


def _question(document: Document, number: int, f: QuestionFile) -> Question:
    for place, option in enumerate(f.options):
        if option in f.options[:place]:
            raise document.error(("questions", number, "options", place), f"{option!r} is there twice; each is another")
    letters = LETTERS[: len(f.options)]
    right = document.one_of(("questions", number, "right"), f.right, letters)
    return Question(f.id, f.text, tuple(f.options), letters.index(right), f.why)
