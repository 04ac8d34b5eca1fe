"""A full disk, and one that cannot be written: it is said, nothing is promised that is not kept, and play goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.badge import Badge
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.outbox import Outbox, OutboxError
from firmware.patterns import Shown
from firmware.virtual import VirtualHand
from hub.journal import Journal, JournalError
from hub.messages import LightWord
from tests.conftest import program
from tests.faults.plays import found
from tests.faults.processes import wait_until
from tests.faults.rig import Rig
from tests.faults.small_disk import SmallDisk, read_only, small_disk
from tests.firmware.standin import WITHIN, StandIn, beside
from tests.firmware.test_badge import SYN, Notes
from tests.hub.test_journal import filled


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, SmallDisk]]:
    folder = tmp_path / "kit" / "data"
    with small_disk(folder) as small:
        yield folder, small


def test_a_hub_whose_disk_is_full_answers_nothing_that_it_cannot_keep(disk: tuple[Path, SmallDisk]) -> None:
    folder, small = disk
    play = found("handshake", 1, waves=5)
    first, second, *rest = play.waves
    (late, *_) = second.shows
    with Rig(folder.parent, play, program("mosquitto", how="apt-get install mosquitto")) as kit:
        kit.do(first, [])
        player, judged = kit.players[late.badge], kit.judged(late.badge)
        small.fill(kit.hub_process)
        player.show(late)
        wait_until(lambda: player.link == "no-answer", "the badge says that nobody answers", 15)
        wait_until(lambda: "preflight.unkept" in _findings(kit), "the teacher's page says why", 15)
        assert kit.judged(late.badge) == judged
        assert not player.settled
        small.free(kit.hub_process)
        wait_until(lambda: player.settled, "play goes on when there is room again", 15)
        wait_until(lambda: player.link == "fine", "the badge is content", 15)
        assert "preflight.unkept" not in _findings(kit)
        for show in second.shows[1:]:
            kit.players[show.badge].show(show)
        for wave in rest:
            kit.do(wave, [])
        told = kit.end(expected="cannot be written").answers
    assert {badge: [answer.reason for _, answer in answers] for badge, answers in told.items()} == {
        badge: [answer.reason for answer in answers] for badge, answers in play.answers.items()
    }


def _findings(kit: Rig) -> set[str]:
    return {finding["code"] for finding in kit.teacher.state(kit.url)["findings"]}


def test_a_badge_whose_disk_is_full_says_so_with_its_light_and_takes_nothing(
    broker: str, disk: tuple[Path, SmallDisk]
) -> None:
    folder, small = disk
    pins, notes, hand = MockPins(), Notes(), VirtualHand(7, "fast")
    lights, outbox = Lights(pins, speed=20.0), Outbox(folder / "outbox.sqlite")
    badge = Badge("client", hand, broker, outbox=outbox, lights=lights, set_name="full", observer=notes)
    with beside(badge) as running:
        hand.show(SYN)
        notes.wait(lambda: len(notes.scans) == 1)
        small.fill(os.getpid())
        try:
            hand.show(SYN)
            notes.wait(lambda: any("disk is full" in str(other) for other in notes.others))
            assert lights.wait_said(WITHIN)
        finally:
            small.free(os.getpid())
        said = pins.said_after(0.0)
        assert said is not None
        assert said.shown == Shown(LightWord.FAULT, 7), "7 is the outbox"
        hand.show(SYN)
        notes.wait(lambda: len(notes.scans) == 2)
        with StandIn(broker, "full") as hub:
            notes.wait(lambda: len(notes.answers) == 2)
            hand.finish()
            running.join(WITHIN)
            assert [scan.counter for scan in hub.scans] == [1, 2]
    lights.close()
    outbox.close()


def test_a_folder_that_cannot_be_written_is_refused_in_words(disk: tuple[Path, SmallDisk]) -> None:
    folder, _ = disk
    filled(folder)
    Outbox(folder / "outbox.sqlite").close()
    with read_only(folder):
        with pytest.raises(JournalError, match=r"(read-only|may not use).*--data"):
            Journal(folder)
        with pytest.raises(OutboxError, match=r"(read-only|may not use).*--outbox"):
            Outbox(folder / "outbox.sqlite")
    Journal(folder).close()
    Outbox(folder / "outbox.sqlite").close()
