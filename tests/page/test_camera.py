"""A laptop's own camera in the page: a real Chromium, before whose camera a card lies."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from cards import drawing
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.page import Gate, create_app, serve
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser

WIDTH, HEIGHT = 1280, 720
SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]


def _film(path: Path, card: PrintedCard) -> Path:
    """What a camera sees before which a card lies, as Chromium takes it for one: raw YUV 4:2:0."""
    seen = np.full((HEIGHT, WIDTH), 110, np.uint8)
    drawn = cv2.resize(drawing.picture(card, dpi=150), (840, 596), interpolation=cv2.INTER_AREA)
    seen[62 : 62 + drawn.shape[0], 220 : 220 + drawn.shape[1]] = drawn
    colour = bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode() + seen.tobytes() + colour)
    return path


def test_a_card_before_the_camera_is_scanned_by_a_press(tmp_path: Path) -> None:
    film = _film(tmp_path / "seen.y4m", PrintedCard(CardId("DEMO", 1), parse_packet(SYN)))
    gate = Gate(tmp_path)
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        with closing(serve(create_app(desk, gate, Archive(tmp_path)), "127.0.0.1", 0)) as server:
            camera = ("use-fake-device-for-media-stream", "use-fake-ui-for-media-stream")
            switches = [f"--{switch}" for switch in camera] + [f"--use-file-for-fake-video-capture={film}"]
            with closing(Browser(tmp_path / "chromium", *switches)) as page:
                page.open(f"{server.url}/join")
                page.click("#free button")
                page.click("#camera")
                page.wait_until("document.getElementById('view').videoWidth > 0")
                before = desk.backstage()["event"]
                page.click("#shoot")
                page.wait_until("document.getElementById('word').textContent === 'sent'")
                assert desk.backstage()["event"] == before + 1, "one press is one scan"
                page.click("#leave-seat")
                page.click("#sure-yes")
                page.wait_until("document.getElementById('view').srcObject === null")
                page.leave()
