"""What the badge that plays has to do with other programs: it says which one it is, and asks for another.

It may change none itself: it leaves a file, which systemd waits for (firmware/deploy/paperhop-update.path).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from firmware.slots import FOLDER, Slots, is_whole, number_of
from hub.messages import Update

OUTCOME = Path("/run/paperhop-update/outcome")
"""Where the last attempt has left its word, when it did not succeed."""
_WISH = "update"
_WORD = re.compile(r"[a-z-]{1,24}")


class Wishes:
    """release: the number of the program that runs; None when it is not in a slot, and so cannot be replaced.

    own: where this program is; running: the folder that systemd has given it; slots; outcome: see OUTCOME.
    """

    def __init__(
        self,
        own: Path = Path(sys.prefix),
        running: Path | None = None,
        slots: Slots | None = None,
        outcome: Path = OUTCOME,
    ) -> None:
        folder = os.environ.get("RUNTIME_DIRECTORY")
        self._running = running or (Path(folder) if folder else None)
        self._slots = slots or Slots(FOLDER)
        self._outcome = outcome
        slotted = self._running is not None and is_whole(own)
        self.release = number_of(own) if slotted else None
        self._asked = False

    @property
    def word(self) -> str:
        """How it stands with another program, as in `BadgeStatus.update`."""
        try:
            said = self._outcome.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            said = ""
        if _WORD.fullmatch(said):
            return said
        if self._asked:
            return "asked"
        return "refused" if self.release is not None and self._slots.refused() > self.release else ""

    def wish(self, update: Update) -> bool:
        """Ask for it; False: there is no need, or it did not start before and nobody insists."""
        if self.release is None or self._running is None or update.number <= self.release:
            return False
        if update.number <= self._slots.refused() and not update.again:
            return False
        try:
            (self._running / _WISH).touch()
        except OSError:
            return False
        self._asked = True
        return True
