"""Secrets stay where they belong, and a class that is forgotten is in no file any more."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard, encode
from hub.embedded_broker import EmbeddedBroker
from hub.journal import Journal
from hub.lessons import load
from hub.messages.connection import CONNECTED
from hub.orders import Ask, Forget, Join, Paste
from hub.private import close_to_others
from hub.service import Hub
from hub.survey import Moment
from tests.security.hall import SYN, Hall, handwriting

ROOT = Path(__file__).parent.parent.parent
NAMES = ("Zacharias Canary", "Quendolin Siskin", "Xaver Bullfinch")
PASSWORD = "canary-password-7Qx"
SOON = 30.0


def _octets_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, whole: also what a database keeps of what was deleted, and its log."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _found(needles: list[bytes], octets: bytes) -> list[bytes]:
    return [needle for needle in needles if needle in octets]


def _told(hall: Hall) -> Iterator[tuple[str, bytes]]:
    """Everything that a stranger can have of a hub."""
    client = hall.app.test_client()
    for path in (
        "/",
        "/screen",
        "/join",
        "/teach",
        "/api/state",
        "/api/ladders",
        "/healthz",
        "/nothing",
        "/api/nothing",
    ):
        yield path, client.get(path).data
    for path in ("/export/room.pcapng", "/export/room.csv", "/api/packets/DEMO-1", "/api/teacher/state"):
        yield path, client.get(path).data
    yield "the feed", repr([(event.name, event.json) for event in hall.desk.feed._ring]).encode()
    yield "badges", repr(hall.heard).encode()


def test_no_secret_is_in_what_is_told_kept_or_logged(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    teacher, csrf = hall.teacher()
    cookie = teacher.get_cookie("paperhop_teacher")
    assert cookie is not None
    phone, token, badge = hall.phone()
    hall.come("b2")
    phone.post("/api/phone/seat", json={"node": "client"})
    text = encode(PrintedCard(CardId("DEMO", 1), parse_packet(SYN)))
    assert phone.post("/api/scan", json={"text": text}).status_code == 200
    assert phone.post("/api/scan", json={"text": "nonsense"}).status_code == 200
    hall.desk.do(Paste("\n".join(NAMES)))
    teacher.post("/api/teacher/do", json={"do": "command", "text": "nonsense"}, headers={"X-CSRF-Token": csrf})
    teacher.post("/api/teacher/login", json={"pin": "123"})
    hall.app.test_client().get("/api/phone", headers={"Authorization": f"Bearer {token}x"})

    secrets = [token.encode(), csrf.encode(), cookie.value.encode(), json.loads(_key(hall)).encode()]
    names = [name.encode() for name in NAMES]
    for place, octets in _told(hall):
        assert not _found([*secrets, *names], octets), place
        assert not _pin_in(hall, octets), place
    for path in ("/export/room.csv", "/export/room.pcapng", "/export/room.pcapng?at=client"):
        export = teacher.get(path)
        assert export.status_code == 200
        assert not _found([*secrets, *names], export.data), path
    for file, octets in _octets_of(hall.data).items():
        assert not _found(secrets[:3], octets), file
        assert file == "teacher.json" or secrets[3] not in octets, file
        assert file == "roster.json" or not _found(names, octets), file
        assert not _pin_in(hall, octets), file
    assert not _found([*secrets, *names], caplog.text.encode())
    assert not _pin_in(hall, caplog.text.encode())
    assert badge in repr(hall.desk.room.world.seats), "it has played"


def test_a_token_is_in_no_address_and_no_page_but_the_answer_that_gives_it(hall: Hall) -> None:
    phone, token, _ = hall.phone()
    teacher, csrf = hall.teacher()
    for path in ("/join", "/C/1/A", "/screen", "/api/phone", "/api/state"):
        answer = phone.get(path)
        assert token not in answer.text
        assert token not in str(answer.headers)
    assert csrf in teacher.get("/teach").text, "her page needs it"
    for path in ("/", "/screen", "/api/teacher/state", "/api/teacher/lessons"):
        assert csrf not in teacher.get(path).text
    assert phone.get(f"/api/phone?token={token}", headers={"Cookie": ""}).status_code in (200, 401)
    stranger = hall.app.test_client()
    assert stranger.get(f"/api/phone?token={token}").status_code == 401, "an address is seen by others"


def test_what_is_secret_is_its_owner_s_alone(tmp_path: Path, hall: Hall) -> None:
    hall.teacher()
    hall.phone()
    hall.desk.do(Paste("\n".join(NAMES)))
    hall.desk.do(Ask(Moment.BEFORE))
    phone, _, _ = hall.phone()
    question = next(iter(hall.desk.room.lesson.questions))
    assert phone.post("/api/phone/answer", json={"question": question.id, "option": "A"}).status_code == 200
    for file in ("teacher.json", "phones.json", "roster.json", "answers.json", "pictures.sqlite"):
        assert stat.S_IMODE((hall.data / file).stat().st_mode) == 0o600, file


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
def test_a_hub_makes_its_folder_for_its_own_user_and_tells_no_password(tmp_path: Path, free_port: int) -> None:
    data = tmp_path / "state" / "hub"
    with EmbeddedBroker() as broker:
        url = broker.url.replace("mqtt://", f"mqtt://hub:{PASSWORD}@")
        command = [sys.executable, "-m", "paperhop", "hub", "--data", str(data), "--http", f"127.0.0.1:{free_port}"]
        hub = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PAPERHOP_BROKER": url, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: os.umask(0o022) and None,
        )
        guard = threading.Timer(SOON, hub.kill)
        guard.start()
        assert hub.stdout is not None
        said = ""
        while CONNECTED not in said or "PIN is" not in said:
            line = hub.stdout.readline()
            assert line, said
            said += line
        command_line = Path(f"/proc/{hub.pid}/cmdline")
        listed = command_line.read_bytes() if command_line.exists() else b""
        hub.terminate()
        said += hub.stdout.read()
        assert hub.wait() == 0
        guard.cancel()
    assert PASSWORD not in said
    assert PASSWORD.encode() not in listed
    assert not [file for file, octets in _octets_of(data).items() if PASSWORD.encode() in octets]
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for path in data.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(("strangers", "rights"), [((), 0o700), (("holidays.jpg",), 0o755)])
def test_a_folder_that_was_open_to_others_is_closed_if_it_is_the_hub_s_alone(
    tmp_path: Path, strangers: tuple[str, ...], rights: int
) -> None:
    data = tmp_path / "rooms"
    data.mkdir()
    Journal(data).close()
    for name in ("snapshot-1000", ".phones.json.new", *strangers):
        (data / name).touch()
    data.chmod(0o755)
    Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=data, http=("127.0.0.1", 0)).stop()
    assert stat.S_IMODE(data.stat().st_mode) == rights


def test_a_folder_s_rights_are_never_widened(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    close_to_others(tmp_path, ())
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o500


def test_when_a_class_is_forgotten_no_file_has_anything_of_it(hall: Hall) -> None:
    hall.desk.do(Paste("\n".join(NAMES[:2])))
    hall.desk.do(Join(NAMES[2]))
    phone, token, badge = hall.phone()
    phone.post("/api/phone/seat", json={"node": "client"})
    hall.desk.do(Ask(Moment.BEFORE))
    question = hall.desk.room.lesson.questions[0]
    assert phone.post("/api/phone/answer", json={"question": question.id, "option": "B"}).status_code == 200
    inks = []
    hall.come("b1")
    for number, shade in enumerate((30, 90, 150), 1):
        written, octets = handwriting(shade)
        hall.scan("b1", f"DEMO-{number}", written)
        inks.append(octets)
    needles = [
        *(name.encode() for name in NAMES),
        *(part.encode() for name in NAMES for part in name.split()),
        token.encode(),
        hashlib.sha256(token.encode()).hexdigest().encode(),
        *inks,
        *(octets[-40:] for octets in inks),
        *(base64.b64encode(octets)[:40] for octets in inks),
    ]
    before = b"".join(_octets_of(hall.data).values())
    assert NAMES[0].encode() in before
    assert inks[0] in before
    assert hashlib.sha256(token.encode()).hexdigest().encode() in before

    hall.desk.do(Forget())

    for file, octets in _octets_of(hall.data).items():
        assert not _found(needles, octets), file
        if file == "answers.json":
            assert badge.encode() not in octets
    assert phone.get("/api/phone").status_code == 401
    teacher, _ = hall.teacher()
    state = teacher.get("/api/teacher/state")
    assert not _found(needles, state.data)
    assert badge not in state.text
    assert teacher.get("/api/teacher/pictures/5.png").status_code == 404
    assert hall.desk.room.world.seats == {"b1": ("router",)} or "b1" in hall.desk.room.world.seats, "the game goes on"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no repository here")
def test_no_secret_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    shapes = re.compile(
        rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|scrypt:\d+:\d+:\d+\$[A-Za-z0-9]{8,}\$[0-9a-f]{64}"
        rb"|\$7\$\d+\$[A-Za-z0-9+/=]{16,}\$|(?:ghp|github_pat|glpat|xox[bp])[-_][A-Za-z0-9_]{20,}|AKIA[0-9A-Z]{16}"
    )
    kept = {
        "teacher.json",
        "phones.json",
        "roster.json",
        "answers.json",
        "journal.sqlite",
        "pictures.sqlite",
        "kit.json",
    }
    for file in files:
        if file.is_file():
            assert file.name not in kept, file
            assert not shapes.search(file.read_bytes()), file


def _key(hall: Hall) -> bytes:
    return json.dumps(json.loads((hall.data / "teacher.json").read_bytes())["key"]).encode()


def _pin_in(hall: Hall, octets: bytes) -> bool:
    """Whether the PIN is there as a word: its six digits may well be in some number."""
    return re.search(rf"(?<![0-9A-Za-z.:/+=_-]){hall.gate.new_pin}(?![0-9A-Za-z.:/+=_-])".encode(), octets) is not None
