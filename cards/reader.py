"""A picture to the cards in it: the one reading that badge, hub and command line share.

The reader never guesses: what it finds is a card exactly as it was printed and marked, or a problem with its reason.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from cards.decoder import LADDER, Code, Picture, Rung, as_grey, find_codes
from cards.filling import Misfilled
from cards.forms import known
from cards.penform import PenForm
from cards.penreader import Reading, read_pen_card
from cards.qrtext import Card, PenCard, UnreadableCard, decode
from cards.registration import Unregistered

Corners = tuple[tuple[float, float], ...]

MOST_FILE_PIXELS = 64_000_000
"""Larger picture files are refused before they are decoded: they would not fit into a small computer's memory."""

_TWICE = "two cards bear the name {}: one of them is a copy, and a room takes both for one piece of paper"
_UNKNOWN_FORM = "it has the form {}, which is of another lesson or of a newer Paperhop: update this program"
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a code is not a card that can be read: a reason code (`card.foreign` ...) and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Found:
    """A QR code in a picture: the `card` that it is, or the `problem` with it; of a card for the pen perhaps both.

    corners: four (x, y) in pixels: the symbol's own top left, top right, bottom right, bottom left. text: what the code
    says. reading: what is marked on a card for the pen, when its form could be made out.
    """

    corners: Corners
    text: str
    card: Card | None
    problem: Problem | None
    reading: Reading | None = None

    def __post_init__(self) -> None:
        if self.card is None and self.problem is None:
            raise ValueError("what was found is a card or a problem")


def read(
    picture: Picture, rungs: Sequence[Rung] = LADDER, forms: Mapping[str, PenForm] | None = None
) -> tuple[Found, ...]:
    """Every card in a picture (grey, BGR or BGRA, uint8), once per place, with what is marked on it.

    rungs: the decoders to try, in order. forms: those of cards for the pen, by their ids; left out: all that are known.
    Raises ValueError for what is not a picture, `decoder.NoDecoder` when no decoder is installed.
    """
    return _told_apart(marked(picture, found, forms) for found in find(picture, rungs))


def find(picture: Picture, rungs: Sequence[Rung] = LADDER) -> tuple[Found, ...]:
    """As `read`, but without looking at marks: what a badge does with every frame."""
    codes: list[Code] = []
    for code in find_codes(picture, rungs):
        if not any(_same(code, other) for other in codes):
            codes.append(code)
    return _told_apart(map(_found, codes))


def marked(picture: Picture, found: Found, forms: Mapping[str, PenForm] | None = None) -> Found:
    """What was found in this picture, with what is marked on it if it is a card for the pen.

    `card.newer`: nobody knows its form. `card.unclear`: the form or a field cannot be made out. `card.marks`,
    `card.check-digit`: what is marked does not say one thing.
    """
    if not isinstance(found.card, PenCard):
        return found
    form = (known() if forms is None else forms).get(found.card.id.deck)
    if form is None:
        return replace(found, problem=Problem("card.newer", _UNKNOWN_FORM.format(found.card.id.deck)))
    grey, shrunk = as_grey(picture)
    corners = np.array(found.corners, np.float32) * np.float32(shrunk)
    try:
        reading = read_pen_card(grey, Code(found.text, corners), form)
    except Unregistered as error:
        return replace(found, problem=Problem("card.unclear", str(error)))
    return with_reading(found, reading)


def with_reading(found: Found, reading: Reading) -> Found:
    """A card for the pen with this reading, and with the problem that it has, if any."""
    try:
        reading.written()
    except Misfilled as error:
        return replace(found, reading=reading, problem=Problem(error.code, error.detail))
    return replace(found, reading=reading, problem=None)


def load(path: str | os.PathLike[str]) -> Picture:
    """A picture file in grey, upright as its camera held it. ValueError says why it cannot be had."""
    return _load(Path(path), str(path))


def from_octets(octets: bytes, name: str = "this photo") -> Picture:
    """The picture in the octets of a file, as `load` gives it; `name` stands for the file where it cannot be had."""
    return _load(io.BytesIO(octets), name)


def _load(file: Path | IO[bytes], path: str) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=_FORMATS) as image:
                size = image.size
                if size[0] * size[1] <= MOST_FILE_PIXELS:
                    return _upright(image)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except UnidentifiedImageError:
        raise ValueError(f"{path} is not a picture: PNG, JPEG, WebP, TIFF, BMP, GIF and PPM can be read") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{path} has too many pixels to read: save it smaller") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder, not a picture") from None
    except Exception as error:
        # Pillow's decoders raise whatever comes to them on a damaged file: struct.error, TypeError, SyntaxError ...
        raise ValueError(f"{path} cannot be read as a picture: {error}") from None
    raise ValueError(
        f"{path} has {size[0]} x {size[1]} pixels, too many to read: save it smaller "
        f"(at most {MOST_FILE_PIXELS // 1_000_000} million pixels)"
    )


def _upright(image: Image.Image) -> Picture:
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them to 8
        return (np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        return np.array(Image.alpha_composite(paper, image.convert("RGBA")).convert("L"))
    return np.array(image.convert("L"))


def _found(code: Code) -> Found:
    corners = tuple((float(x), float(y)) for x, y in code.corners)
    try:
        return Found(corners, code.text, decode(code.text), None)
    except UnreadableCard as error:
        return Found(corners, code.text, None, Problem(error.code, error.detail))


def _told_apart(found: Iterable[Found]) -> tuple[Found, ...]:
    """All that was found; cards that bear one name have a problem."""
    every = tuple(found)
    ids = [one.card.id for one in every if one.card is not None]
    return tuple(
        replace(one, problem=Problem("card.twice", _TWICE.format(one.card.id)))
        if one.card is not None and ids.count(one.card.id) > 1
        else one
        for one in every
    )


def _same(code: Code, other: Code) -> bool:
    """Whether both are one code, found twice: the same text, and one's middle within the other."""
    apart = np.linalg.norm(code.corners.mean(axis=0) - other.corners.mean(axis=0))
    side = np.linalg.norm(code.corners[0] - code.corners[1])
    return code.text == other.text and bool(apart < side / 2)
