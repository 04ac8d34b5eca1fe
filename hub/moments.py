"""The moments of a round: what is kept so that a game can be again as it was right after any of its records."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from hub.plan import Plan
from hub.records import BackRecord, Record
from hub.simulator.history import EVERY, MOST_KEPT, History


@dataclass(frozen=True, slots=True)
class Moment:
    """What a game was right after the record of this number."""

    number: int
    history: History
    plan: Plan


class Moments:
    """The round that is being played. One moment in `EVERY` records is kept, and each to which somebody went back; the
    others are some records later than one of these. So going back costs no more in a long round than in a short one.
    """

    def __init__(self) -> None:
        self._kept: list[Moment] = []
        self._records: list[tuple[int, Record]] = []

    @property
    def first(self) -> int:
        """The number of the earliest record that one can go back to: that with which the round began, or the oldest
        that is still known of a very long one.
        """
        return self._kept[0].number

    @property
    def last(self) -> int:
        """The number of the record that happened last."""
        return self._records[-1][0] if self._records else self.first

    def copy(self) -> Moments:
        """The same round, to try something on."""
        other = Moments()
        other._kept, other._records = list(self._kept), list(self._records)
        return other

    def begin(self, number: int, history: History, plan: Plan) -> None:
        """A round begins with this record."""
        self._kept, self._records = [Moment(number, history.copy(), plan)], []

    def note(self, number: int, record: Record, history: History, plan: Plan) -> None:
        """A record has been made; history and plan are as they are after it."""
        self._records.append((number, record))
        if isinstance(record, BackRecord) or number - self._kept[-1].number >= EVERY:
            self._kept.append(Moment(number, history.copy(), plan))
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(0)
            del self._records[: self._place(self.first)]

    def before(self, number: int) -> tuple[Moment, list[tuple[int, Record]]]:
        """The last moment that is kept up to this record, and the records from there to it: no way back is among
        them.
        """
        at = bisect_right(self._kept, number, key=lambda moment: moment.number) - 1
        kept = self._kept[at]
        return kept, self._records[self._place(kept.number) : self._place(number)]

    def _place(self, number: int) -> int:
        """How many of the records come up to this one."""
        return bisect_right(self._records, number, key=lambda record: record[0])
