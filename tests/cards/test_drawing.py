from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from cards import drawing
from cards.printedcard import printed_card
from cards.qrcode import modules
from cards.qrtext import PrintedCard, encode
from cards.sheet import Code, Disc, Line, Sheet
from cards.sheet import Path as Outline
from tests.cards.examples import CARDS, DATA, LONGEST, PING, SYN, SYN_ACK, UDP
from tests.cards.strategies import printed_cards

GOLDEN = Path(__file__).parent / "syn_ack.svg"


@pytest.mark.parametrize(("dpi", "shape"), [(300, (1240, 1748)), (254, (1050, 1480)), (50, (207, 291))])
def test_a_picture_has_the_cards_size_at_any_resolution(dpi: float, shape: tuple[int, int]) -> None:
    picture = drawing.picture(SYN, dpi)
    assert picture.shape == shape
    assert picture.dtype == np.uint8


def test_a_png_prints_at_the_cards_size() -> None:
    image = Image.open(io.BytesIO(drawing.png(SYN, dpi=300)))
    assert image.size == (1748, 1240)
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert np.array_equal(np.asarray(image), drawing.picture(SYN, dpi=300))


@pytest.mark.parametrize("card", [*CARDS, UDP, PING, LONGEST])
@pytest.mark.parametrize("dpi", [127, 300])
def test_every_module_of_the_code_is_where_the_layout_says(card: PrintedCard, dpi: float) -> None:
    code = next(shape for shape in printed_card(card).shapes if isinstance(shape, Code))
    rows = modules(encode(card))
    picture = drawing.picture(card, dpi)
    middles = (np.arange(len(rows)) + 0.5) * code.side / len(rows)
    ys, xs = ((middles + start) * dpi / 25.4 for start in (code.y, code.x))
    drawn = picture[ys.astype(int)[:, None], xs.astype(int)]
    assert np.array_equal(drawn == 0, np.array([list(row) for row in rows], bool))


@pytest.mark.parametrize("dpi", [0, 49, 1201, -300, float("nan"), float("inf")])
def test_a_resolution_that_makes_no_card_is_refused(dpi: float) -> None:
    with pytest.raises(ValueError, match="50 to 1200 dots per inch"):
        drawing.picture(SYN, dpi)


def test_every_kind_of_shape_is_as_grey_as_it_says_and_a_ring_hides_nothing() -> None:
    shapes = (
        Disc(5, 5, 3, shade=0.5),
        Disc(5, 5, 3.5, stroke=0.5, shade=0.25),
        Line(10, 5, 14, 5, 1.0, shade=0.75),
        Outline(((15, 3), (19, 3), (19, 7), (15, 7)), shade=0.6),
    )
    sheet = Sheet(20, 10, "greys", shapes)
    pixels = np.asarray(Image.open(io.BytesIO(drawing.sheet_png(sheet))))
    for (x, y), grey in {(5, 5): 128, (8.5, 5): 64, (12, 5): 191, (17, 5): 153, (1, 1): 255}.items():
        assert pixels[round(y * 300 / 25.4), round(x * 300 / 25.4)] == grey
    svg = drawing.sheet_svg(sheet)
    assert [tone in svg for tone in ("#808080", "#404040", "#bfbfbf", "#999999")] == [True] * 4


def test_the_svg_is_as_it_was_when_last_looked_at() -> None:
    """After a change that is meant: look at the new card, then write `drawing.svg(SYN_ACK)` to the file."""
    assert drawing.svg(SYN_ACK) == GOLDEN.read_text(encoding="utf-8")


@settings(max_examples=25)
@given(printed_cards)
def test_any_card_is_well_formed_svg_of_real_size(card: PrintedCard) -> None:
    root = ElementTree.fromstring(drawing.svg(card))
    assert (root.get("width"), root.get("height")) == ("148mm", "105mm")
    assert root.findtext("{*}title", "").startswith(f"{card.id}: ")


def test_the_svg_has_the_same_modules_as_the_picture() -> None:
    path = ElementTree.fromstring(drawing.svg(DATA)).find("{*}path")
    assert path is not None
    rows = modules(encode(DATA))
    drawn = np.zeros((len(rows), len(rows)), bool)
    for box in path.attrib["d"].rstrip("z").split("z"):
        place, run = box.removeprefix("M").split("v")[0].split("h")
        x, y = map(int, place.split())
        drawn[y, x : x + int(run)] = True
    assert np.array_equal(drawn, np.array([list(row) for row in rows], bool))


def test_the_host_is_in_the_drawn_code() -> None:
    assert not np.array_equal(drawing.picture(SYN), drawing.picture(SYN, host="192.168.4.1"))
    assert drawing.svg(SYN) != drawing.svg(SYN, host="192.168.4.1")
