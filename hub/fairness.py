"""How much of the hub's time one badge may take: what is too much is let go before anybody looks into it.

Nothing is lost by that: a badge sends one scan, waits for its answer, and sends it again when none comes. So a badge
that floods is slowed down, and others wait for no more of its messages than `AT_ONCE`, and `A_SECOND` in each second.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

AT_ONCE = 100
"""Messages that a badge may send without a pause, after a time of silence: all that can have piled up at a restart."""
A_SECOND = 20
"""Messages that it may send in each second from then on: ten times what hands can do."""
OCTETS = 16 * 1024
"""A message counts once more for each of these that it has."""
MOST_NAMES = 2000
"""Badges whose debts are remembered at the same time; all further ones, if any, have one share together."""
_ALL_OTHERS = ""
_ROUNDING = 1e-6

log = logging.getLogger(__name__)


class Shares:
    """The share of each badge.

    clock: seconds that never go back. on_flood(badge): is told when a badge begins to send too much.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, on_flood: Callable[[str], None] = lambda badge: None
    ) -> None:
        self._clock = clock
        self._tell = on_flood
        self._paid_at: OrderedDict[str, float] = OrderedDict()
        self._flooding: set[str] = set()

    def admit(self, badge: str, octets: int) -> bool:
        """A message of a badge has come; False: it is too much, and is to be let go."""
        now = self._clock()
        self._forget(now)
        if badge not in self._paid_at and len(self._paid_at) >= MOST_NAMES:
            badge = _ALL_OTHERS
        paid_at = max(self._paid_at.get(badge, now), now) + (1 + octets // OCTETS) / A_SECOND
        if paid_at - now > AT_ONCE / A_SECOND + _ROUNDING:
            if badge not in self._flooding:
                self._flooding.add(badge)
                who = badge or f"more than {MOST_NAMES} badges"
                log.warning("%s: more than %d messages a second; what is too much is let go", who, A_SECOND)
                self._tell(badge)
            return False
        self._paid_at[badge] = paid_at
        self._paid_at.move_to_end(badge)
        return True

    def _forget(self, now: float) -> None:
        """Who owes nothing any more. The first of all was heard longest ago: it is behind others for 5 s at most."""
        while self._paid_at:
            badge, paid_at = next(iter(self._paid_at.items()))
            if paid_at > now:
                return
            del self._paid_at[badge]
            self._flooding.discard(badge)
