"""Another program from the hub: fetched part by part, each looked over, and installed beside the one that runs.

Runs as a program of its own, under a user that plays nothing (firmware/deploy/paperhop-update.service).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from firmware.slots import SlotError, Slots, store
from hub.messages.release import MOST_OCTETS, BadReleaseError, Part, Release, opened

PATIENCE = 900.0
"""Seconds for which one waits for a hub that is busy with other badges."""
_ANSWER_WITHIN = 20.0
_BLOCK = 64 * 1024
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def update(
    badge: str,
    key: str,
    hub: str,
    slots: Slots,
    python: str = PYTHON,
    sleep: Callable[[float], None] = time.sleep,
) -> Release:
    """Make the hub's release the active one, and return it; the badge is then to be started anew.

    hub: its URL. key: of this badge. SlotError, with its word, for every reason why not: then nothing has changed but
    what is kept of parts, and the spare slot.
    """
    try:
        release = opened(_get(f"{hub}/badges/release/{badge}", MOST_OCTETS, sleep), key)
        parts = release.for_python(python)
    except BadReleaseError as error:
        raise SlotError("altered", f"The hub's release is not taken: {error}") from None
    if release.number <= slots.number():
        raise SlotError("no-newer", f"Release {slots.number()} is active, and the hub has {release.number}")
    kept = store(slots.folder)
    try:
        kept.mkdir(parents=True, exist_ok=True)
        _keep_only(kept, parts)
        _room(kept, parts)
        for part in parts:
            _fetch(part, hub, kept, sleep)
    except OSError as error:
        raise SlotError("no-room" if error.errno == errno.ENOSPC else "broken", f"{kept}: {error}") from None
    slots.step("fetched")
    slots.install(release.number, kept)
    return release


def _keep_only(kept: Path, parts: tuple[Part, ...]) -> None:
    """Of what was fetched before, what this release has, too; so nothing else is ever installed."""
    wanted = {part.name: part for part in parts}
    for path in kept.iterdir():
        part = wanted.get(path.name)
        if part is None or path.stat().st_size != part.size or _digest(path) != part.digest:
            path.unlink()


def _room(kept: Path, parts: tuple[Part, ...]) -> None:
    lacking = sum(part.size for part in parts if not (kept / part.name).exists())
    if shutil.disk_usage(kept).free < lacking:
        raise SlotError("no-room", f"{lacking // 10**6} MB are to be fetched, and there is no room for them")


def _fetch(part: Part, hub: str, kept: Path, sleep: Callable[[float], None]) -> None:
    target = kept / part.name
    if target.exists():
        return
    new = kept / f"{part.name}.part"
    with contextlib.ExitStack() as undo:
        undo.callback(new.unlink, missing_ok=True)
        digest, size = hashlib.sha256(), 0
        with _open(f"{hub}/badges/parts/{part.digest}", sleep) as octets, new.open("wb") as file:
            while block := _read(octets, _BLOCK):
                size += len(block)
                if size > part.size:
                    raise SlotError("altered", f"{part.name} is longer than the release says")
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if size < part.size:
            raise SlotError("unreachable", f"{part.name} was broken off")
        if digest.hexdigest() != part.digest:
            raise SlotError("altered", f"{part.name} is not what the release says")
        new.replace(target)
        undo.pop_all()


def _get(url: str, most: int, sleep: Callable[[float], None]) -> bytes:
    with _open(url, sleep) as octets:
        return _read(octets, most + 1)[: most + 1]


def _open(url: str, sleep: Callable[[float], None]) -> urllib.request._UrlopenRet:
    """An answer; of a hub that is busy one waits for it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    waited = 0.0
    while True:
        try:
            return opener.open(url, timeout=_ANSWER_WITHIN)
        except urllib.error.HTTPError as error:
            if error.code != 503 or waited >= PATIENCE:
                raise SlotError("unreachable", f"{url}: {error}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise SlotError("unreachable", f"{url}: {error}") from None
        sleep(5.0)
        waited += 5.0


def _read(octets: urllib.request._UrlopenRet, most: int) -> bytes:
    """What has come, up to so much; OSErrors of the network are no matter of the disk."""
    try:
        block: bytes = octets.read(most)
    except (OSError, HTTPException) as error:
        raise SlotError("unreachable", f"the hub has broken off: {error}") from None
    return block


def _digest(path: Path) -> str:
    with path.open("rb") as octets:
        return hashlib.file_digest(octets, "sha256").hexdigest()
