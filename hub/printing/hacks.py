"""The cards for ideas that break the rules of the game, and that real networks have, too."""

from __future__ import annotations

from collections.abc import Iterator

from cards.sheet import Line, Path, Shape, Sheet, Text
from cards.typeface import wrapped
from hub.lessons import Lesson
from hub.printing.grid import CARD, LEAD, LEADING, SMALL, paragraph
from hub.printing.words import ENGLISH, Words
from hub.simulator.rules import Play
from hub.texts import Hack, texts

_INSET, _FRAME = 7.0, 1.2
_LEFT = 15.0
_TITLE = 11.0
_FORGERIES = ("rst-attack", "hijacker")


def hack_cards(lesson: Lesson, say: Words = ENGLISH) -> Iterator[Sheet]:
    """One of each hack that this lesson gives room for."""
    rules = lesson.rules
    for word, hack in texts(say.language).hacks.items():
        if word in _FORGERIES and rules.play is not Play.FREE:
            continue
        if (word == "immortal" and rules.form.ttl is None) or (word == "source-routing" and not rules.form.next_hop):
            continue
        yield hack_card(hack, say)


def hack_card(hack: Hack, say: Words = ENGLISH) -> Sheet:
    """A certificate for whoever had the idea."""
    across, down = CARD
    room = across - 2 * _LEFT
    lines = [line.rstrip(" ") for line in wrapped(hack.title, _TITLE, room, 2, bold=True)]
    top = 41.0 - (len(lines) - 1) * _TITLE * 0.5
    last = top + (len(lines) - 1) * _TITLE * 1.1
    shapes: list[Shape] = [
        _frame(_INSET, _FRAME),
        _frame(_INSET + 2.0, 0.25),
        Text(_LEFT, 22.0, say("hack.head"), LEAD, bold=True),
        Text(across - _LEFT, 22.0, say("brand"), LEAD, anchor="end"),
        *(Text(_LEFT, top + n * _TITLE * 1.1, line, _TITLE, bold=True) for n, line in enumerate(lines)),
        Line(_LEFT, last + 6.0, _LEFT + 18.0, last + 6.0, _FRAME),
        *paragraph(_LEFT, last + 15.5, hack.text, LEAD, room, int((down - 24.0 - last - 9.0) / (LEADING * LEAD))),
        Text(_LEFT, down - 14.0, say("hack.foot"), SMALL),
    ]
    return Sheet(across, down, f"{say('hack.head')}: {hack.title}", tuple(shapes))


def _frame(inset: float, stroke: float) -> Path:
    right, bottom = CARD[0] - inset, CARD[1] - inset
    return Path(((inset, inset), (right, inset), (right, bottom), (inset, bottom)), stroke, closed=True)
