"""`paperhop export`: rooms as captures that Wireshark reads, and as tables; from a journal that a hub may have open."""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from hub.journal import FILE, Journal, reading
from hub.lessons import ids
from paperhop.__main__ import main
from tests.conftest import needs
from tests.hub.games import game, lesson_of

WIRESHARK = needs(
    shutil.which("tshark") is not None, "tshark", "apt-get install tshark, or brew install wireshark (macOS)"
)
CHECKSUMS = [word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")]
FIELDS = (
    *("_ws.malformed", "_ws.expert.message", "tcp.analysis.retransmission", "frame.interface_name"),
    *("frame.packet_flags_direction", "frame.comment"),
)


def tshark(file: Path) -> list[dict[str, str]]:
    """What tshark says of every frame, all checksums checked. Of several values of a field the first."""
    words = [word for field in FIELDS for word in ("-e", field)]
    ended = subprocess.run(
        ["tshark", "-r", file, *CHECKSUMS, "-T", "fields", "-E", "separator=\x01", "-E", "aggregator=\x02", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [dict(zip(FIELDS, line.split("\x01"), strict=True)) for line in ended.stdout.splitlines()]


def complaints(frames: list[dict[str, str]]) -> list[str]:
    """Frames that are malformed, or have a wrong checksum, by what was said of them in the room."""
    return [
        frame["frame.comment"]
        for frame in frames
        if frame["_ws.malformed"] or any(word in frame["_ws.expert.message"] for word in ("Malformed", "Bad checksum"))
    ]


def again(frames: list[dict[str, str]]) -> list[tuple[bool, str]]:
    """Of each frame that leaves its sender: whether tshark calls it a retransmission, and the reason of the hub."""
    sent = [frame for frame in frames if frame["frame.comment"].startswith("sent at ")]
    return [
        (bool(frame["tcp.analysis.retransmission"]), frame["frame.comment"].partition("(")[2].partition(",")[0])
        for frame in sent
    ]


@pytest.fixture
def rooms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a room of `loss` and then two of `handshake`."""
    data = tmp_path / "data"
    for words in (["loss", "--only", "lost-syn"], ["handshake", "--only", "refused"], ["handshake", "--only", "undo"]):
        assert main(["play", *words, "--data", str(data)]) == 0
    capsys.readouterr()
    return data


@WIRESHARK
@pytest.mark.parametrize("lesson", ids())
def test_wireshark_finds_nothing_wrong_in_any_lesson(lesson: str, tmp_path: Path) -> None:
    """All scripts of a lesson in one file: what is said of each frame by itself does not mind that."""
    file = tmp_path / "all.pcapng"
    games = [game(lesson, script.id) for script in lesson_of(lesson).scripts]
    file.write_bytes(b"".join(played.octets() for played in games))
    frames = tshark(file)
    assert len(frames) == sum(len(played.sights) for played in games) > 20
    titles = {node.title for played in games for node in played.lesson.rules.nodes}
    for frame in frames:
        where = frame["frame.interface_name"]
        assert where in titles
        assert f" at {where} (" in frame["frame.comment"] or f"sent at {where}: the engine" in frame["frame.comment"]
    wrong = complaints(frames)
    if lesson == "loss":  # the one lesson with a wire that damages: there the checksum is wrong
        (damaged,) = wrong
        assert damaged.startswith("dropped at Server (tcp.bad-checksum,")
        assert "Damaged on its way" in damaged
    else:
        assert not wrong


REPEATED = {"tcp.retransmitted", "tcp.retransmitted-early"}


@WIRESHARK
@pytest.mark.parametrize(
    ("lesson", "script"),
    [("loss", each.id) for each in lesson_of("loss").scripts if each.id != "lost-syn-ack"]
    + [("closing", "late-fin"), ("closing", "hasty-late-fin"), ("linked", "link-down"), ("handshake", "no-reply")],
)
def test_wireshark_calls_a_retransmission_what_the_hub_calls_one(lesson: str, script: str, tmp_path: Path) -> None:
    played, file = game(lesson, script), tmp_path / "room.pcapng"
    file.write_bytes(played.octets())
    whole = again(tshark(file))
    assert [called for called, _ in whole] == [reason in REPEATED for _, reason in whole]
    alone = []
    for node in played.lesson.rules.nodes:
        file.write_bytes(played.octets(at=node.id))
        frames = tshark(file)
        alone += again(frames)
        if not node.router:
            come = [frame for frame in frames if not frame["frame.comment"].startswith("sent at ")]
            new = [frame for frame in come if frame["frame.comment"].startswith("delivered")]
            if script != "damaged":  # Wireshark takes the damaged packet for the first, and the hub for none
                assert not any(frame["tcp.analysis.retransmission"] for frame in new)
            twice = [frame for frame in come if "(tcp.duplicate," in frame["frame.comment"]]
            assert all(frame["tcp.analysis.retransmission"] for frame in twice)
    assert sorted(alone) == sorted(whole)


@WIRESHARK
def test_a_syn_ack_that_is_owed_once_more_is_a_retransmission_to_wireshark(tmp_path: Path) -> None:
    """The hub calls it what it is: an answer that is owed for the SYN that came again."""
    file = tmp_path / "room.pcapng"
    file.write_bytes(game("loss", "lost-syn-ack").octets())
    wrong = [reason for called, reason in again(tshark(file)) if called != (reason in REPEATED)]
    assert wrong == ["tcp.syn-ack-sent"]


@WIRESHARK
def test_the_rounds_of_a_room_are_told_apart_when_they_are_exported_alone(tmp_path: Path) -> None:
    played, file = game("handshake", "new-round"), tmp_path / "room.pcapng"
    file.write_bytes(played.octets(round=2))
    assert again(tshark(file)) == [(False, "tcp.syn-sent")]


def test_the_newest_room_is_written_and_another_by_its_name(
    rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(reading(rooms)) as records:
        names = [room.name for _, room in records.rooms]
    table = tmp_path / "room.csv"

    def sentences(*words: str) -> list[str]:
        assert main(["export", "--data", str(rooms), "--csv", str(table), *words]) == 0
        with table.open(newline="", encoding="utf-8") as file:
            return [row["reason"] for row in csv.DictReader(file)]

    newest = sentences()
    told = capsys.readouterr().err
    assert f"{len(newest)} scans and moves" in told
    assert "Another room: --room NAME." in told
    assert names[0] in told
    assert "tcp.no-listener" not in newest
    assert sentences("--room", names[2]) == newest
    assert "fault.lost" in sentences("--room", names[0])
    first = names[1] if names[1] != names[2] else f"{names[1]}.1"
    assert "tcp.no-listener" in sentences("--room", first)
    capsys.readouterr()
    assert main(["export", "--data", str(rooms), "--csv", str(table), "--room", "lost"]) == 2
    said = capsys.readouterr().err
    assert "no room 'lost'" in said
    assert all(name in said for name in names)


def test_a_room_is_exported_while_its_hub_has_the_journal(
    rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "room.pcapng"
    with closing(Journal(rooms)) as journal:
        before = {path.name: path.read_bytes() for path in rooms.iterdir() if path.suffix != ".sqlite-shm"}
        assert main(["export", "--data", str(rooms), "--pcapng", str(file)]) == 0
        assert {path.name: path.read_bytes() for path in rooms.iterdir() if path.name in before} == before
        assert journal.damage is None
    assert file.read_bytes()[:4] == bytes.fromhex("0a0d0d0a")
    assert "--at client" in capsys.readouterr().err


def test_nothing_is_written_beside_a_journal_that_nobody_has(rooms: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in rooms.iterdir()}
    assert main(["export", "--data", str(rooms), "--pcapng", str(tmp_path / "room.pcapng")]) == 0
    assert {path.name: path.read_bytes() for path in rooms.iterdir()} == before


def test_what_is_sound_of_a_damaged_journal_is_exported(
    rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(rooms / FILE) as db:
        db.execute("UPDATE record SET hash = x'00' WHERE n = 8")
    table = tmp_path / "room.csv"
    assert main(["export", "--data", str(rooms), "--csv", str(table)]) == 0
    assert "damaged after record 7" in capsys.readouterr().err
    with table.open(newline="", encoding="utf-8") as file:
        there = list(csv.DictReader(file))
    assert 0 < len(there) < 7


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--csv", "x.csv", "--data", "nowhere"], "no journal in nowhere"),
        ([], "--pcapng FILE, --csv FILE, or both"),
        (["--pcapng", "x.pcapng", "--at", "bob"], "no node 'bob'"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(
    words: list[str], says: str, rooms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--data", str(rooms), *words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_newer_journal_is_refused(rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(rooms / FILE) as db:
        db.execute("PRAGMA user_version=99")
    assert main(["export", "--data", str(rooms), "--csv", str(tmp_path / "x.csv")]) == 2
    assert "newer Paperhop" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_a_sentence(rooms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--data", str(rooms), "--csv", str(rooms)]) == 1
    assert "cannot be written" in capsys.readouterr().err
