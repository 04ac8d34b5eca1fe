"""The release that a hub has for its badges: who may make one, who is offered it and when, and what is served."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.archive import Archive
from hub.deploy import PYTHONS, badge_list
from hub.deploy.kit import Order, make
from hub.deploy.publishing import ReleaseError, publish
from hub.deploy.saving import Places, backup, restore
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import BadgeStatus, Update
from hub.messages.release import BadReleaseError, opened
from hub.orders import UpdateBadges
from hub.page import Gate, create_app
from hub.page.releases import AT_ONCE
from hub.releases import FILE, Releases
from paperhop.__main__ import main

BOOT = "ab" * 8


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    wheels = tmp_path / "bundle/wheels"
    wheels.mkdir(parents=True)
    (wheels / "paperhop-1.whl").write_text("program")
    for python in PYTHONS.values():
        badge_list(wheels.parent, python).write_text("paperhop-1.whl\n")
    return wheels.parent


@pytest.fixture
def folder(tmp_path: Path, bundle: Path) -> Path:
    """A set with a release."""
    make(tmp_path / "kit", Order("school", 3, "DE"))
    (tmp_path / "release").mkdir()
    publish(tmp_path / "release", tmp_path / "kit", bundle)
    return tmp_path / "release"


def key(kit: Path, badge: str) -> str:
    return (kit / "badges" / badge / "paperhop.env").read_text().rpartition("KEY=")[2].strip()


def test_each_badge_has_a_seal_of_its_own(folder: Path, tmp_path: Path) -> None:
    app = _app(tmp_path, folder)
    for badge in ("b1", "b2"):
        answer = app.get(f"/badges/release/{badge}")
        release = opened(answer.data, key(tmp_path / "kit", badge))
        assert [part.name for part in release.parts] == ["paperhop-1.whl"]
        got = app.get(f"/badges/parts/{release.parts[0].digest}")
        assert hashlib.sha256(got.data).hexdigest() == release.parts[0].digest
        got.close()
    with pytest.raises(BadReleaseError, match="seal"):
        opened(app.get("/badges/release/b1").data, key(tmp_path / "kit", "b2"))


def test_the_hub_s_own_program_only_reads_and_no_key_is_where_it_reads(folder: Path, tmp_path: Path) -> None:
    for path in (folder / FILE, *(folder / "parts").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    for badge in ("b1", "b2", "b3"):
        assert key(tmp_path / "kit", badge) not in (folder / FILE).read_text()


def test_the_same_program_is_no_new_release_and_another_is(folder: Path, tmp_path: Path, bundle: Path) -> None:
    kit = tmp_path / "kit"
    assert publish(folder, kit, bundle)[0].number == 1
    (bundle / "wheels/paperhop-1.whl").write_text("another program")
    assert publish(folder, kit, bundle)[0].number == 2
    assert len(list((folder / "parts").iterdir())) == 1, "what no badge gets any more makes room"


def test_on_a_new_card_of_the_hub_numbers_go_on(folder: Path, tmp_path: Path, bundle: Path) -> None:
    (bundle / "wheels/paperhop-1.whl").write_text("another program")
    publish(folder, tmp_path / "kit", bundle)
    data = tmp_path / "data"
    backup(Places(tmp_path / "kit", data), tmp_path / "file")
    restore(tmp_path / "file", Places(tmp_path / "back", data))
    for name, program in (("new", "a third program"), ("newer", "another program")):
        (bundle / "wheels/paperhop-1.whl").write_text(program)
        (tmp_path / name).mkdir()
        assert publish(tmp_path / name, tmp_path / "back", bundle)[0].number == 3 + (name == "newer")


def test_what_a_new_card_has_sealed_before_the_set_was_back_is_numbered_again(
    folder: Path, tmp_path: Path, bundle: Path
) -> None:
    make(tmp_path / "copy", Order("school", 3, "DE"))
    (bundle / "wheels/paperhop-1.whl").write_text("another program")
    kit, new = tmp_path / "kit", tmp_path / "new"
    publish(folder, kit, bundle)
    new.mkdir()
    assert publish(new, tmp_path / "copy", bundle)[0].number == 1
    assert publish(new, kit, None)[0].number == 3
    assert publish(new, kit, None)[0].number == 3, "it is sealed anew for each card, and is the same release"


def test_what_is_broken_off_while_it_is_made_leaves_the_old_one(
    folder: Path, tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bundle / "wheels/paperhop-1.whl").write_text("another program")
    releases = Releases(folder)
    old = releases.envelope("b1")

    def cut(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.deploy.publishing.seal", cut)
    with pytest.raises(OSError, match="No space"):
        publish(folder, tmp_path / "kit", bundle)
    assert releases.envelope("b1") == old
    assert releases.newest is not None
    assert releases.part(releases.newest.parts[0].digest) is not None


def test_a_badge_without_a_key_is_named(folder: Path, tmp_path: Path, bundle: Path) -> None:
    own = tmp_path / "kit/badges/b2/paperhop.env"
    own.write_text(own.read_text().partition("PAPERHOP_RELEASE_KEY")[0])
    assert publish(folder, tmp_path / "kit", bundle)[1] == ["b2"]
    assert Releases(folder).envelope("b2") is None


@pytest.mark.parametrize("python", PYTHONS.values())
def test_a_bundle_that_lacks_something_is_refused_in_words(
    folder: Path, tmp_path: Path, bundle: Path, python: str
) -> None:
    badge_list(bundle, python).unlink()
    with pytest.raises(ReleaseError, match="make bundle"):
        publish(folder, tmp_path / "kit", bundle)
    with pytest.raises(ReleaseError, match="There is no release in"):
        publish(tmp_path / "nowhere", tmp_path / "kit", None)


@pytest.mark.parametrize("path", ["/badges/release/b9", "/badges/parts/" + "0" * 64, "/badges/parts/..%2Frelease.json"])
def test_what_is_not_there_is_not_served(folder: Path, tmp_path: Path, path: str) -> None:
    assert _app(tmp_path, folder).get(path).status_code == 404


def test_a_damaged_release_is_none(folder: Path) -> None:
    (folder / FILE).write_text("{")
    assert Releases(folder).newest is None


def test_badges_leave_the_room_its_threads(folder: Path, tmp_path: Path) -> None:
    app = _app(tmp_path, folder)
    newest = Releases(folder).newest
    assert newest is not None
    path = f"/badges/parts/{newest.parts[0].digest}"
    open_ones = [app.get(path, buffered=False) for _ in range(AT_ONCE)]
    refused = app.get(path)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    open_ones[0].close()
    assert app.get(path).status_code == 200


def test_a_part_that_vanishes_takes_no_place_with_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another release is published between the look and the reading."""
    app = _app(tmp_path, folder)
    newest = Releases(folder).newest
    assert newest is not None
    path = f"/badges/parts/{newest.parts[0].digest}"
    with monkeypatch.context() as patched:
        patched.setattr(Releases, "part", lambda self, digest: folder / "parts/gone")
        assert [app.get(path).status_code for _ in range(AT_ONCE + 1)] == [404] * (AT_ONCE + 1)
    assert app.get(path).status_code == 200


def _app(tmp_path: Path, folder: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "data").mkdir(exist_ok=True)
    journal = Journal(tmp_path / "data")
    desk = Desk(journal, load("handshake"), data=tmp_path / "data", releases=Releases(folder))
    return create_app(
        desk, Gate(tmp_path / "data"), Archive(tmp_path / "data"), releases=Releases(folder)
    ).test_client()


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path, releases=Releases(folder))


def status(badge: str, release: int | None, waiting: int = 0, boot: str = BOOT) -> BadgeStatus:
    return BadgeStatus(badge, "online", boot, waiting, release=release)


def offered(desk: Desk, *statuses: BadgeStatus) -> list[Update]:
    return [down for each in statuses for down in desk.status(each) if isinstance(down, Update)]


def test_who_plays_nothing_is_offered_it_once_in_a_start(desk: Desk) -> None:
    assert not offered(desk, *(status(badge, 0) for badge in ("b1", "b2", "b3"))), "they have taken the three seats"
    assert offered(desk, status("b4", 0)) == [Update("b4", 1)]
    assert not offered(desk, status("b4", 0))
    assert offered(desk, status("b4", 0, boot="cd" * 8)) == [Update("b4", 1)]


def test_nobody_is_disturbed_who_has_something_to_send_or_has_it_or_cannot(desk: Desk) -> None:
    offered(desk, *(status(badge, 1) for badge in ("b1", "b2", "b3")))
    assert not offered(desk, status("b4", 0, waiting=1), status("b5", 1), status("b6", None))
    assert not offered(desk, BadgeStatus("b7", "offline", BOOT, release=0))
    assert offered(desk, status("b4", 0)) == [Update("b4", 1)]


def test_the_teacher_says_so(desk: Desk) -> None:
    told: list[object] = []
    desk.publish = told.extend
    offered(desk, *(status(badge, 0) for badge in ("b1", "b2", "b3")))
    told.clear()
    assert "3 badges may update now" in desk.do(UpdateBadges())
    assert told == [Update(badge, 1, again=True) for badge in ("b1", "b2", "b3")]
    told.clear()
    desk.do(UpdateBadges("b2"))
    assert told == [Update("b2", 1, again=True)]


def test_the_teacher_sees_which_release_each_has(desk: Desk) -> None:
    offered(
        desk,
        BadgeStatus(
            "b1", "online", BOOT, 0, "paperhop 0.1.0", "picamera", 10.0, False, 51.0, False, 9000, 0, "no-room"
        ),
    )
    seen = desk.backstage()
    assert seen["release"] == 1
    (row,) = seen["badges"]
    assert (row["release"], row["update"], row["temperature"], row["under_voltage"]) == (0, "no-room", 51.0, False)


def test_the_command_makes_a_release(tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "kit", Order("school", 3, "DE"))
    (tmp_path / "into").mkdir()
    words = ["--out", str(tmp_path / "kit"), "--into", str(tmp_path / "into")]
    assert main(["set", "release", str(bundle), *words]) == 0
    said = capsys.readouterr()
    assert "Release 1" in said.out
    assert not [badge for badge in ("b1", "b2", "b3") if key(tmp_path / "kit", badge) in said.out]
    assert main(["set", "release", str(tmp_path), *words]) == 2
    assert "make bundle" in capsys.readouterr().err
