"""docs/lights.md, made from the table that the badge plays: `python -m firmware.lights_page > docs/lights.md`."""

from __future__ import annotations

from itertools import cycle

from firmware.buzzer import SOUNDS
from firmware.pins import GPIO
from hub.messages import LightWord
from hub.messages.lights import BLINKED, PATTERNS, Led, Pattern, Step, steps

_TICK = 0.1
_SHOWN = 60
_KEY = 2

_HEAD = """# What the lights say

<!-- Made by `python -m firmware.lights_page` from the table in hub/messages/lights.py: change it there. -->

A badge has four lights in a row. Each has its sign engraved beside it, and every word has a place and a rhythm of its
own, so that nothing hangs on telling colours apart. No light flashes more than three times a second.

| place | sign | pin |
| --- | --- | --- |
{places}

In the drawings a row is a light, a column is a tenth of a second, `#` is on. What is shown between scans repeats.
A badge with a buzzer sounds with what it says after a scan: tones in Hz, with their milliseconds.

"""


def page() -> str:
    """The whole page, as it is in docs/lights.md."""
    places = "\n".join(f"| {n} | {led.value} | GPIO{GPIO[led]} |" for n, led in enumerate(Led, 1))
    parts = [_HEAD.format(places=places)]
    for title, repeats in (("After a scan", False), ("Between scans", True)):
        words = [(word, pattern) for word, pattern in PATTERNS.items() if pattern.repeats is repeats]
        parts.append(f"## {title}\n\n" + _summary(words))
        parts += [_word(word, pattern) for word, pattern in words]
    return "\n".join(parts)


def _summary(words: list[tuple[LightWord, Pattern]]) -> str:
    rows = [f"| {word.value} | {pattern.means} | {pattern.do} | {_sound(word)} |" for word, pattern in words]
    return "\n".join(["| light | what it means | what to do | sound |", "| --- | --- | --- | --- |", *rows, ""])


def _sound(word: LightWord) -> str:
    """The notes of a buzzer, in Hz, each with its milliseconds; those of silence are left out."""
    return ", ".join(f"{note.hertz:g} ({note.seconds * 1000:.0f})" for note in SOUNDS.get(word, ()) if note.hertz)


def _word(word: LightWord, pattern: Pattern) -> str:
    key = _KEY if word in BLINKED else None
    example = f" Drawn with {_KEY} blinks: the {BLINKED[word][_KEY]}." if key else ""
    drawing = "\n".join(_timeline(steps(word, key), pattern.repeats))
    return f"### {word.value}\n\n{pattern.looks[0].upper()}{pattern.looks[1:]}.{example}\n\n```text\n{drawing}\n```\n"


def _timeline(played: tuple[Step, ...], repeats: bool) -> list[str]:
    columns: list[Step] = []
    for step in cycle(played) if repeats else played:
        columns += [step] * round(step.seconds / _TICK)
        if repeats and len(columns) >= _SHOWN:
            break
    shown = columns[:_SHOWN] if repeats else columns
    return [f"{led.value:<9} " + "".join("#" if led in step.on else "." for step in shown) for led in Led]


if __name__ == "__main__":
    print(page(), end="")
