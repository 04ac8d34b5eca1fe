"""`paperhop check`: what is wrong with a lesson is named with its file and line, and with what to write instead."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from hub import texts
from hub.checking import Weight, check
from hub.checking.findings import Code
from hub.checking.playing import Alone, bots
from hub.lessons import from_text, ids, load
from hub.simulator.verdicts import Ruling, Verdict
from paperhop.__main__ import main

CONTRACTS = (Path(__file__).parent.parent.parent / "docs" / "contracts.md").read_text("utf-8")

Edits = list[tuple[str, str]]

GOOD = """\
title: Two sides
goal: Open a connection to the server on the other side.
isn_digits: 3
form: {ttl: 4}
nodes:
  - id: ann
    title: Ann
    address: 10.0.1.2
    routes: {default: north}
    tasks: [{open: 10.0.2.1:23}, {say: hello}]
    place: [0.1, 0.4]
  - id: north
    title: North
    router: true
    address: 10.0.1.254/24
    routes:
      10.0.2.0/24: south
    place: [0.35, 0.4]
  - id: south
    title: South
    router: true
    address: 10.0.2.254
    routes:
      10.0.2.0/24: link
      10.0.1.0/24: north
    place: [0.65, 0.4]
  - id: ben
    title: Ben
    address: 10.0.2.1
    routes: {default: south}
    services: {23: telnet}
    place: [0.9, 0.4]
links:
  - [ann, north]
  - [north, south]
  - [south, ben]
goals:
  - id: open
    title: The connection is open
    when: {state: ESTABLISHED, at: ben}
  - id: hello
    title: Ben has heard the hello
    when: {reason: tcp.data-received, at: ben, text: hello}
variants:
  counted:
    counting: bytes
scripts:
  - id: right
    title: It arrives
    cards:
      syn: 10.0.1.2:40001 > 10.0.2.1:23 SYN
    steps:
      - {scan: syn, at: ann, ttl: 4, expect: sent, reason: tcp.syn-sent}
      - {scan: syn, at: north, ttl: 3, expect: forwarded}
      - {scan: syn, at: south, ttl: 2, expect: forwarded}
      - {scan: syn, at: ben, expect: delivered, reason: tcp.syn-received}
  - id: across
    title: Straight across
    cards:
      syn: 10.0.1.2:40001 > 10.0.2.1:23 SYN
    steps:
      - {scan: syn, at: ann, expect: sent}
      - {scan: syn, at: ben, expect: dropped, reason: link.skipped-router, charged: ann}
"""


def changed(edits: Edits) -> str:
    source = GOOD
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new, 1)
    return source


def checked(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    """The exit status, and every line of `--json`."""
    path = tmp_path / "sides.yaml"
    path.write_text(source, "utf-8")
    status = main(["check", str(path), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    summary = lines[-1]["summary"]
    assert summary["errors"] == sum(line["weight"] == "error" for line in lines[:-1])
    assert summary["advice"] == sum(line["weight"] == "advice" for line in lines[:-1])
    assert status == (1 if summary["errors"] else 0)
    return status, lines[:-1]


def test_nothing_is_said_against_a_good_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, GOOD, capsys) == (0, [])


@pytest.mark.parametrize("id", ids())
def test_there_is_no_error_in_our_lessons(id: str) -> None:
    assert [str(each) for each in check(load(id)) if each.weight is Weight.ERROR] == []


def node(id: str, address: str, next: str, place: str = "0.1, 0.9", more: str = "") -> tuple[str, str]:
    """The edit that puts one more host in, with a wire to the next node."""
    line = f"  - {{id: {id}, title: {id}, address: {address}, routes: {{default: {next}}}, place: [{place}]{more}}}\n"
    return "links:\n", f"{line}links:\n  - [{id}, {next}]\n"


def goal(reason: str) -> tuple[str, str]:
    """The edit that puts one more goal in."""
    return "goals:\n", f"goals:\n  - {{id: more, title: More, when: {{reason: {reason}}}, quest: true}}\n"


NORTH, SOUTH = "      10.0.2.0/24: south\n", "      10.0.1.0/24: north\n"
OPENS = ", opens: [10.0.2.1:23]"
QUESTION = "  - {{id: {}, text: Which, options: [This, That], right: B, why: It is.}}\n"
SCRIPTS, RIGHT, ACROSS = (GOOD.index(text) for text in ("scripts:", "  - id: right", "  - id: across"))

ERRORS: list[tuple[str, str, str, Edits]] = [
    ("not-a-lesson", "titel", "did you mean 'title'", [("title: Two", "titel: Two")]),
    ("no-wire", "id: ben", "no wire leads to ben.*links:", [("  - [south, ben]\n", ""), ("{default: south}", "{}")]),
    (
        "pieces",
        "id: south",
        "in pieces: no way leads from ann to south, ben",
        [("  - [north, south]\n", ""), (NORTH, "      10.0.8.0/24: link\n"), (SOUTH, "")],
    ),
    ("no-such-wire", "routes:", "north says that carl .* and no wire", [node("carl", "10.0.1.9", "ann")]),
    (
        "overlap",
        "routes:",
        "north and south have overlapping networks: .* ben",
        [(NORTH, "      10.0.2.0/24: link\n")],
    ),
    (
        "router-elsewhere",
        "address: 10.0.2.1",
        "ben .* is not in the network of its router south: write 10.0.2.0/24: link",
        [("10.0.2.0/24: link", "10.0.3.0/24: link")],
    ),
    (
        "router-elsewhere",
        "address: 10.0.2.1/29",
        "its network is 10.0.2.0/29, and its router south",
        [("address: 10.0.2.1\n", "address: 10.0.2.1/29\n")],
    ),
    (
        "form",
        "form:",
        "does not fit on A5: it has .* cells for data",
        [("form: {ttl: 4}", f"form: {{ttl: 4, ports: {list(range(1000, 1090))}}}")],
    ),
    ("nobody", "tasks:", "nobody has that address.*10.0.2.1", [("open: 10.0.2.1:23", "open: 10.0.2.9:23")]),
    ("closed", "tasks:", "nobody listens on port 80 of ben", [("open: 10.0.2.1:23", "open: 10.0.2.1:80")]),
    (
        "no-way",
        "routes:",
        "the table of north has no line for 10.0.2.1: write one, like 10.0.2.0/24: south",
        [(NORTH, "      10.0.3.0/24: south\n")],
    ),
    ("no-way", "routes:", "ben has to answer ann .10.0.1.2., but the table of south has no line", [(SOUTH, "")]),
    (
        "no-way",
        "routes: {default: link}",
        "ben sends it over its own wires, where no wire joins it and ann",
        [("routes: {default: south}", "routes: {default: link}")],
    ),
    (
        "no-way",
        "routes:",
        "south gets it and is no router: write router: true",
        [("    title: South\n    router: true\n", "    title: South\n")],
    ),
    (
        "loop",
        "routes:",
        "the tables of south and north send it in circles",
        [("10.0.2.0/24: link", "10.0.2.0/24: north")],
    ),
    ("ttl", "tasks:", "2 routers away, and the form has 2 .*at least ttl: 3", [("ttl: 4}", "ttl: 2}")]),
    ("goal", "id: hello", "bots do not reach the goal hello, and after", [("text: hello", "text: bye")]),
    (
        "goal",
        "id: open",
        "the goal open in the variant counted",
        [("    counting: bytes\n", "    faults: [{name: bad, kind: lose, link: [north, south]}]\n")],
    ),
    (
        "script",
        "at: ben",
        "script right, step 4: delivered, not dropped, tcp.syn-received, not tcp.duplicate .*write expect: delivered",
        [("expect: delivered, reason: tcp.syn-received", "expect: dropped, reason: tcp.duplicate")],
    ),
    (
        "script",
        "{goal: open}",
        "step 2: the goal open is not reached",
        [("      - {scan: syn, at: north", "      - {goal: open}\n      - {scan: syn, at: north")],
    ),
]

ADVICE: list[tuple[str, str, str, Edits]] = [
    (
        "questions",
        "questions:",
        "the right option is always B",
        [("links:\n", f"questions:\n{QUESTION.format('one')}{QUESTION.format('two')}links:\n")],
    ),
    ("no-place", "id: ann", "no place for ann.*place:", [("    place: [0.1, 0.4]\n", "")]),
    ("places-overlap", "[0.4, 0.4]", "north and south are drawn over each other", [("[0.65, 0.4]", "[0.4, 0.4]")]),
    (
        "closed",
        "tasks:",
        "on port 80 of ben; on purpose, it seems .the lesson names tcp.no-listener",
        [("{say: hello}", "{say: hello}, {open: 10.0.2.1:80}"), goal("tcp.no-listener")],
    ),
    (
        "no-way",
        "routes:",
        "no line for 10.0.3.1.*On purpose, it seems",
        [("{say: hello}", "{say: hello}, {ping: 10.0.3.1}"), node("carl", "10.0.3.1", "ann"), goal("ip.no-route")],
    ),
    (
        "nobody",
        "tasks:",
        "nobody has that address; on purpose, it seems",
        [("{say: hello}", "{say: hello}, {ping: 10.0.3.1}"), goal("ip.no-route")],
    ),
    ("ttl", "tasks:", "at least ttl: 3", [("ttl: 4}", "ttl: 2}"), goal("ip.ttl-expired")]),
    ("digits", "isn_digits: 5", "write isn_digits: 3", [("isn_digits: 3", "isn_digits: 5")]),
    ("digits", "isn_digits: 6", "the paper has 4 columns", [("counting: bytes", "isn_digits: 6")]),
    (
        "form",
        "form:",
        "nobody can write .*:40004 > .* by pen: 40004 cannot be marked",
        [("tasks: [", "tasks: [" + 3 * "{open: 10.0.2.1:23}, ")],
    ),
    (
        "digits",
        "23 SYN",
        "more than 4 digits",
        [("form: {ttl: 4}", "form: {ttl: 4, seq: true}"), ("23 SYN\n", "23 SYN seq=10000\n")],
    ),
    ("marks", "form:", "a first SYN takes 10 marks", [("form: {ttl: 4}", "form: {ttl: 4, seq: true}")]),
    (
        "marks",
        "form: {ttl: 4, seq",
        "a packet of data takes 17 marks",
        [
            ("form: {ttl: 4}", "form: {ttl: 4, seq: true, ack: true}"),
            (
                "      syn:",
                '      data: 10.0.1.2:40001 > 10.0.2.1:23 ACK seq=1000 ack=1000 ttl=2 data="hi"\n      syn:',
            ),
        ],
    ),
    (
        "fairness",
        "id: ben",
        "Ben has 4 clients",
        [node(f"c{n}", f"10.0.1.{n}", "north", f"0.{n}, 0.9", OPENS) for n in (3, 5, 7)],
    ),
    (
        "fairness",
        "team: blue",
        "team blue",
        [
            ("    place: [0.1,", "    team: red\n    place: [0.1,"),
            ("    place: [0.9,", "    team: blue\n    place: [0.9,"),
        ],
    ),
    ("no-reason", "charged: ann", "write reason: link.skipped-router", [(", reason: link.skipped-router", "")]),
    (
        "nothing-done",
        "{lift: rain}",
        "there is no fault rain. .*write reason: room.no-such-fault",
        [("    steps:\n", "    steps:\n      - {lift: rain}\n")],
    ),
    (
        "unused-card",
        "spare:",
        "the card spare is never scanned",
        [("      syn:", "      spare: 10.0.1.2:40001 > 10.0.2.1:23 RST\n      syn:")],
    ),
    ("no-right-course", "scripts:", "no script plays the lesson without a mistake", [(GOOD[RIGHT:ACROSS], "")]),
    ("no-right-course", "title: Two", "no script plays the lesson without a mistake", [(GOOD[SCRIPTS:], "")]),
]

CASES = [("error", *each) for each in ERRORS] + [("advice", *each) for each in ADVICE]


@pytest.mark.parametrize(
    ("weight", "code", "where", "says", "edits"), CASES, ids=[f"{n}-{each[1]}" for n, each in enumerate(CASES)]
)
def test_a_finding_is_named_with_its_line(
    weight: str, code: str, where: str, says: str, edits: Edits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = changed(edits)
    found = [
        each for each in checked(tmp_path, source, capsys)[1] if each["code"] == code and re.search(says, each["text"])
    ]
    assert [(each["weight"], each["file"]) for each in found] == [(weight, "sides.yaml")]
    assert where in source.splitlines()[found[0]["line"] - 1]


def test_a_hint_that_lacks_something_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = texts.texts()
    sentences = {**there.sentences, "link.skipped-router": "{holder} and {whatever}"}
    monkeypatch.setattr(texts, "texts", lambda language="en": replace(there, sentences=sentences))
    (found,) = [each for each in check(from_text(GOOD, "sides")) if each.code == "hint"]
    assert found.weight is Weight.ERROR
    assert "link.skipped-router" in GOOD.splitlines()[found.line - 1]
    assert "do not know whatever" in found.text
    monkeypatch.setattr(texts, "texts", lambda language="en": replace(there, hints={}))
    (found,) = [each for each in check(from_text(GOOD, "sides")) if each.code == "hint"]
    assert "hints of link.skipped-router are missing" in found.text


def test_a_bot_that_is_charged_is_named() -> None:
    lesson = from_text(GOOD, "sides")
    ruling = Ruling(Verdict.DROPPED, "link.no-wire", node="ben", charged="north")
    (found,) = bots({"counted": Alone(lesson, (), 0, (ruling,), ())})
    assert (found.weight, found.code) == (Weight.ERROR, "bot")
    assert "in the variant counted (link.no-wire)" in found.text
    assert "id: north" in GOOD.splitlines()[found.line - 1]


def test_every_code_is_in_the_contract_and_tested() -> None:
    section = CONTRACTS[CONTRACTS.index("## Checking a lesson") : CONTRACTS.index("## The page")]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"`(.+?)`", row)} == set(get_args(Code))
    assert {each[1] for each in CASES} | {"hint", "bot"} == set(get_args(Code))


def test_errors_come_first_and_each_is_said_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sides.yaml"
    path.write_text(changed([("open: 10.0.2.1:23", "open: 10.0.2.1:80"), ("    place: [0.1, 0.4]\n", "")]), "utf-8")
    assert main(["check", str(path)]) == 1
    *lines, summary = capsys.readouterr().out.splitlines()
    assert all(re.match(r"sides\.yaml, line \d+: .+: .+", line) for line in lines)
    assert "no place for ann" in lines[-1]
    assert (
        summary == f"{tmp_path / 'sides.yaml'}, with the variants counted: {len(lines) - 1} errors; 1 piece of advice."
    )


def test_where_all_is_well_it_says_what_was_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "closing"]) == 0
    looked_at = "closing, with the variants basic, complex, hasty"
    assert capsys.readouterr().out == f"{looked_at}: nothing to say against it.\n"


def test_no_advice_is_not_counted_in_pieces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sides.yaml"
    path.write_text(changed([("open: 10.0.2.1:23", "open: 10.0.2.1:80")]), "utf-8")
    assert main(["check", str(path)]) == 1
    assert re.fullmatch(r".*: \d+ errors?; no advice\.", capsys.readouterr().out.splitlines()[-1])


def test_the_example_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "lessons.md").read_text("utf-8")
    first = re.search(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert first is not None
    path = tmp_path / "hello.yaml"
    path.write_text(first[1].replace("open: 10.0.1.1:7}", "open: 10.0.1.1:80}"), "utf-8")
    assert main(["check", str(path)]) == 1
    assert f"    {capsys.readouterr().out.splitlines()[0]}\n" in CONTRACTS


@pytest.mark.parametrize("name", ["nowhere.yaml", "nothing", "handshake:nothing", "."])
def test_what_cannot_be_opened(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()


def test_a_lesson_that_does_not_load_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: [", "utf-8")
    assert main(["check", str(path)]) == 1
    assert re.match(r"mine\.yaml, line \d+: not YAML", capsys.readouterr().out)


def test_all_mistakes_of_a_pass_are_told_at_once_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_network = GOOD.replace("10.0.2.0/24: south", "10.0.2.0/24: soth").replace(
        "10.0.1.0/24: north", "10.0.1.0: nort"
    )
    in_the_network = in_the_network.replace("routes: {default: south}", "routes: {default: east}")
    file = tmp_path / "mine.yaml"
    file.write_text(in_the_network, "utf-8")
    assert main(["check", str(file)]) == 1
    said = capsys.readouterr().out
    lines = [number for number, line in enumerate(in_the_network.splitlines(), 1) if re.search("soth|nort$|east", line)]
    assert len(lines) == 3
    assert [int(number) for number in re.findall(r"line (\d+):", said)] == lines
    assert "3 errors" in said


def test_all_mistakes_of_scripts_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = ["{scan: sin, at: ann}", "{scan: syn, at: anne}", "{scan: syn, at: ann, expect: lost}", "{wait: 3}"]
    script = "".join(f"      - {step}\n" for step in steps)
    cards = "      syn: 10.0.1.2:40001 > 10.0.2.1:23 SYN seq=1\n"
    text = load("handshake").source.partition("\nscripts:\n")[0]
    text = f"{text}\nscripts:\n  - id: s\n    title: S\n    cards:\n{cards}    steps:\n{script}"
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    assert main(["check", str(file)]) == 1
    first = len(text.splitlines()) - len(steps) + 1
    assert [int(number) for number in re.findall(r"line (\d+):", capsys.readouterr().out)] == [
        first,
        first + 1,
        first + 2,
    ]
