"""What was made from what: `hardware/manifest.json`, which tells a file that is out of date without any heavy tool."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from hardware.steps import ROOT, Step, digests

MANIFEST = ROOT / "hardware" / "manifest.json"


def read(path: Path = MANIFEST) -> dict[str, dict[str, dict[str, str]]]:
    """By step: `tools` (name: version), `sources` and `outputs` (path: SHA-256). Empty where there is no file yet."""
    if not path.exists():
        return {}
    steps: dict[str, dict[str, dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return steps


def entry(step: Step, root: Path = ROOT) -> dict[str, dict[str, str]]:
    """What the manifest says of a step that has just run."""
    return {
        "tools": {tool.name: tool.version_here() for tool in step.tools},
        "sources": digests(step.sources, root),
        "outputs": digests(step.outputs, root),
    }


def write(steps: dict[str, dict[str, dict[str, str]]], path: Path = MANIFEST) -> None:
    """Keep it."""
    path.write_text(json.dumps(steps, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def stale(steps: Iterable[Step], recorded: dict[str, dict[str, dict[str, str]]], root: Path = ROOT) -> list[str]:
    """A sentence for each file that is not what the manifest says; none when all is as it was made."""
    found = []
    known = set()
    for step in steps:
        known.add(step.name)
        if step.name not in recorded:
            found.append(f"{step.name}: never made")
            continue
        for kind, patterns in (("sources", step.sources), ("outputs", step.outputs)):
            now, then = digests(patterns, root), recorded[step.name][kind]
            changed = sorted(path for path in now.keys() | then.keys() if now.get(path) != then.get(path))
            found += [f"{step.name}: {path} {_how(path in then, path in now)}" for path in changed]
    return found + [f"{name}: no such step" for name in recorded if name not in known]


def _how(then: bool, now: bool) -> str:
    if then and now:
        return "is not what the manifest says"
    return "is gone" if then else "is not in the manifest"
