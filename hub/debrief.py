"""What a round has shown, for the talk after it: mistakes by kind, and the ideas that earned a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from hub.footprints import Footprint
from hub.texts import hack

MOST_EXAMPLES = 5


class MistakeKind(msgspec.Struct, frozen=True):
    """A mistake that was made `count` times. sentence: as it was said last. nodes: by whom, and how often.

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

    again: how many packets were sent more than once.
    """

    round: int
    rounds: int
    scans: int
    again: int
    mistakes: tuple[MistakeKind, ...]
    hacks: tuple[HackCard, ...]
    events: tuple[int, ...]


def debrief(footprints: Iterable[Footprint], round: int | None = None) -> Debrief:
    """The debrief of a round; None: of the newest."""
    there = list(footprints)
    newest = max((each.round for each in there), default=1)
    wanted = newest if round is None else round
    made = [each for each in there if each.round == wanted]
    return Debrief(
        round=wanted,
        rounds=newest,
        scans=sum(1 for each in made if not each.by_engine and not each.repeated),
        again=sum(1 for each in made if each.reason.startswith("tcp.retransmitted") and not each.repeated),
        mistakes=_mistakes(made),
        hacks=_hacks(made),
        events=tuple(each.event for each in made),
    )


def _mistakes(made: list[Footprint]) -> tuple[MistakeKind, ...]:
    kinds: dict[str, list[Footprint]] = {}
    for each in made:
        if each.charged is not None and each.hack is None and not each.repeated:
            kinds.setdefault(each.reason, []).append(each)
    found = [
        MistakeKind(
            reason=reason,
            sentence=each[-1].sentence,
            rfc=each[-1].rfc,
            count=len(each),
            nodes=dict(Counter(one.charged for one in each if one.charged is not None).most_common()),
            examples=tuple(dict.fromkeys(one.card for one in each[-MOST_EXAMPLES:] if one.card is not None)),
        )
        for reason, each in kinds.items()
    ]
    return tuple(sorted(found, key=lambda kind: -kind.count))


def _hacks(made: list[Footprint]) -> tuple[HackCard, ...]:
    whose: dict[str, list[str]] = {}
    for each in made:
        if each.hack is not None and each.charged is not None:
            whose.setdefault(each.hack, []).append(each.charged)
    return tuple(
        HackCard(word, hack(word).title, hack(word).text, tuple(dict.fromkeys(nodes))) for word, nodes in whose.items()
    )
