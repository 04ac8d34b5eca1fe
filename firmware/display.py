"""A small display on the badge, 128 x 64 points, black and white: who one is, and what the last light meant."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from cards.typeface import font, shortened, wrapped
from firmware.link import LinkState
from firmware.observer import Observer
from firmware.steady import TooMany
from hub.messages import Answer, Light, Role

WIDTH, HEIGHT = 128, 64
_HEAD, _TEXT, _LINE, _TOP = 15, 13, 14, 19
_MOST_LINES = 3
_ADDRESS = 0x3C
"""Of nearly every SSD1306 that is sold."""

log = logging.getLogger(__name__)

Show = Callable[[Image.Image], None]
"""Puts a picture, mode "1", onto a display. OSError: it does not answer."""


class DisplayError(RuntimeError):
    """There is no such display: the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Face:
    """What is on the display. who: whom one plays; text: a sentence, of which as much is shown as has room."""

    who: str = ""
    text: str = ""


def picture(face: Face) -> Image.Image:
    """What the display shows, mode "1": light on dark."""
    image = Image.new("1", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    draw.text((0, 0), shortened(face.who, _HEAD, WIDTH, bold=True), fill=1, font=font(True, _HEAD))
    draw.line((0, _TOP - 1, WIDTH, _TOP - 1), fill=1)
    for row, line in enumerate(wrapped(face.text, _TEXT, WIDTH, _MOST_LINES)):
        draw.text((0, _TOP + row * _LINE), line, fill=1, font=font(False, _TEXT))
    return image


class Display(Observer):
    """Shows what a badge hears, in a thread of its own: a display is slow. A display that fails is told once."""

    def __init__(self, badge: str, show: Show) -> None:
        self._show = show
        self._badge = badge
        self._face = Face(badge)
        self._shown: Face | None = None
        self._changed = threading.Condition()
        self._closed = self._failed = False
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)
        self._thread.start()

    def on_role(self, role: Role) -> None:
        """Who one is."""
        self._turn(who=role.title or role.node or f"{self._badge}: no node")

    def on_answer(self, answer: Answer) -> None:
        """What the light means."""
        self._turn(text=answer.sentence)

    def on_light(self, light: Light) -> None:
        """What one owes; an answer stays until something is owed."""
        if light.sentence:
            self._turn(text=light.sentence.replace("\n", " "))

    def on_too_many(self, too_many: TooMany) -> None:
        """One card at a time."""
        self._turn(text="One card at a time, please.")

    def on_link(self, state: LinkState, sentence: str) -> None:
        """What is wrong with the line, and that it is well again."""
        self._turn(text=sentence)

    def on_trouble(self, sentence: str) -> None:
        """What went wrong."""
        self._turn(text=sentence)

    def close(self) -> None:
        """Go dark. Closing twice changes nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _turn(self, **changes: str) -> None:
        with self._changed:
            self._face = replace(self._face, **changes)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._face != self._shown)
                face, closed = self._face, self._closed
            self._put(Image.new("1", (WIDTH, HEIGHT)) if closed else picture(face))
            if closed:
                return
            self._shown = face

    def _put(self, image: Image.Image) -> None:
        try:
            self._show(image)
            self._failed = False
        except OSError as error:
            if not self._failed:
                log.warning("The display does not answer (%s). Is its cable in?", error)
            self._failed = True


def open_display(text: str) -> Show:
    """The display that is named `ssd1306` or `ssd1306:BUS`, on an I2C bus (1). DisplayError: it is not there."""
    kind, _, bus = text.partition(":")
    if kind != "ssd1306" or not (bus or "1").isdigit():
        raise DisplayError(f"there is no display {text!r}: write ssd1306, or ssd1306:3 for another I2C bus")
    try:
        from luma.core.interface.serial import i2c
        from luma.oled.device import ssd1306
    except ImportError:
        raise DisplayError("luma.oled is not installed here: pip install 'paperhop[display]'") from None
    try:
        device = ssd1306(i2c(port=int(bus or 1), address=_ADDRESS), width=WIDTH, height=HEIGHT)
    except Exception as error:
        # luma has errors of its own, all of which say that the device does not answer.
        raise DisplayError(f"No display answers on I2C bus {bus or 1} ({error}). Is I2C on, is it wired?") from None
    show: Show = device.display
    return show
