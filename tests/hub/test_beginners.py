"""Beginners write no numbers, and nobody speaks of any to them: all our lessons, played with counting off."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from cards.packet import Segment
from hub.course import Judged
from hub.journal import Journal
from hub.lessons import Lesson, Script, ids, load, variant
from hub.scripted import play
from hub.simulator.rules import Counting
from hub.simulator.turns import turns
from hub.speech import help_with, help_with_turn, said, turn_text
from hub.texts import Hints

NUMBERS = re.compile(r"\b(seq|ack|numbers?|count\w*)\b")
NUMERAL = re.compile(r"(?<![\d.:])\d+(?![\d.:]*\d)")


def beginners(lesson: Lesson) -> Lesson:
    rules = lesson.rules
    form = dataclasses.replace(rules.form, seq=False, ack=False)
    return dataclasses.replace(lesson, rules=dataclasses.replace(rules, counting=Counting.OFF, form=form))


def blank(script: Script) -> Script:
    """The same cards without any numbers, as beginners write them."""
    return dataclasses.replace(
        script, cards={name: replace(card, seq=None, ack=None) for name, card in script.cards.items()}
    )


def texts(lesson: Lesson, judged: Judged) -> Iterator[str]:
    """All that anybody can be told after one scan."""
    rules, world = lesson.rules, judged.world
    yield said(rules, judged.ruling)
    yield from steps(help_with(rules, judged.ruling))
    for node in rules.nodes:
        for owed in turns(world, node.id):
            yield turn_text(rules, owed)
            yield from steps(help_with_turn(world, owed))


def steps(hints: Hints | None) -> tuple[str, ...]:
    return () if hints is None else (hints.nudge, hints.pointer, hints.answer)


@pytest.mark.parametrize("written", ["blank", "printed"])
@pytest.mark.parametrize("id", ids())
def test_nobody_is_told_of_numbers_that_no_form_has(id: str, written: str, tmp_path: Path) -> None:
    lesson, journal = load(id), Journal(tmp_path)
    lessons = {name: beginners(variant(lesson, name)) for name in (None, *lesson.variants)}
    for script in lesson.scripts:
        played = lessons[script.variant]
        for outcome in play(journal, played, blank(script) if written == "blank" else script):
            judged = outcome.judged
            if judged is None:
                continue
            packet = judged.ruling.packet
            body = None if packet is None else packet.body
            numbers = {body.seq, body.ack} if isinstance(body, Segment) else set()
            secret = {str(number) for number in numbers if number is not None and number.value >= 100}
            for text in texts(played, judged):
                where = f"{id}, {script.id}, step {outcome.number}, {judged.ruling.reason}: {text}"
                assert not NUMBERS.search(text), where
                assert not secret & set(NUMERAL.findall(text)), where
            assert not {"seq", "ack"} & {each.field for each in judged.ruling.differences}, outcome
