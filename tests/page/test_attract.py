"""The projector at a booth, in a real Chromium: a poster while nobody plays, and a word before a round ends.

The room is a real one; its clock is turned by the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.lessons import load
from hub.page import Gate, Server, create_app, serve
from tests.conftest import needs
from tests.hub.play import SYN
from tests.hub.teaching import Kit
from tests.page.browser import CHROMIUM, Browser
from tests.page.room import NO_PAST, Room

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    needs(CHROMIUM is not None, "a browser", "apt-get install chromium, or Google Chrome"),
]

FREE = "!document.getElementById('attract').hidden"
PLAYED = "document.getElementById('attract').hidden && document.querySelectorAll('.node').length === 3"
COUNTED = "document.getElementById('next-player').innerText"


class Shown(Room):
    """A real room, as the page sees it."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.feed = kit.room.feed
        self._kit = kit

    def state(self) -> dict[str, Any]:
        return self._kit.room.state()


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path, load("booth"))


@pytest.fixture
def server(kit: Kit, gate: Gate) -> Iterator[Server]:
    server = serve(create_app(Shown(kit), gate, NO_PAST), "127.0.0.1", 0)
    yield server
    server.close()


@pytest.fixture
def screen(chromium: Browser, server: Server) -> Iterator[Browser]:
    chromium.open(f"{server.url}/screen")
    chromium.wait_until(FREE)
    yield chromium
    chromium.leave()


def _reload(screen: Browser) -> None:
    screen.value("window.before = true, location.reload()")
    screen.wait_until("!window.before && document.querySelectorAll('.node').length === 3")


def test_a_free_table_says_how_to_begin_until_somebody_does_and_again_when_they_have_left(
    screen: Browser, kit: Kit
) -> None:
    words = screen.value("document.getElementById('attract').innerText")
    assert "Be a packet!" in words
    assert "Take the card SYN. Show it to the badge “Client”." in words
    assert "demo" in words, "nobody takes the card that walks by itself for a real one"
    assert screen.value("document.querySelector('.attract-node.start strong').innerText") == "Client"
    assert screen.value("getComputedStyle(document.querySelector('#room .stage')).visibility") == "hidden"
    kit.carry("T-1", SYN, "b1")
    screen.wait_until(PLAYED)
    assert screen.value("getComputedStyle(document.querySelector('#room .stage')).visibility") == "visible"
    kit.later(20)
    screen.wait_until(FREE)
    _reload(screen)
    screen.wait_until(FREE)


def test_all_of_it_is_on_the_screen_and_large(screen: Browser) -> None:
    for width, height in ((1366, 768), (1920, 1080), (1024, 768), (390, 780)):
        screen.size(width, height)
        outside = screen.value("""[...document.querySelectorAll('#attract *')].filter((each) => {
            const { left, top, right, bottom } = each.getBoundingClientRect();
            return each.innerText && (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight);
        }).map((each) => each.innerText)""")
        assert outside == []
        least = screen.value(
            "Math.min(...['h2', '.begin', 'strong', '.here'].map((each) =>"
            " parseFloat(getComputedStyle(document.querySelector(`#attract ${each}`)).fontSize))) / innerWidth"
        )
        assert least > 0.025
    screen.size(1366, 768)


def test_for_whom_nothing_should_move_the_card_lies_where_one_begins(screen: Browser) -> None:
    assert screen.value("document.getElementById('attract').getAnimations({ subtree: true }).length") == 0
    middle = "(({left, right}) => (left + right) / 2)(document.querySelector('%s').getBoundingClientRect())"
    card, start = (screen.value(middle % each) for each in ("#attract-ghost", ".attract-node.start .disc"))
    assert abs(card - start) < 2
    assert screen.value("document.querySelector('#attract-ghost .label').innerText") == "SYN"


def test_the_last_seconds_are_told_and_a_scan_ends_the_count(screen: Browser, kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    screen.wait_until(PLAYED)
    assert screen.value(COUNTED) == "", "there is time"
    kit.later(13)
    kit.room.pace(1)
    screen.wait_until(f"/New player in [1-7] s · scan a card to go on/.test({COUNTED})")
    _reload(screen)
    screen.wait_until(f"{COUNTED}.startsWith('New player in')")
    kit.room.pace(0)
    screen.wait_until(f"{COUNTED} === ''")
    kit.room.pace(1)
    screen.wait_until(f"{COUNTED}.startsWith('New player in')")
    kit.carry("T-1", SYN, "b2")
    screen.wait_until(f"{COUNTED} === ''")


def test_a_screen_that_has_lost_the_hub_finds_the_free_table_again(
    screen: Browser, kit: Kit, server: Server, gate: Gate
) -> None:
    kit.carry("T-1", SYN, "b1")
    screen.wait_until(PLAYED)
    server.close()
    screen.wait_until("!document.getElementById('banner').hidden")
    kit.later(20)
    again = serve(create_app(Shown(kit), gate, NO_PAST), "127.0.0.1", int(server.url.rpartition(":")[2]))
    screen.wait_until(FREE)
    screen.wait_until("document.getElementById('banner').hidden")
    again.close()


def test_a_paused_table_is_not_offered(screen: Browser, kit: Kit) -> None:
    kit.room.pace(0)
    screen.wait_until(PLAYED)
    assert screen.value("!document.getElementById('paused').hidden")
