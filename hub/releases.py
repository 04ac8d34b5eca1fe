"""The release that the hub has for its badges: the hub reads it, root alone writes it (`hub.deploy.publishing`)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from hub.messages.release import Envelope, Release

FILE, PARTS = "release.json", "parts"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Published(msgspec.Struct, frozen=True):
    """What lies in the folder. seals: by the names of badges."""

    manifest: str
    seals: dict[str, str]


class Releases:
    """The folder, as the hub reads it. What is damaged there is as good as nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read_at = -1
        self._published: Published | None = None
        self._release: Release | None = None

    @property
    def newest(self) -> Release | None:
        """The release that there is."""
        self._look()
        return self._release

    def envelope(self, badge: str) -> Envelope | None:
        """What a badge is given; None: there is nothing for it."""
        self._look()
        published = self._published
        if published is None or badge not in published.seals:
            return None
        return Envelope(published.manifest, published.seals[badge])

    def part(self, digest: str) -> Path | None:
        """The file with this digest."""
        if self._folder is None or not _DIGEST.fullmatch(digest):
            return None
        path = self._folder / PARTS / digest
        return path if path.is_file() else None

    def _look(self) -> None:
        if self._folder is None:
            return
        path = self._folder / FILE
        try:
            changed = path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            published = msgspec.json.decode(path.read_bytes(), type=Published)
            release = msgspec.json.decode(published.manifest, type=Release)
        except (OSError, msgspec.DecodeError):
            self._read_at, self._published, self._release = -1, None, None
            return
        self._read_at, self._published, self._release = changed, published, release
