from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image

from cards import drawing, reader
from cards.decoder import HAS_ZBAR, LADDER, ZBAR_LADDER, ZXING_LADDER, Picture, Rung
from cards.decoder import Code as SeenCode
from cards.notation import write
from cards.qrtext import Card, PrintedCard, encode
from tests.cards.examples import (
    CARDS,
    COMMAND,
    DATA,
    LONGEST,
    LONGEST_COMMAND,
    LONGEST_ROLE,
    PING,
    PRINTABLE,
    ROLE,
    SYN,
    SYN_ACK,
    UDP,
    Sample,
    seen_by_camera,
)
from tests.conftest import needs


def name(card: Card) -> str:
    return write(card.packet)[:40] if isinstance(card, PrintedCard) else str(card.id)


needs_zbar = needs(HAS_ZBAR, "zbar", "apt-get install libzbar0, or brew install zbar")


@pytest.mark.parametrize(
    "rungs", [pytest.param(LADDER, id="all"), pytest.param(ZBAR_LADDER, marks=needs_zbar, id="zbar")]
)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("card", [*CARDS, UDP, PING, LONGEST, COMMAND, LONGEST_COMMAND, ROLE, LONGEST_ROLE], ids=name)
def test_a_card_is_read_as_a_camera_sees_it(card: Card, seed: int, rungs: tuple[Rung, ...]) -> None:
    frame, _ = seen_by_camera(card, seed)
    (found,) = reader.read(frame, rungs)
    assert found.card == card
    assert found.problem is None
    assert found.text == encode(card)


@pytest.mark.parametrize("sample", PRINTABLE, ids=lambda sample: sample.line)
def test_what_is_not_tcp_is_printed_and_read_back(sample: Sample) -> None:
    (found,) = reader.read(drawing.picture(sample.card, dpi=100))
    assert found.card == sample.card


@pytest.mark.parametrize(
    "rungs", [pytest.param(LADDER, id="all"), pytest.param(ZBAR_LADDER, marks=needs_zbar, id="zbar")]
)
def test_all_cards_in_a_picture_are_read(rungs: tuple[Rung, ...]) -> None:
    page = np.vstack([drawing.picture(card, dpi=100) for card in [*CARDS, SYN]])
    cards = [found.card for found in reader.read(page, rungs)]
    assert sorted(str(card.id) for card in cards if card) == ["DEMO-1", "DEMO-1", "DEMO-2", "DEMO-3"]


def test_one_code_found_twice_at_its_place_counts_once() -> None:
    corners = np.array([(10, 10), (60, 10), (60, 60), (10, 60)], np.float32)

    def twice(_: Picture) -> list[SeenCode]:
        return [SeenCode(encode(SYN), corners + shift) for shift in (0, 1, 100)]

    found = reader.read(np.full((200, 200), 255, np.uint8), [Rung(twice, lambda grey: grey, installed=True)])
    assert [one.corners[0] for one in found] == [(10.0, 10.0), (110.0, 110.0)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://example.org/", "card.foreign"),
        (encode(SYN)[:-3], "card.damaged"),
        (encode(SYN).replace("/P/1-", "/P/9-"), "card.newer"),
    ],
)
def test_codes_that_are_no_card_are_reported_as_such(text: str, code: str) -> None:
    (found,) = reader.read(_qr(text))
    assert found.card is None
    assert found.problem is not None
    assert found.problem.code == code
    assert found.text == text


def test_a_foreign_code_with_any_octets_is_reported() -> None:
    for rungs in (ZXING_LADDER, ZBAR_LADDER):
        if rungs[0].installed:
            (found,) = reader.read(_qr(b"\x00\xff\xfe\x80 binary"), rungs)
            assert found.problem is not None
            assert found.problem.code == "card.foreign"


def test_a_picture_without_a_card_has_none() -> None:
    assert reader.read(np.full((480, 640), 200, np.uint8)) == ()


def test_half_a_card_is_not_read() -> None:
    picture = drawing.picture(SYN, dpi=100)
    assert reader.read(picture[:, : picture.shape[1] // 4]) == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_picture_files_of_many_kinds_are_loaded(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "card"
    Image.fromarray(drawing.picture(DATA, dpi=120)).save(file, kind)
    picture = reader.load(file)
    assert picture.dtype == np.uint8
    assert [found.card for found in reader.read(picture)] == [DATA]


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_pictures_of_any_depth_are_loaded_as_grey(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "card.tiff"
    picture = drawing.picture(SYN_ACK, dpi=120)
    deep = Image.fromarray(picture.astype(np.uint16) * 257)
    (deep if mode == "I;16" else Image.fromarray(picture).convert(mode)).save(file)
    assert [found.card for found in reader.read(reader.load(file))] == [SYN_ACK]


def test_what_is_transparent_is_seen_as_white(tmp_path: Path) -> None:
    ink = 255 - drawing.picture(SYN, dpi=120)
    Image.merge("LA", [Image.fromarray(np.zeros_like(ink)), Image.fromarray(ink)]).save(tmp_path / "card.png")
    assert [found.card for found in reader.read(reader.load(tmp_path / "card.png"))] == [SYN]


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    photo = Image.fromarray(drawing.picture(SYN, dpi=100))
    exif = photo.getexif()
    exif[0x0112] = 6  # orientation: turn a quarter clockwise
    photo.save(tmp_path / "card.jpg", exif=exif)
    assert reader.load(tmp_path / "card.jpg").shape == photo.size


def test_a_file_that_is_no_picture_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "half.png").write_bytes(drawing.png(SYN)[:5000])
    for name, says in {
        "nothing.png": "there is no such file",
        "notes.txt": "is not a picture",
        "empty.png": "is not a picture",
        "half.png": "cannot be read as a picture",
        ".": "is a folder",
    }.items():
        with pytest.raises(ValueError, match=says):
            reader.load(tmp_path / name)


@pytest.mark.parametrize("side", [9000, 20000, 2**31 - 1])
def test_a_picture_too_large_for_memory_is_refused_unread(side: int, tmp_path: Path) -> None:
    png = bytearray(drawing.png(SYN, dpi=50))
    png[16:24] = struct.pack(">II", side, side)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    (tmp_path / "large.png").write_bytes(png)
    with pytest.raises(ValueError, match="too many"):
        reader.load(tmp_path / "large.png")


def _qr(text: str | bytes) -> Picture:
    file = io.BytesIO()
    segno.make_qr(text).save(file, kind="png", scale=6)
    return np.array(Image.open(file).convert("L"))


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "gif", "bmp", "ppm"])
def test_a_damaged_picture_file_is_loaded_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.fromarray(drawing.picture(SYN, dpi=50)).save(whole, kind)
    random = np.random.default_rng(7)
    path = tmp_path / f"damaged.{kind}"
    for _ in range(150):
        octets = bytearray(whole.getvalue()[: int(random.integers(1, len(whole.getvalue()) + 1))])
        for at in random.integers(0, len(octets), random.integers(1, 8)):
            octets[at] = int(random.integers(0, 256))
        path.write_bytes(octets)
        try:
            assert reader.load(path).ndim == 2
        except ValueError as error:
            assert "damaged" in str(error)  # noqa: PT017
