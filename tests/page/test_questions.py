"""Questions before and after, over HTTP and in a real Chromium: a phone answers, the teacher sees the shift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.orders import Ask, CountHands
from hub.page import Gate, Server, create_app, serve
from hub.survey import Moment
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser

BEFORE, AFTER = Moment.BEFORE, Moment.AFTER
QUESTIONS = load("handshake").questions
FIRST = QUESTIONS[0]
RIGHT = FIRST.letters[FIRST.right]


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    for mark in (
        pytest.mark.browser,
        pytest.mark.timeout(60),
        needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
    ):
        test = mark(test)
    return test


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


@pytest.fixture
def client(desk: Desk, tmp_path: Path) -> FlaskClient:
    return create_app(desk, Gate(tmp_path), Archive(tmp_path)).test_client()


def answer(client: FlaskClient, **choice: Any) -> tuple[int, Any]:
    told = client.post("/api/phone/answer", json=choice)
    return told.status_code, told.get_json()


def test_only_a_phone_that_has_come_in_answers(client: FlaskClient, desk: Desk) -> None:
    desk.do(Ask(BEFORE))
    status, told = answer(client, question=FIRST.id, option="A")
    assert status == 401
    assert "/join" in told["advice"]
    client.post("/api/phones")
    status, told = answer(client, question=FIRST.id, option="A")
    assert (status, told["answers"]) == (200, {FIRST.id: "A"})
    assert client.get("/api/phone").get_json()["answers"] == {FIRST.id: "A"}


@pytest.mark.parametrize(
    ("choice", "status", "says"),
    [
        ({"question": "what-else", "option": "A"}, 409, FIRST.id),
        ({"question": FIRST.id, "option": "E"}, 409, "A, B, C, D"),
        ({"question": FIRST.id, "option": 1}, 400, "JSON"),
        ({"question": FIRST.id}, 400, "option"),
        ({"question": FIRST.id, "option": "A", "badge": "phone-1"}, 400, "badge"),
    ],
)
def test_what_is_no_answer_is_explained(
    client: FlaskClient, desk: Desk, choice: dict[str, Any], status: int, says: str
) -> None:
    client.post("/api/phones")
    desk.do(Ask(BEFORE))
    told = answer(client, **choice)
    assert told[0] == status
    assert says in told[1]["advice"]


def test_an_answer_to_closed_questions_is_refused_with_a_sentence(client: FlaskClient) -> None:
    client.post("/api/phones")
    status, told = answer(client, question=FIRST.id, option="A")
    assert (status, told["reason"]) == (409, "room.not-asking")
    assert "while the teacher asks" in told["advice"]


def test_a_phone_that_floods_is_slowed_down(client: FlaskClient, desk: Desk) -> None:
    client.post("/api/phones")
    desk.do(Ask(BEFORE))
    statuses = [answer(client, question="x", option="A")[0] for _ in range(200)]
    assert statuses[:60] == [409] * 60
    assert 429 in statuses


def test_nothing_that_everybody_may_have_says_who_has_answered_what(client: FlaskClient, desk: Desk) -> None:
    badge = client.post("/api/phones").get_json()["badge"]
    for moment in (BEFORE, AFTER):
        desk.do(Ask(moment))
        answer(client, question=FIRST.id, option="B")
        assert badge not in client.get("/api/state").text
        desk.do(Ask(None))
    assert badge not in client.get("/api/state").text


def test_the_sheet_is_the_teacher_s_and_a_pdf(client: FlaskClient, desk: Desk, tmp_path: Path) -> None:
    assert client.get("/api/teacher/questions.pdf").status_code == 401
    gate = Gate(tmp_path, fresh=True)
    teacher = create_app(desk, gate, Archive(tmp_path)).test_client()
    teacher.post("/api/teacher/login", json={"pin": gate.new_pin})
    for paper in ("a4", "letter"):
        assert teacher.get(f"/api/teacher/questions.pdf?paper={paper}").data.startswith(b"%PDF")
    refused = teacher.get("/api/teacher/questions.pdf?paper=a9")
    assert refused.status_code == 400
    assert "a4, letter" in refused.text


@pytest.fixture
def served(desk: Desk, tmp_path: Path) -> Iterator[Server]:
    gate = Gate(tmp_path)
    server = serve(create_app(desk, gate, Archive(tmp_path)), "127.0.0.1", 0)
    server.pin = gate.new_pin  # type: ignore[attr-defined]
    yield server
    server.close()


@pytest.fixture
def phone(chromium: Browser, served: Server) -> Iterator[Browser]:
    chromium.open(f"{served.url}/join")
    chromium.size(390, 780, True)
    chromium.wait_until("document.querySelectorAll('#free button').length === 3")
    yield chromium
    chromium.leave()


@pytest.fixture
def teacher(chromium: Browser, served: Server) -> Iterator[Browser]:
    chromium.open(f"{served.url}/teach")
    chromium.size(1366, 768)
    chromium.fill("#pin", served.pin)  # type: ignore[attr-defined]
    chromium.click(".door button")
    chromium.wait_until("document.querySelectorAll('#turns li').length > 0")
    chromium.click("#tab-debrief")
    chromium.wait_until("document.querySelectorAll('#questions > li').length > 0")
    yield chromium
    chromium.click("#logout")
    chromium.wait_until("!!document.querySelector('#pin')")
    chromium.leave()


def _title(text: str) -> str:
    return f"document.getElementById('asking-title').textContent === {text!r}"


def _give(page: Browser, letters: dict[str, str]) -> None:
    """Answers what the page asks, one question after the other."""
    for question in QUESTIONS:
        page.wait_until(_title(question.text))
        page.click(f"#options li:nth-child({question.letters.index(letters.get(question.id, 'A')) + 1}) button")
    page.wait_until("document.getElementById('asking-title').textContent.startsWith('Thank you')")


@in_a_browser
def test_a_phone_without_a_seat_answers_before_and_after_and_learns_what_was_right(phone: Browser, desk: Desk) -> None:
    assert phone.value("document.getElementById('asking').hidden")
    desk.do(Ask(BEFORE))
    _give(phone, {FIRST.id: "A"})
    phone.value("document.getElementById('asking-back').focus(), document.activeElement.click()")
    for _step in QUESTIONS[1:]:
        phone.click("#asking-back")
    phone.wait_until("document.querySelector('.option.chosen strong')?.textContent === 'A'")
    assert "right" not in phone.value("document.getElementById('asking').innerText")
    phone.click("#options li:nth-child(2) button")
    phone.wait_until("document.getElementById('asking-title').textContent.startsWith('Thank you')")
    desk.do(Ask(None))
    phone.wait_until("document.getElementById('asking').hidden && document.getElementById('told').hidden")
    desk.do(Ask(AFTER))
    _give(phone, {FIRST.id: RIGHT})
    desk.do(Ask(None))
    phone.wait_until("!document.getElementById('told').hidden")
    phone.click("#told summary")
    told = phone.value("document.querySelector('#told-questions li').innerText")
    assert FIRST.options[FIRST.right] in told
    assert FIRST.why in told
    assert "You had it right" in told
    survey = desk.backstage()["survey"]["questions"][0]
    assert [survey[moment]["all"][place] for moment, place in (("before", 1), ("after", FIRST.right))] == [1, 1]
    assert sum(survey["before"]["all"]) == 1


@in_a_browser
def test_a_question_left_for_later_comes_back_before_the_thanks(phone: Browser, desk: Desk) -> None:
    desk.do(Ask(BEFORE))
    first, second, *others = QUESTIONS
    phone.wait_until(_title(first.text))
    phone.click("#asking-on")
    phone.wait_until(_title(second.text))
    assert f"{len(QUESTIONS)} still open" in phone.value("document.getElementById('asking-note').innerText")
    for question in (second, *others, first):
        phone.wait_until(_title(question.text))
        phone.click("#options button")
    phone.wait_until("document.getElementById('asking-title').textContent.startsWith('Thank you')")


@in_a_browser
def test_the_teacher_asks_closes_and_sees_the_shift(teacher: Browser, desk: Desk) -> None:
    tokens = [desk.admit()[0] for _ in range(4)]
    teacher.value("document.getElementById('ask-before').focus(), document.activeElement.click()")
    teacher.wait_until("document.getElementById('ask-before').textContent === 'Close the questions'")
    assert teacher.value("document.activeElement.id") == "ask-before"
    for token in tokens:
        desk.answer(token, FIRST.id, "A")
    teacher.wait_until("document.getElementById('asking-now').textContent.includes('0 of 4 phones')")
    assert teacher.value("document.querySelectorAll('#questions td.before .bar').length") == 0
    teacher.click("#ask-before")
    teacher.wait_until("document.querySelector('#questions td.before .number')?.textContent === '4'")
    desk.do(Ask(AFTER))
    for token, option in zip(tokens, (RIGHT, RIGHT, RIGHT, "A"), strict=True):
        desk.answer(token, FIRST.id, option)
    desk.do(Ask(None))
    teacher.wait_until("document.querySelector('#questions .shift').textContent === 'Right: 0 % → 75 %'")
    assert "✓ right" in teacher.value("document.querySelector('#questions tr.right th').textContent")
    assert FIRST.why in teacher.value("document.querySelector('#questions .why').textContent")


@in_a_browser
def test_the_teacher_counts_hands(teacher: Browser, desk: Desk) -> None:
    teacher.click("#questions .hands summary")
    fill = "[...document.querySelectorAll('#questions .hands form')[1].querySelectorAll('input')]"
    teacher.value(f"{fill}.forEach((field, n) => {{ field.value = n + 1; }})")
    teacher.click("#questions .hands form:nth-of-type(2) button")
    teacher.wait_until("document.querySelector('#questions td.after .number')?.textContent === '1'")
    assert desk.backstage()["survey"]["questions"][0]["after"]["hands"] == (1, 2, 3, 4)
    desk.do(CountHands(AFTER, FIRST.id, (0, 0, 0, 7)))
    teacher.wait_until(f"{fill}[3].value === '7'")


@in_a_browser
def test_the_projector_says_that_phones_are_asked_and_nothing_of_what_they_say(
    chromium: Browser, served: Server, desk: Desk
) -> None:
    chromium.open(f"{served.url}/screen")
    chromium.wait_until("document.querySelectorAll('#goals li').length > 0")
    assert chromium.value("document.getElementById('asking-box').hidden")
    desk.do(Ask(BEFORE))
    desk.answer(desk.admit()[0], FIRST.id, "A")
    chromium.wait_until("document.getElementById('asking-box').innerText.includes('1 answer')")
    assert FIRST.options[0] not in chromium.text()
    desk.do(Ask(None))
    chromium.wait_until("document.getElementById('asking-box').hidden")
    chromium.leave()
