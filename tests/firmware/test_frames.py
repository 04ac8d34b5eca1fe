from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from cards.drawing import picture, png
from cards.notation import parse_packet
from cards.qrtext import Card, CardId, PrintedCard
from cards.reader import read
from firmware.eye import Eye
from firmware.frames import HEIGHT, WIDTH, Frame, FrameSource, SourceError, open_source
from firmware.steady import Hold, Steady
from firmware.virtual import VirtualHand

SYN = parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")
LONG = parse_packet(f'10.0.1.2:40001 > 10.0.1.1:23 PSH,ACK seq=101 ack=301 data="{"x" * 64}"')


def cards(*serials: int) -> list[PrintedCard]:
    return [PrintedCard(CardId("DEMO", serial), SYN if serial % 2 else LONG) for serial in serials]


def holds(source: FrameSource) -> list[Card | None]:
    """The cards that a badge would scan; None for a code that is not a card."""
    eye, steady = Eye(), Steady()
    events = [steady.see(frame.at, eye.look(frame)) for frame in source]
    return [event.found.card for event in events if isinstance(event, Hold)]


def test_each_picture_of_a_folder_is_one_hold_in_the_order_of_their_names(tmp_path: Path) -> None:
    first, second, third = cards(1, 2, 3)
    (tmp_path / "b.png").write_bytes(png(second))
    (tmp_path / "a.png").write_bytes(png(first))
    (tmp_path / "c.png").write_bytes(png(second))
    Image.fromarray(picture(third)).save(tmp_path / "d.jpg")
    assert holds(open_source(f"dir:{tmp_path}")) == [first, second, second, third]


def test_what_is_no_picture_is_passed_over_with_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (card,) = cards(1)
    (tmp_path / "1.txt").write_text("not a picture")
    (tmp_path / "2.png").write_bytes(png(card)[:500])
    (tmp_path / "3.png").write_bytes(png(card))
    (tmp_path / ".hidden.png").write_bytes(png(card))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "folder.png" / "4.png").write_bytes(png(card))
    assert holds(open_source(f"dir:{tmp_path}")) == [card]
    assert "1.txt" in caplog.text
    assert "2.png" in caplog.text
    assert "hidden" not in caplog.text


def test_an_empty_folder_says_that_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert list(open_source(f"dir:{tmp_path}")) == []
    assert "has no pictures" in caplog.text


def test_a_folder_that_is_closed_ends(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(cards(1)[0]))
    source = open_source(f"dir:{tmp_path}")
    frames = iter(source)
    next(frames)
    source.close()
    assert list(frames) == []


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        open_source(f"dir:{tmp_path / 'none'}")


@pytest.mark.parametrize(
    "text", ["", "camera", "opencv:", "opencv:x", "opencv:-1", "dir:", "picamera:1", "virtual:slow"]
)
def test_what_is_no_source_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="there are picamera, opencv:0, dir:FOLDER and virtual"):
        open_source(text)


class PretendWebcam:
    """As much of cv2.VideoCapture as the badge uses: gives its pictures, None for a hiccup, then nothing."""

    pictures: list[Any]
    opened = 0

    def __init__(self, number: int) -> None:
        type(self).opened += 1

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, setting: int, value: float) -> bool:
        return True

    def grab(self) -> bool:
        return bool(self.pictures) and self.pictures.pop(0) is not None

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.full((HEIGHT, WIDTH, 3), 50, np.uint8)

    def release(self) -> None:
        pass


def test_a_webcam_that_stops_giving_frames_is_opened_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", PretendWebcam)
    monkeypatch.setattr("firmware.frames.RATE", 1e9)
    monkeypatch.setattr("firmware.frames.REOPEN_AFTER", 0.01)
    monkeypatch.setattr(PretendWebcam, "opened", 0)
    PretendWebcam.pictures = ["one", None, "two"]
    source = open_source("opencv:0")
    frames = iter(source)
    assert [next(frames).image.shape for _ in range(2)] == [(HEIGHT, WIDTH)] * 2
    source.close()
    assert list(frames) == []
    assert PretendWebcam.opened == 2
    assert "opencv:0 gives no frames" in caplog.text


def test_a_missing_webcam_is_said_by_us_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match="There is no camera opencv:99"):
        open_source("opencv:99")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", [0, 1])
def test_every_card_that_the_virtual_hand_lays_down_is_one_hold(seed: int) -> None:
    hand = VirtualHand(seed, "fast")
    shown = cards(1, 2, 3, 3, 4)
    for card in shown:
        hand.show(card)
    hand.finish()
    assert holds(hand) == shown


def test_the_virtual_hand_draws_what_a_camera_would_see() -> None:
    def frames() -> list[Frame]:
        hand = VirtualHand(7, "fast")
        hand.show(cards(1)[0])
        hand.finish()
        return list(hand)

    first, again = frames(), frames()
    assert all(np.array_equal(a.image, b.image) and a.at == b.at for a, b in zip(first, again, strict=True))
    assert {frame.image.shape for frame in first} == {(HEIGHT, WIDTH)}
    times = [frame.at for frame in first]
    assert np.diff(times) == pytest.approx(0.1)
    eye = Eye()
    read_at = [frame.at for frame in first if eye.look(frame)]
    assert max(read_at) - min(read_at) == pytest.approx(1.0, abs=0.25), "it lies there for about a second"
    lying = [frame.image for frame in first if frame.at in read_at[2:4]]
    assert 2 < np.abs(lying[0].astype(float) - lying[1]).mean() < 20, "noise is fresh in every frame"


def test_a_virtual_hand_in_real_time_also_shows_the_empty_rest() -> None:
    hand = VirtualHand(1, "real")
    frames = iter(hand)
    empty = next(frames)
    assert read(empty.image) == ()
    hand.show(cards(1)[0])
    assert any(read(next(frames).image) for _ in range(10))
    hand.close()
    assert list(frames) == []
