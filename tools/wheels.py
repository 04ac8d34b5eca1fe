"""Gather the wheels that a Raspberry Pi needs, without building any: tools/wheels.py FOLDER PYTHON (3.11 or 3.13).

pip asks the machine that it runs on, and not the Raspberry Pi, whether a requirement holds there ("numpy<2 on ARM with
Python 3.11"). So what the project asks for is decided here, and in the end everything is looked over: each wheel's own
requirements, as the Raspberry Pi will see them, must be met by a wheel in the folder.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import Tag, compatible_tags, cpython_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parent.parent
EXTRAS = ("hub", "badge")
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
"""Newest first. Raspberry Pi OS bookworm has glibc 2.36, trixie 2.41."""
ATTEMPTS = 4


def environment(python: str) -> dict[str, str]:
    """What a Raspberry Pi with this Python says of itself (PEP 508)."""
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": "aarch64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }


def asked(requirements: list[str], extras: tuple[str, ...], python: str) -> list[Requirement]:
    """Those that hold there, with any of the extras or with none."""
    kept = []
    for text in requirements:
        requirement = Requirement(text)
        there = ({**environment(python), "extra": extra} for extra in ("", *extras))
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in there):
            requirement.marker = None
            kept.append(requirement)
    return kept


def ours(python: str) -> list[Requirement]:
    """What the project asks for there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in EXTRAS for text in optional[extra])]
    return asked(texts, (), python)


def tags(python: str) -> set[Tag]:
    """What a Raspberry Pi with this Python can install."""
    version = tuple(map(int, python.split(".")))
    return {*cpython_tags(version, platforms=PLATFORMS), *compatible_tags(version, platforms=PLATFORMS)}


def lacking(folder: Path, python: str) -> list[Requirement]:
    """Every requirement that no wheel in the folder meets there."""
    fit = tags(python)
    wheels: dict[str, list[tuple[str, Path]]] = {}
    for path in sorted(folder.glob("*.whl")):
        name, version, _, has = parse_wheel_filename(path.name)
        if has & fit:
            wheels.setdefault(name, []).append((str(version), path))
    missing, seen, waiting = [], set(), ours(python)
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras), str(requirement.specifier))
        if key in seen:
            continue
        seen.add(key)
        good = [path for version, path in wheels.get(key[0], []) if requirement.specifier.contains(version, True)]
        if not good:
            missing.append(requirement)
        for path in good:
            waiting += asked(requires(path), tuple(requirement.extras), python)
    return missing


def requires(wheel: Path) -> list[str]:
    """What a wheel says that it needs."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode()).get_all("Requires-Dist") or []


def download(folder: Path, python: str, requirements: list[Requirement]) -> None:
    """Have pip fetch wheels, and never a source."""
    words = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-input"]
    words += ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", "-d", str(folder)]
    words += [f"--platform={platform}" for platform in PLATFORMS]
    subprocess.run([*words, *map(str, requirements)], check=True)


def main() -> int:
    """0: the folder has all. 1: something is lacking, and is named."""
    folder, python = Path(sys.argv[1]), sys.argv[2]
    want = ours(python)
    missing = lacking(folder, python)
    for _ in range(ATTEMPTS):
        if not missing:
            return 0
        download(folder, python, [*want, *missing])
        missing = lacking(folder, python)
    for requirement in missing:
        print(f"paperhop: no wheel for a Raspberry Pi with Python {python}: {requirement}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
