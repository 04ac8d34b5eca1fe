"""A badge that tests itself says in words and with its lights what is wrong, the likely cause, and what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from gpiozero import LED

from cards.drawing import picture, sheet_picture
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from cards.reader import find
from cards.testcard import TEST_CARD, printed_test_card
from firmware import camera_check, machine_checks
from firmware.camera_check import BLURRED, SOFT, Seen, judge
from firmware.frames import RATE, Frame, FrameSource, Image, SourceError
from firmware.line_checks import check_line
from firmware.machine import Machine
from firmware.mockpins import MockPins
from firmware.outbox import Outbox
from firmware.patterns import Shown
from firmware.pin_checks import check_pins
from firmware.pins import GPIO, SCAN_BUTTON
from firmware.results import Result, State
from firmware.selftest import Subject, run
from firmware.sharpness import DARK, sharpness
from firmware.virtual import VirtualHand
from hub.messages import LightWord, Sighting
from hub.messages.lights import Led
from paperhop.bench.camera import shoot
from tests.conftest import Mosquitto

FAST = 100.0
ROOT = Path(__file__).parents[2]


def worst(results: list[Result]) -> Result:
    """The first that is wrong, else the first note, else the first."""
    order = [State.WRONG, State.NOTE, State.WELL, State.ABSENT]
    return min(results, key=lambda result: order.index(result.state))


def no_pi() -> Machine:
    return Machine(Path("/nowhere"), lambda: None)


@pytest.fixture
def tested(tmp_path: Path, broker: str) -> Subject:
    return Subject(
        "b1",
        broker,
        tmp_path / "outbox.sqlite",
        lambda: VirtualHand(3, "fast"),
        MockPins(),
        no_pi(),
        "selftest",
        pace=FAST,
    )


def test_a_badge_that_is_fit_says_so_in_words_and_with_its_light(tested: Subject) -> None:
    said: list[str] = []
    assert run(tested, said.append)
    text = "\n".join(said)
    for part in ("lights", "buzzer", "buttons", "camera", "network", "broker", "outbox", "clock"):
        assert f"well    {part}:" in text, part
    assert "Nothing is wrong." in text
    assert "only simulated" in text
    assert "no camera was tested" in text
    assert "this is no Raspberry Pi" in text
    for place, led in enumerate(Led, 1):
        assert f"light {place} of 4 from the left, {led.value}" in text
    assert last_said(tested.pins) == [Shown(LightWord.DELIVERED)]


def test_what_is_wrong_is_blinked_part_by_part(tested: Subject, free_port: int) -> None:
    def broken() -> FrameSource:
        raise SourceError("There is no camera opencv:0. Is it plugged in?")

    said: list[str] = []
    assert not run(replace(tested, broker_url=f"mqtt://127.0.0.1:{free_port}", open_source=broken), said.append)
    text = "\n".join(said)
    assert "WRONG   camera: it cannot be opened." in text
    assert "cause: There is no camera opencv:0." in text
    assert "WRONG   broker:" in text
    assert "do: on the hub: is mosquitto running" in text
    assert "Wrong: camera, broker." in text
    assert last_said(tested.pins) == [Shown(LightWord.FAULT, 4), Shown(LightWord.FAULT, 6)]


def last_said(pins: MockPins) -> list[Shown]:
    """The words that were said after the walk along the lights."""
    words, moment = [], 0.0
    while (said := pins.said_after(moment)) is not None:
        if said.shown.word in (LightWord.FAULT, LightWord.DELIVERED):
            words.append(said.shown)
        after = [change.at for change in pins.switchings_after(said.at) if change.at > said.at]
        if not after:
            break
        moment = after[0]
    unique = [word for number, word in enumerate(words) if words[number - 1 : number] != [word]]
    return [word for word in unique if word.word is LightWord.FAULT] or unique[-1:]


# Pins.


def test_people_are_asked_and_believed() -> None:
    questions: list[str] = []

    def no(question: str) -> bool:
        questions.append(question)
        return False

    results = {result.part: result for result in check_pins(MockPins(), lambda line: None, no, 1000.0)}
    assert results["lights"].state is State.WRONG
    assert "the wrong way round" in results["lights"].cause
    assert results["buzzer"].state is State.NOTE, "a badge need not have one"
    assert results["buttons"].state is State.WRONG
    assert "was not pressed" in results["buttons"].found
    assert len(questions) == 2


def test_a_press_of_the_button_is_seen() -> None:
    pins = MockPins()

    def say(line: str) -> None:
        if "Press the SCAN button" in line:
            threading.Thread(target=pins.pin(SCAN_BUTTON).drive_low).start()

    results = check_pins(pins, say, lambda question: True, 20.0)
    assert [result.state for result in results] == [State.ABSENT, State.WELL, State.WELL, State.WELL]
    assert "SCAN works" in results[-1].found


def test_a_button_that_is_stuck_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = MockPins()
    held = pins.pin(SCAN_BUTTON)
    held.drive_low()
    monkeypatch.setattr(type(held), "drive_high", lambda self: None)
    result = worst(check_pins(pins, lambda line: None, None, FAST))
    assert result.part == "buttons"
    assert "SCAN (GPIO24) seems to be held down" in result.found


def test_pins_that_another_program_has_are_told_with_how_to_stop_it() -> None:
    pins = MockPins()
    taken = LED(GPIO[Led.RST], pin_factory=pins)
    result = worst(check_pins(pins, lambda line: None, None, FAST))
    taken.close()
    assert result.part == "lights"
    assert "sudo systemctl stop paperhop-badge" in result.do


# The camera.


@pytest.fixture(scope="module")
def photographs() -> list[Image]:
    """The test card as a badge's camera sees it."""
    card = sheet_picture(printed_test_card(), 300)
    return [shoot(card, 1, np.random.default_rng(seed)).image for seed in (1, 2, 3)]


def seen(*images: Image, rate: float | None = RATE) -> Seen:
    return Seen(tuple(Frame(image, n / RATE) for n, image in enumerate(images)), rate)


def test_a_sharp_test_card_in_good_light_is_well(photographs: list[Image]) -> None:
    assert worst(judge(seen(*photographs))).state is State.WELL


def blurred(images: list[Image], radius: float) -> list[Image]:
    """Out of focus by so many pixels: each point is a disc."""
    side = 2 * round(radius + 1) + 1
    y, x = np.mgrid[:side, :side] - side // 2
    disc = (radius + 0.5 - np.hypot(x, y)).clip(0, 1).astype(np.float32)
    return [np.asarray(cv2.filter2D(image, -1, disc / disc.sum()), np.uint8) for image in images]


def test_a_lens_out_of_focus_is_told_before_cards_cannot_be_read(photographs: list[Image]) -> None:
    states = [worst(judge(seen(*blurred(photographs, radius)))).state for radius in (0.5, 3.0, 8.0)]
    assert states == [State.WELL, State.NOTE, State.WRONG]
    unread = worst(judge(seen(*blurred(photographs, 8.0))))
    assert "reads no card" in unread.found
    assert "Turn the lens" in unread.do


def test_sharpness_falls_with_blur_and_minds_neither_light_nor_noise(photographs: list[Image]) -> None:
    def of(image: Image) -> float:
        (found,) = find(image)
        return sharpness(image, found)

    image = photographs[0]
    measured = [of(each) for radius in (0.5, 1, 2, 3) for each in blurred([image], radius)]
    assert measured == sorted(measured, reverse=True)
    assert measured[0] > 2 * SOFT > 2 * BLURRED
    noise = np.random.default_rng(1).normal(0, 4, image.shape)
    dimmer = (image * 0.6 + 20 + noise).clip(0, 255).astype(np.uint8)
    assert of(dimmer) == pytest.approx(of(image), rel=0.15)


def test_a_dark_picture_is_told_with_the_cap_and_the_lamp(photographs: list[Image]) -> None:
    night = np.random.default_rng(1).poisson(8, photographs[0].shape).astype(np.uint8)
    (result,) = judge(seen(night))
    assert result.state is State.WRONG
    assert "cap" in result.cause
    dim = (photographs[0] * 0.3).astype(np.uint8)
    assert dim.max() > DARK
    assert "little light" in " ".join(result.found for result in judge(seen(dim, dim)))


def test_a_lamp_that_shines_into_the_lens_is_told(photographs: list[Image]) -> None:
    white = np.full_like(photographs[0], 250)
    assert "nearly white" in " ".join(result.found for result in judge(seen(white)))


def test_another_card_does_not_tell_whether_it_is_sharp() -> None:
    other = picture(PrintedCard(CardId("DEMO", 1), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")), 150)
    result = judge(seen(other, other))[-1]
    assert result.state is State.NOTE
    assert "DEMO-1" in result.found
    assert "--test-card" in result.do


def test_a_slow_camera_is_told(photographs: list[Image]) -> None:
    assert judge(seen(*photographs, rate=4.0))[0].state is State.NOTE
    assert judge(seen(*photographs, rate=1.0))[0].state is State.WRONG
    assert judge(seen(*photographs, rate=None))[0].state is State.NOTE


class Stalled:
    """A camera that opens, and gives nothing until it is closed."""

    name = "stalled"

    def __init__(self) -> None:
        self._closed = threading.Event()

    def __iter__(self) -> Stalled:
        return self

    def __next__(self) -> Frame:
        self._closed.wait()
        raise StopIteration

    def close(self) -> None:
        self._closed.set()


def test_a_camera_that_gives_no_frames_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_check, "FIRST_WITHIN", 0.05)
    (result,) = camera_check.check(Stalled, 0.05)
    assert result.state is State.WRONG
    assert "no frames" in result.found


def test_the_rate_is_that_of_the_frames() -> None:
    hand = VirtualHand(1, "fast")
    hand.show(TEST_CARD)
    hand.finish()
    assert camera_check.look(hand, 60.0).rate == pytest.approx(RATE)


# The way to the hub.


def test_a_broker_that_lets_the_badge_in_is_well(mosquitto: Mosquitto) -> None:
    network, broker = check_line("b1", mosquitto.url, "kit")
    assert (network.state, broker.state) == (State.WELL, State.WELL)
    assert "MQTT 5" in broker.found


def test_what_listens_and_speaks_no_mqtt_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def slam() -> None:
            while True:
                try:
                    listening.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=slam, daemon=True).start()
        _, broker = check_line("b1", f"mqtt://127.0.0.1:{listening.getsockname()[1]}", "kit")
        listening.shutdown(socket.SHUT_RDWR)
    assert broker.state is State.WRONG
    assert "does not greet as an MQTT broker does" in broker.found
    assert "Trying" not in broker.found


def test_a_name_that_nobody_knows_is_a_matter_of_the_network() -> None:
    network, broker = check_line("b1", "mqtt://no-such-hub.invalid", "kit")
    assert (network.state, broker.state) == (State.WRONG, State.ABSENT)
    assert "no-such-hub.invalid" in network.found


# The computer.


def pi(root: Path, throttled: str | None = "0x0", heat: int = 51_540) -> Machine:
    """A Raspberry Pi as its files and its firmware show it."""
    for name, text in {
        "proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
        "sys/class/thermal/thermal_zone0/temp": f"{heat}\n",
        "proc/mounts": "/dev/mmcblk0p2 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\noverlay /home overlay rw 0 0\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Machine(root, lambda: None if throttled is None else f"throttled={throttled}\n")


@pytest.mark.parametrize(
    ("throttled", "heat", "state", "words"),
    [
        ("0x0", 51_540, State.WELL, "has 52 °C"),
        ("0x50005", 51_540, State.WRONG, "too little voltage at this moment"),
        ("0x50000", 51_540, State.NOTE, "since it was switched on"),
        ("0x0", 83_000, State.WRONG, "83 °C"),
        ("0x4", 51_540, State.NOTE, "slowed down"),
    ],
)
def test_heat_and_voltage_of_a_pi(tmp_path: Path, throttled: str, heat: int, state: State, words: str) -> None:
    result = worst(machine_checks.check_power(pi(tmp_path, throttled, heat)))
    assert result.state is state
    assert words in result.found


@pytest.mark.parametrize(
    ("model", "state", "words"),
    [
        ("Raspberry Pi Zero 2 W Rev 1.0", State.ABSENT, "nothing that measures its voltage"),
        ("Raspberry Pi 4 Model B Rev 1.5", State.WELL, "its voltage has been right"),
    ],
)
def test_a_voltage_that_nobody_measures_is_not_called_right(
    tmp_path: Path, model: str, state: State, words: str
) -> None:
    machine = pi(tmp_path)
    (tmp_path / "proc/device-tree/model").write_text(model)
    voltage = machine_checks.check_power(machine)[-1]
    assert voltage.state is state
    assert words in voltage.found


def test_without_vcgencmd_the_sensor_of_the_kernel_is_asked(tmp_path: Path) -> None:
    machine = pi(tmp_path, None)
    assert machine.power() is None
    sensor = tmp_path / "sys/class/hwmon/hwmon1"
    sensor.mkdir(parents=True)
    (sensor / "name").write_text("rpi_volt\n")
    (sensor / "in0_lcrit_alarm").write_text("1\n")
    power = machine.power()
    assert power is not None
    assert power.too_little


def test_another_computer_tells_nothing_and_that_is_said() -> None:
    (result,) = machine_checks.check_power(no_pi())
    assert result.state is State.ABSENT


def test_an_outbox_in_memory_is_a_thing_to_know(tmp_path: Path) -> None:
    machine = pi(tmp_path)
    assert machine.kept_by(Path("/var/lib/outbox.sqlite")) == "ext4"
    assert machine.kept_by(Path("/home/pi/outbox.sqlite")) == "overlay"


@pytest.mark.parametrize(
    ("mounts", "state", "words"),
    [
        ("overlayroot / overlay rw 0 0\n", State.WELL, "a pulled plug does no harm"),
        ("/dev/mmcblk0p2 / ext4 rw 0 0\n", State.NOTE, "a pulled plug can damage it"),
    ],
)
def test_whether_the_memory_card_is_protected(tmp_path: Path, mounts: str, state: State, words: str) -> None:
    machine = pi(tmp_path)
    (tmp_path / "proc/mounts").write_text(mounts)
    result = machine_checks.check_card(machine)
    assert result.state is state
    assert words in result.found
    assert machine_checks.check_card(no_pi()).state is State.ABSENT


def test_an_outbox_on_a_protected_card_wants_its_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = pi(tmp_path)
    monkeypatch.setattr(machine, "kept_by", lambda path: "overlay")
    result = worst(machine_checks.check_outbox(tmp_path / "outbox.sqlite", machine))
    assert result.state is State.WRONG
    assert "lost with the power" in result.found
    assert "partition for data" in result.cause
    monkeypatch.setattr(machine, "kept_by", lambda path: "ext4")
    assert worst(machine_checks.check_outbox(tmp_path / "outbox.sqlite", machine)).state is not State.WRONG


def test_waiting_scans_are_counted_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    for _ in range(2):
        outbox = Outbox(path)
        outbox.put("b1", Sighting("DEMO-1", command="round"))
        outbox.close()
    results = machine_checks.check_outbox(path, no_pi())
    assert "2 scans wait" in results[0].found
    outbox = Outbox(path)
    assert len(outbox) == 2
    outbox.close()
    assert [file.name for file in tmp_path.iterdir() if "selftest" in file.name] == []


def test_an_outbox_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (result,) = machine_checks.check_outbox(tmp_path / "file" / "outbox.sqlite", no_pi())
    assert result.state is State.WRONG
    assert "cannot be made" in result.cause


def test_a_clock_that_was_never_set_does_not_matter_and_that_is_said() -> None:
    never, now = machine_checks.check_clock(0.0), machine_checks.check_clock(time.time())
    assert (never.state, now.state) == (State.NOTE, State.WELL)
    assert "does not matter: judging never asks it" in never.found


# The command.


def selftest(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paperhop", "badge", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={"PATH": "/usr/bin:/bin", "GPIOZERO_PIN_FACTORY": "mock", "XDG_STATE_HOME": str(state), "HOME": str(state)},
    )


def test_the_command_tests_the_badge_that_its_options_name_wherever_they_stand(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    done = selftest(tmp_path, "--id", "b7", "--broker", mosquitto.url, "selftest", "--frames", "virtual:fast")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lets badge b7 in" in done.stdout
    assert "Nothing is wrong." in done.stdout


def test_without_a_name_it_cannot_begin(tmp_path: Path) -> None:
    done = selftest(tmp_path, "selftest")
    assert done.returncode == 2
    assert done.stderr == "paperhop badge selftest: a badge needs a name: give --id b1, for example\n"
