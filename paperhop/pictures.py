"""Draws the pictures of cards in the documentation: `python -m paperhop.pictures docs/pictures`.

The same program draws the same pictures. The photograph is one of the bench's, of a card that its hand has filled in.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cards.drawing import DEFAULT_DPI, MM_PER_INCH, picture, sheet_picture
from cards.filling import marks
from cards.notation import EXAMPLE, parse, parse_packet
from cards.pencard import pen_card
from cards.penform import PenForm
from cards.penlayout import layout
from cards.penreader import Reading
from cards.qrtext import CardId, PenCard, PrintedCard
from hub.lessons import load
from hub.lessons.forms import pen_form
from hub.printing.deck import Order, deck
from paperhop.bench import hand
from paperhop.bench.camera import Shot, shoot
from paperhop.bench.penreading import look

_Picture = NDArray[np.uint8]

_PACKET = '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=17 ack=205 data="hello"'
_PX_PER_MM = DEFAULT_DPI / MM_PER_INCH
_TABLE, _GAP = 226, 40
"""The grey around pages, and how much of it is between them."""
_LEVEL, _SEED = 2, 39
_HIGH, _FLAT, _BETWEEN = 400, 4.0, 6
"""Of the picture of reading: its height, the pixels for a millimetre of the form, and the white between both halves."""
_READ, _REFUSED = (30, 100, 170), (200, 60, 30)


def card() -> Image.Image:
    """A printed packet."""
    return Image.fromarray(picture(PrintedCard(CardId("DEMO", 1), parse_packet(EXAMPLE)), 120))


def pencard() -> Image.Image:
    """A card for the pen, filled in."""
    form, written = pen_form(load("data")), parse(_PACKET)
    sheet = pen_card(form, PenCard(CardId(form.id, 1)), filled=marks(form, written), data="hello")
    return _narrow(sheet_picture(sheet, 138))


def pages() -> Image.Image:
    """The first page of a deck, its rules, and cards for the pen."""
    sheets = list(deck(Order(load("linked"), teams=3)))
    shown = [sheets[0], sheets[1], next(sheet for sheet in sheets if "a card to be filled in" in sheet.title)]
    drawn = [cv2.resize(sheet_picture(sheet, 145), (600, 848), interpolation=cv2.INTER_AREA) for sheet in shown]
    white = np.full((848 + 2 * _GAP, len(drawn) * (600 + _GAP) + _GAP), _TABLE, np.uint8)
    for n, page in enumerate(drawn):
        left = _GAP + n * (600 + _GAP)
        white[_GAP : _GAP + 848, left : left + 600] = page
    return _narrow(white)


def reading() -> Image.Image:
    """A photograph of a card, and the form in it: rings around what was read, others around what was refused."""
    form = pen_form(load("data"))
    shot = _photograph(form)
    read = look(shot.image, form)
    assert read is not None, "this photograph is one that can be read"
    flat = _flattened(shot, form)
    left, right = _as_high(shot.image), _as_high(_ringed(flat, read))
    space = np.full((_HIGH, _BETWEEN, 3), 255, np.uint8)
    return Image.fromarray(np.concatenate([cv2.cvtColor(left, cv2.COLOR_GRAY2RGB), space, right], axis=1))


def _as_high(pixels: _Picture) -> _Picture:
    scale = _HIGH / len(pixels)
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _photograph(form: PenForm) -> Shot:
    """A card that says _PACKET, with a column of ACK marked twice."""
    rng = np.random.default_rng(_SEED)
    places = layout(form)
    paper = sheet_picture(pen_card(form, PenCard(CardId(form.id, 7)))).copy()
    said = marks(form, parse(_PACKET)) | {(f"ack.{form.digits}", "8")}
    bubbles = [hand.Bubble(*bubble) for bubble in places.bubbles]
    chosen = [bubble for bubble in bubbles if (bubble.field, bubble.value) in said]
    others = [bubble for bubble in bubbles if (bubble.field, bubble.value) not in said]
    hand.fill_in(paper, chosen, others, hand.PROFILES["mixed"], rng, _PX_PER_MM)
    for letter, cell in zip("hello", places.comb, strict=False):
        hand.write(paper, letter, cell, rng, _PX_PER_MM)
    return shoot(paper, _LEVEL, rng, card_mm=(places.width, places.height))


def _flattened(shot: Shot, form: PenForm) -> _Picture:
    places = layout(form)
    corners = np.array([(0.0, 0.0), (places.width, 0.0), (places.width, places.height), (0.0, places.height)])
    there = shot.to_px(corners).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(there, (corners * _FLAT).astype(np.float32))
    size = round(places.width * _FLAT), round(places.height * _FLAT)
    return np.asarray(cv2.warpPerspective(shot.image, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)


def _ringed(flat: _Picture, read: Reading) -> _Picture:
    colours = cv2.cvtColor(flat, cv2.COLOR_GRAY2RGB)
    for bubble in layout(read.form).bubbles:
        field = read.fields[bubble.field]
        refused = field.refused is not None and not field.blank
        if refused or bubble.value in field.values:
            middle = (round(bubble.x * _FLAT), round(bubble.y * _FLAT))
            colour = _REFUSED if refused else _READ
            cv2.circle(colours, middle, round(0.62 * bubble.d * _FLAT), colour, 2, cv2.LINE_AA)
    return np.asarray(colours, np.uint8)


def _narrow(pixels: _Picture) -> Image.Image:
    """With 16 greys, which is a third of the file."""
    return Image.fromarray(pixels).quantize(16)


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """All of them, each with its name."""
    yield "card.png", card()
    yield "pencard.png", pencard()
    yield "deck.png", pages()
    yield "reading.png", reading()


def main() -> None:
    """Write them into the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    for name, image in pictures():
        image.save(folder / name, optimize=True)


if __name__ == "__main__":
    main()
