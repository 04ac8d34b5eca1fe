"""The class at this hub: who is in it, and which seat was dealt to whom; nobody but the teacher hears names."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

from hub import roster
from hub.lessons import Lesson
from hub.roster import Lease, Roster, RosterError
from hub.rosterfile import RosterFile

log = logging.getLogger(__name__)


class SchoolClass:
    """The class in the hub's data folder `data`. What cannot be done raises RosterError, and changes nothing."""

    def __init__(self, data: Path) -> None:
        self._file = RosterFile(data)
        try:
            self._roster = self._file.load()
        except RosterError as error:
            log.error("%s", error)
            self._roster = Roster()

    def leases(self, lesson: Lesson) -> list[Lease]:
        """Who has which node and address."""
        return roster.leases(self._roster, lesson)

    def paste(self, text: str, lesson: Lesson) -> int:
        """Another class; its seats are dealt. How many people they are."""
        names = roster.paste(text)
        self._keep(roster.deal(names, lesson, secrets.token_hex(8)))
        return len(names)

    def deal(self, lesson: Lesson, bots: bool = False) -> int:
        """The same people are dealt the seats of a lesson anew. How many they are."""
        names = [person.name for person in self._roster.people]
        if names:
            self._keep(roster.deal(names, lesson, secrets.token_hex(8), bots=bots))
        return len(names)

    def join(self, name: str) -> None:
        """Somebody comes."""
        self._keep(roster.join(self._roster, name))

    def leave(self, name: str) -> None:
        """Somebody goes."""
        self._keep(roster.leave(self._roster, name))

    def forget(self) -> None:
        """Every name is wiped."""
        self._file.forget()
        self._roster = Roster()

    def _keep(self, changed: Roster) -> None:
        self._file.save(changed)
        self._roster = changed
