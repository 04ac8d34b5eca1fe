"""The projector's page in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub.feed import Feed
from hub.page import Gate, Server, create_app, serve
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser
from tests.page.room import MARKUP, NO_PAST, Room, entry, node

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def server(room: Room, gate: Gate) -> Iterator[Server]:
    server = serve(create_app(room, gate, NO_PAST), "127.0.0.1", 0)
    yield server
    server.close()


@pytest.fixture
def browser(chromium: Browser, server: Server) -> Iterator[Browser]:
    chromium.open(f"{server.url}/screen")
    chromium.wait_until("document.querySelectorAll('.node').length === 3")
    yield chromium
    chromium.leave()


_RIBBON = "document.querySelector('[data-node=router] .ribbon').textContent"
_EDGE = "document.getElementById('entries').getBoundingClientRect().bottom"
# The lines of the story that are at least partly in sight.
_SEEN = f"""[...document.querySelectorAll('#entries li')]
    .filter((line) => getComputedStyle(line).opacity === '1')
    .map((line) => ({{ line, top: line.getBoundingClientRect().top, bottom: line.getBoundingClientRect().bottom }}))
    .filter(({{ top }}) => top < {_EDGE} - 2)"""
# The papers whose flags are cut, or covered by a paper in front of them, or which cover a station's words.
_UNREADABLE = """(() => {
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const rect = (each) => each.getBoundingClientRect();
    const papers = [...document.querySelectorAll('.paper')];
    const depth = (paper) => Number(getComputedStyle(paper).zIndex);
    return papers.filter((paper, n) => {
        const label = paper.querySelector('.label');
        const cut = label.scrollWidth > label.clientWidth || rect(label).top < rect(paper).top;
        const isBefore = (other, m) => depth(other) > depth(paper) || (depth(other) === depth(paper) && m > n);
        const front = papers.filter(isBefore);
        const names = [...document.querySelectorAll('.node .names')];
        return cut || [...front, ...names].some((other) => meet(rect(label), rect(other)));
    }).map((paper) => paper.innerText);
})()"""


# The ends of wires that are at no station's edge, in pixels from it.
_LOOSE = """(() => {
    const stations = [...document.querySelectorAll('.station')].map((each) => each.getBoundingClientRect());
    const off = (at, from, to) => Math.max(from - at, at - to, 0);
    return [...document.querySelectorAll('.plug')].map((plug) => {
        const { left, top, width, height } = plug.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        return Math.min(...stations.map((s) => Math.hypot(off(x, s.left, s.right), off(y, s.top, s.bottom))));
    }).filter((distance) => distance > 2);
})()"""
_SIZES = "[...document.querySelectorAll('.names h3')].map((title) => parseFloat(getComputedStyle(title).fontSize))"
_CUT = "[...document.querySelectorAll('.ribbon .what')].filter((w) => w.scrollHeight > w.clientHeight + 1).length"


def _three_lans() -> dict[str, Any]:
    """Three LANs, each of a client, a router and a server, one above the other; the routers are joined."""
    names, turn = ("client", "router", "server"), "Scan the SYN,ACK from Server 3, carry it on"
    nodes = [
        {**node(name, 0.15 + 0.35 * lan, f"10.0.{lan}.{row}", turn=turn), "id": f"{name}-{lan}", "y": 0.15 + 0.35 * row}
        for lan in range(3)
        for row, name in enumerate(names)
    ]
    wires = [[f"{end}-{lan}", f"router-{lan}"] for lan in range(3) for end in ("client", "server")]
    return {"nodes": nodes, "links": [*wires, ["router-0", "router-1"], ["router-1", "router-2"]]}


def _packet(card: str, label: str, at: str = "client", to: str | None = "router") -> dict[str, Any]:
    text = f"10.0.1.2:40001 > 10.0.1.1:23 {label} seq=100"
    return {"card": card, "text": text, "label": label, "at": at, "to": to, "src": "client", "dst": "server"}


def test_until_the_hub_has_answered_the_page_looks_for_it_and_says_nothing_about_the_game(
    chromium: Browser, server: Server, room: Room
) -> None:
    room.broken = True
    chromium.open(f"{server.url}/screen")
    chromium.wait_until("document.getElementById('story').innerText.includes('Looking for the hub')")
    assert "scanned" not in chromium.text()
    room.value["story"] = []
    room.broken = False
    chromium.wait_until("document.getElementById('story').innerText.includes('Nobody has scanned a packet yet')")
    chromium.wait_until("!document.body.innerText.includes('Looking for the hub')")
    chromium.leave()


def test_a_screen_that_stands_there_follows_its_room_into_another_language(browser: Browser, room: Room) -> None:
    room.value["lesson"]["language"] = "it"
    room.feed.publish("reset", {})
    browser.wait_until("document.getElementById('story').innerText.includes('Che cosa è successo')")


def test_the_room_is_seen(browser: Browser) -> None:
    text = browser.text()
    for words in ("The handshake", "Open a connection.", "First act", "Client", "Router", "Server", "10.0.1.254"):
        assert words in text
    assert "SYN-RECEIVED" in text
    assert "LISTEN" in text
    assert "ACK to 10.0.1.1:23" in text
    assert "b2 is offline" in text
    assert "It came straight from the client, past the router." in text
    assert browser.value("document.querySelector('[data-node=server] .lamp.lit').dataset.lamp") == "dropped"


def test_a_card_that_speaks_to_the_room_is_no_packet_that_could_not_be_read(browser: Browser, room: Room) -> None:
    for event, reason, words in ((2, "room.seated", "role card"), (3, "room.commanded", "command card")):
        told = entry(event, packet=None, verdict="delivered", light="delivered", reason=reason)
        room.feed.publish("change", {"entry": told})
        browser.wait_until(f"document.querySelector('#entries li .packet').innerText === '{words}'")


def test_what_a_badge_without_a_seat_has_scanned_is_said_without_a_name(browser: Browser, room: Room) -> None:
    told = entry(
        2, node=None, packet=None, verdict="unread", light="unread", reason="room.not-a-reader", sentence="No."
    )
    room.feed.publish("change", {"entry": told})
    browser.wait_until("document.getElementById('said').textContent === 'show it again. No.'")


def test_markup_is_shown_as_text_and_does_not_run(browser: Browser) -> None:
    assert MARKUP in browser.value("document.getElementById('entries').textContent")
    assert browser.value("document.querySelectorAll('#room img, #room script, #room b').length") == 0
    assert browser.value("document.title") == "The handshake · Paperhop"


def test_a_scan_is_told_lit_and_its_packet_put_on_the_way(browser: Browser, room: Room) -> None:
    client = {**room.value["nodes"][0], "light": "sent", "sentence": "Carry it to the router.", "turn": None}
    told = entry(2, sentence="Carry it to the router.")
    room.feed.publish("change", {"entry": told, "nodes": [client], "packets": [_packet("DEMO-1", "SYN")]})
    browser.wait_until("document.querySelector('.paper .label').textContent === 'SYN'")
    assert browser.value("document.querySelector('#entries li .why').textContent").startswith("Carry it to the router.")
    assert browser.value("document.querySelector('[data-node=client]').dataset.light") == "sent"
    assert "Carry it to the router." in browser.value("document.getElementById('said').textContent")
    assert browser.value("document.querySelector('[data-node=router] .ribbon').textContent") == "next to scan: SYN"
    middle = "(({left, right}) => (left + right) / 2)(document.querySelector('%s').getBoundingClientRect())"
    client_x, paper_x, router_x = (
        browser.value(middle % each)
        for each in ("[data-node=client] .station", ".paper", "[data-node=router] .station")
    )
    assert client_x < paper_x < router_x


def test_a_packet_that_ends_leaves_the_others_on_their_way(browser: Browser, room: Room) -> None:
    room.feed.publish("change", {"packets": [_packet("DEMO-1", "SYN"), _packet("DEMO-2", "RST")]})
    browser.wait_until("document.querySelectorAll('.paper').length === 2")
    assert browser.value(_RIBBON) == "next to scan: SYN and RST"
    told = entry(2, node="router", card="DEMO-1", verdict="dropped", light="dropped", to=None, **{"from": "client"})
    room.feed.publish("change", {"entry": told, "packets": [_packet("DEMO-1", "SYN", "router", None)]})
    browser.wait_until("document.querySelectorAll('.paper').length === 1")
    assert browser.value("document.querySelector('.paper .label').textContent") == "RST"
    assert browser.value(_RIBBON) == "next to scan: RST"


def test_what_a_packet_is_can_be_read_however_many_wait_at_one_place(browser: Browser, room: Room) -> None:
    labels = ["SYN", "SYN,ACK", "ACK", "FIN,PSH,ACK"]
    there = [_packet(f"A-{n}", label) for n, label in enumerate(labels)]
    back = [_packet(f"B-{n}", label, "router", "client") for n, label in enumerate(labels)]
    room.feed.publish("change", {"packets": there + back})
    browser.wait_until("document.querySelectorAll('.paper').length === 8")
    assert browser.value(_UNREADABLE) == []


@pytest.mark.parametrize(
    ("badge", "online", "light", "said"),
    [
        (None, False, None, "no badge"),
        ("b9", False, None, "badge is off"),
        ("b9", True, None, "ready"),
        ("b9", False, "forwarded", "forwarded"),
    ],
)
def test_a_station_is_ready_only_when_its_badge_is_there(
    browser: Browser, room: Room, badge: str | None, online: bool, light: str | None, said: str
) -> None:
    changed = node("server", 0.88, "10.0.1.1", badge=badge, online=online, light=light)
    room.feed.publish("change", {"nodes": [changed]})
    browser.wait_until(f"document.querySelector('[data-node=server] .word').textContent === {said!r}")
    offline = browser.value("document.querySelector('[data-node=server]').classList.contains('offline')")
    assert offline is (badge is not None and not online)


def test_what_to_put_right_is_said_in_words(browser: Browser, room: Room) -> None:
    server = node("server", 0.88, "10.0.1.1", badge="b3", light="stopped", key=4)
    told = entry(2, node="server", badge="b3", verdict="stopped", light="stopped", key=5)
    room.feed.publish("change", {"entry": told, "nodes": [server]})
    browser.wait_until("document.querySelector('#entries .key').textContent === 'wrong place'")
    assert browser.value("document.querySelector('[data-node=server] .key').textContent") == "fix: numbers"


def test_no_line_of_the_story_is_cut_by_its_lower_edge_and_the_last_can_be_reached(
    browser: Browser, room: Room
) -> None:
    for n in range(2, 30):
        room.feed.publish("change", {"entry": entry(n, sentence=f"scan {n}. " * (n % 5 + 1))})
    browser.wait_until("document.querySelectorAll('#entries li').length === 29")
    browser.wait_until(f"{_SEEN}.length > 1 && {_SEEN}.every(({{bottom}}) => bottom <= {_EDGE} + 2)")
    browser.value("document.getElementById('entries').scrollTop = 100000")
    browser.wait_until(f"{_SEEN}.at(-1).line === document.querySelector('#entries li:last-child')")


def test_more_events_than_can_be_watched_are_caught_up_with(browser: Browser, room: Room) -> None:
    for n in range(2, 60):
        room.feed.publish("change", {"entry": entry(n, sentence=f"scan {n}")})
    browser.wait_until("document.querySelector('#entries .why').textContent.startsWith('scan 59')")
    assert browser.value("document.querySelectorAll('#entries li').length") == 59


def test_when_the_hub_starts_again_the_page_says_so_and_comes_back_by_itself(
    browser: Browser, server: Server, room: Room, gate: Gate
) -> None:
    server.close()
    browser.wait_until("document.getElementById('banner').textContent.includes('No line to the hub')")
    room.feed = Feed()
    room.value["lesson"]["title"] = "Another lesson"
    again = serve(create_app(room, gate, NO_PAST), server.host, server.port)
    browser.wait_until("document.getElementById('lesson-title').textContent === 'Another lesson'")
    browser.wait_until("document.getElementById('banner').hidden")
    again.close()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_nine_nodes_can_be_read_and_their_wires_end_at_them(
    chromium: Browser, server: Server, room: Room, width: int, height: int
) -> None:
    room.value.update(_three_lans(), packets=[], story=[])
    chromium.open(f"{server.url}/screen")
    chromium.size(width, height)
    chromium.wait_until("document.querySelectorAll('.node').length === 9 && document.querySelectorAll('.plug').length")
    chromium.wait_until(f"{_LOOSE}.length === 0")
    assert min(chromium.value(_SIZES)) >= 14
    assert chromium.value(_CUT) == 0, "a ribbon does not say all"
    chromium.leave()


def test_a_turn_is_told_to_its_end(browser: Browser, room: Room) -> None:
    browser.size(1366, 768)
    client = {**room.value["nodes"][0], "turn": "No ACK came: send the SYN,ACK to Server 2 again"}
    room.feed.publish("change", {"nodes": [client]})
    browser.wait_until("document.querySelector('[data-node=client] .what')?.innerText.endsWith('again')")
    assert browser.value(_CUT) == 0


def test_phones_are_told_where_to_come_in_while_a_seat_is_free(browser: Browser, room: Room) -> None:
    hidden = "document.getElementById('invite').hidden"
    assert browser.value(hidden)
    seated = [{**each, "badge": f"b{n}", "free": False} for n, each in enumerate(room.value["nodes"])]
    room.value.update(join="192.168.1.20:8000", nodes=[*seated[:2], {**seated[2], "free": True}])
    room.feed.publish("reset", {})
    browser.wait_until(f"!{hidden}")
    assert "192.168.1.20:8000/join" in browser.value("document.getElementById('invite').innerText")
    browser.wait_until("document.getElementById('invite-code').naturalWidth > 0")
    room.feed.publish("change", {"nodes": [seated[2]]})
    browser.wait_until(hidden)
