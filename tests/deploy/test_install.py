"""The hub's installation, in a folder that stands for its system; commands are recorded. No Raspberry Pi is here."""

from __future__ import annotations

import importlib.util
import shutil
import stat
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from hub.deploy import PYTHONS, badge_list, files
from hub.deploy.kit import Order, make, replace
from tests.deploy.installing import Installation

SCRIPT = files().parent / "install.sh"
TOOLS = Path(__file__).parents[2] / "tools"
COMMANDS = (
    *("apt-get", "blkid", "chown", "dpkg-query", "env", "findmnt", "getent", "mount", "paperhop", "pip", "python3"),
    *("raspi-config", "systemctl", "update-initramfs", "useradd"),
)


class Hub(Installation):
    """A stick with its set, and a system to install it on."""

    def __init__(self, folder: Path, release: str = "trixie") -> None:
        scripts = [SCRIPT.with_name(name) for name in ("install.sh", "steps.sh", "protect.sh")]
        super().__init__(folder, folder / "my stick", scripts, COMMANDS, release)
        shutil.copytree(files(), self.stick / "files")
        self.kit = folder / "set"
        make(self.kit, Order("school", 3, "DE"))


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def test_every_file_lands_where_it_is_read_and_secrets_are_closed(hub: Hub) -> None:
    said = hub.install("--set", str(hub.kit))
    assert said.returncode == 0, said.stderr
    there = hub.there()
    for name, (mode, source) in {
        "/etc/paperhop/broker/mosquitto.conf": (0o640, hub.stick / "files/mosquitto.conf"),
        "/etc/paperhop/broker/passwords": (0o600, hub.kit / "hub/passwords"),
        "/etc/paperhop/broker/acl": (0o600, hub.kit / "hub/acl"),
        "/etc/paperhop/hub.env": (0o600, hub.kit / "hub/hub.env"),
        "/etc/paperhop/set/set.json": (0o600, hub.kit / "set.json"),
        "/etc/paperhop/set/badges/b2/paperhop.env": (0o600, hub.kit / "badges/b2/paperhop.env"),
        "/etc/NetworkManager/system-connections/paperhop.nmconnection": (0o600, hub.kit / "hub/network.nmconnection"),
        "/etc/NetworkManager/dnsmasq-shared.d/paperhop.conf": (0o644, hub.stick / "files/dnsmasq.conf"),
        "/etc/chrony/conf.d/paperhop.conf": (0o644, hub.stick / "files/chrony.conf"),
        "/etc/systemd/system/mosquitto.service.d/paperhop.conf": (0o644, hub.stick / "files/mosquitto-paperhop.conf"),
        "/etc/systemd/system/paperhop-hub.service": (0o644, hub.stick / "files/paperhop-hub.service"),
        "/usr/local/share/paperhop/install.sh": (0o755, SCRIPT),
    }.items():
        assert there[name] == (mode, source.read_bytes()), name
    owners = hub.commands("chown")
    assert f"mosquitto:mosquitto {hub.root}/etc/paperhop/broker/passwords.new" in owners
    assert f"root:root {hub.root}/etc/paperhop/hub.env.new" in owners
    for folder, mode in (("etc/paperhop", 0o755), ("etc/paperhop/set", 0o700), ("opt/paperhop", 0o755)):
        assert stat.S_IMODE((hub.root / folder).stat().st_mode) == mode
    assert (hub.root / "opt/paperhop/current/complete").exists()
    assert (hub.root / "usr/local/bin/paperhop").readlink() == Path("/opt/paperhop/current/bin/paperhop")


def test_from_a_stick_nothing_is_asked_of_the_internet(hub: Hub) -> None:
    assert hub.install("--set", str(hub.kit)).returncode == 0
    assert all("Dir::Etc::SourceParts=/dev/null" in line for line in hub.commands("apt-get") + hub.commands("env"))
    (line,) = hub.commands("pip")
    assert f"--no-index --find-links {hub.stick}/wheels paperhop[hub]" in line
    assert not (hub.root / "etc/apt/paperhop-stick.list").exists()


def test_without_packages_on_the_stick_they_come_from_the_internet(tmp_path: Path) -> None:
    hub = Hub(tmp_path, "bookworm")
    said = hub.install("--only", "packages")
    assert "from the internet" in said.stdout
    assert hub.commands("apt-get") == ["-q update"]


def test_a_second_time_nothing_is_disturbed(hub: Hub) -> None:
    hub.install("--set", str(hub.kit))
    assert "restart paperhop-hub.service" in hub.commands("systemctl")
    before = hub.there()
    assert hub.install().returncode == 0
    assert hub.there() == before
    assert not hub.commands("pip")
    assert not [line for line in hub.commands("systemctl") if "restart" in line]


def test_what_is_kept_on_the_hub_installs_again_without_a_stick(hub: Hub) -> None:
    hub.install("--set", str(hub.kit))
    before = hub.there()
    hub.stub("dpkg-query", "echo installed")
    shutil.rmtree(hub.stick)
    shutil.copytree(hub.root / "usr/local/share/paperhop", hub.stick)
    said = hub.install()
    assert said.returncode == 0, said.stderr
    assert not hub.commands("apt-get")
    assert hub.there() == before


@pytest.mark.parametrize("python", PYTHONS.values())
def test_a_stick_with_a_list_for_badges_is_published_and_whether_it_is_whole_is_said_then(
    hub: Hub, python: str
) -> None:
    assert "no other here for badges" in hub.install("--only", "release").stdout
    badge_list(hub.stick, python).touch()
    hub.stub("paperhop", "exit 2")
    assert hub.install("--only", "release").returncode == 2
    (words,) = hub.commands("paperhop")
    assert words.startswith(f"set release {hub.stick} ")


def test_a_program_that_was_broken_off_is_never_run(hub: Hub) -> None:
    hub.stub("pip", "exit 1")
    assert hub.install("--set", str(hub.kit)).returncode != 0
    assert not (hub.root / "opt/paperhop/current").exists()
    hub.stub("pip")
    assert hub.install("--set", str(hub.kit)).returncode == 0
    first = (hub.root / "opt/paperhop/current").readlink()
    (hub.stick / "wheels/paperhop-0.1.0-py3-none-any.whl").write_bytes(b"a newer wheel")
    hub.stub("pip", "exit 1")
    assert hub.install().returncode != 0
    assert (hub.root / "opt/paperhop/current").readlink() == first
    hub.stub("pip")
    assert hub.install().returncode == 0
    assert (hub.root / "opt/paperhop/current").readlink() != first


def test_a_replaced_badge_reaches_the_broker_and_the_hub_plays_on(hub: Hub) -> None:
    hub.install("--set", str(hub.kit))
    replace(hub.kit, "b2")
    said = hub.install("--only", "set", "--set", str(hub.kit))
    assert said.returncode == 0, said.stderr
    assert hub.there()["/etc/paperhop/broker/passwords"][1] == (hub.kit / "hub/passwords").read_bytes()
    assert hub.commands("systemctl") == ["try-reload-or-restart mosquitto.service"]


def test_a_stale_copy_of_the_set_lets_no_lost_badge_in_again(hub: Hub, tmp_path: Path) -> None:
    hub.install("--set", str(hub.kit))
    hub.stub("paperhop", f'exec "{sys.executable}" -m paperhop "$@"')
    stale = tmp_path / "stale"
    shutil.copytree(hub.kit, stale)
    replace(hub.kit, "b2")
    assert hub.install("--only", "set", "--set", str(hub.kit)).returncode == 0
    before = hub.there()
    said = hub.install("--only", "set", "--set", str(stale))
    assert said.returncode == 2
    assert "b2 came later" in said.stderr
    assert hub.there() == before
    make(stale, Order("school", 4))
    assert hub.install("--only", "set", "--set", str(stale)).returncode == 2, "also when it has grown since"


def test_another_set_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.install("--set", str(hub.kit))
    before = hub.there()
    make(tmp_path / "other", Order("other", 2, "DE"))
    said = hub.install("--only", "set", "--set", str(tmp_path / "other"))
    assert said.returncode == 2
    assert "this is the hub of the set school, not of other" in said.stderr
    assert hub.there() == before


def test_a_dry_run_says_all_and_does_nothing(hub: Hub) -> None:
    before = hub.there()
    said = hub.install("--dry-run", "--set", str(hub.kit))
    assert said.returncode == 0, said.stderr
    assert hub.there() == before
    assert hub.log.read_text() == ""
    for part in ("would run: useradd", "would write: /etc/paperhop/hub.env (600, root:root)", "Nothing was done"):
        assert part in said.stdout


def test_no_secret_is_said(hub: Hub) -> None:
    said = hub.install("--set", str(hub.kit))
    secret = (hub.kit / "hub/hub.env").read_text().partition("hub:")[2].partition("@")[0]
    assert len(secret) > 20
    assert secret not in said.stdout + said.stderr + hub.log.read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "everything"], "there is no step everything"),
        (["--sett", "x"], "use it like this"),
        (["--set"], "use it like this"),
        (["--set", "/nowhere", "--only", "set"], "there is no set in /nowhere"),
    ],
)
def test_what_cannot_be_done_is_said(hub: Hub, words: list[str], sentence: str) -> None:
    said = hub.install(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in said.stderr


@pytest.fixture(scope="module")
def wheels() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wheels", TOOLS / "wheels.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["wheels"] = module
    spec.loader.exec_module(module)
    return module


def test_wheels_are_chosen_for_the_raspberry_pi_and_not_for_this_machine(wheels: ModuleType) -> None:
    old, new = ([str(each) for each in wheels.ours(python)] for python in ("3.11", "3.13"))
    assert "numpy<2,>=1.24" in old
    assert "opencv-python-headless<4.11,>=4.10" in old
    assert "numpy>=1.26" in new
    assert not [each for each in new if "<2" in each and each.startswith("numpy")]


def test_a_wheel_that_lacks_is_found_also_behind_another(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "ours", lambda python: wheels.asked(["first>=1"], (), python))
    needs = ["second>=2; python_version >= '3.13'", "third; platform_machine == 'x86_64'", "fourth; extra == 'more'"]
    _wheel(tmp_path, "first-1.5-py3-none-any", needs)
    _wheel(tmp_path, "second-2.0-cp313-cp313-manylinux2014_x86_64", [])
    assert wheels.lacking(tmp_path, "3.11") == []
    assert [str(each) for each in wheels.lacking(tmp_path, "3.13")] == ["second>=2"]
    _wheel(tmp_path, "second-2.0-cp313-cp313-manylinux_2_17_aarch64", [])
    assert wheels.lacking(tmp_path, "3.13") == []


@pytest.mark.parametrize("needed", [0, 1, 2, 3])
def test_gathering_goes_on_until_nothing_lacks_and_says_what_still_does(
    wheels: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    needed: int,
) -> None:
    """needed: attempts until all is there; two are made."""
    attempts: list[Path] = []

    def download(folder: Path, python: str, requirements: list[object]) -> None:
        attempts.append(folder)
        if len(attempts) == needed:
            _wheel(folder, "paperhop-1-py3-none-any", [])

    folder = tmp_path / "wheels"
    folder.mkdir()
    if needed == 0:
        _wheel(folder, "paperhop-1-py3-none-any", [])
    monkeypatch.setattr(wheels, "ATTEMPTS", 2)
    monkeypatch.setattr(wheels, "ours", lambda python, extras=(): wheels.asked(["paperhop"], (), python))
    monkeypatch.setattr(wheels, "download", download)
    monkeypatch.setattr(sys, "argv", ["wheels.py", str(folder), "3.13"])
    whole = needed <= 2
    assert wheels.main() == (0 if whole else 1)
    assert len(attempts) == min(needed, 2)
    assert badge_list(tmp_path, "3.13").exists() == whole
    assert ("no wheel for a Raspberry Pi with Python 3.13: paperhop" in capsys.readouterr().err) != whole


def _wheel(folder: Path, name: str, requires: list[str]) -> None:
    project, version = name.split("-")[:2]
    lines = [f"Name: {project}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requires)]
    with zipfile.ZipFile(folder / f"{name}.whl", "w") as archive:
        archive.writestr(f"{project}-{version}.dist-info/METADATA", "\n".join(lines))
