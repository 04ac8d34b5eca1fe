"""What a run of these tests leaves out is said, and where nothing may be left out it fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("call", "said", "status"),
    [
        ("lacking('zbar', 'apt-get install zbar')", "1 skipped for want of zbar: apt-get install zbar", 1),
        ("pytest.skip('on Mondays')", "1 skipped - on Mondays", 1),
        ("pytest.skip('only root has disks')", "1 skipped - only root has disks", 0),
    ],
)
def test_every_skip_is_told_and_only_a_few_are_allowed(tmp_path: Path, call: str, said: str, status: int) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(f"import pytest\nfrom tests.conftest import lacking\n\ndef test_it():\n    {call}\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", str(file)],
        cwd=ROOT,
        env={**os.environ, "PAPERHOP_REQUIRE_ALL": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said in run.stdout
    assert run.returncode == status
