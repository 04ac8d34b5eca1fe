"""Gather the wheels that a Raspberry Pi needs, without building any: tools/wheels.py FOLDER PYTHON (3.11 or 3.13).

pip asks the machine that it runs on, and not the Raspberry Pi, whether a requirement holds there ("numpy<2 on ARM with
Python 3.11"). So what the project asks for is decided here, and in the end everything is looked over: each wheel's own
requirements, as the Raspberry Pi will see them, must be met by a wheel in the folder. Which of them a badge needs is
written beside them, a name a line: badge-3.13.txt.
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
from pip._vendor.packaging.version import Version

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


def ours(python: str, extras: tuple[str, ...] = EXTRAS) -> list[Requirement]:
    """What the project asks for there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras for text in optional[extra])]
    return asked(texts, (), python)


def tags(python: str) -> set[Tag]:
    """What a Raspberry Pi with this Python can install."""
    version = tuple(map(int, python.split(".")))
    return {*cpython_tags(version, platforms=PLATFORMS), *compatible_tags(version, platforms=PLATFORMS)}


def lacking(folder: Path, python: str) -> list[Requirement]:
    """Every requirement that no wheel in the folder meets there."""
    return _met(folder, python, ours(python))[0]


def for_badge(folder: Path, python: str) -> list[str]:
    """The wheels that a badge with this Python needs, Paperhop's own among them: of each the newest that meets all."""
    _, chosen = _met(folder, python, ours(python, ("badge",)))
    return sorted([*chosen, *(path.name for path in folder.glob("paperhop-*.whl"))])


def _met(folder: Path, python: str, waiting: list[Requirement]) -> tuple[list[Requirement], set[str]]:
    """What is lacking of requirements and of theirs, and the newest wheel for each."""
    fit = tags(python)
    wheels: dict[str, list[tuple[Version, Path]]] = {}
    for path in sorted(folder.glob("*.whl")):
        name, version, _, has = parse_wheel_filename(path.name)
        if has & fit:
            wheels.setdefault(name, []).append((version, path))
    missing: list[Requirement] = []
    chosen: set[str] = set()
    seen = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras), str(requirement.specifier))
        if key in seen:
            continue
        seen.add(key)
        good = sorted(each for each in wheels.get(key[0], []) if requirement.specifier.contains(each[0], True))
        if not good:
            missing.append(requirement)
        else:
            chosen.add(good[-1][1].name)
        for _, path in good:
            waiting += asked(requires(path), tuple(requirement.extras), python)
    return missing, chosen


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
            break
        download(folder, python, [*want, *missing])
        missing = lacking(folder, python)
    for requirement in missing:
        print(f"paperhop: no wheel for a Raspberry Pi with Python {python}: {requirement}", file=sys.stderr)
    if missing:
        return 1
    names = "".join(f"{name}\n" for name in for_badge(folder, python))
    (folder / f"badge-{python}.txt").write_text(names, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
