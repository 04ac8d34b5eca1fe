"""The poster of states: every arrow of the table and no other, nothing on top of anything else."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from math import hypot
from pathlib import Path as File

import pytest

from cards.drawing import sheet_svg
from cards.sheet import Text
from cards.typeface import font, width
from hub.poster import KEY, NOTES, PAPERS, arrow, poster
from hub.poster_layout import BOXES, WAYS, Point
from hub.printing.words import ENGLISH
from hub.simulator.states import TRANSITIONS, Input, State
from paperhop.__main__ import main
from tests.cards.test_printedcard import box_around

PICTURE = File(__file__).parents[2] / "docs" / "pictures" / "tcp-states.svg"
MARGIN = 9.0
LEAST_LETTER = 3.2
"""Millimetres, of a capital letter."""
BOX_CORNER = 2.5
LAYOUT = "hub/poster_layout.py"

Key = tuple[State, Input]
Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""

each_way = pytest.mark.parametrize("key", WAYS, ids=lambda key: f"{key[0].value} {key[1].value}")


def test_every_arrow_of_the_table_has_a_way_and_every_way_an_arrow() -> None:
    new, gone = TRANSITIONS.keys() - WAYS.keys(), WAYS.keys() - TRANSITIONS.keys()
    assert not new, f"draw the new arrow in WAYS of {LAYOUT}: {new}"
    assert not gone, f"the table has this arrow no more, take it out of WAYS of {LAYOUT}: {gone}"


@each_way
def test_a_way_goes_from_its_state_to_the_next(key: Key) -> None:
    start, end = key[0], TRANSITIONS[key].to
    line = WAYS[key].line
    assert _on_edge(line[0], start), f"in WAYS of {LAYOUT} it must begin on the edge of {start.value}: {line[0]}"
    assert _on_edge(line[-1], end), f"in WAYS of {LAYOUT} it must end on the edge of {end.value}: {line[-1]}"


@each_way
def test_an_arrow_is_drawn_along_its_way_with_the_words_of_the_table(key: Key) -> None:
    line, head, happens, _, done = shapes = arrow(*key)
    assert line.points[0] == WAYS[key].line[0]
    assert head.points[0] == WAYS[key].line[-1]
    assert happens.text.removesuffix(" (note 1)") == key[1].value
    assert done.text == TRANSITIONS[key].action.value
    assert set(shapes) <= set(poster().shapes)


def test_no_words_are_there_but_those_of_the_figure() -> None:
    arrows = [shape.text for key in TRANSITIONS for shape in arrow(*key) if isinstance(shape, Text)]
    said = ("title", "source", "happens", "done", *map(str.lower, KEY), *(f"note-{n}" for n in NOTES))
    around = [*KEY, *"123", *(ENGLISH(f"states.{key}") for key in said)]
    assert Counter(_texts()) == Counter([*arrows, *around, *(state.value for state, _ in BOXES)])


def test_every_state_stands_once_and_closed_twice() -> None:
    assert Counter(state for state, _ in BOXES) == Counter([*State, State.CLOSED])


def test_the_arrow_of_note_1_says_so() -> None:
    noted = [key for key in TRANSITIONS if "note" in arrow(*key)[2].text]
    assert noted == [(State.SYN_RECEIVED, Input.RECEIVE_RST)]
    assert arrow(*noted[0])[2].text == "rcv RST (note 1)"


@each_way
def test_a_way_runs_straight_along_the_paper_and_through_no_box(key: Key) -> None:
    assert all((x1 == x2) != (y1 == y2) for (x1, y1), (x2, y2) in pairwise(WAYS[key].line))
    assert not [state for state, box in BOXES for piece in _pieces(key) if _gap(piece, box.edges) < 0]


def test_ways_keep_apart() -> None:
    for one, other in combinations(WAYS, 2):
        assert min(_gap(a, b) for a in _pieces(one) for b in _pieces(other)) >= 3.0, (one, other)


def test_text_stands_clear_of_boxes_and_arrows() -> None:
    lines = [piece for key in WAYS for piece in _pieces(key)]
    heads = [box_around(arrow(*key)[1]) for key in WAYS]
    for text in _shapes():
        boxes = [box.edges for state, box in BOXES if (text.x, text.text) != (box.x, state.value)]
        assert min(_gap(box_around(text), other) for other in [*boxes, *lines]) >= 1.0, text
        assert min(_gap(box_around(text), head) for head in heads) >= 0.5, text


def test_no_line_of_text_runs_into_another() -> None:
    for one, other in combinations(_shapes(), 2):
        assert _gap(box_around(one), box_around(other)) >= 0, (one, other)


@each_way
def test_words_stand_beside_their_own_arrow_clear_of_other_words(key: Key) -> None:
    words = _words(key)
    own = min(_gap(words, piece) for piece in _pieces(key))
    others = WAYS.keys() - {key}
    assert own <= 3.0
    assert own < min(_gap(words, piece) for other in others for piece in _pieces(other))
    assert min(_gap(words, _words(other)) for other in others) >= 1.0


@pytest.mark.parametrize("paper", PAPERS)
def test_everything_stays_inside_the_margins(paper: str) -> None:
    sheet = poster(paper)
    assert (sheet.width, sheet.height) == PAPERS[paper]
    for shape in sheet.shapes:
        left, top, right, bottom = box_around(shape)
        assert left >= MARGIN, shape
        assert top >= MARGIN, shape
        assert right <= sheet.width - MARGIN, shape
        assert bottom <= sheet.height - MARGIN, shape


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_letters_are_large_enough_for_a_wall(paper: str) -> None:
    for text in _shapes(paper):
        top = font(text.bold, 1000.0).getbbox("H", anchor="ls")[1]
        assert -top / 1000.0 * text.size >= LEAST_LETTER, text


def test_names_fit_into_their_boxes() -> None:
    sizes = {text.text: text.size for text in _shapes() if text.bold}
    for state, box in BOXES:
        assert width(state.value, sizes[state.value], bold=True) <= box.width - 4.0


def test_the_picture_in_the_docs_is_the_poster() -> None:
    remedy = "run: paperhop poster --out docs/pictures/tcp-states.svg, and look at it"
    assert PICTURE.read_text(encoding="utf-8") == sheet_svg(poster()), remedy


@pytest.mark.parametrize(("name", "magic"), [("s.pdf", b"%PDF-1."), ("s.svg", b"<svg "), ("s.PNG", b"\x89PNG")])
def test_the_command_draws_what_the_name_ends_in_and_says_where(
    name: str, magic: bytes, tmp_path: File, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["poster", "--out", str(tmp_path / name)]) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / name}: The states of a TCP connection")
    assert (tmp_path / name).read_bytes().startswith(magic)


def test_the_command_draws_on_the_paper_that_is_asked_for(tmp_path: File) -> None:
    assert main(["poster", "--out", str(tmp_path / "s.svg"), "--paper", "letter"]) == 0
    assert (tmp_path / "s.svg").read_text("utf-8") == sheet_svg(poster("letter"))


def test_the_command_says_what_is_wrong(tmp_path: File, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["poster", "--out", "states.doc"])
    assert ended.value.code == 2
    assert "'states.doc' should end in .pdf, .svg, .png" in capsys.readouterr().err
    assert main(["poster", "--out", str(tmp_path / "none" / "s.svg")]) == 1
    assert (
        capsys.readouterr().err == f"paperhop poster: cannot write {tmp_path}/none/s.svg: No such file or directory\n"
    )


def _shapes(paper: str = "a4") -> list[Text]:
    return [shape for shape in poster(paper).shapes if isinstance(shape, Text)]


def _texts() -> list[str]:
    return [shape.text for shape in _shapes()]


def _pieces(key: Key) -> list[Edges]:
    return [_around([(x1, y1, x1, y1), (x2, y2, x2, y2)]) for (x1, y1), (x2, y2) in pairwise(WAYS[key].line)]


def _words(key: Key) -> Edges:
    return _around([box_around(shape) for shape in arrow(*key)[2:]])


def _around(parts: list[Edges]) -> Edges:
    lefts, tops, rights, bottoms = zip(*parts, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _gap(one: Edges, other: Edges) -> float:
    """How far two pieces of the paper are from each other; below 0, they share some."""
    across = max(one[0] - other[2], other[0] - one[2])
    down = max(one[1] - other[3], other[1] - one[3])
    return hypot(max(across, 0.0), max(down, 0.0)) if max(across, down) >= 0 else max(across, down)


def _on_edge(point: Point, state: State) -> bool:
    """It touches a straight side of one of the state's boxes, not a round corner."""
    x, y = point
    return any(
        (x in (left, right) and top + BOX_CORNER <= y <= bottom - BOX_CORNER)
        or (y in (top, bottom) and left + BOX_CORNER <= x <= right - BOX_CORNER)
        for left, top, right, bottom in (box.edges for of, box in BOXES if of is state)
    )
