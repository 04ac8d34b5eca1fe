"""From a card that lies still to what is to be scanned. Pure: the frames bring the time.

A printed card says everything in its code. What is marked on a card for the pen is read from the frame in which it has
come to rest, and when that does not say one thing, from those before and after it together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cards.forms import known
from cards.penform import PenForm
from cards.penreader import Reading, combined
from cards.qrtext import PenCard
from cards.reader import Found, Problem, marked, with_reading
from cards.registration import Unregistered
from firmware.frames import Frame, Image
from firmware.steady import GONE, Hold, moved

MOST_FRAMES = 10
"""Frames of one card that are read; then it is told what is wrong with it."""
PATIENCE = 1.5
"""Seconds after the card has come to rest, after which this is told in any case."""
_BEFORE = 2
"""Frames that are kept from before, in case that they are needed: pictures are large."""


@dataclass(slots=True)
class _Pending:
    """A card of which it is not clear yet what it says. last: how it was seen last, with its problem."""

    held: Found
    since: float
    seen_at: float
    last: Found
    readings: list[Reading] = field(default_factory=list)
    frames: int = 0

    @property
    def clear(self) -> bool:
        """Nothing more can be learned from further frames."""
        problem = self.last.problem
        return self.last.reading is not None if problem is None else problem.code == "card.newer"


class PenWatch:
    """Gives each card that comes to rest once: with a reading, with a problem, or as it is when it was printed.

    forms: those of cards for the pen that are known at the moment.
    """

    def __init__(self, forms: Callable[[], Mapping[str, PenForm]] = known) -> None:
        self._forms = forms
        self._before: deque[tuple[Image, Found]] = deque(maxlen=_BEFORE)
        self._pending: _Pending | None = None

    def see(self, frame: Frame, found: Sequence[Found], hold: Hold | None) -> tuple[Found, ...]:
        """What is to be scanned now. found, hold: what was found in this frame, and what `Steady` makes of it.

        A card for the pen comes when it says one thing, and otherwise after `MOST_FRAMES` or `PATIENCE`, when it was
        taken away, or when another one has come to rest.
        """
        return tuple(self._see(frame, found, hold))

    def _see(self, frame: Frame, found: Sequence[Found], hold: Hold | None) -> Iterator[Found]:
        if hold is not None:
            if self._pending is not None:
                yield self._pending.last
                self._pending = None
            if not isinstance(hold.found.card, PenCard) or hold.found.problem is not None:
                yield hold.found
            else:
                self._pending = _Pending(hold.found, frame.at, frame.at, hold.found)
        alone = found[0] if len(found) == 1 and isinstance(found[0].card, PenCard) else None
        pending = self._pending
        if pending is not None:
            if alone is not None and alone.card == pending.held.card:
                self._look(pending, frame, alone)
            if pending.clear or self._over(pending, frame.at):
                yield pending.last
                self._pending = None
        self._keep(frame, alone)

    def _look(self, pending: _Pending, frame: Frame, seen: Found) -> None:
        """Read this frame; if it is the first, those before it, too, as long as it is not clear."""
        pending.seen_at = frame.at
        if moved(pending.held.corners, seen.corners):
            pending.held, pending.readings = seen, []
        self._read(pending, frame.image, seen)
        if pending.frames > 1:
            return
        for image, before in reversed(self._before):
            if pending.clear:
                return
            if before.card == seen.card and not moved(before.corners, seen.corners):
                self._read(pending, image, before)

    def _read(self, pending: _Pending, image: Image, seen: Found) -> None:
        pending.frames += 1
        now = marked(image, seen, self._forms())
        if now.reading is None:
            pending.last = pending.last if pending.readings else now
            return
        pending.readings.append(now.reading)
        try:
            pending.last = with_reading(seen, combined(pending.readings))
        except Unregistered as error:
            pending.last = replace(now, reading=None, problem=Problem("card.unclear", str(error)))

    def _over(self, pending: _Pending, at: float) -> bool:
        return pending.frames >= MOST_FRAMES or at - pending.since >= PATIENCE or at - pending.seen_at >= GONE

    def _keep(self, frame: Frame, alone: Found | None) -> None:
        if alone is None or self._pending is not None:
            self._before.clear()
        else:
            self._before.append((frame.image, alone))
