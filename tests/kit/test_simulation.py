"""A dozen classes of `python -m paperhop.simulation`; and it is seen that it finds what it is there to find."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from firmware.link import Link
from firmware.outbox import Outbox
from hub import games
from hub.course import Course
from hub.lessons import Lesson
from hub.messages import Answer, Down, Scan
from hub.records import RoomRecord
from hub.running import Running
from paperhop.simulation.__main__ import main
from paperhop.simulation.play import play
from paperhop.simulation.wrong import Wrong


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    hub = logging.getLogger("hub")
    level = hub.level  # which the command changes
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    hub.setLevel(level)


@pytest.mark.parametrize("seed", range(12))
def test_a_class_loses_nothing_and_is_judged_once(seed: int, tmp_path: Path) -> None:
    happened = play(seed, tmp_path)
    assert happened["scans"] > 0
    assert happened["messages"] > happened["scans"]


def test_a_class_follows_from_its_seed(tmp_path: Path) -> None:
    assert play(5, tmp_path / "one") == play(5, tmp_path / "other")


def test_classes_have_all_that_may_go_wrong(tmp_path: Path) -> None:
    whole = sum((play(seed, tmp_path / str(seed)) for seed in range(12)), Counter[str]())
    for what in ("command cards", "full disks", "outages", "restarts", "starts with a snapshot"):
        assert whole[what] > 0, what


@pytest.mark.parametrize("seeds", ["0", "-1", "many", "1.5", "9" * 5000])
def test_a_number_of_classes_that_is_none_is_refused_in_a_sentence(
    seeds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--seeds", seeds])
    said = capsys.readouterr()
    assert said.out == ""
    assert "should be a number of classes, 1 or more" in said.err


def test_the_command_plays_the_seeds_that_it_is_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []

    def noted(seed: int, folder: Path) -> Counter[str]:
        seeds.append(seed)
        if seed == 7:
            raise Wrong("a promise")
        return Counter({"scans": 3})

    monkeypatch.setattr("paperhop.simulation.__main__.play", noted)
    assert main(["--first", "5", "--seeds", "2"]) == 0
    assert main(["--first", "7", "--seeds", "1"]) == 1
    assert seeds == [5, 6, 7]
    said = capsys.readouterr().out
    assert "2 classes" in said
    assert "6 scans; 0 went wrong" in said
    assert "seed 7: a promise" in said


def _first_wrong(tmp_path: Path, seeds: int = 25) -> str:
    for seed in range(seeds):
        try:
            play(seed, tmp_path / str(seed))
        except Wrong as error:
            return str(error)
    return ""


def test_an_outbox_that_does_not_outlive_its_badge_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Outbox.__init__
    monkeypatch.setattr(Outbox, "__init__", lambda self, path: made(self, None))
    assert "and the journal has" in _first_wrong(tmp_path)


def test_an_outbox_that_forgets_too_early_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = Outbox.head

    def forgetful(self: Outbox) -> Scan | None:
        scan = head(self)
        if scan is not None and scan.counter % 3 == 0:
            self.answered(scan.boot, scan.counter)
        return scan

    monkeypatch.setattr(Outbox, "head", forgetful)
    found = _first_wrong(tmp_path)
    assert "and the journal has" in found or "and shown" in found


def test_a_verdict_that_is_shown_twice_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Link._on_answer

    def twice(self: Link, answer: Answer) -> None:
        if self._outbox.waits(answer.boot, answer.counter):
            self._listener.answered(answer)
        real(self, answer)

    monkeypatch.setattr(Link, "_on_answer", twice)
    assert "was shown twice" in _first_wrong(tmp_path)


def test_answers_that_go_out_before_the_disk_has_their_scans_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the disk is full may turn out only when all that belongs together is written."""

    def early(self: Running, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        with self._lock:
            with self._course.together():
                judged = [self._judge(scan) for scan in scans]
                publish([answer for answer, _ in judged])
            for _, follow in judged:
                publish(follow())

    monkeypatch.setattr(Running, "scans", early)
    assert "and the journal has" in _first_wrong(tmp_path)


def test_a_repeat_that_is_answered_otherwise_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgotten(self: Course, scan: Scan) -> Answer | None:
        return None

    monkeypatch.setattr(Course, "answered", forgotten)
    found = _first_wrong(tmp_path)
    assert "was shown" in found or "the journal has" in found


def test_a_room_of_another_luck_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, count = games._new_room, itertools.count()

    def unlucky(lesson: Lesson, seed: str | None, asked: str) -> RoomRecord:
        return made(lesson, f"{seed}-{next(count)}", asked)

    monkeypatch.setattr(games, "_new_room", unlucky)
    found = _first_wrong(tmp_path)
    assert "undisturbed" in found or "the room is not" in found
