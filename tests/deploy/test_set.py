"""A set as a folder: made once, made again, with one badge replaced, and never telling its secrets."""

from __future__ import annotations

import csv
import os
import re
import stat
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from hub.deploy.kit import Order, SetError, load, make, replace
from hub.deploy.network import Way
from hub.journal import Journal
from paperhop.__main__ import main
from tests.conftest import NOBODY

THIRTY = Order("school", 30, "DE")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def secrets_of(folder: Path) -> set[str]:
    text = b"\n".join(contents(folder).values()).decode("utf-8", "replace")
    return set(re.findall(r"mqtt://\w+:([\w-]+)@", text)) | {load(folder).wifi_password}


def test_a_set_has_an_account_and_a_first_start_for_each_badge(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    kit, new = make(folder, THIRTY)
    assert new == [f"b{number}" for number in range(1, 31)]
    assert list(kit.badges) == new
    accounts = [line.partition(":")[0] for line in (folder / "hub/passwords").read_text().splitlines()]
    assert accounts == ["hub", *new]
    for badge in new:
        environment = (folder / "badges" / badge / "paperhop.env").read_text()
        assert f"PAPERHOP_BADGE={badge}\n" in environment
        assert "PAPERHOP_SET=school\n" in environment
    passwords = secrets_of(folder) - {kit.wifi_password}
    assert len(passwords) == 31, "each badge's, and the hub's"
    assert all(re.fullmatch(r"[\w-]{27}", password) for password in passwords), "160 bits"


def test_only_the_owner_reads_what_is_secret(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    make(folder, THIRTY)
    open_to_all = {"labels.pdf", "inventory.csv"}
    for name in contents(folder):
        if name not in open_to_all:
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
    for path in (folder, *folder.rglob("*/")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700 or path.is_file(), path
    for name in open_to_all:
        assert not [each for each in secrets_of(folder) if each.encode() in (folder / name).read_bytes()]


def test_git_passes_over_a_set_and_what_a_hub_keeps(tmp_path: Path) -> None:
    """The guides have both made in a copy of the repository."""
    make(tmp_path / "set", THIRTY)
    Journal(tmp_path / "data").close()
    for folder in ("set", "data"):
        assert (tmp_path / folder / ".gitignore").read_text() == "*\n"
    Journal(tmp_path).close()
    assert not (tmp_path / ".gitignore").exists(), "a folder that was there is somebody's"


def test_made_again_nothing_changes(tmp_path: Path) -> None:
    make(tmp_path / "set", THIRTY)
    before = contents(tmp_path / "set")
    kit, new = make(tmp_path / "set", THIRTY)
    assert (new, len(kit.badges)) == ([], 30)
    assert contents(tmp_path / "set") == before


def test_a_set_grows_without_touching_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    kit, _ = make(folder, Order("school", 7, "DE"))
    assert kit.way is Way.OWN
    before = contents(folder)
    kit, new = make(folder, Order("school", 8))
    assert new == ["b8"]
    assert kit.way is Way.ROUTER, "the Wi-Fi of a Raspberry Pi carries seven"
    after = contents(folder)
    assert {name: after[name] for name in before if name.startswith("badges/")} == {
        name: octets for name, octets in before.items() if name.startswith("badges/")
    }
    assert after["hub/passwords"].startswith(before["hub/passwords"])
    assert after["hub/hub.env"] == before["hub/hub.env"]


def test_what_was_broken_off_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set"

    def cut(*_: object) -> bytes:
        raise OSError(28, "No space left on device", "labels.pdf")

    with monkeypatch.context() as patched:
        patched.setattr("hub.deploy.kit.labels", cut)
        with pytest.raises(OSError, match="No space"):
            make(folder, THIRTY)
    kit, _ = make(folder, THIRTY)
    assert len(kit.badges) == 30
    assert (folder / "labels.pdf").exists()


def test_one_lost_badge_is_replaced_alone(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    make(folder, THIRTY)
    with (folder / "inventory.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    rows[3][-1] = "lamp is loose"
    with (folder / "inventory.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    before = contents(folder)
    replace(folder, "b7")
    after = contents(folder)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"set.json", "inventory.csv", "hub/passwords", "badges/b7/paperhop.env", "badges/b7/meta-data"}
    old, new = (set(each["hub/passwords"].splitlines()) for each in (before, after))
    assert {line.partition(b":")[0] for line in old ^ new} == {b"b7"}
    with (folder / "inventory.csv").open(newline="") as file:
        inventory = {row["badge"]: row for row in csv.DictReader(file)}
    assert inventory["b7"]["card"] == "2"
    assert inventory["b2"]["note"] == "lamp is loose"


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (Order("other", 30), "has the set school: choose another folder"),
        (Order("school", 29), "has 30 badges already"),
        (Order("school", 0), "1 to 90 badges"),
        (Order("school", 91), "1 to 90 badges"),
        (Order("school", 30, "FR"), "radio rules of DE"),
        (Order("school", 30, "Germany"), "two capital letters"),
    ],
)
def test_a_set_is_not_overwritten(tmp_path: Path, order: Order, sentence: str) -> None:
    make(tmp_path / "set", THIRTY)
    before = contents(tmp_path / "set")
    with pytest.raises(SetError, match=sentence):
        make(tmp_path / "set", order)
    assert contents(tmp_path / "set") == before


def test_what_is_no_set_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(SetError, match="has no set"):
        make(tmp_path, THIRTY)
    assert contents(tmp_path) == {"letter.txt": b"dear"}


def test_bad_and_newer_sets_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="There is no set in"):
        load(tmp_path)
    make(tmp_path / "set", THIRTY)
    file = tmp_path / "set/set.json"
    whole = file.read_text()
    file.write_text(whole.replace('"format": 1', '"format": 2'))
    with pytest.raises(SetError, match="newer Paperhop"):
        load(tmp_path / "set")
    file.write_text(whole[:50])
    with pytest.raises(SetError, match="is damaged"):
        load(tmp_path / "set")


def test_the_terminal_shows_no_secret_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "set"
    words = ["--out", str(folder)]
    assert main(["set", "make", "--badges", "9", "--set", "school", "--country", "DE", *words]) == 0
    assert main(["set", "replace", "b7", *words]) == 0
    assert main(["set", "show", *words]) == 0
    out, err = capsys.readouterr()
    assert "b1 to b9" in out
    assert "Replaced: b7 (card 2)" in out
    assert not [secret for secret in secrets_of(folder) if secret in out + err]
    assert main(["set", "show", "--secrets", *words]) == 0
    assert load(folder).wifi_password in capsys.readouterr().out


def test_another_network_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["set", "make", "--set", "school", "--out", str(tmp_path / "set")]
    assert main([*words, "--badges", "4", "--country", "DE"]) == 0
    assert "another one than before" not in capsys.readouterr().out
    assert main([*words, "--badges", "30"]) == 0
    said = capsys.readouterr().out
    assert "another one than before: now through a router" in said
    assert "install.sh --only set" in said, "the hub must learn of it"
    assert main([*words, "--badges", "30", "--network", "own"]) == 0
    said = capsys.readouterr().out
    assert "another one than before: now over the hub's own Wi-Fi" in said
    assert "nothing has changed" not in said
    assert main([*words, "--badges", "30"]) == 0
    assert "nothing has changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("found", "called"), [(None, "`.venv/bin/paperhop set card"), ("/bin/p", "`paperhop set card")]
)
def test_the_command_for_a_card_is_one_that_can_be_copied(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    found: str | None,
    called: str,
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: found)
    assert main(["set", "make", "--badges", "1", "--country", "DE", "--out", str(tmp_path / "set")]) == 0
    assert called in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["make", "--badges", "3"], "In which country"),
        (["make", "--badges", "3", "--country", "DE", "--set", "a/b"], "cannot be a name"),
        (["replace", "b7"], "There is no set"),
        (["show"], "There is no set"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert main(["set", *words, "--out", str(tmp_path / "set")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "set").exists()


def test_there_is_a_label_for_the_hub_and_each_badge(tmp_path: Path) -> None:
    make(tmp_path / "set", THIRTY)
    document = pdfium.PdfDocument(tmp_path / "set/labels.pdf")
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    names = [line for line in text.splitlines() if re.fullmatch(r"Hub|b\d+", line)]
    assert names == ["Hub", *(f"b{number}" for number in range(1, 31))]
    assert "…" not in text


def test_a_folder_of_somebody_else_is_said_with_whose_it_is(passable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (passable / "file").touch()
    words = ["set", "make", "--badges", "2", "--country", "DE", "--out"]
    assert main([*words, str(passable / "file" / "set")]) == 2
    assert f"{passable / 'file'} is a file, no folder. Move it away." in capsys.readouterr().err
    os.seteuid(NOBODY)
    try:
        assert main([*words, str(passable / "set")]) == 2
    finally:
        os.seteuid(0)
    assert (
        f"{passable} belongs to root, and you may not use it. Do this as root (with sudo)." in capsys.readouterr().err
    )
