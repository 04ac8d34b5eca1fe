"""`paperhop export`: a room that was played, or is being played, as a capture for Wireshark or as a table."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from hub import capture
from hub.journal import JournalError, Records, reading
from hub.lessons import Lesson, LessonError, from_text
from hub.records import RoomRecord
from hub.replay import Past, replay
from paperhop.options import state_folder

_MOST_LISTED = 20
_Room = tuple[int, RoomRecord]


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop export`."""
    parser.add_argument(
        "--data",
        type=Path,
        default=state_folder(),
        metavar="DIR",
        help="where the hub, or paperhop play, left the journal; default: %(default)s",
    )
    parser.add_argument("--room", metavar="NAME", help="which room; without it the one that was begun last")
    parser.add_argument("--pcapng", type=Path, metavar="FILE", help="write what was on the wires, for Wireshark")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a table: a row for each scan")
    parser.add_argument("--at", metavar="NODE", help="of the wires, only what this node saw")
    parser.add_argument("--round", type=int, metavar="N", help="of the wires, only this round")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: it is written; 1: a file cannot be written; 2: there is nothing to write, or not said what."""
    try:
        if arguments.pcapng is None and arguments.csv is None:
            raise JournalError("What shall be written? Give --pcapng FILE, --csv FILE, or both")
        with closing(reading(arguments.data)) as records:
            if not records.sound:
                _tell(f"The journal is damaged after record {records.last}: only what comes before is exported.")
            _export(arguments, records)
    except (JournalError, LessonError) as error:
        return _refuse(str(error), 2)
    except OSError as error:
        return _refuse(f"{error.filename} cannot be written: {error.strerror}", 1)
    return 0


def _export(arguments: argparse.Namespace, records: Records) -> None:
    number, room = _chosen(records, arguments.room)
    lesson = from_text(room.source, room.lesson)
    node = None if arguments.at is None else _node(lesson, arguments.at)

    def past() -> Iterator[Past]:
        return replay(lesson, room.seed, records.records(after=number))

    scans = sum(1 for _ in capture.rows(room, past()))
    name = next(name for name, (each, _) in _listed(records).items() if each == number)
    told = f"room {name}, begun {room.began}, {scans} scans and moves of the engine"
    if arguments.pcapng is not None:
        blocks = capture.octets(room, lesson, past(), at=node, round=arguments.round)
        _write(arguments.pcapng, b"".join(blocks))
        _tell(f"{arguments.pcapng}: {told}, as a capture")
        if node is None:
            some = lesson.rules.nodes[0].id
            _tell(f"Wireshark compares packets best where one node saw them: --at {some}, say (docs/running.md).")
    if arguments.csv is not None:
        text = io.StringIO()
        csv.writer(text).writerows([capture.HEADER, *capture.rows(room, past())])
        _write(arguments.csv, text.getvalue().encode())
        _tell(f"{arguments.csv}: {told}, as a table")
    others = [name for name, (each, _) in _listed(records).items() if each != number]
    if arguments.room is None and others:
        _tell(f"Another room: --room NAME. There are, newest last: {_some(others, 3)}")


def _chosen(records: Records, name: str | None) -> _Room:
    """The room that is meant. A name that several have means the newest of them; `NAME.1` is the first."""
    if not records.rooms:
        raise JournalError(f"No room has been played yet in {records.path.parent}")
    if name is None:
        return records.rooms[-1]
    named = [room for room in records.rooms if room[1].name == name]
    if named:
        return named[-1]
    listed = _listed(records)
    if name not in listed:
        raise JournalError(
            f"There is no room {name!r} in {records.path.parent}. There are, newest last: {_some(listed)}"
        )
    return listed[name]


def _some(names: Collection[str], most: int = _MOST_LISTED) -> str:
    """The newest of them."""
    newest = list(names)[-most:]
    return ", ".join(newest) + (f" (and {len(names) - len(newest)} older ones)" if len(names) > len(newest) else "")


def _listed(records: Records) -> dict[str, _Room]:
    """Every room by a name that it has alone."""
    several = Counter(room.name for _, room in records.rooms)
    nth: Counter[str] = Counter()
    listed = {}
    for number, room in records.rooms:
        nth[room.name] += 1
        listed[room.name if several[room.name] == 1 else f"{room.name}.{nth[room.name]}"] = (number, room)
    return listed


def _node(lesson: Lesson, name: str) -> str:
    node = lesson.rules.named(name)
    if node is None:
        ids = ", ".join(each.id for each in lesson.rules.nodes)
        raise JournalError(f"There is no node {name!r} in this room's lesson. There are: {ids}")
    return node


def _write(path: Path, octets: bytes) -> None:
    try:
        path.write_bytes(octets)
    except OSError as error:
        error.filename = str(path)
        raise


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop export: {sentence}", file=sys.stderr)
    return status
