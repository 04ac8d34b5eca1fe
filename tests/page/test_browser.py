"""The page in a real Chromium, spoken to over its DevTools pipe: no driver, no port, no internet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from hub.feed import Feed
from hub.page import Server, create_app, serve
from tests.page.room import MARKUP, Room, entry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = """
    --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --force-prefers-reduced-motion --window-size=1366,768
    --remote-debugging-pipe
"""
SOON = 10.0

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    pytest.mark.skipif(
        CHROMIUM is None, reason="NO BROWSER: the page was not looked at. Install chromium to run these tests."
    ),
]


class _Browser:
    """A Chromium with one page; messages are JSON, each ended by a zero octet, on descriptors 3 and 4."""

    def __init__(self, profile: Path) -> None:
        to_browser, self._commands = _pipe("wb")
        from_browser, self._answers = _pipe("rb")
        os.set_inheritable(to_browser, True)
        os.set_inheritable(from_browser, True)
        wrapped = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", wrapped, str(CHROMIUM), *SWITCHES.split(), f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._count = 0
        self._target = ""
        self._session: str | None = None

    def open(self, url: str) -> None:
        self._target = self._call("Target.createTarget", url=url)["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]

    def leave(self) -> None:
        self._call("Target.closeTarget", targetId=self._target)
        self._session = None

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is; RuntimeError when it cannot be had."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait_until(self, condition: str) -> None:
        """Waits until a JavaScript condition holds, also while a page is being loaded; fails with the page's text."""
        pause, end = threading.Event(), time.monotonic() + SOON
        while not self._holds(condition):
            assert time.monotonic() < end, f"{condition} did not come true; the page says: {self.text()}"
            pause.wait(0.02)

    def _holds(self, condition: str) -> bool:
        try:
            return bool(self.value(condition))
        except RuntimeError:
            return False

    def text(self) -> str:
        return str(self.value("document.body.innerText"))

    def close(self) -> None:
        self._session = None
        self._commands.write(json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        self._commands.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                result: dict[str, Any] = answer["result"]
                return result

    def _message(self) -> bytes:
        octets = bytearray()
        while (octet := self._answers.read(1)) != b"\0":
            assert octet, "the browser has ended"
            octets += octet
        return bytes(octets)


def _pipe(mode: str) -> tuple[int, IO[bytes]]:
    """The browser's end (a descriptor) and ours (a file of this mode) of a pipe."""
    read, write = os.pipe()
    if mode == "wb":
        return read, os.fdopen(write, "wb", buffering=0)
    return write, os.fdopen(read, "rb")


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def server(room: Room) -> Iterator[Server]:
    server = serve(create_app(room), "127.0.0.1", 0)
    yield server
    server.close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Browser]:
    browser = _Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: _Browser, server: Server) -> Iterator[_Browser]:
    chromium.open(server.url)
    chromium.wait_until("document.querySelectorAll('.node').length === 3")
    yield chromium
    chromium.leave()


def test_the_room_is_seen(browser: _Browser) -> None:
    text = browser.text()
    for words in ("The handshake", "Open a connection.", "First act", "Client", "Router", "Server", "10.0.1.254"):
        assert words in text
    assert "SYN-RECEIVED" in text
    assert "LISTEN" in text
    assert "ACK to 10.0.1.1:23" in text
    assert "b2 is offline" in text
    assert "It came straight from the client, past the router." in text
    assert browser.value("document.querySelector('[data-node=server] .lamp.lit').dataset.lamp") == "dropped"


def test_markup_is_shown_as_text_and_does_not_run(browser: _Browser) -> None:
    assert MARKUP in browser.value("document.getElementById('entries').textContent")
    assert browser.value("document.querySelectorAll('#room img, #room script, #room b').length") == 0
    assert browser.value("document.title") == "The handshake · Paperhop"


def test_a_scan_is_told_lit_and_its_packet_put_on_the_way(browser: _Browser, room: Room) -> None:
    client = {**room.value["nodes"][0], "light": "sent", "sentence": "Carry it to the router.", "turn": None}
    packet = {
        "card": "DEMO-1",
        "text": "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100",
        "label": "SYN",
        "at": "client",
        "to": "router",
        "src": "client",
        "dst": "server",
    }
    told = entry(2, sentence="Carry it to the router.")
    room.feed.publish("change", {"entry": told, "nodes": [client], "packets": [packet]})
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


def test_more_events_than_can_be_watched_are_caught_up_with(browser: _Browser, room: Room) -> None:
    for n in range(2, 60):
        room.feed.publish("change", {"entry": entry(n, sentence=f"scan {n}")})
    browser.wait_until("document.querySelector('#entries .why').textContent.startsWith('scan 59')")
    assert browser.value("document.querySelectorAll('#entries li').length") == 59


def test_when_the_hub_starts_again_the_page_says_so_and_comes_back_by_itself(
    browser: _Browser, server: Server, room: Room
) -> None:
    server.close()
    browser.wait_until("document.getElementById('banner').textContent.includes('line to the hub is broken')")
    room.feed = Feed()
    room.value["lesson"]["title"] = "Another lesson"
    again = serve(create_app(room), server.host, server.port)
    browser.wait_until("document.getElementById('lesson-title').textContent === 'Another lesson'")
    browser.wait_until("document.getElementById('banner').hidden")
    again.close()
