"""The labels of a set: the name of each badge, large, and of the hub; no secret is on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cards.imposition import Piece, pages
from cards.pdf import pdf
from cards.sheet import Sheet, Text
from cards.typeface import fitted, shortened
from hub.deploy.network import HUB_ADDRESS, HUB_NAME
from hub.printing.grid import BODY, LEAD
from hub.printing.words import ENGLISH, Words

LABEL = (66.0, 37.0)
"""Width and height of a label: 24 fit on A4, 21 on Letter, all upright."""
_MARGIN = 6.0
_NAME = 18.0


def labels(set_name: str, badges: Sequence[str], paper: str, say: Words = ENGLISH) -> bytes:
    """The labels as a PDF file: the hub's first, then one for each badge. paper: one of imposition's PAPERS."""
    pieces = _pieces(set_name, badges, say)
    return pdf(pages(pieces, paper), say("set.title", set=set_name))


def _pieces(set_name: str, badges: Sequence[str], say: Words) -> Iterator[Piece]:
    yield Piece(_label(say("set.hub"), f"{HUB_NAME} · {HUB_ADDRESS}", set_name, say))
    for badge in badges:
        yield Piece(_label(badge, say("set.account"), set_name, say))


def _label(name: str, below: str, set_name: str, say: Words) -> Sheet:
    across, down = LABEL
    room = across - 2 * _MARGIN
    size = fitted(name, _NAME, room, bold=True)
    of = shortened(say("set.of", set=set_name), LEAD, room, bold=True)
    shapes = (
        Text(_MARGIN, 10.2, of, LEAD, bold=True),
        Text(_MARGIN, 25.4, name, size, bold=True),
        Text(_MARGIN, down - 5.6, below, fitted(below, BODY, room)),
    )
    return Sheet(across, down, name, shapes)
