"""Pages in the language of whoever looks: as chosen by a link, and remembered, or as the browser asks for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub import texts
from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.page import Gate, create_app
from tests.page.room import NO_PAST, Room

ENGLISH, ITALIAN = texts.texts("en").pages, texts.texts("it").pages
PAGES = ("/", "/screen", "/join", "/teach", "/P/1-0", "/nothing")


@pytest.fixture
def client(gate: Gate) -> FlaskClient:
    return create_app(Room(), gate, NO_PAST).test_client()


def shown(page: str) -> str:
    return html.unescape(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_italian_has_no_english_on_it(client: FlaskClient, path: str) -> None:
    page = client.get(path, query_string={"lang": "it"}, headers={"Accept": "text/html"}).text
    assert '<html lang="it">' in page
    english = {text for key, text in ENGLISH.items() if text != ITALIAN[key] and len(text) > 3 and "{" not in text}
    visible = re.sub(r"<[^>]*>", "\n", page)
    attributes = re.findall(r'(?:content|aria-label|title|alt)="([^"]*)"', page)
    said = {line.strip() for line in shown(visible).splitlines()} | {shown(each) for each in attributes}
    assert said & english == set()
    assert not any(f'"{text}"' in each for text in english for each in said), "words for scripts"


@pytest.mark.parametrize("path", ["/", "/join", "/teach"])
def test_whoever_chooses_a_language_keeps_it(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept-Language": "en"}).text
    assert re.findall(r'<a href="\?lang=(\w+)" lang="\1" hreflang="\1"[^>]*>([^<]*)</a>', page) == [
        (each, texts.texts(each).name) for each in texts.languages()
    ]
    client.get(f"{path}?lang=it")
    assert '<html lang="it">' in client.get("/", headers={"Accept-Language": "en"}).text
    client.get(f"{path}?lang=xx")
    assert '<html lang="it">' in client.get("/").text
    client.get(f"{path}?lang=en")
    assert '<html lang="en">' in client.get("/").text


def test_the_projector_speaks_as_its_room_does_unless_its_address_says_otherwise(gate: Gate) -> None:
    room = Room()
    room.value["lesson"]["language"] = "it"
    client = create_app(room, gate, NO_PAST).test_client()
    asks = {"Accept-Language": "en"}
    assert '<html lang="it">' in client.get("/screen", headers=asks).text
    assert '<html lang="en">' in client.get("/screen?lang=en", headers=asks).text
    assert '<html lang="it">' in client.get("/screen", headers=asks).text, "nor does it follow a choice made elsewhere"
    assert '<html lang="en">' in client.get("/join", headers=asks).text


def test_without_a_choice_the_browser_decides(client: FlaskClient) -> None:
    assert '<html lang="it">' in client.get("/", headers={"Accept-Language": "fr, it;q=0.8, en;q=0.5"}).text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_what_went_wrong_is_said_in_the_language_of_whoever_looks(client: FlaskClient) -> None:
    answer = client.get("/api/phone", headers={"Accept-Language": "it"})
    assert (answer.status_code, answer.get_json()["advice"]) == (401, ITALIAN["advice.unknown-phone"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


def test_a_teacher_chooses_a_lesson_and_the_language_of_its_room(desk: Desk, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    client = create_app(desk, gate, Archive(tmp_path)).test_client()
    token = client.post("/api/teacher/login", json={"pin": gate.new_pin}).get_json()["csrf"]

    def ordered(**order: str) -> str:
        answer = client.post("/api/teacher/do", json=order, headers={"X-CSRF-Token": token})
        return str(answer.get_json()["said" if answer.status_code == 200 else "advice"])

    assert ordered(do="lesson", lesson="data", language="it") == "A new room: Nomi via telnet."
    assert client.get("/api/state").get_json()["lesson"]["language"] == "it"
    assert ", ".join(texts.languages()) in ordered(do="lesson", lesson="data", language="xx")
    client.get("/teach?lang=it")
    assert ordered(do="lesson", lesson="linked") == "Una stanza nuova: Router collegati."
    assert client.get("/api/teacher/state").get_json()["findings"][0]["text"].startswith("L'hub non è collegato")
    first = client.get("/api/teacher/lessons").get_json()["lessons"][0]
    assert first["title"] == "L'handshake"
    assert first["variants"][0] == {"name": "basic", "title": load("handshake:basic", "it").title}
    deck = client.get("/api/teacher/deck.pdf?lesson=booth&language=it")
    assert deck.data.startswith(b"%PDF")
    asked = client.get("/api/teacher/questions.pdf")
    assert "Domande: Router collegati".encode("utf-16-be") in asked.data or b"Domande: Router collegati" in asked.data
    assert "Due minuti di TCP".encode("utf-16-be") in deck.data or b"Due minuti di TCP" in deck.data
