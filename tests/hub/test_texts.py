"""Every code has its words, and the words use only what there is to fill in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cards.qrtext import UnreadableCard
from hub import messages, texts
from hub.simulator import verdicts
from hub.simulator.reasons import REASONS, SECTIONS
from hub.texts import Hints, hack, hints, names, sentence, sentences, turn, turn_hints, wordings

ALL = texts.texts()

FACTS = frozenset(
    (
        "flags",
        "what",
        "source",
        "destination",
        "target",
        "sport",
        "dport",
        "seq",
        "ack",
        "length",
        "ttl",
        "here",
        "address",
        "holder",
        "next",
        "from",
        "numbers",
        "timer",
        "writer",
        "printed",
    )
)
"""What every ruling can tell."""

SENDING = frozenset(reason.code for reason in SECTIONS["Its sender may not send it"]) - {"link.down"}
NOT_COMPARED = frozenset(
    (
        "ip.address-missing",
        "ip.to-yourself",
        "ip.bad-destination",
        "ip.wrong-source",
        "ip.ttl-zero",
        "ip.swapped-addresses",
        "ip.no-route-here",
        "tcp.port-missing",
        "tcp.port-zero",
        "tcp.flags-missing",
    )
)
"""Found before the packet is compared with one that may be sent."""

TWO = frozenset(
    (
        "room.no-such-wire",
        "room.nothing-between",
        "room.nothing-to-swap",
        "room.acted-on",
        "room.told-since",
        "room.moved-since",
    )
)
ABOUT_NODES = TWO | {
    "room.no-such-node",
    "room.no-such-table",
    "room.table-to-itself",
    "room.table-twice",
    "room.nothing-to-play",
    "room.nothing-to-undo",
    "room.nothing-to-redo",
    "room.seat-taken",
    "room.no-help",
    "room.nobody-there",
    "room.no-mistake",
}
OF_ROOM: dict[str, frozenset[str]] = {
    "played-for-you": frozenset(("to",)),
    "step.engine": frozenset(("who", "what")),
    "step.planned": frozenset(("seconds", "what")),
    "step.timer": frozenset(("seconds", "who", "turn")),
    "step.card": frozenset(("seconds", "who", "turn")),
    **dict.fromkeys(("holds.carry", "holds.fetch"), frozenset(("card", "what", "who", "next"))),
    **dict.fromkeys(("holds.lost", "holds.stopped", "holds.unsent", "holds.away"), frozenset(("card", "what", "who"))),
}
"""What a teacher is told of the room, and what it can mention."""
"""Moves of a teacher that cannot be made at a node, or (TWO) because of another."""

MISREAD = frozenset(("card.unclear", "card.marks", "card.check-digit", "card.twice"))
"""What a badge says of a card for the pen, with the place on the card."""

BESIDES: dict[str, frozenset[str]] = {
    "written": SENDING - NOT_COMPARED
    | {"ip.wrong-source", "ip.wrong-next-hop", "ip.ttl-mismatch", "ip.ttl-not-crossed"},
    "should": SENDING - NOT_COMPARED
    | {"card.miscopied", "ip.wrong-next-hop", "ip.ttl-mismatch", "ip.ttl-not-crossed", "tcp.ack-behind"},
    "peer": SENDING - NOT_COMPARED,
    "answer": SENDING,
    "other": frozenset(("tcp.mixed-streams", "tcp.wrong-person")) | TWO,
    "other_id": TWO,
    "other_from": frozenset(("tcp.mixed-streams",)),
    "peer_from": frozenset(("tcp.mixed-streams",)),
    "who": ABOUT_NODES,
    "id": ABOUT_NODES,
    "nodes": frozenset(("room.no-such-node",)),
    "fault": frozenset(("room.no-such-fault",)),
    "faults": frozenset(("room.no-such-fault",)),
    "card": frozenset(("room.no-such-card", "room.card-not-lost")),
    "seconds": frozenset(("fault.delayed", "fault.wait", "fault.reordered", "room.no-such-time")),
    "plan": frozenset(("room.no-such-plan",)),
    "step": frozenset(("room.no-such-hint",)),
    "again": frozenset(("tcp.seq-mismatch",)),
    "refuses": frozenset(("tcp.seq-mismatch",)),
    "syn_counts": frozenset(("tcp.seq-mismatch", "tcp.ack-mismatch")),
    "only_data": frozenset(("tcp.seq-mismatch", "tcp.ack-mismatch")),
    "came": frozenset(("tcp.ack-mismatch",)),
    "closed": frozenset(("tcp.flags-mismatch",)),
    "owes": frozenset(("tcp.duplicate", "tcp.ack-of-nothing")),
    "late": frozenset(("tcp.duplicate",)),
    "read": frozenset(("tcp.data-received",)),
    "question": frozenset(("room.no-such-question", "room.no-such-option", "room.other-options")),
    "questions": frozenset(("room.no-such-question",)),
    "itself": frozenset(("room.nothing-to-swap",)),
    "free": frozenset(("room.no-seat",)),
    "early": frozenset(("card.stopped",)),
    "clash": frozenset(("tcp.flags-impossible",)),
    "open": frozenset(("tcp.rst-unowed",)),
    "part": frozenset(("tcp.retransmitted", "tcp.retransmitted-early")),
    "still": frozenset(("tcp.duplicate",)),
    "anew": frozenset(("tcp.duplicate",)),
    "station": frozenset(("tcp.syn-received", "tcp.data-received", "tcp.fin-received", "tcp.no-listener")),
    "network": frozenset(("room.table-twice",)),
    "option": frozenset(("room.no-such-option",)),
    "options": frozenset(("room.no-such-option", "room.other-options")),
    "count": frozenset(("room.enough-answers",)),
    "badge": frozenset(("room.no-seat", "room.no-such-badge")),
    "detail": MISREAD | {"card.not-yet", "card.not-understood", "card.command-unknown", "room.no-such-table"},
    "command": frozenset(("room.commanded",)),
    "player": frozenset(("room.commanded",)),
    "rate": frozenset(("room.no-such-pace",)),
    "event": frozenset(("room.no-such-moment", "room.older-round")),
    "first": frozenset(("room.no-such-moment", "room.older-round")),
    "last": frozenset(("room.no-such-moment",)),
}
"""What only some rulings can tell."""

NO_PACKET = frozenset(code for code in REASONS if code.startswith(("room.", "ethernet.", "arp."))) | {
    *MISREAD,
    "card.foreign",
    "card.damaged",
    "card.newer",
    "card.not-yet",
    "card.not-understood",
    "card.command-unknown",
}
"""Where there is no packet whose facts could be told; of a message about ARP, its receiver is known."""

TURNS = frozenset(
    (
        "receive",
        "forward",
        "open",
        "say",
        "close",
        "close-too",
        "ping",
        "trace",
        "syn",
        "syn-ack",
        "ack",
        "rst",
        "resend",
        "reply",
        "report",
        "wait-cards",
    )
)
OF_TURNS = frozenset(("here", "peer", "flags", "holder", "next", "text", "rest", "all", "answer", "seconds", "numbers"))
NOTHING_TO_WRITE = frozenset(("receive", "forward", "wait-cards"))

ASKED = frozenset(
    (
        "card.miscopied",
        "card.lost",
        "link.too-early",
        "link.down",
        "fault.wait",
        "fault.overtake",
        "ip.no-route",
        "ip.host-unreachable",
        "ip.ttl-expired",
        "tcp.no-listener",
        "tcp.no-connection",
    )
)
"""No mistakes, but people ask."""

EARNED_OTHERWISE = frozenset(("rst-attack", "hijacker"))
"""Hacks that no single scan shows: the goals find them."""


def steps(each: Hints) -> tuple[str, str, str]:
    return each.nudge, each.pointer, each.answer


def everything() -> Iterator[tuple[str, str]]:
    """Each text that is made of sentences, in all its wordings, with where it stands."""
    yield from ((code, text) for code, template in ALL.sentences.items() for text in wordings(template))
    for code, each in (*ALL.hints.items(), *ALL.turn_hints.items()):
        yield from ((f"hints of {code}", text) for template in steps(each) for text in wordings(template))
    yield from ((f"hack {word}", card.text) for word, card in ALL.hacks.items())
    yield from ((code, text) for code, template in ALL.room.items() for text in wordings(template))


def allowed(code: str) -> set[str]:
    facts = frozenset(("here", "destination")) if code in NO_PACKET else FACTS
    return set(facts) | {name for name, codes in BESIDES.items() if code in codes}


def test_reasons_and_sentences_are_the_same_set() -> None:
    assert set(REASONS) == set(sentences())


def test_every_reason_stands_in_one_section() -> None:
    assert len(REASONS) == sum(len(section) for section in SECTIONS.values())


def test_every_mistake_has_hints_and_nothing_else_but_what_people_ask() -> None:
    assert set(ALL.hints) == {code for code, reason in REASONS.items() if reason.mistake} | ASKED


def test_every_turn_has_its_words() -> None:
    assert set(ALL.turns) == set(ALL.turn_hints) == TURNS


def test_what_is_told_of_the_room_tells_only_what_is_known() -> None:
    assert set(ALL.room) == set(OF_ROOM)
    for code, template in ALL.room.items():
        assert names(template) <= OF_ROOM[code], code


def test_every_hack_has_its_card() -> None:
    assert set(ALL.hacks) == {reason.hack for reason in REASONS.values() if reason.hack} | EARNED_OTHERWISE


@pytest.mark.parametrize("code", REASONS)
def test_a_sentence_tells_only_what_is_known(code: str) -> None:
    assert names(ALL.sentences[code]) <= allowed(code)


@pytest.mark.parametrize("code", ALL.hints)
def test_hints_tell_only_what_is_known(code: str) -> None:
    for text in steps(ALL.hints[code]):
        assert names(text) <= allowed(code)


@pytest.mark.parametrize("code", ALL.turns)
def test_turns_tell_only_what_is_known(code: str) -> None:
    known = OF_TURNS - {"answer"} if code in NOTHING_TO_WRITE else OF_TURNS
    assert names(ALL.turns[code]) <= OF_TURNS - {"answer"}
    for text in steps(ALL.turn_hints[code]):
        assert names(text) <= known
    assert code in NOTHING_TO_WRITE or "answer" in names(ALL.turn_hints[code].answer)


def test_only_the_last_hint_gives_the_solution_away() -> None:
    solution = {"should", "answer", "address", "other", "seconds"}
    for code, each in (*ALL.hints.items(), *ALL.turn_hints.items()):
        assert not names(each.nudge), code
        assert each.nudge.endswith("?"), code
        assert not names(each.pointer) & solution, code


def test_every_way_to_be_stopped_or_thrown_away_has_its_mark_in_a_ladder() -> None:
    """Unreadable cards are in none; whatever else a lesson's script meets: tests/hub/test_archive.py."""
    marks = {key.removeprefix("marks.") for key in ALL.pages if key.startswith("marks.")}
    sections = ("Its sender may not send it", "It is somewhere else", "The receiver throws it away")
    assert {reason.code for section in sections for reason in SECTIONS[section]} <= marks
    assert {code for code, reason in REASONS.items() if reason.mistake} <= marks
    assert marks <= REASONS.keys()


def test_texts_are_short() -> None:
    templates = [(125, text) for text in ALL.sentences.values()]
    templates += [(160, text) for each in (*ALL.hints.values(), *ALL.turn_hints.values()) for text in steps(each)]
    templates += [(60, text) for text in ALL.turns.values()]
    lengths = [(most, text) for most, template in templates for text in wordings(template)]
    lengths += [(32, card.title) for card in ALL.hacks.values()]
    lengths += [(220, card.text) for card in ALL.hacks.values()]
    assert [text for most, text in lengths if len(text) > most] == []


def test_texts_are_whole_sentences_on_one_line() -> None:
    for place, text in everything():
        assert text[-1] in ".?!}", place
        assert "  " not in text, place
        assert "\n" not in text, place
        assert text == text.strip(), place


def test_what_is_given_is_filled_in() -> None:
    params = {"should": "101", "written": "100", "peer": "10.0.1.2:40001"}
    assert sentence("tcp.ack-mismatch", params).startswith("ack should be 101, not 100")
    found = hints("tcp.ack-mismatch", params)
    assert found is not None
    assert "ack 101, not 100" in found.answer
    assert turn("say", {"text": "{hi}", "peer": "Server"}) == 'Say "{hi}" to Server'
    found = turn_hints("syn-ack", {"answer": "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101"})
    assert found is not None
    assert found.answer.endswith("ack=101")
    assert hack("hub").title == "You invented the hub"


def test_a_parameter_that_is_missing_does_not_break_a_text() -> None:
    assert "?" in sentence("tcp.wrong-port", {})
    assert turn("syn-ack", {}) == "Answer ?: SYN,ACK"
    found = hints("tcp.wrong-port", {})
    assert found is not None
    assert "?" in found.answer


def test_a_part_in_brackets_is_said_only_when_there_is_what_it_names() -> None:
    assert sentence("tcp.ack-sent", {"source": "Ann", "ack": "101", "next": "Router"}) == (
        "Ann confirms: next it expects 101. Carry it to Router."
    )
    assert sentence("tcp.ack-sent", {"source": "Ann", "next": "Router"}) == (
        "Ann confirms what has come. Carry it to Router."
    )
    found = turn_hints("say", {"text": "hi", "numbers": ""})
    assert found is not None
    assert found.pointer.endswith("The flag is ACK, and you go on counting where you left off.")
    found = turn_hints("say", {"text": "hi"})
    assert found is not None
    assert (found.pointer[-16:], found.answer) == ("The flag is ACK.", 'Write "hi" into the cells, and scan.')


@pytest.mark.parametrize(("length", "said"), [("1", "1 byte"), ("0", "0 bytes"), ("17", "17 bytes"), ("?", "? bytes")])
def test_one_of_a_thing_is_not_many(length: str, said: str) -> None:
    assert sentence("tcp.data-received", {"length": length, "destination": "Ann"}) == f"{said} arrived. Ann owes ACK."


def test_what_a_text_may_leave_out_is_not_lacking() -> None:
    assert texts.lacking("tcp.ack-sent", {"source": "Ann", "next": "Router"}) == frozenset()
    assert texts.lacking("tcp.ack-sent", {"source": "Ann"}) == {"next"}


def test_there_is_not_always_something_that_one_could_write() -> None:
    for code, each in (*ALL.hints.items(), *ALL.turn_hints.items()):
        assert any("answer" not in names(text) for text in wordings(each.answer)), code


@pytest.mark.parametrize("code", ["card.of-tomorrow", "{", "{0}", ""])
def test_a_code_that_nobody_knows_never_raises(code: str) -> None:
    assert sentence(code, {}) == code
    assert hints(code, {}) is None
    assert turn(code, {}) == code
    assert turn_hints(code, {}) is None
    assert hack(code).title == code


def test_what_has_no_mistake_has_no_hints() -> None:
    assert hints("tcp.syn-received", {}) is None


def test_wire_and_referee_have_the_same_verdicts_and_a_light_for_each() -> None:
    words = {verdict.value for verdict in verdicts.Verdict}
    assert {verdict.value for verdict in messages.Verdict} == words
    assert words <= {light.value for light in messages.LightWord}


def test_what_a_reader_reports_is_in_the_catalogue() -> None:
    assert issubclass(UnreadableCard, ValueError)
    assert {"card.foreign", "card.damaged", "card.newer"} <= set(REASONS)
