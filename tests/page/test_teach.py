"""The teacher's page in a real Chromium, with a real room and its journal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from cards.jsonform import to_json
from cards.notation import parse_packet
from hub.archive import Archive
from hub.desk import AWAY_S, Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import BadgeStatus, Down, Scan, Update
from hub.messages.release import Part, Release
from hub.orders import Choose, Command, Countdown, Forget, Paste
from hub.page import Gate, Server, create_app, serve
from hub.releases import Published, Releases
from hub.wallclock import WallClock
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"
ACK = "10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301"
BOOT = "ab" * 8

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]


@pytest.fixture
def wall(tmp_path: Path) -> WallClock:
    """The clock of a hub that follows nobody's."""
    return WallClock(tmp_path, tmp_path / "clock-is-set", lambda: None)


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    """Release 7 lies ready for badges."""
    release = Release(7, "0.2.0", (Part("paperhop-0.2.0-py3-none-any.whl", 1, "0" * 64, ("3.13",)),))
    published = Published(msgspec.json.encode(release).decode(), {})
    (tmp_path / "release.json").write_bytes(msgspec.json.encode(published))
    return Releases(tmp_path)


@pytest.fixture
def desk(tmp_path: Path, wall: WallClock, releases: Releases) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path, wall=wall, releases=releases)


@pytest.fixture
def server(desk: Desk, tmp_path: Path) -> Iterator[Server]:
    gate = Gate(tmp_path)
    server = serve(create_app(desk, gate, Archive(tmp_path)), "127.0.0.1", 0)
    server.pin = gate.new_pin  # type: ignore[attr-defined]
    yield server
    server.close()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Browser]:
    chromium.open(f"{server.url}/teach")
    chromium.size(1366, 768)
    chromium.fill("#pin", server.pin)  # type: ignore[attr-defined]
    chromium.click(".door button")
    chromium.wait_until("document.querySelectorAll('#turns li').length > 0")
    chromium.click("#tab-run")
    yield chromium
    chromium.click("#logout")
    chromium.wait_until("!!document.querySelector('#pin')")
    chromium.leave()


def _syn(desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT))
    desk.room.scan(Scan("b1", BOOT, 1, 1, "DEMO-1", to_json(parse_packet(SYN))))


def test_a_wrong_pin_is_told(chromium: Browser, server: Server) -> None:
    chromium.open(f"{server.url}/teach")
    chromium.fill("#pin", "nonsense")
    chromium.click(".door button")
    chromium.wait_until("document.body.innerText.includes('This is not the PIN')")
    chromium.leave()


def test_she_begins_where_a_lesson_is_set_up_until_somebody_has_scanned_something(page: Browser, desk: Desk) -> None:
    opened = "document.querySelector('[role=tab][aria-selected=true]')?.id"
    page.value("window.before = true, location.href = '/teach'")
    page.wait_until(f"!window.before && {opened} === 'tab-setup'")
    _syn(desk)
    page.value("window.before = true, location.reload()")
    page.wait_until(f"!window.before && {opened} === 'tab-run'")


def test_she_sees_whose_turn_it_is_and_what_is_missing(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.wait_until("document.querySelector('#turns').innerText.includes('Router')")
    page.click("#tab-setup")
    page.wait_until("document.getElementById('findings').innerText.includes('Nobody plays Router')")
    assert "b1" in page.value("document.getElementById('badges').innerText")


def test_she_sees_how_often_somebody_has_tried_in_vain(page: Browser, desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT))
    for counter, card in enumerate(("DEMO-1", "DEMO-2"), 1):
        wrong = to_json(parse_packet(SYN.replace(" SYN ", " - ")))
        desk.room.scan(Scan("b1", BOOT, counter, counter, card, wrong))
    page.wait_until("document.querySelector('#turns .tries')?.textContent === '2 tries, last: flags'")


def test_she_sees_how_each_badge_is_and_has_the_old_ones_updated(page: Browser, desk: Desk) -> None:
    told: list[Down] = []
    desk.publish = told.extend
    well = BadgeStatus("b1", "online", BOOT, 0, "paperhop 0.2.0", "picamera", 10.0, False, 52.0, False, 5200, 7)
    desk.status(well)
    desk.status(msgspec.structs.replace(well, badge="b2", program="paperhop 0.1.0", release=6, under_voltage=True))
    desk.status(msgspec.structs.replace(well, badge="b3", release=6, update="no-room"))
    page.click("#tab-setup")
    rows = "[...document.querySelectorAll('.badge-row')].map((row) => row.innerText).join('|')"
    page.wait_until(f"{rows}.includes('Paperhop 0.1.0, release 6')")
    first, second, third = page.value(rows).split("|")
    assert "52 °C · voltage right · 10 pictures per second · 5.2 GB free" in first.replace("\u00a0", " ")
    assert "update" not in first
    assert "an older program" in second
    assert "too little voltage" in second
    assert "there is no room on its card" in third
    page.click(".update-all")
    page.wait_until("document.querySelector('#toast').innerText.includes('2 badges may update now')")
    assert [down for down in told if isinstance(down, Update)] == [
        Update(badge, 7, again=True) for badge in ("b2", "b3")
    ]


def test_her_computer_sets_the_hub_s_clock_when_it_is_wrong(
    page: Browser, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.click("#tab-setup")
    page.wait_until("document.getElementById('hub-clock').innerText.startsWith('The hub’s clock')")
    assert not (tmp_path / "clock").exists(), "it is right"
    now = time.time_ns()
    monkeypatch.setattr("hub.wallclock.time.time_ns", lambda: now - 300 * 86_400 * 10**9)
    page.wait_until("document.querySelector('#toast').innerText.includes('clock is set by this computer')")
    at, _ = map(int, (tmp_path / "clock").read_text().split())
    assert abs(at - now // 10**6) < 60_000
    (tmp_path / "clock-is-set").touch()
    page.wait_until("document.getElementById('hub-clock').innerText.includes('has set it')")


def test_she_seats_a_badge_and_lets_the_engine_play(page: Browser, desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT))
    page.click("#tab-setup")
    choose = "(() => { const s = document.querySelectorAll('#seats select')[%d]; s.value = %r; %s })()"
    changed = "s.dispatchEvent(new Event('change'))"
    page.wait_until("document.querySelectorAll('#seats option[value=b1]').length === 3")
    page.value(choose % (2, "b1", changed))
    page.wait_until("document.querySelector('#toast').innerText.includes('b1')")
    assert desk.room.world.seats["b1"] == ("server",)
    page.wait_until("document.querySelectorAll('#seats select')[2].value === 'b1'")
    page.value(choose % (1, "*engine", changed))
    page.wait_until("document.querySelector('#toast').innerText.includes('plays Router')")
    assert desk.room.world.engines == {"router"}


def test_she_breaks_a_wire_and_loses_a_packet(page: Browser, desk: Desk) -> None:
    page.click("#fault button")
    page.wait_until("document.querySelector('#toast').innerText.includes('is lost')")
    assert [fault.kind.value for fault in desk.room.world.faults.values()] == ["lose"]
    page.value("document.querySelectorAll('#fault select')[1].value = 'down'")
    page.click("#fault button")
    page.wait_until("document.querySelector('#toast').innerText.includes('breaks')")
    assert desk.room.world.down


def test_what_cannot_be_is_said_and_nothing_happens(page: Browser, desk: Desk) -> None:
    page.value(
        "[...document.querySelectorAll('#node-panel button')].find((b) => b.textContent === 'Undo Client').click()"
    )
    page.wait_until("document.querySelector('#toast.wrong')?.innerText.includes('Not done')")
    assert desk.room.world.round == 1


def test_the_panel_follows_the_turn_until_she_chooses_a_node(page: Browser, desk: Desk) -> None:
    title = "document.getElementById('node-title').textContent"
    page.wait_until(f"{title}.startsWith('Client')")
    _syn(desk)
    page.wait_until(f"{title}.startsWith('Router')")
    page.click("#room [data-node=client]")
    page.wait_until(f"{title}.startsWith('Client')")
    play = "[...document.querySelectorAll('#node-panel button')].find((b) => b.textContent.startsWith('Play this'))"
    page.wait_until(f"{play}.disabled")
    page.click(".follow button")
    page.wait_until(f"{title}.startsWith('Router') && !{play}.disabled")


def test_the_panel_stays_at_its_node_while_she_points_at_it(page: Browser, desk: Desk) -> None:
    title = "document.getElementById('node-title').textContent"
    page.wait_until(f"{title}.startsWith('Client')")
    page.point("#node-panel button:enabled")
    _syn(desk)
    page.wait_until("document.querySelector('#turns').innerText.includes('Router')")
    assert str(page.value(title)).startswith("Client")
    buttons = page.value("[...document.querySelectorAll('#node-panel button')].map((each) => each.textContent)")
    assert "Undo Client" in buttons
    page.point("#tab-run")
    page.wait_until(f"{title}.startsWith('Router')")


def test_the_story_of_a_new_round_is_parted_from_the_last(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.wait_until("document.querySelectorAll('#entries .entry').length === 1")
    desk.do(Command("round"))
    page.wait_until("document.querySelector('#entries li').innerText === 'Round 2'")
    page.wait_until("!document.querySelector('#room .newest')")
    page.value("window.before = true, location.reload()")
    page.wait_until("!window.before && document.querySelector('#entries li')?.innerText === 'Round 2'")


def test_whoever_was_dealt_a_seat_that_nothing_plays_is_named(page: Browser, desk: Desk) -> None:
    desk.do(Paste("Dora"))
    page.click("#tab-setup")
    page.wait_until("document.getElementById('findings').innerText.includes('Dora has ')")


def test_another_lesson_begins_everywhere(page: Browser, desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT))
    page.click("#tab-setup")
    page.wait_until("document.querySelectorAll('.lesson-row').length === 8")
    page.value("document.querySelectorAll('.lesson-row')[1].querySelector('button').click()")
    page.wait_until("document.getElementById('lesson-title').innerText === 'Names by telnet'")
    assert desk.room.lesson.id == "data"
    assert desk.room.world.seats["b1"]


def test_the_language_that_she_chooses_waits_for_the_next_lesson_also_over_a_reload(page: Browser, desk: Desk) -> None:
    page.click("#tab-setup")
    spoken, said = "document.getElementById('spoken')", "document.getElementById('spoken-when')"
    page.wait_until(f"{spoken}.value === 'en' && {said}.hidden")
    page.value(f"{spoken}.value = 'it', {spoken}.dispatchEvent(new Event('change'))")
    page.wait_until(f"{said}.innerText === 'From the next lesson that you begin.'")
    page.value("window.before = true, location.reload()")
    page.wait_until("!window.before && document.querySelectorAll('.lesson-row').length === 8")
    assert page.value(f"{spoken}.value") == "it"
    page.value("document.querySelectorAll('.lesson-row')[1].querySelector('button').click()")
    page.wait_until(f"document.getElementById('lesson-title').innerText === 'Nomi via telnet' && {said}.hidden")
    assert page.value(f"{spoken}.value") == desk.room.lesson.language == "it"


def test_she_is_asked_before_a_lesson_that_was_played_ends(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.click("#tab-setup")
    page.wait_until("document.querySelectorAll('.lesson-row').length === 8")
    other = "document.querySelectorAll('.lesson-row')[1].querySelector('button')"
    page.value(f"{other}.click()")
    page.wait_until("document.getElementById('sure').open")
    assert "round 1" in page.value("document.getElementById('sure-losses').innerText")
    page.click("#sure button[value=no]")
    page.wait_until(f"!document.getElementById('sure').open && !{other}.disabled")
    assert desk.room.lesson.id == "handshake"
    page.value(f"{other}.click()")
    page.click("#sure-yes")
    page.wait_until("document.getElementById('lesson-title').innerText === 'Names by telnet'")
    assert desk.room.lesson.id == "data"


def test_the_deck_is_a_pdf(page: Browser) -> None:
    head = "fetch('/api/teacher/deck.pdf?lesson=handshake').then((r) => r.text()).then((t) => { window.got = t })"
    page.value(head + ", 1")
    page.wait_until("window.got?.startsWith('%PDF')")


def test_it_can_be_run_with_the_keyboard(page: Browser) -> None:
    page.value("document.getElementById('tab-run').focus()")
    key = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))"
    page.value(key)
    page.wait_until("!document.getElementById('panel-setup').hidden")
    assert page.value("document.activeElement.id") == "tab-setup"
    assert page.value("document.getElementById('tab-setup').getAttribute('aria-selected')") == "true"


def test_she_understands_a_packet_by_its_ladder_and_its_autopsy(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.click("#tab-understand")
    page.wait_until("document.querySelector('#ladder .says')?.textContent === 'SYN seq=100'")
    assert page.value("document.querySelector('#ladder .state-mark').textContent") == "SYN-SENT"
    page.click("#rungs button")
    page.wait_until("document.getElementById('autopsy').innerText.includes('Carry it to Router')")
    page.wait_until("document.getElementById('inside').innerText.includes('SND.NXT')")


def test_a_ladder_says_in_her_words_why_a_card_was_thrown_away_or_stopped(page: Browser, desk: Desk) -> None:
    for count, (node, text) in enumerate((("client", SYN), ("server", SYN), ("router", SYN), ("client", ACK)), 1):
        desk.status(BadgeStatus(node, "online", BOOT))
        desk.room.seat(node, node)
        desk.room.scan(Scan(node, BOOT, count, count, f"DEMO-{len(text)}", to_json(parse_packet(text))))
    page.value("location.href = '/teach?lang=it#understand'")
    page.wait_until("document.querySelector('.ladder')?.textContent.includes('dritto attraverso')")
    assert "ACK fermato: presto: manca la risposta" in page.value("document.querySelector('.ladder').textContent")
    ends = "document.querySelector('.ladder {}').getBoundingClientRect().bottom"
    assert page.value(ends.format(".slip") + " < " + ends.format(".drawn")), "it is high enough"
    page.value("location.href = '/teach?lang=en'")
    page.wait_until("document.documentElement.lang === 'en' && !!document.querySelector('#turns li')")


def test_of_a_long_ladder_the_projector_shows_the_heads_and_what_moved_last(page: Browser, desk: Desk) -> None:
    for count in range(1, 31):
        desk.status(BadgeStatus("b1", "online", BOOT))
        desk.room.seat("b1", "client")
        desk.room.scan(
            Scan("b1", BOOT, count, count, f"DEMO-{count}", to_json(parse_packet(SYN if count == 1 else ACK)))
        )
    page.size(1920, 1080)
    page.value("location.href = '/screen'")
    page.wait_until("document.querySelectorAll('.ladder .slip').length === 29")
    seen = "(found => found.getBoundingClientRect())([...document.querySelectorAll('{}')].at(-1))"
    assert page.value(seen.format("#goals") + ".bottom < " + seen.format(".ladder .heads") + ".top")
    assert page.value(seen.format(".ladder .heads") + ".bottom < " + seen.format(".ladder .slip") + ".top")
    assert page.value(seen.format(".ladder .slip") + ".bottom < innerHeight")
    page.value("location.href = '/teach'")
    page.wait_until("!!document.querySelector('#turns li')")


def test_names_are_hers_alone(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.click("#tab-setup")
    page.fill("#names", "Anna\nBen\n<b>Chiara</b>")
    page.click("#class button")
    page.wait_until("document.querySelectorAll('#leases li').length === 3")
    assert page.value("document.querySelectorAll('#leases b').length") == 0
    page.click("#tab-run")
    page.wait_until("document.querySelector('#turns .player')?.textContent.length > 0")
    everybody = str(desk.state())
    assert not any(name in everybody for name in ("Anna", "Ben", "Chiara"))


@pytest.mark.parametrize("language", ["en", "it"])
def test_nothing_is_pushed_out_of_her_page_sideways(page: Browser, desk: Desk, language: str) -> None:
    desk.do(Paste("Massimiliano Alessandro\n" + "x" * 40 + "\nAda"))
    page.value(f"window.before = true, location.href = '/teach?lang={language}#setup'")
    page.wait_until("!window.before && document.querySelectorAll('#leases li').length === 3")
    wide = """[...document.querySelectorAll('.panel:not([hidden]), .panel:not([hidden]) :is(.desk, .box)')]
        .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.id || each.className)"""
    assert page.value(wide) == []
    page.click("#tab-run")
    for node in ("client", "router", "server"):
        page.click(f"#room [data-node={node}]")
        page.wait_until(f"document.querySelector('#room .chosen')?.dataset.node === '{node}'")
        assert page.value(wide) == [], node
    page.value("window.before = true, location.href = '/teach?lang=en'")
    page.wait_until("!window.before && !!document.querySelector('#turns li')")


def test_what_is_forgotten_is_gone(page: Browser, desk: Desk, tmp_path: Path) -> None:
    desk.do(Paste("Anna\nBen"))
    token, _ = desk.admit()
    assert "Anna" in (tmp_path / "roster.json").read_text()
    desk.do(Forget())
    assert desk.phone(token) is None
    assert not (tmp_path / "roster.json").exists()
    page.click("#tab-setup")
    page.wait_until("document.querySelectorAll('#leases li').length === 0")


def test_one_badge_serves_the_whole_table(page: Browser, desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT))
    desk.status(BadgeStatus("b2", "online", BOOT))
    page.click("#tab-setup")
    page.click(".badge-row .whole-table")
    page.wait_until("document.querySelector('.badge-row').textContent.includes('Client, Router, Server')")
    assert desk.room.world.seats["b1"] == ("client", "router", "server")
    assert "b2" not in desk.room.world.seats


def test_a_round_is_counted_down_to(page: Browser, desk: Desk) -> None:
    desk.do(Countdown(3))
    assert desk.state()["pace"] == 0
    assert desk.state()["countdown"] == 3
    page.wait_until("document.querySelector('#pace .main')?.textContent === 'Go on'")


def test_the_debrief_has_the_mistakes_and_the_film(page: Browser, desk: Desk) -> None:
    _syn(desk)
    wrong = to_json(parse_packet("10.0.1.2:40001 > 10.0.1.1:24 SYN seq=7"))
    desk.room.scan(Scan("b1", BOOT, 2, 2, "DEMO-2", wrong))
    page.click("#tab-debrief")
    page.wait_until("document.querySelector('#film').max === '2'")
    page.click("#film-back")
    page.wait_until("document.getElementById('film-at').textContent === '1 / 2'")
    page.wait_until("document.querySelectorAll('#film-ladders .rung').length === 1")
    there = "[...document.querySelectorAll('#film-room .paper')].length"
    page.wait_until(f"{there} === 1")
    assert "SYN" in page.value("document.querySelector('#film-room .paper').textContent")
    page.click("#film-on")
    page.wait_until("document.getElementById('film-line').textContent.includes('port 24')")
    page.wait_until(f"{there} === 2")


def test_the_debrief_s_boxes_stand_below_each_other_in_a_tall_window(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.size(1366, 1600)
    page.click("#tab-debrief")
    page.wait_until("document.querySelector('#film').max === '1'")
    gap = page.value(
        "document.querySelector('#panel-debrief > .column').getBoundingClientRect().top"
        " - document.querySelector('#questions-box').getBoundingClientRect().bottom"
    )
    assert 0 < gap < 20


def test_where_no_phone_can_come_in_the_option_that_helps_stands_in_one_piece(page: Browser, server: Server) -> None:
    page.click("#tab-setup")
    page.wait_until("!!document.querySelector('#join-addresses code')")
    for width in (1366, 1024, 390):
        page.size(width, 768)
        assert page.value("document.querySelector('#join-addresses code').getClientRects().length") == 1
    assert page.value("document.querySelector('#join-addresses').textContent") == (
        "This hub can be reached from this machine only. "
        f"Start it with --http 0.0.0.0:{server.port}, and phones can come in."
    )


def test_the_film_runs_to_its_end_and_begins_anew(page: Browser, desk: Desk) -> None:
    _syn(desk)
    desk.do(Command("play router"))
    page.click("#tab-debrief")
    page.wait_until("document.querySelector('#film').max === '2'")
    page.click("#film-run")
    page.wait_until("document.getElementById('film-at').textContent === '1 / 2'")
    page.wait_until("document.getElementById('film-at').textContent === '2 / 2'")
    page.wait_until("document.getElementById('film-run').textContent === 'Run the film'")


def test_a_capture_is_of_what_one_node_saw(page: Browser, desk: Desk) -> None:
    _syn(desk)
    page.click("#tab-debrief")
    page.wait_until("document.querySelectorAll('#capture-node option').length === 3")
    page.value("document.getElementById('capture-node').value = 'server'")
    page.value("document.getElementById('capture-node').dispatchEvent(new Event('change'))")
    assert page.value("document.getElementById('capture-at').href").endswith("/export/room.pcapng?at=server")


def test_a_reload_on_another_tab_shows_the_room(page: Browser, desk: Desk) -> None:
    _syn(desk)  # a card is on its way, on a stage that is not in sight
    page.click("#tab-debrief")
    page.value("window.before = true, location.reload()")
    page.wait_until("!window.before && document.getElementById('lesson-title').innerText === 'The handshake'")
    page.wait_until("document.querySelectorAll('#film-room .node').length === 3")
    assert page.value("document.getElementById('banner').hidden")


def test_what_the_room_says_is_marked_in_the_language_of_the_room(page: Browser, desk: Desk) -> None:
    desk.do(Choose("handshake", "it"))
    page.wait_until("document.getElementById('lesson-title').lang === 'it'")
    assert page.value("document.documentElement.lang") == "en"
    assert page.value("document.getElementById('entries').lang") == "it"


def test_the_seat_of_a_phone_that_has_gone_is_free_with_one_press(
    page: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take(desk.admit()[0], "client")
    later = time.monotonic() + AWAY_S
    monkeypatch.setattr("hub.desk.time", SimpleNamespace(monotonic=lambda: later))
    desk.tick()
    page.click("#tab-setup")
    page.wait_until("document.getElementById('badges').textContent.includes('away for 1:30')")
    page.click("#badges .free-seat")
    page.wait_until("document.getElementById('badges').textContent.includes('no seat')")
    assert not desk.room.world.seats
