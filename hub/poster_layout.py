"""Where everything stands on the poster of TCP's states: millimetres on A4, y points down."""

from __future__ import annotations

from typing import NamedTuple

from hub.simulator.states import Input, State

Point = tuple[float, float]


class Box(NamedTuple):
    """The box of a state: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        across, down = self.width / 2, self.height / 2
        return self.x - across, self.y - down, self.x + across, self.y + down


class Way(NamedTuple):
    """An arrow's words, by their middle, and its line: start, corners, tip. Pieces run straight across or down."""

    words: Point
    line: tuple[Point, ...]


_S, _I = State, Input

BOXES: tuple[tuple[State, Box], ...] = (
    (_S.CLOSED, Box(105.0, 44.0, 36.0, 13.0)),
    (_S.LISTEN, Box(105.0, 75.0, 36.0, 13.0)),
    (_S.SYN_RECEIVED, Box(33.5, 117.5, 46.0, 38.0)),
    (_S.SYN_SENT, Box(176.5, 117.5, 46.0, 38.0)),
    (_S.ESTABLISHED, Box(105.0, 158.0, 46.0, 13.0)),
    (_S.FIN_WAIT_1, Box(33.5, 186.0, 46.0, 13.0)),
    (_S.CLOSE_WAIT, Box(176.5, 186.0, 46.0, 13.0)),
    (_S.FIN_WAIT_2, Box(33.5, 215.0, 46.0, 13.0)),
    (_S.CLOSING, Box(105.0, 215.0, 36.0, 13.0)),
    (_S.LAST_ACK, Box(176.5, 215.0, 46.0, 13.0)),
    (_S.TIME_WAIT, Box(105.0, 244.0, 36.0, 13.0)),
    (_S.CLOSED, Box(176.5, 244.0, 36.0, 13.0)),
)
"""The states, as they stand in the figure."""

RINGS: tuple[tuple[State, Point], ...] = (
    (_S.CLOSED, (77.0, 42.8)),
    (_S.LISTEN, (133.0, 75.0)),
    (_S.SYN_RECEIVED, (33.5, 124.0)),
    (_S.SYN_SENT, (176.5, 124.0)),
    (_S.ESTABLISHED, (138.0, 157.0)),
    (_S.FIN_WAIT_1, (48.5, 169.0)),
    (_S.CLOSE_WAIT, (176.5, 168.5)),
    (_S.FIN_WAIT_2, (21.5, 232.0)),
    (_S.CLOSING, (77.0, 213.5)),
    (_S.LAST_ACK, (143.5, 213.5)),
    (_S.TIME_WAIT, (105.0, 260.5)),
    (_S.CLOSED, (176.5, 260.5)),
)
"""Where a token stands, in the order of BOXES: the middle of its ring, beside the box or in it."""

WAYS: dict[tuple[State, Input], Way] = {
    (_S.CLOSED, _I.PASSIVE_OPEN): Way((80.0, 59.5), ((97.0, 50.5), (97.0, 68.5))),
    (_S.CLOSED, _I.ACTIVE_OPEN): Way((153.0, 33.0), ((123.0, 40.5), (184.5, 40.5), (184.5, 98.5))),
    (_S.LISTEN, _I.RECEIVE_SYN): Way((76.0, 94.0), ((97.0, 81.5), (97.0, 101.5), (56.5, 101.5))),
    (_S.LISTEN, _I.SEND): Way((132.5, 94.0), ((113.0, 81.5), (113.0, 101.5), (153.5, 101.5))),
    (_S.LISTEN, _I.CLOSE): Way((127.0, 59.5), ((113.0, 68.5), (113.0, 50.5))),
    (_S.SYN_SENT, _I.RECEIVE_SYN): Way((105.0, 110.0), ((153.5, 117.5), (56.5, 117.5))),
    (_S.SYN_SENT, _I.RECEIVE_SYN_ACK): Way((132.5, 141.0), ((153.5, 133.5), (113.0, 133.5), (113.0, 151.5))),
    (_S.SYN_SENT, _I.CLOSE): Way((154.5, 73.0), ((168.5, 98.5), (168.5, 47.5), (123.0, 47.5))),
    (_S.SYN_RECEIVED, _I.RECEIVE_RST): Way((60.0, 82.5), ((33.5, 98.5), (33.5, 75.0), (87.0, 75.0))),
    (_S.SYN_RECEIVED, _I.RECEIVE_ACK_OF_SYN): Way((76.0, 141.0), ((56.5, 133.5), (97.0, 133.5), (97.0, 151.5))),
    (_S.SYN_RECEIVED, _I.CLOSE): Way((23.0, 157.5), ((33.5, 136.5), (33.5, 179.5))),
    (_S.ESTABLISHED, _I.CLOSE): Way((76.0, 175.0), ((97.0, 164.5), (97.0, 182.5), (56.5, 182.5))),
    (_S.ESTABLISHED, _I.RECEIVE_FIN): Way((132.5, 178.5), ((113.0, 164.5), (113.0, 186.0), (153.5, 186.0))),
    (_S.FIN_WAIT_1, _I.RECEIVE_FIN): Way((81.0, 197.0), ((56.5, 189.5), (105.0, 189.5), (105.0, 208.5))),
    (_S.FIN_WAIT_1, _I.RECEIVE_ACK_OF_FIN): Way((51.5, 200.0), ((33.5, 192.5), (33.5, 208.5))),
    (_S.FIN_WAIT_2, _I.RECEIVE_FIN): Way((60.0, 236.5), ((33.5, 221.5), (33.5, 244.0), (87.0, 244.0))),
    (_S.CLOSE_WAIT, _I.CLOSE): Way((165.5, 200.0), ((176.5, 192.5), (176.5, 208.5))),
    (_S.CLOSING, _I.RECEIVE_ACK_OF_FIN): Way((87.0, 229.0), ((105.0, 221.5), (105.0, 237.5))),
    (_S.LAST_ACK, _I.RECEIVE_ACK_OF_FIN): Way((158.5, 229.0), ((176.5, 221.5), (176.5, 237.5))),
    (_S.TIME_WAIT, _I.TIMEOUT_2MSL): Way((141.0, 251.5), ((123.0, 244.0), (158.5, 244.0))),
}
"""The way of each arrow of TRANSITIONS."""
