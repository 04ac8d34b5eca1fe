"""What a badge's self-test finds: of each part a sentence, the likely cause, and what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from hub.messages.lights import PARTS


class State(enum.Enum):
    """How a part is. `note`: it works, but somebody should know. `absent`: it is not here, or not to be tested."""

    WELL = "well"
    NOTE = "note"
    WRONG = "WRONG"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Result:
    """What was found of a part.

    found: a sentence. cause, do: the likely cause and what to do, empty when all is well.
    """

    part: str
    state: State
    found: str
    cause: str = ""
    do: str = ""

    @property
    def key(self) -> int:
        """The blinks of `fault` when it is wrong, see `hub.messages.lights.PARTS`; 0: it has none."""
        return next((key for key, part in PARTS.items() if part == self.part), 0)

    def lines(self) -> list[str]:
        """What to print."""
        more = [f"           {what}: {text}" for what, text in (("cause", self.cause), ("do", self.do)) if text]
        return [f"{self.state.value:<7} {self.part}: {self.found}", *more]


def well(part: str, found: str) -> Result:
    """It works."""
    return Result(part, State.WELL, found)


def note(part: str, found: str, cause: str = "", do: str = "") -> Result:
    """It works, but somebody should know of it."""
    return Result(part, State.NOTE, found, cause, do)


def wrong(part: str, found: str, cause: str, do: str) -> Result:
    """It does not work."""
    return Result(part, State.WRONG, found, cause, do)


def absent(part: str, found: str) -> Result:
    """It is not here, or cannot be tested here."""
    return Result(part, State.ABSENT, found)
