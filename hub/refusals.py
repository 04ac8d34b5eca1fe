"""What a teacher wanted, or a phone, and what cannot be."""

from __future__ import annotations

from hub.simulator.verdicts import Ruling


class NothingDoneError(ValueError):
    """What somebody wanted cannot be done, and nothing has happened; the text says why, and what to do instead.

    ruling: the same as a code.
    """

    def __init__(self, text: str, ruling: Ruling) -> None:
        super().__init__(text)
        self.ruling = ruling
