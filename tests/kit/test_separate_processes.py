"""Hub, mosquitto and badges as processes of their own, killed in the middle: every scan is answered once."""

from __future__ import annotations

import os
import queue
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cards.drawing import png
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from hub.journal import FILE
from tests.conftest import Mosquitto
from tests.hub.play import SERVER, SYN, SYN_ACK

WITHIN = 60.0


class Program:
    """A `paperhop` process whose lines can be waited for."""

    def __init__(self, *words: str) -> None:
        environment = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock", "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "paperhop", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def wait_for(self, pattern: str) -> str:
        """The next line in which `pattern` is found."""
        while True:
            line = self._lines.get(timeout=WITHIN)
            assert line is not None, f"it ended without saying {pattern!r}: {self.said}"
            self.said.append(line)
            if re.search(pattern, line):
                return line

    def end(self) -> int:
        """Wait until it ends by itself; its exit status."""
        while (line := self._lines.get(timeout=WITHIN)) is not None:
            self.said.append(line)
        return self._process.wait(WITHIN)

    def kill(self) -> None:
        """As if the plug were pulled."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(WITHIN)


class Kit:
    """One hub on its data folder, and badges with their outboxes, all at one mosquitto."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self._programs: list[Program] = []
        self._serial = 0
        self._cards: dict[str, bytes] = {}

    def hub(self) -> Program:
        words = ("--data", str(self.folder / "data"), "--http", "127.0.0.1:0", "--lesson", "handshake")
        hub = self._start("hub", "--broker", self.url, *words)
        hub.wait_for("Room handshake-")
        return hub

    def badge(self, node: str, *packets: str) -> Program:
        """A badge that finds these cards in its folder; the same packet is on the same paper everywhere."""
        self._serial += 1
        pictures = self.folder / f"pictures-{self._serial}"
        pictures.mkdir()
        for number, packet in enumerate(packets):
            (pictures / f"{number:03}.png").write_bytes(self._card(packet))
        outbox = str(self.folder / f"outbox-{node}.sqlite")
        return self._start(
            "badge", "--id", node, "--broker", self.url, "--frames", f"dir:{pictures}", "--outbox", outbox
        )

    def play(self, packet: str, *nodes: str) -> list[str]:
        """The same card at node after node; the verdicts."""
        verdicts = []
        for node in nodes:
            badge = self.badge(node, packet)
            assert badge.end() == 0, badge.said
            verdicts += answers(badge)
        return verdicts

    def records(self) -> list[tuple[str, str, int, str]]:
        """Badge, boot, counter and verdict of every scan in the journal, in order."""
        with sqlite3.connect(self.folder / "data" / FILE) as db:
            rows = db.execute("SELECT badge, boot, counter, body FROM record WHERE kind = 'scanned' ORDER BY n")
            return [(*row[:3], msgspec.json.decode(row[3])["answer"]["verdict"]) for row in rows]

    def close(self) -> None:
        for program in self._programs:
            program.kill()

    def _card(self, packet: str) -> bytes:
        if packet not in self._cards:
            card = PrintedCard(CardId("T", len(self._cards) + 1), parse_packet(packet))
            self._cards[packet] = png(card, dpi=150)
        return self._cards[packet]

    def _start(self, *words: str) -> Program:
        program = Program(*words)
        self._programs.append(program)
        return program


def answers(badge: Program) -> list[str]:
    """The verdicts that a badge has told, in order."""
    found = (re.search(r"scan \d+: (\w+)( \([a-z ]+\))? - ", line) for line in badge.said)
    return [match[1] for match in found if match]


@pytest.fixture
def kit(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(mosquitto.url, tmp_path)
    yield kit
    kit.close()


def test_a_handshake_over_which_the_hub_dies(kit: Kit) -> None:
    hub = kit.hub()
    assert kit.play(SYN, "client", "router") == ["sent", "forwarded"]
    hub.kill()
    server = kit.badge("server", SYN)
    server.wait_for("does not answer")
    hub = kit.hub()
    assert server.end() == 0
    assert answers(server) == ["delivered"]
    assert kit.play(SYN_ACK, "server", "router", "client") == ["sent", "forwarded", "delivered"]
    verdicts = [verdict for *_, verdict in kit.records()]
    assert verdicts == ["sent", "forwarded", "delivered"] * 2
    assert hub.stop() == 0


def test_a_badge_in_the_middle_of_its_cards_when_the_hub_dies(kit: Kit) -> None:
    hub = kit.hub()
    knocks = [f"10.0.1.2:{40000 + number} > {SERVER} SYN seq={number}" for number in range(12)]
    badge = kit.badge("client", *knocks)
    badge.wait_for("scan 3: sent")
    hub.kill()
    kit.hub()
    assert badge.end() == 0, badge.said
    assert answers(badge) == ["sent"] * 12
    records = kit.records()
    assert [counter for _, _, counter, _ in records] == list(range(1, 13))
    assert len({boot for _, boot, _, _ in records}) == 1


def test_mosquitto_dies_and_comes_back(kit: Kit, mosquitto: Mosquitto) -> None:
    kit.hub()
    assert kit.play(SYN, "client") == ["sent"]
    mosquitto.stop()
    router = kit.badge("router", SYN)
    router.wait_for("No broker|no broker")
    mosquitto.start()
    assert router.end() == 0
    assert answers(router) == ["forwarded"]


def test_a_wrong_card_is_stopped_and_names_the_part(kit: Kit) -> None:
    kit.hub()
    badge = kit.badge("client", f"10.0.1.9:40001 > {SERVER} SYN seq=100")
    assert badge.end() == 0
    assert answers(badge) == ["stopped"]
    assert any("(correct the address)" in line for line in badge.said)


def role(badge: Program) -> str:
    """Whom a badge was told to be."""
    (line,) = [line for line in badge.said if "you are" in line]
    return line


def test_badges_keep_their_nodes_when_everything_is_switched_off_and_on_again(kit: Kit, mosquitto: Mosquitto) -> None:
    hub = kit.hub()
    for name, node in (("red", "Client"), ("blue", "Router")):
        badge = kit.badge(name, SYN)
        assert badge.end() == 0, badge.said
        assert f"{name}: you are {node}" in role(badge)
    hub.kill()
    mosquitto.stop()
    mosquitto.start()
    blue = kit.badge("blue", SYN)
    kit.hub()
    assert blue.end() == 0, blue.said
    assert "blue: you are Router" in role(blue), "it has come before red"
