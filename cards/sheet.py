"""What can be drawn on a side of paper: one description in millimetres, for the printer, for screens, and for reading.

The origin is the top left corner, y points down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke. shade: 0 black .. 1 white, as of every shape that has one."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: float
    shade: float = 0.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc; a ring when its `stroke` is not 0."""

    x: float
    y: float
    radius: float
    stroke: float = 0.0
    shade: float = 0.0


@dataclass(frozen=True, slots=True)
class Path:
    """A line from point to point, and back to the first when `closed`; an area when its `stroke` is 0."""

    points: tuple[tuple[float, float], ...]
    stroke: float = 0.0
    closed: bool = False
    shade: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text. y: its baseline. size: height of the em."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    anchor: Anchor = "start"
    shade: float = 0.0


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code. x, y: top left corner of its dark square; the quiet zone lies around it."""

    x: float
    y: float
    side: float
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A whole sheet on another. x, y: top left corner of where it lies. turns: quarters of a turn, clockwise."""

    x: float
    y: float
    sheet: Sheet
    turns: Literal[0, 1, 2, 3] = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as it lies."""
        across, down = self.sheet.width, self.sheet.height
        return (down, across) if self.turns % 2 else (across, down)

    @property
    def matrix(self) -> tuple[int, int, int, int, float, float]:
        """a, b, c, d, e, f, as in SVG and PDF: its point (u, v) lies at (a*u + c*v + e, b*u + d*v + f)."""
        across, down = self.sheet.width, self.sheet.height
        match self.turns:
            case 0:
                return 1, 0, 0, 1, self.x, self.y
            case 1:
                return 0, 1, -1, 0, self.x + down, self.y
            case 2:
                return -1, 0, 0, -1, self.x + across, self.y + down
            case 3:
                return 0, -1, 1, 0, self.x, self.y + across


Shape = Line | Disc | Path | Text | Code | Placed


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of a piece of paper. title: what it is in one line, for those who cannot see it."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
