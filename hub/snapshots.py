"""Snapshots of a long game, so that a restart does not play all of it again.

A snapshot is a shortcut and never believed against the journal: it is used when it was made by exactly this program,
is whole, hangs on the chain of the journal, and what came after it is judged again as it was. Otherwise the game is
played from its beginning. A lost snapshot costs time and nothing else.
"""

from __future__ import annotations

import enum
import functools
import gc
import hashlib
import io
import logging
import math
import pickle
import platform
import re
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec
from immutables import Map
from msgspec.structs import replace

from cards.seqnum import SeqNum
from hub.messages import Answer
from hub.private import unfinished, write_private
from hub.replay import Since
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Ruling
from hub.simulator.world import Instance
from hub.view import StoryLine

EVERY = 1000
"""Records from one snapshot to the next, at least."""
PAUSE_S = 60.0
"""Seconds from one to the next, at least: in a hall with a thousand scans a second, scans would wait for it."""
BEHIND = 500
"""Records that are played again at least: so much of a round can be taken back, however long it is."""
_KEPT = 2
_CHUNK = 200
"""Packets that are written down at a time, some milliseconds; then others have their turn."""
PREFIX = "snapshot-"
"""How the names of snapshots begin."""
_NAME = re.compile(rf"^{PREFIX}([0-9]{{1,18}})$")
_MAGIC = b"paperhop snapshot 1\n"
_DIGEST = hashlib.sha256().digest_size
_PACKAGES = ("cards", "hub")
_OTHERS = (
    ("immutables._map", "Map"),
    *(("ipaddress", name) for name in ("IPv4Address", "IPv4Interface", "IPv4Network")),
)
"""What a game is made of beside our own values."""

log = logging.getLogger(__name__)


class Snapshot(msgspec.Struct, frozen=True):
    """A game right after a record. number, hash: of this record, in the journal. room: the number of the room's record.

    The rest is what `hub.course.Course` has beside the game.
    """

    number: int
    hash: bytes
    room: int
    game: Since
    story: tuple[StoryLine, ...]
    last_answer: dict[str, Answer]
    last_ruling: dict[str, Ruling]


class Snapshots:
    """The snapshots in folder `data`, the newest two. Only the user that runs the hub can read them.

    every, pause_s: records and seconds from one to the next, at least. behind: records after it that are played again,
    at least; no more than `every`.
    """

    def __init__(self, data: Path, every: int = EVERY, behind: int = BEHIND, pause_s: float = PAUSE_S) -> None:
        self.every, self.behind = every, behind
        self._data = data
        self._pause_s, self._taken_at = pause_s, -math.inf
        self._writing: threading.Thread | None = None

    def take(self, snapshot: Snapshot, rules: Rules) -> bool:
        """Write a snapshot, beside the game, which goes on; False: the last one is not long ago."""
        now = time.monotonic()
        if now - self._taken_at < self._pause_s or (self._writing is not None and self._writing.is_alive()):
            return False
        self._taken_at = now
        self._writing = threading.Thread(target=self._write, args=(snapshot, rules), name="snapshot", daemon=True)
        self._writing.start()
        return True

    def wait(self) -> None:
        """Until what is being written is there."""
        if self._writing is not None:
            self._writing.join()

    def newest(self, last: int) -> int:
        """The number of the newest snapshot up to record `last`; 0: there is none."""
        return max((number for number in self._files() if number <= last), default=0)

    def usable(self, rules: Rules, room: int, last: int) -> Iterator[Snapshot]:
        """The snapshots that lie far enough behind record `last`, newest first; what is damaged, or of another program,
        is removed. rules: of the lesson of the room that began with record `room`.
        """
        for number, path in sorted(self._files().items(), reverse=True):
            if not room < number <= last - self.behind:
                continue
            snapshot = _read(path, rules)
            if snapshot is None:
                path.unlink(missing_ok=True)
            else:
                yield snapshot

    def throw_away(self, number: int) -> None:
        """The journal has contradicted this one."""
        self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._data / f"{PREFIX}{number}"

    def _write(self, snapshot: Snapshot, rules: Rules) -> None:
        try:
            write_private(self._path(snapshot.number), _written(snapshot, rules))
            there = self._files()
            kept = sorted(number for number in there if number <= snapshot.number)[-_KEPT:]
            for path in (path for number, path in there.items() if number not in kept):
                path.unlink(missing_ok=True)
            for path in self._data.glob(unfinished(self._data / f"{PREFIX}*").name):
                path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("No snapshot could be kept: %s. The next start takes longer, that is all", error)

    def _files(self) -> dict[int, Path]:
        """By record; those beyond the journal's last are of what it has lost since."""
        return {int(match[1]): path for path in self._data.iterdir() if (match := _NAME.match(path.name))}


def _written(snapshot: Snapshot, rules: Rules) -> bytes:
    """A snapshot as the octets of its file: magic, program, the compressed rest, and a digest of all of it.

    In a long game the packets of the round are most of it: they come first, a few at a time.
    """
    stream, squeezed = io.BytesIO(), zlib.compressobj(1)
    world = snapshot.game.history.world
    packets = list(world.instances.items())
    octets = [_MAGIC, _program()]

    def dump(part: object) -> None:
        _Pickler(stream, rules).dump(part)  # one that remembers all parts would need as much room as the game
        octets.append(squeezed.compress(stream.getvalue()))
        stream.seek(0)
        stream.truncate()
        time.sleep(0)  # the game goes on in between

    dump(-(-len(packets) // _CHUNK))
    for at in range(0, len(packets), _CHUNK):
        dump(packets[at : at + _CHUNK])
    dump(_with_instances(snapshot, Map()))
    octets.append(squeezed.flush())
    whole = b"".join(octets)
    return whole + hashlib.sha256(whole).digest()


@contextmanager
def _no_garbage() -> Iterator[None]:
    """What is read stays: looking through it for garbage again and again would take as long as reading it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_garbage()
def _read(path: Path, rules: Rules) -> Snapshot | None:
    """The snapshot in a file; None: it is damaged, or another program has made it."""
    try:
        octets = path.read_bytes()
        whole, digest = octets[:-_DIGEST], octets[-_DIGEST:]
        begins = _MAGIC + _program()
        if not whole.startswith(begins) or hashlib.sha256(whole).digest() != digest:
            return None
        stream = io.BytesIO(zlib.decompress(whole[len(begins) :]))
        packets: dict[str, Instance] = {}
        for _ in range(_Unpickler(stream, rules).load()):
            packets.update(_Unpickler(stream, rules).load())
        return _with_instances(_Unpickler(stream, rules).load(), Map(packets))
    except Exception as error:
        log.warning("The snapshot %s cannot be read (%s): it is passed over", path, error)
        return None


def _with_instances(snapshot: Snapshot, instances: Map[str, Instance]) -> Snapshot:
    history = snapshot.game.history
    world = replace(history.world, instances=instances)
    return replace(snapshot, game=replace(snapshot.game, history=replace(history, world=world)))


class _Pickler(pickle.Pickler):
    """The rules of the lesson are not written: who reads has them."""

    def __init__(self, stream: io.BytesIO, rules: Rules) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._rules = rules

    def persistent_id(self, thing: object) -> str | None:
        return "rules" if thing is self._rules else None


class _Unpickler(pickle.Unpickler):
    """Makes values of our own classes, and of those that they are made of: nothing that a file names is ever run."""

    def __init__(self, stream: io.BytesIO, rules: Rules) -> None:
        super().__init__(stream)
        self._rules = rules

    def persistent_load(self, name: object) -> Rules:
        return self._rules

    def find_class(self, module: str, name: str) -> Any:
        known = (module, name) in _OTHERS
        if not known and ("." in name or module.split(".")[0] not in _PACKAGES):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a game")
        found = super().find_class(module, name)
        if not known and not (isinstance(found, type) and found.__module__ == module and _holds_values(found)):
            raise pickle.UnpicklingError(f"{module}.{name} is no value of a game")
        return found


def _holds_values(kind: type) -> bool:
    """Whether it is one of our classes that hold something and do nothing."""
    return is_dataclass(kind) or issubclass(kind, msgspec.Struct | enum.Enum | SeqNum)


@functools.cache
def _program() -> bytes:
    """A digest of what a snapshot depends on: every module of ours that plays, and the versions below them."""
    said = hashlib.sha256(f"{platform.python_version()} {version('msgspec')} {version('immutables')}".encode())
    for package in _PACKAGES:
        for path in sorted(_sources(resources.files(package)), key=str):
            said.update(path.read_bytes())
    return said.digest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry
