from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from cards.drawing import png
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from firmware.buttons import Buttons, power_off
from firmware.machine import Machine
from firmware.mockpins import MockPins
from hub.messages import Down, Role, Scan, Verdict
from paperhop import badge_command
from paperhop.__main__ import main
from tests.conftest import Mosquitto
from tests.firmware.standin import WITHIN, StandIn, answer

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


class Program:
    """`paperhop badge` as a process of its own."""

    def __init__(self, state: Path, *words: str, keyboard: int = subprocess.PIPE, pins: str = "mock") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "paperhop", "badge", "--id", "client", *words],
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GPIOZERO_PIN_FACTORY": pins, "XDG_STATE_HOME": str(state)},
        )

    def wait_line(self, part: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if part in line:
                return line
        pytest.fail(f"it never said {part!r}: {self.process.communicate()}")

    def type(self, *lines: str) -> None:
        assert self.process.stdin is not None
        for line in lines:
            self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=2 * WITHIN)
        return self.process.returncode, out, err


Start = Callable[..., Program]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Start]:
    started: list[Program] = []

    def start(*words: str) -> Program:
        started.append(Program(tmp_path / "state", *words))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def test_a_folder_is_scanned_answered_and_told(mosquitto: Mosquitto, tmp_path: Path, program: Start) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "1.png").write_bytes(png(PrintedCard(CardId("DEMO", 12), parse_packet(SYN))))
    (folder / "2.txt").write_text("no picture")
    Image.new("L", (640, 480), 128).save(folder / "3.png")
    with StandIn(mosquitto.url, "school") as hub:
        hub.say(Role("client", "client", "Client", "10.0.1.2", "handshake"))
        status, out, err = program("--broker", mosquitto.url, "--frames", f"dir:{folder}", "--set", "school").end()
        assert [scan.card for scan in hub.scans] == ["DEMO-12"]
    assert status == 0, err
    assert f"client scan 1: DEMO-12: {SYN}" in out
    assert "client scan 1: sent - Carry it on." in out
    assert "client: you are Client, 10.0.1.2." in out
    assert "2.txt is not a picture" in err
    assert "There is no card to be seen in 3.png." in out
    assert "1.png" not in out + err
    assert "Traceback" not in err


def test_cards_are_typed_for_the_virtual_hand(mosquitto: Mosquitto, program: Start) -> None:
    with StandIn(mosquitto.url, "kit") as hub:
        badge = program("--broker", mosquitto.url, "--frames", "virtual:fast")
        badge.type(f"DEMO-7 {SYN}", "nonsense", SYN)
        status, out, err = badge.end()
        assert len(hub.scans) == 2
        assert hub.scans[0].card == "DEMO-7"
    assert status == 0, err
    assert "client scan 2: sent" in out
    assert "'nonsense' is not a packet" in err


def test_on_a_terminal_it_says_first_what_to_type(free_port: int, tmp_path: Path) -> None:
    keyboard, terminal = os.openpty()
    badge = Program(
        tmp_path, "--broker", f"mqtt://127.0.0.1:{free_port}", "--frames", "virtual:fast", keyboard=terminal
    )
    try:
        badge.wait_line(f"T-1 {SYN}")
    finally:
        badge.process.kill()
        badge.process.communicate()
        os.close(keyboard)
        os.close(terminal)


def test_a_machine_without_lights_says_so_once(free_port: int, tmp_path: Path) -> None:
    broker = f"mqtt://127.0.0.1:{free_port}"
    badge = Program(tmp_path, "--broker", broker, "--frames", "virtual:fast", keyboard=subprocess.DEVNULL, pins="none")
    assert badge.end()[2].count("nothing lights up") == 1


def test_a_role_is_told_when_it_has_changed(mosquitto: Mosquitto, program: Start) -> None:
    with StandIn(mosquitto.url, "kit") as hub:
        badge = program("--broker", mosquitto.url, "--frames", "virtual:fast")
        hub.say(Role("client", "client", "Client", "10.0.1.2", "handshake"))
        badge.wait_line("you are Client, 10.0.1.2.")
        hub.say(Role("client", "client", "Client", "10.0.1.2", "handshake"))
        hub.say(Role("client", "server", "Server", "10.0.1.1", "handshake"))
        assert "you are Server" in badge.wait_line("you are")
        hub.say(Role("client", lesson="handshake"))
        assert "stand by" in badge.wait_line("client: you")


def test_a_stopped_card_is_told_with_what_to_correct(mosquitto: Mosquitto, program: Start) -> None:
    def stopped(scan: Scan) -> list[Down]:
        return [msgspec.structs.replace(answer(scan, Verdict.STOPPED), key=scan.counter)]

    with StandIn(mosquitto.url, "kit", stopped):
        badge = program("--broker", mosquitto.url, "--frames", "virtual:fast")
        for words in (
            "correct the address",
            "correct the port",
            "correct the flags",
            "correct the numbers",
            "wrong place",
        ):
            badge.type(SYN)
            assert f"stopped ({words}) - Carry it on." in badge.wait_line("stopped")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_without_a_broker_says_so_and_ends_cleanly(
    free_port: int, program: Start, number: signal.Signals
) -> None:
    badge = program("--broker", f"mqtt://u:secret@127.0.0.1:{free_port}", "--frames", "virtual")
    line = badge.wait_line("No broker")
    assert f"No broker at mqtt://127.0.0.1:{free_port}" in line
    assert "Is it running?" in line
    badge.process.send_signal(number)
    status, out, err = badge.end()
    assert status == 0, err
    assert "secret" not in out + err
    assert err == ""


def test_scans_that_nobody_answers_are_kept_and_said(free_port: int, program: Start, tmp_path: Path) -> None:
    words = ("--broker", f"mqtt://127.0.0.1:{free_port}", "--finish-within", "0")
    badge = program(*words, "--frames", "virtual:fast")
    badge.type(SYN)
    status, out, err = badge.end()
    assert status == 1, err
    assert "1 scan is not answered yet" in out
    assert (tmp_path / "state" / "paperhop" / "outbox-kit-client.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--id", "a b"], "cannot be a name"),
        (["--id", "a", "--set", "x/y"], "cannot be a name"),
        (["--id", "a", "--broker", "localhost"], "a broker is written like this"),
        (["--id", "a", "--frames", "camera"], "there are picamera, opencv:0, dir:FOLDER and virtual"),
        (["--id", "a", "--frames", "dir:/nowhere/at/all"], "cannot be read"),
        (["--id", "a", "--frames", "dir:.", "--outbox", "/dev/null/outbox"], "cannot be made"),
    ],
)
def test_what_cannot_begin_is_refused_with_a_sentence(
    words: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["badge", *words]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.startswith("paperhop badge: ")


@pytest.mark.parametrize("model", ["Raspberry Pi Zero 2 W Rev 1.0", None])
def test_the_power_button_shuts_down_a_raspberry_pi_and_no_other_computer(
    model: str | None, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does: list[Callable[[], None] | None] = []

    def buttons(pins: MockPins, on_scan: Callable[[], None], on_power: Callable[[], None] | None) -> Buttons:
        does.append(on_power)
        return Buttons(pins, on_scan, on_power)

    Image.new("L", (64, 64)).save(tmp_path / "empty.png")
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(Machine, "pi_model", lambda self: model)
    monkeypatch.setattr(badge_command, "Buttons", buttons)
    monkeypatch.setattr(badge_command, "_stop_on_signals", lambda badge: threading.Event())
    words = ["--id", "client", "--broker", f"mqtt://127.0.0.1:{free_port}", "--frames", f"dir:{tmp_path}"]
    assert main(["badge", *words, "--finish-within", "0"]) == 0
    assert does == [None if model is None else power_off]
