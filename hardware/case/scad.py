"""OpenSCAD: the numbers that its sources take, and one part of them as a mesh or a drawing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hardware.case.layout import derived
from hardware.dimensions import dimensions
from hardware.steps import ROOT, Finding, Tool

HERE = ROOT / "hardware" / "case"
NUMBERS = HERE / "dimensions.scad"
OPENSCAD = Tool("openscad", "sudo apt-get install openscad")


def numbers() -> str:
    """`dimensions.scad`: every number of hardware/dimensions.toml as section_name, and what follows from them."""
    lines = ["// Made from hardware/dimensions.toml by `make hardware`: change numbers there.", ""]
    d = dimensions()
    for section, values in d.items():
        lines += [f"{name} = {text};" for name, text in _flat(section, values)]
    lines += ["", "// What follows from them (layout.py)"]
    for name, value in derived(d).items():
        lines += [f"{flat} = {text};" for flat, text in _flat(name, value)]
    return "\n".join(lines) + "\n"


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(f"{name}_{key}", inner)]
    if isinstance(value, (list, tuple)):
        return [(name, "[" + ", ".join(_flat("", item)[0][1] for item in value) + "]")]
    if isinstance(value, str):
        return []
    return [(name, f"{value:.9g}")]


def export(source: str, part: str, to: Path) -> None:
    """One part of a source file, in the format that the ending of `to` names. Finding: what OpenSCAD did not like."""
    form = ["--export-format", "binstl"] if to.suffix == ".stl" else []
    command = [OPENSCAD.name, "--hardwarnings", *form, "-D", f'part="{part}"', "-o", str(to), str(HERE / source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode or "WARNING" in result.stderr:
        told = [line for line in result.stderr.splitlines() if "WARNING" in line or "ERROR" in line]
        raise Finding(f"OpenSCAD, {source}, {part}: {' '.join(told) or result.stderr.strip()}")
