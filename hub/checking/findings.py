"""What a check says of a lesson's file: a sentence with its line."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from hub.lessons.document import Document, Path

Code = Literal[
    "not-a-lesson",
    "no-wire",
    "pieces",
    "no-such-wire",
    "overlap",
    "router-elsewhere",
    "nobody",
    "closed",
    "no-way",
    "loop",
    "ttl",
    "goal",
    "bot",
    "script",
    "hint",
    "no-place",
    "places-overlap",
    "form",
    "digits",
    "marks",
    "fairness",
    "questions",
    "no-reason",
    "nothing-done",
    "unused-card",
    "no-right-course",
]
"""What kind of finding it is (docs/contracts.md, "Checking a lesson")."""


class Weight(enum.Enum):
    """ERROR: it cannot be played as the file says. ADVICE: it can, but a room would rather have it otherwise."""

    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """line: from 1. text: what is wrong, and what to write instead."""

    weight: Weight
    code: Code
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}"


def error(document: Document, path: Path, code: Code, text: str) -> Finding:
    """An error at `path`, or the nearest part above it that the file has."""
    return Finding(Weight.ERROR, code, document.name, document.line(path), text)


def advice(document: Document, path: Path, code: Code, text: str) -> Finding:
    """Advice on `path`, or on the nearest part above it that the file has."""
    return Finding(Weight.ADVICE, code, document.name, document.line(path), text)
