"""What the page answers, without a socket."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from hub.page import MAX_VIEWERS, Gate, create_app
from tests.page.room import MARKUP, NO_PAST, Room


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def client(room: Room, gate: Gate) -> FlaskClient:
    return create_app(room, gate, NO_PAST, heartbeat_s=0.001).test_client()


@pytest.mark.parametrize("path", ["/", "/screen", "/teach", "/join"])
def test_the_page_has_everything_from_the_hub_and_no_inline_script_or_style(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert "https://" not in text
    assert "http://" not in text
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []


def test_before_anything_is_known_the_page_says_nothing_about_the_game(client: FlaskClient) -> None:
    assert "scanned" not in re.sub(r"<[^>]*>", "", client.get("/screen").text)


def test_all_that_the_page_refers_to_is_there(client: FlaskClient) -> None:
    text = client.get("/screen").text
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', text)
    for style in re.findall(r'href="(/static/[^"]*\.css)"', text):
        addresses += re.findall(r'url\("([^"]*)"\)', client.get(style).text)
    assert "/fonts/bold.ttf" in addresses
    modules = ["/static/main.js"]
    for module in modules:
        modules += [f"/static/{name}" for name in re.findall(r'from "\./([^"]*)"', client.get(module).text)]
        assert len(modules) < 100
    for address in {*addresses, *modules}:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize(
    "path", [*("/", "/screen", "/teach", "/api/state", "/healthz"), "/fonts/regular.ttf", "/static/main.js", "/nothing"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_fonts_are_those_of_the_cards(client: FlaskClient) -> None:
    for name in ("regular", "bold"):
        answer = client.get(f"/fonts/{name}.ttf")
        assert answer.mimetype == "font/ttf"
        assert answer.data[:4] == b"\x00\x01\x00\x00"
    assert client.get("/fonts/other.ttf").status_code == 404


def test_the_state_is_the_room_with_the_place_in_its_feed(client: FlaskClient, room: Room) -> None:
    latest = room.feed.publish("change", {"round": 1})
    answer = client.get("/api/state")
    assert answer.json == {"v": 1, **room.value, "last_event": latest}
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_happens_while_the_state_is_taken_is_told_again_by_the_feed(gate: Gate) -> None:
    class Busy(Room):
        def state(self) -> dict[str, Any]:
            value = super().state()
            self.feed.publish("change", {"round": 2})
            return value

    client = create_app(Busy(), gate, NO_PAST, heartbeat_s=0.001).test_client()
    after = client.get("/api/state").get_json()["last_event"]
    answer = client.get(f"/api/events?after={after}", buffered=False)
    stream = iter(answer.response)
    next(stream)
    assert b'data: {"round":2}' in _octets(next(stream))
    answer.close()


def test_markup_in_a_payload_is_data(client: FlaskClient) -> None:
    answer = client.get("/api/state")
    assert answer.mimetype == "application/json"
    assert answer.get_json()["story"][0]["packet"]["data"] == MARKUP


def test_the_stream_tells_retry_events_and_heartbeats(client: FlaskClient, room: Room) -> None:
    before = room.feed.last_id
    latest = room.feed.publish("change", {"round": 2})
    answer = client.get(f"/api/events?after={before}", buffered=False)
    stream = iter(answer.response)
    assert answer.mimetype == "text/event-stream"
    assert _octets(next(stream)).startswith(b"retry: 1000\n")
    assert _octets(next(stream)) == f'id: {latest}\nevent: change\ndata: {{"round":2}}\n\n'.encode()
    assert _octets(next(stream)).startswith(b": ")
    answer.close()


def test_the_header_of_a_reconnect_counts_more_than_the_address(client: FlaskClient, room: Room) -> None:
    first = room.feed.publish("change", {"n": 1})
    second = room.feed.publish("change", {"n": 2})
    room.feed.close()
    text = client.get(f"/api/events?after={room.feed.last_id}", headers={"Last-Event-ID": first}).text
    assert f"id: {second}\n" in text
    assert f"id: {first}\n" not in text


def test_a_stale_place_gets_a_reset(client: FlaskClient, room: Room) -> None:
    room.feed.close()
    assert "event: reset\ndata: {}\n" in client.get("/api/events?after=old-7").text


def test_one_viewer_too_many_is_asked_to_wait_and_the_rest_of_the_page_goes_on(client: FlaskClient) -> None:
    open_streams = [client.get("/api/events", buffered=False) for _ in range(MAX_VIEWERS)]
    refused = client.get("/api/events")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert client.get("/").status_code == 200
    open_streams.pop().close()
    client.get("/api/events", buffered=False).close()
    for stream in open_streams:
        stream.close()
    assert client.get("/healthz").get_json() == {"ok": True, "viewers": 0}


def test_asking_for_the_head_of_the_stream_takes_no_place(client: FlaskClient) -> None:
    assert client.head("/api/events").status_code == 200
    assert client.get("/healthz").get_json()["viewers"] == 0


def test_an_address_that_does_not_exist_is_explained_to_people_and_to_programs(client: FlaskClient) -> None:
    page = client.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "front page" in page.text
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert set(answer.get_json()) == {"error", "advice"}


def test_nothing_can_be_changed_from_the_page(client: FlaskClient) -> None:
    for path in ("/", "/api/state", "/api/events", "/healthz"):
        assert client.post(path).status_code == 405


def test_trouble_inside_is_told_without_its_insides(client: FlaskClient, room: Room) -> None:
    room.broken = True
    answer = client.get("/api/state")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def _octets(part: object) -> bytes:
    assert isinstance(part, bytes)
    return part
