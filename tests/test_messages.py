"""The contract between badge and hub: what is written is read back, and anything else is refused with a reason."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.jsonform import to_json
from cards.notation import parse
from hub import messages
from hub.messages import (
    Answer,
    BadgeStatus,
    BadMessage,
    Down,
    Form,
    Light,
    LightWord,
    Problem,
    Resend,
    Role,
    Scan,
    Up,
    Verdict,
    decode_down,
    decode_up,
    encode,
    topic,
)
from hub.simulator.reasons import REASONS
from tests.cards.forms import SMALL, WHOLE

BOOT = "00112233"
SCAN = Scan("b1", BOOT, 3, 2, "DEMO-1", to_json(parse("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")))
UPS: list[Up] = [
    SCAN,
    Scan("b1", BOOT, 1, 1, problem=Problem("card.foreign", "https://example.org")),
    Scan("b1", BOOT, 1, 1, "CMD-7", command="lose router server 20%"),
    Scan("b1", BOOT, 1, 1, "ROLE-2", role="server"),
    BadgeStatus("b1", "online", BOOT, 2, "0.1", "dir:cards"),
    BadgeStatus("b1", "online", BOOT, 0, "0.1", "picamera", 9.8, True, 51.5, False, 1_200),
    BadgeStatus("b1", "offline", BOOT),
]
DOWNS: list[Down] = [
    Answer("b1", BOOT, 3, Verdict.STOPPED, "tcp.ack-mismatch", "ack should be 101.", LightWord.STOPPED, 4, "client"),
    Resend("b1", BOOT, 2),
    Light("b1", LightWord.YOUR_TURN, "SYN to 10.0.1.1:23"),
    Role("b1", "client", "Client", "10.0.1.2", "The handshake"),
    Role("b1"),
    Form("b1", WHOLE),
    Form("b1", SMALL),
]


@pytest.mark.parametrize("message", UPS)
def test_what_a_badge_says_is_read_back(message: Up) -> None:
    assert decode_up(topic(message), encode(message)) == message


@pytest.mark.parametrize("message", DOWNS)
def test_what_the_hub_says_is_read_back(message: Down) -> None:
    assert decode_down(topic(message), encode(message)) == message


@pytest.mark.parametrize("message", [*UPS, *DOWNS])
def test_every_message_names_its_version_and_its_badge(message: Up | Down) -> None:
    said = json.loads(encode(message))
    assert said["v"] == messages.VERSION
    assert said["badge"] == "b1"
    assert topic(message).startswith("paperhop/kit/badge/b1/")


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(encode(SCAN)), **fields}).encode()


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "not the JSON"),
        (b"{", "not the JSON"),
        (b"\xff\xfe", "not the JSON"),
        (b"[]", "Expected `object`"),
        (b"[" * 100_000, "not the JSON"),
        (b'"' + b"x" * messages.MAX_MESSAGE + b'"', "are allowed"),
        (changed(v=2), "version 2"),
        (changed(v="1"), "`int`"),
        (changed(counter="3"), r"\$\.counter"),
        (changed(counter=0), r"\$\.counter"),
        (changed(oldest=4), "at most"),
        (changed(boot="xyz"), r"\$\.boot"),
        (changed(badge="b2"), "badge b2"),
        (changed(card=None), "names its `card`"),
        (changed(written=None), "either"),
        (changed(problem={"code": "card.foreign"}), "either"),
        (changed(command="round"), "either"),
        (changed(written=None, command="round", card=None), "names its `card`"),
        (changed(written=None, command="Round"), r"\$\.command"),
        (changed(written=None, command="x" * 49), r"\$\.command"),
        (changed(role="server"), "either"),
        (changed(written=None, role="server", card=None), "names its `card`"),
        (changed(written=None, role="Server"), r"\$\.role"),
        (changed(written={"sport": 70000}), r"\$\.written\.sport"),
        (changed(written={"flags": ["XMAS"]}), r"\$\.written\.flags"),
    ],
)
def test_a_scan_that_is_none_is_refused_with_the_place(octets: bytes, says: str) -> None:
    with pytest.raises(BadMessage, match=says):
        decode_up(topic(SCAN), octets)


@pytest.mark.parametrize(
    "where",
    [
        "",
        "paperhop",
        "paperhop/kit/badge/b1",
        "paperhop/kit/badge/b1/up/else",
        "paperhop/kit/badge/b 1/up/scan",
        "x" * 999,
    ],
)
def test_a_strange_topic_is_refused(where: str) -> None:
    with pytest.raises(BadMessage):
        decode_up(where, encode(SCAN))


def test_a_scan_that_cannot_be_read_is_still_told_apart() -> None:
    salvaged = messages.salvage_scan(topic(SCAN), changed(v=2, written="?"), "it is of version 2")
    assert salvaged is not None
    assert (salvaged.counter, salvaged.oldest) == (3, 2)
    assert salvaged.problem == Problem("card.not-understood", "it is of version 2")
    assert messages.salvage_scan(topic(SCAN), b"{}", "") is None
    assert messages.salvage_scan(topic(SCAN), changed(badge="b2"), "") is None


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_any_octets_are_a_message_or_refused(octets: bytes) -> None:
    for where in (topic(SCAN), topic(UPS[2])):
        with pytest.raises(BadMessage):
            decode_up(where, octets)
    for down in DOWNS:
        with pytest.raises(BadMessage):
            decode_down(topic(down), octets)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "+", "#", "é", "x" * 33, "a\n"])
def test_a_name_that_would_reach_into_other_topics_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        messages.valid_name(name)


def test_subscriptions_cover_what_is_published_and_nothing_of_others() -> None:
    def matches(pattern: str, on: str) -> bool:
        return re.fullmatch(pattern.replace("+", "[^/]+"), on) is not None

    for up in UPS:
        assert matches(messages.hub_subscription(), topic(up))
        assert not matches(messages.badge_subscription("b1"), topic(up))
    for down in DOWNS:
        assert matches(messages.badge_subscription("b1"), topic(down))
        assert not matches(messages.badge_subscription("b2"), topic(down))


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_that_there_is_can_be_said_to_a_badge(code: str) -> None:
    answer = Answer("b1", "ab" * 8, 1, Verdict.STOPPED, code, "Because.", LightWord.STOPPED)
    assert decode_down(messages.topic(answer), messages.encode(answer)) == answer
