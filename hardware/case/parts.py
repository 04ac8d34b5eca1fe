"""What the case is made of: `parts.toml`."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from typing import Any

from hardware.case.layout import Matrix
from hardware.steps import ROOT

FILE = ROOT / "hardware" / "case" / "parts.toml"


@dataclass(frozen=True, slots=True)
class Printed:
    """A part from the printer. turn: degrees about x, then y, then z, from where it is to how it lies on the bed."""

    name: str
    title: str
    builds: dict[str, int]
    turn: tuple[float, float, float]
    lies: str

    def onto_bed(self) -> Matrix:
        """The turn, without the move that puts its middle on the bed's."""
        rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        for axis, degrees in enumerate(self.turn):
            a, b = [n for n in range(3) if n != axis]
            sine, cosine = round(math.sin(math.radians(degrees)), 9), round(math.cos(math.radians(degrees)), 9)
            sine = -sine if axis == 1 else sine
            first, second = rows[a], rows[b]
            rows[a] = [cosine * p - sine * q for p, q in zip(first, second, strict=True)]
            rows[b] = [sine * p + cosine * q for p, q in zip(first, second, strict=True)]
        return tuple((x, y, z, 0.0) for x, y, z in rows)


@dataclass(frozen=True, slots=True)
class Cut:
    """A part that a laser cuts."""

    name: str
    title: str
    builds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Bought:
    """A screw or another small thing."""

    name: str
    title: str
    builds: dict[str, int]


def printed() -> tuple[Printed, ...]:
    """All parts that are printed."""
    return tuple(
        Printed(name, p["title"], p["builds"], tuple(p["turn"]), p["lies"]) for name, p in _file()["printed"].items()
    )


def cut() -> tuple[Cut, ...]:
    """All parts of sheet."""
    return tuple(Cut(name, c["title"], c["builds"]) for name, c in _file()["cut"].items())


def bought() -> tuple[Bought, ...]:
    """All small things."""
    return tuple(Bought(name, b["title"], b["builds"]) for name, b in _file()["bought"].items())


def titles() -> dict[str, str]:
    """What each part is called."""
    kinds = _file()
    return {name: part["title"] for kind in ("printed", "cut", "bought") for name, part in kinds[kind].items()}


def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
