"""The states of a TCP connection and the moves between them (RFC 9293 §3.3.2, figure 5).

The figure is a summary: whether a segment's numbers are acceptable is decided first (`checks`), and only an
accepted segment reaches this table.
"""

from __future__ import annotations

import enum


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
    """What labels an arrow of figure 5."""

    SEND_SYN = "snd SYN"
    RECEIVE_SYN = "rcv SYN"
    RECEIVE_SYN_ACK = "rcv SYN,ACK"
    RECEIVE_ACK_OF_SYN = "rcv ACK of SYN"
    SEND_FIN = "snd FIN"
    RECEIVE_FIN = "rcv FIN"
    RECEIVE_ACK_OF_FIN = "rcv ACK of FIN"
    RECEIVE_RST = "rcv RST"
    TIMEOUT_2MSL = "timeout=2MSL"


_S, _I = State, Input

TRANSITIONS: dict[tuple[State, Input], State] = {
    # CLOSED
    (_S.CLOSED, _I.SEND_SYN): _S.SYN_SENT,
    # LISTEN: a SYN makes a new connection, the listener stays
    (_S.LISTEN, _I.RECEIVE_SYN): _S.SYN_RECEIVED,
    # SYN-SENT
    (_S.SYN_SENT, _I.RECEIVE_SYN): _S.SYN_RECEIVED,
    (_S.SYN_SENT, _I.RECEIVE_SYN_ACK): _S.ESTABLISHED,
    # SYN-RECEIVED
    (_S.SYN_RECEIVED, _I.RECEIVE_ACK_OF_SYN): _S.ESTABLISHED,
    (_S.SYN_RECEIVED, _I.SEND_FIN): _S.FIN_WAIT_1,
    # ESTABLISHED
    (_S.ESTABLISHED, _I.SEND_FIN): _S.FIN_WAIT_1,
    (_S.ESTABLISHED, _I.RECEIVE_FIN): _S.CLOSE_WAIT,
    # FIN-WAIT-1
    (_S.FIN_WAIT_1, _I.RECEIVE_ACK_OF_FIN): _S.FIN_WAIT_2,
    (_S.FIN_WAIT_1, _I.RECEIVE_FIN): _S.CLOSING,
    # FIN-WAIT-2
    (_S.FIN_WAIT_2, _I.RECEIVE_FIN): _S.TIME_WAIT,
    # CLOSE-WAIT
    (_S.CLOSE_WAIT, _I.SEND_FIN): _S.LAST_ACK,
    # CLOSING
    (_S.CLOSING, _I.RECEIVE_ACK_OF_FIN): _S.TIME_WAIT,
    # LAST-ACK
    (_S.LAST_ACK, _I.RECEIVE_ACK_OF_FIN): _S.CLOSED,
    # TIME-WAIT
    (_S.TIME_WAIT, _I.TIMEOUT_2MSL): _S.CLOSED,
} | {
    # An acceptable RST ends any of them (§3.10.7.3, §3.10.7.4)
    (state, _I.RECEIVE_RST): _S.CLOSED
    for state in State
    if state not in (_S.CLOSED, _S.LISTEN)
}


def step(state: State, happened: Input) -> State:
    """The state after `happened`; an arrow that the figure does not have leaves the state as it is."""
    return TRANSITIONS.get((state, happened), state)
