"""The hub put together: journal, room, the edge to the broker, and the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing
from pathlib import Path

from hub import messages, page
from hub.broker import BrokerEdge
from hub.datafolder import DATABASES, FILES, NOT_SAVED
from hub.desk import Desk
from hub.games import wanted
from hub.journal import Damage, Journal
from hub.lessons import Lesson
from hub.orders import Command
from hub.page.apart import PagesApart
from hub.pictures import Pictures
from hub.private import close_to_others
from hub.releases import Releases
from hub.room import Room
from hub.wallclock import WallClock

_OWN = (*DATABASES, *FILES, *NOT_SAVED, "outbox-")
"""How the names of the files begin that are in a hub's folder, by default with those of badges on the same machine."""


class Hub:
    """A running hub. url: where the page is.

    lesson, named: see `hub.games.wanted`. data: folder of the journal, and of what is beside it. http: HOST and PORT of
    the page. seats (of this lesson), readers, fresh: see `Room`. new_pin: draw another PIN for the teacher's page;
    `pin` is it, None: the old one holds. pin_void: it was drawn because the file of the old one was damaged. release:
    the folder of what badges can get. on_link(up, sentence): the broker was found or lost. Raises JournalError and
    page.PortInUse, both with a sentence for people; a broker that is not there is no error: the hub keeps trying.
    """

    def __init__(
        self,
        lesson: Lesson,
        *,
        broker_url: str,
        data: Path,
        http: tuple[str, int],
        set_name: str = messages.DEFAULT_SET,
        seats: dict[str, str] | None = None,
        readers: Collection[str] = (),
        fresh: bool = False,
        named: bool = True,
        new_pin: bool = False,
        release: Path | None = None,
        on_link: Callable[[bool, str], None] = lambda up, text: None,
    ) -> None:
        # The port comes first: a hub that cannot have it must not have touched the journal of one that is running.
        with ExitStack() as undo:
            listening = undo.enter_context(page.listen(*http))
            self._journal = undo.enter_context(closing(Journal(data)))
            close_to_others(data, _OWN)
            self._pictures = undo.enter_context(closing(Pictures(data)))
            gate = page.Gate(data, new_pin)
            running = os.environ.get("RUNTIME_DIRECTORY")  # of systemd, where this is the hub of a set
            chosen = lesson if fresh else wanted(self._journal, lesson, named)
            self.desk = Desk(
                self._journal,
                chosen,
                data=data,
                pictures=self._pictures,
                seats=seats if chosen is lesson else None,
                readers=readers,
                fresh=fresh,
                asked=lesson.id if named else "",
                releases=Releases(release),
                wall=WallClock(Path(running) if running else None),
            )
            self._edge = BrokerEdge(self.desk, broker_url, set_name, self._linked, self.desk.flooded)
            self.desk.publish = self._edge.publish
            place = listening.getsockname()[:2]
            self.url = page.url_of(*place)
            self.desk.addresses = page.addresses_of(*place)
            self._pages = PagesApart(self.desk, data, listening, release)
            undo.pop_all()
        self._tell = on_link
        self.pin, self.pin_void = gate.new_pin, gate.void
        self._edge.start()

    @property
    def addresses(self) -> list[str]:
        """Where other machines find the page, HOST:PORT; none when it is served to this machine alone."""
        return self.desk.addresses

    @property
    def damage(self) -> Damage | None:
        """What was wrong with the journal when it was opened."""
        return self._journal.damage

    @property
    def room(self) -> Room:
        """The room that is played now."""
        return self.desk.room

    def new_round(self) -> None:
        """Begin a new round, and tell the badges."""
        self.desk.do(Command("round"))

    def _linked(self, up: bool, sentence: str) -> None:
        self.desk.linked(up, sentence)
        self._tell(up, sentence)

    def stop(self) -> None:
        """End: finish what came in, then close the page and the journal."""
        self._edge.stop()
        self._pages.close()
        self._pictures.close()
        self._journal.close()
