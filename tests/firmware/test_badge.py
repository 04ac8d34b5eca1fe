from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import segno

from cards.drawing import picture
from cards.filling import marks
from cards.jsonform import from_json
from cards.notation import parse, parse_packet
from cards.penform import PenForm
from cards.qrtext import Card, CardId, CommandCard, PrintedCard, RoleCard
from firmware.badge import Badge
from firmware.buzzer import Buzzer
from firmware.frames import Frame, FrameSource
from firmware.lights import Lights
from firmware.link import LinkState
from firmware.mockpins import MockPins
from firmware.observer import Observer
from firmware.outbox import Outbox
from firmware.patterns import Shown
from firmware.penforms import PenForms
from firmware.pins import BUZZER
from firmware.steady import TooMany
from firmware.virtual import VirtualHand
from hub.messages import Answer, Form, Light, LightWord, Role, Scan, Verdict
from tests.cards.forms import NUMBERS
from tests.cards.penpaper import paper
from tests.conftest import Mosquitto
from tests.firmware.standin import WITHIN, StandIn, Waiting, answer, beside, name

_sets = count()

SYN = PrintedCard(CardId("DEMO", 12), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))
LOSE = CommandCard(CardId("CMD", 7), "lose router server 20%")
RST = PrintedCard(CardId("DEMO", 13), parse_packet("10.0.1.1:23 > 10.0.1.2:40001 RST seq=0"))


class Notes(Observer, Waiting):
    def __init__(self) -> None:
        super().__init__()
        self.scans: list[tuple[Scan, float]] = []
        self.answers: list[Answer] = []
        self.others: list[object] = []

    def _note(self, notes: list[object], note: object) -> None:
        with self.changed:
            notes.append(note)
            self.changed.notify_all()

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        self._note(self.scans, (scan, frame_time))  # type: ignore[arg-type]

    def on_answer(self, answer: Answer) -> None:
        self._note(self.answers, answer)  # type: ignore[arg-type]

    def on_too_many(self, too_many: TooMany) -> None:
        self._note(self.others, too_many.count)

    def on_light(self, light: Light) -> None:
        self._note(self.others, light.light)

    def on_role(self, role: Role) -> None:
        self._note(self.others, role.node)

    def on_link(self, state: LinkState, sentence: str) -> None:
        self._note(self.others, state)

    def on_trouble(self, sentence: str) -> None:
        self._note(self.others, sentence)


class Learning(PenForms):
    """Forms of which a test can wait for the first that is told."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self.learnt = threading.Event()

    def learn(self, form: PenForm) -> None:
        super().learn(form)
        self.learnt.set()


class Pictures:
    """A source of still pictures, each for as long as it takes."""

    name = "pictures"

    def __init__(self, *images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
        self._images = images

    def __iter__(self) -> Iterator[Frame]:
        for n, image in enumerate(self._images):
            for moment in (0.0, 0.3):
                yield Frame(image, n * 2.0 + moment)
            for moment in (0.4, 1.2):
                yield Frame(np.zeros((32, 32), np.uint8), n * 2.0 + moment)

    def close(self) -> None:
        pass


@pytest.fixture
def set_name() -> str:
    return f"badge-{next(_sets)}"


@pytest.fixture
def pins() -> MockPins:
    return MockPins()


@pytest.fixture
def lights(pins: MockPins) -> Iterator[Lights]:
    lights = Lights(pins, speed=20.0)
    yield lights
    lights.close()


def test_a_card_goes_all_the_way_from_the_hand_to_the_light(
    broker: str, set_name: str, pins: MockPins, lights: Lights
) -> None:
    verdicts = iter([Verdict.DELIVERED, Verdict.RST, Verdict.STOPPED])
    notes, hand = Notes(), VirtualHand(5, "fast")
    with StandIn(broker, set_name, reply=lambda scan: [answer(scan, next(verdicts))]) as hub:
        badge = Badge("client", hand, broker, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes)
        with beside(badge) as running:
            for n, (card, word) in enumerate([(SYN, "delivered"), (RST, "rst"), (SYN, "stopped")]):
                hand.show(card)
                notes.wait(lambda n=n: len(notes.answers) > n)  # type: ignore[misc]
                _, handed_over = notes.scans[n]
                assert lights.wait_said(WITHIN)
                said = pins.said_after(handed_over)
                assert said is not None
                assert said.shown == Shown(LightWord(word))
                assert 0 < said.at - handed_over < 1.0
            hand.finish()
            running.join(WITHIN)
            assert not running.is_alive()
            assert [scan.card for scan in hub.scans] == ["DEMO-12", "DEMO-13", "DEMO-12"]
            assert [scan.counter for scan in hub.scans] == [1, 2, 3]
            written = hub.scans[0].written
            assert written is not None
            assert from_json(written) == SYN.packet.written()
            assert [name(scan) for scan, _ in notes.scans] == [name(scan) for scan in hub.scans]


@pytest.mark.parametrize(
    ("card", "asks"),
    [(LOSE, ("CMD-7", LOSE.command, None)), (RoleCard(CardId("ROLE", 2), "server"), ("ROLE-2", None, "server"))],
    ids=["command", "role"],
)
def test_a_card_for_the_hub_is_scanned_once_like_any_other(
    card: Card, asks: tuple[str, str | None, str | None], broker: str, set_name: str, lights: Lights
) -> None:
    notes, hand = Notes(), VirtualHand(5, "fast")
    with StandIn(broker, set_name) as hub:
        badge = Badge("desk", hand, broker, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes)
        hand.show(card)
        hand.finish()
        assert badge.run(WITHIN)
        (scan,) = hub.scans
        assert (scan.card, scan.command, scan.role) == asks
        assert scan.written is None
        assert scan.problem is None
    assert len(notes.answers) == 1
    assert lights.wait_said(WITHIN)


def test_a_foreign_code_is_scanned_with_its_problem(broker: str, set_name: str, lights: Lights) -> None:
    modules = np.array(segno.make_qr("https://example.org/").matrix, np.uint8)
    foreign = np.pad(np.kron(255 * (1 - modules), np.ones((8, 8), np.uint8)), 40, constant_values=255).astype(np.uint8)
    with StandIn(broker, set_name) as hub:
        badge = Badge("client", Pictures(foreign), broker, outbox=Outbox(None), lights=lights, set_name=set_name)
        assert badge.run(WITHIN)
        (scan,) = hub.scans
        assert scan.card is None
        assert scan.problem is not None
        assert scan.problem.code == "card.foreign"


def test_two_cards_at_once_are_not_scanned(broker: str, set_name: str, pins: MockPins, lights: Lights) -> None:
    notes = Notes()
    both = np.hstack([picture(SYN, 100), picture(RST, 100)])
    before = time.monotonic()
    with StandIn(broker, set_name) as hub:
        badge = Badge(
            "client", Pictures(both), broker, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes
        )
        assert badge.run(WITHIN)
        assert hub.scans == []
    assert lights.wait_said(WITHIN)
    said = pins.said_after(before)
    assert said is not None
    assert said.shown == Shown(LightWord.ONE_AT_A_TIME)
    assert 2 in notes.others


def shows(pins: MockPins, word: LightWord) -> Callable[[], bool]:
    """Whether the last of what was switched is a whole round of this word."""

    def seen() -> bool:
        changes = pins.switchings_after(0.0)
        return any(pins.shown_after(change.at) == Shown(word) for change in changes[-12:])

    return seen


def test_the_lights_say_how_the_link_is_and_what_the_hub_wants(
    mosquitto: Mosquitto, set_name: str, pins: MockPins, lights: Lights
) -> None:
    notes, hand = Notes(), VirtualHand(5, "fast")
    mosquitto.stop()
    badge = Badge("client", hand, mosquitto.url, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes)
    with beside(badge):
        notes.wait(lambda: notes.others == [LinkState.NO_BROKER])
        assert pins.wait_for(shows(pins, LightWord.NO_BROKER), WITHIN)
        mosquitto.start()
        with StandIn(mosquitto.url, set_name) as hub:
            notes.wait(lambda: LinkState.FINE in notes.others)
            hub.say(Role("client", "client"))
            hub.say(Light("client", LightWord.YOUR_TURN))
            notes.wait(lambda: LightWord.YOUR_TURN in notes.others)
            assert "client" in notes.others
            assert pins.wait_for(shows(pins, LightWord.YOUR_TURN), WITHIN)


def test_a_card_that_is_taken_while_nobody_answers_is_nodded_at(
    mosquitto: Mosquitto, set_name: str, lights: Lights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The light says no-broker already: who lays a card down must see that it was taken."""
    mosquitto.stop()
    nods: list[int] = []
    outbox = Outbox(None)
    monkeypatch.setattr(lights, "nod", lambda: nods.append(len(outbox)))
    badge = Badge("client", Pictures(picture(SYN, 100)), mosquitto.url, outbox=outbox, lights=lights, set_name=set_name)
    assert not badge.run(0.0)
    assert nods == [1], "once it is kept"


def test_a_badge_without_a_node_says_so_with_its_light_until_it_has_one(
    mosquitto: Mosquitto, set_name: str, pins: MockPins, lights: Lights
) -> None:
    with StandIn(mosquitto.url, set_name) as hub:
        hub.say(Role("b9", lesson="The handshake"))
    hand = VirtualHand(5, "fast")
    badge = Badge("b9", hand, mosquitto.url, outbox=Outbox(None), lights=lights, set_name=set_name)
    with beside(badge):
        assert pins.wait_for(shows(pins, LightWord.STAND_BY), WITHIN), "the broker has kept what the hub had said"
        with StandIn(mosquitto.url, set_name) as hub:
            hub.say(Light("b9", LightWord.YOUR_TURN))
            hub.say(Role("b9", "client", "Client"))
            assert pins.wait_for(shows(pins, LightWord.YOUR_TURN), WITHIN)
            hub.say(Role("b9"))
            assert pins.wait_for(shows(pins, LightWord.STAND_BY), WITHIN)
        mosquitto.stop()
        assert pins.wait_for(shows(pins, LightWord.NO_BROKER), WITHIN), "what is wrong with the line comes first"


def test_a_scan_that_cannot_be_kept_is_shown_and_said(
    broker: str, set_name: str, pins: MockPins, lights: Lights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.outbox.MOST_SCANS", 0)
    notes = Notes()
    badge = Badge(
        "client",
        Pictures(picture(SYN, 100)),
        broker,
        outbox=Outbox(None),
        lights=lights,
        set_name=set_name,
        observer=notes,
    )
    assert badge.run(WITHIN)
    assert lights.wait_said(WITHIN)
    said = pins.said_after(0.0)
    assert said is not None
    assert said.shown == Shown(LightWord.FAULT, 7), "the outbox: it is not the card's fault"
    assert any("The outbox is full" in str(other) for other in notes.others)
    assert notes.scans == []


def test_what_was_not_answered_is_answered_at_the_next_start(
    broker: str, set_name: str, lights: Lights, tmp_path: Path
) -> None:
    def badge(*images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bool:
        outbox = Outbox(tmp_path / "outbox.sqlite")
        try:
            source = Pictures(*images)
            return Badge("client", source, broker, outbox=outbox, lights=lights, set_name=set_name).run(0.0)
        finally:
            outbox.close()

    assert not badge(picture(SYN, 100))
    with StandIn(broker, set_name) as hub:
        outbox = Outbox(tmp_path / "outbox.sqlite")
        assert Badge("client", Pictures(), broker, outbox=outbox, lights=lights, set_name=set_name).run(WITHIN)
        outbox.close()
        assert [scan.card for scan in hub.scans] == ["DEMO-12"]


@pytest.mark.parametrize("bad", ["", "two words", "a/b", "+"])
def test_a_name_that_cannot_be_in_a_topic_is_refused(bad: str, lights: Lights) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        Badge(bad, Pictures(), "mqtt://127.0.0.1", outbox=Outbox(None), lights=lights)


def test_a_card_of_a_form_that_only_the_hub_knows_is_read_when_it_has_told_it(
    broker: str, set_name: str, lights: Lights, tmp_path: Path
) -> None:
    card = paper(NUMBERS, sorted(marks(NUMBERS, parse("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=7"))))
    notes, forms, hand = Notes(), Learning(tmp_path / "forms.json"), VirtualHand(1, "fast")

    def badge(source: FrameSource) -> Badge:
        return Badge(
            "client",
            source,
            broker,
            outbox=Outbox(None),
            lights=lights,
            set_name=set_name,
            observer=notes,
            forms=forms,
        )

    with StandIn(broker, set_name) as hub:
        assert badge(Pictures(card.seen())).run(WITHIN)
        with beside(badge(hand)) as listening:
            hub.say(Form("client", NUMBERS))
            assert forms.learnt.wait(WITHIN)
            hand.finish()
            listening.join(WITHIN)
            assert badge(Pictures(card.seen())).run(WITHIN)
    unknown, read = (scan for scan, _ in notes.scans)
    assert unknown.card == read.card == f"{NUMBERS.id}-7"
    assert unknown.problem is not None
    assert unknown.problem.code == "card.newer"
    assert read.written is not None
    assert (read.written.dport, read.written.seq) == (23, 7)


class Pressing:
    """A picture that lies there, and somebody who presses SCAN when it has been seen for a while."""

    name = "pressing"

    def __init__(self, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
        self._image = image
        self.press: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[Frame]:
        for n in range(40):
            if n == 10:
                self.press()
            yield Frame(self._image, n / 10)

    def close(self) -> None:
        pass


def test_the_button_scans_a_card_that_still_lies_there(broker: str, set_name: str, lights: Lights) -> None:
    source, notes = Pressing(picture(SYN, 100)), Notes()
    with StandIn(broker, set_name) as hub:
        badge = Badge("b1", source, broker, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes)
        source.press = badge.scan_now
        assert badge.run(WITHIN)
        assert [(scan.card, scan.counter) for scan in hub.scans] == [("DEMO-12", 1), ("DEMO-12", 2)]


def test_the_button_with_no_card_there_is_answered_by_light_and_sound(
    broker: str, set_name: str, pins: MockPins, lights: Lights
) -> None:
    source, notes, before = Pressing(np.full((720, 1280), 90, np.uint8)), Notes(), time.monotonic()
    buzzer = Buzzer(pins, speed=20.0)
    badge = Badge(
        *("b1", source, broker), outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes, buzzer=buzzer
    )
    source.press = badge.scan_now
    assert badge.run(WITHIN)
    assert lights.wait_said(WITHIN)
    assert buzzer.wait_played(WITHIN)
    buzzer.close()
    said = pins.said_after(before)
    assert said is not None
    assert said.shown == Shown(LightWord.UNREAD)
    assert "There is no card on the rest that can be read." in notes.others
    assert len(pins.pin(BUZZER).states) > 2, "it has sounded"


def test_two_cards_of_one_name_are_told_apart_from_two_cards(broker: str, set_name: str, lights: Lights) -> None:
    notes, twins = Notes(), np.hstack([picture(SYN, 100), picture(SYN, 100)])
    with StandIn(broker, set_name) as hub:
        badge = Badge(
            "client", Pictures(twins), broker, outbox=Outbox(None), lights=lights, set_name=set_name, observer=notes
        )
        assert badge.run(WITHIN)
        (scan,) = hub.scans
    assert scan.card == "DEMO-12"
    assert scan.problem is not None
    assert scan.problem.code == "card.twice"
