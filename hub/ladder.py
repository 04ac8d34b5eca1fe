"""Sequence ladders, as in the figures of RFC 9293: one for each exchange between two ends, a rung for each packet."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from hub.footprints import End, Footprint

MOST_RUNGS = 200
"""Rungs that a ladder shows: the last ones."""

_AGAIN = ("tcp.retransmitted", "tcp.retransmitted-early")


class Hop(msgspec.Struct, frozen=True):
    """A node that has seen a packet, and what became of it there."""

    event: int
    at_ms: int
    node: str
    verdict: str
    reason: str


class Rung(msgspec.Struct, frozen=True):
    """A packet of an exchange.

    event: of its first scan. left: it goes from the ladder's left end. label, seq, ack, data, ink: what it says. hops:
    who has seen it, its origin first. end: `under-way`, `arrived`, `reset`, `dropped`. again: the event of the rung
    that it repeats. sent, came: the states of both ends, by node, when it had been sent, and when it had come.

    A card that is carried on after its rung has ended, such as past a router and then to it, has one more: it begins
    where the card was before, with the event that ended the first.
    """

    event: int
    card: str
    left: bool
    label: str
    seq: int | None
    ack: int | None
    data: str | None
    ink: int | None
    hops: tuple[Hop, ...]
    end: str = "under-way"
    again: int | None = None
    forged: bool = False
    by_engine: bool = False
    sent: dict[str, str] = {}
    came: dict[str, str] = {}


class Slip(msgspec.Struct, frozen=True):
    """A card that was stopped before it left: what was wrong, at which node."""

    event: int
    at_ms: int
    node: str
    label: str
    reason: str
    sentence: str


class Ladder(msgspec.Struct, frozen=True):
    """An exchange. left: who has begun it. states: of both ends now, by node. between: the nodes in between."""

    left: End
    right: End
    between: tuple[str, ...]
    states: dict[str, str]
    rungs: tuple[Rung, ...]
    slips: tuple[Slip, ...]
    more: int = 0


def ladders(footprints: Iterable[Footprint]) -> list[Ladder]:
    """The ladders of one round's footprints, in the order in which the exchanges began."""
    found: dict[frozenset[End], _Growing] = {}
    for each in footprints:
        ends = each.ends
        if ends is None or each.node is None or each.card is None or each.repeated or each.verdict == "unread":
            continue
        if ends not in found:
            if each.verdict == "stopped" or len(ends) < 2:
                continue
            assert each.src is not None
            assert each.dst is not None
            found[ends] = _Growing(each.src, each.dst)
        found[ends].take(each)
    return [each.ladder() for each in found.values()]


class _Growing:
    def __init__(self, left: End, right: End) -> None:
        self._left, self._right = left, right
        self._rungs: dict[str, Rung] = {}
        self._done: list[Rung] = []
        self._slips: list[Slip] = []
        self._states: dict[str, str] = {}

    def take(self, each: Footprint) -> None:
        self._states = each.states or self._states
        assert each.node is not None
        assert each.card is not None
        if each.verdict == "stopped":
            self._slips.append(Slip(each.event, each.at_ms, each.node, each.label, each.reason, each.sentence))
            return
        hop = Hop(each.event, each.at_ms, each.node, each.verdict, each.reason)
        rung = self._rungs.get(each.card) or self._adopted(each)
        if rung is not None and rung.end != "under-way" and each.verdict != "sent":
            if each.reason == "card.lost":
                return
            self._done.append(rung)
            rung = _carried_on(rung, each)
        if rung is None or (each.verdict == "sent" and rung.card == each.card):
            if rung is not None:
                self._done.append(rung)
            rung = self._new(each)
        else:
            rung = replace(rung, card=each.card, hops=rung.hops if each.verdict == "sent" else (*rung.hops, hop))
        if each.verdict in _ENDS:
            rung = replace(rung, end=_ENDS[each.verdict], came=each.states)
        self._rungs[each.card] = rung

    def _adopted(self, each: Footprint) -> Rung | None:
        """What the engine has sent without a card, and this card is the paper of."""
        came_from = each.node if each.verdict == "sent" else each.came_from
        if each.by_engine or came_from is None:
            return None
        for card, rung in reversed(self._rungs.items()):
            if rung.by_engine and len(rung.hops) == 1 and (rung.hops[0].node, rung.label) == (came_from, each.label):
                del self._rungs[card]
                return rung
        return None

    def ladder(self) -> Ladder:
        rungs = sorted([*self._done, *self._rungs.values()], key=lambda rung: rung.event)
        ends = {self._left.node, self._right.node}
        seen = [*(hop.node for rung in rungs for hop in rung.hops), *(slip.node for slip in self._slips)]
        between = dict.fromkeys(node for node in seen if node not in ends)
        more = max(0, len(rungs) - MOST_RUNGS)
        return Ladder(
            self._left, self._right, tuple(between), self._states, tuple(rungs[more:]), tuple(self._slips), more
        )

    def _new(self, each: Footprint) -> Rung:
        paper = each.packet
        ink = None if paper is None or paper.ink is None else paper.ink.length
        data = None if paper is None else paper.data
        assert each.node is not None
        assert each.card is not None
        seq, ack = (None, None) if paper is None else (paper.seq, paper.ack)
        alike = (rung.event for rung in [*self._done, *self._rungs.values()] if _same(rung, each, seq, data, ink))
        return Rung(
            event=each.event,
            card=each.card,
            left=each.src == self._left,
            label=each.label,
            seq=seq,
            ack=ack,
            data=data,
            ink=ink,
            hops=(Hop(each.event, each.at_ms, each.node, each.verdict, each.reason),),
            again=max(alike, default=None) if each.reason in _AGAIN else None,
            forged=each.forged,
            by_engine=each.by_engine,
            sent=each.states,
        )


def _carried_on(rung: Rung, each: Footprint) -> Rung | None:
    """The rung of a card that somebody carries on after its end, from the node where it was; None: nobody had it."""
    end = rung.hops[-1]
    had = rung.hops[:-1] if rung.end == "dropped" else rung.hops
    before = next((hop for hop in reversed(had) if hop.node != each.node), None)
    if before is None:
        return None
    start = replace(before, event=end.event, at_ms=end.at_ms)
    return replace(rung, event=end.event, hops=(start,), end="under-way", sent=rung.came, came={})


def _same(rung: Rung, each: Footprint, seq: int | None, data: str | None, ink: int | None) -> bool:
    """Whether a rung says what this one says again."""
    return (rung.hops[0].node, rung.label, rung.seq, rung.data, rung.ink) == (each.node, each.label, seq, data, ink)


_ENDS = {"delivered": "arrived", "rst": "reset", "dropped": "dropped"}
