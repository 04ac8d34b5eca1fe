"""The grid that all printed pieces share: margins, sizes of type, headings, paragraphs. Millimetres."""

from __future__ import annotations

from cards.printedcard import HEIGHT, WIDTH
from cards.sheet import Disc, Line, Shape, Text
from cards.typeface import fitted, shortened, width, wrapped

CARD = (WIDTH, HEIGHT)
"""Width and height of a card: A6."""
CARD_MARGIN = 9.0
PAGE_MARGIN = 15.0

SMALL, BODY, LEAD, HEAD, NAME, TITLE = 3.2, 4.0, 4.6, 5.6, 7.2, 9.4
"""Sizes of type, by the height of the em: every piece uses these, and a larger one only for its own name."""
HAIR, RULE = 0.25, 0.5
LEADING = 1.3
"""From baseline to baseline, in ems."""
BULLET = 3.4
"""From a disc to its text."""

_ROUNDING = 0.01
"""Millimetres that a text which just fits may turn out to be wider."""


def card_head(left: str, right: str) -> tuple[Shape, ...]:
    """The head of a card: what it is, of what, and a rule."""
    end = CARD[0] - CARD_MARGIN
    room = end - CARD_MARGIN - width(left, LEAD, bold=True) - 6.0
    return (
        Text(CARD_MARGIN, 13.8, left, LEAD, bold=True),
        Text(end, 13.8, shortened(right, LEAD, room), LEAD, anchor="end"),
        Line(CARD_MARGIN, 17.0, end, 17.0, HAIR),
    )


def page_head(across: float, title: str, right: str) -> tuple[Shape, ...]:
    """The head of a whole page; the title has as much of the line as it needs, but for a fourth."""
    end = across - PAGE_MARGIN
    room = end - PAGE_MARGIN - 6.0
    right = shortened(right, LEAD, max(room - width(title, TITLE, bold=True), room / 4))
    room -= width(right, LEAD)
    size = max(LEAD, fitted(title, TITLE, room - _ROUNDING, bold=True))
    return (
        Text(PAGE_MARGIN, 23.0, shortened(title, size, room, bold=True), size, bold=True),
        Text(end, 23.0, right, LEAD, anchor="end"),
        Line(PAGE_MARGIN, 27.5, end, 27.5, HAIR),
    )


def section(x: float, y: float, title: str, end: float) -> tuple[Shape, ...]:
    """A part of a page begins: its name stands on baseline `y`, and a rule below it."""
    return Text(x, y, title, HEAD, bold=True), Line(x, y + 2.4, end, y + 2.4, HAIR)


def paragraph(
    x: float, y: float, text: str, size: float, room: float, most_lines: int, bold: bool = False
) -> tuple[Text, ...]:
    """Text in lines, the first on baseline `y`."""
    lines = wrapped(text, size, room, most_lines, bold)
    return tuple(Text(x, y + n * LEADING * size, line.rstrip(" "), size, bold) for n, line in enumerate(lines))


def below(lines: tuple[Shape, ...], y: float, size: float) -> float:
    """The baseline of a line that follows a paragraph which began on `y`."""
    return y + len([line for line in lines if isinstance(line, Text)]) * LEADING * size


def bullets(x: float, y: float, texts: tuple[str, ...], size: float, room: float, most_lines: int) -> tuple[Shape, ...]:
    """A list, a disc before each text; at most so many lines in all, and a text of which nothing fits is left out."""
    shapes: list[Shape] = []
    left = most_lines
    for text in texts:
        if not left:
            break
        lines = paragraph(x + BULLET, y, text, size, room - BULLET, left)
        shapes += [Disc(x + 0.9, y - 0.34 * size, 0.6), *lines]
        left -= len(lines)
        y = below(lines, y, size) + 0.25 * size
    return tuple(shapes)
