"""A small drawing in colour, as SVG and as PNG: shapes in pixels, x to the right, y down."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw

from cards.typeface import FAMILY, font

Point = tuple[float, float]
_FINER = 3
"""How many times larger a PNG is painted, before it is made small: for smooth edges."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, with a darker edge so that light colours can be seen. name: what it is."""

    points: tuple[Point, ...]
    colour: str
    width: float = 2.0
    edge: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    radius: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    edge: str = ""
    width: float = 1.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; x, y: its start, middle or end (`at`) on the base line."""

    x: float
    y: float
    text: str
    size: float = 13.0
    at: str = "start"
    bold: bool = False
    colour: str = "#111"


Shape = Line | Box | Disc | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes, the first at the bottom. title, says: for whoever cannot see it."""

    width: int
    height: int
    title: str
    says: str
    shapes: Sequence[Shape]


def svg(drawing: Drawing) -> str:
    """As a file of its own. What has a name has it as its id."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" role="img" font-family="{FAMILY}, Arial, sans-serif">',
        f"<title>{escape(drawing.title)}</title>",
        f"<desc>{escape(drawing.says)}</desc>",
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#fff"/>',
        *(_svg(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _svg(shape: Shape) -> str:
    if isinstance(shape, Label):
        bold = ' font-weight="bold"' if shape.bold else ""
        return (
            f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}" text-anchor="{shape.at}"{bold} '
            f'fill="{shape.colour}">{escape(shape.text)}</text>'
        )
    name = f" id={quoteattr(shape.name)}" if shape.name else ""
    if isinstance(shape, Line):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        drawn = f'fill="none" stroke-linejoin="round" stroke-linecap="round" points="{points}"'
        under = f'<polyline {drawn} stroke="{shape.edge}" stroke-width="{_n(shape.width + 2)}"/>' if shape.edge else ""
        return f'{under}<polyline{name} {drawn} stroke="{shape.colour}" stroke-width="{_n(shape.width)}"/>'
    edge = f' stroke="{shape.edge}"' if shape.edge else ""
    if isinstance(shape, Disc):
        width = f' stroke-width="{_n(shape.width)}"' if shape.edge else ""
        place = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
        return f'<circle{name} {place} fill="{shape.fill}"{edge}{width}/>'
    place = f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
    return f'<rect{name} {place} rx="{_n(shape.radius)}" fill="{shape.fill}"{edge}/>'


def png(drawing: Drawing) -> bytes:
    """The same as a picture."""
    image = Image.new("RGB", (drawing.width * _FINER, drawing.height * _FINER), "#fff")
    draw = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        _paint(draw, shape)
    small = image.resize((drawing.width, drawing.height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _paint(draw: ImageDraw.ImageDraw, shape: Shape) -> None:
    if isinstance(shape, Label):
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.at]
        place = (shape.x * _FINER, shape.y * _FINER)
        draw.text(place, shape.text, fill=shape.colour, font=font(shape.bold, shape.size * _FINER), anchor=anchor)
    elif isinstance(shape, Line):
        if shape.edge:
            _stroke(draw, shape.points, shape.edge, shape.width + 2)
        _stroke(draw, shape.points, shape.colour, shape.width)
    elif isinstance(shape, Disc):
        x, y, radius = shape.x * _FINER, shape.y * _FINER, shape.radius * _FINER
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), shape.fill, shape.edge or None, _thick(shape.width)
        )
    else:
        left, top = shape.x * _FINER, shape.y * _FINER
        corners = (left, top, left + shape.width * _FINER, top + shape.height * _FINER)
        draw.rounded_rectangle(corners, shape.radius * _FINER, shape.fill, shape.edge or None, _thick(1))


def _stroke(draw: ImageDraw.ImageDraw, points: Sequence[Point], colour: str, width: float) -> None:
    scaled = [(x * _FINER, y * _FINER) for x, y in points]
    draw.line(scaled, fill=colour, width=_thick(width), joint="curve")
    radius = width * _FINER / 2
    for x, y in (scaled[0], scaled[-1]):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _thick(width: float) -> int:
    return max(1, round(width * _FINER))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
