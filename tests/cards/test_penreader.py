"""Cards for the pen, filled in by hands and photographed: what is read is what was marked, or it is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from cards import reader
from cards.combreader import handwriting
from cards.decoder import HAS_ZBAR, LADDER, ZBAR_LADDER, Picture, Rung, find_codes
from cards.filling import Misfilled, marks
from cards.forms import known
from cards.inkmeter import measure
from cards.notation import parse
from cards.payload import Ink
from cards.penform import PenForm, Port
from cards.penlayout import layout
from cards.penreader import Reading, combined
from cards.qrcode import modules
from cards.qrtext import CardId, PenCard
from cards.registration import register
from paperhop.bench import hand
from paperhop.bench.camera import shoot_many
from tests.cards.forms import NUMBERS, SMALL, WHOLE
from tests.cards.penpaper import PX_PER_MM, paper, without_ink
from tests.conftest import needs

FORMS = {form.id: form for form in (SMALL, NUMBERS, WHOLE)}
ACK = '10.0.1.2:40001 > 10.0.2.1:23 ACK seq=17 ack=1203 data="hi you"'
SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN"
needs_zbar = needs(HAS_ZBAR, "zbar", "apt-get install libzbar0, or brew install zbar")


def only(picture: Picture, rungs: Sequence[Rung] = LADDER) -> reader.Found:
    (found,) = reader.read(picture, rungs, FORMS | dict(known()))
    return found


def reading(picture: Picture) -> Reading:
    found = only(picture)
    assert found.reading is not None, found.problem
    return found.reading


@pytest.mark.parametrize("form", [*sorted(known().values(), key=lambda form: form.id), SMALL, NUMBERS, WHOLE])
def test_a_card_of_every_form_says_what_was_marked(form: PenForm) -> None:
    rng = np.random.default_rng(int.from_bytes(form.id.encode()))
    chosen = {field.name: str(rng.choice(field.values)) for field in form.fields}
    read = reading(paper(form, list(chosen.items())).seen())
    assert {name: field.values for name, field in read.fields.items()} == {
        name: (value,) for name, value in chosen.items()
    }
    assert min(field.confidence for field in read.fields.values()) > 0.5


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("form", [NUMBERS, WHOLE])
def test_a_packet_comes_back_from_a_photograph(form: PenForm, level: int) -> None:
    meant = parse(ACK)
    found = only(paper(form, sorted(marks(form, meant))).write("hi you").seen(level, seed=5))
    assert found.problem is None
    assert found.reading is not None
    said = found.reading.written()
    assert (said.src, said.sport, said.dst, said.dport) == (meant.src, meant.sport, meant.dst, meant.dport)
    assert (said.flags, said.seq, said.ack) == (meant.flags, meant.seq, meant.ack)
    assert isinstance(said.payload, Ink)
    assert said.payload.length == 6
    written = cv2.imdecode(np.frombuffer(said.payload.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert written is not None
    assert (written < 110).sum() > 30


@pytest.mark.parametrize("off_mm", [(500.0, 0.0), (0.0, -500.0)])
def test_a_comb_that_seems_to_lie_beside_the_card_has_no_picture(off_mm: tuple[float, float]) -> None:
    seen = paper(WHOLE).write("hi you").seen()
    (code,) = find_codes(seen)
    card = register(seen, code, WHOLE, modules(code.text))
    inked = measure(card, WHOLE)
    assert handwriting(card, WHOLE, inked)
    field = card.bend.field.copy()
    field[:, 0] += off_mm
    assert handwriting(replace(card, bend=replace(card.bend, field=field)), WHOLE, inked) == b""


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_picture_of_what_was_written_is_small_enough_to_travel(level: int) -> None:
    longest = PenForm(("10.0.1",), (1, 2, 254), (Port(23, "telnet"), Port(40001, "A")), comb=64)
    text = "the quick brown fox jumps over the lazy dog, and so on and so on"
    (found,) = reader.find(seen := paper(longest).write(text).seen(level, seed=5))
    read = reader.marked(seen, found, {longest.id: longest}).reading
    assert read is not None
    assert len(read.picture) < 8000
    written = cv2.imdecode(np.frombuffer(read.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert written is not None
    assert (written == 255).mean() > 0.7
    assert (written < 110).sum() > 500


@pytest.mark.parametrize("kind", ["full", "sloppy", "cross", "marker"])
def test_people_mark_in_many_ways(kind: str) -> None:
    assert only(paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN))), kind).seen(1)).problem is None


def test_a_light_pencil_is_read() -> None:
    assert only(paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN))), "pencil").seen(0)).problem is None


@needs_zbar
def test_everything_is_read_by_zbar_alone() -> None:
    found = only(paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN)))).seen(1), ZBAR_LADDER)
    assert found.problem is None
    assert found.reading is not None
    assert without_ink(found.reading.written()) == without_ink(parse(SYN))


def test_a_field_without_a_mark_is_named() -> None:
    there = [mark for mark in marks(NUMBERS, parse(SYN)) if mark[0] != "dst.port"]
    found = only(paper(NUMBERS, there).seen())
    assert found.problem == reader.Problem("card.marks", "nothing is marked under TO, port")
    assert found.reading is not None
    assert found.reading.fields["dst.port"].refused == "nothing is marked under TO, port"


def test_a_field_with_two_marks_is_named() -> None:
    there = sorted(marks(NUMBERS, parse(ACK)))
    found = only(paper(NUMBERS, there).mark("ack.2", "9").seen())
    assert found.problem is not None
    assert found.problem.code == "card.unclear"
    assert found.problem.detail == "two are marked under ACK, second column: 2 and 9; one is right"


def test_the_end_of_a_stroke_is_neither_a_mark_nor_nothing() -> None:
    card = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN))))
    bubble = next(b for b in layout(NUMBERS).bubbles if (b.field, b.value) == ("flags", "FIN"))
    x, y = int((bubble.x - 0.75) * PX_PER_MM), int(bubble.y * PX_PER_MM)
    cv2.line(card.picture, (x, y - 14), (x, y + 14), (0,), 4)
    found = only(card.seen())
    assert found.problem is not None
    assert found.problem.code == "card.unclear"
    assert "FIN under FLAGS is not for sure" in found.problem.detail


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_line_that_runs_through_a_flag_is_no_flag_and_not_nothing(level: int) -> None:
    card = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN)))).line("flags", "FIN", (-2.2, -1.6), (2.2, 1.6))
    found = only(card.seen(level))
    assert found.problem is not None
    assert found.problem.detail.startswith("FIN under FLAGS is not for sure")


@pytest.mark.parametrize("level", [0, 1])
def test_a_tick_that_lies_mostly_beside_its_box_is_never_overlooked(level: int) -> None:
    card = paper(WHOLE, sorted(marks(WHOLE, parse(ACK))))
    found = only(card.line("ttl", "3", (0.45, 0.3), (0.8, 1.0)).line("ttl", "3", (0.8, 1.0), (1.7, -1.8)).seen(level))
    assert found.problem is not None
    assert found.problem.detail.startswith("3 under TTL is not for sure")


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_end_of_a_stroke_beside_a_full_mark_costs_nothing_where_one_is_to_be_marked(level: int) -> None:
    there = sorted(marks(NUMBERS, parse(SYN)))
    card = paper(NUMBERS, there).line("dst.port", "40001", (0.5, 0.6), (1.4, -1.6))
    assert without_ink(reading(card.seen(level)).written()) == without_ink(parse(SYN))
    blank = paper(NUMBERS, [mark for mark in there if mark[0] != "dst.port"])
    alone = only(blank.line("dst.port", "40001", (0.5, 0.6), (1.4, -1.6)).seen(level))
    assert alone.problem is not None
    assert "under TO, port" in alone.problem.detail, "where nothing is marked for sure, it may be the mark"


@pytest.mark.parametrize("seed", range(4))
def test_a_mark_that_was_rubbed_out_does_not_count(seed: int) -> None:
    card = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN))))
    found = only(card.erase("src.host", "1", seed).erase("dst.port", "40001", seed).seen(0, seed))
    assert found.problem is None


def test_only_what_was_rubbed_out_is_no_mark_either() -> None:
    there = [mark for mark in marks(NUMBERS, parse(SYN)) if mark[0] != "src.host"]
    found = only(paper(NUMBERS, there).erase("src.host", "2").seen())
    assert found.reading is not None
    assert found.reading.fields["src.host"].refused is not None


def test_letters_are_counted_and_a_gap_is_asked_about() -> None:
    there = sorted(marks(SMALL, parse(SYN)))
    counted = reading(paper(SMALL, there).write("my name").seen()).written().payload
    assert isinstance(counted, Ink)
    assert counted.length == 7
    gap = only(paper(SMALL, there).write("my").write("name", start=3).seen())
    assert gap.problem is not None
    assert gap.problem.detail == "cell 3 of DATA is empty, and others behind it are not: a space is a dash"


def test_a_wrong_check_digit_is_told() -> None:
    right = dict(marks(WHOLE, parse(ACK.replace(' data="hi you"', ""))))
    found = only(paper(WHOLE, [*(right | {"check": str((int(right["check"]) + 1) % 10)}).items()]).seen())
    assert found.problem is not None
    assert found.problem.code == "card.check-digit"


def test_half_a_card_says_what_is_missing() -> None:
    picture = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN)))).seen()
    whole = only(picture)
    code = np.array(whole.corners)
    cut = picture.copy()
    cut[:, int(code[:, 0].max() + 30) :] = 70
    found = only(cut)
    assert found.card == PenCard(CardId(NUMBERS.id, 7))
    assert found.reading is None
    assert found.problem is not None
    assert found.problem.code == "card.unclear"
    assert "of the four black discs in the corners can be seen" in found.problem.detail


def test_a_form_that_nobody_knows_is_of_a_newer_program() -> None:
    (found,) = reader.read(paper(SMALL).seen(), forms={})
    assert found.problem is not None
    assert found.problem.code == "card.newer"
    assert SMALL.id in found.problem.detail


def test_a_copy_beside_its_original_is_told() -> None:
    there = sorted(marks(SMALL, parse(SYN)))
    both = np.concatenate([paper(SMALL, there).seen(0, 2), paper(SMALL, there).seen(0, 3)])
    found = reader.read(both, forms=FORMS)
    assert [one.problem.code if one.problem else None for one in found] == ["card.twice", "card.twice"]


@pytest.mark.parametrize(("turn", "sentence"), [("mirrored", "a mirror image"), ("inverted", "black and white are")])
def test_a_picture_the_wrong_way_round_is_never_misread(turn: str, sentence: str) -> None:
    """Some decoders read such a code all the same."""
    picture = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN)))).seen()
    wrong = np.ascontiguousarray(picture[:, ::-1]) if turn == "mirrored" else 255 - picture
    for found in reader.read(wrong.astype(np.uint8), forms=FORMS):
        assert found.problem is not None
        assert sentence in found.problem.detail


def test_several_frames_say_what_one_alone_does_not() -> None:
    """In each frame something else lies over a part of the card."""
    card = paper(NUMBERS, sorted(marks(NUMBERS, parse(SYN))))
    fields = ("src.host", "dst.port", "flags", "dst.host", "src.port")
    readings = []
    for number, shot in enumerate(shoot_many(card.picture, 0, np.random.default_rng(11), 5)):
        hidden = [(b.x, b.y) for b in layout(NUMBERS).bubbles if b.field == fields[number]]
        for x, y in shot.to_px(np.array(hidden, np.float32)):
            cv2.circle(shot.image, (round(float(x)), round(float(y))), 18, (90,), cv2.FILLED)
        readings.append(reading(shot.image))
        with pytest.raises(Misfilled):
            readings[-1].written()
    assert without_ink(combined(readings).written()) == without_ink(parse(SYN))


def test_no_frame_of_many_is_read_wrongly() -> None:
    """Two hundred fields at levels 1 to 3, filled in as people do: refusing is right, misreading is not."""
    rng = np.random.default_rng(20)
    read = wrong = 0
    for number in range(14):
        chosen = {field.name: str(rng.choice(field.values)) for field in NUMBERS.fields}
        card = paper(NUMBERS, serial=number)
        bubbles = [hand.Bubble(*b) for b in layout(NUMBERS).bubbles]
        hand.fill_in(
            card.picture,
            [b for b in bubbles if chosen[b.field] == b.value],
            [b for b in bubbles if chosen[b.field] != b.value],
            hand.Profile(hand.PROFILES["mixed"].kinds, erased=0.04),
            rng,
            PX_PER_MM,
        )
        for found in reader.read(card.seen(1 + number % 3, seed=number), forms=FORMS):
            for name, field in found.reading.fields.items() if found.reading else ():
                read += field.refused is None
                wrong += field.refused is None and field.values != (chosen[name],)
    assert wrong == 0
    assert read > 100


@pytest.mark.parametrize("form", list(known().values()))
def test_a_scanned_card_that_is_blank_is_surely_blank(form: PenForm) -> None:
    """300 dots per inch, as a flat-bed scanner gives: finer than what is looked at."""
    read = reading(paper(form).picture)
    assert [name for name, field in read.fields.items() if field.refused and not field.blank] == []
    assert read.comb.cells == ()
