"""What Paperhop promises, looked at when a class is over and nothing is in the way any more."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing

from firmware.link import PATIENCE
from hub.clock import ManualClock
from hub.journal import Journal
from hub.records import ScannedRecord
from hub.room import Room
from paperhop.simulation.classroom import PLAYING_S, SETTLING_S, Classroom
from paperhop.simulation.hub import READER, SEED
from paperhop.simulation.wrong import must


def look(classroom: Classroom, happened: Counter[str]) -> None:
    """Every promise. happened: what went wrong, counted. Raises Wrong."""
    must(not classroom.waiting, f"not answered within {SETTLING_S:.0f} s: {classroom.waiting}")
    records = classroom.hub.scanned()
    _kept_and_shown(classroom, records)
    _as_if_undisturbed(classroom, records)
    must(classroom.hub.waiting == 0, "something waits in the hub's edge for ever")
    _sent_seldom(classroom, happened)


def _kept_and_shown(classroom: Classroom, records: list[ScannedRecord]) -> None:
    """What a badge has taken is in the journal once, in its order, and it has shown what the journal has."""
    judged: dict[str, list[ScannedRecord]] = defaultdict(list)
    for record in records:
        judged[record.badge].append(record)
    for name, badge in classroom.badges.items():
        taken = [(scan.boot, scan.counter) for scan in badge.taken]
        kept = [(record.boot, record.counter) for record in judged[name]]
        must(kept == taken, f"{name} has taken {taken}, and the journal has {kept}")
        must(badge.told.order == taken, f"{name} has taken {taken}, and shown {badge.told.order}")
        for record in judged[name]:
            shown = badge.told.answers[record.boot, record.counter]
            must(shown == record.answer, f"{name} has shown {shown}, and the journal has {record.answer}")


def _as_if_undisturbed(classroom: Classroom, records: list[ScannedRecord]) -> None:
    """A room that is given the same scans, with nothing in the way, judges them so, and is the same in the end."""
    scans = {(scan.badge, scan.boot, scan.counter): scan for badge in classroom.badges.values() for scan in badge.taken}
    was = classroom.hub.room
    clock = ManualClock()
    with closing(Journal(classroom.folder / "undisturbed")) as journal:
        room = Room(
            journal, classroom.lesson, seats=classroom.seats, readers=(READER,), clock=lambda at: clock, seed=SEED
        )
        for record in records:
            clock.forward_to(record.at)
            answer = room.scan(scans[record.badge, record.boot, record.counter])[0]
            must(answer == record.answer, f"undisturbed it is {answer}, and it was {record.answer}")
        was.tick()
        clock.forward_to(was.world.at)
        room.tick()
        must(room.world == was.world, "the room is not what it is without disturbance")
        must(room.tally == was.tally, "the scores are not what they are without disturbance")


def _sent_seldom(classroom: Classroom, happened: Counter[str]) -> None:
    """A badge repeats what is not answered now and then, not all the time."""
    turns = (PLAYING_S + SETTLING_S) / PATIENCE
    for name, badge in classroom.badges.items():
        most = len(badge.taken) * 4 + turns + 30 * (1 + happened["restarts"] + happened["outages"])
        sent = classroom.air.sent[f"paperhop/kit/badge/{name}/up/scan"]
        must(sent <= most, f"{name} sent {sent} times for {len(badge.taken)} scans")
