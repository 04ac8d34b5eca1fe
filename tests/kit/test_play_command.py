"""`paperhop play`: scripts and bots without hardware, as docs/contracts.md, "Playing a script", promises."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hub.clock import ManualClock
from hub.journal import Journal
from hub.lessons import Lesson, load, load_scripts
from hub.lessons.lesson import ScanStep
from hub.room import Room
from hub.scripted import play
from hub.simulator.events import Passed
from hub.simulator.reasons import REASONS
from hub.simulator.referee import judge
from hub.simulator.verdicts import Verdict
from hub.simulator.world import World
from paperhop.__main__ import main

ROOT = Path(__file__).parent.parent.parent
CONTRACTS = (ROOT / "docs" / "contracts.md").read_text("utf-8")
SECTION = CONTRACTS[CONTRACTS.index("## Playing a script") : CONTRACTS.index("## Checking a lesson")]

ONE = """\
title: One connection
engines: [router]
cards:
  syn: 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
  slip: 10.0.1.2:40001 > 10.0.1.1:23 SYN,ACK seq=100 ack=1
steps:
  - {scan: slip, at: client, expect: stopped, charged: client}
  - {scan: syn, at: client, expect: sent}
  - {scan: syn, at: server, expect: delivered, reason: tcp.syn-received, charged: nobody}
  - {turn: server, is: syn-ack}
  - {play: server}
  - {wait: 5}
"""

REFUSED = """\
title: Nothing to take back
cards: {}
steps:
  - {undo: client}
  - {undo: client, reason: room.acted-on}
"""

LIST = """\
scripts:
  - id: good
    title: Good
    cards: {syn: "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"}
    steps:
      - {scan: syn, at: client, expect: sent}
  - id: bad
    title: Bad
    cards: {syn: "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"}
    steps:
      - {scan: syn, at: client, expect: sent}
      - {scan: syn, at: router, expect: delivered, reason: tcp.syn-received}
      - {turn: server}
"""

GOALS = """\
goals:
  - {id: open, title: Open, when: {state: ESTABLISHED, at: server}}
  - {id: closed, title: Closed, when: {state: none, at: server}, after: [open]}
  - {id: knock, title: Knock, when: {reason: tcp.no-listener}, quest: true}
"""


def played(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """The exit status of `paperhop play --json`, its lines, and its summary."""
    status = main(["play", *map(str, words), "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    *lines, last = [json.loads(line) for line in said.out.splitlines()]
    return status, lines, last["summary"]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def fields(row: str) -> list[str]:
    """The fields in the first column of the tables in the contract whose first column has this one."""
    tables = re.findall(r"(?:^\|.*\n)+", SECTION, re.MULTILINE)
    (table,) = [table for table in tables if f"| `{row}` |" in table]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def bare() -> str:
    """The handshake lesson without its goals and variants, and with the scripts of its demo alone."""
    source = load("handshake").source
    network, scripts = source[: source.index("\ngoals:")], source[source.index("\nscripts:") :]
    return network + "\n  - id: ".join(scripts.split("\n  - id: ")[:4])


def test_the_lesson_plays_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, summary = played(capsys, "handshake")
    scripts = load("handshake").scripts
    asked = [
        (script.id, line)
        for script in scripts
        for line, step in zip(script.lines, script.steps, strict=True)
        if isinstance(step, ScanStep)
    ]
    assert status == 0
    assert (summary["scripts"], summary["failed"]) == (len(scripts), [])
    assert summary["scans"] == summary["as_expected"] >= len(asked)
    assert [(line["script"], line["line"]) for line in lines if line.get("expected")] == asked
    assert {line["verdict"] for line in lines if "verdict" in line} == {verdict.value for verdict in Verdict}


def test_what_a_teacher_cannot_do_is_told_and_is_wrong_only_where_the_script_says_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "refused.yaml", REFUSED)
    status, (told, wrong), summary = played(capsys, "handshake", "--script", path)
    assert (status, summary["failed"]) == (1, ["script"])
    assert (told["reason"], told["as_expected"]) == ("room.nothing-to-undo", True)
    assert told["refused"] == "Not done: Client has made no move in this round that could be taken back."
    assert (wrong["as_expected"], wrong["wrong"]) == (False, "room.nothing-to-undo, not room.acted-on")
    assert main(["play", "handshake", "--script", str(path)]) == 1
    assert "line 4: Not done: Client has made no move" in capsys.readouterr().out


def test_every_field_is_in_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "one.yaml", ONE)
    status, lines, summary = played(capsys, "handshake", "--script", path)
    assert status == 0
    of_step, of_ruling = fields("script"), fields("at_ms")
    for line in lines:
        judged = "verdict" in line
        assert [*line] == [
            *(field for field in of_step[:3] if field != "line" or "line" in line),
            *(of_ruling if judged else []),
            *of_step[3:],
        ]
        assert ("line" in line) == (line["badge"] is not None if judged else True) or line["step"] == 5
        if judged:
            assert Verdict(line["verdict"])
            assert line["rfc"] == REASONS[line["reason"]].rfc
            assert line["sentence"]
            assert "?" not in line["sentence"]
    slip, syn, forwarded, arrived, turn, answer, router = lines
    assert (slip["line"], slip["card"], slip["charged"], slip["key"]) == (7, "slip", "client", None)
    assert slip["expected"] == {"verdict": "stopped", "reason": None, "charged": "client"}
    assert len(slip["hints"]) == 3
    assert slip["differences"] == [{"field": "flags", "written": "SYN,ACK", "should": "SYN"}]
    assert (syn["packet"]["text"], syn["to"], syn["hints"]) == (ONE.splitlines()[3][7:], "router", None)
    assert (forwarded["step"], forwarded["badge"], forwarded["node"], forwarded["card"]) == (2, None, "router", "syn")
    assert (arrived["from"], arrived["reason"], arrived["repeated"]) == ("router", "tcp.syn-received", False)
    assert (turn["as_expected"], turn["wrong"], turn["expected"]) == (True, None, None)
    assert (answer["step"], answer["card"], answer["params"]["flags"]) == (5, "HUB-1", "SYN,ACK")
    assert router["at_ms"] > answer["at_ms"] > arrived["at_ms"] > syn["at_ms"]
    assert summary == {"scripts": 1, "scans": 6, "as_expected": 6, "failed": []}


def test_a_list_of_scripts_and_one_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "list.yaml", LIST)
    status, lines, summary = played(capsys, "handshake", "--script", path)
    assert status == 1
    assert summary == {"scripts": 2, "scans": 3, "as_expected": 2, "failed": ["bad"]}
    assert [(line["script"], line["step"], line["as_expected"]) for line in lines] == [
        ("good", 1, True),
        ("bad", 1, True),
        ("bad", 2, False),
        ("bad", 3, False),
    ]
    assert (lines[2]["line"], lines[2]["wrong"]) == (12, "forwarded, not delivered, ip.forwarded, not tcp.syn-received")
    assert (lines[3]["line"], lines[3]["wrong"]) == (13, "server has to receive, not do nothing")
    status, lines, summary = played(capsys, "handshake", "--script", path, "--only", "good")
    assert (status, len(lines), summary["scripts"]) == (0, 1, 1)


def test_what_is_not_as_expected_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "handshake", "--script", str(written(tmp_path, "list.yaml", LIST))]) == 1
    out = capsys.readouterr().out
    assert "    line 12: forwarded, not delivered" in out
    assert out.endswith("\n2 of 3 scans as expected; not so: bad\n")


def test_a_script_plays_the_variant_that_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = bare().replace("scripts:\n", "variants: {easy: {counting: off}}\nscripts:\n")
    lesson = written(tmp_path, "mine:1.yaml", source)
    text = ONE.replace("title:", "variant: easy\ntitle:").replace(" seq=100\n  slip", " seq=1234567\n  slip")
    status, lines, _ = played(capsys, lesson, "--script", written(tmp_path, "one.yaml", text))
    assert (status, [line["card"] for line in lines if line.get("reason") == "tcp.syn-sent"]) == (0, ["syn"])
    status, lines, _ = played(capsys, f"{lesson}:easy", "--only", "handshake")
    assert status == 1, "nobody minds the number that is wrong there"
    assert next(line["wrong"] for line in lines if line["wrong"]).startswith("sent, not stopped")


def test_a_script_of_its_own_knows_the_goals_of_the_variant_that_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "cut.yaml", "title: Nobody has cut it\nsteps:\n  - {goal: cut, is: open}\n")
    status, _, summary = played(capsys, "refused:guessable", "--script", path)
    assert (status, summary["failed"]) == (0, [])
    assert main(["play", "refused", "--script", str(path)]) == 2
    assert "'cut' is not known" in capsys.readouterr().err


def test_a_variant_is_played_by_the_scripts_that_are_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    lesson = load("handshake:basic")
    assert main(["play", "handshake:basic", "--json"]) == 0
    told = capsys.readouterr()
    played = {line["script"] for line in map(json.loads, told.out.splitlines()) if "script" in line}
    assert played > {script.id for script in lesson.scripts if script.variant == "basic"}
    assert not played & {script.id for script in lesson.scripts if script.variant == "complex"}
    assert "wrong-numbers" not in played, "there nobody counts"
    assert told.err.startswith("Written for handshake itself, and left out: ")
    assert "wrong-numbers" in told.err


def test_a_variant_for_which_there_is_no_script_says_what_can_be_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, scripts = bare().split("\nscripts:\n")
    handshake = next(each for each in scripts.split("\n  - id: ") if each.startswith("handshake"))
    variants = "variants: {web: {nodes: {server: {services: {80: web}}}}}"
    lesson = written(tmp_path, "mine.yaml", f"{before}\n{variants}\nscripts:\n  - id: {handshake}")
    assert main(["play", f"{lesson}:web"]) == 2
    assert capsys.readouterr().err == (
        "No script comes out in mine:web as it says. --bots lets the engine play it, and --only ID plays one all the "
        "same: handshake\n"
    )
    assert main(["play", f"{lesson}:web", "--only", "handshake"]) == 1


def test_a_verdict_comes_when_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Class:
        """Whoever votes: what was shown until then has no verdict yet."""

        seen: ClassVar[list[str]] = []

        def readline(self) -> str:
            self.seen.append(capsys.readouterr().out)
            return "\n"

    monkeypatch.setattr("sys.stdin", Class())
    assert main(["play", "handshake", "--only", "wrong-numbers", "--step"]) == 0
    asked = [shown.splitlines()[-1] for shown in Class.seen]
    assert asked[0].split() == ["Client", *["10.0.1.2:40001", ">", "10.0.1.1:23", "SYN", "seq=100"]]
    assert asked[3].split()[0] == "Server"
    assert asked[3].endswith("SYN,ACK seq=700 ack=100  ")
    assert Class.seen[4].split()[0] == "stopped"


def test_where_nobody_is_to_press_enter_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["play", "handshake", "--only", "handshake", "--step"]) == 0
    assert "scans as expected." in capsys.readouterr().out


def test_bots_reach_the_goals_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = bare()
    open_only = written(tmp_path, "open.yaml", source.replace("scripts:\n", GOALS + "scripts:\n"))
    status, lines, summary = played(capsys, open_only, "--bots")
    assert status == 1
    assert [*lines[0]] == fields("at_ms")
    assert all(line["badge"] is None and line["charged"] is None for line in lines)
    assert summary["goals"] == {"open": True, "closed": False, "knock": False}
    assert (summary["reached"], summary["missing"]) == (False, ["closed"])
    assert summary["seconds"] >= len(lines)
    both = written(tmp_path, "both.yaml", open_only.read_text("utf-8").replace("opens: [10.0.1.1:23]", BOTH))
    status, _, summary = played(capsys, both, "--bots")
    assert (status, summary["missing"], summary["goals"]["knock"]) == (0, [], False)
    assert main(["play", str(both), "--bots"]) == 0
    assert capsys.readouterr().out.endswith("every goal is reached.\n")
    assert main(["play", str(open_only), "--bots"]) == 1
    assert capsys.readouterr().out.endswith("not reached: closed.\n")


BOTH = "tasks: [{open: 10.0.1.1:23}, close]"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "There is no lesson 'nothing'"),
        (["handshake:nothing"], "no variant 'nothing'"),
        (["handshake", "--only", "nothing"], "there are: refused, straight-across, handshake"),
        (["handshake", "--script", "nowhere.yaml"], "nowhere.yaml cannot be opened"),
    ],
)
def test_what_cannot_begin(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", *words]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert says in said.err


def test_a_script_with_a_mistake_in_it_cannot_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "list.yaml", LIST.replace("at: router", "at: ruter"))
    assert main(["play", "handshake", "--script", str(path)]) == 2
    assert re.match(r"list\.yaml, line 12: .*did you mean 'router'", capsys.readouterr().err)


def test_a_journal_that_somebody_has_cannot_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path)
    assert main(["play", "handshake", "--data", str(tmp_path)]) == 2
    assert "Another hub is running" in capsys.readouterr().err
    journal.close()


EVENTFUL = """\
title: Everything that a journal keeps
engines: [router]
cards:
  syn: 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
  other: 10.0.1.2:40002 > 10.0.1.1:23 SYN seq=200
  slip: 10.0.1.2:40003 > 10.0.1.1:23 SYN,ACK seq=300 ack=1
steps:
  - {seat: b7, at: client}
  - {scan: syn, by: b7}
  - {scan: syn, at: server}
  - {play: server}
  - {round: true}
  - {fault: {name: slow, kind: delay, link: [client, router], seconds: 9}}
  - {scan: other, at: client}
  - {wait: 30}
  - {lift: slow}
  - {take_back: router}
  - {scan: slip, at: client}
  - {forgive: client}
  - {scan: other, at: server}
  - {play: server}
  - {undo: server}
  - {redo: server}
  - {scan: syn, at: client}
  - {lose: syn}
  - {table: router, routes: {10.0.1.0/24: link, 10.0.3.0/24: server}}
  - {link_down: [router, server]}
"""


def final_world(lesson: Lesson, script: Path, folder: Path) -> World:
    """The world in which a script ends that is played here."""
    (only,) = load_scripts(script, lesson)
    journal = Journal(folder)
    worlds = [outcome.judged.world for outcome in play(journal, lesson, only) if outcome.judged is not None]
    assert worlds
    journal.close()
    return resumed(lesson, folder)


def resumed(lesson: Lesson, folder: Path) -> World:
    journal = Journal(folder)
    assert journal.damage is None
    room = Room(journal, lesson, clock=ManualClock)
    assert room.resumed
    journal.close()
    return judge(room.world, Passed(0))[0]


def test_data_is_a_journal_that_a_room_goes_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = written(tmp_path, "eventful.yaml", EVENTFUL)
    data, lesson = tmp_path / "data", load("handshake")
    _, lines, _ = played(capsys, "handshake", "--script", script, "--data", data)
    there = [line for line in lines if "verdict" in line]
    world = resumed(lesson, data)
    assert world == final_world(lesson, script, tmp_path / "again")
    assert world.round == 2
    assert world.seats["b7"] == ("client",)
    assert world.instances["S-1"].lost
    assert world.down == {frozenset(("router", "server"))}
    with sqlite3.connect(data / "journal.sqlite") as db:
        kinds = [kind for (kind,) in db.execute("SELECT kind FROM record ORDER BY n")]
        body = db.execute("SELECT body FROM record WHERE kind = 'played' ORDER BY n LIMIT 1").fetchone()[0]
    db.close()
    assert kinds[0] == "room"
    assert kinds.count("room") == 1
    assert kinds.count("scanned") + kinds.count("played") == len(there)
    assert {"seated", "round", "scanned", "played", "moved"} <= set(kinds)
    first = next(line for line in there if line["badge"] is None)
    record = json.loads(body)
    assert (record["node"], record["verdict"], record["sentence"]) == (
        first["node"],
        first["verdict"],
        first["sentence"],
    )


def test_bots_leave_a_journal_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = played(capsys, "handshake", "--bots", "--data", tmp_path)
    world = resumed(load("handshake"), tmp_path)
    assert world.engines == {"client", "router", "server"}
    assert world.born == sum(line["verdict"] == "sent" for line in lines)
