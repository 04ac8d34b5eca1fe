"""The transition table against RFC 9293 figure 5, arrow by arrow."""

from __future__ import annotations

import pytest

from hub.simulator.states import TRANSITIONS, Input, State, step

# As the figure has them; "rcv SYN,ACK" in SYN-SENT is the figure's "rcv SYN,ACK / snd ACK".
FIGURE_5 = """
CLOSED       | snd SYN        | SYN-SENT
LISTEN       | rcv SYN        | SYN-RECEIVED
SYN-SENT     | rcv SYN        | SYN-RECEIVED
SYN-SENT     | rcv SYN,ACK    | ESTABLISHED
SYN-RECEIVED | rcv ACK of SYN | ESTABLISHED
SYN-RECEIVED | snd FIN        | FIN-WAIT-1
ESTABLISHED  | snd FIN        | FIN-WAIT-1
ESTABLISHED  | rcv FIN        | CLOSE-WAIT
FIN-WAIT-1   | rcv ACK of FIN | FIN-WAIT-2
FIN-WAIT-1   | rcv FIN        | CLOSING
FIN-WAIT-2   | rcv FIN        | TIME-WAIT
CLOSING      | rcv ACK of FIN | TIME-WAIT
CLOSE-WAIT   | snd FIN        | LAST-ACK
LAST-ACK     | rcv ACK of FIN | CLOSED
TIME-WAIT    | timeout=2MSL   | CLOSED
"""


def test_every_arrow_of_the_figure_and_no_other() -> None:
    drawn = {tuple(part.strip() for part in line.split("|")) for line in FIGURE_5.strip().splitlines()}
    ours = {
        (state.value, happened.value, after.value)
        for (state, happened), after in TRANSITIONS.items()
        if happened is not Input.RECEIVE_RST
    }
    assert ours == drawn


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CLOSED, State.LISTEN)])
def test_an_acceptable_rst_ends_every_connection(state: State) -> None:
    assert step(state, Input.RECEIVE_RST) is State.CLOSED


def test_an_arrow_that_is_not_drawn_changes_nothing() -> None:
    assert step(State.LISTEN, Input.RECEIVE_FIN) is State.LISTEN
