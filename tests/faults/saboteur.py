"""Who pulls plugs: which program is killed, when, and for how long it is off. All of it follows from a seed."""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass

from tests.faults.plays import Wave

HUB, MOSQUITTO = "hub", "mosquitto"


class Trigger(enum.Enum):
    """What a strike waits for: nothing, a record that is being written to the journal, a scan that is being written to
    an outbox, a scan on its way to the hub, an answer on its way to a badge; that the badge which is to be killed has
    an answer and has not shown it, or has shown it and not forgotten the scan: it stays there until it is killed.
    """

    AT_ONCE = "at once"
    JOURNAL = "journal"
    OUTBOX = "outbox"
    SCAN = "scan"
    ANSWER = "answer"
    HEARD = "heard"
    SHOWN = "shown"


ON_AIR = (Trigger.SCAN, Trigger.ANSWER)
"""Seen at the broker, as long as it is not killed."""
HELD = (Trigger.HEARD, Trigger.SHOWN)
"""Where a badge is held."""


@dataclass(frozen=True, slots=True)
class Strike:
    """victim: HUB, MOSQUITTO or a badge. watched: the badge that is meant. after: seconds from the trigger to
    the kill; down: from the kill to the start.
    """

    victim: str
    trigger: Trigger
    watched: str
    after: float
    down: float


class Saboteur:
    """Strikes for each wave of a play. chance: that there are any; most: in one wave."""

    def __init__(self, seed: int, badges: tuple[str, ...], chance: float = 0.7, most: int = 2) -> None:
        self._luck = random.Random(seed)
        self._badges = badges
        self._chance, self._most = chance, most

    def strikes(self, wave: Wave) -> list[Strike]:
        if self._luck.random() > self._chance:
            return []
        here = sorted({show.badge for show in wave.shows}) or list(self._badges)
        candidates = {HUB: 4.0, MOSQUITTO: 1.5, self._luck.choice(here): 4.0}
        victims: list[str] = []
        for _ in range(self._luck.randint(1, self._most)):
            left = [each for each in candidates if each not in victims]
            victims += self._luck.choices(left, [candidates[each] for each in left])
        return [self._strike(victim, self._luck.choice(here), wave, victims) for victim in victims]

    def _strike(self, victim: str, watched: str, wave: Wave, victims: list[str]) -> Strike:
        watched = watched if victim in (HUB, MOSQUITTO) else victim
        trigger = self._luck.choice([each for each in Trigger if _comes(each, victim, wave, victims)])
        wide = trigger is Trigger.AT_ONCE
        after = self._luck.uniform(0, 0.05) if wide else self._luck.choice([0.0, self._luck.uniform(0, 0.004)])
        return Strike(victim, trigger, watched, after, self._luck.choice([0.0, self._luck.uniform(0, 0.3)]))


def _comes(trigger: Trigger, victim: str, wave: Wave, victims: list[str]) -> bool:
    """Whether a strike will see what it waits for."""
    if trigger in HELD and victim in (HUB, MOSQUITTO):
        return False
    if trigger in ON_AIR and MOSQUITTO in victims and victim != MOSQUITTO:
        return False
    return bool(wave.shows) or trigger in (Trigger.AT_ONCE, Trigger.JOURNAL)
