"""`paperhop cards render --pen`: a card for the pen, filled in or blank, and where everything stands on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cards.decoder import Picture
from paperhop.__main__ import main

PACKET = '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=17 ack=5 data="hi you"'
Places = dict[str, Any]
Output = pytest.CaptureFixture[str]


def render(folder: Path, *options: str) -> tuple[Picture, Places]:
    png, places = folder / "card.png", folder / "card.json"
    assert main(["cards", "render", *options, "--png", str(png), "--geometry", str(places)]) == 0
    return np.asarray(Image.open(png)), json.loads(places.read_text("utf-8"))


def darkness(picture: Picture, places: Places, bubble: Places) -> float:
    """Of the inner half of a bubble, 0 to 1."""
    scale = places["px_per_mm"]
    x, y, r = bubble["x_mm"] * scale, bubble["y_mm"] * scale, bubble["d_mm"] / 4 * scale
    return 1 - float(picture[round(y - r) : round(y + r), round(x - r) : round(x + r)].mean()) / 255


def test_bubbles_are_where_the_geometry_says_and_filled_as_it_says(tmp_path: Path) -> None:
    picture, places = render(tmp_path, "--pen", "--lesson", "data", "--packet", PACKET)
    assert picture.shape == (
        round(places["height_mm"] * places["px_per_mm"]),
        round(places["width_mm"] * places["px_per_mm"]),
    )
    filled = {(b["field"], b["value"]) for b in places["bubbles"] if b["filled"]}
    assert filled == {
        ("src.host", "2"), ("src.port", "40001"), ("dst.host", "1"), ("dst.port", "23"), ("flags", "ACK"),
        ("seq.3", "1"), ("seq.4", "7"), ("ack.4", "5"),
    }  # fmt: skip
    for bubble in places["bubbles"]:
        assert (darkness(picture, places, bubble) > 0.9) == bubble["filled"]
        assert bubble["filled"] or darkness(picture, places, bubble) < 0.2
    assert [cell["filled"] for cell in places["comb"]] == [True] * 6 + [False] * 26
    assert set(places["groups"]) == {b["field"] for b in places["bubbles"]}
    assert (places["groups"]["src.host"], places["groups"]["flags"]) == ("one", "any")


def test_code_and_discs_are_where_the_geometry_says(tmp_path: Path) -> None:
    picture, places = render(tmp_path, "--blank", "--lesson", "data")
    assert not any(b["filled"] for b in places["bubbles"])
    for quad in (*places["marks"], places["code"]):
        (left, top), _, (right, bottom), _ = (np.array(quad) * places["px_per_mm"]).round().astype(int)
        dark = (picture < 128).astype(np.uint8)
        inside = dark[top - 1 : bottom + 2, left - 1 : right + 2]
        around = dark[top - 12 : bottom + 13, left - 12 : right + 13]
        assert inside.sum(axis=0)[3:-3].min() > 0
        assert inside.sum(axis=1)[3:-3].min() > 0
        assert around.sum() == inside.sum()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--pen"], "say what is written on the card"),
        (["--pen", "--packet", "10.0.9.2:40001 > 10.0.1.1:23 SYN"], "its only network is 10.0.1"),
        (["--pen", "--packet", f'{PACKET[:-7]}{"x" * 33}"'], "33 octets do not fit: this form has 32 cells"),
        (["--pen", "--packet", PACKET, "--deck", "ABCD"], "the deck of a card for the pen is the name of its form"),
        (["--pen", "--command", "round"], "a command is not written by pen"),
        (["--pen", "--role", "server"], "a role is not written by pen"),
        (["--packet", PACKET], "only a card for the pen has a geometry"),
        (["--blank", "--lesson", "nothing"], "nothing"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: list[str], sentence: str, tmp_path: Path, capsys: Output) -> None:
    lesson = [] if "--lesson" in options else ["--lesson", "data"]
    assert main(["cards", "render", *options, *lesson, "--geometry", str(tmp_path / "g.json")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "g.json").exists()


def test_what_is_rendered_is_read_back(tmp_path: Path, capsys: Output) -> None:
    _, places = render(tmp_path, "--pen", "--lesson", "data", "--packet", PACKET)
    capsys.readouterr()
    assert main(["cards", "read", str(tmp_path / "card.png")]) == 0
    (card,) = json.loads(capsys.readouterr().out)["cards"]
    assert card["kind"] == "pen"
    marked = {b["field"]: b["value"] for b in places["bubbles"] if b["filled"]}
    values = {name: field["value"] for name, field in card["fields"].items() if "value" in field}
    assert values == marked | {"flags": ["ACK"], "comb": 6}
    assert card["fields"]["seq.1"] == {"refused": "nothing is marked under SEQ, first column"}
    assert set(places["groups"]) | {"comb"} == set(card["fields"])
    assert card["packet"]["text"] == "10.0.1.2:40001 > 10.0.1.1:23 ACK seq=17 ack=5 ink=6"


def test_a_blank_card_is_read_as_blank(tmp_path: Path, capsys: Output) -> None:
    render(tmp_path, "--blank", "--lesson", "data")
    capsys.readouterr()
    assert main(["cards", "read", str(tmp_path / "card.png")]) == 0
    (card,) = json.loads(capsys.readouterr().out)["cards"]
    assert card["problem"] == {
        "code": "card.marks",
        "detail": "nothing is marked under FROM, host; FROM, port; TO, host",
    }
    assert card["fields"]["flags"]["value"] == []
    assert card["fields"]["comb"]["value"] == 0
    assert "packet" not in card
