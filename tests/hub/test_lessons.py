"""A lesson file with a mistake in it: the message names the file, the line, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.lessons import LessonError, from_text, ids, load
from hub.lessons.lesson import ScanStep
from hub.simulator.origin import next_hop
from hub.simulator.verdicts import Verdict
from hub.simulator.world import new_world

GOOD = """\
title: Two hosts
goal: Say hello
nodes:
  - id: ann
    title: Ann
    address: 10.0.0.1
    routes: {default: ben}
    opens: [10.0.0.2:23]
  - id: ben
    title: Ben
    address: 10.0.0.2
    routes: {default: ann}
    services: {23: telnet}
links:
  - [ann, ben]
scripts:
  - id: hello
    title: Hello
    cards: {syn: "10.0.0.1:40001 > 10.0.0.2:23 SYN seq=1"}
    steps:
      - {scan: syn, at: ann, expect: sent}
"""
QUESTIONS = """\
questions:
  - id: who
    text: Who?
    options: [Ann, Ben, Carl]
    right: B
    why: He is.
  - {id: really, text: "Really?", options: ["Yes", "No"], right: A, why: It is.}
"""


def test_the_smallest_lesson() -> None:
    lesson = from_text(GOOD, "hello")
    ben = lesson.rules.node("ben").address
    assert next_hop(new_world(lesson.rules, ""), "ann", ben) == "ben"
    assert lesson.scripts[0].steps == (ScanStep("syn", "ann", verdict=Verdict.SENT),)
    assert set(lesson.places) == {"ann", "ben"}


@pytest.mark.parametrize("id", ids())
def test_our_lessons_load(id: str) -> None:
    assert load(id).id == id


def test_a_question_knows_its_right_option_in_every_variant() -> None:
    source = GOOD.replace("scripts:\n", f"{QUESTIONS}variants: {{free: {{play: free}}}}\nscripts:\n")
    for name in ("hello", "hello:free"):
        first, second = from_text(source, name).questions
        assert (first.id, first.letters, first.options[first.right]) == ("who", "ABC", "Ben")
        assert (second.letters, second.options[second.right], second.why) == ("AB", "Yes", "It is.")


@pytest.mark.parametrize("id", ids())
def test_our_lessons_ask_three_to_five_questions_that_cannot_be_guessed_by_their_form(id: str) -> None:
    asked = load(id).questions
    assert 3 <= len(asked) <= 5
    assert len({each.right for each in asked}) > 1
    longest = [each for each in asked if len(each.options[each.right]) == max(map(len, each.options))]
    assert len(longest) <= len(asked) / 2


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("right: B", "right: D", 20, r"questions\[0\].right: 'D' is not known; write one of A, B, C"),
        ("right: B", "right: b", 20, "'b' is not known"),
        ("    right: B\n", "", 17, "right"),
        ("    why: He is.\n", "", 17, "why"),
        ("    text: Who?\n", "", 17, "text"),
        ("[Ann, Ben, Carl]", "[Ann, Ben, Ann]", 19, "'Ann' is there twice"),
        ("[Ann, Ben, Carl]", "[Ann]", 19, "2"),
        ("[Ann, Ben, Carl]", "[A, B, C, D, E]", 19, "4"),
        ("[Ann, Ben, Carl]", f"[Ann, {'x' * 81}]", 19, "80"),
        ("[Ann, Ben, Carl]", "Ann", 19, "list"),
        ("text: Who?", f"text: {'x' * 161}", 18, "160"),
        ("id: really", "id: who", 22, "twice"),
        ("text: Who?", "ask: Who?", 18, "nothing here is called 'ask'|text"),
    ],
)
def test_a_mistake_in_a_question_is_named_with_its_line(old: str, new: str, line: int, says: str) -> None:
    source = GOOD.replace("scripts:\n", f"{QUESTIONS}scripts:\n")
    assert old in source
    with pytest.raises(LessonError, match=says) as caught:
        from_text(source.replace(old, new, 1), "hello")
    assert f"hello.yaml, line {line}:" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("    cards: {syn:", "    same_paper: {syn: sin}\n    cards: {syn:", 19, "'sin' is not known"),
        ("    address: 10.0.0.1\n", "    address: 10.0.1\n", 6, "10.0.0.2|10.0.1.2"),
        ("    address: 10.0.0.1\n", "    adress: 10.0.0.1\n", 6, "did you mean 'address'"),
        ("    address: 10.0.0.2\n", "    address: 10.0.0.1\n", 11, "twice"),
        ("  - id: ben", "  - id: ann", 9, "twice"),
        ("  - id: ben", "  - id: Ben!", 9, "lower-case"),
        ("  - id: ben", "  - id: link", 9, "choose another"),
        ("title: Ben", "title: ANN", 10, "the name of ann too"),
        ("goal: Say hello", "goal: ''", 2, "not empty"),
        ("routes: {default: ben}", "routes: {default: bem}", 7, "did you mean 'ben'"),
        ("routes: {default: ben}", "routes: {10.0.0.0/33: ben}", 7, "10.0.1.0/24"),
        (
            "address: 10.0.0.1\n    routes: {default",
            "address: 10.0.0.1/24\n    routes: {10.0.0.0/24",
            7,
            "its own wires",
        ),
        ("services: {23: telnet}", "services: {x: telnet}", 13, "services: Expected a whole number"),
        ("services: {23: telnet}", "services: {99999: telnet}", 13, "services|65535"),
        ("opens: [10.0.0.2:23]", "opens: [10.0.0.2]", 8, "ADDRESS:PORT"),
        ("  - [ann, ben]", "  - [ann, carl]", 15, "carl"),
        ("  - [ann, ben]", "  - [ann, ann]", 15, "two different nodes"),
        ("goal: Say hello\n", "", 1, "goal"),
        ("goal: Say hello\n", "goal: Say hello\ncounting: loud\n", 3, "off, bytes, rfc"),
        ("goal: Say hello\n", "goal: Say hello\ngoal: again\n", 3, "twice"),
        ("SYN seq=1", "SIN seq=1", 19, "'SIN' is not a flag"),
        ("scan: syn", "scan: sin", 21, "did you mean 'syn'"),
        ("expect: sent", "expect: send", 21, "did you mean 'sent'"),
        ("expect: sent}", "expect: sent, reason: tcp.syn-send}", 21, "did you mean 'tcp.syn-sent'"),
        ("title: Two hosts", "title: Two: hosts", 1, "quotes"),
        ("  - [ann, ben]", "  - [ann, ben", 16, "YAML"),
        ("goal: Say hello", "goal: &g Say hello", 2, "leave out &g, or .* in quotes"),
        ("nodes:\n", "nodes: &n\n", 3, "leave out &n"),
        ("goal: Say hello", "goal: *g", 2, "write it out"),
        ("    title: Ann", "\ttitle: Ann", 5, "a tab: indent with spaces"),
        ("  - id: ann", "\t- id: ann", 4, "a tab: indent with spaces"),
        ("    title: Ann", "    title:Ann", 5, "a colon, or the space after it, is missing"),
        ("    title: Ann", "    title Ann", 5, "a colon, or the space after it, is missing"),
        ("  - id: ann", "  - id:ann", 5, "or on the line before"),
        ("    address: 10.0.0.1\n", "    address: 10.0.0.1\n    router: yes\n", 7, "router: Write true or false"),
        ("    address: 10.0.0.1\n", "    address: 10.0.0.1\n    place: middle\n", 7, r"place: .* like \[0.5, 0.4\]"),
        (
            "    address: 10.0.0.1\n",
            "    address: 10.0.0.1\n    place: [5, 0.5]\n",
            7,
            "place: Write two numbers from 0",
        ),
        ("    address: 10.0.0.1\n", "    address: 10.0.0.1\n    place: [0.5]\n", 7, "place: Write two numbers from 0"),
        ("scripts:\n", "variants: {loud: {counting: loud}}\nscripts:\n", 16, "off, bytes, rfc"),
        (
            "scripts:\n",
            "variants:\n  bad:\n    faults: [{name: f, kind: lose, link: [ann, bem]}]\nscripts:\n",
            18,
            "variants.bad.faults.*did you mean 'ben'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    with pytest.raises(LessonError, match=says) as caught:
        from_text(GOOD.replace(old, new, 1), "hello")
    assert f"hello.yaml, line {line}:" in str(caught.value)


def test_a_lesson_that_is_not_there() -> None:
    with pytest.raises(LessonError, match="handshake"):
        load("handshak")
    with pytest.raises(LessonError, match="cannot be opened"):
        load("nowhere/mine.yaml")


def test_a_lesson_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD, "utf-8")
    assert load(str(path)).id == "mine"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LessonError, match="UTF-8"):
        load(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "42",
        "{" * 500,
        "[" * 9000,
        "a: " * 99,
        "x" * 300_000,
        "\x00",
        "\ud800",
        "&a a: *a",
        "? [a]\n: b",
        "a:\r\t- b",
    ],
)
def test_what_is_no_lesson_at_all(text: str) -> None:
    with pytest.raises(LessonError):
        from_text(text, "hello")


@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text(alphabet="ab:{}[]-#'\"\n &*!|>%@", max_size=6))
def test_any_damage_is_a_lesson_or_an_error_with_a_place(at: int, cut: int, put: str) -> None:
    try:
        from_text(GOOD[:at] + put + GOOD[at + cut :], "hello")
    except LessonError as error:
        assert "hello.yaml" in str(error)  # noqa: PT017
