"""The roster on the disk: one file that only the hub can read, always whole, and wiped when it is forgotten."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from hub.roster import Roster, RosterError
from hub.wiping import remove, sync, wipe

FILE = "roster.json"


class RosterFile:
    """The roster in the hub's data folder `data`. Only the user that runs the hub can read it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE

    @property
    def _new(self) -> Path:
        """What is not whole yet."""
        return self.path.with_name(f".{FILE}.new")

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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self._new
        remove(new)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(roster))
            file.flush()
            os.fsync(file.fileno())
        old = self.path.open("r+b") if self.path.exists() else None
        new.replace(self.path)
        sync(self.path.parent)
        if old is not None:
            with old:
                wipe(old.fileno())

    def forget(self) -> None:
        """Every name is wiped: the file is overwritten, and removed. What a disk keeps of it inside nobody can say."""
        remove(self.path)
        remove(self._new)
