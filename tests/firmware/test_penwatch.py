"""Cards for the pen on the rest: read at once when they are clear, from several frames when not, and each time once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pytest

from cards.drawing import picture
from cards.filling import Mark, marks
from cards.notation import parse, parse_packet
from cards.penform import PenForm
from cards.penlayout import layout
from cards.qrtext import CardId, PrintedCard
from cards.reader import Found, find
from firmware.frames import Frame, Image
from firmware.penwatch import MOST_FRAMES, PATIENCE, PenWatch
from firmware.steady import Hold, Steady, moved
from tests.cards.forms import NUMBERS
from tests.cards.penpaper import Paper, paper, without_ink

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=7"
FILLED = sorted(marks(NUMBERS, parse(SYN)))
TABLE = np.full((720, 1280), 90, np.uint8)
EMPTY: tuple[Found, ...] = ()


class Rest:
    """A rest with its Steady and its PenWatch: ten frames in a second, each with what is to be found in it."""

    def __init__(self, forms: Mapping[str, PenForm]) -> None:
        self._steady = Steady()
        self._pens = PenWatch(lambda: forms)
        self.at = 0.0

    def sees(self, *images: Image) -> list[Found]:
        """What is to be scanned after these frames."""
        scanned: list[Found] = []
        for image in images:
            self.at += 0.1
            found = find(image) if image is not TABLE else EMPTY
            event = self._steady.see(self.at, found)
            hold = event if isinstance(event, Hold) else None
            scanned += self._pens.see(Frame(image, self.at), found, hold)
        return scanned


@pytest.fixture
def rest() -> Rest:
    return Rest({NUMBERS.id: NUMBERS})


def frames(card: Paper, n: int = 1, seed: int = 3) -> list[Image]:
    """The card as it lies there, with other noise each time."""
    return [shot.image for shot in card.shots(n, seed=seed)]


def hidden(card: Paper, fields: Sequence[str], seed: int = 3) -> list[Image]:
    """Photographs in each of which something lies over one of the fields."""
    seen = card.shots(len(fields), seed=seed)
    for shot, name in zip(seen, fields, strict=True):
        at = np.array([(b.x, b.y) for b in layout(card.form).bubbles if b.field == name])
        for x, y in shot.to_px(at):
            cv2.circle(shot.image, (round(float(x)), round(float(y))), 18, (90,), cv2.FILLED)
    return [shot.image for shot in seen]


def packet(found: Found) -> object:
    assert found.reading is not None
    assert found.problem is None
    return without_ink(found.reading.written())


def twice_under_ack() -> Paper:
    there: list[Mark] = [*FILLED, ("ack.2", "3"), ("ack.2", "9"), ("ack.3", "1"), ("ack.4", "1")]
    return paper(NUMBERS, there)


def test_a_clear_card_is_read_in_the_frame_in_which_it_has_come_to_rest(rest: Rest) -> None:
    lying = frames(paper(NUMBERS, FILLED), 20)
    assert rest.sees(*lying[:3]) == []
    (found,) = rest.sees(lying[3])
    assert packet(found) == without_ink(parse(SYN))
    assert rest.sees(*lying[4:]) == [], "it is still there"


def test_what_one_frame_hides_the_frames_before_have_shown(rest: Rest) -> None:
    obscured = hidden(paper(NUMBERS, FILLED), ["src.host", "flags", "seq.4", "dst.port"])
    found = rest.sees(*obscured)
    assert [packet(one) for one in found] == [without_ink(parse(SYN))]


def test_what_they_have_not_shown_either_later_frames_show(rest: Rest) -> None:
    card = paper(NUMBERS, FILLED)
    assert rest.sees(*hidden(card, ["flags"] * 4)) == []
    (found,) = rest.sees(*frames(card, 10, seed=4))
    assert packet(found) == without_ink(parse(SYN))


def test_a_card_that_stays_unclear_is_told_once_with_the_place(rest: Rest) -> None:
    lying = frames(twice_under_ack(), 30)
    (found,) = rest.sees(*lying)
    assert found.problem is not None
    assert (found.problem.code, found.card) == ("card.unclear", find(lying[0])[0].card)
    assert found.problem.detail.startswith("two are marked under ACK, second column")


def test_it_is_told_in_time(rest: Rest) -> None:
    lying = frames(twice_under_ack(), MOST_FRAMES + 4)
    assert rest.sees(*lying[:4]) == []
    told = next(n for n, image in enumerate(lying[4:]) if rest.sees(image))
    assert told < MOST_FRAMES
    assert 0.1 * (told + 1) <= PATIENCE


def test_an_unclear_card_that_is_taken_away_early_is_told_too(rest: Rest) -> None:
    assert rest.sees(*frames(twice_under_ack(), 5)) == []
    (found,) = rest.sees(*[TABLE] * 7)
    assert found.problem is not None
    assert found.problem.code == "card.unclear"
    assert rest.sees(*[TABLE] * 20) == []


def test_a_card_that_is_written_on_while_it_lies_there_is_not_read_again(rest: Rest) -> None:
    (_,) = rest.sees(*frames(paper(NUMBERS, FILLED), 6))
    changed = sorted(marks(NUMBERS, parse(SYN.replace("SYN", "RST"))))
    assert rest.sees(*frames(paper(NUMBERS, changed), 15)) == []


def test_a_card_that_was_corrected_is_read_when_it_comes_back(rest: Rest) -> None:
    (bad,) = rest.sees(*frames(twice_under_ack(), 16))
    assert bad.problem is not None
    (good,) = rest.sees(*[TABLE] * 8, *frames(paper(NUMBERS, FILLED), 6))
    assert packet(good) == without_ink(parse(SYN))


def test_frames_before_and_after_a_move_are_not_mixed(rest: Rest) -> None:
    """What the hand covers since the card was moved cannot be read, though the frames before show it."""
    card = paper(NUMBERS, FILLED)
    before = hidden(card, ["flags"] * 4)
    after = hidden(card, ["dst.port"] * 16, seed=5)
    (found,) = rest.sees(*before, *after)
    assert moved(find(before[0])[0].corners, find(after[0])[0].corners)
    assert found.problem is not None
    assert "TO, port" in found.problem.detail


def test_another_card_ends_the_waiting_and_both_are_told(rest: Rest) -> None:
    unclear, clear = frames(twice_under_ack(), 5), frames(paper(NUMBERS, FILLED, serial=8), 6)
    told = rest.sees(*unclear, *clear)
    assert [(found.card.id.serial if found.card else None, found.problem is None) for found in told] == [
        (7, False),
        (8, True),
    ]


def test_a_second_card_beside_it_does_not_make_it_forgotten(rest: Rest) -> None:
    unclear = frames(twice_under_ack(), 5)
    beside = cv2.resize(frames(paper(NUMBERS, FILLED, serial=8))[0], (1280, 720))
    both = np.concatenate([unclear[0], beside])
    told = rest.sees(*unclear, *[both] * 20)
    assert [found.card.id.serial for found in told if found.card] == [7]


def test_a_form_that_nobody_knows_is_told_at_once() -> None:
    told = Rest({}).sees(*frames(paper(NUMBERS, FILLED), 4))
    assert [found.problem.code for found in told if found.problem] == ["card.newer"]


def test_a_printed_card_is_passed_on_as_it_is(rest: Rest) -> None:
    card = PrintedCard(CardId("DEMO", 12), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))
    (found,) = rest.sees(*[picture(card, 100)] * 10)
    assert found.card == card
