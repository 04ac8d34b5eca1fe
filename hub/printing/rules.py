"""The rules of a lesson on one page: what it is about, who is wired to whom, who carries, and what the lights say."""

from __future__ import annotations

from cards.imposition import PAPERS
from cards.sheet import Path, Shape, Sheet, Text
from cards.typeface import wrapped
from hub.lessons import Lesson
from hub.messages import LightWord
from hub.messages.lights import PATTERNS
from hub.printing.grid import (
    BODY,
    HAIR,
    HEAD,
    LEAD,
    PAGE_MARGIN,
    SMALL,
    below,
    bullets,
    page_head,
    paragraph,
    section,
)
from hub.printing.lights import blink_key, entry, legend
from hub.printing.wiring import MAP, wiring
from hub.printing.wording import tells_why, way_of_a_packet
from hub.printing.words import ENGLISH, Words

_GUTTER = 10.0
_RHYTHM, _ENTRY = 22.0, 15.6
_KEY = 20.0


def rules_sheet(lesson: Lesson, paper: str, say: Words = ENGLISH) -> Sheet:
    """The page of rules on one of PAPERS."""
    across, down = PAPERS[paper]
    end = across - PAGE_MARGIN
    room = end - PAGE_MARGIN
    size = HEAD if len(wrapped(lesson.goal, HEAD, room, 9)) <= 3 else BODY
    goal = paragraph(PAGE_MARGIN, 36.5, lesson.goal, size, room, 6)
    y = below(goal, 36.5, size) + 4.5
    column = PAGE_MARGIN + MAP[0] + _GUTTER
    shapes: list[Shape] = [
        *page_head(across, lesson.title, say("brand")),
        *goal,
        *section(PAGE_MARGIN, y, say("rules.wiring"), PAGE_MARGIN + MAP[0]),
        *wiring(lesson, PAGE_MARGIN, y + 4.0),
        *section(column, y, say("rules.way"), end),
        *bullets(column, y + 8.6, way_of_a_packet(lesson, say), BODY, end - column, 14),
    ]
    y += MAP[1] + 14.0
    shapes += [*section(PAGE_MARGIN, y, say("rules.lights"), end), Text(PAGE_MARGIN, y + 7.4, legend(say), SMALL)]
    y += 11.0
    half, words = (room - _GUTTER) / 2, [word for word in PATTERNS if word is not LightWord.FAULT]
    rows = (len(words) + 1) // 2
    pitch = min(_ENTRY, (down - PAGE_MARGIN - _KEY - y) / rows)
    for n, word in enumerate(words):
        x = PAGE_MARGIN + n // rows * (half + _GUTTER)
        shapes += entry(x, y + n % rows * pitch, word, _means(lesson, word, say), _RHYTHM, half, say)
    shapes += _blinks(PAGE_MARGIN, y + rows * pitch, room, say)
    return Sheet(across, down, say("rules.title", lesson=lesson.title), tuple(shapes))


def _means(lesson: Lesson, word: LightWord, say: Words) -> str:
    if word is LightWord.DROPPED and tells_why(lesson):
        return say("lights.dropped")
    if word is LightWord.STOPPED:
        return say("lights.stopped")
    return say.light(f"{word.value}.means")


def _blinks(x: float, y: float, room: float, say: Words) -> tuple[Shape, ...]:
    """The key of `stopped` in a frame."""
    right, bottom = x + room, y + _KEY - 1.0
    frame = Path(((x, y), (right, y), (right, bottom), (x, bottom)), HAIR, closed=True)
    words = Text(x + 5.0, y + 7.4, say("rules.blinks"), LEAD, bold=True)
    return (frame, words, *blink_key(x + 5.0, y + 14.6, room - 10.0, say))
