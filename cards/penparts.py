"""What a card for the pen is put together from: bubbles and cells, and pieces of bubbles, lines and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cards.sheet import Disc, Line, Path, Shape, Text
from cards.typeface import fitted, width

GREY = 0.25
_LIGHT = 0.6
"""Shades of rings and cells, and of what is printed inside them."""
RING, CELL = 0.25, 0.2
"""Widths of their lines, in millimetres."""
_FREE = 1.8
"""Millimetres between a label and whatever comes next to it, at least, that a longer word may take."""
_CAPITAL = 0.668
"""Height of a capital letter in ems."""


class Bubble(NamedTuple):
    """Where one marks `value` of `field`. x, y: its middle. d: its diameter."""

    field: str
    value: str
    x: float
    y: float
    d: float


class Cell(NamedTuple):
    """A cell of the comb, for one octet. x, y: its top left corner."""

    x: float
    y: float
    width: float
    height: float


class Said(NamedTuple):
    """A word, and how it is said in the language that is printed. The places follow from the word itself."""

    word: str
    said: str

    def at(self, x: float, y: float, size: float, room: float = 0.0, bold: bool = False) -> Text:
        """As it is printed: no wider than the room, or than the word and what is free behind every word."""
        room = max(room, width(self.word, size, bold) + (0.0 if self.said == self.word else _FREE))
        return Text(x, y, self.said, fitted(self.said, size, room, bold), bold)


def plain(word: str) -> Said:
    """What is called the same in every language."""
    return Said(word, word)


@dataclass(frozen=True, slots=True)
class Style:
    """A paper and the sizes on it. pitch: from row to row. column: from digit to digit."""

    width: float
    height: float
    code: float
    d: float
    pitch: float
    column: float
    label: float
    head: float
    cell: float
    comb_row: float
    least_comb_cell: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the form that has been placed. right, bottom: how far it reaches."""

    bubbles: tuple[Bubble, ...]
    shapes: tuple[Shape, ...]
    right: float
    bottom: float
    digits: tuple[tuple[str, Cell], ...] = ()


def choices(
    field: str, values: Sequence[str], labels: Sequence[Said], x: float, y: float, style: Style, bold: bool = False
) -> Piece:
    """A bubble and its label in each row."""
    bubbles = tuple(
        Bubble(field, value, x + style.d / 2, y + style.d / 2 + n * style.pitch, style.d)
        for n, value in enumerate(values)
    )
    words = x + style.d + 1.0
    shapes: list[Shape] = []
    for bubble, label in zip(bubbles, labels, strict=True):
        shapes += ring(bubble)
        shapes.append(beside(label, words, bubble.y, style.label, bold))
    right = words + max(width(label.word, style.label, bold) for label in labels)
    return Piece(bubbles, tuple(shapes), right, bubbles[-1].y + style.d / 2)


def together(pieces: Sequence[Piece]) -> Piece:
    """Pieces that stand side by side, as one."""
    return Piece(
        tuple(bubble for piece in pieces for bubble in piece.bubbles),
        tuple(shape for piece in pieces for shape in piece.shapes),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        tuple(pair for piece in pieces for pair in piece.digits),
    )


def heading(text: Said, x: float, y: float, wide: float, style: Style) -> tuple[Shape, ...]:
    """The name of a block, underlined as wide as the block is. x, y: its top left corner."""
    return (
        text.at(x, y + _CAPITAL * style.head, style.head, wide, bold=True),
        Line(x, y + _CAPITAL * style.head + 0.9, x + wide, y + _CAPITAL * style.head + 0.9, 0.2),
    )


def beside(text: Said, x: float, middle: float, size: float, bold: bool = False) -> Text:
    """A word beside a bubble whose middle is at this height."""
    return text.at(x, middle + _CAPITAL / 2 * size, size, bold=bold)


def ring(bubble: Bubble, text: str = "") -> Iterator[Shape]:
    """A bubble as it is printed, with what stands inside it."""
    yield Disc(bubble.x, bubble.y, bubble.d / 2 - RING / 2, RING, GREY)
    if text:
        yield inside(bubble, text)


def inside(bubble: Bubble, text: str) -> Text:
    """What stands inside a bubble, so light that a mark covers it."""
    size = 0.6 * bubble.d
    return Text(bubble.x, bubble.y + _CAPITAL / 2 * size, text, size, anchor="middle", shade=_LIGHT)


def outline(x: float, y: float, wide: float, high: float, stroke: float, shade: float) -> Path:
    """The edge of a cell. stroke: the width of its line."""
    corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    return Path(corners, stroke, closed=True, shade=shade)
