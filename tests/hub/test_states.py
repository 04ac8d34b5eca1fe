"""The transition table against RFC 9293 figure 5, arrow by arrow."""

from __future__ import annotations

from hub.simulator.states import TRANSITIONS, Input, State, step

# As it is drawn: state, what stands above the line, what stands below it, state.
FIGURE_5 = """
CLOSED       | passive OPEN   | create TCB          | LISTEN
CLOSED       | active OPEN    | create TCB, snd SYN | SYN-SENT
LISTEN       | CLOSE          | delete TCB          | CLOSED
LISTEN       | SEND           | snd SYN             | SYN-SENT
LISTEN       | rcv SYN        | snd SYN,ACK         | SYN-RECEIVED
SYN-SENT     | CLOSE          | delete TCB          | CLOSED
SYN-SENT     | rcv SYN        | snd SYN,ACK         | SYN-RECEIVED
SYN-SENT     | rcv SYN,ACK    | snd ACK             | ESTABLISHED
SYN-RECEIVED | rcv RST        | x                   | LISTEN
SYN-RECEIVED | rcv ACK of SYN | x                   | ESTABLISHED
SYN-RECEIVED | CLOSE          | snd FIN             | FIN-WAIT-1
ESTABLISHED  | CLOSE          | snd FIN             | FIN-WAIT-1
ESTABLISHED  | rcv FIN        | snd ACK             | CLOSE-WAIT
FIN-WAIT-1   | rcv ACK of FIN | x                   | FIN-WAIT-2
FIN-WAIT-1   | rcv FIN        | snd ACK             | CLOSING
FIN-WAIT-2   | rcv FIN        | snd ACK             | TIME-WAIT
CLOSING      | rcv ACK of FIN | x                   | TIME-WAIT
CLOSE-WAIT   | CLOSE          | snd FIN             | LAST-ACK
LAST-ACK     | rcv ACK of FIN | x                   | CLOSED
TIME-WAIT    | Timeout=2MSL   | delete TCB          | CLOSED
"""


def test_every_arrow_of_the_figure_and_no_other() -> None:
    drawn = {tuple(part.strip() for part in line.split("|")) for line in FIGURE_5.strip().splitlines()}
    ours = {
        (state.value, happened.value, arrow.action.value, arrow.to.value)
        for (state, happened), arrow in TRANSITIONS.items()
    }
    assert ours == drawn


def test_an_arrow_that_is_not_drawn_changes_nothing() -> None:
    assert step(State.LISTEN, Input.RECEIVE_FIN) is State.LISTEN
