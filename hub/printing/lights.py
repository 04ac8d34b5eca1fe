"""What the lights say, on paper: each word with its rhythm, drawn like music with a line for each light."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from cards.sheet import Disc, Line, Path, Shape, Sheet, Text
from cards.typeface import fitted, width
from hub.messages import LightWord
from hub.messages.lights import KEYS, PATTERNS, Led, Step, steps
from hub.printing.grid import BODY, CARD, CARD_MARGIN, HAIR, SMALL, card_head, paragraph
from hub.printing.words import ENGLISH, Words

_SECONDS = 3.2
"""So much of a rhythm is drawn: `stopped` with two blinks takes as long."""
_EXAMPLE_KEY = 2
_PITCH, _BAR = 2.0, 1.5
_ON_CARD, _GAP, _GUTTER = 17.0, 3.0, 6.0
_FRAME, _NAMED, _NAMED_PITCH = 12.8, 3.0, 2.9
"""The names of the lights: how high their frame is, their size, and from name to name."""
_IN_PLAY = (
    *(LightWord.DELIVERED, LightWord.RST, LightWord.DROPPED, LightWord.SENT, LightWord.FORWARDED),
    *(LightWord.STOPPED, LightWord.UNREAD, LightWord.YOUR_TURN, LightWord.SEND_AGAIN),
)
"""What players see while all is well with the badge; the others are on the page of rules."""


def called(word: LightWord, say: Words = ENGLISH) -> str:
    """How people call a word of the lights."""
    return say.light(f"{word.value}.name")


def rhythm(x: float, y: float, word: LightWord, wide: float) -> tuple[Shape, ...]:
    """A word's rhythm, so wide: a line for each light, a bar while it is on. (x, y): top left corner."""
    second = wide / _SECONDS
    bars = []
    for start, end, step in _shown(word):
        for middle in (middle for led, middle in _staff(y) if led in step.on):
            left, right, top, bottom = x + start * second, x + end * second, middle - _BAR / 2, middle + _BAR / 2
            bars.append(Path(((left, top), (right, top), (right, bottom), (left, bottom))))
    return (*(Line(x, middle, x + wide, middle, 0.1) for _, middle in _staff(y)), *bars)


def _staff(y: float) -> list[tuple[Led, float]]:
    """Each light with the height of its line."""
    return [(led, y + _BAR / 2 + n * _PITCH) for n, led in enumerate(Led)]


def _shown(word: LightWord) -> Iterator[tuple[float, float, Step]]:
    """The steps that are drawn, with the seconds when they begin and end."""
    pattern = steps(word, _EXAMPLE_KEY)
    at = 0.0
    for step in cycle(pattern) if PATTERNS[word].repeats else pattern:
        if at >= _SECONDS - 0.01:
            break
        end = min(_SECONDS, at + step.seconds)
        yield at, end, step
        at = end


def entry(x: float, y: float, word: LightWord, words: str, wide: float, room: float, say: Words) -> tuple[Shape, ...]:
    """A word with its rhythm, `wide`, and beside it what there is to say. (x, y): top left corner; room: of it all."""
    left = x + wide + _GAP
    return (
        *rhythm(x, y + 0.4, word, wide),
        Text(left, y + 2.7, called(word, say), BODY, bold=True),
        *paragraph(left, y + 6.8, words, SMALL, room - wide - _GAP, 2),
    )


def blink_key(x: float, y: float, room: float, say: Words) -> tuple[Shape, ...]:
    """What a badge blinks after `stopped`, in a row: so many discs, and the part of the card to correct."""
    shapes: list[Shape] = []
    pitch = 2.9
    parts = {key: say.light(f"key.{key}") for key in KEYS}
    wide = sum(key * pitch + width(part, BODY) for key, part in parts.items()) + 1.6 * len(KEYS)
    gap = (room - wide) / (len(KEYS) - 1)
    for key, part in parts.items():
        shapes += [Disc(x + 1.1 + n * pitch, y - 1.35, 1.1) for n in range(key)]
        shapes.append(Text(x + key * pitch + 0.8, y, part, BODY))
        x += key * pitch + width(part, BODY) + 1.6 + gap
    return tuple(shapes)


def _do(word: LightWord, say: Words) -> str:
    """Who takes a card on differs from lesson to lesson; the page of rules says it."""
    return say("lights.sent") if word is LightWord.SENT else say.light(f"{word.value}.do")


def light_card(say: Words = ENGLISH) -> Sheet:
    """The back of a role card: what its badge says in play, and what its player does then."""
    end = CARD[0] - CARD_MARGIN
    column = (end - CARD_MARGIN - _GUTTER) / 2
    half = (len(_IN_PLAY) + 1) // 2
    places = [(CARD_MARGIN + n // half * (column + _GUTTER), 21.0 + n % half * 13.9) for n in range(2 * half)]
    shapes: list[Shape] = [*card_head(say("lights.title"), say("lights.then"))]
    for (x, y), word in zip(places, _IN_PLAY, strict=False):
        shapes += entry(x, y, word, _do(word, say), _ON_CARD, column, say)
    shapes += [
        *_names(*places[-1], column, say),
        Line(CARD_MARGIN, 90.4, end, 90.4, HAIR),
        *blink_key(CARD_MARGIN, 96.2, end - CARD_MARGIN, say),
    ]
    return Sheet(*CARD, say("lights.title"), tuple(shapes))


def _names(x: float, y: float, room: float, say: Words) -> Iterator[Shape]:
    """Which line is which light, in a frame: no word of the lights."""
    yield Path(((x, y), (x + room, y), (x + room, y + _FRAME), (x, y + _FRAME)), HAIR, closed=True)
    first = y + (_FRAME - _NAMED_PITCH * (len(Led) - 1)) / 2
    for n, led in enumerate(Led):
        middle = first + n * _NAMED_PITCH
        yield Line(x + 3.0, middle, x + _ON_CARD, middle, 0.1)
        yield Text(x + _ON_CARD + _GAP, middle + 1.0, say.light(f"led.{led.value}"), _NAMED)
    words = say("lights.lines")
    yield Text(x + room - 3.0, y + _FRAME / 2 + 1.0, words, fitted(words, SMALL, room / 2.5), anchor="end")


def legend(say: Words = ENGLISH) -> str:
    """How the drawings are read."""
    return say("lights.legend", lights=", ".join(say.light(f"led.{led.value}") for led in Led))
