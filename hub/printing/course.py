"""How a lesson is played on paper: the courses of play to print, and what its players write."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from cards.packet import Packet, Written
from cards.qrtext import MOST_SERIAL, CardId, PrintedCard, encode
from hub.checking.playing import alone, journal
from hub.lessons import Lesson, Script, from_text
from hub.lessons.lesson import GoalStep, ScanStep, TurnStep, WaitStep
from hub.scripted import play
from hub.simulator.rules import Counting
from hub.simulator.verdicts import Verdict

_KEPT = 64
"""Lessons that are kept: a deck asks for the same one again and again, and playing it takes a moment."""


def written_by_bots(lesson: Lesson) -> tuple[Written, ...]:
    """What a room of bots writes until the tasks of a lesson are done."""
    return _written(lesson.source, lesson.id)


def shown(lesson: Lesson) -> tuple[Script, ...]:
    """The courses of play that can be played with printed cards alone, to print: none, when none can.

    Those of the variant come first; of several, those for the demo, else the first without a mistake.
    """
    return _shown(lesson.source, lesson.id)


def marked_on_the_way(lesson: Lesson) -> bool:
    """Routers mark cards, for which a printed one has no boxes."""
    return lesson.rules.form.ttl is not None or lesson.rules.form.next_hop


@lru_cache(_KEPT)
def _written(source: str, id: str) -> tuple[Written, ...]:
    with journal() as kept:
        return alone(kept, from_text(source, id, id)).cards


@lru_cache(_KEPT)
def _shown(source: str, id: str) -> tuple[Script, ...]:
    lesson = from_text(source, id, id)
    if marked_on_the_way(lesson) or _stations_count(lesson):
        return ()
    variant = id.partition(":")[2] or None
    for of in dict.fromkeys((variant, None)):
        played = [script for script in lesson.scripts if script.variant == of and plays(lesson, script)]
        right = [script for script in played if not any(map(_is_mistake, script.steps))]
        some = [script for script in played if script.demo] or right[:1]
        if some:
            return tuple(some)
    return ()


def _stations_count(lesson: Lesson) -> bool:
    """A station chooses numbers, which matter: nobody knows before what its replies are."""
    rules = lesson.rules
    return rules.counting is not Counting.OFF and any(not rules.node(id).router for id in rules.engines)


def _is_mistake(step: object) -> bool:
    return isinstance(step, ScanStep) and (step.verdict is Verdict.STOPPED or step.charged not in (None, "nobody"))


def plays(lesson: Lesson, script: Script) -> bool:
    """Whether hands with printed cards alone can play a script of a lesson, and each verdict is as it says."""
    packets = {name: whole(card) for name, card in script.cards.items()}
    again = any(name != paper for name, paper in script.papers.items())
    if again or None in packets.values() or script.engines - lesson.rules.engines:
        return False
    steps = [step for step in script.steps if not isinstance(step, GoalStep | TurnStep)]
    if not all(isinstance(step, WaitStep) or _is_plain(step) for step in steps):
        return False
    as_printed = {name: packet.written() for name, packet in packets.items() if packet is not None}
    with journal() as kept:
        hands = replace(script, cards=as_printed, steps=tuple(steps))
        return all(outcome.wrong is None for outcome in play(kept, lesson, hands))


def _is_plain(step: object) -> bool:
    """A scan for which nothing is marked on the card."""
    return isinstance(step, ScanStep) and step.via is None and step.ttl is None and step.badge is None


def whole(written: Written) -> Packet | None:
    """The packet on a card, when it can be printed whole."""
    try:
        packet = written.complete()
        encode(PrintedCard(CardId("DEMO", MOST_SERIAL), packet))
    except ValueError:
        return None
    return packet
