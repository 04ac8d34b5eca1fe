from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segno
from PIL import Image, PdfParser

from cards import decoder, drawing
from cards.notation import EXAMPLE
from cards.qrtext import encode
from hub.lessons import load
from hub.printing.deck import Order, deck
from paperhop.__main__ import main
from tests.cards.examples import DATA, SYN, SYN_ACK

Output = pytest.CaptureFixture[str]


def test_a_drawn_card_is_read_back(tmp_path: Path, capsys: Output) -> None:
    png, svg = str(tmp_path / "card.png"), tmp_path / "card.svg"
    assert main(["cards", "render", "--packet", EXAMPLE, "--png", png, "--svg", str(svg), "--serial", "1"]) == 0
    what = f"DEMO-1: {EXAMPLE}"
    assert capsys.readouterr().out == f"{png}: {what}\n{svg}: {what}\n"
    assert svg.read_text(encoding="utf-8") == drawing.svg(SYN)
    assert main(["cards", "read", png]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": png,
        "cards": [
            {
                "id": "DEMO-1",
                "kind": "printed",
                "packet": {
                    "src": "10.0.1.2",
                    "dst": "10.0.1.1",
                    "sport": 40001,
                    "dport": 23,
                    "flags": ["SYN"],
                    "seq": 100,
                    "window": 65535,
                    "data": "",
                    "ttl": 64,
                    "text": EXAMPLE,
                },
                "text": encode(SYN),
            }
        ],
    }


def test_a_command_card_is_drawn_and_read_back(tmp_path: Path, capsys: Output) -> None:
    png = str(tmp_path / "lose.png")
    assert main(["cards", "render", "--command", "Lose router  server", "--lesson", "handshake", "--png", png]) == 0
    (card,) = _read(capsys, png)[0]["cards"]
    assert (card["kind"], card["command"]) == ("command", "lose router server")
    assert card["id"].startswith("CMD-")
    assert "/M/1-CMD-" in card["text"]


def test_a_command_card_of_a_lesson_says_what_it_does_there(tmp_path: Path) -> None:
    said = {}
    for options in ([], ["--lesson", "handshake"]):
        svg = tmp_path / "undo.svg"
        assert main(["cards", "render", "--command", "undo client", *options, "--svg", str(svg)]) == 0
        said[bool(options)] = " ".join(re.findall(r">([^<>]+)</text>", svg.read_text()))
    assert "undo client" in said[False]
    assert "move of Client" not in said[False]
    assert "undo client" in said[True]
    assert "The hub takes back the last move of Client." in said[True]


def test_a_role_card_is_drawn_and_read_back(tmp_path: Path, capsys: Output) -> None:
    png = str(tmp_path / "server.png")
    assert main(["cards", "render", "--role", "server", "--lesson", "handshake", "--png", png]) == 0
    (card,) = _read(capsys, png)[0]["cards"]
    assert (card["kind"], card["node"]) == ("role", "server")
    assert card["id"].startswith("ROLE-")
    assert "/R/1-ROLE-" in card["text"]


def test_another_packet_is_another_piece_of_paper(tmp_path: Path, capsys: Output) -> None:
    names = []
    for packet in (EXAMPLE, EXAMPLE, EXAMPLE.replace("40001", "40002")):
        png = tmp_path / "card.png"
        assert main(["cards", "render", "--packet", packet, "--png", str(png)]) == 0
        names.append(_read(capsys, png)[0]["cards"][0]["id"])
    assert names[0] == names[1] != names[2]


def test_deck_serial_host_and_resolution_can_be_chosen(tmp_path: Path, capsys: Output) -> None:
    png = tmp_path / "card.png"
    choices = ["--deck", "B2", "--serial", "77", "--host", "192.168.4.1", "--dpi", "150"]
    assert main(["cards", "render", "--packet", EXAMPLE, "--png", str(png), *choices]) == 0
    assert Image.open(png).size == (874, 620)
    (answer,) = _read(capsys, png)
    assert answer["cards"][0]["id"] == "B2-77"
    assert answer["cards"][0]["text"].startswith("HTTP://192.168.4.1/P/1-B2-77-")


def test_each_picture_is_answered_in_a_line_and_a_bad_one_does_not_stop_the_others(
    tmp_path: Path, capsys: Output
) -> None:
    both, blank, notes = tmp_path / "both.png", tmp_path / "blank.png", tmp_path / "notes.txt"
    Image.fromarray(np.vstack([drawing.picture(card, dpi=120) for card in (SYN_ACK, DATA)])).save(both)
    Image.new("L", (200, 200), 255).save(blank)
    notes.write_text("not a picture")
    answers = _read(capsys, notes, both, tmp_path / "nothing.png", blank, status=1)
    assert [answer["file"] for answer in answers] == [
        str(path) for path in (notes, both, tmp_path / "nothing.png", blank)
    ]
    assert answers[0]["cards"] == []
    assert answers[0]["problem"]["code"] == "picture.unreadable"
    assert {card["id"] for card in answers[1]["cards"]} == {"DEMO-2", "DEMO-3"}
    assert "no such file" in answers[2]["problem"]["detail"]
    assert answers[3] == {"file": str(blank), "cards": []}


def test_a_code_that_is_no_card_is_told_with_its_reason(tmp_path: Path, capsys: Output) -> None:
    segno.make_qr("https://example.org/").save(str(tmp_path / "qr.png"), scale=6)
    (answer,) = _read(capsys, tmp_path / "qr.png")
    (card,) = answer["cards"]
    assert card["text"] == "https://example.org/"
    assert card["problem"]["code"] == "card.foreign"
    assert card["problem"]["detail"]
    assert "packet" not in card


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        (["--packet", "rubbish"], "is not a packet"),
        (["--packet", EXAMPLE + " ink=3"], "ink cannot be printed"),
        (["--packet", EXAMPLE + f' data="{"x" * 65}"'], "at most 64 octets"),
        (["--packet", "10.0.1.254 > 10.0.1.2 TIME-EXCEEDED"], "quotes another packet"),
        (["--command", "lose/router"], "small letters"),
        (["--command", "x" * 49], "at most 48"),
        (["--command", "loose router server", "--lesson", "handshake"], "Did you mean “lose”"),
        (["--command", "round", "--lesson", "no-such-lesson"], "no-such-lesson"),
        (["--role", "a b"], "a node's id"),
        (["--role", "firewall", "--lesson", "handshake"], "its nodes: client, router, server"),
        (["--packet", EXAMPLE, "--deck", "lower"], "a deck is named by"),
        (["--packet", EXAMPLE, "--serial", "100000"], "serial number is between"),
        (["--packet", EXAMPLE, "--host", "no host"], "not a host for a card"),
        (["--packet", EXAMPLE, "--dpi", "9999"], "50 to 1200 dots per inch"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(
    choices: list[str], says: str, tmp_path: Path, capsys: Output
) -> None:
    png = tmp_path / "card.png"
    assert main(["cards", "render", "--png", str(png), *choices]) == 2
    complaint = capsys.readouterr().err
    assert says in complaint
    assert complaint.count("\n") == 1
    assert not png.exists()


def test_drawing_nowhere_is_refused(capsys: Output) -> None:
    assert main(["cards", "render", "--packet", EXAMPLE]) == 2
    assert "--png FILE" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: Output) -> None:
    png = tmp_path / "no folder" / "card.png"
    assert main(["cards", "render", "--packet", EXAMPLE, "--png", str(png)]) == 1
    assert str(png) in capsys.readouterr().err


def test_without_any_decoder_it_says_what_to_install(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> list[decoder.Code]:
        raise decoder.NoDecoder("install libzbar0")

    monkeypatch.setattr("cards.reader.find_codes", nothing)
    (tmp_path / "card.png").write_bytes(drawing.png(SYN))
    assert main(["cards", "read", str(tmp_path / "card.png")]) == 1
    assert "install libzbar0" in capsys.readouterr().err


def _read(capsys: Output, *files: Path | str, status: int = 0) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["cards", "read", *map(str, files)]) == status
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_deck_is_printed_for_a_lesson(tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "deck.pdf"
    choices = ["--lesson", "booth", "--teams", "2", "--paper", "letter", "--host", "192.168.4.1", "--first", "50"]
    assert main(["cards", "print", *choices, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    order = Order(load("booth"), 2, "letter", "192.168.4.1", 50)
    assert said.startswith(f"{out}: {len(list(deck(order)))} pages.")
    with PdfParser.PdfParser(str(out)) as written:
        pages = [written.read_indirect(page) for page in written.pages]
        assert len(pages) == len(list(deck(order)))
        assert {tuple(page[b"MediaBox"]) for page in pages} == {(0, 0, 612, 792)}
        assert bytes(written.info[b"Title"]) == b"Paperhop: Two minutes of TCP"


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        (["--lesson", "nope"], "There is no lesson"),
        (["--lesson", "handshake:nope"], "nope"),
        (["--teams", "0"], "1 to 60 teams"),
        (["--first", "99999"], "serial number is between"),
        (["--host", "no host"], "not a host for a card"),
    ],
)
def test_a_deck_that_cannot_be_printed_is_refused_in_a_sentence(
    choices: list[str], says: str, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "deck.pdf"
    assert main(["cards", "print", *choices, "--out", str(out)]) == 2
    complaint = capsys.readouterr().err
    assert says in complaint
    assert complaint.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("choices", [["--teams", "many"], ["--paper", "a0"]])
def test_a_choice_that_is_none_is_refused(choices: list[str], tmp_path: Path, capsys: Output) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["cards", "print", *choices, "--out", str(tmp_path / "deck.pdf")])
    assert choices[1] in capsys.readouterr().err


def test_a_deck_that_cannot_be_written_is_told(tmp_path: Path, capsys: Output) -> None:
    assert main(["cards", "print", "--out", str(tmp_path / "no" / "deck.pdf")]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_a_picture_without_a_card_is_named(tmp_path: Path, capsys: Output) -> None:
    table = tmp_path / "table.png"
    Image.fromarray(np.full((720, 1280), 180, np.uint8)).save(table)
    assert main(["cards", "read", str(table)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"file": str(table), "cards": []}
    assert told.err.startswith(f"{table}: no card is to be seen in it")
