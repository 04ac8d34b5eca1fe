"""Sheets as the pages of a PDF file, in their real size: lines stay lines, and the letters travel inside the file.

fpdf2 makes the file and the fonts. What is on a page is written here, in the operators of ISO 32000-1 (8.4 to 9.4): a
shape costs fpdf2's own drawing calls some ten times as long, and a code of a thousand modules far more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

from fpdf import FPDF
from fpdf.fonts import TTFFont

from cards.qrcode import modules
from cards.sheet import Code, Disc, Line, Path, Placed, Sheet, Text
from cards.typeface import FAMILY, font, width

_POINTS_PER_MM = 72 / 25.4
_MADE = datetime(2022, 8, 1, tzinfo=UTC)
"""When every file says it was made: a clock would make two files of the same sheet differ."""
_STYLES = {False: "", True: "B"}
_ALONG = {"start": 0.0, "middle": 0.5, "end": 1.0}
_ARC = 0.5523
"""How far the handles of a quarter of a circle reach, in radii."""
_REMEMBERED = 4096
"""Shapes whose operators are kept, because cards share most of theirs."""


def pdf(pages: Iterable[Sheet], title: str) -> bytes:
    """A PDF file with these pages; the same pages give the same octets.

    Letters that the typeface lacks are drawn as question marks. ValueError without any page.
    """
    writer = _Writer(title)
    for sheet in pages:
        writer.add(sheet)
    return writer.file()


class _Writer:
    """A file that grows by a page at a time. Lengths of operators are millimetres, y points down, as on sheets."""

    def __init__(self, title: str) -> None:
        self._document = FPDF(unit="mm")
        self._document.set_title(title)
        self._document.set_creation_date(_MADE)
        self._fonts: dict[bool, TTFFont] = {}
        for bold, style in _STYLES.items():
            self._document.add_font(FAMILY, style, str(font(bold, 1.0).path))
        self._known = lru_cache(_REMEMBERED)(self._operators)

    def add(self, sheet: Sheet) -> None:
        self._document.add_page(format=(sheet.width, sheet.height))
        for bold, style in _STYLES.items():
            self._document.set_font(FAMILY, style)
            self._document.text(0, 0, "")  # so that this page lists the font
            face = self._document.current_font
            assert isinstance(face, TTFFont)
            self._fonts[bold] = face
        scale = _POINTS_PER_MM
        frame = f"q 0 J {scale:.6f} 0 0 {-scale:.6f} 0 {sheet.height * scale:.4f} cm"
        self._document._out("\n".join([frame, *self._shapes(sheet), "Q"]))  # what fpdf2 itself writes with

    def file(self) -> bytes:
        if not self._document.page:
            raise ValueError("a PDF file has at least one page")
        return bytes(self._document.output())

    def _shapes(self, sheet: Sheet) -> Iterator[str]:
        for shape in sheet.shapes:
            match shape:
                case Placed():
                    yield f"q {' '.join(map(_number, shape.matrix))} cm"
                    yield from self._shapes(shape.sheet)
                    yield "Q"
                case Code():
                    yield _code(shape)
                case _:
                    yield self._known(shape)

    def _operators(self, shape: Line | Disc | Path | Text) -> str:
        match shape:
            case Line(x1, y1, x2, y2, stroke, shade):
                return f"{_pen(stroke, shade)} {_to((x1, y1))} m {_to((x2, y2))} l S"
            case Disc(x, y, radius, stroke, shade):
                # Moved to its place, because many circles that are the same but for that pack to next to nothing.
                place = f"q 1 0 0 1 {_to((x, y))} cm"
                return f"{place} {_pen(stroke, shade)} {_circle(radius)} {'S' if stroke else 'f'} Q"
            case Path(points, stroke, closed, shade):
                way = " l ".join(_to(point) for point in points).replace(" l ", " m ", 1)
                return f"{_pen(stroke, shade)} {way} l {('s' if closed else 'S') if stroke else 'f'}"
            case Text(x, y, text, size, bold, anchor, shade):
                face = self._fonts[bold]
                drawn = "".join(letter if ord(letter) in face.cmap else "?" for letter in text)
                left = x - width(text, size, bold) * _ALONG[anchor]
                place = f"/F{face.i} {_number(size)} Tf 1 0 0 -1 {_to((left, y))} Tm"
                return f"{_pen(0, shade)} BT {place} {face.encode_text(drawn)} ET"


def _pen(stroke: float, shade: float) -> str:
    """The grey of lines and their width, or of areas."""
    return f"{_number(shade)} G {_number(stroke)} w" if stroke else f"{_number(shade)} g"


def _circle(radius: float) -> str:
    """A circle around (0, 0)."""
    r, arm = _number(radius), _number(radius * _ARC)
    quarters = (
        f"{r} {arm} {arm} {r} 0 {r} c",
        f"-{arm} {r} -{r} {arm} -{r} 0 c",
        f"-{r} -{arm} -{arm} -{r} 0 -{r} c",
        f"{arm} -{r} {r} -{arm} {r} 0 c",
    )
    return " ".join([f"{r} 0 m", *quarters, "h"])


def _code(code: Code) -> str:
    """The dark modules as one area, in which each run of them is a box: viewers show hairs between areas that touch."""
    rows = modules(code.text)
    step = code.side / len(rows)
    boxes = []
    for down, row in enumerate(rows):
        end = 0
        while (start := row.find(1, end)) >= 0:
            end = row.find(0, start)
            end = len(row) if end < 0 else end
            boxes.append(f"{start} {down} {end - start} 1 re")
    scale = f"q 0 g {step:.6f} 0 0 {step:.6f} {_to((code.x, code.y))} cm"
    return " ".join([scale, *boxes, "f Q"])


def _to(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(number: float) -> str:
    """A number of an operator, to a thousandth of a millimetre."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
