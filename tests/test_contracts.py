"""docs/contracts.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from cards.notation import parse, parse_packet, write
from cards.packet import Carries
from cards.qrtext import CardId, CommandCard, PenCard, PrintedCard, RoleCard, decode
from hub import messages
from hub.journal import _SCHEMA, FORMAT
from hub.simulator.events import FaultKind
from hub.survey import Moment
from paperhop.contracts import fill
from tests.test_messages import DOWNS, UPS

PAGE = (Path(__file__).parent.parent / "docs" / "contracts.md").read_text("utf-8")


def test_the_schemas_are_those_of_the_code() -> None:
    assert fill(PAGE) == PAGE, "run: python -m paperhop.contracts docs/contracts.md"


def test_every_type_that_a_schema_refers_to_is_on_the_page() -> None:
    titles = set(re.findall(r'"title": "(\w+)"', PAGE))
    enums = {"Verdict", "LightWord", "Carries", "FaultKind", "Moment"}
    assert set(re.findall(r'"\$ref": "#/(\w+)"', PAGE)) - enums <= titles


def test_the_words_of_enumerations_are_on_the_page() -> None:
    for word in [*messages.Verdict, *messages.LightWord, *Carries, *FaultKind, *Moment]:
        assert f"`{word.value}`" in PAGE, word


def test_every_topic_is_on_the_page() -> None:
    for message in [*UPS, *DOWNS]:
        spelt = messages.topic(message, "<set>").replace("/b1/", "/<badge>/")
        assert f"`{spelt}`" in PAGE
        assert f"### {type(message).__name__}" in PAGE


def test_the_examples_are_what_they_say() -> None:
    packets = re.findall(r"^    (\d+\.\S+ > .*)$", PAGE, re.MULTILINE)
    assert len(packets) == 7
    for text in packets:
        assert write(parse(text)) == text
    cards = [decode(code) for code in re.findall(r"^    (HTTP\S+)$", PAGE, re.MULTILINE)]
    assert cards == [
        PrintedCard(CardId("DEMO", 12), parse_packet(packets[0])),
        CommandCard(CardId("CMD", 7), "lose router server 20%"),
        RoleCard(CardId("ROLE", 2), "server"),
        PenCard(CardId("HMSQ", 12)),
    ]


def test_the_columns_of_the_journal_are_on_the_page() -> None:
    columns = re.findall(r"^ +(\w+) (?:INTEGER|TEXT|BLOB)", _SCHEMA, re.MULTILINE)
    assert columns
    for column in columns:
        assert re.search(rf"^\| .*`{column}`.* \|", PAGE, re.MULTILINE), column
    assert f"`user_version` {FORMAT}" in PAGE
