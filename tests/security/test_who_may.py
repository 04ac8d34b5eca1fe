"""Every route, and who may what there: strangers, phones, the teacher; and what browsers are told to refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hub.archive import Archive
from hub.page import Gate, create_app
from paperhop.openapi import document
from tests.security.hall import SYN, Hall, handwriting

OPEN, PHONE, TEACHER, ORDER = "everybody", "a phone with its token", "the teacher", "the teacher, with her token"
ENTRY = "everybody, and it lets in"

WHO = {
    "GET /": OPEN,
    "GET /screen": OPEN,
    "GET /join": OPEN,
    "GET /join.svg": OPEN,
    "GET /teach": OPEN,  # asks for the PIN; with a session it is the teacher's page
    "GET /healthz": OPEN,
    "GET /docs/": OPEN,
    "GET /docs/<path:name>": OPEN,
    "GET /fonts/<name>.ttf": OPEN,
    "GET /static/<path:filename>": OPEN,
    "GET /<any(P, M, R, C, p, m, r, c):kind>/<path:rest>": OPEN,
    "GET /api/state": OPEN,
    "GET /api/events": OPEN,
    "GET /api/ladders": OPEN,
    "GET /api/packets/<id>": OPEN,
    "GET /badges/release/<badge>": OPEN,  # sealed for its badge
    "GET /badges/parts/<digest>": OPEN,
    "POST /api/phones": ENTRY,
    "POST /teach": ENTRY,
    "POST /api/teacher/login": ENTRY,
    "GET /api/phone": PHONE,
    "POST /api/phone/seat": PHONE,
    "POST /api/phone/answer": PHONE,
    "POST /api/scan": PHONE,
    "GET /api/teacher/state": TEACHER,
    "GET /api/teacher/lessons": TEACHER,
    "GET /api/teacher/film/<int:event>": TEACHER,
    "GET /api/teacher/inside/<node>": TEACHER,
    "GET /api/teacher/debrief": TEACHER,
    "GET /api/teacher/pictures/<int:event>.png": TEACHER,
    "GET /api/teacher/deck.pdf": TEACHER,
    "GET /api/teacher/questions.pdf": TEACHER,
    "GET /export/room.csv": TEACHER,
    "GET /export/room.pcapng": TEACHER,  # says what a link has lost in secret
    "POST /api/teacher/logout": ORDER,
    "POST /api/teacher/do": ORDER,
}
BODIES: dict[str, object] = {
    "POST /api/phone/seat": {"node": None},
    "POST /api/phone/answer": {"question": "q", "option": "A"},
    "POST /api/scan": {"text": "HTTP://10.42.0.1/nothing"},
    "POST /api/teacher/do": {"do": "command", "text": "round"},
    "POST /api/teacher/login": {"pin": "wrong"},
}
VALUES = {
    "name": "handshake",
    "filename": "main.js",
    "kind": "C",
    "rest": "1/A",
    "id": "DEMO-1",
    "node": "client",
    "event": "4",
    "badge": "b1",
    "digest": "0" * 64,
}
PATHS = {"GET /fonts/<name>.ttf": "/fonts/regular.ttf", "GET /docs/<path:name>": "/docs/running"}


@pytest.fixture
def played(hall: Hall) -> Hall:
    hall.come("b1")
    hall.scan("b1", "DEMO-1", SYN)
    hall.scan("b1", "DEMO-2", handwriting()[0])
    assert hall.journal.last == 4
    return hall


def _path(route: str) -> str:
    return PATHS.get(route) or re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: VALUES[found[1]], route.partition(" ")[2])


def _ask(client: FlaskClient, route: str, **headers: str) -> TestResponse:
    method = route.partition(" ")[0]
    body = {"json": BODIES[route]} if route in BODIES else {}
    answer = client.open(_path(route), method=method, headers=headers, buffered=False, **body)  # type: ignore[arg-type]
    if route != "GET /api/events":
        answer.get_data()
    answer.close()
    return answer


def test_every_route_is_in_the_table_and_no_other(hall: Hall) -> None:
    there = {
        f"{method} {rule.rule}"
        for rule in hall.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == set(WHO), "say in WHO who may use the route, and it is tested here"


def test_the_document_of_the_api_says_the_same() -> None:
    asked_for: dict[str, list[dict[str, list[str]]]] = {
        PHONE: [{"phone": []}],
        TEACHER: [{"teacher": []}],
        ORDER: [{"teacher": [], "csrf": []}],
    }
    who = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route): each for route, each in WHO.items()}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert operation.get("security") == asked_for.get(who[f"{method.upper()} {path}"]), path


@pytest.mark.parametrize("route", WHO)
def test_a_stranger_gets_what_is_everybody_s_and_nothing_else(played: Hall, route: str) -> None:
    before = played.journal.last
    status = _ask(played.app.test_client(), route).status_code
    if WHO[route] == OPEN:
        assert status in (200, 404), "404: there is nothing of this name"
    elif WHO[route] == ENTRY:
        assert status == (201 if route == "POST /api/phones" else 401)
    else:
        assert status == 401
    assert played.journal.last == before, "nothing has happened"


@pytest.mark.parametrize("route", [route for route, who in WHO.items() if who in (TEACHER, ORDER)])
def test_what_is_the_teacher_s_is_no_phone_s(played: Hall, route: str) -> None:
    client, token, _ = played.phone()
    before = played.journal.last
    headers = {"Authorization": f"Bearer {token}", "X-CSRF-Token": token}
    assert _ask(client, route, **headers).status_code == 401
    assert played.journal.last == before


@pytest.mark.parametrize("route", [route for route, who in WHO.items() if who == PHONE])
def test_what_is_a_phone_s_is_not_done_for_a_session_or_another_s_token(played: Hall, route: str) -> None:
    client, csrf = played.teacher()
    assert _ask(client, route, **{"X-CSRF-Token": csrf}).status_code == 401
    assert _ask(client, route, Authorization="Bearer " + "A" * 32).status_code == 401
    assert _ask(client, route, Authorization=f"Bearer {csrf}").status_code == 401


@pytest.mark.parametrize("route", [route for route, who in WHO.items() if who in (TEACHER, ORDER)])
def test_the_teacher_gets_what_is_hers_and_orders_only_with_her_token(played: Hall, route: str) -> None:
    client, csrf = played.teacher()
    _, other = played.teacher()
    if WHO[route] == TEACHER:
        assert _ask(client, route).status_code == 200
        return
    before = played.journal.last
    assert _ask(client, route).status_code == 403
    assert _ask(client, route, **{"X-CSRF-Token": ""}).status_code == 403
    assert _ask(client, route, **{"X-CSRF-Token": csrf[:-1]}).status_code == 403
    assert _ask(client, route, **{"X-CSRF-Token": other}).status_code == 403, "of another session"
    assert _ask(client, route, **{"X-CSRF-Token": csrf, "Origin": "http://evil.example"}).status_code == 403
    assert _ask(client, route, **{"X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-site"}).status_code == 403
    assert played.journal.last == before
    assert _ask(client, route, **{"X-CSRF-Token": csrf}).status_code == 200


@pytest.mark.parametrize("route", WHO)
def test_every_route_tells_browsers_what_to_refuse(played: Hall, route: str) -> None:
    client, csrf = played.teacher()
    headers = _ask(client, route, **{"X-CSRF-Token": csrf}).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "microphone=()" in headers["Permissions-Policy"]
    public = ("/static/", "/docs", "/fonts/", "/api/ladders")
    if not route.partition(" ")[2].startswith(public):
        assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Server" not in headers


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_it_is(played: Hall, name: str) -> None:
    client, csrf = played.teacher()
    before = played.journal.last
    answer = client.get("/api/teacher/do?_method=POST", headers={name: "POST", "X-CSRF-Token": csrf})
    assert answer.status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert client.open("/api/teacher/do", method=method, headers={"X-CSRF-Token": csrf}).status_code == 405
    assert played.journal.last == before


def test_a_session_is_a_new_one_whatever_the_browser_had_before(hall: Hall) -> None:
    client = hall.app.test_client()
    planted, _ = hall.teacher()
    cookie = planted.get_cookie("paperhop_teacher")
    assert cookie is not None
    client.set_cookie("paperhop_teacher", cookie.value)
    token = client.post("/api/teacher/login", json={"pin": hall.gate.new_pin}).get_json()["csrf"]
    mine = client.get_cookie("paperhop_teacher")
    assert mine is not None
    assert mine.value != cookie.value
    round_ = {"do": "command", "text": "round"}
    assert planted.post("/api/teacher/do", json=round_, headers={"X-CSRF-Token": token}).status_code == 403


def test_a_cookie_that_was_made_up_or_changed_opens_nothing(hall: Hall) -> None:
    client, _ = hall.teacher()
    cookie = client.get_cookie("paperhop_teacher")
    assert cookie is not None
    payload, _, signature = cookie.value.partition(".")
    for forged in ("", "x", payload, f"{payload}.", f"{payload}.{signature[::-1]}", f"e30.{signature}"):
        stranger = hall.app.test_client()
        stranger.set_cookie("paperhop_teacher", forged)
        assert stranger.get("/api/teacher/state").status_code == 401


def test_a_copy_of_the_cookie_ends_with_the_session_and_stays_ended_after_a_restart(hall: Hall, tmp_path: Path) -> None:
    client, csrf = hall.teacher()
    cookie = client.get_cookie("paperhop_teacher")
    assert cookie is not None
    other, _ = hall.teacher()
    assert client.post("/api/teacher/logout", headers={"X-CSRF-Token": csrf}).status_code == 200
    for app in (hall.app, create_app(hall.desk, Gate(tmp_path), Archive(tmp_path))):
        copy = app.test_client()
        copy.set_cookie("paperhop_teacher", cookie.value)
        assert copy.get("/api/teacher/state").status_code == 401
    assert other.get("/api/teacher/state").status_code == 200


def test_cookies_are_out_of_the_reach_of_scripts_and_of_other_sites(hall: Hall) -> None:
    client = hall.app.test_client()
    teacher = client.post("/api/teacher/login", json={"pin": hall.gate.new_pin}).headers["Set-Cookie"]
    phone = client.post("/api/phones").headers["Set-Cookie"]
    language = client.get("/?lang=it").headers["Set-Cookie"]
    for cookie in (teacher, phone, language):
        assert "HttpOnly" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        # The pages are plain HTTP on the hub's own network: a cookie marked Secure would never be sent back.
        assert "Secure" not in cookie
    assert "SameSite=Strict" in teacher
    assert "SameSite=Lax" in phone, "a card's code, opened with the phone's camera, comes from no site"


@pytest.mark.parametrize(
    "host", ['evil"><script>', "a b", "evil.example", "[::1]:99999", "a:b:c", "", "x\0y", "evil.example:80@hub"]
)
def test_a_name_that_the_hub_does_not_have_is_never_repeated(hall: Hall, host: str) -> None:
    client = hall.app.test_client()
    for path in ("/", "/docs", "/teach", "/join", "/screen", "/nothing", "/api/state", "/C/1/A"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in (200, 308, 400, 404)
        assert "evil" not in answer.text
        assert answer.headers.get("Location", "/docs/") == "/docs/"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/docs//evil.example",
            "/docs?next=//evil.example",
            "/join?next=http://evil.example",
            "/docs/%2f%2fevil.example",
        ),
        *(
            "/C//evil.example",
            "/C/%0d%0aLocation:%20http:/evil.example",
            "/teach?next=//evil.example",
            "/docs/..//evil",
        ),
    ],
)
def test_no_address_leads_away_from_the_hub(hall: Hall, path: str) -> None:
    client = hall.app.test_client()
    answer = client.get(path)
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    entered = client.post(path, data={"pin": hall.gate.new_pin})
    assert entered.headers.get("Location", "/teach") == "/teach" or entered.status_code == 308
