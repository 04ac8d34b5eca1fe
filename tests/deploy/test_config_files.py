"""What lies on every hub, looked over by the programs that read it."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from flask import Flask

from hub.deploy import files
from hub.deploy.kit import Order, make
from hub.deploy.network import HUB_ADDRESS, HUB_NAME, Way, connection
from hub.page.docs import docs_pages
from tests.conftest import program

UNIT = files() / "paperhop-hub.service"
BADGE = Path(__file__).parents[2] / "firmware/deploy"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root folder in which the hub's program is there, as systemd looks for it."""
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for named in (
        *("opt/paperhop/current/bin/paperhop", "usr/sbin/mosquitto", "usr/local/lib/paperhop/set-clock"),
        *("usr/local/lib/paperhop/choose-slot", "bin/rm", "bin/sh", "bin/touch", "bin/systemctl"),
    ):
        there = tmp_path / named
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text("#!/bin/sh\n")
        there.chmod(0o755)
    for path in (*files().glob("paperhop-*.[sp]*"), *BADGE.glob("paperhop-*.[sp]*")):
        (units / path.name).write_bytes(path.read_bytes())
    (units / "mosquitto.service").write_text("[Service]\nExecStart=/usr/sbin/mosquitto -c other\n")
    (units / "mosquitto.service.d").mkdir()
    (units / "mosquitto.service.d/paperhop.conf").write_bytes((files() / "mosquitto-paperhop.conf").read_bytes())
    for name in ("basic", "sysinit", "shutdown", "multi-user", "network", "sockets", "timers", "paths", "slices"):
        (units / f"{name}.target").write_text(f"[Unit]\nDescription={name}\n")
    return tmp_path


@pytest.mark.parametrize(
    "unit",
    [
        *(UNIT.name, "mosquitto.service", "paperhop-clock.path", "paperhop-clock.service"),
        *("paperhop-badge.service", "paperhop-update.path", "paperhop-update.service"),
    ],
)
def test_systemd_has_nothing_to_say_against_the_units(root: Path, unit: str) -> None:
    systemd = program("systemd-analyze", how="apt-get install systemd")
    said = _run(systemd, "verify", f"--root={root}", unit)
    # Whatever it says is a finding: the exit status is 0 for a value that means nothing.
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_systemd_finds_a_value_that_means_nothing(root: Path) -> None:
    systemd = program("systemd-analyze", how="apt-get install systemd")
    unit = root / "etc/systemd/system" / UNIT.name
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=very"))
    assert "protect system" in _run(systemd, "verify", f"--root={root}", UNIT.name).stderr


@pytest.mark.parametrize(
    "unit", [UNIT, files() / "paperhop-clock.service", BADGE / "paperhop-update.service"], ids=lambda unit: unit.name
)
def test_what_runs_has_few_rights(unit: Path) -> None:
    systemd = program("systemd-analyze", how="apt-get install systemd")
    said = _run(systemd, "security", "--offline=true", "--threshold=30", str(unit))
    assert said.returncode == 0, said.stdout[-300:] + said.stderr


@pytest.mark.parametrize("unit", [UNIT, *sorted(BADGE.glob("*.service"))], ids=lambda unit: unit.name)
def test_what_a_unit_is_documented_by_is_on_the_hub(unit: Path) -> None:
    (address,) = re.findall(r"^Documentation=(.*)$", unit.read_text(), re.MULTILINE)
    there = urlsplit(address)
    assert (there.scheme, there.netloc) == ("http", HUB_NAME)
    app = Flask("hub.page")
    app.register_blueprint(docs_pages())
    page = app.test_client().get(there.path, follow_redirects=True)
    assert page.status_code == 200
    assert not there.fragment or f'id="{there.fragment}"' in page.text


def test_no_unit_shows_a_secret_to_who_lists_processes() -> None:
    assert "mqtt" not in UNIT.read_text()
    assert "EnvironmentFile=/etc/paperhop/hub.env" in UNIT.read_text()


def test_dnsmasq_takes_its_file(tmp_path: Path) -> None:
    dnsmasq = program("dnsmasq", how="apt-get install dnsmasq-base")
    conf = files() / "dnsmasq.conf"
    said = _run(dnsmasq, "--test", "-C", str(conf))
    assert said.returncode == 0, said.stderr
    assert f"address=/{HUB_NAME}/{HUB_ADDRESS}" in conf.read_text()
    assert f"ntp-server,{HUB_ADDRESS}" in conf.read_text()
    wrong = tmp_path / "wrong.conf"
    wrong.write_text(conf.read_text().replace("dhcp-option=", "dhcp-optoin="))
    assert _run(dnsmasq, "--test", "-C", str(wrong)).returncode != 0


def test_chrony_takes_its_file(tmp_path: Path) -> None:
    chronyd = program("chronyd", how="apt-get install chrony")
    conf = files() / "chrony.conf"
    said = _run(chronyd, "-p", "-f", str(conf))
    assert said.returncode == 0, said.stderr
    assert "local stratum 10" in said.stdout
    wrong = tmp_path / "wrong.conf"
    wrong.write_text(conf.read_text().replace("local stratum", "local startum"))
    assert _run(chronyd, "-p", "-f", str(wrong)).returncode != 0


@pytest.mark.parametrize("way", list(Way))
def test_the_hub_gives_addresses_on_its_network(way: Way) -> None:
    file = configparser.ConfigParser()
    file.read_string(connection(way, "paperhop-school", "abcd-efgh-jkmn"))
    assert dict(file["ipv4"]) == {"method": "shared", "address1": f"{HUB_ADDRESS}/24"}
    assert ("wifi" in file) is (way is Way.OWN)
    if way is Way.OWN:
        assert file["wifi"]["mode"] == "ap"
        assert file["wifi-security"]["psk"] == "abcd-efgh-jkmn"
        # A Raspberry Pi as an access point lets nobody in with more than WPA2.
        assert (file["wifi-security"]["pmf"], file["wifi-security"]["proto"]) == ("1", "rsn;")


def test_cloud_init_takes_what_a_badge_finds_at_its_first_start(tmp_path: Path) -> None:
    cloud_init = program("cloud-init", how="apt-get install cloud-init")
    make(tmp_path / "set", Order("school", 1, "DE"))
    said = _run(cloud_init, "schema", "-c", str(tmp_path / "set/badges/b1/user-data"))
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_badge_joins_the_network_of_its_set(tmp_path: Path) -> None:
    kit, _ = make(tmp_path / "set", Order("school", 1, "DE"))
    folder = tmp_path / "set/badges/b1"
    wifi = yaml.safe_load((folder / "network-config").read_text())["network"]["wifis"]["wlan0"]
    assert wifi["access-points"] == {kit.ssid: {"password": kit.wifi_password}}
    assert wifi["regulatory-domain"] == "DE"
    user = yaml.safe_load((folder / "user-data").read_text())
    assert user["hostname"] == "school-b1"
    clock = Path(__file__).parents[2] / "firmware/deploy/timesyncd.conf"
    assert f"NTP={HUB_ADDRESS}\n" in clock.read_text()
    assert re.fullmatch(r"instance-id: \S+\n", (folder / "meta-data").read_text())


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "cat"}
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=plain)
