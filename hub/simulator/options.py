"""What the RFCs leave to a host: sizes, timers, and habits that can be switched."""

from __future__ import annotations

import msgspec


class KeepAlive(msgspec.Struct, frozen=True):
    """Asking a silent peer whether it is there (RFC 9293 §3.8.4): times in ms."""

    idle: int = 7_200_000
    interval: int = 75_000
    count: int = 9

    def __post_init__(self) -> None:
        if self.idle < 1 or self.interval < 1:
            raise ValueError("keep-alive asks at most once a millisecond: idle and interval are 1 or more")


class Options(msgspec.Struct, frozen=True):
    """How one TCP behaves where it may choose. Times are milliseconds of lesson time, sizes octets.

    mss: what we announce, and the most that we send (RFC 9293 §3.7.1). receive_buffer: what the application may leave
    unread; the largest window. send_buffer: what it may give before it is acknowledged. rto_initial: the first
    retransmission timeout; None: nothing is ever sent again by itself. rto_min, rto_max: RFC 6298 §2. syn_retries and
    the others: how often a SYN, a SYN,ACK, anything else, and what nobody waits for any more, is sent again before we
    give up (R2 of RFC 9293 §3.8.3). delayed_ack: how long an ACK may wait for company (RFC 1122 §4.2.3.2); 0: not at
    all. nagle: RFC 896. msl_2: twice the maximum segment lifetime, how long TIME-WAIT lasts. fin_wait_2: how long
    FIN-WAIT-2 lasts once the application has gone; the RFC has no such limit. ignore_rst_in_time_wait: RFC 1337.
    abort_on_overflow: a connection for which the backlog has no room gets an RST instead of silence. challenge_limit:
    how many ACKs in challenge_per ms answer what is not acceptable (RFC 5961 §7); None: as many as come. Raises
    ValueError for a segment or a buffer of no octets.
    """

    mss: int = 1460
    receive_buffer: int = 65_535
    send_buffer: int = 1_048_576
    rto_initial: int | None = 1000
    rto_min: int = 1000
    rto_max: int = 120_000
    syn_retries: int = 6
    syn_ack_retries: int = 5
    retries: int = 15
    orphan_retries: int = 8
    delayed_ack: int = 0
    nagle: bool = True
    msl_2: int = 60_000
    fin_wait_2: int | None = None
    ignore_rst_in_time_wait: bool = False
    abort_on_overflow: bool = False
    challenge_limit: int | None = 10
    challenge_per: int = 1000
    keep_alive: KeepAlive | None = None

    def __post_init__(self) -> None:
        if min(self.mss, self.receive_buffer, self.send_buffer) < 1:
            raise ValueError("a segment and a buffer hold one octet at least")


BY_HAND = Options(rto_initial=None, nagle=False, challenge_limit=3, challenge_per=60_000)
"""A person: nothing is sent by itself, nothing is held back, and nobody writes ACKs to a stubborn peer for ever."""
