"""Makes docs/reasons.md from the catalogue: `python -m paperhop.reasons_page docs/reasons.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.messages.lights import KEYS
from hub.simulator.reasons import SECTIONS, Charge, Reason
from hub.texts import texts

_CHARGED = {
    Charge.NOBODY: "–",
    Charge.HERE: "who scans it",
    Charge.HOLDER: "who had it before",
    Charge.SOURCE: "its sender",
}
_HACKS = "Named cards"

_HEAD = """# Why a packet fared as it did

<!-- Made by `python -m paperhop.reasons_page docs/reasons.md` from hub/simulator/reasons.py and hub/texts/en.toml:
change it there. -->

Whenever a card is scanned, the hub says what becomes of the packet, and why. Each reason has a code, which stands in
messages, journals and lessons, and a sentence for people. This page lists all of them, in the order of a packet's way.
Words in braces, such as `{source}`, are filled in for each case, `{length:byte}` with its plural. What stands in
brackets is said only when there is what it names, or what stands before its question mark (`numbers?`: players write
seq and ack); else what stands behind its bar.

- **RFC** is where the rule comes from: the documents at <https://www.rfc-editor.org> that define the Internet's
  protocols.
- **Blinks** is how often a badge blinks after *stopped*, and so which part of the card to correct:
  KEYS.
- **Charged** is whose mistake it is. Often that is not the player who scans the card: what a router sent the wrong way
  shows up at an innocent neighbour. A dash means that nobody did anything wrong.
- **Hints** come in three steps, and only on request: a question that makes one think, where to look, what to do.
- **Named card**: some mistakes are ideas that real networks have, too. Whoever has one earns a card for the talk
  afterwards, and loses no points for it.
"""


def page() -> str:
    """The whole page, as it is in docs/reasons.md."""
    keys = ", ".join(f"{number} {name}" for number, name in KEYS.items())
    contents = [f"- [{title}](#{_anchor(title)})" for title in (*SECTIONS, _HACKS)]
    parts = [_HEAD.replace("KEYS", keys), "\n".join(contents) + "\n"]
    parts += [_section(title, reasons) for title, reasons in SECTIONS.items()]
    return "\n".join((*parts, _named_cards()))


def _section(title: str, reasons: tuple[Reason, ...]) -> str:
    known = texts()
    charged = any(reason.mistake or reason.key or reason.hack for reason in reasons)
    rows = [(f"`{reason.code}`", known.sentences[reason.code], *_columns(reason, charged)) for reason in reasons]
    heads = ("Blinks", "Charged", "Named card") if charged else ()
    parts = [f"## {title}\n", *_table(("Code", "What it says", "RFC", *heads), rows)]
    helped = [(f"`{reason.code}`", known.hints[reason.code]) for reason in reasons if reason.code in known.hints]
    if helped:
        hints = [(code, each.nudge, each.pointer, each.answer) for code, each in helped]
        parts += ["", "Hints:", "", *_table(("Code", "A question", "Where to look", "What to do"), hints)]
    return "\n".join(parts) + "\n"


def _columns(reason: Reason, charged: bool) -> Iterator[str]:
    yield "–" if reason.rfc is None else reason.rfc
    if charged:
        yield "–" if reason.key is None else f"{reason.key} {KEYS[reason.key]}"
        yield _CHARGED[reason.charge]
        yield "–" if reason.hack is None else texts().hacks[reason.hack].title


def _named_cards() -> str:
    earned = {reason.hack: f"`{reason.code}`" for reasons in SECTIONS.values() for reason in reasons if reason.hack}
    rows = [
        (f"`hack.{word}`", earned.get(word, "–"), f"**{card.title}.** {card.text}")
        for word, card in texts().hacks.items()
    ]
    intro = "A card without a reason is earned by what a forged packet did, not by one scan.\n"
    return "\n".join((f"## {_HACKS}\n", intro, *_table(("Card", "Earned by", "What it says"), rows))) + "\n"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (heads, ("---",) * len(heads), *rows):
        cells = [cell.replace("|", r"\|") for cell in row]
        yield f"| {' | '.join(cells)} |"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def main() -> None:
    """Write the page to the path that is named on the command line."""
    Path(sys.argv[1]).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
