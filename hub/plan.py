"""What a teacher has planned: acts that are done by themselves when their time has come."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hub.simulator.acts import Act

MOST_PLANNED = 50
"""Acts that may be planned at a time."""
MOST_SECONDS = 86_400
"""Seconds ahead that one can plan at most."""


class Planned(msgspec.Struct, frozen=True):
    """An act that is to be done at lesson time `due` (ms). id: the number of its record in the journal.

    refused: why it could not be done when its time had come, in words: it stays until it is cancelled.
    """

    id: int
    due: int
    act: Act
    refused: str = ""


Plan = tuple[Planned, ...]
"""All that is planned, by the time when it is due."""


def with_planned(plan: Plan, planned: Planned) -> Plan:
    """The plan with one more."""
    return tuple(sorted((*plan, planned), key=lambda each: (each.due, each.id)))


def without(plan: Plan, id: int) -> Plan:
    """The plan without one."""
    return tuple(each for each in plan if each.id != id)


def refused(plan: Plan, id: int, why: str) -> Plan:
    """The plan in which one could not be done."""
    return tuple(msgspec.structs.replace(each, refused=why) if each.id == id else each for each in plan)


def find(plan: Iterable[Planned], id: int) -> Planned | None:
    """The planned act with this number."""
    return next((each for each in plan if each.id == id), None)


def first(plan: Plan) -> Planned | None:
    """What is to be done next; None: nothing is."""
    return next((each for each in plan if not each.refused), None)
