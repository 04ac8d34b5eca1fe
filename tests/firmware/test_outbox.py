from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

from cards.jsonform import to_json
from cards.notation import parse_packet
from firmware import outbox as module
from firmware.outbox import Outbox, OutboxError
from hub.messages import Problem, Scan, Sighting

SYN = to_json(parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))


def put(outbox: Outbox, card: str = "DEMO-1") -> Scan:
    return outbox.put("client", Sighting(card, written=SYN))


def name(scan: Scan | None) -> tuple[str, int, int]:
    assert scan is not None
    return scan.boot, scan.counter, scan.oldest


def test_scans_come_out_in_the_order_in_which_they_went_in() -> None:
    outbox = Outbox(None)
    scans = [put(outbox, f"DEMO-{n}") for n in (1, 2, 3)]
    assert [scan.counter for scan in scans] == [1, 2, 3]
    assert [scan.oldest for scan in scans] == [1, 2, 3], "each is the oldest that waits when its turn comes"
    for left, scan in zip((2, 1, 0), scans, strict=True):
        head = outbox.head()
        assert head is not None
        assert (head.card, head.written) == (scan.card, SYN)
        assert name(head) == (outbox.boot, scan.counter, scan.counter)
        assert outbox.answered(scan.boot, scan.counter)
        assert len(outbox) == left
    assert outbox.head() is None


def test_nobody_else_reads_what_players_have_written(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        outbox = Outbox(tmp_path / "outbox.sqlite")
        put(outbox)
        kept = sorted(tmp_path.iterdir())
        assert [stat.S_IMODE(file.stat().st_mode) for file in kept] == [0o600] * len(kept)
        outbox.close()
        kept[0].chmod(0o644)
        again = Outbox(kept[0])
        assert len(again) == 1
        assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600, "also one that an older Paperhop has made"
        again.close()
    finally:
        os.umask(before)


def test_the_head_is_the_oldest_that_still_waits() -> None:
    outbox = Outbox(None)
    first = put(outbox)
    put(outbox)
    outbox.answered(first.boot, first.counter)
    put(outbox)
    head = outbox.head()
    assert head is not None
    assert name(head) == (outbox.boot, 2, 2)


def test_an_answer_counts_once() -> None:
    outbox = Outbox(None)
    scan = put(outbox)
    assert not outbox.answered("0" * 16, scan.counter)
    assert outbox.answered(scan.boot, scan.counter)
    assert not outbox.answered(scan.boot, scan.counter)


def test_a_problem_is_kept_too() -> None:
    outbox = Outbox(None)
    outbox.put("client", Sighting(problem=Problem("card.foreign", "not ours")))
    head = outbox.head()
    assert head is not None
    assert head.problem == Problem("card.foreign", "not ours")


def test_a_command_is_kept_too() -> None:
    outbox = Outbox(None)
    outbox.put("desk", Sighting("CMD-7", command="round"))
    head = outbox.head()
    assert head is not None
    assert (head.card, head.command, head.written, head.problem) == ("CMD-7", "round", None, None)


def test_what_waits_is_there_after_a_restart_and_goes_first(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "deep" / "outbox.sqlite")
    old = [put(before), put(before)]
    before.close()
    after = Outbox(tmp_path / "deep" / "outbox.sqlite")
    new = put(after)
    assert after.boot != before.boot
    assert name(new) == (after.boot, 1, 1)
    for scan in [*old, new]:
        assert name(after.head()) == (scan.boot, scan.counter, scan.counter)
        after.answered(scan.boot, scan.counter)
    after.close()


def test_a_scan_survives_the_kill_of_the_program(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from firmware.outbox import Outbox
from hub.messages import Problem, Sighting
scan = Outbox(Path(sys.argv[1])).put("client", Sighting(problem=Problem("card.foreign")))
print(scan.boot, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "outbox.sqlite"
    killed = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert name(Outbox(path).head()) == (killed.stdout.strip(), 1, 1)


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000, b"half", None])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "outbox.sqlite"
    if damage is None:
        outbox = Outbox(path)
        for _ in range(200):
            put(outbox)
        outbox.close()
        octets = bytearray(path.read_bytes())
        octets[4096:12288] = b"\xff" * 8192
        damage = bytes(octets)
    path.write_bytes(damage)
    outbox = Outbox(path)
    assert len(outbox) == 0
    assert put(outbox).counter == 1
    outbox.close()
    assert "is damaged" in caplog.text
    assert (tmp_path / "outbox.sqlite.damaged-1").read_bytes() == damage
    path.write_bytes(damage)
    Outbox(path).close()
    assert (tmp_path / "outbox.sqlite.damaged-2").exists(), "nothing that was set aside is overwritten"


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite").touch()
    assert len(Outbox(tmp_path / "outbox.sqlite")) == 0


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        OutboxError, match=r"folder .*file cannot be made\. .* is a file, no folder\. Move it.*--outbox"
    ):
        Outbox(tmp_path / "file" / "outbox.sqlite")
    with pytest.raises(OutboxError, match=r"is a folder, no file\. Move it away, or choose another file with --outbox"):
        Outbox(tmp_path)


def test_a_full_disk_is_said_and_what_was_kept_stays(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    put(outbox)
    (pages,) = outbox._database.execute("PRAGMA page_count").fetchone()
    outbox._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(OutboxError, match=r"disk is full\. Make room there"):
        deque(put(outbox) for _ in range(1000))
    kept = len(outbox)
    outbox._database.execute(f"PRAGMA max_page_count = {pages + 100}")
    assert put(outbox).counter == kept + 1, "a scan that was not kept has used up no number"
    assert outbox.head() is not None


def test_it_is_full_some_day_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SCANS", 3)
    outbox = Outbox(None)
    first, *_ = [put(outbox) for _ in range(3)]
    with pytest.raises(OutboxError, match="The outbox is full"):
        put(outbox)
    outbox.answered(first.boot, first.counter)
    assert put(outbox).counter == 4
