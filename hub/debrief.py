"""What a round has shown, for the talk after it: mistakes by kind, and the ideas that earned a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from hub import game_view
from hub.footprints import Footprint
from hub.game_view import GoalView
from hub.lessons import Lesson
from hub.lessons.lesson import Race
from hub.simulator.race import Standing, standing
from hub.simulator.reasons import REASONS
from hub.simulator.rounds import Mistake, Round, Tally, flags_meant
from hub.simulator.rules import Rules
from hub.texts import hack

MOST_EXAMPLES = 5


class MistakeKind(msgspec.Struct, frozen=True):
    """A mistake that was made `count` times; of wrong flags, with the same ones to be marked. sentence: as it was said
    last. nodes: by whom, and how often.

    examples: cards with which it was made, the last ones.
    """

    reason: str
    sentence: str
    rfc: str | None
    count: int
    nodes: dict[str, int]
    examples: tuple[str, ...]


class HackCard(msgspec.Struct, frozen=True):
    """An idea that breaks the rules of the game, and that networks have had, too. nodes: whose it was."""

    word: str
    title: str
    text: str
    nodes: tuple[str, ...]


class Debrief(msgspec.Struct, frozen=True):
    """One round. scans: by people. events: of all scans and steps of the engine, in order: what a film can stop at.

    again: how many packets were sent more than once. goals, standing: as they stood at its end, or stand now.
    """

    round: int
    rounds: int
    scans: int
    again: int
    mistakes: tuple[MistakeKind, ...]
    hacks: tuple[HackCard, ...]
    events: tuple[int, ...]
    goals: list[GoalView]
    standing: tuple[Standing, ...]


def debrief(lesson: Lesson, tally: Tally, footprints: Iterable[Footprint], number: int | None = None) -> Debrief:
    """The debrief of a round; None: of the newest. What was forgiven is no mistake, and the same card shown again is
    no other one: the tally knows.
    """
    rules, rounds = lesson.rules, tally.rounds
    wanted = len(rounds) if number is None else max(1, min(number, len(rounds)))
    there = rounds[wanted - 1]
    made = [each for each in footprints if each.round == wanted]
    return Debrief(
        round=wanted,
        rounds=len(rounds),
        scans=sum(player.scans for player in there.players.values()),
        again=sum(1 for each in made if each.reason.startswith("tcp.retransmitted") and not each.repeated),
        mistakes=_mistakes(rules, there, made),
        hacks=_hacks(rules, there),
        events=tuple(each.event for each in made),
        goals=game_view.goals(lesson, there),
        standing=_standing(lesson, there, rounds[: wanted - 1]),
    )


def _standing(lesson: Lesson, there: Round, earlier: tuple[Round, ...]) -> tuple[Standing, ...]:
    then = Tally(there.began, there.players, there.times, there.reached, earlier=earlier)
    return standing(then, lesson.goals, lesson.rules, (lesson.race or Race()).penalty)


def _mistakes(rules: Rules, there: Round, made: list[Footprint]) -> tuple[MistakeKind, ...]:
    told = {(each.reason, flags_meant(each.reason, each.differences)): each for each in made}
    kinds: dict[tuple[str, str], list[tuple[str, Mistake]]] = {}
    for node in rules.by_id:
        for mistake in there.mistakes(node):
            if mistake.hack is None:
                kinds.setdefault((mistake.reason, mistake.flags), []).append((node, mistake))
    found = [
        MistakeKind(
            reason=kind[0],
            sentence=told[kind].sentence if kind in told else "",
            rfc=REASONS[kind[0]].rfc,
            count=len(each),
            nodes=dict(Counter(node for node, _ in each).most_common()),
            examples=tuple(dict.fromkeys(one.card for _, one in each[-MOST_EXAMPLES:] if one.card is not None)),
        )
        for kind, each in kinds.items()
    ]
    return tuple(sorted(found, key=lambda kind: -kind.count))


def _hacks(rules: Rules, there: Round) -> tuple[HackCard, ...]:
    whose: dict[str, list[str]] = {}
    for node in rules.by_id:
        for word in there.hacks(node):
            whose.setdefault(word, []).append(node)
    cards = {word: hack(word, rules.language) for word in whose}
    return tuple(HackCard(word, cards[word].title, cards[word].text, tuple(nodes)) for word, nodes in whose.items())
