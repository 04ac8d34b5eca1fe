"""What runs out: retransmission (RFC 6298 §5), the persist timer, TIME-WAIT, keep-alive. Times are in ms.

A timer that fires sends nothing: it leaves an obligation, and `emit` winds the timer up again.
"""

from __future__ import annotations

from msgspec.structs import replace

from cards.seqnum import SeqNum
from hub.simulator import rto
from hub.simulator.connection import Connection
from hub.simulator.states import State


def settled(c: Connection, now: int) -> Connection:
    """The timer that its situation calls for: running while something is outstanding or held up by the window.

    One that runs is left alone (RFC 6298 §5.1).
    """
    options = c.options
    needed = c.snd_una != c.snd_nxt or (c.waiting and c.syn_acked)
    if not needed:
        return c if c.retransmit_at is None else replace(c, retransmit_at=None)
    if c.retransmit_at is not None or options.rto_initial is None or c.owes_resend or c.owes_probe:
        return c
    return replace(c, retransmit_at=now + round(c.rto.rto))


def acknowledged(c: Connection, ack: SeqNum, now: int) -> Connection:
    """Something new was acknowledged: measure the round trip if it was timed (Karn: never what was sent twice), and
    begin to wait anew for the rest (RFC 6298 §5.2, §5.3). What was lost with it goes at once.
    """
    options, estimate = c.options, c.rto
    if estimate.timed is not None and ack >= estimate.timed[0]:
        estimate = rto.sampled(estimate, now - estimate.timed[1], options.rto_min, options.rto_max)
    elif c.probing:
        estimate = rto.restored(estimate, options.rto_min, options.rto_max)
    elif not c.syn_acked:  # it was not timed, because it went out twice
        estimate = rto.Rto(max(rto.AFTER_SYN_LOST, options.rto_min))
    recovering = c.recover is not None and ack < c.recover
    lost_too = recovering and c.resent is not None and ack >= c.resent
    return replace(
        c,
        rto=estimate,
        retries=0,
        retransmit_at=None,
        recover=c.recover if recovering else None,
        owes_resend=lost_too or (c.owes_probe and c.owes_resend and ack < c.snd_nxt),
        probing=False,
        soft_error=None,
    )


def lingering(c: Connection, now: int) -> Connection:
    """TIME-WAIT begins or begins anew: all other timers are off (§3.10.7.4, eighth check). FIN-WAIT-2 lasts for ever,
    unless nobody reads any more and the host has a limit for that.
    """
    if c.state is State.TIME_WAIT:
        return replace(c, until=now + c.options.msl_2, retransmit_at=None, keep_alive_at=None)
    if c.state is State.FIN_WAIT_2 and c.deaf and c.options.fin_wait_2 is not None:
        return replace(c, until=now + c.options.fin_wait_2)
    return c


def fired(c: Connection, now: int) -> tuple[Connection | None, str | None]:
    """The connection after one timer that was due by `now` has fired, and the error when that ended it (POSIX's name).

    None: there is no connection any more.
    """
    if c.until is not None and c.until <= now:
        if c.owes_ack and c.state is State.TIME_WAIT:
            return replace(c, until=None), None  # it begins to wait when the ACK has gone out
        return None, None  # TIME-WAIT is over (§3.10.8), or FIN-WAIT-2 has lasted too long
    if c.retransmit_at is not None and c.retransmit_at <= now:
        return _retransmission_timeout(c)
    if c.ack_at is not None and c.ack_at <= now:
        return replace(c, ack_at=None), None
    if c.keep_alive_at is not None and c.keep_alive_at <= now:
        return _nothing_heard(c, now)
    return c, None


def _retransmission_timeout(c: Connection) -> tuple[Connection | None, str | None]:
    """RFC 6298 §5.4 to §5.6; after R2 the connection is given up (RFC 9293 §3.8.3)."""
    if c.retries >= _patience(c):
        return None, c.soft_error or "ETIMEDOUT"
    if c.outstanding == 0 and c.room:  # the override timeout of RFC 9293 §3.8.6.2.1: nothing was lost
        return replace(c, owes_probe=True, retransmit_at=None), None
    c = replace(c, rto=rto.backed_off(c.rto, c.options.rto_max), retries=c.retries + 1, retransmit_at=None)
    if c.outstanding == 0:
        return replace(c, owes_probe=True), None
    return replace(c, owes_resend=True, recover=c.snd_nxt), None


def _patience(c: Connection) -> int:
    options = c.options
    if c.state is State.SYN_SENT:
        return options.syn_retries
    if c.state is State.SYN_RECEIVED:
        return options.syn_ack_retries
    return options.orphan_retries if c.deaf else options.retries


def heard(c: Connection, now: int) -> Connection:
    """Something came, or it begins: the keep-alive timer, where it is switched on, begins anew."""
    keep_alive = c.options.keep_alive
    if keep_alive is None:
        return c
    return replace(c, keep_alive_at=now + keep_alive.idle, unanswered=0)


def _nothing_heard(c: Connection, now: int) -> tuple[Connection | None, str | None]:
    """A silent peer is asked, and after some questions given up (RFC 9293 §3.8.4); not while data is on its way."""
    keep_alive = c.options.keep_alive
    if keep_alive is None or c.state not in (State.ESTABLISHED, State.CLOSE_WAIT, State.FIN_WAIT_2):
        return replace(c, keep_alive_at=None), None
    if c.outstanding:
        return heard(c, now), None
    if c.unanswered >= keep_alive.count:
        return None, "ETIMEDOUT"
    at = now + keep_alive.interval
    return replace(c, owes_keep_alive=True, unanswered=c.unanswered + 1, keep_alive_at=at), None
