"""The words of printed sheets, from the catalogue of texts (hub/texts), in the language of a deck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.printedcard import PrintedWords
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


ENGLISH = Words()
