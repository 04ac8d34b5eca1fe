"""Somebody who lays a card down is told something within three seconds: by the hub, or by the badge that it is silent.

A real badge with its lights, at a real broker, and a real hub that hangs for a while.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from firmware.badge import Badge
from firmware.lights import Lights
from firmware.link import PATIENCE, LinkState
from firmware.mockpins import MockPins
from firmware.outbox import Outbox
from firmware.patterns import Shown
from firmware.virtual import VirtualHand
from hub.messages import LightWord
from tests.conftest import program
from tests.faults.plays import found
from tests.faults.rig import Rig
from tests.firmware.standin import WITHIN, beside
from tests.firmware.test_badge import Notes, shows

CARDS = [
    PrintedCard(CardId("LATE", n), parse_packet(f"10.0.1.2:{40000 + n} > 10.0.1.1:23 SYN seq=100")) for n in (1, 2, 3)
]
SLACK = 4.0
"""Seconds that a busy machine may be late."""


def test_a_badge_says_that_the_hub_is_silent_and_shows_each_late_verdict_once(tmp_path: Path) -> None:
    play = found("handshake", 1, waves=1)
    pins, notes, hand = MockPins(), Notes(), VirtualHand(11, "fast")
    lights, outbox = Lights(pins, speed=20.0), Outbox(tmp_path / "outbox.sqlite")
    (tmp_path / "kit").mkdir()
    with Rig(tmp_path / "kit", play, program("mosquitto", how="apt-get install mosquitto")) as kit:
        kit.kill("client")
        badge = Badge("client", hand, kit.broker.url, outbox=outbox, lights=lights, observer=notes)
        with beside(badge) as running:
            hand.show(CARDS[0])
            notes.wait(lambda: len(notes.answers) == 1)

            os.kill(kit.hub_process, signal.SIGSTOP)
            hand.show(CARDS[1])
            notes.wait(lambda: len(notes.scans) == 2)
            taken = time.monotonic()
            notes.wait(lambda: LinkState.NO_ANSWER in notes.others)
            assert PATIENCE == 3.0
            assert time.monotonic() - taken < PATIENCE + SLACK
            assert pins.wait_for(shows(pins, LightWord.NO_ANSWER), WITHIN)
            hand.show(CARDS[2])
            notes.wait(lambda: len(notes.scans) == 3)

            resumed = time.monotonic()
            os.kill(kit.hub_process, signal.SIGCONT)
            notes.wait(lambda: len(notes.answers) == 3)
            notes.wait(lambda: notes.others[-1] is not LinkState.NO_ANSWER)
            assert lights.wait_said(WITHIN)
            first, second = (Shown(LightWord(answer.light.value), answer.key) for answer in notes.answers[1:])
            said = pins.said_after(resumed)
            assert said is not None
            assert said.shown == first, "it is shown to its end, though the next one has come at once"
            after = [change.at for change in pins.switchings_after(said.at)][1:]
            assert second in [pins.shown_after(moment) for moment in after]

            hand.finish()
            running.join(WITHIN)
            assert len(notes.answers) == 3, "it was sent more than once, and answered more than once"
            assert [answer.counter for answer in notes.answers] == [1, 2, 3]
            assert len(kit.judged("client")) == 3
    lights.close()
    outbox.close()
