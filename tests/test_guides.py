"""The teacher's pages say only what is so: lights and sentences, reasons, commands.

What is checked: quotations that begin with a light (`> **sent** ...`, with or without a reason), tables with columns
"light" and "the hub says" (and "reason", "at", "card"), whatever looks like a reason, a command card or a command line.
A light and its sentence must be said in the lesson's own scripts. Of "your turn" and "send again" the sentence is what
there is to do, and the reason its code.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cards.sheet import Placed, Sheet, Text
from hub import commands
from hub.journal import Journal
from hub.lessons import Lesson, ids, load
from hub.printing.deck import Order, deck, last_serial
from hub.scripted import SEED, play
from hub.simulator import turns
from hub.simulator.facts import facts
from hub.simulator.reasons import SECTIONS
from hub.simulator.world import World, new_world
from hub.speech import said, turn_text
from hub.texts import texts, turn
from paperhop.__main__ import COMMANDS

ROOT = Path(__file__).parent.parent
TEACH = ROOT / "docs" / "teach"
PAGES = [(path.stem, path) for path in sorted(TEACH.glob("*.md"))] + [("handshake", ROOT / "docs" / "first-lesson.md")]
"""Each page, with the lesson that it is about."""
GUIDES = [
    ("booth", ROOT / "docs" / "booth-guide.md"),
    *(("handshake", ROOT / "docs" / f"{name}.md") for name in ("building", "parts", "safety", "troubleshooting")),
]
"""More pages, of which what one types is checked."""
REASONS = {reason.code: reason for reasons in SECTIONS.values() for reason in reasons}
CARDS = frozenset(
    {
        *("lose", "delay", "duplicate", "reorder", "corrupt", "lift", "down", "up", "round", "new"),
        *("undo", "redo", "forgive", "restart", "engine", "people", "play", "fill"),
    }
)
"""Words that command cards begin with."""
PARTS = ("Prepare", "The script", "Expected mistakes", "On purpose", "Before and after", "Debrief")


class Claim(NamedTuple):
    """What a page says that the hub says."""

    light: str
    sentence: str
    reason: str | None = None
    at: str | None = None
    card: str | None = None


@functools.cache
def loaded(name: str) -> Lesson:
    return load(name)


@functools.cache
def spoken(lesson: str) -> frozenset[Claim]:
    """Everything that is said in the scripts of a lesson, and of its variants; and what there is to do then."""
    claims: set[Claim] = set()
    whole = loaded(lesson)
    for script in whole.scripts:
        variant = whole if script.variant is None else loaded(f"{lesson}:{script.variant}")
        claims |= set(_turns(new_world(variant.rules, SEED)))
        with tempfile.TemporaryDirectory() as folder:
            for outcome in play(Journal(Path(folder)), variant, script):
                if outcome.judged is not None:
                    ruling = outcome.judged.ruling
                    at = variant.rules.title(ruling.node) if ruling.node else None
                    card = facts(variant.rules, ruling).get("flags")
                    claims.add(Claim(ruling.verdict.value, said(variant.rules, ruling), ruling.reason, at, card))
                    claims |= set(_turns(outcome.judged.world))
    return frozenset(claims)


def _turns(world: World) -> Iterator[Claim]:
    for node in world.rules.nodes:
        owed = turns.turn(world, node.id)
        if owed is not None:
            yield Claim("your turn", turn_text(world.rules, owed), owed.code, node.title)


def claims_of(text: str) -> Iterator[Claim]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for n, token in enumerate(tokens):
        if token.type == "blockquote_open":
            quoted = re.fullmatch(
                r"\*\*(?P<light>[a-z ]+)\*\* (?:`(?P<reason>[^`]+)` )?(?P<said>.*)",
                " ".join(tokens[n + 2].content.split()),
            )
            if quoted is not None:
                yield Claim(quoted["light"], quoted["said"], quoted["reason"])
        elif token.type == "table_open":
            end = next(m for m in range(n, len(tokens)) if tokens[m].type == "table_close")
            yield from _in_table(tokens[n:end])


def _in_table(table: list[Token]) -> Iterator[Claim]:
    cells = [
        (token.type, table[n + 1].content) for n, token in enumerate(table) if token.type in ("th_open", "td_open")
    ]
    heads = [content for kind, content in cells if kind == "th_open"]
    if not {"light", "the hub says"} <= set(heads):
        return
    rows = [content for kind, content in cells if kind == "td_open"]
    for start in range(0, len(rows), len(heads)):
        row = dict(zip(heads, rows[start : start + len(heads)], strict=True))
        reason = row.get("reason")
        yield Claim(
            row["light"], row["the hub says"], reason.strip("`") if reason else None, row.get("at"), row.get("card")
        )


def _codes(text: str) -> Iterator[str]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or []:
            if child.type == "code_inline":
                yield child.content
        if token.type in ("code_block", "fence"):
            yield from (line.strip() for line in token.content.splitlines() if line.strip())


CLAIMS = [
    pytest.param(lesson, claim, id=f"{path.stem}-{n}")
    for lesson, path in PAGES
    for n, claim in enumerate(claims_of(path.read_text("utf-8")))
]
CODES = [
    pytest.param(lesson, code, id=f"{path.stem}-{code}")
    for lesson, path in [*PAGES, *GUIDES]
    for code in sorted(set(_codes(path.read_text("utf-8"))))
]


def test_every_lesson_has_a_page_with_all_parts() -> None:
    assert sorted(path.stem for path in TEACH.glob("*.md")) == sorted(ids())
    for id in ids():
        headings = re.findall(r"^## (.*)$", (TEACH / f"{id}.md").read_text("utf-8"), re.MULTILINE)
        for part in PARTS:
            assert any(heading.startswith(part) for heading in headings), f"{id}.md lacks “{part}”"


@pytest.mark.parametrize(("lesson", "path"), PAGES, ids=[path.stem for _, path in PAGES])
def test_every_page_quotes_the_hub(lesson: str, path: Path) -> None:
    assert lesson in ids()
    text = path.read_text("utf-8")
    quoted = len(re.findall(r"^> \*\*", text, re.MULTILINE)) + len(
        re.findall(r"\| the hub says \|$", text, re.MULTILINE)
    )
    assert quoted >= 3
    assert len(list(claims_of(text))) >= quoted


@pytest.mark.parametrize(("lesson", "claim"), CLAIMS)
def test_the_hub_says_so(lesson: str, claim: Claim) -> None:
    if claim.light == "send again":
        # It is over with the next scan: no world after a scan shows it.
        for flags in ("SYN", "ACK", "SYN,ACK", "FIN,ACK"):
            if claim.sentence in (
                turn("resend", {"flags": flags, "peer": node.title}) for node in loaded(lesson).rules.nodes
            ):
                return
    there = [
        each
        for each in spoken(lesson)
        if (each.light, each.sentence) == (claim.light, claim.sentence)
        and claim.reason in (None, each.reason)
        and claim.at in (None, each.at)
        and claim.card in (None, each.card)
    ]
    near = sorted(
        {str(each) for each in spoken(lesson) if each.reason == claim.reason or each.sentence == claim.sentence}
    )
    assert there, f"{claim}\nnever said in the scripts of {lesson}; near it: {near}"


@pytest.mark.parametrize(("lesson", "code"), CODES)
def test_reasons_and_commands_are_right(lesson: str, code: str) -> None:
    words = code.split()
    if re.fullmatch(r"(card|room|ip|tcp|udp|icmp|link|fault|arp|ethernet)\.[a-z0-9-]+", code):
        assert code in REASONS
    elif words[0] in CARDS and len(words) <= 4:
        commands.parse(code, loaded(lesson).rules)
    elif words[0] in ("paperhop", ".venv/bin/paperhop") and words[1:]:
        _runs(words[1:], code)
    elif words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert words[1:2] == [] or words[1] in targets
    elif re.fullmatch(r"[a-z-]+:[a-z]+", code):
        loaded(code)


def _runs(words: list[str], code: str) -> None:
    """The command line is one that `paperhop` takes; the lesson that it names is there."""
    words = shlex.split(" ".join(words))
    assert words[0] in COMMANDS
    parser = argparse.ArgumentParser(exit_on_error=False)
    module = importlib.import_module(f"paperhop.{words[0]}_command")
    module.add(parser)
    arguments = parser.parse_args(words[1:])
    lesson = loaded(getattr(arguments, "lesson", None) or "handshake")
    only = getattr(arguments, "only", None)
    assert only is None or only in {script.id for script in lesson.scripts}


def test_named_cards_are_called_as_they_are() -> None:
    titles = {hack.title for hack in texts().hacks.values()}
    for _, path in PAGES:
        for title in re.findall(r"“(You (?:invented|are|made|cut|hijacked) [^”]*)”", path.read_text("utf-8")):
            assert " ".join(title.split()) in titles, f"{path.name}: {title}"


def test_the_command_for_more_cards_is_that_of_the_deck_s_first_page() -> None:
    order = Order(loaded("linked"), teams=3)
    assert f"`{order.command(last_serial(order) + 1)}`" in (ROOT / "docs" / "printing.md").read_text("utf-8")


def test_a_card_is_called_as_it_is_in_the_deck_that_the_first_lesson_prints() -> None:
    text = (ROOT / "docs" / "first-lesson.md").read_text("utf-8")
    (teams,) = re.findall(r"cards print --lesson handshake:basic --teams (\d+)", text)
    sheets = deck(Order(loaded("handshake:basic"), teams=int(teams)))
    said = {text for sheet in sheets for text in _texts_on(sheet)}
    (card,) = re.findall(r"the printed SYN \*([^*]*)\*", text)
    assert card in said


def _texts_on(sheet: Sheet) -> Iterator[str]:
    for shape in sheet.shapes:
        if isinstance(shape, Placed):
            yield from _texts_on(shape.sheet)
        elif isinstance(shape, Text):
            yield shape.text


@pytest.mark.parametrize(
    "path", [*dict.fromkeys(path for _, path in [*PAGES, *GUIDES]), ROOT / "docs" / "printing.md"], ids=str
)
def test_a_command_works_as_it_is_printed(path: Path) -> None:
    """After `make demo` there is no `paperhop` on the path of a shell."""
    assert not re.findall(r"(?:^ +|`)paperhop [a-z].*", path.read_text("utf-8"), re.MULTILINE)
