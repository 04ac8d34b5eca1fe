"""Cases as files: a line for each step, so that a change of an answer is a change of a line."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from paperhop.vectors.case import Case
from paperhop.vectors.reading import read
from tools.recorder.kernel import Kernel

Form = dict[str, Any]

_OURS = ("do", "class", "remark")
"""What of a step is the question; the rest is the answer."""


def recorded(case: Form) -> Form:
    """The case with the answers of this machine's kernel. This process is in another network afterwards."""
    kernel = Kernel(read(Case, {key: value for key, value in case.items() if key != "steps"}))
    answered = []
    for number, step in enumerate(case["steps"], 1):
        ours = {key: step[key] for key in _OURS[1:] if key in step}
        answered.append({"n": number, "do": step["do"]} | kernel.step(step["do"]) | ours)
    by = {"kernel": f"{platform.system()} {platform.release().partition('-')[0]}", "arch": platform.machine()}
    return case | {"_recorded": by, "steps": answered}


def differences(before: Form, after: Form) -> list[str]:
    """Where two recordings of a case have different answers, in words."""
    found = []
    for old, new in zip(before["steps"], after["steps"], strict=True):
        for key in sorted((old.keys() | new.keys()) - {"n", "listening", *_OURS}):
            if not key.startswith("_") and old.get(key) != new.get(key):
                found.append(f"step {new['n']}, {key}: {_line(old.get(key))} is now {_line(new.get(key))}")
    return found


def load(path: Path) -> Form:
    """A case, recorded or not."""
    case: Form = json.loads(path.read_text())
    return case


def save(path: Path, case: Form) -> None:
    """Write a case down, a line for each key and each step."""
    lines = [f" {_line(key)}: {_line(value)}," for key, value in case.items() if key != "steps"]
    steps = ",\n".join(f"  {_line(step)}" for step in case["steps"])
    path.write_text("\n".join(["{", *lines, ' "steps": [', steps, " ]", "}", ""]))


def _line(value: object) -> str:
    return json.dumps(value)
