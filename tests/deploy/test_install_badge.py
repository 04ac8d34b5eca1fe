"""A badge's installation, in a folder that stands for its system; commands are recorded. No Raspberry Pi is here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.deploy import files
from tests.deploy.installing import Installation

ROOT = Path(__file__).parents[2]
BADGE = ROOT / "firmware/deploy"
SHARED = files().parent
COMMANDS = (
    *("apt-get", "blkid", "chown", "dpkg-query", "env", "findmnt", "getent", "groupadd", "lsblk", "mount", "rfkill"),
    *("setpriv", "systemctl", "update-initramfs", "useradd"),
)


class Badge(Installation):
    """The boot partition of a card as `paperhop set card` leaves it, and a system to install."""

    def __init__(self, folder: Path) -> None:
        scripts = (BADGE / "install-badge.sh", SHARED / "steps.sh", SHARED / "protect.sh")
        super().__init__(folder, folder / "root/boot/firmware/bundle", scripts, COMMANDS)
        shutil.copytree(BADGE, self.stick / "badge-files")
        (self.root / "boot/firmware/paperhop.env").write_text("PAPERHOP_BADGE=b7\n")
        (self.root / "etc/cloud").mkdir()
        whole = f"{self.root}/opt/paperhop/current"
        self.stub("setpriv", f'mkdir -p "{whole}" && touch "{whole}/complete"')


@pytest.fixture
def badge(tmp_path: Path) -> Badge:
    return Badge(tmp_path)


def test_at_its_first_start_a_card_becomes_a_badge_and_starts_again(badge: Badge) -> None:
    said = badge.install("--first")
    assert said.returncode == 0, said.stderr
    there = badge.there()
    for name, source in {
        "/etc/systemd/system/paperhop-badge.service": "paperhop-badge.service",
        "/etc/systemd/system/paperhop-update.path": "paperhop-update.path",
        "/etc/systemd/system/paperhop-update.service": "paperhop-update.service",
        "/etc/systemd/system.conf.d/90-paperhop.conf": "watchdog.conf",
        "/etc/systemd/timesyncd.conf.d/paperhop.conf": "timesyncd.conf",
        "/etc/polkit-1/rules.d/50-paperhop-poweroff.rules": "50-paperhop-poweroff.rules",
    }.items():
        assert there[name] == (0o644, (BADGE / source).read_bytes()), name
    assert there["/usr/local/lib/paperhop/choose-slot"] == (0o755, (BADGE / "choose-slot.sh").read_bytes())
    assert there["/etc/paperhop/badge.env"][0] == 0o600
    assert [line.split()[-1] for line in badge.commands("useradd")] == ["paperhop", "paperhop-update"]
    assert [line.split()[-1] for line in badge.commands("groupadd")] == ["video", "gpio", "i2c"]
    systemctl = badge.commands("systemctl")
    assert "enable paperhop-badge.service paperhop-update.path" in systemctl
    assert systemctl[-1] == "reboot"
    assert (badge.root / "etc/cloud/cloud-init.disabled").exists()
    assert "overlayroot=tmpfs:recurse=0" in (badge.root / "boot/firmware/cmdline.txt").read_text()


def test_it_is_installed_once(badge: Badge) -> None:
    badge.install("--first")
    before = badge.there()
    said = badge.install("--first")
    assert (said.returncode, said.stdout, badge.log.read_text()) == (0, "", "")
    assert badge.there() == before


def test_nothing_is_asked_of_the_internet(badge: Badge) -> None:
    assert badge.install("--first").returncode == 0
    asked = [
        line for line in badge.commands("apt-get") + badge.commands("env") if "apt-get" in line or "update" in line
    ]
    assert asked
    assert all("Dir::Etc::SourceParts=/dev/null" in line for line in asked)
    (program,) = badge.commands("setpriv")
    assert f" env PYTHONPATH={badge.stick}/wheels/paperhop-0.1.0-py3-none-any.whl python3 -m firmware.slots" in program
    assert program.endswith(f"{badge.root}/opt/paperhop {badge.stick}/wheels")


def test_root_makes_nothing_where_the_user_of_updates_may_have_laid_something(badge: Badge) -> None:
    badge.install("--first")
    (program,) = [line for line in badge.log.read_text().splitlines() if "firmware.slots" in line]
    assert program.startswith("setpriv --reuid=paperhop-update --regid=paperhop-update --clear-groups ")
    assert f"paperhop-update:paperhop-update {badge.root}/opt/paperhop" in badge.commands("chown")
    assert not [line for line in badge.commands("chown") if "-R" in line.split()]


def test_the_camera_s_packages_are_taken_from_the_stick_where_it_has_them(badge: Badge) -> None:
    badge.install("--only", "packages")
    assert not [line for line in badge.commands("env") if "picamera2" in line]
    (badge.stick / "debs/trixie/Packages").write_text("Package: python3-picamera2\nVersion: 1\n")
    badge.install("--only", "packages")
    (installed,) = [line for line in badge.commands("env") if " install " in line]
    assert installed.endswith("libzbar0 python3-venv overlayroot python3-picamera2")


def test_where_the_program_cannot_be_made_it_is_said_what_to_look_at(badge: Badge) -> None:
    badge.stub("setpriv", "echo No module named firmware >&2; exit 1")
    ended = badge.install("--first")
    assert ended.returncode == 2
    assert "Every user must be able to read" in ended.stderr


@pytest.mark.parametrize("command", ["useradd", "setpriv"])
def test_an_installation_that_was_broken_off_goes_on(badge: Badge, command: str) -> None:
    badge.stub(command, "exit 1")
    assert badge.install("--first").returncode != 0
    assert not (badge.root / "etc/paperhop/installed").exists()
    badge.stub(command)
    assert badge.install("--first").returncode == 0
    assert (badge.root / "etc/paperhop/installed").exists()


def test_a_card_without_its_badge_says_so(badge: Badge) -> None:
    (badge.root / "boot/firmware/paperhop.env").unlink()
    said = badge.install("--first")
    assert said.returncode == 2
    assert "which badge is this?" in said.stderr


def test_a_card_without_room_for_data_is_a_badge_all_the_same(badge: Badge) -> None:
    badge.stub("blkid", "exit 1")
    said = badge.install("--first")
    assert said.returncode == 0, said.stderr
    assert "NOT protected" in said.stdout
    assert "overlayroot" not in (badge.root / "boot/firmware/cmdline.txt").read_text()
    assert badge.commands("systemctl")[-1] == "reboot"


def test_its_protection_can_be_undone(badge: Badge) -> None:
    badge.install("--first")
    assert badge.install("--unprotect").returncode == 0
    assert (badge.root / "boot/firmware/cmdline.txt").read_text() == "root=PARTUUID=1-02 rootwait\n"


def test_a_dry_run_says_all_and_does_nothing(badge: Badge) -> None:
    before = badge.there()
    said = badge.install("--dry-run")
    assert said.returncode == 0, said.stderr
    assert badge.there() == before
    assert badge.log.read_text() == ""
    assert "would write: /etc/systemd/system/paperhop-badge.service (644, root:root)" in said.stdout


def test_what_is_kept_on_the_badge_installs_again_without_a_stick(badge: Badge) -> None:
    badge.install("--first")
    before = badge.there()
    badge.stub("dpkg-query", "echo installed")
    badge.stub("getent")
    of_the_stick = {f"/{path.relative_to(badge.root)}" for path in badge.stick.rglob("*")}
    shutil.rmtree(badge.stick)
    shutil.copytree(badge.root / "usr/local/share/paperhop", badge.stick)
    said = badge.install()
    assert said.returncode == 0, said.stderr
    assert not badge.commands("apt-get")
    shutil.rmtree(badge.stick)
    assert badge.there() == {name: file for name, file in before.items() if name not in of_the_stick}


def test_what_is_installed_already_stays(badge: Badge) -> None:
    badge.install("--first")
    own = badge.root / "etc/paperhop/badge.env"
    own.write_text("FRAMES=opencv:0\n")
    assert badge.install().returncode == 0
    assert own.read_text() == "FRAMES=opencv:0\n"
    assert not badge.commands("setpriv")
    assert "reboot" not in badge.commands("systemctl")
