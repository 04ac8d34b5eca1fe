"""What is preloaded into programs, made from C when a test needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import lacking, program


def preload(name: str, folder: Path) -> Path:
    """The library that `name`.c is; the test is `lacking` where it cannot be made."""
    if sys.platform != "linux":
        lacking("LD_PRELOAD", how="run this test on Linux")
    compiler = program("cc", "gcc", how="apt-get install gcc libc6-dev")
    library = folder / f"{name}.so"
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library
