"""How a lesson is played on paper: the courses of play to print, and what its players write."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from cards.packet import Packet, Written
from cards.qrtext import MOST_SERIAL, CardId, PrintedCard, encode
from hub.checking.playing import alone
from hub.commands import parse
from hub.lessons import Lesson, Script
from hub.lessons.lesson import ActStep, GoalStep, ScanStep, Step, TurnStep, WaitStep
from hub.printing.commanding import commands
from hub.scripted import comes_out, journal_of_nobody
from hub.simulator.verdicts import Verdict

_SEEDS = ("one", "two", "three", "four")
"""Of the rooms in which a course of play must come out alike to be printed."""
_KEPT = 64
"""Lessons that are kept: a deck asks for the same one again and again, and playing it takes a moment."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A lesson, told apart by its text and its variant."""

    source: str
    id: str
    lesson: Lesson = field(compare=False)


def written_by_bots(lesson: Lesson) -> tuple[Written, ...]:
    """What a room of bots writes until the tasks of a lesson are done."""
    return _written(_Asked(lesson.source, lesson.id, lesson))


def shown(lesson: Lesson) -> tuple[Script, ...]:
    """The courses of play to print: those that go with printed cards, the good ones first.

    They are the courses for the demo, and the first without a mistake: of the variant, or of the lesson where the
    variant has none of its own.
    """
    return _shown(_Asked(lesson.source, lesson.id, lesson))


def marked_on_the_way(lesson: Lesson) -> bool:
    """Routers mark cards for the pen; a printed one has no boxes, and the hub asks for none."""
    return lesson.rules.form.ttl is not None or lesson.rules.form.next_hop


@lru_cache(_KEPT)
def _written(asked: _Asked) -> tuple[Written, ...]:
    with journal_of_nobody() as kept:
        return alone(kept, asked.lesson).cards


@lru_cache(_KEPT)
def _shown(asked: _Asked) -> tuple[Script, ...]:
    lesson = asked.lesson
    variant = lesson.variant
    there = [script for script in lesson.scripts if script.variant in (variant, None)]
    right = [script for script in there if not any(map(_is_mistake, script.steps))]
    own_first = sorted(right, key=lambda script: script.variant != variant)
    main = next((script for script in own_first if plays(lesson, script)), None)
    chosen = [script for script in there if script is main or (script.demo and plays(lesson, script))]
    return tuple(sorted(chosen, key=lambda script: (not _ends_well(script), script.variant != variant)))


def _is_mistake(step: Step) -> bool:
    return isinstance(step, ScanStep) and (step.verdict is Verdict.STOPPED or step.charged not in (None, "nobody"))


def _ends_well(script: Script) -> bool:
    """Its last card arrives, and nobody is refused anything."""
    scans = [step for step in script.steps if isinstance(step, ScanStep)]
    return bool(scans) and scans[-1].verdict is Verdict.DELIVERED


def plays(lesson: Lesson, script: Script) -> bool:
    """Whether hands can play a script of a lesson with printed cards and the teacher's command cards, and each verdict
    is as it says: whatever luck does, and whatever numbers a station chooses. Routers mark nothing on a printed card.
    """
    packets = {name: whole(card) for name, card in script.cards.items()}
    again = any(name != paper for name, paper in script.papers.items())
    if again or None in packets.values() or script.engines - lesson.rules.engines:
        return False
    acts = [parse(words, lesson.rules).act for words in commands(lesson)]
    steps = [step for step in script.steps if not isinstance(step, GoalStep | TurnStep)]
    if not all(_is_plain(step) or (isinstance(step, ActStep) and step.act in acts) for step in steps):
        return False
    as_printed = {name: packet.written() for name, packet in packets.items() if packet is not None}
    hands = replace(script, cards=as_printed, steps=tuple(steps))
    with journal_of_nobody() as kept:
        return all(comes_out(kept, lesson, hands, seed) for seed in _SEEDS)


def _is_plain(step: Step) -> bool:
    """Time passes, or a card is scanned, and nothing is marked on it."""
    if isinstance(step, WaitStep):
        return True
    return isinstance(step, ScanStep) and step.via is None and step.ttl is None and step.badge is None


def whole(written: Written) -> Packet | None:
    """The packet on a card, when it can be printed whole."""
    try:
        packet = written.complete()
        encode(PrintedCard(CardId("DEMO", MOST_SERIAL), packet))
    except ValueError:
        return None
    return packet
