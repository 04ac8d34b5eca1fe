"""The pen card as it is printed: a form with a code that says which form it is and which piece of paper."""

from __future__ import annotations

from collections.abc import Collection

from cards.penform import PenForm
from cards.penlayout import layout
from cards.penparts import Cell
from cards.penwords import ENGLISH, PenWords
from cards.qrtext import DEFAULT_HOST, PenCard, encode
from cards.sheet import Code, Disc, Line, Shape, Sheet, Text

_FILL = 0.84
"""How much of a bubble's diameter a mark has that is drawn by us."""
_PEN = 0.6


def pen_card(
    form: PenForm,
    card: PenCard,
    host: str = DEFAULT_HOST,
    filled: Collection[tuple[str, str]] = (),
    data: str = "",
    words: PenWords = ENGLISH,
) -> Sheet:
    """A card to be filled in by pen.

    filled: (field, value) of bubbles that are drawn as marked; data: letters in the comb: an example. words: what is
    printed beside them. Raises FormError when no paper has room for the form, ValueError for a host that no card can
    have (see `qrtext.encode`).
    """
    places = layout(form, words)
    code = places.code
    shapes: tuple[Shape, ...] = (
        *places.shapes,
        Code(code.x, code.y, code.side, encode(card, host)),
        Text(places.width - 15.0, 9.4, str(card.id), 3.4, anchor="end"),
        *(Disc(b.x, b.y, _FILL * b.d / 2) for b in places.bubbles if (b.field, b.value) in filled),
        *(_letter(places.digits[field], value) for field, value in sorted(filled) if field in places.digits),
        *map(_letter, places.comb, data),
    )
    return Sheet(places.width, places.height, f"{card.id}: a card to be filled in", shapes)


def _letter(cell: Cell, letter: str) -> Shape:
    """What a hand writes into a cell; a space is a dash, as thick as a pen makes it."""
    if letter == " ":
        middle = cell.y + cell.height / 2
        return Line(cell.x + 0.28 * cell.width, middle, cell.x + 0.72 * cell.width, middle, _PEN)
    return Text(cell.x + cell.width / 2, cell.y + 0.74 * cell.height, letter, 0.75 * cell.height, anchor="middle")
