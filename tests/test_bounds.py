"""Every number of the table in docs/guarantees.md §7, and of docs/pages.md, is the one that the program has.

Neither changes alone. What each bound does is held by the test that stands in its row; here it is how large it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from cards import reader
from firmware import lights, link, outbox
from hub import (
    archive,
    broker,
    course,
    crowd,
    fairness,
    feed,
    phones,
    pictures,
    plan,
    preflight,
    roster,
    seats,
    snapshots,
    survey,
)
from hub.deploy import files, kit
from hub.lessons import document, schema
from hub.messages import MAX_MESSAGE, connection
from hub.page import answers, gate, guard, past, phone, public, releases
from hub.simulator import history

DOCS = Path(__file__).parent.parent / "docs"
GUARANTEES = (DOCS / "guarantees.md").read_text("utf-8")
BROKER = dict(re.findall(r"^(\w+) (\d+)$", (files() / "mosquitto.conf").read_text("utf-8"), re.MULTILINE))
"""What is set in the configuration that a set's broker is given."""


def mib(octets: int | str) -> str:
    return f"{int(octets) / 2**20:g} MiB"


def kib(octets: int) -> str:
    return f"{octets / 2**10:g} KiB"


def many(most: int | str) -> str:
    return f"{int(most):,}"


def most_of(field: str) -> int:
    """How many of these a lesson may have."""
    found = get_type_hints(schema.LessonFile, include_extras=True)[field]
    (most,) = (each.max_length for each in get_args(found)[1:] if isinstance(each, msgspec.Meta))
    assert most is not None
    return most


HELD: dict[str, list[str]] = {
    "messages of a badge": [
        f"{many(fairness.AT_ONCE)} at once",
        f"{fairness.A_SECOND} a second",
        f"each {kib(fairness.OCTETS)}",
    ],
    "badges whose share is remembered": [many(fairness.MOST_NAMES)],
    "a message over MQTT": [kib(MAX_MESSAGE), f"takes {kib(int(BROKER['max_packet_size']))}"],
    "clients of a set's broker": [many(BROKER["max_connections"]), f"{kit.MOST_BADGES} badges"],
    "messages that a set's broker keeps for one client": [
        many(BROKER["max_queued_messages"]),
        f"together {mib(BROKER['max_queued_bytes'])}",
    ],
    "packets that are read before any is worked off": [many(connection.AT_ONCE)],
    "messages that wait in the hub": [many(broker.MOST_WAITING), f"{broker.TOGETHER} are judged together"],
    "badges that a room follows": [many(seats.MOST_BADGES)],
    "packets of a round": [many(crowd.MOST_PACKETS)],
    "connections of a host": [many(crowd.MOST_CONNECTIONS)],
    "feed": [f"{many(feed.MEMORY)} events"],
    "story on the pages": [f"{many(course.STORY_LINES)} lines"],
    "what the pages know of scans": [many(archive.MOST_KEPT)],
    "phones": [many(phones.MOST)],
    "phones that come in from one address": [f"{phone._ARRIVALS} at once", f"then {phone._ARRIVALS / 60:g} a second"],
    "scans, answers of a phone": [
        f"{phone._SCANS}, {phone._ANSWERS} at once",
        f"then {phone._SCANS / 60:g} a second of each",
    ],
    "tries at the PIN": [
        f"{gate._TRIES} at once from one address, then 1 every {60 / gate._TRIES:g} s",
        f"{gate._TRIES_OF_ALL} at once from all that have not been in, then 1 every {60 / gate._TRIES_OF_ALL:g} s",
    ],
    "answers to questions": [f"{many(survey.MOST_PHONES)} phones"],
    "screens that follow": [many(answers.MAX_VIEWERS), f"{public.MOST_OF_ONE_HOST} from one address"],
    "connections from one address": [many(guard.MOST_OF_ONE_HOST)],
    "connections of all": [many(guard.MOST_CONNECTIONS)],
    "a request": [
        f"head {kib(guard.MOST_HEADERS)}",
        f"body {kib(guard.MOST_TEXT)}",
        f"photo {mib(guard.MOST_PHOTO)}",
    ],
    "photos on their way": [
        f"{mib(guard.MOST_ON_THE_WAY)} of all",
        f"from one address {guard.MOST_PHOTOS_OF_ONE_HOST}, together {mib(guard.MOST_PHOTO)}",
        f"{guard.MOST_SENDING_S:g} s each",
    ],
    "bodies that never end": [],
    "photos that are read": ["{} at a time, {} wait, for {:g} s".format(*phone._PHOTO)],
    "exports that are made": ["{} at a time, {} wait, for {:g} s".format(*past._REPLAY)],
    "parts of a release that are given to badges": [f"{releases.AT_ONCE} at a time"],
    "pixels of a photo": [f"{reader.MOST_FILE_PIXELS / 1e6:g} million"],
    "pictures of handwriting": [mib(pictures.MOST_OCTETS)],
    "people of a class": [many(roster.MOST_PEOPLE)],
    "what is planned": [f"{plan.MOST_PLANNED} things"],
    "a lesson file": [
        kib(document.MOST_OCTETS),
        f"{document._MOST_DEEP} deep",
        f"{most_of('nodes')} nodes",
        f"{most_of('questions')} questions",
    ],
    "scans in a badge's outbox": [many(outbox.MOST_SCANS)],
    "verdicts that wait until a badge has shown another": [many(lights.MOST_LATE)],
    "the hub's disk": [f"told from {preflight.LOW_MB} MB of room on"],
}
"""The row's words -> what its bound says, with the number from where it lives."""

IN_PROSE: dict[str, list[str]] = {
    "Every 1,000 records": [f"{many(snapshots.EVERY)} records", f"{snapshots.BEHIND} records at least"],
    "Without a restart, too": [
        f"at {history.MOST_KEPT} moments",
        f"one in {history.EVERY} records",
        f"{many(round(history.MOST_KEPT * history.EVERY, -3))} records can be taken back",
    ],
    "- **Ways back cost little**": [
        f"every {history.EVERY}th record",
        f"at most {history.EVERY - 1} records",
        f"last {history.MOST_KEPT} of these",
        f"{many(round(history.MOST_KEPT * history.EVERY, -3))} records of a round",
    ],
    "- **Flask behind waitress**": [
        f"{answers.MAX_VIEWERS} at most",
        f"{public.MOST_OF_ONE_HOST} of them from one address",
    ],
    "| Guessing the PIN is slow": [
        f"{gate._TRIES} at once from an address, then 1 every {60 / gate._TRIES:g} s",
        f"{gate._TRIES_OF_ALL} at once from all who have not been in, then 1 every {60 / gate._TRIES_OF_ALL:g} s",
    ],
    "- A badge keeps": [f"{many(outbox.MOST_SCANS)} scans without a hub"],
    "- A verdict that comes late": [f"{lights.MOST_LATE} at most wait"],
    "*A badge that floods": [
        f"at most {fairness.AT_ONCE} messages of it",
        f"{fairness.A_SECOND} more in each second",
        f"at most {connection.AT_ONCE} packets",
        f"{BROKER['max_queued_messages']} messages ({mib(BROKER['max_queued_bytes'])})",
        f"after {link.PATIENCE:g} s",
    ],
    "Who asks for too much": [
        "answered 413",
        f"a photo of more than {mib(guard.MOST_PHOTO)}",
        f"more than {kib(guard.MOST_TEXT)}",
        "429",
        f"{phone._SCANS} scans and {phone._ANSWERS} answers at once, then {phone._SCANS / 60:g} a second of each",
        f"{phone._ARRIVALS} new phones at once, then {phone._ARRIVALS / 60:g} a second",
        f"{gate._TRIES} tries at the PIN at once, then 1 every {60 / gate._TRIES:g} s",
        "503",
        f"{answers.MAX_VIEWERS} screens follow the room, {public.MOST_OF_ONE_HOST} of them",
        f"{guard.MOST_OF_ONE_HOST} connections",
        f"{mib(guard.MOST_ON_THE_WAY)} of photos",
        f"{phone._PHOTO[0]} photos are read and {past._REPLAY[0]} export is made at a time",
    ],
}
"""How a paragraph begins, there, in docs/pages.md or docs/decisions.md, outside the table -> what it says."""


def table() -> dict[str, str]:
    """The rows of the table: what -> at most."""
    section = GUARANTEES[GUARANTEES.index("## 7.") :]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {row[0].removeprefix("| "): row[1] for row in rows[2:]}


def says(text: str, phrases: list[str]) -> None:
    """These numbers, and no others."""
    for phrase in phrases:
        assert re.search(rf"(?<![\d,.]){re.escape(phrase)}(?!\w)", text), f"{phrase!r} is not in {text!r}"
        text = text.replace(phrase, "", 1)
    assert not re.search(r"\d", text), f"a number that nothing holds: {text!r}"


def test_every_bound_is_held() -> None:
    assert list(table()) == list(HELD)


@pytest.mark.parametrize("what", HELD)
def test_a_bound_is_as_large_as_it_says(what: str) -> None:
    says(table()[what], HELD[what])


@pytest.mark.parametrize("beginning", IN_PROSE)
def test_prose_says_the_same(beginning: str) -> None:
    text = "\n\n".join((DOCS / name).read_text("utf-8") for name in ("guarantees.md", "pages.md", "decisions.md"))
    (paragraph,) = re.findall(rf"^{re.escape(beginning)}.*?(?=\n\n|\n[-|] )", text, re.MULTILINE | re.DOTALL)
    says(" ".join(paragraph.split()), IN_PROSE[beginning])
