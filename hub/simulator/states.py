"""The states of a TCP connection and the moves between them (RFC 9293 §3.3.2, figure 5).

The figure is a summary: whether a segment's numbers are acceptable is decided first (`checks`), and only an
accepted segment reaches this table.
"""

from __future__ import annotations

import enum
from typing import NamedTuple


class State(enum.Enum):
    """RFC 9293 §3.3.2; the values are the RFC's own spelling. CLOSED means that there is no connection."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"

    @property
    def synchronized(self) -> bool:
        """Both sides know each other's numbers (RFC 9293 §3.5.2, group 3)."""
        return self not in (State.CLOSED, State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED)

    @property
    def may_send_data(self) -> bool:
        """Our FIN has not gone out, so data may."""
        return self in (State.ESTABLISHED, State.CLOSE_WAIT)

    @property
    def may_receive_data(self) -> bool:
        """Their FIN has not come in, so data may."""
        return self in (State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2)


class Input(enum.Enum):
    """What stands above the line of an arrow of figure 5: a call of the user, a segment that came, a timeout."""

    PASSIVE_OPEN = "passive OPEN"
    ACTIVE_OPEN = "active OPEN"
    SEND = "SEND"
    CLOSE = "CLOSE"
    RECEIVE_SYN = "rcv SYN"
    RECEIVE_SYN_ACK = "rcv SYN,ACK"
    RECEIVE_ACK_OF_SYN = "rcv ACK of SYN"
    RECEIVE_FIN = "rcv FIN"
    RECEIVE_ACK_OF_FIN = "rcv ACK of FIN"
    RECEIVE_RST = "rcv RST"
    TIMEOUT_2MSL = "Timeout=2MSL"


class Action(enum.Enum):
    """What stands below the line: what is done on the way. NOTHING is the figure's `x`."""

    CREATE_TCB = "create TCB"
    CREATE_TCB_AND_SEND_SYN = "create TCB, snd SYN"
    DELETE_TCB = "delete TCB"
    SEND_SYN = "snd SYN"
    SEND_SYN_ACK = "snd SYN,ACK"
    SEND_ACK = "snd ACK"
    SEND_FIN = "snd FIN"
    NOTHING = "x"


class Arrow(NamedTuple):
    """An arrow of the figure: what is done, and the state where it ends."""

    action: Action
    to: State


_S, _I, _A = State, Input, Action

TRANSITIONS: dict[tuple[State, Input], Arrow] = {
    # CLOSED
    (_S.CLOSED, _I.PASSIVE_OPEN): Arrow(_A.CREATE_TCB, _S.LISTEN),
    (_S.CLOSED, _I.ACTIVE_OPEN): Arrow(_A.CREATE_TCB_AND_SEND_SYN, _S.SYN_SENT),
    # LISTEN: a SYN makes a new connection, the listener stays (§3.10.7.2)
    (_S.LISTEN, _I.RECEIVE_SYN): Arrow(_A.SEND_SYN_ACK, _S.SYN_RECEIVED),
    (_S.LISTEN, _I.SEND): Arrow(_A.SEND_SYN, _S.SYN_SENT),
    (_S.LISTEN, _I.CLOSE): Arrow(_A.DELETE_TCB, _S.CLOSED),
    # SYN-SENT
    (_S.SYN_SENT, _I.RECEIVE_SYN): Arrow(_A.SEND_SYN_ACK, _S.SYN_RECEIVED),
    (_S.SYN_SENT, _I.RECEIVE_SYN_ACK): Arrow(_A.SEND_ACK, _S.ESTABLISHED),
    (_S.SYN_SENT, _I.CLOSE): Arrow(_A.DELETE_TCB, _S.CLOSED),
    # SYN-RECEIVED: note 1, an RST leads back to LISTEN only after a passive OPEN
    (_S.SYN_RECEIVED, _I.RECEIVE_RST): Arrow(_A.NOTHING, _S.LISTEN),
    (_S.SYN_RECEIVED, _I.RECEIVE_ACK_OF_SYN): Arrow(_A.NOTHING, _S.ESTABLISHED),
    (_S.SYN_RECEIVED, _I.CLOSE): Arrow(_A.SEND_FIN, _S.FIN_WAIT_1),
    # ESTABLISHED
    (_S.ESTABLISHED, _I.CLOSE): Arrow(_A.SEND_FIN, _S.FIN_WAIT_1),
    (_S.ESTABLISHED, _I.RECEIVE_FIN): Arrow(_A.SEND_ACK, _S.CLOSE_WAIT),
    # FIN-WAIT-1: note 2, a FIN that also acknowledges ours takes both arrows at once and ends in TIME-WAIT
    (_S.FIN_WAIT_1, _I.RECEIVE_FIN): Arrow(_A.SEND_ACK, _S.CLOSING),
    (_S.FIN_WAIT_1, _I.RECEIVE_ACK_OF_FIN): Arrow(_A.NOTHING, _S.FIN_WAIT_2),
    # FIN-WAIT-2
    (_S.FIN_WAIT_2, _I.RECEIVE_FIN): Arrow(_A.SEND_ACK, _S.TIME_WAIT),
    # CLOSE-WAIT
    (_S.CLOSE_WAIT, _I.CLOSE): Arrow(_A.SEND_FIN, _S.LAST_ACK),
    # CLOSING
    (_S.CLOSING, _I.RECEIVE_ACK_OF_FIN): Arrow(_A.NOTHING, _S.TIME_WAIT),
    # LAST-ACK
    (_S.LAST_ACK, _I.RECEIVE_ACK_OF_FIN): Arrow(_A.NOTHING, _S.CLOSED),
    # TIME-WAIT
    (_S.TIME_WAIT, _I.TIMEOUT_2MSL): Arrow(_A.DELETE_TCB, _S.CLOSED),
}
"""Figure 5, arrow by arrow. Note 3: an acceptable RST leads from every other state to CLOSED (`checks.rst_exact`)."""


def step(state: State, happened: Input) -> State:
    """The state after `happened`; an arrow that the figure does not have leaves the state as it is."""
    arrow = TRANSITIONS.get((state, happened))
    return state if arrow is None else arrow.to
