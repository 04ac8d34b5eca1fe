"""A phone's page in a real Chromium: what its player reads between two scans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cards.jsonform import to_json
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard, encode
from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Sighting
from hub.orders import Command, Hint, Sit
from hub.page import Gate, Server, create_app, serve
from hub.seats import phone_number
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"
WRONG = "10.0.1.9:40001 > 10.0.1.1:23 SYN seq=100"
IS_STOPPED = "document.getElementById('face').dataset.light === 'stopped'"


def path_of(packet: str, serial: int = 1) -> str:
    """Where a phone's camera goes that has seen this card."""
    return "/" + encode(PrintedCard(CardId("DEMO", serial), parse_packet(packet))).split("/", 3)[3]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


@pytest.fixture
def server(desk: Desk, tmp_path: Path) -> Iterator[Server]:
    with closing(serve(create_app(desk, Gate(tmp_path), Archive(tmp_path)), "127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Browser]:
    """A phone with the client's seat."""
    chromium.open(f"{server.url}/join")
    chromium.size(390, 780, phone=True)
    chromium.click("#free button[data-node=client]")
    chromium.wait_until("!document.getElementById('leave').hidden")
    yield chromium
    chromium.size(1366, 768)
    chromium.leave()


def go(page: Browser, server: Server, path: str) -> None:
    page.value(f"location.href = '{server.url}{path}'")
    page.wait_until(f"location.pathname === '{path}' && !document.getElementById('leave').hidden")


def test_the_reason_for_a_stop_is_there_after_a_reload(page: Browser, server: Server) -> None:
    go(page, server, path_of(WRONG))
    page.click("#scan-this")
    page.wait_until(IS_STOPPED)
    why = page.value("document.getElementById('sentence').textContent")
    go(page, server, "/join")
    page.wait_until("!document.getElementById('last').hidden")
    assert page.value("document.getElementById('last-sentence').textContent") == why
    assert "fix: address" in page.value("document.getElementById('last-word').textContent")
    assert page.value("document.getElementById('face').dataset.light") == "your-turn"


def test_a_hint_stands_below_a_stop_at_once(page: Browser, server: Server, desk: Desk) -> None:
    go(page, server, path_of(WRONG))
    page.click("#scan-this")
    page.wait_until(IS_STOPPED)
    desk.do(Hint("client", 1))
    page.wait_until("document.getElementById('todo-title').textContent === 'Hint'")
    steps = [step for step in desk.room.help("client").steps if step in page.text()]
    assert len(steps) == 1
    assert page.value(IS_STOPPED), "the stop is still lit"


def test_a_phone_shows_the_number_by_which_the_teacher_seats_it(page: Browser, server: Server, desk: Desk) -> None:
    (row,) = desk.backstage()["badges"]
    assert page.value("document.getElementById('name').textContent") == f"phone {phone_number(row['badge'])}"


def test_whoever_only_opens_the_page_can_be_seated_by_the_teacher(
    chromium: Browser, server: Server, desk: Desk
) -> None:
    chromium.open(f"{server.url}/join")
    chromium.wait_until("!document.getElementById('name').hidden")
    (row,) = desk.backstage()["badges"]
    desk.do(Sit(row["badge"], "router"))
    chromium.wait_until("document.getElementById('who').textContent.includes('Router')")
    chromium.leave()


def scan(desk: Desk, phone: str, packet: str, card: str) -> str:
    """Somebody else's phone, of this token, scans a card; its light."""
    answer = desk.phone_scan(phone, Sighting(card, written=to_json(parse_packet(packet))))
    assert answer is not None
    return answer.light.value


@pytest.mark.parametrize("lost", [False, True], ids=["arrives", "is-lost-in-secret"])
def test_a_player_who_waits_reads_for_what(page: Browser, server: Server, desk: Desk, lost: bool) -> None:
    """Nobody but whoever carries it is told of a loss: the sender reads what the whole room sees."""
    router = desk.admit()[0]
    desk.take(router, "router")
    if lost:
        desk.do(Command("lose router server"))
    go(page, server, path_of(SYN, 2))
    page.click("#scan-this")
    page.wait_until("document.getElementById('waiting').textContent.startsWith('Your SYN is on its way to Router.')")
    assert scan(desk, router, SYN, "DEMO-2") == ("dropped" if lost else "forwarded")
    told = "Your SYN is at Router, which takes it to Server. You wait for the answer of Server."
    page.wait_until(f"document.getElementById('waiting').textContent === '{told}'")


def test_phones_say_when_every_goal_is_reached(page: Browser, desk: Desk) -> None:
    (row,) = desk.backstage()["badges"]
    desk.do(Sit(row["badge"], None))
    for node in ("client", "router", "server"):
        desk.do(Command(f"engine {node}"))
    for _ in range(100):
        desk.tick()
    assert desk.room.done
    page.wait_until("document.getElementById('done').textContent === 'Done: every goal is reached.'")


def test_three_taps_are_one_scan(page: Browser, server: Server, desk: Desk) -> None:
    go(page, server, path_of(SYN, 2))
    page.value("window.tap = () => document.getElementById('scan-this').click()")
    page.wait_until("!document.getElementById('scan-this').hidden")
    before = desk.backstage()["event"]
    page.value("tap(), tap(), tap()")
    page.wait_until("document.getElementById('face').dataset.light === 'sent'")
    page.value("tap()")
    page.wait_until("!document.getElementById('scan-this').disabled")
    assert desk.backstage()["event"] == before + 1


def test_a_seat_is_left_only_after_a_question(page: Browser, desk: Desk) -> None:
    page.click("#leave-seat")
    page.wait_until("document.getElementById('sure-title').textContent === 'Leave the seat of Client?'")
    page.value("document.getElementById('sure').addEventListener('close', () => { window.isClosed = true })")
    page.click("#sure [value=no]")
    page.wait_until("window.isClosed")
    assert desk.room.world.seats
    page.click("#leave-seat")
    page.click("#sure-yes")
    page.wait_until("!document.getElementById('seats').hidden")
    assert not desk.room.world.seats


def test_a_card_of_the_visitor_before_is_a_new_one_in_the_next_round(page: Browser, server: Server, desk: Desk) -> None:
    go(page, server, path_of(SYN, 2))
    page.click("#scan-this")
    page.wait_until("document.querySelectorAll('#trail li').length === 1")
    desk.do(Command("round"))
    page.wait_until("document.querySelectorAll('#trail li').length === 0")
    assert not page.value("document.getElementById('card-new').hidden")


def test_what_was_played_for_a_player_is_there_to_be_copied(page: Browser, desk: Desk) -> None:
    desk.do(Command("play client"))
    page.wait_until("document.getElementById('sentence').textContent.startsWith('Played for you: copy this')")
    assert page.value("document.getElementById('copy').textContent") == "10.0.1.2:40001 > 10.0.1.1:23 SYN"
