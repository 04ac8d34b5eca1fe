"""A class: how long it is, all that takes part, and who plays what."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hub.lessons import Lesson, load
from paperhop.simulation.air import Air, Weather
from paperhop.simulation.badge import Badge
from paperhop.simulation.hub import READER, Hub

LESSONS = ("handshake", "data", "no-route", "linked", "loss", "closing")
"""In which people play all nodes: what an engine plays, and when, is no scan."""
PLAYING_S = 60.0
"""Seconds, of virtual time, in which cards are scanned and things go wrong."""
SETTLING_S = 120.0
"""Seconds after which, with nothing in the way any more, every scan must have been answered."""


@dataclass(frozen=True)
class Classroom:
    """A lesson, the folder with everybody's disks, who has which node, the broker, the hub, and the badges."""

    lesson: Lesson
    folder: Path
    seats: dict[str, str]
    air: Air
    hub: Hub
    badges: dict[str, Badge]

    @classmethod
    def of(cls, seed: int, luck: random.Random, folder: Path) -> Classroom:
        """The classroom of a seed: everything in it has just been switched on."""
        lesson = _lesson(LESSONS[seed % len(LESSONS)])
        nodes = [node.id for node in lesson.rules.nodes if node.id not in lesson.rules.engines]
        seats = {f"b{number}": node for number, node in enumerate(nodes, 1)}
        air = Air(luck, Weather.of(luck))
        hub = Hub(air, luck, lesson, folder / "hub", seats)
        badges = {badge: Badge(air, badge, folder / f"{badge}.sqlite") for badge in (*seats, READER)}
        return cls(lesson, folder, seats, air, hub, badges)

    @property
    def waiting(self) -> dict[str, int]:
        """How many scans are not answered, of the badges that have such."""
        return {name: badge.waiting for name, badge in self.badges.items() if badge.waiting}

    def close(self) -> None:
        """The end."""
        for badge in self.badges.values():
            badge.close()
        self.hub.close()


@cache
def _lesson(id: str) -> Lesson:
    return load(id)
