"""Questions before and after the lesson: who may answer when, what is counted, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import chosen, load
from hub.orders import Ask, Choose, CountHands, Forget
from hub.page.public import PublicState
from hub.phones import MOST
from hub.refusals import NothingDoneError
from hub.survey import FILE, MOST_PHONES, Moment, Survey
from hub.texts import sentence

BEFORE, AFTER = Moment.BEFORE, Moment.AFTER
FIRST, *OTHERS = load("handshake").questions
RIGHT = FIRST.letters[FIRST.right]
WRONG = next(letter for letter in FIRST.letters if letter != RIGHT)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


def row(desk: Desk, id: str = FIRST.id) -> dict[str, Any]:
    rows: list[dict[str, Any]] = desk.backstage()["survey"]["questions"]
    return next(each for each in rows if each["id"] == id)


def counted(desk: Desk, moment: str, id: str = FIRST.id) -> dict[str, int]:
    """How many chose each option, without those that nobody chose."""
    return {letter: count for letter, count in zip("ABCD", row(desk, id)[moment]["all"], strict=False) if count}


def refused(desk: Desk, token: str, question: str = FIRST.id, option: str = RIGHT) -> tuple[str, str]:
    """Why an answer is none: its code, and the sentence."""
    with pytest.raises(NothingDoneError) as caught:
        desk.answer(token, question, option)
    return caught.value.ruling.reason, str(caught.value)


def test_phones_answer_before_and_after_and_the_teacher_sees_the_shift(desk: Desk) -> None:
    ann, ben = desk.admit()[0], desk.admit()[0]
    desk.do(Ask(BEFORE))
    desk.answer(ann, FIRST.id, WRONG)
    desk.answer(ben, FIRST.id, WRONG)
    desk.do(Ask(None))
    desk.do(Ask(AFTER))
    desk.answer(ann, FIRST.id, RIGHT)
    desk.answer(ben, FIRST.id, WRONG)
    desk.do(Ask(None))
    assert counted(desk, "before") == {WRONG: 2}
    assert counted(desk, "after") == {WRONG: 1, RIGHT: 1}
    assert (row(desk)["right"], row(desk)["why"]) == (RIGHT, FIRST.why)


def test_a_phone_has_one_answer_and_can_change_it_while_it_is_open(desk: Desk) -> None:
    token, _ = desk.admit()
    desk.do(Ask(BEFORE))
    for option in (WRONG, RIGHT, WRONG, RIGHT):
        shown = desk.answer(token, FIRST.id, option)
        assert shown is not None
        assert shown["answers"] == {FIRST.id: option}
    assert counted(desk, "before") == {RIGHT: 1}
    desk.do(Ask(None))
    assert refused(desk, token, option=WRONG)[0] == "room.not-asking"
    desk.do(Ask(BEFORE))
    desk.answer(token, FIRST.id, WRONG)
    assert counted(desk, "before") == {WRONG: 1}


def test_a_phone_that_has_answered_is_not_forgotten_and_cannot_answer_again(desk: Desk) -> None:
    ann, _ = desk.admit()
    desk.do(Ask(BEFORE))
    desk.answer(ann, FIRST.id, RIGHT)
    for _ in range(MOST + 10):
        desk.admit()
    assert desk.phone(ann) is not None
    desk.answer(ann, FIRST.id, WRONG)
    assert counted(desk, "before") == {WRONG: 1}


def test_an_italian_room_refuses_in_italian(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, chosen("handshake", None, "it"), data=tmp_path)
        token, _ = desk.admit()
        _, said = refused(desk, token)
    assert said == sentence("room.not-asking", {}, "it")
    assert said != sentence("room.not-asking", {})


def test_what_is_no_answer_is_a_sentence_and_counts_nothing(desk: Desk) -> None:
    token, _ = desk.admit()
    assert refused(desk, token)[0] == "room.not-asking"
    desk.do(Ask(BEFORE))
    code, said = refused(desk, token, question="what-else")
    assert code == "room.no-such-question"
    assert FIRST.id in said
    for option in ("E", "a", "", "AB", "1"):
        code, said = refused(desk, token, option=option)
        assert code == "room.no-such-option"
        assert "option ." not in said
        assert "A, B, C" in said
    assert desk.answer("x" * 32, FIRST.id, RIGHT) is None
    assert counted(desk, "before") == {}


def test_nobody_is_told_what_is_right_until_the_end(desk: Desk) -> None:
    token, badge = desk.admit()
    asked: list[Any] = []
    assert desk.state()["questions"] is None
    for order in (Ask(BEFORE), Ask(None), Ask(AFTER), Ask(None), Ask(AFTER)):
        desk.do(order)
        if order.moment is not None:
            desk.answer(token, FIRST.id, RIGHT)
        asked.append(desk.state()["questions"])
        assert badge not in str(desk.state())
    before, between, after, end, again = asked
    assert between is None
    for each in (before, after, again):
        assert each["open"]
        assert each["answers"] == 1
        assert {(question["right"], question["why"]) for question in each["questions"]} == {(None, None)}
    assert (end["open"], end["moment"]) == (False, "after")
    assert (end["questions"][0]["right"], end["questions"][0]["why"]) == (RIGHT, FIRST.why)
    shown = desk.phone(token)
    assert shown is not None
    assert shown["answers"] == {FIRST.id: RIGHT}


def test_every_page_hears_of_it(desk: Desk) -> None:
    token, badge = desk.admit()
    following = desk.feed.follow(heartbeat_s=0.01)
    desk.do(Ask(BEFORE))
    desk.answer(token, FIRST.id, WRONG)
    desk.answer(token, FIRST.id, RIGHT)
    desk.do(Ask(None))
    told = [msgspec.json.decode(event.json)["questions"] for event in iter(lambda: next(following), None)]
    assert [None if each is None else each["answers"] for each in told] == [0, 1, None]
    assert badge not in str(told)


def test_the_teacher_sees_how_many_phones_are_still_thinking(desk: Desk) -> None:
    early, ann, ben = (desk.admit()[0] for _ in range(3))
    desk.phone(early)
    desk.do(Ask(BEFORE))
    for token in (ann, ben):
        desk.phone(token)
    for question in (FIRST, *OTHERS):
        desk.answer(ann, question.id, "A")
    desk.answer(ben, FIRST.id, "A")
    survey = desk.backstage()["survey"]
    assert (survey["open"], survey["done"], survey["phones"]) == ("before", 1, 2)


def test_hands_count_beside_phones_and_are_counted_anew(desk: Desk) -> None:
    token, _ = desk.admit()
    desk.do(Ask(AFTER))
    desk.answer(token, FIRST.id, "A")
    desk.do(CountHands(AFTER, FIRST.id, (9, 9, 9, 9)))
    desk.do(CountHands(AFTER, FIRST.id, (1, 2, 3, 4)))
    desk.do(Ask(None))
    desk.do(CountHands(BEFORE, FIRST.id, (4, 0, 0, 0)))
    assert row(desk)["after"] == {"all": (2, 2, 3, 4), "hands": (1, 2, 3, 4)}
    assert counted(desk, "before") == {"A": 4}


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (Ask(None), "room.not-asking"),
        (CountHands(BEFORE, "what-else", (1, 1)), "room.no-such-question"),
        (CountHands(BEFORE, FIRST.id, (1, 1)), "room.other-options"),
        (CountHands(BEFORE, FIRST.id, ()), "room.other-options"),
    ],
)
def test_an_order_that_cannot_be_changes_nothing(desk: Desk, order: Any, reason: str) -> None:
    before = desk.backstage()["survey"]
    with pytest.raises(NothingDoneError) as caught:
        desk.do(order)
    assert caught.value.ruling.reason == reason
    assert desk.backstage()["survey"] == before


def test_a_lesson_without_questions_asks_none(tmp_path: Path) -> None:
    source = load("handshake").source
    own = tmp_path / "mine.yaml"
    own.write_text(source[: source.index("questions:")] + source[source.index("scripts:") :], "utf-8")
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load(str(own)), data=tmp_path)
        with pytest.raises(NothingDoneError, match="has no questions"):
            desk.do(Ask(BEFORE))
        assert not desk.backstage()["survey"]["questions"]


def test_answers_are_there_after_a_restart_and_it_goes_on(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        token, _ = desk.admit()
        desk.do(Ask(BEFORE))
        desk.answer(token, FIRST.id, WRONG)
        desk.do(CountHands(BEFORE, FIRST.id, (1, 1, 1, 1)))
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        assert desk.backstage()["survey"]["open"] == "before"
        desk.answer(token, FIRST.id, RIGHT)
        assert counted(desk, "before") == dict.fromkeys("ABCD", 1) | {RIGHT: 2}
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"{", b'{"room": 5}', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path, damage: bytes) -> None:
    with closing(Journal(tmp_path)) as journal:
        Desk(journal, load("handshake"), data=tmp_path)
    (tmp_path / FILE).write_bytes(damage)
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        desk.do(Ask(BEFORE))
        assert counted(desk, "before") == {}


@pytest.mark.parametrize("lesson", ["handshake", "data"])
def test_a_new_room_begins_without_answers(desk: Desk, tmp_path: Path, lesson: str) -> None:
    token, _ = desk.admit()
    desk.do(Ask(BEFORE))
    desk.answer(token, FIRST.id, WRONG)
    desk.do(Choose(lesson))
    survey = desk.backstage()["survey"]
    assert survey["open"] is None
    assert [each.id for each in load(lesson).questions] == [each["id"] for each in survey["questions"]]
    assert not any(sum(each["before"]["all"]) for each in survey["questions"])
    assert not (tmp_path / FILE).exists()
    assert refused(desk, token)[0] == "room.not-asking"


def test_a_class_that_is_forgotten_leaves_counts_alone(desk: Desk, tmp_path: Path) -> None:
    token, badge = desk.admit()
    desk.do(Ask(BEFORE))
    desk.answer(token, FIRST.id, WRONG)
    assert badge in (tmp_path / FILE).read_text()
    desk.do(Forget())
    assert badge not in (tmp_path / FILE).read_text()
    assert counted(desk, "before") == {WRONG: 1}
    assert desk.backstage()["survey"]["open"] is None
    assert desk.state()["questions"] is None
    other, _ = desk.admit()
    desk.do(Ask(BEFORE))
    desk.answer(other, FIRST.id, WRONG)
    desk.do(Forget())
    assert counted(desk, "before") == {WRONG: 2}


def test_no_number_of_phones_fills_the_disk(tmp_path: Path) -> None:
    survey = Survey(tmp_path, load("handshake"), "a-room", resumed=False)
    survey.ask(BEFORE)
    for number in range(MOST_PHONES):
        survey.answer(f"phone-{number}", FIRST.id, RIGHT)
    with pytest.raises(NothingDoneError, match="Raise your hand"):
        survey.answer("phone-more", FIRST.id, RIGHT)
    survey.answer("phone-0", FIRST.id, WRONG)
    assert sum(survey.view().questions[0].before.all) == MOST_PHONES


def test_the_state_is_as_the_contract_has_it(desk: Desk) -> None:
    desk.do(Ask(BEFORE))
    state = {**desk.state(), "v": 1, "last_event": desk.feed.last_id}
    assert {name for name in state if name not in PublicState.__struct_encode_fields__} == set()
    assert msgspec.convert(state, PublicState).questions is not None


def test_a_lesson_without_questions_has_none_to_ask(tmp_path: Path) -> None:
    survey = Survey(tmp_path, replace(load("handshake"), questions=()), "a-room", resumed=False)
    with pytest.raises(NothingDoneError) as caught:
        survey.ask(BEFORE)
    assert caught.value.ruling.reason == "room.no-questions"
