"""A phone as a badge: over HTTP, with a real room and its journal; no broker is needed."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from cards import drawing
from cards.filling import marks
from cards.forms import known
from cards.jsonform import to_json
from cards.notation import parse, parse_packet, write
from cards.qrtext import CardId, CommandCard, PenCard, PrintedCard, RoleCard, encode
from hub.archive import Archive
from hub.desk import AWAY_S, Desk
from hub.journal import Journal
from hub.lessons import from_text, load
from hub.lessons.forms import pen_form
from hub.messages import BadgeStatus, Role, Sighting
from hub.orders import Command, Forget, Hint, Sit
from hub.page import Gate, create_app
from hub.phones import MOST
from hub.seats import MOST_BADGES, phone_number
from tests.cards.penpaper import paper
from tests.page.room import NO_PAST

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


def _text(packet: str, serial: int = 1) -> str:
    return encode(PrintedCard(CardId("DEMO", serial), parse_packet(packet)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


class Phone:
    def __init__(self, desk: Desk, gate: Gate, archive: Archive = NO_PAST) -> None:
        self.client = create_app(desk, gate, archive).test_client()
        answer = self.client.post("/api/phones")
        assert answer.status_code == 201
        self.token = answer.get_json()["token"]
        self.badge = answer.get_json()["badge"]

    def take(self, node: str | None) -> Any:
        return self.client.post("/api/phone/seat", json={"node": node})

    def scan(self, text: str, **more: Any) -> dict[str, Any]:
        answer = self.client.post("/api/scan", json={"text": text, **more})
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.get_json()
        return said


@pytest.fixture
def phone(desk: Desk, gate: Gate, tmp_path: Path) -> Phone:
    return Phone(desk, gate, Archive(tmp_path))


def test_a_phone_s_token_cannot_be_guessed_and_each_has_its_own(phone: Phone, desk: Desk, gate: Gate) -> None:
    other = Phone(desk, gate)
    for token in (phone.token, other.token):
        assert re.fullmatch(r"[\w-]{32}", token), "24 random octets"
    assert phone.token != other.token


def test_a_phone_takes_a_seat_and_scans_there(phone: Phone, desk: Desk) -> None:
    assert phone.take("client").get_json()["nodes"] == ["client"]
    said = phone.scan(_text(SYN))
    assert (said["verdict"], said["reason"], said["node"]) == ("sent", "tcp.syn-sent", "client")
    assert desk.state()["packets"][0]["to"] == "router"
    shown = phone.client.get("/api/phone").get_json()
    assert shown["nodes"] == ["client"]
    assert "Server" in shown["last"]["sentence"]


def test_the_reason_for_a_stop_stays_until_the_next_scan_of_that_phone(phone: Phone, desk: Desk) -> None:
    """A reload, or a second tab, asks the hub: it must know what a pupil has to mend."""
    phone.take("client")
    stopped = phone.scan(_text(SYN.replace("SYN", "FIN,ACK") + " ack=1"))
    assert stopped["light"] == "stopped"
    last = phone.client.get("/api/phone").get_json()["last"]
    assert last == {each: stopped[each] for each in ("light", "key", "sentence", "node")}
    sent = phone.scan(_text(SYN, 2))
    assert phone.client.get("/api/phone").get_json()["last"]["sentence"] == sent["sentence"]
    desk.do(Command("round"))
    assert phone.client.get("/api/phone").get_json()["last"] is None, "that was another round"


def test_a_player_who_takes_another_seat_is_told_nothing_of_the_last_one(phone: Phone) -> None:
    phone.take("client")
    phone.scan(_text(SYN))
    assert phone.take("router").get_json()["last"] is None


def test_three_phones_play_a_handshake(desk: Desk, gate: Gate) -> None:
    client, router, server = (Phone(desk, gate) for _ in range(3))
    for each, node in ((client, "client"), (router, "router"), (server, "server")):
        assert each.take(node).status_code == 200
    said: list[str] = []
    for packet, way in (
        (SYN, (client, router, server)),
        ("10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101", (server, router, client)),
        ("10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301", (client, router, server)),
    ):
        text = _text(packet, len(said) + 1)
        said += [each.scan(text)["verdict"] for each in way]
    assert said == ["sent", "forwarded", "delivered"] * 3
    assert desk.room.reached("connected") or desk.room.done


def test_a_taken_seat_is_refused_in_words_and_a_left_one_is_free(phone: Phone, desk: Desk, gate: Gate) -> None:
    other = Phone(desk, gate)
    phone.take("client")
    refused = other.take("client")
    assert refused.status_code == 409
    assert refused.get_json()["reason"] == "room.seat-taken"
    assert phone.take(None).get_json()["nodes"] == []
    assert other.take("client").get_json()["nodes"] == ["client"]


def test_a_phone_without_a_seat_is_given_none_by_scanning(phone: Phone, desk: Desk) -> None:
    assert phone.scan(_text(SYN))["reason"] == "room.no-seat"
    assert not desk.room.world.seats


def test_a_repeat_of_the_same_scan_gets_the_same_answer_and_counts_once(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    first = phone.scan(_text(SYN), counter=1)
    events = desk.backstage()["event"]
    assert phone.scan(_text(SYN), counter=1) == first
    assert desk.backstage()["event"] == events


def test_opening_a_page_is_no_scan(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    events = desk.backstage()["event"]
    path = "/" + _text(SYN).split("/", 3)[3]
    for _ in range(3):
        page = phone.client.get(path)
        assert page.status_code == 200
        assert "DEMO-1" in page.text
    assert phone.client.head(path).status_code == 200
    assert desk.backstage()["event"] == events


@pytest.mark.parametrize(
    "card",
    [
        PrintedCard(CardId("DEMO", 7), parse_packet(SYN)),
        CommandCard(CardId("DEMO", 7), "lose client router 20%"),
        RoleCard(CardId("DEMO", 7), "server"),
        PenCard(CardId("DEMO", 7)),
    ],
)
def test_every_kind_of_card_has_a_page(phone: Phone, card: Any) -> None:
    page = phone.client.get("/" + encode(card).split("/", 3)[3])
    assert page.status_code == 200
    assert "DEMO-7" in page.text


def test_a_role_card_seats_a_phone_and_a_command_card_does_nothing_there(phone: Phone, desk: Desk) -> None:
    assert phone.scan(encode(RoleCard(CardId("ROLE", 3), "server")))["reason"] == "room.seated"
    assert desk.room.world.seats[phone.badge] == ("server",)
    assert phone.scan(encode(CommandCard(CardId("CMD", 1), "round")))["reason"] == "room.not-a-reader"


def test_a_photo_of_a_card_is_a_scan(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    octets = io.BytesIO()
    Image.fromarray(drawing.picture(PrintedCard(CardId("DEMO", 1), parse_packet(SYN)), dpi=150)).save(octets, "JPEG")
    answer = phone.client.post("/api/scan", data=octets.getvalue(), content_type="image/jpeg")
    assert answer.get_json()["verdict"] == "sent"
    form = {"photo": (io.BytesIO(octets.getvalue()), "card.jpg")}
    again = phone.client.post("/api/scan", data=form, content_type="multipart/form-data")
    assert again.get_json()["verdict"] == "sent"


def test_a_photo_of_a_card_of_a_teachers_own_form_is_read(tmp_path: Path, gate: Gate) -> None:
    own = load("handshake")
    own = from_text(own.source.replace("10.0.1.", "172.20.7."), "mine")
    form, packet = pen_form(own), parse(SYN.replace("10.0.1.", "172.20.7."))
    assert form.id not in known()
    octets = io.BytesIO()
    Image.fromarray(paper(form, sorted(marks(form, packet))).picture).save(octets, "PNG")
    with closing(Journal(tmp_path)) as journal:
        phone = Phone(Desk(journal, own, data=tmp_path), gate, Archive(tmp_path))
        phone.take("client")
        answer = phone.client.post("/api/scan", data=octets.getvalue(), content_type="image/png").get_json()
    assert (answer["verdict"], answer["reason"]) == ("sent", "tcp.syn-sent")


@pytest.mark.parametrize(
    ("octets", "kind", "status"),
    [
        (b"no picture", "image/jpeg", 400),
        (b"", "image/png", 400),
        (b"x", "text/plain", 415),
        (b"[", "application/json", 400),
    ],
)
def test_what_is_no_card_is_explained_and_nothing_is_lost(
    phone: Phone, desk: Desk, octets: bytes, kind: str, status: int
) -> None:
    phone.take("client")
    answer = phone.client.post("/api/scan", data=octets, content_type=kind)
    assert answer.status_code == status
    assert answer.get_json()["advice"]
    assert phone.scan(_text(SYN))["verdict"] == "sent"


def test_a_photo_without_a_card_and_a_foreign_code_are_unread(phone: Phone) -> None:
    phone.take("client")
    octets = io.BytesIO()
    Image.new("L", (640, 480), 200).save(octets, "PNG")
    answer = phone.client.post("/api/scan", data=octets.getvalue(), content_type="image/png").get_json()
    assert (answer["verdict"], answer["reason"]) == ("unread", "card.unclear")
    assert phone.scan("https://example.org/")["reason"] == "card.foreign"


def test_nobody_scans_with_somebody_elses_token_or_none(phone: Phone, desk: Desk, gate: Gate) -> None:
    stranger = create_app(desk, gate, NO_PAST).test_client()
    assert stranger.post("/api/scan", json={"text": _text(SYN)}).status_code == 401
    guess = {"Authorization": "Bearer " + "x" * 32}
    assert stranger.post("/api/scan", json={"text": _text(SYN)}, headers=guess).status_code == 401
    phone.take("client")
    bearer = {"Authorization": f"Bearer {phone.token}"}
    answer = stranger.post("/api/scan", json={"text": _text(SYN)}, headers=bearer)
    assert answer.get_json()["badge"] == phone.badge


def test_a_phone_is_known_after_a_restart_of_the_hub(tmp_path: Path, gate: Gate) -> None:
    with closing(Journal(tmp_path)) as journal:
        before = Phone(Desk(journal, load("handshake"), data=tmp_path), gate)
        before.take("client")
        before.scan(_text(SYN))
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        client = create_app(desk, gate, NO_PAST).test_client()
        bearer = {"Authorization": f"Bearer {before.token}"}
        assert client.get("/api/phone", headers=bearer).get_json()["nodes"] == ["client"]
        again = client.post("/api/scan", json={"text": _text(SYN)}, headers=bearer).get_json()
        assert (again["verdict"], again["counter"]) == ("sent", 2)
    assert before.token not in (tmp_path / "phones.json").read_text()


def test_a_phone_that_plays_is_not_forgotten_for_others(desk: Desk) -> None:
    token, badge = desk.admit()
    desk.take(token, "client")
    watching, _ = desk.admit()
    for _ in range(MOST + 50):
        desk.admit()
    assert desk.phone(watching) is None
    playing = desk.phone(token)
    assert playing is not None
    assert (playing["badge"], playing["nodes"]) == (badge, ["client"])


def test_phones_that_come_and_go_leave_room_for_badges(desk: Desk) -> None:
    for _ in range(MOST_BADGES + 50):
        token, _ = desk.admit()
        desk.phone_scan(token, Sighting("T-1", written=to_json(parse_packet(SYN))))
    assert len(desk.backstage()["badges"]) <= MOST + 1
    roles = [down for down in desk.status(BadgeStatus("b1", "online", "ab" * 8)) if isinstance(down, Role)]
    assert [role.node for role in roles] == ["client"], "a badge that comes now is welcome"


def test_a_phone_has_a_number_of_its_own_by_which_the_teacher_knows_it(desk: Desk) -> None:
    badges = [desk.admit()[1] for _ in range(3)]
    assert [phone_number(badge) for badge in badges] == ["1", "2", "3"]
    assert {row["badge"] for row in desk.backstage()["badges"]} == set(badges), "also without a seat or a scan"
    assert desk.do(Sit(badges[1], "client")) == "phone 2 has its seat."
    desk.do(Forget())
    later = desk.admit()[1]
    assert phone_number(later) == "1"
    assert later not in badges, "a journal tells them apart"


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Callable[[float], None]:
    """So many seconds pass at the desk."""
    passed = 0.0

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        now = passed
        monkeypatch.setattr("hub.desk.time", SimpleNamespace(monotonic=lambda: time.monotonic() + now))
        desk.tick()

    return wait


def test_a_phone_that_is_not_heard_of_any_more_has_gone_and_another_can_take_its_seat(
    phone: Phone, desk: Desk, gate: Gate, wait: Callable[[float], None]
) -> None:
    phone.take("client")
    other = Phone(desk, gate)
    for _ in range(5):
        wait(AWAY_S / 2)
        phone.client.get("/api/phone")  # as an open page does
        other.client.get("/api/phone")
    assert all(row["online"] for row in desk.backstage()["badges"])
    assert other.take("client").status_code == 409
    wait(AWAY_S + 30)
    other.client.get("/api/phone")
    (row,) = [row for row in desk.backstage()["badges"] if row["badge"] == phone.badge]
    assert (row["online"], row["seconds"]) == (False, AWAY_S + 30)
    (said,) = [each for each in desk.backstage()["findings"] if each["badge"] == phone.badge]
    assert "Phone 1 (Client) has not been seen for 2 minutes" in said["text"]
    assert [node["free"] for node in desk.state()["nodes"]] == [True, True, True]
    assert other.take("client").get_json()["nodes"] == ["client"]
    assert phone.client.get("/api/phone").get_json()["nodes"] == []


def test_a_phone_that_comes_back_has_its_seat_still(phone: Phone, desk: Desk, wait: Callable[[float], None]) -> None:
    phone.take("client")
    wait(AWAY_S)
    assert not desk.state()["nodes"][0]["online"]
    assert phone.client.get("/api/phone").get_json()["nodes"] == ["client"]
    assert desk.state()["nodes"][0]["online"]
    assert not desk.state()["nodes"][0]["free"]
    wait(AWAY_S)
    desk.do(Sit(phone.badge, None))
    wait(0)
    assert desk.backstage()["badges"] == [], "the teacher has freed its seat"


def test_a_phone_that_does_not_come_back_after_a_restart_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Journal(tmp_path)) as journal:
        before = Desk(journal, load("handshake"), data=tmp_path)
        before.take(before.admit()[0], "client")
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        desk.tick()
        assert not desk.state()["nodes"][0]["free"], "it has time to come back"
        later = time.monotonic() + AWAY_S
        monkeypatch.setattr("hub.desk.time", SimpleNamespace(monotonic=lambda: later))
        desk.tick()
        assert desk.state()["nodes"][0]["free"]


def test_a_phone_that_was_forgotten_is_no_badge_any_more(desk: Desk) -> None:
    token, badge = desk.admit()
    desk.take(token, "client")
    desk.do(Forget())
    assert badge not in [row["badge"] for row in desk.backstage()["badges"]]


def test_a_counter_that_passes_over_another_is_told_which_is_next(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    answer = phone.client.post("/api/scan", json={"text": _text(SYN), "counter": 10})
    assert answer.status_code == 409
    assert "number 1" in answer.get_json()["advice"]
    assert phone.scan(_text(SYN), counter=1)["verdict"] == "sent"


def test_a_phone_that_floods_is_slowed_down(phone: Phone) -> None:
    phone.take("client")
    statuses = [phone.client.post("/api/scan", json={"text": "x"}).status_code for _ in range(200)]
    assert statuses[:60] == [200] * 60
    assert 429 in statuses


@pytest.mark.parametrize("body", ["[1]", "1", "null", '"text"', '{"text": 5}', '{"text": "x", "more": 1}'])
def test_json_that_is_no_scan_is_explained(phone: Phone, body: str) -> None:
    answer = phone.client.post("/api/scan", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "JSON" in answer.get_json()["advice"]


def test_an_unknown_phone_is_told_how_to_come_in_again(desk: Desk, gate: Gate) -> None:
    stranger = create_app(desk, gate, NO_PAST).test_client()
    for answer in (stranger.get("/api/phone"), stranger.post("/api/scan", data="[1]", content_type="application/json")):
        assert answer.status_code == 401
        assert "/join" in answer.get_json()["advice"]


def test_a_hint_reaches_a_phone_and_leaves_its_light(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    before = phone.client.get("/api/phone").get_json()
    desk.do(Hint("client", 2))
    after = phone.client.get("/api/phone").get_json()
    assert after["light"] == before["light"] == "your-turn"
    assert after["sentence"] != before["sentence"]
    assert "SYN" in after["sentence"]
    assert (before["hint"], after["hint"]) == (False, True)


def test_a_hint_is_still_there_when_the_next_card_is_stopped_too(phone: Phone, desk: Desk) -> None:
    phone.take("client")
    desk.do(Hint("client", 2))
    hint = phone.client.get("/api/phone").get_json()["sentence"]
    phone.scan(_text("10.0.1.9:40001 > 10.0.1.1:23 SYN seq=100"))
    shown = phone.client.get("/api/phone").get_json()
    assert (shown["last"]["light"], shown["sentence"], shown["hint"]) == ("stopped", hint, True)


def test_the_page_of_a_printed_card_says_what_is_printed_on_it(phone: Phone) -> None:
    packet = parse_packet(SYN)
    path = encode(PrintedCard(CardId("DEMO", 4), packet)).split("/", 3)[3]
    assert f'data-says="{escape(write(packet))}"' in phone.client.get(f"/{path}").text
