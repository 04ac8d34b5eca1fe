"""The roster on the disk: one file that only the hub can read, always whole, and wiped when it is forgotten."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hub.private import unfinished, write_private
from hub.roster import Roster, RosterError
from hub.wiping import remove, wipe

FILE = "roster.json"


class RosterFile:
    """The roster in the hub's data folder `data`. Only the user that runs the hub can read it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE

    def load(self) -> Roster:
        """The roster that was saved last; an empty one when there is none. Raises RosterError for a damaged file."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Roster)
        except FileNotFoundError:
            return Roster()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RosterError(
                f"The class in {self.path} cannot be read: {error}. Forget it, and paste it again"
            ) from None

    def save(self, roster: Roster) -> None:
        """Keep a roster; when this returns, it is on the disk, whole. What was there before is wiped."""
        remove(unfinished(self.path))
        old = self.path.open("r+b") if self.path.exists() else None
        write_private(self.path, msgspec.json.encode(roster))
        if old is not None:
            with old:
                wipe(old.fileno())

    def forget(self) -> None:
        """Every name is wiped: the file is overwritten, and removed. What a disk keeps of it inside nobody can say."""
        remove(self.path)
        remove(unfinished(self.path))
