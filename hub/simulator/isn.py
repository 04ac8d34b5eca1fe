"""Initial sequence numbers (RFC 6528): ISN = M + F(localip, localport, remoteip, remoteport, secretkey)."""

from __future__ import annotations

import hashlib

from cards.seqnum import SeqNum
from hub.simulator.connection import Pair

TICKS_PER_MS = 250
"""M counts every four microseconds."""


def initial(secret: str, pair: Pair, now: int, digits: int | None = None) -> SeqNum:
    """The number that a host with this secret begins with at `now` (ms).

    digits: it must fit so many boxes of a form; then M is left out, and the same pair begins with the same number.
    """
    text = f"{secret}|{pair.local}|{pair.remote}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    if digits is not None:
        return SeqNum(number % 10**digits)
    return SeqNum((number + now * TICKS_PER_MS) % 2**32)
