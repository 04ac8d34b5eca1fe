"""The first page of a deck: what to print, how to cut it, and what to bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cards.imposition import PAPERS, Slot, cut_marks
from cards.sheet import Line, Path, Shape, Sheet, Text
from cards.typeface import shortened, wrapped
from hub.printing.grid import (
    BODY,
    HAIR,
    HEAD,
    LEAD,
    LEADING,
    PAGE_MARGIN,
    RULE,
    SMALL,
    below,
    bullets,
    page_head,
    paragraph,
    section,
)
from hub.printing.words import Words

_ROW = 6.9
_BOX = 3.4
_MORE = 25.0
"""How high the last section is."""
_MODEL = 0.17
"""How large a drawn page is beside the real one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the deck: what it is, how many pieces, on which pages (from, to), and a word about it."""

    name: str
    count: int
    pages: tuple[int, int]
    note: str


@dataclass(frozen=True, slots=True)
class Job:
    """What is printed in one go: on which paper, on one side or both."""

    title: str
    rows: tuple[Row, ...]


def cover(
    title: str,
    subject: str,
    jobs: tuple[Job, ...],
    cutting: tuple[str, ...],
    bring: tuple[str, ...],
    more: tuple[str, str],
    models: tuple[tuple[str, tuple[Slot, ...]], ...],
    paper: str,
    say: Words,
) -> Sheet:
    """The page. subject: for whom the deck is; cutting, bring: a line each; more: what to know before more cards are
    printed, and the command for it; models: how cards lie on pages, to draw.
    """
    across, down = PAPERS[paper]
    end = across - PAGE_MARGIN
    room = end - PAGE_MARGIN
    size = HEAD if len(wrapped(subject, HEAD, room, 9)) <= 3 else LEAD
    intro = paragraph(PAGE_MARGIN, 36.5, subject, size, room, 5)
    y = below(intro, 36.5, size) + 4.0
    shapes: list[Shape] = [*page_head(across, title, say("brand")), *intro]
    columns = (PAGE_MARGIN, PAGE_MARGIN + 15.0, PAGE_MARGIN + 66.0, PAGE_MARGIN + 86.0)
    for job in jobs:
        shapes += section(PAGE_MARGIN, y, job.title, end)
        y += 8.2
        for row in job.rows:
            first, last = row.pages
            words = (
                say("cover.count", count=row.count),
                shortened(row.name, BODY, columns[2] - columns[1] - 2.0, bold=True),
                say("cover.page" if first == last else "cover.page-range", first=first, last=last),
                shortened(row.note, BODY, end - columns[3]),
            )
            shapes += [Text(x, y, word, BODY, bold=x == columns[1]) for x, word in zip(columns, words, strict=True)]
            y += _ROW
        y += 5.6
    half = (room - 10.0) / 2
    right = PAGE_MARGIN + half + 10.0
    shapes += [
        *section(PAGE_MARGIN, y, say("cover.cut"), PAGE_MARGIN + half),
        *(how := bullets(PAGE_MARGIN, y + 8.6, cutting, BODY, half, 14)),
        *section(right, y, say("cover.bring"), end),
    ]
    below_words = max(line.y for line in how if isinstance(line, Text)) + 8.0
    shapes += _more(down - PAGE_MARGIN - _MORE, end, *more, say)
    if below_words + _MODEL * down < down - PAGE_MARGIN - _MORE - 14.0:
        for n, (name, places) in enumerate(models):
            shapes += _model(PAGE_MARGIN + n * (_MODEL * across + 9.0), below_words, name, places, paper)
    y += 8.6
    for thing in bring:
        lines = [line.rstrip(" ") for line in wrapped(thing, BODY, half - 6.0, 3)]
        shapes.append(_box(right, y - 3.1, _BOX, _BOX, RULE))
        shapes += [Text(right + 6.0, y + n * LEADING * BODY, line, BODY) for n, line in enumerate(lines)]
        y += len(lines) * LEADING * BODY + 1.4
    return Sheet(across, down, say("cover.what", title=title), tuple(shapes))


def _more(y: float, end: float, words: str, command: str, say: Words) -> tuple[Shape, ...]:
    """At the foot of the page."""
    lines = paragraph(PAGE_MARGIN, y + 8.6, words, BODY, end - PAGE_MARGIN, 3)
    after = below(lines, y + 8.6, BODY) + 0.8
    return (
        *section(PAGE_MARGIN, y, say("cover.more"), end),
        *lines,
        *paragraph(PAGE_MARGIN, after, command, BODY, end - PAGE_MARGIN, 2, bold=True),
    )


def _model(x: float, y: float, name: str, places: tuple[Slot, ...], paper: str) -> tuple[Shape, ...]:
    """A small page with what lies on it, and the cuts as broken lines."""
    across, down = (_MODEL * side for side in PAPERS[paper])
    shapes: list[Shape] = [_box(x, y, across, down, RULE)]
    for slot in places:
        left, top = x + _MODEL * slot.x, y + _MODEL * slot.y
        shapes.append(_box(left + 1.2, top + 1.2, _MODEL * slot.width - 2.4, _MODEL * slot.height - 2.4, 0.0, 0.85))
    marks = tuple(cut_marks(places, paper))
    for at in sorted({mark.y1 for mark in marks if mark.y1 == mark.y2}):
        shapes += _dashes((x, y + _MODEL * at), (x + across, y + _MODEL * at))
    upright = {mark.x1 for mark in marks if mark.x1 == mark.x2}
    ways = {(edge, slot.y, slot.height) for slot in places for edge in (slot.x, slot.x + slot.width) if edge in upright}
    for at, top, high in sorted(ways):
        shapes += _dashes((x + _MODEL * at, y + _MODEL * top), (x + _MODEL * at, y + _MODEL * (top + high)))
    shapes.append(Text(x + across / 2, y + down + 5.6, name, SMALL, anchor="middle"))
    return tuple(shapes)


def _box(x: float, y: float, wide: float, high: float, stroke: float, shade: float = 0.0) -> Path:
    return Path(((x, y), (x + wide, y), (x + wide, y + high), (x, y + high)), stroke, closed=True, shade=shade)


def _dashes(start: tuple[float, float], end: tuple[float, float]) -> Iterator[Shape]:
    long = abs(end[0] - start[0]) + abs(end[1] - start[1])
    count = int((long + 1.0) / 2.4)
    step = long / count
    across, down = (end[0] - start[0]) / long, (end[1] - start[1]) / long
    for n in range(count):
        at, to = n * step, n * step + 1.4
        yield Line(start[0] + across * at, start[1] + down * at, start[0] + across * to, start[1] + down * to, HAIR)
