"""What people do in a class, and what goes wrong, and when."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial

from cards.jsonform import to_json
from hub.lessons.lesson import ScanStep
from hub.messages import Sighting
from paperhop.simulation.classroom import PLAYING_S, Classroom
from paperhop.simulation.hub import READER


def plan(luck: random.Random, classroom: Classroom) -> Counter[str]:
    """Has it happen in the time of the class. How often it will, counted."""
    last = _scans(luck, classroom)
    return _command_cards(luck, classroom, last) + _troubles(luck, classroom)


def _scans(luck: random.Random, classroom: Classroom) -> float:
    """Cards of the lesson, now and then at a badge where they do not belong. When the last one is shown."""
    air, badges, lesson = classroom.air, classroom.badges, classroom.lesson
    at = {node: badges[badge] for badge, node in classroom.seats.items()}
    moment = 0.0
    for script in luck.sample(lesson.scripts, min(2, len(lesson.scripts))):
        for step in script.steps:
            if isinstance(step, ScanStep) and step.node in at:
                moment += luck.choice((0.0, 0.1, 1.0, 3.0)) * luck.random()
                seen = Sighting(f"A-{sum(map(ord, script.papers[step.card])) % 999}", to_json(script.cards[step.card]))
                for _ in range(luck.choice((1, 1, 1, 2))):
                    badge = luck.choice(list(badges.values())) if luck.random() < 0.1 else at[step.node]
                    air.later(min(moment, PLAYING_S - 1), partial(badge.scan, seen))
    return moment


def _command_cards(luck: random.Random, classroom: Classroom, last: float) -> Counter[str]:
    """New rounds, sometimes at a badge where command cards do not work."""
    happened: Counter[str] = Counter()
    badges = classroom.badges
    for _ in range(luck.choice((0, 0, 1, 3))):
        happened["command cards"] += 1
        badge = badges[READER] if luck.random() < 0.8 else luck.choice(list(badges.values()))
        classroom.air.later(luck.random() * last, partial(badge.scan, Sighting("K-1", command="round")))
    return happened


def _troubles(luck: random.Random, classroom: Classroom) -> Counter[str]:
    """As many of each kind as the weather has."""
    happened: Counter[str] = Counter()
    air, hub, weather = classroom.air, classroom.hub, classroom.air.weather

    def often(what: str, times: int, act: Callable[[], None]) -> None:
        for _ in range(times):
            happened[what] += 1
            air.later(luck.random() * PLAYING_S, act)

    def outage() -> None:
        air.outage(True)
        air.later(luck.random() * 8, lambda: air.outage(False))

    def full() -> None:
        hub.full(True)
        air.later(luck.random() * 8, lambda: hub.full(False))

    often("restarts", weather.hub_restarts, hub.restart)
    often("restarts", weather.hub_crashes, hub.crash)
    often("outages", weather.outages, outage)
    often("full disks", weather.full_disks, full)
    for badge in classroom.badges.values():
        often("restarts", weather.badge_restarts, partial(badge.restart, luck.random() < 0.5))
    return happened
