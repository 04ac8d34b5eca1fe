"""What stands on a badge's small display."""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from firmware.display import HEIGHT, WIDTH, Display, DisplayError, Face, Show, open_display, picture
from hub.messages import Answer, Light, LightWord, Role, Verdict

WITHIN = 10.0
LONG = "ack should be 118: you have received 17 bytes starting at 101, and the next one that you expect is 118."


def rows(image: Image.Image) -> list[int]:
    """The rows of points in which something is lit."""
    return [int(row) for row in np.flatnonzero(np.asarray(image).any(axis=1))]


def test_a_face_has_the_node_above_a_line_and_the_sentence_below() -> None:
    image = picture(Face("Client", "Carry it on."))
    assert (image.size, image.mode) == ((WIDTH, HEIGHT), "1")
    line = np.flatnonzero(np.asarray(image).all(axis=1))
    assert len(line) == 1
    assert rows(picture(Face("Client")))[0] < line[0] < rows(picture(Face("", "Carry it on.")))[-1]
    assert rows(picture(Face("Client")))[-1] == line[0]


def test_a_long_sentence_takes_three_lines_and_stays_on_the_display() -> None:
    short, long = rows(picture(Face("Client", "Carry it on."))), rows(picture(Face("Client", LONG)))
    assert long[-1] > short[-1] + 20
    assert not np.array_equal(np.asarray(picture(Face("", LONG))), np.asarray(picture(Face("", LONG[:20]))))


class Panel:
    """A display that remembers, and that can be unplugged."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.shown: list[bytes] = []
        self.unplugged = False

    def __call__(self, image: Image.Image) -> None:
        with self.changed:
            self.shown.append(image.tobytes())
            self.changed.notify_all()
        if self.unplugged:
            raise OSError("Remote I/O error")

    def wait(self, face: Face) -> None:
        wanted = picture(face).tobytes()
        with self.changed:
            assert self.changed.wait_for(lambda: self.shown[-1:] == [wanted], WITHIN)


def test_it_shows_who_one_is_what_a_light_meant_and_what_one_owes() -> None:
    panel = Panel()
    display = Display("b1", panel)
    panel.wait(Face("b1"))
    display.on_role(Role("b1", "client", "Client", "10.0.1.2"))
    panel.wait(Face("Client"))
    display.on_answer(Answer("b1", "00112233", 1, Verdict.SENT, "tcp.syn-sent", "Carry it on.", LightWord.SENT))
    panel.wait(Face("Client", "Carry it on."))
    display.on_light(Light("b1", LightWord.READY))
    display.on_light(Light("b1", LightWord.YOUR_TURN, "ACK to Server"))
    panel.wait(Face("Client", "ACK to Server"))
    display.on_role(Role("b1"))
    panel.wait(Face("b1: no node", "ACK to Server"))
    display.close()
    display.close()
    assert not any(panel.shown[-1]), "dark"


def test_an_unplugged_display_is_told_once_and_keeps_nothing_from_going_on(caplog: pytest.LogCaptureFixture) -> None:
    panel = Panel()
    panel.unplugged = True
    display = Display("b1", panel)
    panel.wait(Face("b1"))
    display.on_trouble("The outbox is full.")
    panel.wait(Face("b1", "The outbox is full."))
    display.close()
    assert caplog.text.count("does not answer") == 1


def test_luma_is_asked_for_a_display_of_this_size_on_this_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Device:
        def __init__(self, serial: object, width: int, height: int) -> None:
            asked.append((serial, width, height))

        def display(self, image: Image.Image) -> None:
            asked.append(image.size)

    serial, device = ModuleType("luma.core.interface.serial"), ModuleType("luma.oled.device")
    serial.i2c = lambda port, address: (port, address)  # type: ignore[attr-defined]
    device.ssd1306 = Device  # type: ignore[attr-defined]
    for name in ("luma", "luma.core", "luma.core.interface", "luma.oled"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, serial.__name__, serial)
    monkeypatch.setitem(sys.modules, device.__name__, device)
    show: Show = open_display("ssd1306:3")
    show(picture(Face("b1")))
    assert asked == [((3, 0x3C), 128, 64), (128, 64)]


@pytest.mark.parametrize(("text", "sentence"), [("lcd", "there is no display"), ("ssd1306:x", "there is no display")])
def test_what_is_no_display_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(DisplayError, match=sentence):
        open_display(text)


def test_luma_that_is_not_installed_is_said_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "luma", None)
    with pytest.raises(DisplayError, match=r"pip install 'paperhop\[display\]'"):
        open_display("ssd1306")
