"""What a power cut leaves of what programs have written (recorder.c): only what was synced is sure.

The disk that is assumed: what a file is synced for (fsync, fdatasync) stays. Of what was written since, anything may be
there or not, in any order, a write in part, in sectors of 512 octets. Names (made, renamed, removed) stay when their
folder was synced; those after that are there as far as a journaling file system has come, in their order.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_HEAD = struct.Struct("=iiqiiii")
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a program did; see recorder.c."""

    op: str
    thread: int
    offset: int
    path: Path
    other: Path
    data: bytes

    @property
    def told(self) -> Iterator[dict[str, Any]]:
        """The JSON objects in what was said."""
        text, at = self.data.decode("utf-8", "replace"), 0
        while self.op == "s" and (at := text.find('{"', at)) >= 0:
            try:
                found, at = json.JSONDecoder().raw_decode(text, at)
            except ValueError:
                at += 1
            else:
                yield found


def read(log: Path) -> list[Event]:
    """All events, in order."""
    octets, at, events = log.read_bytes(), 0, []
    while at < len(octets):
        op, thread, offset, *lengths, _ = _HEAD.unpack_from(octets, at)
        at += _HEAD.size
        parts = []
        for length in lengths:
            parts.append(octets[at : at + length])
            at += length
        events.append(Event(chr(op), thread, offset, Path(parts[0].decode()), Path(parts[1].decode()), parts[2]))
    return events


@dataclass(slots=True)
class _File:
    """synced: what is sure. since: what was written after that: (number of the event, offset, octets; None: it was cut
    off there).
    """

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, int, bytes | None]] = field(default_factory=list)

    def copy(self) -> _File:
        return _File(bytearray(self.synced), list(self.since))


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        content[offset:] = bytes(max(0, offset - len(content)))
        return
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset : offset + len(data)] = data


class Disk:
    """The files below a folder while events happen to them. before: the folder as it is on the disk at first."""

    def __init__(self, root: Path, before: Path | None = None) -> None:
        self._root = root
        self._number = 0
        self._names: dict[Path, _File | None] = {root: None}
        self._changes: list[tuple[Path, str, Path, Path, _File | None]] = []
        self._begun: dict[tuple[int, Path], int] = {}
        for found in sorted(before.rglob("*")) if before is not None else ():
            path = root / found.relative_to(before) if before is not None else found
            self._names[path] = None if found.is_dir() else _File(bytearray(found.read_bytes()))
        self._sure = dict(self._names)

    def happen(self, event: Event) -> None:
        """The next event."""
        self._number += 1
        path = event.path
        match event.op:
            case "c" | "m":
                self._change(path.parent, event.op, path, path, _File() if event.op == "c" else None)
            case "u":
                self._change(path.parent, "u", path, path, None)
            case "r" | "l":
                self._change(path.parent, event.op, path, event.other, self._names[path])
            case "w":
                self._file(path).since.append((self._number, event.offset, event.data))
            case "t":
                self._file(path).since.append((self._number, event.offset, None))
            case "b":
                self._begun[event.thread, path] = self._number
            case "e":
                self._synced(path, self._begun.pop((event.thread, path)))

    def cut(self, luck: random.Random, into: Path) -> None:
        """The power is gone: one of the states that may be found then is written into a folder."""
        names = dict(self._sure)
        for _, op, path, other, file in self._changes[: luck.choice([0, len(self._changes), luck.randint(0, 99)])]:
            _rename(names, op, path, other, file)
        how = luck.choice(["nothing", "all", "some", "torn"])
        for path, file in names.items():
            target = into / path.relative_to(self._root)
            if path != self._root and path.parent not in names:
                continue  # its folder is not there
            if file is None:
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(_left(file, how, luck))

    def _file(self, path: Path) -> _File:
        file = self._names[path]
        assert file is not None, path
        return file

    def _change(self, folder: Path, op: str, path: Path, other: Path, file: _File | None) -> None:
        _rename(self._names, op, path, other, file)
        self._changes.append((folder, op, path, other, file))

    def _synced(self, path: Path, begun: int) -> None:
        file = self._names.get(path)
        if file is not None:
            for number, offset, data in file.since:
                if number < begun:
                    _apply(file.synced, offset, data)
            file.since = [each for each in file.since if each[0] >= begun]
            return
        left = []
        for change in self._changes:
            if change[0] == path:
                _rename(self._sure, *change[1:])
            else:
                left.append(change)
        self._changes = left


def _rename(names: dict[Path, _File | None], op: str, path: Path, other: Path, file: _File | None) -> None:
    if op in "ur":
        names.pop(path, None)
    if op != "u":
        names[other] = file


def _left(file: _File, how: str, luck: random.Random) -> bytes:
    content = bytearray(file.synced)
    for place, (_, offset, data) in enumerate(file.since):
        last = place == len(file.since) - 1
        if how == "nothing" or (how == "some" and luck.random() < 0.5):
            continue
        if how == "torn" and data and (last or luck.random() < 0.3):
            sectors = range(0, len(data), SECTOR)
            for start in luck.sample(sectors, luck.randint(0, len(sectors))):
                _apply(content, offset + start, data[start : start + SECTOR])
            continue
        _apply(content, offset, data)
    return bytes(content)
