"""The words of printed sheets, from the catalogue of texts (hub/texts), in the language of a deck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.packet import Carries
from cards.penwords import PenWords
from cards.printedcard import PrintedWords
from hub.lessons import Lesson
from hub.simulator.rules import Do
from hub.texts import phrase


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; called with the name of one of them (below `sheets`) and what is filled in."""

    language: str = "en"

    def __call__(self, key: str, **params: object) -> str:
        """A text of sheets."""
        return phrase(f"sheets.{key}", {name: str(value) for name, value in params.items()}, self.language)

    def light(self, key: str) -> str:
        """A text about the lights."""
        return phrase(f"lights.{key}", {}, self.language)

    def listed(self, words: Sequence[str], joint: str = "and") -> str:
        """One, two and three."""
        *most, last = words
        return f"{', '.join(most)} {self(f'list.{joint}')} {last}" if most else last

    def on_packets(self) -> PrintedWords:
        """The words of a printed packet."""
        names = ("source", "destination", "data", "none", "one", "many", "no-flags")
        return PrintedWords(*(self(f"packet.{name}", count="{count}") for name in names))

    def on_pen_cards(self, lesson: Lesson) -> PenWords:
        """The words of a card for the pen."""
        kinds = ((kind.value, self(f"pen.kind.{kind.value}")) for kind in Carries if kind not in _BY_NAME)
        return PenWords(
            source=self("pen.source"),
            destination=self("pen.destination"),
            network=self("pen.network"),
            host=self("pen.host"),
            address=self("pen.address"),
            port=self("pen.port"),
            flags=self("pen.flags"),
            check=self("pen.check"),
            next_hop=self("pen.next-hop"),
            hops_left=self("pen.hops-left"),
            not_tcp=self("pen.not-tcp"),
            data=self("pen.data"),
            cells=self("pen.cells" if says_something(lesson) else "pen.no-cells"),
            kinds=tuple(kinds),
            titles=tuple((node.id, node.title) for node in lesson.rules.nodes),
        )


def says_something(lesson: Lesson) -> bool:
    """Whether players have data to send; else their cards keep it empty."""
    return any(task.do is Do.SAY for node in lesson.rules.nodes for task in node.tasks)


_BY_NAME = (Carries.TCP, Carries.UDP)
"""Kinds of packets that have no other word."""
ENGLISH = Words()
