"""A class, from its seed to what is left of it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from paperhop.simulation.classroom import PLAYING_S, SETTLING_S, Classroom
from paperhop.simulation.plan import plan
from paperhop.simulation.promises import look


def play(seed: int, folder: Path) -> Counter[str]:
    """One class. What happened, counted. Raises Wrong."""
    luck = random.Random(f"class {seed}")
    classroom = Classroom.of(seed, luck, folder)
    air, hub = classroom.air, classroom.hub
    happened = plan(luck, classroom)
    air.run(PLAYING_S)
    air.clear_up()
    hub.settle()
    while classroom.waiting and air.now < PLAYING_S + SETTLING_S:
        air.run(air.now + 1)
    air.run(air.now + 10)  # what is still under way arrives, and does no harm
    look(classroom, happened)
    happened["starts with a snapshot"] = hub.shortcuts
    happened["scans"] = sum(len(badge.taken) for badge in classroom.badges.values())
    happened["messages"] = sum(air.sent.values())
    classroom.close()
    return happened
