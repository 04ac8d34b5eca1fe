"""How much of the hub's time one badge may take: what is too much is let go before anybody looks into it.

Nothing is lost by that: a badge sends one scan, waits for its answer, and sends it again when none comes. So a badge
that floods is slowed down, and others wait for no more of its messages than `AT_ONCE`, and `A_SECOND` in each second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from hub.allowance import Allowance

AT_ONCE = 100
"""Messages that a badge may send without a pause, after a time of silence: all that can have piled up at a restart."""
A_SECOND = 20
"""Messages that it may send in each second from then on: ten times what hands can do."""
OCTETS = 16 * 1024
"""A message counts once more for each of these that it has."""
MOST_NAMES = 2000
"""Badges whose debts are remembered at the same time; all further ones, if any, have one share together."""

log = logging.getLogger(__name__)


class Shares:
    """The share of each badge.

    clock: seconds that never go back. on_flood(badge): is told when a badge begins to send too much.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, on_flood: Callable[[str], None] = lambda badge: None
    ) -> None:
        self._allowance = Allowance(AT_ONCE, A_SECOND, MOST_NAMES, clock)
        self._tell = on_flood
        self._flooding: set[str] = set()

    def admit(self, badge: str, octets: int) -> bool:
        """A message of a badge has come; False: it is too much, and is to be let go."""
        if self._flooding:
            self._flooding = {each for each in self._flooding if not self._allowance.is_at_rest(each)}
        if self._allowance.take(badge, 1 + octets // OCTETS):
            return True
        badge = self._allowance.counted_as(badge)
        if badge not in self._flooding:
            self._flooding.add(badge)
            who = badge or f"more than {MOST_NAMES} badges"
            log.warning("%s: more than %d messages a second; what is too much is let go", who, A_SECOND)
            self._tell(badge)
        return False
