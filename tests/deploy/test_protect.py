"""A memory card that a pulled plug cannot damage: its partitions on a real (loop) disk, its files in a folder that
stands for the system. That a Raspberry Pi then starts from a layer in memory nobody has seen here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.deploy import files
from tests.conftest import program
from tests.deploy.installing import System

SCRIPTS = files().parent
BADGE = Path(__file__).parents[2] / "firmware/deploy"
FSTAB = """proc            /proc           proc    defaults          0       0
PARTUUID=7351b90c-01  /boot/firmware  vfat    defaults          0       2
PARTUUID=7351b90c-02  /               ext4    defaults,noatime  0       1
"""
CMDLINE = "console=tty1 root=PARTUUID=7351b90c-02 rootfstype=ext4 fsck.repair=yes rootwait\n"
MIB = 2048
"""Sectors."""
COMMANDS = (
    *("blkid", "chown", "findmnt", "lsblk", "mkfs.ext4", "mount", "partx", "resize2fs", "sfdisk", "systemctl"),
    *("udevadm", "update-initramfs"),
)


class Card(System):
    """A system with something to keep."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, COMMANDS, FSTAB, CMDLINE)
        for name in ("var/lib/paperhop", "opt/paperhop"):
            (self.root / name).mkdir(parents=True)

    def run(self, words: str) -> subprocess.CompletedProcess[str]:
        """Words of protect.sh, as an installer uses them."""
        script = f'set -eu\nhere="{SCRIPTS}" dry="" root="{self.root}" changed="" protected=yes\n'
        script += f'. "$here/steps.sh"\n. "$here/protect.sh"\n{words}\n'
        shell = shutil.which("dash") or "sh"
        return subprocess.run([shell, "-c", script], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def system(tmp_path: Path) -> Card:
    return Card(tmp_path)


class Disk(Card):
    """A disk as Raspberry Pi Imager writes it, before its system has grown: of it only the first 640 MiB are used."""

    def __init__(self, folder: Path, gib: int) -> None:
        super().__init__(folder)
        image = folder / "disk"
        with image.open("wb") as file:
            file.truncate(gib * 1024**3)
        table = f"label: dos\nstart=8192, size={128 * MIB}, type=c\nstart={132 * MIB}, size={512 * MIB}, type=83\n"
        subprocess.run([SFDISK, "-q", str(image)], input=table, text=True, check=True)
        self.device = _out("losetup", "--show", "-f", str(image))
        self.name = self.device.removeprefix("/dev/")
        _out("partx", "-a", self.device)
        _out("mkfs.ext4", "-q", f"{self.device}p2")
        self.mounted = folder / "mounted"
        self.mounted.mkdir()
        _out("mount", f"{self.device}p2", str(self.mounted))
        (self.mounted / "letter").write_text("dear")
        (self.root / "sys").symlink_to("/sys")
        for name in ("mkfs.ext4", "partx", "sfdisk", "lsblk"):
            self.stub(name, f'exec "{shutil.which(name, path=WHERE)}" "$@"')
        self.stub("findmnt", f'[ "$*" = "-n -o SOURCE /" ] && echo {self.device}p2')
        self.stub("blkid", f'[ -e {self.device}p3 ] && [ "$(e2label {self.device}p3 2>/dev/null)" = "$2" ]')

    def partitions(self) -> list[tuple[int, int]]:
        """Begin and size of each, in MiB."""
        parts = [line for line in _out("sfdisk", "-d", self.device).splitlines() if line.startswith(self.device)]
        numbers = [[int(word) for word in line.replace(",", " ").split() if word.isdigit()] for line in parts]
        return [(start // MIB, size // MIB) for start, size in (each[:2] for each in numbers)]

    def close(self) -> None:
        subprocess.run(["umount", str(self.mounted)], check=False)
        subprocess.run(["partx", "-d", self.device], check=False, capture_output=True)
        subprocess.run(["losetup", "-d", self.device], check=False)


WHERE = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SFDISK = shutil.which("sfdisk", path=WHERE) or "sfdisk"


def _out(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("only root has disks")
    try:
        made = Disk(tmp_path, getattr(request, "param", 9))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this kernel has no disks in files with partitions: {error}")
    yield made
    made.close()


PLACES = "paperhop:/var/lib/paperhop opt-paperhop:/opt/paperhop"


def test_data_get_a_partition_of_their_own_and_the_system_room_to_grow(disk: Disk) -> None:
    said = disk.run(f"data_partition {PLACES}")
    assert said.returncode == 0, said.stderr
    boot, system, data = disk.partitions()
    assert (boot, system) == ((4, 128), (132, 5 * 1024))
    assert data == (132 + 5 * 1024, 9 * 1024 - 1 - 132 - 5 * 1024)
    assert _out("e2label", f"{disk.device}p3") == "paperhop-data"
    assert f"resize2fs {disk.device}p2\n" in disk.log.read_text()
    # Growing it while it is mounted takes a right that tests may not have; so it is done here.
    _out("umount", str(disk.mounted))
    _out("e2fsck", "-f", "-p", f"{disk.device}p2")
    _out("resize2fs", f"{disk.device}p2")
    _out("mount", f"{disk.device}p2", str(disk.mounted))
    assert shutil.disk_usage(disk.mounted).total > 4.7 * 1024**3
    assert (disk.mounted / "letter").read_text() == "dear"


def test_a_second_time_the_disk_stays_as_it_is(disk: Disk) -> None:
    disk.run(f"data_partition {PLACES}")
    before, fstab = disk.partitions(), disk.text("etc/fstab")
    disk.log.write_text("")
    said = disk.run(f"data_partition {PLACES}")
    assert said.returncode == 0, said.stderr
    assert (disk.partitions(), disk.text("etc/fstab")) == (before, fstab)
    assert not [line for line in disk.log.read_text().splitlines() if line.startswith(("mkfs", "sfdisk"))]


@pytest.mark.parametrize("disk", [3], indirect=True)
def test_on_a_small_card_the_system_stays_as_small_as_it_is(disk: Disk) -> None:
    assert disk.run(f"data_partition {PLACES}").returncode == 0
    assert disk.partitions()[1] == (132, 512)
    assert len(disk.partitions()) == 3


@pytest.mark.parametrize("disk", [2], indirect=True)
def test_a_card_without_room_is_left_alone_and_said_to_be_unprotected(disk: Disk) -> None:
    before = disk.partitions()
    said = disk.run(f'data_partition {PLACES}; [ -z "$protected" ] && echo unprotected')
    assert said.returncode == 0, said.stderr
    assert "NOT protected" in said.stdout
    assert said.stdout.endswith("unprotected\n")
    assert disk.partitions() == before
    assert disk.text("etc/fstab") == FSTAB


def test_what_a_place_has_already_goes_along_once(system: Card) -> None:
    (system.root / "var/lib/paperhop/outbox.sqlite").write_text("scans")
    assert system.run(f"data_partition {PLACES}").returncode == 0
    kept = system.root / "data/paperhop/outbox.sqlite"
    assert kept.read_text() == "scans"
    kept.write_text("newer")
    assert system.run(f"data_partition {PLACES}").returncode == 0
    assert kept.read_text() == "newer"


def test_the_table_of_mounts_means_something(system: Card) -> None:
    findmnt = program("findmnt", how="apt-get install mount")
    assert system.run(f"data_partition {PLACES}; protect").returncode == 0
    table = system.root / "etc/fstab"
    said = subprocess.run(
        [findmnt, "--verify", "--tab-file", str(table)], capture_output=True, text=True, timeout=60, check=False
    )
    # What is not on this machine (partitions, folders) is not the table's fault.
    faults = [line for line in said.stdout.splitlines() if "[E]" in line or "parse error" in line]
    assert not [line for line in faults if "unreachable" not in line], said.stdout
    assert "0 parse errors" in said.stdout + said.stderr
    places = [line.split()[1] for line in table.read_text().splitlines() if not line.startswith("#")]
    assert places == ["/proc", "/boot/firmware", "/", "/data", "/var/lib/paperhop", "/opt/paperhop"]
    # The system of a card whose data are broken still starts, so that somebody can look.
    assert all("nofail" in line for line in table.read_text().splitlines() if "/data" in line)


def test_a_table_that_means_nothing_is_found(system: Card) -> None:
    findmnt = program("findmnt", how="apt-get install mount")
    table = system.root / "etc/fstab"
    table.write_text("LABEL=paperhop-data /data\n")
    said = subprocess.run(
        [findmnt, "--verify", "--tab-file", str(table)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "1 parse error" in said.stdout + said.stderr, said


def test_the_system_becomes_read_only_and_can_be_made_writable_again(system: Card) -> None:
    words = "boot/firmware/cmdline.txt"
    assert system.run(f"data_partition {PLACES}; protect").returncode == 0
    protected = system.text(words)
    assert protected == CMDLINE.replace("\n", " overlayroot=tmpfs:recurse=0\n")
    assert "/boot/firmware  vfat    defaults,ro " in system.text("etc/fstab")
    assert "PARTUUID=7351b90c-02  /               ext4    defaults,noatime" in system.text("etc/fstab")
    assert system.run("protect").returncode == 0
    assert system.text(words) == protected
    assert system.run("unprotect").returncode == 0
    assert system.text(words) == CMDLINE
    assert "/boot/firmware  vfat    defaults " in system.text("etc/fstab")


def test_a_system_that_is_read_only_is_not_made_so_again(system: Card) -> None:
    assert system.run(f"data_partition {PLACES}; protect").returncode == 0
    system.stub("findmnt", '[ "$*" != "-n -o FSTYPE /" ] || echo overlay')
    system.log.write_text("")
    (system.root / "boot/firmware").chmod(0o500)
    said = system.run(f"say_if_protected; data_partition {PLACES}; protect")
    assert said.returncode == 0, said.stderr
    assert "gone at the next start" in said.stdout
    assert {line.split()[0] for line in system.log.read_text().splitlines()} == {"findmnt"}


@pytest.mark.parametrize(
    ("installer", "unit", "uses"),
    [
        (
            SCRIPTS / "install.sh",
            SCRIPTS / "files/paperhop-hub.service",
            ("/opt/paperhop", "/etc/paperhop", "/var/lib/paperhop", "/var/lib/paperhop-release"),
        ),
        (SCRIPTS / "install.sh", SCRIPTS / "files/mosquitto-paperhop.conf", ("/etc/paperhop", "/var/lib/mosquitto")),
        (BADGE / "install-badge.sh", BADGE / "paperhop-badge.service", ("/opt/paperhop", "/var/lib/paperhop")),
    ],
)
def test_nothing_begins_before_what_it_works_on_is_there(installer: Path, unit: Path, uses: tuple[str, ...]) -> None:
    """A partition that may be missing is not waited for by itself (systemd.mount(5), nofail)."""
    places = re.findall(r"[a-z-]+:(/[a-z/-]+)", installer.read_text())
    after = " ".join(re.findall(r"^After=(.*)$", unit.read_text(), re.MULTILINE)).split()
    for place in uses:
        assert place in places
        assert f"{place[1:].replace('-', chr(92) + 'x2d').replace('/', '-')}.mount" in after


def test_without_a_place_for_data_the_system_stays_writable(system: Card) -> None:
    assert system.run("protect").returncode == 0
    assert system.text("boot/firmware/cmdline.txt") == CMDLINE
