"""Initial sequence numbers (RFC 6528): ISN = M + F(localip, localport, remoteip, remoteport, secretkey)."""

from __future__ import annotations

import hashlib

from cards.seqnum import SeqNum
from hub.simulator.connection import Pair

DIGITS = 4
"""Columns that the paper has for a number."""
TICKS_PER_MS = 250
"""M counts every four microseconds."""


def initial(secret: str, pair: Pair, now: int, digits: int | None = None) -> SeqNum:
    """The number that a host with this secret begins with at `now` (ms).

    digits: it must fit so many boxes of a form (`highest`); then M is left out, and the same pair begins with the same
    number.
    """
    text = f"{secret}|{pair.local}|{pair.remote}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    if digits is not None:
        return SeqNum(number % (highest(digits) + 1))
    return SeqNum((number + now * TICKS_PER_MS) % 2**32)


def highest(digits: int) -> int:
    """The highest number to begin with in so many digits. Where these are all the columns there are, a tenth of the
    numbers stays free, so that what is said needs no further column.
    """
    numbers: int = 10**digits
    return numbers - 1 if digits < DIGITS else numbers - numbers // 10 - 1
