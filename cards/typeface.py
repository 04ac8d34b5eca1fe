"""The typeface of cards: how wide a text is, and how it is made to fit. Lengths in millimetres."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FAMILY = "Atkinson Hyperlegible"

_FILES = {False: "AtkinsonHyperlegible_400Regular.ttf", True: "AtkinsonHyperlegible_700Bold.ttf"}
_MEASURED_AT = 1000.0
"""Pixels: the units of the typeface's em, so that no letter is rounded."""
_ATOM = re.compile(r"\\x[0-9a-f]{2}|.", re.DOTALL)


@lru_cache(maxsize=64)
def font(bold: bool, size_px: float) -> ImageFont.FreeTypeFont:
    """The typeface for Pillow. size_px: height of the em in pixels."""
    path = Path(__file__).parent / "fonts" / _FILES[bold]
    return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is. size: height of the em."""
    return font(bold, _MEASURED_AT).getlength(text) / _MEASURED_AT * size


def fitted(text: str, size: float, room: float, bold: bool = False) -> float:
    """The size, or a smaller one in which the text is no wider than `room`."""
    return size * min(1.0, room / (width(text, size, bold) or room))


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would be wider than `room`."""
    if width(text, size, bold) <= room:
        return text
    return next((cut for end in _ends(text) if width(cut := text[:end] + "…", size, bold) <= room), "…")


def wrapped(text: str, size: float, room: float, most_lines: int, bold: bool = False) -> list[str]:
    """The text in lines no wider than `room`, broken after spaces where it has any; the last one may be shortened.

    No space is dropped: but for what was shortened, the lines joined are the text.
    """
    lines: list[str] = []
    while len(lines) < most_lines - 1 and width(text, size, bold) > room:
        fits = next((end for end in _ends(text) if width(text[:end].rstrip(" "), size, bold) <= room), 1)
        end = text.rfind(" ", 0, fits) + 1 or fits
        lines.append(text[:end])
        text = text[end:]
    return [*lines, shortened(text, size, room, bold)]


def _ends(text: str) -> list[int]:
    """Where a text may be cut, last place first: anywhere but inside the escape of an unprintable octet."""
    return [atom.end() for atom in _ATOM.finditer(text)][::-1]
