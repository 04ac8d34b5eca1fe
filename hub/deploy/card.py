"""The boot partition of a card, made ready for its first start: on a badge's, who it is, and all that makes one of it.

Raspberry Pi OS would give its system the whole card at the first start; this is kept from it, so that there is room for
data of their own (protect.sh).
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from hub.deploy import PYTHONS, badge_list, kit
from hub.deploy.firststart import BUNDLE, STAY_SMALL
from hub.deploy.kit import SetError

RELEASE = "trixie"
"""The only system that makes a badge of itself: older ones read no user-data."""
_GROWS = re.compile(r" resize(?=\s|$)")
_SMALL = "paperhop.small"
"""Stands in its place then, and says that the system has never grown: no kernel has a module of this name, and init is
told nothing of a word with a dot.
"""
_SCRIPTS = ("install-badge.sh", "steps.sh", "protect.sh")


def prepare(folder: Path, badge: str, boot: Path, bundle: Path) -> bool:
    """Write a badge of the set in a folder onto a card's boot partition. bundle: what `make bundle` has gathered.

    Whether there will be room for data, as far as one can tell: its system has not grown yet. SetError when something
    is not there, OSError when it cannot be written.
    """
    _must_be_one(boot)
    names = kit.load(folder).badges
    if badge not in names:
        raise SetError(f"This set has no badge {badge}; it has {kit.listed(list(names))}")
    parts = _parts(bundle)
    needed = sum(source.stat().st_size for source in parts.values())
    kept = boot / BUNDLE
    shutil.rmtree(kept, ignore_errors=True)
    free = shutil.disk_usage(boot).free
    if free < needed + 2**20:
        raise SetError(f"{boot} has {free // 10**6} MB left, and {needed // 10**6} MB are needed: write the card anew")
    for name, source in parts.items():
        target = kept / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, source.read_bytes())
    small = _stays_small(boot)
    # Last, because these are what begins it.
    for source in sorted((folder / "badges" / badge).iterdir()):
        _write(boot / source.name, source.read_bytes())
    os.sync()
    return small


def prepare_hub(boot: Path) -> bool:
    """Have the system on a hub's card leave room for data. Who may log in there stays as Raspberry Pi Imager has it.

    Whether there will be room, as of `prepare`. SetError, OSError: as of `prepare`.
    """
    _must_be_one(boot)
    user = boot / "user-data"
    text = user.read_text(encoding="utf-8") if user.is_file() else "#cloud-config\n"
    if STAY_SMALL not in text:
        _write(user, f"{text.rstrip()}\n{STAY_SMALL}".encode())
    small = _stays_small(boot)
    os.sync()
    return small


def _must_be_one(boot: Path) -> None:
    if not (boot / "cmdline.txt").is_file() or not (boot / "config.txt").is_file():
        raise SetError(f"{boot} is not the boot partition of a Raspberry Pi's card: is `bootfs` mounted there?")


def _stays_small(boot: Path) -> bool:
    """Replace the word by which the system takes the whole card; whether it stays small, from now on or before."""
    words = boot / "cmdline.txt"
    line = _GROWS.sub(f" {_SMALL}", words.read_text(encoding="utf-8"))
    _write(words, line.encode())
    return _SMALL in line.split()


def _parts(bundle: Path) -> dict[str, Path]:
    """What a badge needs of a bundle, by the names that it has there."""
    wanted = badge_list(bundle, PYTHONS[RELEASE])
    if not wanted.is_file():
        raise SetError(f"There is no bundle with a badge's program in {bundle}: `make bundle` gathers one")
    packages = bundle / "debs" / RELEASE / "Packages"
    if not packages.is_file():
        raise SetError(
            f"{bundle} has no packages of the system (debs/{RELEASE}), without which a badge cannot install itself "
            "offline: run `make bundle` on a Debian or a Raspberry Pi OS with internet"
        )
    wheels = [bundle / "wheels" / name for name in wanted.read_text(encoding="ascii").split()]
    more = [path for part in ("badge-files", f"debs/{RELEASE}") for path in sorted((bundle / part).rglob("*"))]
    paths = [bundle / name for name in _SCRIPTS] + [wanted, *wheels] + [path for path in more if path.is_file()]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise SetError(f"{missing} is missing: gather the bundle again, with `make bundle`")
    return {path.relative_to(bundle).as_posix(): path for path in paths}


def _write(target: Path, octets: bytes) -> None:
    new = target.with_name(f"{target.name}.new")
    new.write_bytes(octets)
    new.replace(target)
