"""Scripts: which badge sees a card, and what the engine does between the steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.journal import Journal
from hub.lessons import load
from hub.lessons.reading import scripts_from_text
from hub.scripted import Outcome, play

HANDSHAKE = load("handshake")

CARDS = """\
title: A script
cards:
  syn: 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
  own: 10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=1 ack=101
"""


def played(text: str, tmp_path: Path) -> list[Outcome]:
    (script,) = scripts_from_text(CARDS + text, "script.yaml", HANDSHAKE)
    return list(play(Journal(tmp_path), HANDSHAKE, script))


@pytest.mark.parametrize(
    "seats",
    [
        "",
        "  - {seat: b1, at: server}\n",
        "  - {seat: server, at: client}\n",
        "  - {seat: client, at: server}\n",
        "  - {seat: server, at: server}\n  - {seat: server}\n",
    ],
)
def test_a_scan_at_a_node_is_there_whoever_sits_where(seats: str, tmp_path: Path) -> None:
    steps = "  - {scan: syn, at: client}\n  - {scan: syn, at: router}\n  - {scan: syn, at: server}\n"
    scans = [each.judged for each in played(f"steps:\n{seats}{steps}", tmp_path) if each.judged is not None]
    assert [each.ruling.node for each in scans] == ["client", "router", "server"]
    assert scans[-1].ruling.reason == "tcp.syn-received"


def test_at_a_station_people_bring_the_cards(tmp_path: Path) -> None:
    text = """\
engines: [server]
steps:
  - {seat: station, at: server}
  - {scan: syn, at: client}
  - {scan: syn, at: router}
  - {scan: syn, at: server}
  - {scan: own, at: server}
"""
    rulings = [each.judged.ruling for each in played(text, tmp_path) if each.judged is not None]
    assert [(each.node, each.reason) for each in rulings] == [
        ("client", "tcp.syn-sent"),
        ("router", "ip.forwarded"),
        ("server", "tcp.syn-received"),
        ("server", "tcp.syn-ack-sent"),
        ("server", "card.miscopied"),
    ]


def test_the_engine_takes_its_cards_where_nobody_sits(tmp_path: Path) -> None:
    text = "engines: [router, server]\nsteps:\n  - {scan: syn, at: client}\n"
    rulings = [each.judged.ruling for each in played(text, tmp_path) if each.judged is not None]
    assert [(each.node, each.reason) for each in rulings] == [
        ("client", "tcp.syn-sent"),
        ("router", "ip.forwarded"),
        ("server", "tcp.syn-received"),
        ("server", "tcp.syn-ack-sent"),
        ("router", "ip.forwarded"),
    ]


@pytest.mark.parametrize("cut", ["{table: client, routes: {}}", "{link_down: [client, router]}"])
def test_a_bot_does_not_try_where_there_is_no_way(cut: str, tmp_path: Path) -> None:
    text = f"""\
engines: [router, server]
steps:
  - {cut}
  - {{hand_over: client}}
  - {{wait: 100}}
  - {{turn: client, is: open}}
  - {{table: client, routes: {{default: router}}}}
  - {{link_up: [client, router]}}
  - {{turn: server}}
"""
    outcomes = played(text, tmp_path)
    assert [each.wrong for each in outcomes if each.wrong] == []
    rulings = [(each.number, each.judged.ruling.reason) for each in outcomes if each.judged is not None]
    assert rulings[0][1] == "tcp.syn-sent"
    assert rulings[0][0] > 4
    assert rulings[-1][1] == "tcp.established"


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ("{lift: rain}", None),
        ("{lift: rain, reason: room.no-such-fault}", None),
        ("{undo: client, reason: room.nothing-to-undo}", None),
        ("{lift: rain, reason: room.acted-on}", "room.no-such-fault, not room.acted-on"),
        ("{play: router}", "room.nothing-to-play, not a step of the engine"),
        ("{hand_over: client, reason: room.acted-on}", "it was done, not refused: room.acted-on"),
    ],
)
def test_a_teachers_move_that_cannot_be_made_is_told(step: str, wrong: str | None, tmp_path: Path) -> None:
    (outcome,) = [each for each in played(f"steps:\n  - {step}\n", tmp_path) if each.step is not None]
    assert outcome.wrong == wrong
    assert (outcome.refused is None) == ("it was done" in (wrong or ""))
