"""A clock that a test sets: seconds that stand still until they are told to go on."""

from __future__ import annotations


class Clock:
    """now: what it says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
