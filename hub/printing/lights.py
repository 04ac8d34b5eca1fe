"""What the lights say, on paper: each word with its rhythm, drawn like music with a line for each light."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from cards.sheet import Disc, Line, Path, Shape, Sheet, Text
from cards.typeface import width
from hub.messages import LightWord
from hub.messages.lights import KEYS, PATTERNS, Led, Step, steps
from hub.printing.grid import BODY, CARD, CARD_MARGIN, HAIR, SMALL, card_head, paragraph

_SECONDS = 3.2
"""So much of a rhythm is drawn: `stopped` with two blinks takes as long."""
_EXAMPLE_KEY = 2
_PITCH, _BAR = 2.0, 1.5
_ON_CARD, _GAP, _GUTTER = 17.0, 3.0, 6.0
_NAMED_PITCH = 3.2
_IN_PLAY = (
    *(LightWord.DELIVERED, LightWord.RST, LightWord.DROPPED, LightWord.SENT, LightWord.FORWARDED),
    *(LightWord.STOPPED, LightWord.UNREAD, LightWord.YOUR_TURN, LightWord.SEND_AGAIN),
)
"""What players see while all is well with the badge; the others are on the page of rules."""


def called(word: LightWord) -> str:
    """How people call a word of the lights."""
    return word.value.replace("-", " ")


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


def entry(x: float, y: float, word: LightWord, words: str, wide: float, room: float) -> tuple[Shape, ...]:
    """A word with its rhythm, `wide`, and beside it what there is to say. (x, y): top left corner; room: of it all."""
    left = x + wide + _GAP
    return (
        *rhythm(x, y + 0.4, word, wide),
        Text(left, y + 2.7, called(word), BODY, bold=True),
        *paragraph(left, y + 6.8, words, SMALL, room - wide - _GAP, 2),
    )


def blink_key(x: float, y: float, room: float) -> tuple[Shape, ...]:
    """What a badge blinks after `stopped`, in a row: so many discs, and the part of the card to correct."""
    shapes: list[Shape] = []
    pitch = 2.9
    wide = sum(key * pitch + width(part, BODY) for key, part in KEYS.items()) + 1.6 * len(KEYS)
    gap = (room - wide) / (len(KEYS) - 1)
    for key, part in KEYS.items():
        shapes += [Disc(x + 1.1 + n * pitch, y - 1.35, 1.1) for n in range(key)]
        shapes.append(Text(x + key * pitch + 0.8, y, part, BODY))
        x += key * pitch + width(part, BODY) + 1.6 + gap
    return tuple(shapes)


def _do(word: LightWord) -> str:
    """Who takes a card on differs from lesson to lesson; the page of rules says it."""
    return "the card goes to the router next" if word is LightWord.SENT else PATTERNS[word].do


def light_card() -> Sheet:
    """The back of a role card: what its badge says in play, and what its player does then."""
    end = CARD[0] - CARD_MARGIN
    column = (end - CARD_MARGIN - _GUTTER) / 2
    half = (len(_IN_PLAY) + 1) // 2
    places = [(CARD_MARGIN + n // half * (column + _GUTTER), 21.0 + n % half * 13.9) for n in range(2 * half)]
    shapes: list[Shape] = [*card_head("What the lights say", "and what you do then")]
    for (x, y), word in zip(places, _IN_PLAY, strict=False):
        shapes += entry(x, y, word, _do(word), _ON_CARD, column)
    x, y = places[-1]
    for n, led in enumerate(Led):
        middle = y + 0.9 + n * _NAMED_PITCH
        shapes += [
            Line(x, middle, x + _ON_CARD, middle, 0.1),
            Text(x + _ON_CARD + _GAP, middle + 1.0, led.value, SMALL),
        ]
    shapes += [Line(CARD_MARGIN, 90.4, end, 90.4, HAIR), *blink_key(CARD_MARGIN, 96.2, end - CARD_MARGIN)]
    return Sheet(*CARD, "What the lights say", tuple(shapes))


LEGEND = f"A line for each light, from the top: {', '.join(led.value for led in Led)}. Time runs to the right."
"""How the drawings are read."""
