"""The questions of a lesson on one page: ticked before the lesson and after it, and counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

from cards.imposition import PAPERS
from cards.sheet import Disc, Shape, Sheet, Text
from hub.lessons import Lesson
from hub.lessons.lesson import Question
from hub.printing.grid import BODY, HAIR, LEAD, LEADING, PAGE_MARGIN, SMALL, below, page_head, paragraph
from hub.printing.words import ENGLISH, Words

_COLUMN = 17.0
"""How wide a column of circles is."""
_RING = 2.1
_LETTER = 7.0
_AIR = 1.8
"""Between an option and the next, in ems; between questions it is twice as much."""


def question_sheet(lesson: Lesson, paper: str, say: Words = ENGLISH) -> Sheet:
    """The page on one of PAPERS, for a pupil."""
    across, down = PAPERS[paper]
    end = across - PAGE_MARGIN
    intro = paragraph(PAGE_MARGIN, 36.5, say("questions.intro"), BODY, end - PAGE_MARGIN, 3)
    top = below(intro, 36.5, BODY) + 5.0
    columns = (end - 1.5 * _COLUMN, end - 0.5 * _COLUMN)
    for size in (LEAD, BODY, SMALL):
        shapes, bottom = _questions(lesson.questions, top + 8.0, size, columns)
        if bottom <= down - PAGE_MARGIN:
            break
    heads = (
        Text(x, top, say(f"questions.{moment}"), LEAD, bold=True, anchor="middle")
        for x, moment in zip(columns, ("before", "after"), strict=True)
    )
    title = say("questions.of", lesson=lesson.title)
    return Sheet(across, down, title, (*page_head(across, title, say("brand")), *intro, *heads, *shapes))


def _questions(
    questions: tuple[Question, ...], y: float, size: float, columns: tuple[float, float]
) -> tuple[list[Shape], float]:
    """Every question, the first on baseline `y`, and where the last one ends."""
    shapes: list[Shape] = []
    room = columns[0] - 0.5 * _COLUMN - PAGE_MARGIN
    for number, question in enumerate(questions, 1):
        text = paragraph(PAGE_MARGIN, y, f"{number}. {question.text}", size, room, 4, bold=True)
        shapes += text
        y = below(text, y, size) + 0.5 * size
        for letter, option in zip(question.letters, question.options, strict=True):
            lines = tuple(_option(y, letter, option, size, room))
            shapes += [*lines, *(Disc(x, y - 0.36 * size, _RING, stroke=HAIR) for x in columns)]
            y = below(lines[1:], y, size) + (_AIR - LEADING) * size
        y += 2 * (_AIR - LEADING) * size + 0.7 * size
    return shapes, y


def _option(y: float, letter: str, option: str, size: float, room: float) -> Iterator[Text]:
    yield Text(PAGE_MARGIN + 2.0, y, letter, size, bold=True)
    yield from paragraph(PAGE_MARGIN + 2.0 + _LETTER, y, option, size, room - 2.0 - _LETTER, 3)
