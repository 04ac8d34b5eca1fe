"""Where frames come from: a Raspberry Pi camera, any other camera, a folder of pictures, or a virtual hand."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.reader import load
from firmware import service
from hub.messages.health import WANTED_RATE

WIDTH, HEIGHT = 1280, 720
"""Pixels of a frame."""
RATE = WANTED_RATE
REOPEN_AFTER = 1.0
"""Seconds between attempts to open a camera again that has stopped giving frames."""
READING_DISTANCE = 0.225
"""Metres from the lens to the card on the rest, as the stand is built: all of an A5 card is seen from there."""

Image = NDArray[np.uint8]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """A grey picture, (height, width) of uint8, and when it was taken: seconds on its source's own clock.

    file: the name of the picture's file, in the last frame that shows it; otherwise empty.
    """

    image: Image
    at: float
    file: str = ""


class FrameSource(Protocol):
    """Frames in order, until there are no more or `close` is called (from any thread)."""

    name: str

    def __iter__(self) -> Iterator[Frame]:
        """The frames; to be iterated once."""
        ...

    def close(self) -> None:
        """End the frames soon and let the camera go. Closing twice changes nothing."""
        ...


class SourceError(RuntimeError):
    """Frames cannot be had from there: the text says why and what to do."""


def open_source(text: str) -> FrameSource:
    """The source that is named `picamera`, `opencv:N`, `dir:FOLDER`, `virtual` or `virtual:fast`.

    ValueError: nothing is called that. SourceError: it is not there, or not ready; the text says what to check.
    """
    kind, _, rest = text.partition(":")
    if kind == "picamera" and not rest:
        from firmware.picam import PiCamera

        return PiCamera()
    if kind == "opencv" and rest.isascii() and rest.isdigit():
        return OpenCvCamera(int(rest))
    if kind == "dir" and rest:
        return PictureFolder(Path(rest))
    if text in ("virtual", "virtual:fast"):
        from firmware.virtual import VirtualHand

        return VirtualHand(seed=0, pace="fast" if rest else "real")
    raise ValueError(f"frames do not come from {text!r}: there are picamera, opencv:0, dir:FOLDER and virtual")


class OpenCvCamera:
    """Any camera that OpenCV knows by a number, such as a USB webcam. One that stops giving frames is opened again."""

    def __init__(self, number: int) -> None:
        self.name = f"opencv:{number}"
        self._number = number
        self._closed = threading.Event()
        self._camera = self._open()
        if not self._camera.isOpened():
            raise SourceError(
                f"There is no camera {self.name}. Is it plugged in, and may this user use it (on Linux: group video, "
                "ls /dev/video*)? Does another program use it? Another camera has another number: opencv:1 ..."
            )

    def __iter__(self) -> Iterator[Frame]:
        next_at = 0.0
        try:
            while not self._closed.is_set():
                there = self._camera.grab()
                at = time.monotonic()
                if there and at < next_at:
                    continue
                picture = self._camera.retrieve()[1] if there else None
                if picture is not None:
                    next_at = at + 1 / RATE
                    yield Frame(_grey(picture), at)
                else:
                    self._again()
        finally:
            self._camera.release()

    def close(self) -> None:
        """End the frames; the camera is let go when the last one is done with."""
        self._closed.set()

    def _open(self) -> cv2.VideoCapture:
        with _opencv_silent():
            camera = cv2.VideoCapture(self._number)
            camera.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
            camera.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
            camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return camera

    def _again(self) -> None:
        log.warning("The camera %s gives no frames. Is it still plugged in? Trying again.", self.name)
        self._camera.release()
        while not self._closed.wait(REOPEN_AFTER):
            service.alive()
            self._camera = self._open()
            if self._camera.isOpened():
                return


class PictureFolder:
    """The pictures of a folder by name, once each: every one lies there for a moment and is taken away again.

    Sub-folders and hidden files are passed over, and so is, with a word in the log, what is no picture. Its
    clock is made up: no time is spent waiting.
    """

    _LIES, _IS_GONE = (0.0, 0.15, 0.3), (0.4, 1.1)
    _NEXT = 1.4
    """After the last empty frame long enough for the first one of the next picture to be looked at thoroughly."""

    def __init__(self, folder: Path) -> None:
        self.name = f"dir:{folder}"
        self._closed = threading.Event()
        try:
            self._files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
        except OSError as error:
            raise SourceError(f"The folder {folder} cannot be read: {error.strerror}. Is it spelled right?") from None
        if not self._files:
            log.warning("The folder %s has no pictures in it.", folder)

    def __iter__(self) -> Iterator[Frame]:
        at = 0.0
        for file in self._files:
            try:
                image = load(file)
            except ValueError as error:
                log.warning("%s It is passed over.", _as_sentence(str(error)))
                continue
            shown = [Frame(image, at + moment, file.name if moment == self._LIES[-1] else "") for moment in self._LIES]
            shown += [Frame(np.zeros_like(image[:32, :32]), at + moment) for moment in self._IS_GONE]
            for frame in shown:
                if self._closed.is_set():
                    return
                yield frame
            at += self._NEXT

    def close(self) -> None:
        """End the frames."""
        self._closed.set()


@contextmanager
def _opencv_silent() -> Iterator[None]:
    """OpenCV keeps its own words about a missing camera to itself: ours say what to do."""
    # OpenCV 4 has these functions at its top, OpenCV 5 in a module of their own.
    opencv: Any = getattr(cv2.utils, "logging", cv2)
    level = opencv.getLogLevel()
    opencv.setLogLevel(0)
    try:
        yield
    finally:
        opencv.setLogLevel(level)


def _grey(picture: NDArray[Any]) -> Image:
    return np.asarray(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
