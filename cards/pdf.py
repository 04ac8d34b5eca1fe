"""Sheets as PDF pages of their real size: lines stay lines, and the letters travel inside the file."""

from __future__ import annotations

from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.fonts import TTFFont

from cards.drawing import modules
from cards.sheet import Code, Disc, Line, Path, Shape, Sheet, Text
from cards.typeface import FAMILY, font, width

_POINTS_PER_MM = 72 / 25.4
_MADE = datetime(2022, 8, 1, tzinfo=UTC)
"""When every file says it was made: a clock would make two files of the same sheet differ."""
_STYLES = {False: "", True: "B"}
_ALONG = {"start": 0.0, "middle": 0.5, "end": 1.0}


def pdf(*sheets: Sheet, title: str = "") -> bytes:
    """The sheets as a PDF file, a page each; the same sheets give the same octets.

    title: of the file; without it, that of the first sheet. Letters that the typeface lacks are drawn as question
    marks.
    """
    document = FPDF(unit="mm")
    document.set_title(title or sheets[0].title)
    document.set_creation_date(_MADE)
    for bold, style in _STYLES.items():
        document.add_font(FAMILY, style, str(font(bold, 1.0).path))
    for sheet in sheets:
        document.add_page(format=(sheet.width, sheet.height))
        for shape in sheet.shapes:
            _draw(document, shape)
    return bytes(document.output())


def _draw(document: FPDF, shape: Shape) -> None:
    match shape:
        case Line(x1, y1, x2, y2, stroke, shade):
            document.set_draw_color(_grey(shade))
            document.set_line_width(stroke)
            document.line(x1, y1, x2, y2)
        case Disc(x, y, radius, stroke, shade):
            document.set_draw_color(_grey(shade))
            document.set_fill_color(_grey(shade))
            document.set_line_width(stroke)
            document.ellipse(x - radius, y - radius, 2 * radius, 2 * radius, style="D" if stroke else "F")
        case Path(points, stroke, closed, shade):
            document.set_draw_color(_grey(shade))
            document.set_fill_color(_grey(shade))
            document.set_line_width(stroke)
            document.polyline(points, polygon=closed, style="D" if stroke else "F")
        case Text(x, y, text, size, bold, anchor, shade):
            document.set_text_color(_grey(shade))
            document.set_font(FAMILY, _STYLES[bold], size * _POINTS_PER_MM)
            left = x - width(text, size, bold) * _ALONG[anchor]
            document.text(left, y, "".join(letter if _has(document, letter) else "?" for letter in text))
        case Code(x, y, side, text):
            _code(document, x, y, side, modules(text))


def _grey(shade: float) -> int:
    return round(255 * shade)


def _has(document: FPDF, letter: str) -> bool:
    """The font that is set has it; fpdf2 would leave it out."""
    face = document.current_font
    return isinstance(face, TTFFont) and ord(letter) in face.cmap


def _code(document: FPDF, x: float, y: float, side: float, rows: tuple[bytes, ...]) -> None:
    """One area, not one for each module: viewers show hairs between areas that touch."""
    step = side / len(rows)
    with document.new_path() as path:
        path.style.fill_color = "#000"
        path.style.stroke_color = None
        for down, row in enumerate(rows):
            for along, dark in enumerate(row):
                if dark:
                    path.rectangle(x + along * step, y + down * step, step, step)
