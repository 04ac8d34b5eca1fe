"""Playing the words of `hub.messages.lights`, and recognising them from what somebody sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, cycle, islice
from typing import NamedTuple

from hub.messages import LightWord
from hub.messages.lights import BLINKED, DARK, PATTERNS, Led, Lit, Step, steps


class Shown(NamedTuple):
    """What lights have said. key: what `stopped` or `fault` blinked, None without."""

    word: LightWord
    key: int | None = None


_GAP = Step(0.2, DARK)
_SWITCHED_ON = (Led.LINK, Led.RST, Led.DROPPED, Led.DELIVERED)


def to_play(before: Lit, word: LightWord, key: int | None = None) -> Iterator[Step]:
    """The steps of a word as they are played when the lights `before` are on; without end when the word repeats.

    A word that plays once begins with a change that can be seen, even where the same one is showing.
    """
    pattern = steps(word, key)
    if PATTERNS[word].repeats:
        return cycle(pattern)
    return chain([_GAP], pattern) if pattern[0].on == before else iter(pattern)


def anew(word: LightWord) -> Iterator[Step]:
    """The steps of a word that repeats, from its beginning, after a moment of dark that can be seen."""
    return chain([_GAP], cycle(steps(word)))


def flips(before: Lit, after: Lit) -> Iterator[tuple[Led, bool]]:
    """The single switchings that lead from one set of lights to another: first on, then off.

    `delivered` goes on last and off first, so that no other word looks like it even while it is being switched.
    """
    yield from ((led, True) for led in _SWITCHED_ON if led in after and led not in before)
    yield from ((led, False) for led in reversed(_SWITCHED_ON) if led in before and led not in after)


def recognise(seen: Sequence[Lit]) -> Shown | None:
    """Which word somebody saw who watched every single switching.

    seen: the lights that were on before it began, then those on after each switching. A word that plays once
    is recognised when it is complete, whatever follows; one that repeats, when nothing else is seen and it
    has been round once. None when it was neither.
    """
    if not seen:
        return None
    before, after = seen[0], seen[1:]
    found: Shown | None = None
    longest = 0
    for word, pattern in PATTERNS.items():
        for key in (None, *BLINKED.get(word, ())):
            once = _once(before, word, key)
            if pattern.repeats:
                rounds = islice(to_play(before, word), len(pattern.steps) * (len(after) + 1))
                fits = _begins(after, once) and _begins(_switchings(before, rounds), after)
            else:
                fits = _begins(after, once)
            if fits and len(once) >= longest:
                found, longest = Shown(word, key), len(once)
    return found


@cache
def _once(before: Lit, word: LightWord, key: int | None) -> tuple[Lit, ...]:
    """The lights that are on after each switching while a word is played once (and begun again, when it repeats)."""
    return tuple(_switchings(before, islice(to_play(before, word, key), len(steps(word, key)) + 1)))


def _begins(sets: Iterable[Lit], beginning: Sequence[Lit]) -> bool:
    return list(islice(sets, len(beginning))) == list(beginning)


def _switchings(before: Lit, played: Iterable[Step]) -> Iterator[Lit]:
    """The lights that are on after each single switching."""
    lit = before
    for step in played:
        for led, on in flips(lit, step.on):
            lit = lit | {led} if on else lit - {led}
            yield lit
