"""A badge of the class: the link and the outbox that badges run, and what it has shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cards.penform import PenForm
from firmware.link import Link, LinkState
from firmware.outbox import Outbox
from hub.messages import Answer, Light, Role, Scan, Sighting, Update
from paperhop.simulation.air import Air, Line
from paperhop.simulation.wrong import must


@dataclass
class Told:
    """What a badge has shown: the verdict of each scan, in the order of showing."""

    answers: dict[tuple[str, int], Answer] = field(default_factory=dict)
    _since_start: set[tuple[str, int]] = field(default_factory=set)

    @property
    def order(self) -> list[tuple[str, int]]:
        """The scans, in the order in which their verdicts were shown first."""
        return list(self.answers)

    def started(self) -> None:
        """The badge has started; it does not know what it has shown before."""
        self._since_start.clear()

    def answered(self, answer: Answer) -> None:
        """A verdict is shown; once more after a start, when the badge has stopped at that moment."""
        name = answer.boot, answer.counter
        before = self.answers.setdefault(name, answer)
        must(before == answer, f"{name} was shown {before.verdict} and then {answer.verdict}")
        must(name not in self._since_start, f"{name} was shown twice, without a start in between")
        self._since_start.add(name)

    def light(self, light: Light) -> None:
        """Not looked at."""

    def role(self, role: Role) -> None:
        """Not looked at."""

    def form(self, form: PenForm) -> None:
        """Not looked at."""

    def update(self, update: Update) -> None:
        """Not looked at."""

    def link(self, state: LinkState, sentence: str) -> None:
        """Not looked at."""


class Badge:
    """A badge, from start to start: its outbox lies on its disk, its link is new each time."""

    def __init__(self, air: Air, name: str, file: Path) -> None:
        self._air, self.name, self._file = air, name, file
        self.taken: list[Scan] = []
        self.told = Told()
        self._start()
        self._turn()

    def scan(self, seen: Sighting) -> None:
        """A card is shown; when this returns, the badge has lit that it is taken."""
        scan = self._outbox.put(self.name, seen)
        self.taken.append(scan)
        self._link.notify(scan)
        self._link.tend()

    def restart(self, orderly: bool) -> None:
        """The badge stops, with a goodbye or without, and starts again."""
        if not orderly and self._line.will is not None and self._line.up:
            self._air.carry(*self._line.will)
        self._line.stop()
        self._outbox.close()
        self._start()

    @property
    def waiting(self) -> int:
        """Scans that are not answered."""
        return len(self._outbox)

    def close(self) -> None:
        """The end."""
        self._outbox.close()

    def _start(self) -> None:
        self._outbox = Outbox(self._file)
        self.told.started()
        self._link = Link(self.name, self._outbox, "mqtt://air", self.told, line=self._laid, clock=self._air.clock)
        self._line.start()

    def _laid(self, *arguments: Any, **named: Any) -> Line:
        self._line = Line(self._air, lambda: None, *arguments, **named)
        self._line.woken = lambda: self._link.tend()
        return self._line

    def _turn(self) -> None:
        """Its thread looks what is due, as it does after each message."""
        self._air.later(min(self._link.tend() or 1.0, 1.0), self._turn)
