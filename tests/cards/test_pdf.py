"""Sheets as PDF, read back by other programs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
from PIL import Image, PdfParser

from cards import drawing
from cards.pdf import pdf
from cards.printedcard import printed_card
from cards.reader import read
from cards.sheet import Code, Disc, Line, Path, Placed, Shape, Sheet, Text
from tests.cards.examples import DATA, SYN
from tests.conftest import needs

SHEET = printed_card(DATA)

needs_pdfium = needs(find_spec("pypdfium2") is not None, "pypdfium2", "pip install pypdfium2")


def test_each_page_has_its_sheets_size_and_the_file_its_title(tmp_path: File) -> None:
    title = "Käse → “x”"
    (tmp_path / "a.pdf").write_bytes(pdf([SHEET, Sheet(210.0, 297.0, "b", ())], title))
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        pages = [read.read_indirect(page) for page in read.pages]
        boxes = [{**read.read_indirect(page[b"Parent"]), **page}[b"MediaBox"] for page in pages]
        assert boxes == [
            pytest.approx([0, 0, across / 25.4 * 72, down / 25.4 * 72], abs=0.01)
            for across, down in ((148, 105), (210, 297))
        ]
        assert bytes(read.info[b"Title"]).decode("utf-16") == title


def test_the_same_sheets_give_the_same_octets_whenever_they_are_drawn(tmp_path: File) -> None:
    first = pdf([SHEET, printed_card(SYN)], "a")
    assert pdf([SHEET, printed_card(SYN)], "a") == first
    (tmp_path / "a.pdf").write_bytes(first)
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        assert read.info[b"CreationDate"] == b"D:20220801000000Z", "RFC 9293 came out in that month"


def test_a_file_without_pages_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        pdf([], "a")


def test_both_fonts_are_inside_with_the_letters_that_are_used(tmp_path: File) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([SHEET, SHEET], "a"))
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        fonts = [
            read.read_indirect(font)
            for page in map(read.read_indirect, read.pages)
            for font in _resources(read, page)[b"Font"].values()
        ]
        inside = [read.read_indirect(font[b"DescendantFonts"][0]) for font in fonts]
        described = [read.read_indirect(font[b"FontDescriptor"]) for font in inside]
        names = {bytes(font[b"BaseFont"].name) for font in inside}
        assert len(names) == 2
        assert all(b"FontFile2" in font for font in described), "embedded"
        assert all(b"ToUnicode" in font for font in fonts), "its text can be searched for"
        lengths = [len(read.read_indirect(font[b"FontFile2"]).decode()) for font in described]
        assert max(lengths) < 40_000, "only the letters that are used: a whole font has some 55,000 octets"


@needs_pdfium
def test_the_text_can_be_read_from_it_and_no_letter_is_left_out() -> None:
    letters = Text(10.0, 20.0, r"a (b) \ “ä” · … → 漢 b", 5.0)
    assert _document(_sheet(letters))[0].get_textpage().get_text_bounded().strip() == r"a (b) \ “ä” · … ? ? b"


@needs_pdfium
def test_it_looks_like_the_picture() -> None:
    ours = Image.fromarray(drawing.picture(DATA, 150)).resize((148, 105), Image.Resampling.BOX)
    assert np.abs(_seen(SHEET) - np.asarray(ours, float)).mean() < 6


@needs_pdfium
@pytest.mark.parametrize("turns", range(4))
def test_a_sheet_on_a_sheet_looks_alike_in_every_way_to_draw_it(turns: Any) -> None:
    sheet = Sheet(170.0, 160.0, "a", (Placed(7.0, 9.0, SHEET, turns), Line(1.0, 1.0, 169.0, 1.0, 1.0)))
    flat = np.rot90(drawing.picture(DATA, 300), -turns)
    ours = _millimetres(sheet, Image.fromarray(drawing.sheet_picture(sheet, 300)))
    assert np.abs(_seen(sheet) - ours).mean() < 6
    across, down = (148, 105) if turns % 2 == 0 else (105, 148)
    alone = np.asarray(Image.fromarray(flat).resize((across, down), Image.Resampling.BOX), float)
    assert np.abs(ours[9 : 9 + down, 7 : 7 + across] - alone).mean() < 3


@needs_pdfium
def test_codes_are_read_from_a_page() -> None:
    page = Sheet(210.0, 297.0, "a", (Placed(0.0, 0.5, SHEET, 1), Placed(105.0, 0.5, printed_card(SYN), 3)))
    found = read(_page(page, 150))
    assert {str(each.card.id) for each in found if each.card} == {"DEMO-1", "DEMO-3"}


def test_a_code_costs_few_octets() -> None:
    code = next(shape for shape in SHEET.shapes if isinstance(shape, Code))
    assert len(pdf([_sheet(code)] * 11, "a")) - len(pdf([_sheet(code)], "a")) < 10 * 3500


@needs_pdfium
@pytest.mark.parametrize(
    ("shape", "black", "white"),
    [
        (Line(5.0, 10.5, 15.0, 10.5, 2.0), (10, 10), (10, 14)),
        (Path(((5.0, 5.0), (15.0, 5.0), (15.0, 15.0))), (12, 7), (7, 12)),
        (Path(((5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0)), 2.0, closed=True), (5, 10), (10, 10)),
        (Path(((5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0)), 2.0), (15, 10), (5, 10)),
        (Disc(10.5, 10.5, 5.0), (10, 10), (16, 16)),
        (Disc(10.5, 10.5, 5.0, stroke=2.0), (15, 10), (10, 10)),
        (Text(10.0, 15.0, "H" * 20, 10.0, anchor="end"), (1, 11), (13, 11)),
    ],
    ids=repr,
)
def test_a_shape_is_where_it_should_be(shape: Shape, black: tuple[int, int], white: tuple[int, int]) -> None:
    seen = _seen(_sheet(shape))
    assert seen[black[1], black[0]] < 128
    assert seen[white[1], white[0]] > 250


@needs_pdfium
def test_shades_are_as_they_should_be() -> None:
    seen = _seen(_sheet(Disc(20.5, 20.5, 10.0, shade=0.5)))
    assert seen[20, 20] == pytest.approx(127, abs=3)


def _resources(read: PdfParser.PdfParser, page: Any) -> Any:
    resources = page[b"Resources"]
    resources = read.read_indirect(resources) if isinstance(resources, PdfParser.IndirectReference) else resources
    fonts = resources[b"Font"]
    return {b"Font": read.read_indirect(fonts) if isinstance(fonts, PdfParser.IndirectReference) else fonts}


def _sheet(shape: Shape) -> Sheet:
    return Sheet(100.0, 50.0, "a", (shape,))


def _document(sheet: Sheet) -> Any:
    import pypdfium2

    return pypdfium2.PdfDocument(pdf([sheet], "a"))


def _page(sheet: Sheet, dpi: float) -> np.ndarray:
    return np.asarray(_document(sheet)[0].render(scale=dpi / 72).to_pil().convert("L"))


def _seen(sheet: Sheet) -> np.ndarray:
    """How bright each millimetre of the page is, 0 to 255, by row and column."""
    return _millimetres(sheet, Image.fromarray(_page(sheet, 150)))


def _millimetres(sheet: Sheet, picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((round(sheet.width), round(sheet.height)), Image.Resampling.BOX), float)
