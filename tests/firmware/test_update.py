"""A badge gets another program from the hub whole or not at all: over real HTTP, with everything that can go wrong."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from firmware.link import Link
from firmware.outbox import Outbox
from firmware.slots import SlotError, Slots, store
from firmware.update import update
from firmware.wishes import OUTCOME, Wishes
from hub.deploy.kit import Order, make, replace
from hub.deploy.publishing import publish
from hub.messages import Answer, Problem, Scan, Sighting, Update
from hub.messages.release import Release, seal
from hub.releases import Releases
from paperhop.__main__ import main
from tests.firmware import test_slots
from tests.firmware.standin import Heard, StandIn, answer
from tests.firmware.test_slots import begin, running

ROOT = Path(__file__).parents[2]


class Hub:
    """A hub that serves releases, and can be as bad as a test wants: `serve` may change what is answered to a path."""

    def __init__(self, folder: Path) -> None:
        self.kit, self.folder = folder / "kit", folder / "release"
        self.folder.mkdir()
        make(self.kit, Order("school", 2, "DE"))
        self.serve: Callable[[str, bytes], bytes] = lambda path, octets: octets
        self.short = False
        self.busy = 0
        self.asked: list[str] = []
        releases, outer = Releases(self.folder), self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                octets = outer.find(releases, self.path)
                if outer.busy:
                    outer.busy -= 1
                    self.send_error(503)
                    return
                if octets is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets[: len(octets) // 2] if outer.short else outer.serve(self.path, octets))

            def log_message(self, *_: object) -> None:
                """Not here."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def find(self, releases: Releases, path: str) -> bytes | None:
        if path.startswith("/badges/release/"):
            envelope = releases.envelope(path.removeprefix("/badges/release/"))
            return None if envelope is None else msgspec.json.encode(envelope)
        part = releases.part(path.removeprefix("/badges/parts/"))
        return None if part is None else part.read_bytes()

    def publish(self, bundle: Path | None) -> Release:
        return publish(self.folder, self.kit, bundle)[0]

    def key(self, badge: str = "b1") -> str:
        return (self.kit / "badges" / badge / "paperhop.env").read_text().rpartition("KEY=")[2].strip()


def bundle(folder: Path, text: str) -> Path:
    """A program in two parts, of which one is the same in all."""
    wheels = folder / f"bundle-{text}" / "wheels"
    wheels.mkdir(parents=True)
    (wheels / f"paperhop-{len(text)}.whl").write_text(text)
    (wheels / "zbar.whl").write_text("+")
    (wheels / "old.whl").write_text("of another Python")
    (wheels / "badge-3.13.txt").write_text(f"paperhop-{len(text)}.whl\nzbar.whl\n")
    (wheels / "badge-3.11.txt").write_text(f"old.whl\npaperhop-{len(text)}.whl\n")
    return wheels.parent


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    served = Hub(tmp_path)
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def opt(tmp_path: Path) -> Path:
    """A badge that runs its first program."""
    place = tmp_path / "opt"
    place.mkdir()
    slots(place).install(0, test_slots.release(tmp_path, "old"))
    begin(place)
    return place


def slots(folder: Path) -> Slots:
    return Slots(folder, make=test_slots.make, trial=test_slots.trial)


def get(hub: Hub, opt: Path, key: str | None = None) -> Release:
    waits: list[float] = []
    return update("b1", hub.key() if key is None else key, hub.url, slots(opt), "3.13", waits.append)


def refused(hub: Hub, opt: Path, key: str | None = None) -> str:
    before = running(opt)
    with pytest.raises(SlotError) as said:
        get(hub, opt, key)
    assert running(opt) == before
    return said.value.word


def test_a_release_is_got_and_begun(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    assert get(hub, opt).number == 1
    assert running(opt) == "new+"
    assert slots(opt).number() == 1


def test_only_what_has_changed_is_fetched(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    get(hub, opt)
    begin(opt)
    hub.publish(bundle(tmp_path, "newer"))
    hub.asked.clear()
    get(hub, opt)
    assert running(opt) == "newer+"
    assert len([path for path in hub.asked if "/parts/" in path]) == 1
    assert sorted(path.name for path in store(opt).iterdir()) == ["paperhop-5.whl", "zbar.whl"]


def test_a_release_never_goes_back(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    old = (hub.folder / "release.json").read_bytes()
    get(hub, opt)
    begin(opt)
    assert refused(hub, opt) == "no-newer"
    hub.publish(bundle(tmp_path, "newer"))
    get(hub, opt)
    begin(opt)
    (hub.folder / "release.json").write_bytes(old)
    assert refused(hub, opt) == "no-newer", "somebody who has heard an old one cannot give it again"


def test_what_bears_no_seal_of_this_badge_is_not_taken(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    for key in (hub.key("b2"), "", "guessed"):
        assert refused(hub, opt, key) == "altered"
    assert not [path for path in hub.asked if "/parts/" in path], "nothing is fetched for it"


def test_who_answers_in_the_place_of_the_hub_gives_no_badge_a_program(hub: Hub, opt: Path, tmp_path: Path) -> None:
    """With the badge's password, which travels, but without its key, which never does."""
    hub.publish(bundle(tmp_path, "new"))
    password = (hub.kit / "badges/b1/paperhop.env").read_text().partition("b1:")[2].partition("@")[0]

    def forged(path: str, octets: bytes) -> bytes:
        sealed = seal(Releases(hub.folder).envelope("b1").manifest.encode(), password)  # type: ignore[union-attr]
        return octets.replace(octets[-66:-2], sealed.encode())

    hub.serve = forged
    assert refused(hub, opt) == "altered"


@pytest.mark.parametrize("at", ["/badges/release/", "/badges/parts/"])
def test_an_altered_octet_is_found(hub: Hub, opt: Path, tmp_path: Path, at: str) -> None:
    hub.publish(bundle(tmp_path, "new"))
    hub.serve = lambda path, octets: octets[:-3] + bytes([octets[-3] ^ 1]) + octets[-2:] if at in path else octets
    if at == "/badges/parts/":
        hub.serve = lambda path, octets: bytes([octets[0] ^ 1]) + octets[1:] if at in path else octets
    assert refused(hub, opt) == "altered"
    hub.serve = lambda path, octets: octets
    get(hub, opt)
    assert running(opt) == "new+"


def test_a_part_that_is_broken_off_is_fetched_again(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    part = next(part for part in hub.publish(None).parts if part.name.startswith("paperhop"))
    (hub.folder / "parts" / part.digest).write_text("ne")
    assert refused(hub, opt) == "unreachable"
    (hub.folder / "parts" / part.digest).write_text("new, and more than was said")
    assert refused(hub, opt) == "altered"
    (hub.folder / "parts" / part.digest).write_text("new")
    hub.short = True
    assert refused(hub, opt) in ("unreachable", "altered")
    hub.short = False
    get(hub, opt)
    assert running(opt) == "new+"


def test_without_a_hub_or_a_release_all_stays(hub: Hub, opt: Path, free_port: int) -> None:
    assert refused(hub, opt) == "unreachable"
    with pytest.raises(SlotError) as said:
        update("b1", hub.key(), f"http://127.0.0.1:{free_port}", slots(opt), "3.13")
    assert said.value.word == "unreachable"


def test_a_busy_hub_is_waited_for(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    hub.busy = 5
    get(hub, opt)
    assert running(opt) == "new+"
    hub.busy = 10_000
    assert refused(hub, opt) == "unreachable"


def test_a_python_that_a_release_has_nothing_for(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    with pytest.raises(SlotError, match=r"nothing for Python 3\.9"):
        update("b1", hub.key(), hub.url, slots(opt), "3.9")


def test_what_is_no_program_is_not_begun(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "bad"))
    assert refused(hub, opt) == "broken"


def test_a_replaced_badge_takes_what_is_sealed_anew(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    lost = hub.key()
    replace(hub.kit, "b1")
    assert refused(hub, opt) == "altered"
    assert hub.publish(None).number == 1
    assert refused(hub, opt, lost) == "altered"
    get(hub, opt)
    assert running(opt) == "new+"


_CUT = """
import os, signal, sys, threading
from pathlib import Path
from firmware.slots import Slots
from firmware.update import update
from tests.firmware import test_slots
at, folder, hub, key = sys.argv[1:]
def cut(name):
    if name == at:
        os.kill(os.getpid(), signal.SIGKILL)
update("b1", key, hub, Slots(Path(folder), cut, test_slots.make, test_slots.trial), "3.13")
"""


@pytest.mark.parametrize("at", ["fetched", *(step for step in test_slots.STEPS if step != "half")])
def test_a_power_cut_at_any_step_leaves_a_program_that_starts(hub: Hub, opt: Path, tmp_path: Path, at: str) -> None:
    hub.publish(bundle(tmp_path, "new"))
    words = [sys.executable, "-c", _CUT, at, str(opt), hub.url, hub.key()]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert running(opt) == ("new+" if at == "switched" else "old+")
    if at != "switched":
        get(hub, opt)
        assert running(opt) == "new+"


def test_a_power_cut_while_a_part_is_fetched(hub: Hub, opt: Path, tmp_path: Path) -> None:
    hub.publish(bundle(tmp_path, "new"))
    half, go_on = threading.Event(), threading.Event()

    def hanging(path: str, octets: bytes) -> bytes:
        if "/parts/" in path:
            half.set()
            go_on.wait(20)
        return octets

    hub.serve = hanging
    words = [sys.executable, "-c", _CUT, "never", str(opt), hub.url, hub.key()]
    with subprocess.Popen(words, cwd=ROOT) as process:
        assert half.wait(20)
        process.kill()
    go_on.set()
    assert running(opt) == "old+"
    get(hub, opt)
    assert running(opt) == "new+"
    assert not list(store(opt).glob("*.part"))


def test_a_disk_that_is_full_while_fetching(hub: Hub, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(small)]
    if os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        slots(small).install(0, test_slots.release(tmp_path, "old"))
        begin(small)
        (small / "filling").write_bytes(bytes(240_000))
        made = bundle(tmp_path, "huge")
        (made / "wheels/zbar.whl").write_bytes(bytes(100_000))
        hub.publish(made)
        assert refused(hub, small) == "no-room"
        (small / "filling").unlink()
        (made / "wheels/zbar.whl").write_text("+")
        hub.publish(made)
        get(hub, small)
        assert running(small) == "huge+"
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_command_says_what_it_did_and_leaves_a_word(
    hub: Hub, opt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAPERHOP_RELEASE_KEY", hub.key())
    outcome = tmp_path / "outcome"
    words = ["badge", "update", "--id", "b1", "--hub", hub.url, "--slots", str(opt), "--outcome", str(outcome)]
    assert main(words) == 1
    assert outcome.read_text() == "unreachable\n"
    said = capsys.readouterr()
    assert hub.key() not in said.out + said.err


@pytest.mark.parametrize(
    ("result", "said", "then"),
    [
        ("timeout", None, "broken\n"),
        ("exit-code", None, "broken\n"),
        ("signal", "", "broken\n"),
        ("exit-code", "no-room\n", "no-room\n"),
        ("success", "\n", "\n"),
    ],
)
def test_whatever_ends_it_leaves_a_word(tmp_path: Path, result: str, said: str | None, then: str) -> None:
    """As systemd runs it: $$ is a $ (systemd.service(5)). Without a word the teacher's page says "asked" for ever."""
    unit = (ROOT / "firmware/deploy/paperhop-update.service").read_text()
    (line,) = re.findall(r"^ExecStopPost=(.*)$", unit, re.MULTILINE)
    outcome = tmp_path / OUTCOME.name
    assert f"WorkingDirectory={OUTCOME.parent}\n" in unit
    if said is not None:
        outcome.write_text(said)
    words = shlex.split(line.replace("$$", "$"))
    subprocess.run(words, cwd=tmp_path, env={"PATH": os.environ["PATH"], "SERVICE_RESULT": result}, check=True)
    assert outcome.read_text() == then


# The badge that plays: it asks, when nothing waits.


def test_a_badge_asks_for_it_when_nothing_waits(broker: str) -> None:
    outbox, heard = Outbox(None), Heard()
    replies: list[Scan] = []

    def later(scan: Scan) -> list[Answer]:
        replies.append(scan)
        return []

    with StandIn(broker, "wishes", reply=later) as hub:  # type: ignore[arg-type]
        link = Link("b1", outbox, broker, heard, set_name="wishes")
        outbox.put("b1", Sighting(problem=Problem("card.foreign", "not ours")))
        link.start()
        hub.wait(lambda: len(replies) == 1)
        hub.say(Update("b1", 7))
        hub.say(answer(replies[0]))
        heard.wait(lambda: heard.updates == [Update("b1", 7)])
        assert len(heard.answers) == 1, "the answer came first"
        link.stop()


@pytest.fixture
def wishes(opt: Path, tmp_path: Path) -> Wishes:
    run = tmp_path / "run"
    run.mkdir()
    return Wishes(opt / "slots/a", run, slots(opt), tmp_path / "outcome")


def test_a_wish_is_a_file_that_systemd_waits_for(wishes: Wishes, tmp_path: Path) -> None:
    assert (wishes.release, wishes.word) == (0, "")
    assert wishes.wish(Update("b1", 3))
    assert (tmp_path / "run/update").exists()
    assert wishes.word == "asked"
    (tmp_path / "outcome").write_text("no-room\n")
    assert wishes.word == "no-room"
    (tmp_path / "outcome").write_text("Not a word of ours")
    assert wishes.word == "asked", "the hub would not understand a status with it"
    unit = (ROOT / "firmware/deploy/paperhop-update.path").read_text()
    assert "PathExists=/run/paperhop/update\n" in unit


def test_what_one_has_is_not_wished_for(wishes: Wishes, tmp_path: Path, opt: Path) -> None:
    (opt / "slots/a/number").write_text("3\n")
    again = Wishes(opt / "slots/a", tmp_path / "run", slots(opt), tmp_path / "outcome")
    assert not again.wish(Update("b1", 3))
    assert not (tmp_path / "run/update").exists()


def test_a_release_that_did_not_start_is_tried_again_only_when_somebody_says_so(wishes: Wishes, opt: Path) -> None:
    (opt / "refused").write_text("3\n")
    assert wishes.word == "refused"
    assert not wishes.wish(Update("b1", 3))
    assert wishes.wish(Update("b1", 4))
    assert wishes.wish(Update("b1", 3, again=True))


def test_a_program_that_is_in_no_slot_cannot_be_replaced(tmp_path: Path) -> None:
    elsewhere = Wishes(tmp_path, tmp_path)
    assert elsewhere.release is None
    assert not elsewhere.wish(Update("b1", 3))
