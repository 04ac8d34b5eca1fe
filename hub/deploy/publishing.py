"""Making a release for badges, out of a bundle and the keys of a set.

Sealing takes the keys of the set's folder, which the hub's own program cannot read: neither a page nor a teacher's PIN
can give badges another program.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from importlib.metadata import version
from pathlib import Path

import msgspec

from hub.deploy import PYTHONS, badge_list
from hub.deploy.firststart import ENVIRONMENT
from hub.messages.release import KEY, Part, Release, seal
from hub.private import write_private, write_whole
from hub.releases import FILE, PARTS, Published

NUMBER = "release"
"""In the set's folder."""
_FOR_ALL = 0o644


class ReleaseError(ValueError):
    """There is no release to be made; the text says why, and what to do."""


def publish(folder: Path, kit: Path, bundle: Path | None) -> tuple[Release, list[str]]:
    """Give the badges of the set in `kit` the program of a bundle; without one, seal what there is for the keys that
    there are now. The release, and badges that have no key.

    A bundle with the same parts makes no new release. Numbers go on from the last one that the set's folder has, too:
    a new card of the hub has none, and badges take no lower one. ReleaseError when there is nothing to publish, OSError
    when it cannot be written.
    """
    before = _published(folder)
    old = None if before is None else msgspec.json.decode(before.manifest, type=Release)
    last = max(_last(kit), 0 if old is None else old.number)
    if bundle is not None:
        parts = _parts(bundle)
        if old is None or old.parts != parts:
            old = Release(last + 1, version("paperhop"), parts)
        _keep(folder / PARTS, bundle / "wheels", parts)
    if old is None:
        raise ReleaseError(f"There is no release in {folder} to be sealed: give a bundle, which `make bundle` gathers")
    if old.number < last:  # of a card on which the set was not yet back
        old = msgspec.structs.replace(old, number=last + 1)
    manifest = msgspec.json.encode(old)
    keys = _keys(kit)
    seals = {badge: seal(manifest, key) for badge, key in keys.items() if key is not None}
    write_whole(folder / FILE, msgspec.json.encode(Published(manifest.decode(), seals)), _FOR_ALL)
    write_private(kit / NUMBER, f"{old.number}\n".encode())
    wanted = {part.digest for part in old.parts}
    for path in (folder / PARTS).iterdir():
        if path.name not in wanted:
            path.unlink()
    return old, [badge for badge, key in keys.items() if key is None]


def _last(kit: Path) -> int:
    """The number of the last release for this set; 0: none."""
    try:
        return int((kit / NUMBER).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _published(folder: Path) -> Published | None:
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Published)
    return None


def _parts(bundle: Path) -> tuple[Part, ...]:
    """What the lists of a bundle name, with the Pythons that each is for."""
    pythons: dict[str, list[str]] = {}
    for python in PYTHONS.values():
        path = badge_list(bundle, python)
        if not path.is_file():
            raise ReleaseError(f"{path} is missing: gather the bundle with `make bundle`")
        for name in path.read_text(encoding="ascii").split():
            pythons.setdefault(name, []).append(python)
    parts = []
    for name, of in sorted(pythons.items()):
        path = bundle / "wheels" / name
        if not path.is_file():
            raise ReleaseError(f"{path} is missing: gather the bundle again, with `make bundle`")
        with path.open("rb") as octets:
            digest = hashlib.file_digest(octets, "sha256").hexdigest()
        parts.append(Part(name, path.stat().st_size, digest, tuple(of)))
    return tuple(parts)


def _keep(folder: Path, wheels: Path, parts: tuple[Part, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    for part in parts:
        if not (folder / part.digest).exists():
            write_whole(folder / part.digest, (wheels / part.name).read_bytes(), _FOR_ALL)


def _keys(kit: Path) -> dict[str, str | None]:
    """The key of each badge; None for one of a set that was made before there were any."""
    keys: dict[str, str | None] = {}
    for path in sorted((kit / "badges").glob(f"*/{ENVIRONMENT}")):
        found = re.search(rf"^{KEY}=(\S+)$", path.read_text(encoding="ascii"), re.MULTILINE)
        keys[path.parent.name] = None if found is None else found[1]
    return keys
