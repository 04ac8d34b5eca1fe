"""Cards for the pen, all the way: hands mark them, a camera sees them, badges read them, and the hub judges."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from cards.filling import marks
from cards.forms import known
from cards.jsonform import from_json
from cards.notation import parse
from cards.packet import Written
from cards.payload import Ink
from cards.penform import PenForm
from firmware.badge import Badge
from firmware.frames import Frame, Image
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.observer import Observer
from firmware.outbox import Outbox
from firmware.patterns import Shown
from hub.lessons import Lesson, from_text, load
from hub.lessons.forms import pen_form
from hub.messages import Answer, LightWord, Role, Scan, encode
from hub.service import Hub
from tests.cards.penpaper import Paper, paper
from tests.firmware.test_badge import Learning

WITHIN = 60.0
LESSON = load("linked")
FORM = pen_form(LESSON)
WAY = ("client-1", "router-1", "router-2", "server-2")
TABLE = np.full((720, 1280), 90, np.uint8)
_shots = count()


class Rest:
    """Frames of what is laid on a rest: each card lies there for as long as it takes, and is taken away."""

    name = "rest"

    def __init__(self) -> None:
        self._laid: queue.Queue[list[Image] | None] = queue.Queue()

    def lay(self, card: Paper) -> None:
        seed = next(_shots)
        self._laid.put([shot.image for shot in card.shots(4, level=seed % 2, seed=seed)])

    def close(self) -> None:
        self._laid.put(None)

    def __iter__(self) -> Iterator[Frame]:
        at = 0.0
        while (images := self._laid.get()) is not None:
            for image in [*images, *[TABLE] * 8]:
                at += 0.1
                yield Frame(image, at)


class Player(Observer):
    """A node with its badge."""

    def __init__(self, node: str, broker: str, set_name: str) -> None:
        self.rest = Rest()
        self.pins = MockPins()
        self._lights = Lights(self.pins, speed=20.0)
        self.scans: list[Scan] = []
        self._answers: queue.Queue[Answer] = queue.Queue()
        self.seated = threading.Event()
        self.forms = Learning()
        badge = Badge(
            node,
            self.rest,
            broker,
            outbox=Outbox(None),
            lights=self._lights,
            set_name=set_name,
            observer=self,
            forms=self.forms,
        )
        self._thread = threading.Thread(target=badge.run, daemon=True)
        self._thread.start()

    def on_role(self, role: Role) -> None:
        self.seated.set()

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        self.scans.append(scan)
        self._handed_over = frame_time

    def on_answer(self, answer: Answer) -> None:
        self._answers.put(answer)

    def scan(self, card: Paper) -> Answer:
        self.rest.lay(card)
        answer = self._answers.get(timeout=WITHIN)
        assert self._lights.wait_said(WITHIN)
        said = self.pins.said_after(self._handed_over)
        assert said is not None
        assert said.shown == Shown(answer.light, answer.key)
        return answer

    def close(self) -> None:
        self.rest.close()
        self._thread.join(WITHIN)
        self._lights.close()


@contextmanager
def playing(lesson: Lesson, nodes: Sequence[str], broker: str, folder: Path) -> Iterator[dict[str, Player]]:
    """A room of this lesson with a badge at each of these nodes."""
    set_name = f"pens-{folder.name[:20]}"
    hub = Hub(lesson, broker_url=broker, data=folder, http=("127.0.0.1", 0), set_name=set_name)
    players = {node: Player(node, broker, set_name) for node in nodes}
    for player in players.values():
        assert player.seated.wait(WITHIN)
        assert player.forms.learnt.wait(WITHIN)
    try:
        yield players
    finally:
        for player in players.values():
            player.close()
        hub.stop()


@pytest.fixture
def players(broker: str, tmp_path: Path) -> Iterator[dict[str, Player]]:
    with playing(LESSON, WAY, broker, tmp_path) as there:
        yield there


def write(card: Paper, text: str, before: Written | None = None) -> Written:
    """A player writes on a card what is not there yet; what stands on it then."""
    written = parse(text)
    for number, mark in enumerate(sorted(marks(card.form, written) - (marks(card.form, before) if before else set()))):
        card.mark(*mark, seed=number)
    return written


def new_card(serial: int, text: str, form: PenForm = FORM) -> Paper:
    card = paper(form, serial=serial)
    write(card, text)
    return card


def said(answer: Answer) -> tuple[str, str]:
    return answer.verdict.value, answer.reason


def carry(players: dict[str, Player], card: Paper, text: str, way: tuple[str, ...]) -> list[tuple[str, str]]:
    """From its sender to its receiver: each router's player crosses out a box and marks where it goes next."""
    verdicts, stands = [], parse(f"{text} ttl={FORM.ttl}")
    for number, node in enumerate(way):
        if 0 < number < len(way) - 1:
            stands = write(card, f"{text} ttl={FORM.ttl - number} via={way[number + 1]}", stands)
        verdicts.append(said(players[node].scan(card)))
    return verdicts


def test_a_handshake_through_two_routers_with_one_card_filled_in_badly(players: dict[str, Player]) -> None:
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN"
    card = new_card(1, f"{syn} ttl=6")
    assert said(players["client-1"].scan(card)) == ("sent", "tcp.syn-sent")

    stands = write(card, f"{syn} ttl=5 via=router-2", parse(f"{syn} ttl=6"))
    card.mark("hop.1", "server-1")
    answer = players["router-1"].scan(card)
    assert (answer.light, answer.reason) == (LightWord.UNREAD, "card.unclear")
    assert "two are marked under NEXT HOP, first column" in answer.sentence
    wiped = new_card(1, f"{syn} ttl=5 via=router-2")
    assert said(players["router-1"].scan(wiped)) == ("forwarded", "ip.forwarded")
    write(wiped, f"{syn} ttl=4 via=server-2", stands)
    assert said(players["router-2"].scan(wiped)) == ("forwarded", "ip.forwarded")
    assert said(players["server-2"].scan(wiped)) == ("delivered", "tcp.syn-received")

    syn_ack, ack = "10.0.2.1:23 > 10.0.1.2:40001 SYN,ACK", "10.0.1.2:40001 > 10.0.2.1:23 ACK"
    assert carry(players, new_card(2, f"{syn_ack} ttl=6"), syn_ack, WAY[::-1]) == [
        ("sent", "tcp.syn-ack-sent"),
        ("forwarded", "ip.forwarded"),
        ("forwarded", "ip.forwarded"),
        ("delivered", "tcp.syn-acked"),
    ]
    assert carry(players, new_card(3, f"{ack} ttl=6"), ack, WAY) == [
        ("sent", "tcp.ack-sent"),
        ("forwarded", "ip.forwarded"),
        ("forwarded", "ip.forwarded"),
        ("delivered", "tcp.established"),
    ]

    name = new_card(4, f"{ack} ttl=6").write("my name is Ada")
    assert said(players["client-1"].scan(name)) == ("sent", "tcp.data-sent")
    told = players["client-1"].scans[-1]
    assert told.written is not None
    written = from_json(told.written)
    assert (written.window, written.ttl, written.next_hop, written.seq) == (None, 6, None, None)
    assert isinstance(written.payload, Ink)
    assert written.payload.length == len("my name is Ada")
    assert cv2.imdecode(np.frombuffer(written.payload.picture, np.uint8), cv2.IMREAD_GRAYSCALE) is not None
    assert len(encode(told)) < 8000
    router = players["router-2"].scans[0].written
    assert router is not None
    assert (router.ttl, router.next_hop) == (4, "server-2")


def test_the_cards_of_a_lesson_that_a_teacher_wrote_are_read(broker: str, tmp_path: Path) -> None:
    lesson = from_text(load("data").source.replace("payload: 32}", "payload: 29}"), "mine")
    form = pen_form(lesson)
    assert form.id not in known()
    with playing(lesson, ["danilo"], broker, tmp_path) as players:
        card = new_card(1, "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0", form)
        assert said(players["danilo"].scan(card)) == ("sent", "tcp.syn-sent")
