"""Hub, broker and badges are killed in the middle of a play, and it comes to the same end as if nothing had happened.

A handful here, each at a moment that matters; hundreds at random: `make soak`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import program
from tests.faults.plays import Play, found
from tests.faults.rig import Outcome, Rig
from tests.faults.saboteur import HUB, MOSQUITTO, Strike, Trigger


@pytest.fixture(scope="module")
def mosquitto_path() -> str:
    return program("mosquitto", how="apt-get install mosquitto, or brew install mosquitto")


def strikes(play: Play) -> dict[int, list[Strike]]:
    """Number of a wave -> who is killed in it, at a moment at which something is written or on its way."""
    blows: list[Callable[[str], list[Strike]]] = [
        lambda badge: [Strike(HUB, Trigger.JOURNAL, "", 0, 0)],  # it is judged, and nobody was told
        lambda badge: [Strike(badge, Trigger.OUTBOX, badge, 0, 0)],  # it is taken, and was not sent
        lambda badge: [Strike(badge, Trigger.HEARD, badge, 0, 0)],  # the answer has come, and was not shown
        lambda badge: [Strike(badge, Trigger.SHOWN, badge, 0, 0)],  # it was shown, and the scan not forgotten
        lambda badge: [Strike(MOSQUITTO, Trigger.SCAN, "", 0, 0.05), Strike(badge, Trigger.SCAN, badge, 0.002, 0.1)],
        # No scan on the air is waited for here: whoever looks there may not be back yet when the broker is.
        lambda badge: [Strike(HUB, Trigger.JOURNAL, "", 0.001, 0.0), Strike(MOSQUITTO, Trigger.ANSWER, "", 0, 0)],
    ]
    scans = [number for number, wave in enumerate(play.waves) if wave.shows]
    return {number: blow(play.waves[number].shows[0].badge) for number, blow in zip(scans, blows, strict=False)}


def played(play: Play, folder: Path, mosquitto: str, blows: dict[int, list[Strike]]) -> Outcome:
    folder.mkdir()
    with Rig(folder, play, mosquitto) as kit:
        for number, wave in enumerate(play.waves):
            kit.do(wave, blows.get(number, []))
        assert len(kit.killed) == sum(map(len, blows.values()))
        return kit.end()


def test_a_play_comes_to_the_same_end_whoever_is_killed_in_it(tmp_path: Path, mosquitto_path: str) -> None:
    play = found("handshake", 1, waves=8)
    with ThreadPoolExecutor() as both:
        begun = both.submit(played, play, tmp_path / "calm", mosquitto_path, {})
        blows = strikes(play)
        assert len(blows) == 6, "the play has a wave for each"
        disturbed = played(play, tmp_path / "disturbed", mosquitto_path, blows)
    calm = begun.result()
    assert disturbed.unlike(calm) == ""
    told = [(answer.verdict, answer.reason) for answers in calm.answers.values() for _, answer in answers]
    alone = [(answer.verdict, answer.reason) for name in calm.answers for answer in play.answers[name]]
    assert told == alone, "a hub of real processes judges as a room of this process does"
    assert sum(map(len, calm.answers.values())) == sum(len(wave.shows) for wave in play.waves)
