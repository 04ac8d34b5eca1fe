"""What strangers can write is text on every page: seen in a real Chromium, where no script runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import pytest

from cards.jsonform import WrittenJson
from hub.messages import Problem
from hub.orders import Join, Paste
from hub.page import Server, serve
from tests.conftest import needs
from tests.page.browser import CHROMIUM, Browser
from tests.security.hall import SYN, Hall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]

NAME = "<img src=x onerror=ran=1>"
LONG = f"\"'>{NAME}<script>ran=1</script><svg onload=ran=1>{{{{7*7}}}}</script></textarea>"
BUILT = "document.querySelectorAll('[onerror], [onload], img[src=x], script:not([src])').length"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hall]:
    """A room in which all that somebody can write is markup: the lesson, cards, badges over MQTT, the class."""
    text = (resources.files("hub.lessons") / "handshake.yaml").read_text("utf-8")
    for ours, theirs in (
        ("title: The handshake\n", f"title: 'The handshake {NAME}'\n"),
        ("title: Client\n", f"title: 'Client {NAME}'\n"),
        ("title: Your SYN is heard by the server\n", f"title: 'Heard {NAME}'\n"),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    file = tmp_path / f"{NAME}.yaml"
    file.write_text(text, "utf-8")
    with closing(Hall(tmp_path / "data", str(file))) as hall:
        for badge in ("b1", "b2", "b3"):
            hall.come(badge, program=LONG[:64], frames=LONG[:200])
        hall.scan("b1", "DEMO-1", SYN)
        hall.scan("b2", "DEMO-1", SYN)
        hall.scan(
            "b3", "DEMO-2", WrittenJson(src="10.0.1.1", dst="10.0.1.2", sport=23, dport=40001, data=LONG, text=LONG)
        )
        hall.scan(
            "b2", "DEMO-3", WrittenJson(src="10.0.1.9", dst="10.0.1.1", sport=1, dport=2, flags=("SYN",), data=LONG)
        )
        hall.scan("b2", "DEMO-4", WrittenJson(src="10.0.1.2", dst="10.0.1.1", next_hop=LONG[:64], data=LONG))
        hall.scan("b1", "DEMO-5", problem=Problem("card.damaged", LONG))
        hall.scan("b1", "DEMO-6", problem=Problem("card.foreign", LONG))
        hall.scan("teacher-badge", "DEMO-7", command="lose %3cimg%20src%3dx%20onerror%3dran%3d1%3e")
        hall.desk.do(Paste(f"{NAME}\n<script>ran=1</script>\n{{{{7*7}}}}"))
        hall.desk.do(Join(f"<b>{NAME}"))
        yield hall


@pytest.fixture
def server(hostile: Hall) -> Iterator[Server]:
    server = serve(hostile.app, "127.0.0.1", 0)
    yield server
    server.close()


def _harmless(page: Browser) -> None:
    assert page.value("typeof ran") == "undefined", "a script has run"
    assert page.value(BUILT) == 0, page.value("document.body.innerHTML")
    assert "49" not in page.value("document.title")


def test_the_test_would_see_it(chromium: Browser, server: Server) -> None:
    chromium.open(f"{server.url}/screen")
    chromium.wait_until("document.querySelectorAll('.node').length === 3")
    chromium.value(f"document.body.insertAdjacentHTML('beforeend', {NAME!r})")
    assert chromium.value(BUILT) == 1
    chromium.leave()


def test_on_the_projector(chromium: Browser, server: Server) -> None:
    chromium.open(f"{server.url}/screen")
    chromium.wait_until("document.querySelectorAll('.node').length === 3")
    chromium.wait_until(f"document.body.innerText.includes({NAME!r})")
    _harmless(chromium)
    chromium.leave()


def test_on_the_teacher_s_page_and_in_the_printed_report(chromium: Browser, hostile: Hall, server: Server) -> None:
    chromium.open(f"{server.url}/teach")
    chromium.size(1366, 768)
    chromium.fill("#pin", str(hostile.gate.new_pin))
    chromium.click(".door button")
    chromium.wait_until("document.querySelectorAll('#turns li').length > 0")
    for tab in ("setup", "run", "understand", "debrief"):
        chromium.click(f"#tab-{tab}")
        chromium.wait_until(f"document.body.innerText.includes({NAME!r})")
        _harmless(chromium)
    chromium.wait_until("document.querySelector('#film').max !== '0'")
    chromium._call("Emulation.setEmulatedMedia", media="print")
    chromium.wait_until(f"document.body.innerText.includes({NAME!r})")
    _harmless(chromium)
    chromium._call("Page.printToPDF")
    _harmless(chromium)
    chromium._call("Emulation.setEmulatedMedia", media="")
    for card in ("DEMO-1", "DEMO-2", "DEMO-3", "DEMO-4"):
        chromium.value(f"fetch('/api/packets/{card}').then((a) => a.json()).then((a) => {{ window.autopsy = a; }})")
        chromium.wait_until("window.autopsy")
    chromium.click("#logout")
    chromium.wait_until("!!document.querySelector('#pin')")
    chromium.leave()


@pytest.mark.parametrize("path", ["/join", f"/P/{quote(LONG, safe='')}", f"/C/{quote(NAME)}", f"/M/{quote(LONG)}/x"])
def test_on_a_phone(chromium: Browser, server: Server, path: str) -> None:
    chromium.open(f"{server.url}{path}")
    chromium.size(390, 780, phone=True)
    chromium.wait_until("location.port && document.readyState === 'complete'")
    chromium.wait_until("document.body.innerText.length > 20")
    _harmless(chromium)
    chromium.leave()


def test_on_a_phone_that_plays_and_on_pages_of_errors(chromium: Browser, hostile: Hall, server: Server) -> None:
    hostile.desk.room.release("b1")
    chromium.open(f"{server.url}/join")
    chromium.click("#free button")
    chromium.wait_until(f"document.getElementById('who').innerText.includes({NAME!r})")
    _harmless(chromium)
    chromium.leave()
    for path in (f"/{quote(LONG)}", f"/docs/{quote(LONG)}", f"/join.svg?at={quote(LONG)}", f"/?lang={quote(LONG)}"):
        chromium.open(f"{server.url}{path}")
        chromium.wait_until("location.port && document.readyState === 'complete'")
        _harmless(chromium)
        chromium.leave()


@pytest.mark.parametrize(
    "path", ["/api/state", "/api/ladders", "/api/packets/DEMO-2", "/api/packets/%3Cscript%3E", "/api/%3Cscript%3E"]
)
def test_what_is_for_programs_is_not_taken_for_a_page(hostile: Hall, path: str) -> None:
    answer = hostile.app.test_client().get(path, headers={"Accept": "text/html"})
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_table_for_a_spreadsheet_has_no_formula_in_it(tmp_path: Path) -> None:
    with closing(Hall(tmp_path)) as hall:
        hall.come("b1")
        for number, data in enumerate(("=1+1", "+1", "-1", "@x", "\t=1", "\r=1"), 1):
            hall.scan("b1", f"DEMO-{number}", WrittenJson(src="10.0.1.2", dst="10.0.1.1", data=data))
        client, _ = hall.teacher()
        text = client.get("/export/room.csv").text
        cells = [cell for line in text.splitlines() for cell in line.split(",")]
        assert not [cell for cell in cells if cell.strip('"').startswith(("=", "+", "@", "\t"))]
