"""The boot partition of a badge's card, from what `paperhop set make` and `make bundle` give."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from hub.deploy import files
from hub.deploy.card import prepare
from hub.deploy.firststart import BUNDLE
from hub.deploy.kit import Order, SetError, make
from paperhop.__main__ import main

ROOT = Path(__file__).parents[2]
FRESH = "console=tty1 root=PARTUUID=7351b90c-02 rootfstype=ext4 fsck.repair=yes rootwait resize ds=nocloud\n"
SMALL = FRESH.replace(" resize ", " paperhop.small ")
GROWN = FRESH.replace(" resize ", " ")
"""As the system leaves it that has taken the whole card."""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """As `make bundle` lays it, with a wheel that a hub alone needs."""
    folder = tmp_path / "bundle"
    for name in ("wheels/paperhop-1-py3-none-any.whl", "wheels/flask-3-py3-none-any.whl", "debs/trixie/Packages"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "wheels/badge-3.13.txt").write_text("paperhop-1-py3-none-any.whl\n")
    subprocess.run(["cp", "-R", str(ROOT / "firmware/deploy"), str(folder / "badge-files")], check=True)
    for script in (
        ROOT / "firmware/deploy/install-badge.sh",
        files().parent / "steps.sh",
        files().parent / "protect.sh",
    ):
        subprocess.run(["cp", str(script), str(folder)], check=True)
    return folder


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "cmdline.txt").write_text(FRESH)
    (folder / "config.txt").write_text("[all]\n")
    (folder / "user-data").write_text("#cloud-config\n# of Raspberry Pi Imager\n")
    return folder


@pytest.fixture
def school(tmp_path: Path) -> Path:
    make(tmp_path / "school", Order("school", 8, "DE"))
    return tmp_path / "school"


def test_a_card_has_its_badge_and_all_that_makes_one_of_it(school: Path, boot: Path, bundle: Path) -> None:
    assert prepare(school, "b7", boot, bundle)
    there = contents(boot)
    for name, octets in contents(school / "badges/b7").items():
        assert there[name] == octets, name
    assert there[f"{BUNDLE}/wheels/paperhop-1-py3-none-any.whl"] == b"wheels/paperhop-1-py3-none-any.whl"
    assert f"{BUNDLE}/wheels/flask-3-py3-none-any.whl" not in there
    for name in ("install-badge.sh", "steps.sh", "protect.sh", "badge-files/choose-slot.sh", "debs/trixie/Packages"):
        assert f"{BUNDLE}/{name}" in there
    assert not [name for name in there if name.endswith(".new")]


def test_the_bundle_has_what_a_card_needs() -> None:
    """Gathering takes the internet; so what is gathered is looked up."""
    gathering = (ROOT / "tools/bundle.sh").read_text()
    (scripts,) = re.findall(r'^cp (.*\.sh) "\$out/"$', gathering, re.MULTILINE)
    there = {Path(name).name: ROOT / name for name in scripts.split()}
    assert {"install.sh", "install-badge.sh", "steps.sh", "protect.sh"} <= set(there)
    assert all(path.is_file() for path in there.values())
    assert 'cp -R firmware/deploy "$out/badge-files"\n' in gathering
    for name in re.findall(r"badge-files/([\w.-]+\w)", (ROOT / "firmware/deploy/install-badge.sh").read_text()):
        assert (ROOT / "firmware/deploy" / name).is_file(), name
    for name in re.findall(r"files/([\w.-]+\w)", (files().parent / "install.sh").read_text()):
        assert (files() / name).is_file(), name


def test_what_the_first_start_runs_is_on_the_card(school: Path, boot: Path, bundle: Path) -> None:
    prepare(school, "b7", boot, bundle)
    (command,) = yaml.safe_load((boot / "user-data").read_text())["bootcmd"]
    (script,) = [word for word in command if word.startswith("/boot/firmware/")]
    said = subprocess.run(
        ["sh", str(boot / script.removeprefix("/boot/firmware/")), *command[command.index(script) + 1 :], "--dry-run"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "which badge is this?" in said.stderr, "this computer has no /boot/firmware/paperhop.env"


def test_its_system_leaves_room_for_data(school: Path, boot: Path, bundle: Path) -> None:
    prepare(school, "b7", boot, bundle)
    assert (boot / "cmdline.txt").read_text() == SMALL
    user = yaml.safe_load((boot / "user-data").read_text())
    assert user["growpart"] == {"mode": "off"}
    assert user["resize_rootfs"] is False
    assert prepare(school, "b7", boot, bundle), "a second time it is as before"


def test_a_hub_s_card_leaves_room_and_keeps_who_may_log_in(boot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (boot / "user-data").write_text("#cloud-config\nusers:\n- name: teacher\n")
    for _ in range(2):
        assert main(["set", "card", "hub", str(boot)]) == 0
        user = yaml.safe_load((boot / "user-data").read_text())
        assert user == {"users": [{"name": "teacher"}], "growpart": {"mode": "off"}, "resize_rootfs": False}
        assert (boot / "cmdline.txt").read_text() == SMALL
    said = capsys.readouterr().out
    assert "The card of hub is ready" in said
    assert "damage" not in said


def test_of_a_card_that_was_started_before_it_is_said(
    school: Path, boot: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (boot / "cmdline.txt").write_text(GROWN)
    for badge in ("b7", "hub"):
        for _ in range(2):
            assert main(["set", "card", badge, str(boot), "--bundle", str(bundle), "--out", str(school)]) == 0
            assert "a pulled plug can damage the card" in capsys.readouterr().out, "a second time it is as before"


def test_a_set_and_a_card_come_together_at_the_terminal(
    school: Path, boot: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--bundle", str(bundle), "--out", str(school)]
    assert main(["set", "card", "b7", str(boot), *words]) == 0
    said = capsys.readouterr()
    assert "The card of b7 is ready" in said.out
    password, key = re.findall(r"(?<=[:=])[\w-]{20,}(?=@|\n)", (school / "badges/b7/paperhop.env").read_text())
    assert password != key
    assert password not in said.out
    assert key not in said.out


@pytest.mark.parametrize(
    ("badge", "missing", "sentence"),
    [
        ("b9", None, "no badge b9; it has b1 to b8"),
        ("b7", "bootfs/config.txt", "is not the boot partition"),
        ("b7", "bundle/wheels/badge-3.13.txt", "`make bundle` gathers one"),
        ("b7", "bundle/debs/trixie/Packages", "run `make bundle` on a Debian or a Raspberry Pi OS"),
        ("b7", "bundle/wheels/paperhop-1-py3-none-any.whl", "is missing"),
    ],
)
def test_what_is_not_there_is_said_and_the_card_stays_as_it_is(
    school: Path, boot: Path, bundle: Path, badge: str, missing: str | None, sentence: str
) -> None:
    if missing is not None:
        (boot.parent / missing).unlink()
    before = contents(boot)
    with pytest.raises(SetError, match=sentence):
        prepare(school, badge, boot, bundle)
    assert contents(boot) == before
