"""What became of a card: every hop, the first rule that it broke, and what would have worked."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cards.jsonform import WrittenJson
from hub.footprints import Footprint
from hub.simulator.verdicts import Difference
from hub.texts import Hints


class Seen(msgspec.Struct, frozen=True):
    """A node that has seen the card. ttl: as the packet travels. goes_to: where it must be next."""

    event: int
    at_ms: int
    node: str | None
    verdict: str
    reason: str
    sentence: str
    rfc: str | None
    key: int | None
    ttl: int | None
    goes_to: str | None


class Broken(msgspec.Struct, frozen=True):
    """The first rule that was broken. charged: the node whose mistake it is. hack: the named card that it earns.

    hints: a question, where to look, and what would have worked; differences: the same field by field.
    """

    event: int
    reason: str
    sentence: str
    rfc: str | None
    charged: str | None
    hack: str | None
    differences: tuple[Difference, ...]
    hints: Hints | None


class Life(msgspec.Struct, frozen=True):
    """What happened to one packet on this paper. said: what it says. picture: the event whose record has one of the
    handwriting. done: it is not on its way any more.
    """

    round: int
    label: str
    said: WrittenJson | None
    hops: list[Seen]
    broke: Broken | None
    forged: bool
    picture: int | None
    done: bool


class Autopsy(msgspec.Struct, frozen=True):
    """A card, and the packets that it has been: the newest first."""

    card: str
    lives: list[Life]


def autopsy(footprints: Iterable[Footprint], card: str) -> Autopsy | None:
    """The autopsy of a card; None: nobody has scanned it."""
    lives: list[list[Footprint]] = []
    for each in footprints:
        if each.card != card:
            continue
        if not lives or _begins_anew(lives[-1], each):
            lives.append([])
        lives[-1].append(each)
    return Autopsy(card, [_life(life) for life in reversed(lives)]) if lives else None


def _begins_anew(life: list[Footprint], each: Footprint) -> bool:
    """Paper is used again: in another round, or by whoever has written it anew."""
    if each.round != life[-1].round:
        return True
    return each.verdict == "sent" and not each.repeated and any(past.verdict == "sent" for past in life)


def _life(life: list[Footprint]) -> Life:
    last = life[-1]
    said = next((each for each in reversed(life) if each.packet is not None), last)
    return Life(
        round=last.round,
        label=said.label,
        said=said.packet,
        hops=[_seen(each) for each in life],
        broke=next((_broken(each) for each in life if _breaks(each)), None),
        forged=any(each.forged for each in life),
        picture=next((each.event for each in reversed(life) if each.picture), None),
        done=last.verdict in ("delivered", "rst", "dropped"),
    )


def _breaks(each: Footprint) -> bool:
    return each.charged is not None or each.hints is not None or each.verdict in ("dropped", "rst")


def _seen(each: Footprint) -> Seen:
    return Seen(
        event=each.event,
        at_ms=each.at_ms,
        node=each.node,
        verdict=each.verdict,
        reason=each.reason,
        sentence=each.sentence,
        rfc=each.rfc,
        key=each.key,
        ttl=each.ttl,
        goes_to=each.goes_to,
    )


def _broken(each: Footprint) -> Broken:
    return Broken(
        event=each.event,
        reason=each.reason,
        sentence=each.sentence,
        rfc=each.rfc,
        charged=each.charged,
        hack=each.hack,
        differences=each.differences,
        hints=each.hints,
    )
