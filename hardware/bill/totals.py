"""Adding up: what a badge costs with each choice, and what is ordered for a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from hardware.bill.parts import Part

SETS = (1, 4, 8, 30)
"""Badges in a set, for which lists are made."""
AIM = 60.0
"""Dollars that a badge should cost at most."""

WITHOUT = {"extras": "extras=none", "case": "case=own"}
"""Groups that may be left out, and what that is called."""

Choice = Mapping[str, str]
"""By group, the option that is taken: {"camera": "camera=module3"}."""


@dataclass(frozen=True, slots=True)
class Order:
    """So many packs of a part for a set, of which so many pieces are needed, spares included."""

    part: Part
    pieces: int

    @property
    def packs(self) -> int:
        """Packs, whole ones."""
        return ceil(self.pieces / self.part.pack)

    @property
    def usd(self) -> float:
        """What they cost."""
        return self.packs * self.part.usd


def options(parts: Iterable[Part], build: str) -> dict[str, tuple[str, ...]]:
    """By group, what may be chosen for a build, the usual one first."""
    found: dict[str, list[str]] = {}
    for part in parts:
        if part.option and (part.per_badge[build] or part.one_per) and part.option not in found.get(part.group, []):
            found.setdefault(part.group, []).append(part.option)
    return {group: (*names, *filter(None, [WITHOUT.get(group)])) for group, names in found.items()}


def usual(parts: Sequence[Part], build: str) -> dict[str, str]:
    """The first of each group."""
    return {group: names[0] for group, names in options(parts, build).items()}


def cheapest(parts: Sequence[Part], build: str) -> dict[str, str]:
    """Of each group the one with which a badge costs least."""
    choice = usual(parts, build)
    for group, names in options(parts, build).items():
        choice[group] = min(names, key=lambda name: badge_usd(parts, build, {**choice, group: name}))
    return choice


def chosen(parts: Iterable[Part], choice: Choice) -> list[Part]:
    """The parts that belong to a choice."""
    return [part for part in parts if not part.option or choice.get(part.group) == part.option]


def badge_usd(parts: Sequence[Part], build: str, choice: Choice) -> float:
    """What one badge costs by the piece, its share of a charger included; without hub, network and printing."""
    return sum(
        part.unit * (part.per_badge[build] + (1 / part.one_per if part.one_per and part.option else 0))
        for part in chosen(parts, choice)
    )


def order(parts: Sequence[Part], build: str, badges: int, choice: Choice) -> list[Order]:
    """What is bought for a set: its badges, one hub, what they share, and spares."""
    orders = [Order(part, _pieces(part, build, badges)) for part in chosen(parts, choice)]
    return [each for each in orders if each.pieces]


def _pieces(part: Part, build: str, badges: int) -> int:
    if badges < part.least:
        return 0
    shared = ceil(badges / part.one_per) if part.one_per else 0
    spare = badges // part.spares if part.spares and part.per_badge[build] else 0
    return part.per_badge[build] * badges + spare + part.hub + shared
