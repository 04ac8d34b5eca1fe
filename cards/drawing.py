"""Drawing a sheet, such as a card: its shapes as SVG for the printer, or as a picture for screens and readers."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cards.commandcard import command_card
from cards.forms import known
from cards.pencard import pen_card
from cards.printedcard import printed_card
from cards.qrcode import modules
from cards.qrtext import DEFAULT_HOST, Card, CommandCard, PenCard, PrintedCard, RoleCard
from cards.rolecard import role_card
from cards.sheet import Code, Disc, Line, Path, Placed, Shape, Sheet, Text
from cards.typeface import FAMILY, font, width

DEFAULT_DPI = 300
LEAST_DPI, MOST_DPI = 50, 1200

MM_PER_INCH = 25.4
_FAMILIES = f"'{FAMILY}', 'Helvetica Neue', Arial, sans-serif"
_SHIFT = 5
"""Bits of a pixel's fractions for OpenCV."""
_ANCHOR = {"start": "ls", "middle": "ms", "end": "rs"}


def sheet(card: Card, host: str = DEFAULT_HOST) -> Sheet:
    """A card as it is printed; a role card has its node's id for a title. ValueError when its packet does not fit into
    a code, or nobody knows its form.
    """
    match card:
        case PrintedCard():
            return printed_card(card, host)
        case CommandCard():
            return command_card(card, host)
        case PenCard(id):
            form = known().get(id.deck)
            if form is None:
                raise ValueError(f"{id.deck} is not the name of a form: there are {', '.join(known())}")
            return pen_card(form, card, host)
        case RoleCard():
            return role_card(card, card.node, (), host)


def svg(card: Card, host: str = DEFAULT_HOST) -> str:
    """A card as an SVG document of its real size. ValueError when its packet does not fit into a code."""
    return sheet_svg(sheet(card, host))


def picture(card: Card, dpi: float = DEFAULT_DPI, host: str = DEFAULT_HOST) -> NDArray[np.uint8]:
    """A card as grey pixels, (height, width), 0 black to 255 white.

    dpi: pixels per inch, 50 .. 1200. ValueError for another one, or when the packet does not fit into a code.
    """
    return sheet_picture(sheet(card, host), dpi)


def png(card: Card, dpi: float = DEFAULT_DPI, host: str = DEFAULT_HOST) -> bytes:
    """A card as a PNG file that knows its resolution. Errors as in `picture`."""
    return _png(picture(card, dpi, host), dpi)


def sheet_svg(sheet: Sheet) -> str:
    """Any sheet as an SVG document of its real size."""
    size = f'width="{sheet.width:g}mm" height="{sheet.height:g}mm" viewBox="0 0 {sheet.width:g} {sheet.height:g}"'
    paper = f'<rect width="{sheet.width:g}" height="{sheet.height:g}" fill="#fff"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FAMILIES}">',
            f"<title>{escape(sheet.title)}</title>",
            paper,
            *(_svg_shape(shape) for shape in sheet.shapes),
            "</svg>",
            "",
        ]
    )


def sheet_picture(sheet: Sheet, dpi: float = DEFAULT_DPI) -> NDArray[np.uint8]:
    """Any sheet as grey pixels. dpi, errors: as in `picture`."""
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise ValueError(f"a card is drawn with {LEAST_DPI} to {MOST_DPI} dots per inch, not {dpi}")
    return _raster(sheet, dpi / MM_PER_INCH)


def sheet_png(sheet: Sheet, dpi: float = DEFAULT_DPI) -> bytes:
    """Any sheet as a PNG file that knows its resolution. dpi, errors: as in `picture`."""
    return _png(sheet_picture(sheet, dpi), dpi)


def _svg_shape(shape: Shape) -> str:
    match shape:
        case Line(x1, y1, x2, y2, stroke, shade):
            ends = f'x1="{_mm(x1)}" y1="{_mm(y1)}" x2="{_mm(x2)}" y2="{_mm(y2)}"'
            return f'<line {ends} stroke="{_hex(shade)}" stroke-width="{_mm(stroke)}"/>'
        case Disc(x, y, radius, stroke, shade):
            ink = _ink(stroke, shade)
            return f'<circle cx="{_mm(x)}" cy="{_mm(y)}" r="{_mm(radius)}" {ink}/>'
        case Path(points, stroke, closed, shade):
            place = "M" + "L".join(f"{_mm(x)} {_mm(y)}" for x, y in points) + ("z" if closed else "")
            ink = _ink(stroke, shade)
            return f'<path d="{place}" {ink}/>'
        case Text(x, y, text, size, bold, anchor, shade):
            # textLength keeps a wider font, where ours is not installed, from running over what stands beside it.
            long = f'textLength="{_mm(width(text, size, bold))}" lengthAdjust="spacingAndGlyphs"'
            weight = ' font-weight="700"' if bold else ""
            tone = f' fill="{_hex(shade)}"' if shade else ""
            place = f'x="{_mm(x)}" y="{_mm(y)}" font-size="{_mm(size)}"{weight}{tone} text-anchor="{anchor}" {long}'
            return f'<text {place} xml:space="preserve">{escape(text)}</text>'
        case Code(x, y, side, text):
            rows = modules(text)
            place = f"translate({_mm(x)} {_mm(y)}) scale({side / len(rows):.6f})"
            return f'<path transform="{place}" shape-rendering="crispEdges" d="{_svg_modules(rows)}"/>'
        case Placed():
            matrix = " ".join(_mm(number) for number in shape.matrix)
            return "\n".join([f'<g transform="matrix({matrix})">', *map(_svg_shape, shape.sheet.shapes), "</g>"])


def _ink(stroke: float, shade: float) -> str:
    tone = _hex(shade)
    return f'fill="none" stroke="{tone}" stroke-width="{_mm(stroke)}"' if stroke else f'fill="{tone}"'


def _hex(shade: float) -> str:
    return f"#{_grey(shade):02x}" + f"{_grey(shade):02x}" * 2 if shade else "#000"


def _grey(shade: float) -> int:
    return round(255 * shade)


def _svg_modules(rows: tuple[bytes, ...]) -> str:
    """The dark modules as one path, in which each run of them is a box of height 1."""
    path = []
    for y, row in enumerate(rows):
        end = 0
        while (start := row.find(1, end)) >= 0:
            end = row.find(0, start)
            end = len(row) if end < 0 else end
            path.append(f"M{start} {y}h{end - start}v1h-{end - start}z")
    return "".join(path)


def _mm(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")


def _png(pixels: NDArray[np.uint8], dpi: float) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _raster(sheet: Sheet, px_per_mm: float) -> NDArray[np.uint8]:
    canvas = Image.new("L", (round(sheet.width * px_per_mm), round(sheet.height * px_per_mm)), 255)
    draw = ImageDraw.Draw(canvas)
    for shape in sheet.shapes:
        _paint(draw, shape, px_per_mm)
    pixels = np.array(canvas)
    for shape in sheet.shapes:
        if isinstance(shape, Code):
            _paint_code(pixels, shape, px_per_mm)
        elif isinstance(shape, Disc):
            _paint_disc(pixels, shape, px_per_mm)
        elif isinstance(shape, Placed):
            _lay(pixels, shape, px_per_mm)
    return pixels


def _paint(draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    tone = 0 if isinstance(shape, Code | Placed) else _grey(shape.shade)
    match shape:
        case Line(x1, y1, x2, y2, stroke):
            ends = (x1 * scale, y1 * scale, x2 * scale, y2 * scale)
            draw.line(ends, fill=tone, width=max(1, round(stroke * scale)))
        case Path(points, 0):
            draw.polygon([(x * scale, y * scale) for x, y in points], fill=tone)
        case Path(points, stroke, closed):
            corners = [(x * scale, y * scale) for x, y in (*points, *points[: 2 * closed])]
            draw.line(corners, fill=tone, width=max(1, round(stroke * scale)), joint="curve")
        case Text(x, y, text, size, bold, anchor):
            draw.text((x * scale, y * scale), text, fill=tone, font=font(bold, size * scale), anchor=_ANCHOR[anchor])


def _lay(pixels: NDArray[np.uint8], placed: Placed, scale: float) -> None:
    """Its picture on what is there; what would run over the edge of the paper is left out."""
    laid = np.rot90(_raster(placed.sheet, scale), -placed.turns)
    left, top = round(placed.x * scale), round(placed.y * scale)
    there = pixels[top : top + laid.shape[0], left : left + laid.shape[1]]
    np.minimum(there, laid[: there.shape[0], : there.shape[1]], out=there)


def _paint_disc(pixels: NDArray[np.uint8], disc: Disc, scale: float) -> None:
    """Between pixels: what is read by its place to a tenth of a millimetre is not drawn on whole ones."""
    middle = [round((at * scale - 0.5) * (1 << _SHIFT)) for at in (disc.x, disc.y)]
    radius = round(disc.radius * scale * (1 << _SHIFT))
    thick = max(1, round(disc.stroke * scale)) if disc.stroke else cv2.FILLED
    cv2.circle(pixels, middle, radius, (_grey(disc.shade),), thick, cv2.LINE_AA, _SHIFT)


def _paint_code(pixels: NDArray[np.uint8], code: Code, scale: float) -> None:
    """Every module edge on the nearest pixel, so that modules stay black and white at any resolution."""
    rows = modules(code.text)
    steps = np.arange(len(rows) + 1) * (code.side / len(rows))
    columns = np.rint((code.x + steps) * scale).astype(int)
    lines = np.rint((code.y + steps) * scale).astype(int)
    light = np.array([[0 if module else 255 for module in row] for row in rows], np.uint8)
    block = light.repeat(np.diff(lines), axis=0).repeat(np.diff(columns), axis=1)
    pixels[lines[0] : lines[-1], columns[0] : columns[-1]] = block
