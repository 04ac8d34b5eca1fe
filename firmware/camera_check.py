"""What a self-test says of the camera: does it give frames, how many, is there light, is the test card read?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from cards.decoder import NoDecoder
from cards.qrtext import PrintedCard
from cards.reader import Found, find
from cards.testcard import TEST_CARD, TEST_DECK
from firmware.frames import RATE, READING_DISTANCE, Frame, FrameSource, SourceError
from firmware.results import Result, note, well, wrong
from firmware.sharpness import DARK, DIM, GLARING, Brightness, brightness, sharpness
from firmware.virtual import VirtualHand
from hub.messages.health import SLOW_RATE

LOOK = 3.0
"""Seconds for which the camera is watched."""
SETTLING = 0.5
"""Seconds of the first frames, which do not count: the camera finds out how much light there is."""
FIRST_WITHIN = 10.0
"""Seconds that the first frame may take."""
_MOST_FRAMES = 100

BLURRED, SOFT = 0.25, 0.5
"""Sharpness of the test card: below the first it is out of focus, below the second cards for the pen may be unread."""
_TOO_SLOW = 2.0
"""Frames per second."""

_FOCUS = (
    "move the card to and fro: where it gets better, the lens wants another distance. Turn the lens by a few degrees "
    "(some have a ring for it); the camera module 3 focuses by itself on "
    f"{100 * READING_DISTANCE:g} cm: is the card there?"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen. frames: the last ones, after the settling. rate: frames per second; None: too few to say."""

    frames: tuple[Frame, ...]
    rate: float | None


def check(open_source: Callable[[], FrameSource], seconds: float = LOOK) -> list[Result]:
    """Open the camera and look through it for so many seconds, with the test card on the rest."""
    try:
        source = open_source()
    except (SourceError, ValueError) as error:
        return [wrong("camera", "it cannot be opened.", str(error), "put that right and test again")]
    hand = isinstance(source, VirtualHand)
    if isinstance(source, VirtualHand):
        source.show(TEST_CARD)
        source.finish()
    seen = look(source, seconds)
    results = judge(seen)
    if hand:
        results.append(note("camera", "these frames were drawn, not seen: no camera was tested."))
    return results


def look(source: FrameSource, seconds: float) -> Seen:
    """The frames of so many seconds, from the first one on; ends when the source does, or has stopped giving frames."""
    frames: list[tuple[float, Frame]] = []
    done = threading.Event()

    def gather() -> None:
        try:
            first = None
            for frame in source:
                now = time.monotonic()
                first = now if first is None else first
                frames.append((now, frame))
                del frames[:-_MOST_FRAMES]
                if now - first >= seconds:
                    return
        finally:
            done.set()

    watcher = threading.Thread(target=gather, name="looking", daemon=True)
    watcher.start()
    done.wait(FIRST_WITHIN + seconds)
    source.close()
    watcher.join(1.0)
    taken = [frame for _, frame in frames]
    settled = [frame for frame in taken if frame.at - taken[0].at >= SETTLING]
    span = settled[-1].at - settled[0].at if len(settled) > 1 else 0.0
    return Seen(tuple(settled), (len(settled) - 1) / span if span > 0 else None)


def judge(seen: Seen) -> list[Result]:
    """What is to be said of these frames."""
    if not seen.frames:
        return [
            wrong(
                "camera",
                "it opens, but gives no frames.",
                "its cable has come loose, or the camera is broken",
                "switch the badge off, push the cable in at both ends, and test again",
            )
        ]
    light = _brightest(seen.frames)
    if light.bright < DARK:
        return [
            wrong(
                "camera",
                f"its picture is dark (grey level {light.bright:.0f} of 255).",
                "the cap is on the lens, something covers it, or the lamp is off",
                "take the cap off, and put the badge where there is light",
            )
        ]
    return [_rate(seen.rate), *_light(light), _card(seen.frames)]


def _brightest(frames: Sequence[Frame]) -> Brightness:
    return max((brightness(frame.image) for frame in frames[-5:]), key=lambda light: light.bright)


def _light(light: Brightness) -> list[Result]:
    if light.bright < DIM:
        found = f"there is little light (grey level {light.bright:.0f} of 255; 150 and more is good)."
        return [note("camera", found, "the lamp is weak, or behind the badge", "bring a lamp, or move to a window")]
    if light.dark > GLARING:
        found = f"the whole picture is nearly white (its dark parts have grey level {light.dark:.0f} of 255)."
        return [note("camera", found, "the sun or a lamp shines into it", "turn the badge away from the light")]
    return []


def _rate(rate: float | None) -> Result:
    if rate is None:
        return note("camera", "it gave one frame only.", "it is a single picture, or the camera has stopped")
    if rate < _TOO_SLOW:
        return wrong(
            "camera",
            f"it gives {rate:.1f} frames per second; {RATE:.0f} are wanted.",
            "another program keeps the computer busy, or a long exposure in the dark",
            "look with `top` what else runs; bring light",
        )
    if rate < SLOW_RATE:
        found = f"it gives {rate:.1f} frames per second; with {RATE:.0f} cards are seen sooner."
        return note("camera", found, "little light, a slow camera, or much to do for the computer")
    return well("camera", f"it gives {rate:.0f} frames per second.")


def _card(frames: Sequence[Frame]) -> Result:
    """Whether the test card is read, and how sharp it is."""
    finds: list[tuple[Frame, Found]] = []
    try:
        for frame in frames[:: max(1, len(frames) // 10)]:
            finds += [(frame, found) for found in find(frame.image) if found.card is not None]
    except NoDecoder as error:
        return wrong("camera", "no card can be read on this computer.", str(error), "install it")
    ours = [(frame, found) for frame, found in finds if _is_test_card(found)]
    if not ours:
        return _no_test_card([str(found.card.id) for _, found in finds if found.card is not None])
    sharp = median(sharpness(frame.image, found) for frame, found in ours)
    found = f"it reads the test card, with a sharpness of {sharp:.2f} (1 is sharp)"
    if sharp < BLURRED:
        return wrong("camera", f"{found}: it is out of focus.", "the lens is set to another distance", _FOCUS)
    if sharp < SOFT:
        return note("camera", f"{found}: a little out of focus.", "the lens is set to another distance", _FOCUS)
    return well("camera", f"{found}.")


def _is_test_card(found: Found) -> bool:
    return isinstance(found.card, PrintedCard) and found.card.id.deck == TEST_DECK


def _no_test_card(others: Sequence[str]) -> Result:
    if others:
        found = f"it reads card {others[0]}, but whether it is sharp can only be told by the test card."
        return note("camera", found, do="print it (paperhop cards print --test-card) and lay it on the rest")
    return wrong(
        "camera",
        "it reads no card.",
        "no test card lies on the rest, its code is not wholly in the picture, or the lens is out of focus",
        "lay the test card (paperhop cards print --test-card) flat on the rest and test again; or " + _FOCUS,
    )
