"""`paperhop hub` that cannot begin: what is in the way, and what to do."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from paperhop import hub_command
from paperhop.__main__ import main


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """What a program sets for all of its process is ours again afterwards."""
    mask = os.umask(0o022)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    os.umask(mask)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_folder_without_a_release_is_said_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def hear(sentence: str) -> None:
        said.append(sentence)
        if "PIN is" in sentence:  # the last thing before it runs
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(hub_command, "say", hear)
    words = ["--data", str(tmp_path / "rooms"), "--http", "127.0.0.1:0", "--broker", "mqtt://127.0.0.1:1"]
    assert main(["hub", *words, "--release", str(tmp_path / "nowhere")]) == 0
    assert any(f"no release for badges in {tmp_path / 'nowhere'} yet: `paperhop set release`" in each for each in said)


def refused(capsys: pytest.CaptureFixture[str], data: Path) -> str:
    assert main(["hub", "--data", str(data), "--http", "127.0.0.1:0", "--broker", "mqtt://127.0.0.1:1"]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["journal.sqlite", "journal.lock", "pictures.sqlite", "teacher.json", "phones.json", "answers.json"]
)
def test_each_file_that_it_cannot_have_is_named_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).mkdir()
    said = refused(capsys, tmp_path)
    assert f"{tmp_path / name} is a folder, no file. Move it away, or choose another folder with --data" in said
    assert "Errno" not in said
    assert "disk" not in said


def test_a_file_in_the_place_of_its_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rooms"
    file.touch()
    for data in (file, file / "below"):
        said = refused(capsys, data)
        assert f"{file} is a file, no folder. Move it away, or choose another folder with --data" in said
        assert "disk" not in said
