"""From what is seen in each frame to one event per card that is laid down. Pure: the frames bring the time.

A camera sees a card thirty times where a player has shown it once, sees it half pushed in, and misses it now
and then. An event comes when a card lies still alone, and again only after it was seen to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import dist

from cards.reader import Corners, Found

STEADY = 0.25
"""Seconds for which a card must have been lying still before it counts, seen twice at least."""
GONE = 0.6
"""Seconds for which a card must have been seen to be missing before it counts again."""
ASKED = 1.5
"""Seconds for which a card that was asked for may take to be seen."""
STILL = 0.12
"""How far a corner may wander while the card lies still, in sides of its code."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One card (or one code with a problem) lies still, for the first time since it was laid down.

    since, at: the time of the first and the last frame that were needed to say so.
    """

    found: Found
    since: float
    at: float


@dataclass(frozen=True, slots=True)
class TooMany:
    """Several codes lie there together: how many, and the time of the frame."""

    count: int
    at: float


@dataclass(frozen=True, slots=True)
class Nothing:
    """It was asked for what lies there, and nothing was to be seen; the time of the frame."""

    at: float


@dataclass(slots=True)
class _Absence:
    """Since when something is missing in every frame; None while it is there."""

    since: float | None = None

    def look(self, there: bool, at: float) -> bool:
        """Take note of a frame; whether it has now been missing for long enough to be gone."""
        if there:
            self.since = None
        elif self.since is None:
            self.since = at
        return self.since is not None and at - self.since >= GONE


@dataclass(slots=True)
class _Watched:
    """What may become an event when it stays: where it was first, since when, and how long it is missing."""

    key: str
    corners: Corners
    since: float
    absence: _Absence


class Steady:
    """Watches one rest for cards. Give it every frame's finds in order, those of empty frames too."""

    def __init__(self) -> None:
        self._now = float("-inf")
        self._watched: _Watched | None = None
        self._counted: dict[str, _Absence] = {}
        self._crowd_since: float | None = None
        self._crowd_told = False
        self._crowd_absence = _Absence()
        self._asked = False
        self._asked_until: float | None = None

    def ask(self) -> None:
        """Somebody has pressed the button: what the next frames show counts at once, also if it has counted before."""
        self._asked, self._asked_until = True, None

    def see(self, at: float, found: tuple[Found, ...]) -> Hold | TooMany | Nothing | None:
        """What the frame of time `at` (seconds; never runs backwards) adds up to, with those before it."""
        self._now = at = max(at, self._now)
        asked = self._answered(at, found) if self._asked else None
        if asked is not None:
            return asked
        keys = {_key(one) for one in found}
        self._counted = {key: absence for key, absence in self._counted.items() if not absence.look(key in keys, at)}
        if self._crowd_absence.look(len(found) > 1, at):
            self._crowd_since, self._crowd_told = None, False
        if len(found) > 1:
            return self._crowd(len(found), at)
        if not found:
            self._miss(at)
            return None
        return self._one(found[0], at)

    def _answered(self, at: float, found: tuple[Found, ...]) -> Hold | TooMany | Nothing | None:
        """What somebody gets who has asked; None: nothing yet."""
        if not found:
            self._asked_until = at + ASKED if self._asked_until is None else self._asked_until
            if at < self._asked_until:
                return None
        self._asked = False
        if not found:
            return Nothing(at)
        if len(found) > 1:
            self._crowd_since, self._crowd_told, self._crowd_absence = at, True, _Absence()
            return TooMany(len(found), at)
        self._watched = _Watched(_key(found[0]), found[0].corners, at, _Absence())
        self._counted[_key(found[0])] = _Absence()
        return Hold(found[0], at, at)

    def _crowd(self, count: int, at: float) -> TooMany | None:
        self._watched = None
        if self._crowd_since is None:
            self._crowd_since = at
        if self._crowd_told or at - self._crowd_since < STEADY:
            return None
        self._crowd_told = True
        return TooMany(count, at)

    def _miss(self, at: float) -> None:
        if self._watched is not None and self._watched.absence.look(False, at):
            self._watched = None

    def _one(self, found: Found, at: float) -> Hold | None:
        key = _key(found)
        watched = self._watched
        if watched is None or watched.key != key or moved(watched.corners, found.corners):
            self._watched = _Watched(key, found.corners, at, _Absence())
            return None
        watched.absence.look(True, at)
        if key in self._counted or self._crowd_since is not None or at - watched.since < STEADY:
            return None
        self._counted[key] = _Absence()
        return Hold(found, watched.since, at)


def _key(found: Found) -> str:
    """What makes two sightings the same thing: the card's identity, else what the code says."""
    return f"card {found.card.id}" if found.card is not None else f"text {found.text}"


def moved(before: Corners, after: Corners) -> bool:
    """Whether a code has moved from some corners to others, by more than a card that lies still does."""
    side = max(dist(before[0], before[1]), 1.0)
    return any(dist(a, b) > STILL * side for a, b in zip(before, after, strict=True))
