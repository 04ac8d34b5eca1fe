"""The poster of TCP's states: RFC 9293 figure 5 on a sheet of paper, as the transition table has it.

Everything is placed in millimetres on A4; other papers get the same drawing, larger or smaller.
"""

from __future__ import annotations

from math import cos, hypot, pi, sin

from cards.sheet import Disc, Line, Path, Sheet, Text
from cards.typeface import fitted, width
from hub.poster_layout import BOXES, RINGS, WAYS, Box, Point
from hub.printing.words import ENGLISH, Words
from hub.simulator.states import TRANSITIONS, Input, State

PAPERS = {"a4": (210.0, 297.0), "a3": (297.0, 420.0), "letter": (215.9, 279.4)}
"""Width and height in millimetres."""

RING = 9.0
"""Radius of the place for a token, on every paper: a cent of the euro and a dime fit in."""

NOTES = (1, 2, 3)
"""The notes of the figure, in plain words in the catalogue."""
_NOTED = {(State.SYN_RECEIVED, Input.RECEIVE_RST): 1}
"""The arrows that name a note, as in the figure."""

KEY = ("rcv", "snd", "x", "TCB", "MSL")
"""The signs of the figure that are explained."""

_SMALL, _NAME, _TITLE = 4.8, 5.6, 9.4
_RULE, _STROKE, _EDGE = 0.3, 0.55, 0.8
_CORNER, _BOX_CORNER = 4.0, 2.5
_ARC = 8
"""Straight pieces that make a quarter of a circle."""
_TIP, _HALF_TIP = 4.4, 1.6
"""Length of an arrow's head, and half its width."""
_HAPPENS, _BETWEEN, _DONE = -1.9, -0.4, 4.1
"""From the middle of an arrow's words to the upper baseline, the rule and the lower baseline."""
_NAME_BASELINE, _NAME_AT_TOP = 1.9, 9.5
_LEFT, _RIGHT = 10.0, 200.0
_WALK_LINE, _WALK_NOTE_LINES = 277.5, (262.5, 268.5)
_HEAD_LINE, _FOOT_LINE = 22.0, 263.0
_KEY_MIDDLE, _KEY_WORDS, _KEY_LINE = (24.6, 32.6), 23.0, 6.0
_NOTE_WORDS, _NOTE_LINE = 16.0, 6.6

_Ink = Line | Path | Text | Disc


def poster(paper: str = "a4", say: Words = ENGLISH) -> Sheet:
    """The poster on one of PAPERS."""
    (across, down), (a4_across, a4_down) = PAPERS[paper], PAPERS["a4"]
    scale = min(across / a4_across, down / a4_down)
    left, top = (across - scale * a4_across) / 2, (down - scale * a4_down) / 2
    inks = [*_head(say("states.title"), say), *_key(say), *_notes(say)]
    for state, box in BOXES:
        inks += _state(state, box, box.y + _NAME_BASELINE)
    for start, happened in TRANSITIONS:
        inks += arrow(start, happened, say)
    return Sheet(
        across,
        down,
        f"{say('states.title')}: {say('states.source')}",
        tuple(_scaled(ink, scale, left, top) for ink in inks),
    )


def walk(paper: str = "a4", say: Words = ENGLISH) -> Sheet:
    """The same states in the size of A4 on A4 or Letter, each with a ring for the token of who walks through them."""
    (across, down), (a4_across, a4_down) = PAPERS[paper], PAPERS["a4"]
    left, top = (across - a4_across) / 2, min(0.0, (down - a4_down) / 4)
    inks = [*_head(say("states.walk"), say), *_key(say), _line(_LEFT, _WALK_LINE, say("states.how"))]
    notes = (say("states.walk-note"), say("states.walk-else"))
    inks += [Text(_LEFT, y, line, _SMALL) for y, line in zip(_WALK_NOTE_LINES, notes, strict=True)]
    for (state, box), (_, middle) in zip(BOXES, RINGS, strict=True):
        inside = box.height > 2 * RING
        inks += [*_state(state, box, box.edges[1] + _NAME_AT_TOP if inside else box.y + _NAME_BASELINE), _ring(middle)]
    for start, happened in TRANSITIONS:
        inks += arrow(start, happened, say)
    return Sheet(
        across,
        down,
        f"{say('states.walk')}: {say('states.source')}",
        tuple(_scaled(ink, 1.0, left, top) for ink in inks),
    )


def _ring(middle: Point) -> Disc:
    return Disc(*middle, RING, _RULE)


def arrow(start: State, happened: Input, say: Words = ENGLISH) -> tuple[Path, Path, Text, Line, Text]:
    """An arrow of the table: its line and its head; what happens, a rule, and below it what is done."""
    way, note = WAYS[start, happened], _NOTED.get((start, happened))
    happens = happened.value if note is None else say("states.noted", happens=happened.value, note=note)
    return *_arrow(way.line), *_words(way.words, happens, TRANSITIONS[start, happened].action.value)


def _head(title: str, say: Words) -> list[_Ink]:
    return [
        Text(_LEFT, 17.5, title, _TITLE, bold=True),
        Text(_RIGHT, 17.5, say("states.source"), _SMALL, anchor="end"),
        Line(_LEFT, _HEAD_LINE, _RIGHT, _HEAD_LINE, _RULE),
    ]


def _key(say: Words) -> list[_Ink]:
    """How the words beside an arrow are read."""
    inks: list[_Ink] = [*_words(_KEY_MIDDLE, say("states.happens"), say("states.done"))]
    y = _KEY_MIDDLE[1] + _DONE + 1.0
    for n, sign in enumerate(KEY, 1):
        meaning = say(f"states.{sign.lower()}")
        inks += [Text(_LEFT, y + n * _KEY_LINE, sign, _SMALL), Text(_KEY_WORDS, y + n * _KEY_LINE, meaning, _SMALL)]
    return inks


def _notes(say: Words) -> list[_Ink]:
    inks: list[_Ink] = [Line(_LEFT, _FOOT_LINE, _RIGHT, _FOOT_LINE, _RULE)]
    for n in NOTES:
        y = _FOOT_LINE + n * _NOTE_LINE
        inks += [Text(_LEFT, y, str(n), _SMALL, bold=True), _line(_NOTE_WORDS, y, say(f"states.note-{n}"))]
    return inks


def _line(x: float, y: float, words: str) -> Text:
    """A line that reaches the right margin at most."""
    return Text(x, y, words, fitted(words, _SMALL, _RIGHT - x))


def _state(state: State, box: Box, baseline: float) -> list[_Ink]:
    left, top, right, bottom = box.edges
    around = ((left, box.y), (left, top), (right, top), (right, bottom), (left, bottom), (left, box.y))
    name = Text(box.x, baseline, state.value, _NAME, bold=True, anchor="middle")
    return [Path(_rounded(around, _BOX_CORNER), _EDGE, closed=True), name]


def _arrow(line: tuple[Point, ...]) -> tuple[Path, Path]:
    """A line that ends where its head begins: its blunt end would stick out of the tip."""
    x, y = line[-1]
    ahead_x, ahead_y = _direction(line[-2], line[-1])
    neck_x, neck_y = x - ahead_x * _TIP, y - ahead_y * _TIP
    aside_x, aside_y = ahead_y * _HALF_TIP, -ahead_x * _HALF_TIP
    head = ((x, y), (neck_x + aside_x, neck_y + aside_y), (neck_x - aside_x, neck_y - aside_y))
    return Path(_rounded((*line[:-1], (neck_x, neck_y)), _CORNER), _STROKE), Path(head)


def _words(middle: Point, happens: str, done: str) -> tuple[Text, Line, Text]:
    x, y = middle
    half = max(width(happens, _SMALL), width(done, _SMALL)) / 2
    return (
        Text(x, y + _HAPPENS, happens, _SMALL, anchor="middle"),
        Line(x - half, y + _BETWEEN, x + half, y + _BETWEEN, _RULE),
        Text(x, y + _DONE, done, _SMALL, anchor="middle"),
    )


def _rounded(line: tuple[Point, ...], radius: float) -> tuple[Point, ...]:
    """The same line with quarters of a circle for its right angles."""
    points = [line[0]]
    for before, (x, y), after in zip(line, line[1:], line[2:], strict=False):
        (back_x, back_y), (on_x, on_y) = _direction((x, y), before), _direction((x, y), after)
        for n in range(_ARC + 1):
            turn = n / _ARC * pi / 2
            back, on = radius * (1 - sin(turn)), radius * (1 - cos(turn))
            points.append((x + back * back_x + on * on_x, y + back * back_y + on * on_y))
    return (*points, line[-1])


def _direction(start: Point, end: Point) -> Point:
    across, down = end[0] - start[0], end[1] - start[1]
    return across / hypot(across, down), down / hypot(across, down)


def _scaled(ink: _Ink, scale: float, left: float, top: float) -> _Ink:
    match ink:
        case Line(x1, y1, x2, y2, stroke):
            return Line(left + x1 * scale, top + y1 * scale, left + x2 * scale, top + y2 * scale, stroke * scale)
        case Path(points, stroke, closed):
            return Path(tuple((left + x * scale, top + y * scale) for x, y in points), stroke * scale, closed)
        case Disc(x, y, radius, stroke):
            return Disc(left + x * scale, top + y * scale, radius * scale, stroke * scale)
        case Text(x, y, text, size, bold, anchor):
            return Text(left + x * scale, top + y * scale, text, size * scale, bold, anchor)
