"""The clock on the wall: set once by a teacher's browser, and asked by nobody who judges."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.clock import LessonClock
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, Down
from hub.orders import SetClock
from hub.room import Room
from hub.wallclock import ClockState, WallClock, WrongTimeError
from tests.hub.play import SYN, SYN_ACK
from tests.hub.test_room import online, scan

JUMPS = (3 * 3600.0, -20 * 366 * 86_400.0, 1.7e9, 86_400.0)
LESSON_DAY = int(datetime(2026, 11, 30, 8, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """The folder that systemd gives the hub."""
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def wall(running: Path, source: str | None = "7F7F0101") -> WallClock:
    return WallClock(running, running / "set", lambda: source)


def test_a_wish_is_left_with_the_moment_at_which_it_was_so(running: Path) -> None:
    assert wall(running).wish(LESSON_DAY)
    at, since = map(int, (running / "clock").read_text().split())
    assert at == LESSON_DAY
    assert 0 <= time.clock_gettime(time.CLOCK_BOOTTIME) * 1000 - since < 60_000


def test_it_is_set_once(running: Path) -> None:
    clock = wall(running)
    assert clock.view().state is ClockState.UNSET
    assert clock.wish(LESSON_DAY)
    (running / "clock").unlink()
    (running / "set").touch()
    assert clock.view().state is ClockState.SET
    assert not clock.wish(LESSON_DAY)
    assert not (running / "clock").exists()


def test_a_better_clock_stays(running: Path) -> None:
    clock = wall(running, "C0A80001")
    assert not clock.wish(LESSON_DAY)
    assert clock.view().state is ClockState.RIGHT
    assert not (running / "clock").exists()


def test_without_chrony_s_word_the_wish_is_left_all_the_same(running: Path) -> None:
    assert wall(running, None).wish(LESSON_DAY)


@pytest.mark.parametrize(
    "at", [0, int(datetime(2025, 12, 31, tzinfo=UTC).timestamp() * 1000), 4_102_444_800_000, 2**53]
)
def test_a_time_that_cannot_be_is_refused(running: Path, at: int) -> None:
    with pytest.raises(WrongTimeError):
        wall(running).wish(at)
    assert not (running / "clock").exists()


def test_of_a_laptop_the_clock_is_not_ours_to_set() -> None:
    clock = WallClock(None)
    assert clock.view().state is ClockState.FOREIGN
    assert not clock.wish(LESSON_DAY)


@pytest.fixture
def desk(tmp_path: Path, running: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path, wall=wall(running))


def test_the_teacher_s_page_sets_it_and_says_so(desk: Desk, running: Path) -> None:
    assert desk.backstage()["clock"]["state"] == "unset"
    assert desk.do(SetClock(LESSON_DAY)) == "The hub’s clock is set by this computer’s."
    (running / "set").touch()
    assert desk.backstage()["clock"]["state"] == "set"
    with pytest.raises(ValueError, match="was set since its start already"):
        desk.do(SetClock(LESSON_DAY))
    with pytest.raises(ValueError, match="this computer’s clock is wrong"):
        desk.do(SetClock(1))


def test_nobody_waits_while_chrony_is_asked(tmp_path: Path, running: Path) -> None:
    desks: list[Desk] = []
    waited: list[bool] = []

    def slow() -> None:
        someone = threading.Thread(target=desks[0].backstage, daemon=True)
        someone.start()
        someone.join(5)
        waited.append(someone.is_alive())

    with closing(Journal(tmp_path)) as journal:
        wall = WallClock(running, running / "set", slow)
        desks.append(Desk(journal, load("handshake"), data=tmp_path, wall=wall))
        desks[0].do(SetClock(LESSON_DAY))
    assert waited == [False]


def test_a_clock_that_jumps_changes_no_verdict_no_timer_and_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same lesson twice: on one hub the clock on the wall jumps by hours and years between any two things."""
    told = []
    for name in ("steady", "jumping"):
        steps = iter(range(10**6))
        now = 0.0
        with closing(Journal(tmp_path / name)) as journal, monkeypatch.context() as patched:
            if name == "jumping":
                patched.setattr(time, "time", lambda steps=steps: 1.8e9 + JUMPS[next(steps) % len(JUMPS)])
                patched.setattr(time, "time_ns", lambda: int(time.time() * 1e9))
            clock = functools.partial(LessonClock, monotonic=lambda: now)  # noqa: B023
            room = Room(journal, load("handshake"), seed="00", clock=clock)
            said: list[Down] = []
            for badge in ("b1", "b2", "b3"):
                said += room.status(online(badge))
            for badge, card, text, counter in (
                ("b1", "T-1", SYN, 1),
                ("b2", "T-1", SYN, 1),
                ("b3", "T-1", SYN, 1),
                ("b1", "T-2", SYN_ACK, 2),
                ("b3", "T-3", SYN_ACK, 2),
                ("b1", "T-1", SYN, 1),
            ):
                now += 7.0
                said += room.scan(scan(badge, counter, text, card))
                now += 40.0
                said += room.tick()
            told.append((said, room.world.at, room.state()["story"]))
    assert told[0] == told[1]
    answers = [down for down in told[0][0] if isinstance(down, Answer)]
    assert len(answers) == 6
    assert answers[0] == answers[-1], "a repeat gets its answer again"
