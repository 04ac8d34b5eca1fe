"""A sheet as PDF, read back by other programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path as File

import numpy as np
import pytest
from PIL import Image, PdfParser

from cards import drawing
from cards.pdf import pdf
from cards.printedcard import printed_card
from cards.sheet import Disc, Line, Path, Shape, Sheet, Text
from tests.cards.examples import DATA

SHEET = printed_card(DATA)

needs_poppler = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("pdffonts", "pdftotext", "pdftoppm")), reason="needs poppler-utils"
)


def test_the_page_has_the_sheets_size_and_the_file_its_title(tmp_path: File) -> None:
    title = "Käse → “x”"
    (tmp_path / "a.pdf").write_bytes(pdf(Sheet(148.0, 105.0, title, SHEET.shapes)))
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        assert len(read.pages) == 1
        page = read.read_indirect(read.pages[0])
        box = {**read.read_indirect(page[b"Parent"]), **page}[b"MediaBox"]
        assert box == pytest.approx([0, 0, 148 / 25.4 * 72, 105 / 25.4 * 72], abs=0.01)
        assert bytes(read.info[b"Title"]).decode("utf-16") == title


def test_the_same_sheet_gives_the_same_octets_whenever_it_is_drawn(tmp_path: File) -> None:
    assert pdf(SHEET) == pdf(SHEET)
    (tmp_path / "a.pdf").write_bytes(pdf(SHEET))
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        assert read.info[b"CreationDate"] == b"D:20220801000000Z", "RFC 9293 came out in that month"


def test_each_sheet_has_a_page_of_its_own_size(tmp_path: File) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(SHEET, Sheet(210.0, 297.0, "A4", ()), title="Beide → “A4”"))
    with PdfParser.PdfParser(str(tmp_path / "a.pdf")) as read:
        boxes = [read.read_indirect(page)[b"MediaBox"] for page in read.pages]
        assert boxes[0] == pytest.approx([0, 0, 148 / 25.4 * 72, 105 / 25.4 * 72], abs=0.01)
        assert boxes[1] == pytest.approx([0, 0, 210 / 25.4 * 72, 297 / 25.4 * 72], abs=0.01)
        assert bytes(read.info[b"Title"]).decode("utf-16") == "Beide → “A4”"


@needs_poppler
def test_both_fonts_are_inside_with_the_letters_that_are_used(tmp_path: File) -> None:
    lines = _asked(tmp_path, pdf(SHEET), "pdffonts", "a.pdf").splitlines()[2:]
    assert sorted(line.split()[0].partition("+")[2] for line in lines) == [
        "AtkinsonHyperlegible",
        "AtkinsonHyperlegibleBold",
    ]
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines), "embedded, a subset, readable"


@needs_poppler
def test_the_text_can_be_read_from_it_and_no_letter_is_left_out(tmp_path: File) -> None:
    letters = Text(10.0, 20.0, r"a (b) \ “ä” · … → 漢 b", 5.0)
    read = _asked(tmp_path, pdf(_sheet(letters)), "pdftotext", "a.pdf", "-")
    assert read.strip() == r"a (b) \ “ä” · … ? ? b"


@needs_poppler
def test_it_looks_like_the_picture(tmp_path: File) -> None:
    ours = Image.fromarray(drawing.picture(DATA, 150)).resize((148, 105), Image.Resampling.BOX)
    assert np.abs(_seen(tmp_path, SHEET) - np.asarray(ours, float)).mean() < 6


@needs_poppler
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
def test_a_shape_is_where_it_should_be(
    shape: Shape, black: tuple[int, int], white: tuple[int, int], tmp_path: File
) -> None:
    seen = _seen(tmp_path, _sheet(shape))
    assert seen[black[1], black[0]] < 128
    assert seen[white[1], white[0]] > 250


def _sheet(shape: Shape) -> Sheet:
    return Sheet(100.0, 50.0, "a", (shape,))


def _asked(folder: File, octets: bytes, *words: str) -> str:
    (folder / "a.pdf").write_bytes(octets)
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout


def _seen(folder: File, sheet: Sheet) -> np.ndarray:
    """How bright each millimetre of the page is, 0 to 255, by row and column."""
    _asked(folder, pdf(sheet), "pdftoppm", "-r", "150", "-gray", "-singlefile", "a.pdf", "a")
    with Image.open(folder / "a.pgm") as page:
        size = round(sheet.width), round(sheet.height)
        return np.asarray(page.resize(size, Image.Resampling.BOX), float)
