"""Decks on the command line: listed, and printed a card on each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import PdfParser

from cards import deck
from paperhop.__main__ import main

Output = pytest.CaptureFixture[str]


def pages(file: Path) -> int:
    with PdfParser.PdfParser(str(file)) as read:
        return len(read.pages)


def test_decks_are_listed_with_what_they_are(capsys: Output) -> None:
    assert main(["cards", "decks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(deck.ids())
    assert "10 cards HELO-…  Hello over telnet" in lines[0]


def test_a_deck_is_printed_a_card_on_each_page(tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "hello.pdf"
    assert main(["cards", "deck", "hello", "--out", str(out)]) == 0
    assert pages(out) == 10
    said = capsys.readouterr().out
    assert f"{out}: 10 cards of HELO, Hello over telnet" in said
    assert "A whole conversation of TCP" in said


def test_a_deck_of_ones_own_is_printed(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(deck.write_deck(deck.load("ping")))
    assert main(["cards", "deck", str(tmp_path / "mine.toml"), "--out", str(tmp_path / "mine.pdf")]) == 0
    assert pages(tmp_path / "mine.pdf") == 5


@pytest.mark.parametrize(
    ("words", "says", "status"),
    [
        (["helo"], "did you mean hello", 2),
        (["hello", "--host", "no host"], "not a host for a card", 2),
        (["hello", "--out", "no/folder/a.pdf"], "cannot write no/folder/a.pdf", 1),
    ],
)
def test_what_cannot_be_printed_is_told(
    words: list[str], says: str, status: int, tmp_path: Path, capsys: Output
) -> None:
    assert main(["cards", "deck", "--out", str(tmp_path / "a.pdf"), *words]) == status
    assert says in capsys.readouterr().err
    assert not (tmp_path / "a.pdf").exists()
