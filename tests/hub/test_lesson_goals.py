"""The goals of a lesson file; a mistake in them is named with its line, and with what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.packet import Carries, Flags
from hub.lessons import LessonError, from_text
from hub.lessons.schema import WhenFile
from hub.simulator.goals import Goal
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict
from hub.simulator.when import When

LESSON = """\
title: Three nodes
goal: Say hello
nodes:
  - {id: ann, title: Ann, address: 10.0.0.1, routes: {default: hub}, opens: [10.0.0.2:23]}
  - {id: ben, title: Ben, address: 10.0.0.2, routes: {default: hub}, services: {23: telnet}}
  - {id: hub, title: Hub, address: 10.0.0.9, router: true, routes: {10.0.0.0/24: link}}
links: [[ann, hub], [ben, hub]]
goals:
"""
"""Eight lines."""

OPEN = "  - {id: open, title: Open, when: {state: ESTABLISHED, at: each}, for: [ann, ben]}\n"
QUEST = "  - {id: probe, title: Probe, when: {reason: tcp.no-listener}, quest: true}\n"


def goals(text: str) -> tuple[Goal, ...]:
    return from_text(LESSON + text, "hello").goals


def when(text: str) -> When:
    (one,) = goals(f"  - {{id: it, title: It, for: [ann], when: {{{text}}}}}\n")
    return one.when


def test_everything_that_a_goal_says() -> None:
    first, second = goals(
        OPEN
        + "  - id: hello\n    title: Say hello\n    for: [ann]\n    count: 2\n    after: [open]\n    points: 5\n"
        + "    quest: true\n    when: {verdict: delivered, at: ben, from: each, text: hello}\n"
    )
    assert first == Goal("open", "Open", When(state=State.ESTABLISHED, at="each"), ("ann", "ben"))
    said = When(Verdict.DELIVERED, at="ben", source="each", text=b"hello")
    assert second == Goal("hello", "Say hello", said, ("ann",), 2, ("open",), 5, True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("verdict: rst", When(Verdict.RST)),
        ("reason: tcp.syn-sent", When(reason="tcp.syn-sent")),
        ("flags: 'SYN,ACK'", When(flags=Flags.SYN | Flags.ACK)),
        ("flags: 'ACK, SYN'", When(flags=Flags.SYN | Flags.ACK)),
        ("flags: '-'", When(flags=Flags.NONE)),
        ("flags: ECHO-REPLY", When(flags=Carries.ECHO_REPLY)),
        ("from: ann, to: ben", When(source="ann", destination="ben")),
        ("at: each", When(at="each")),
        ("state: SYN-SENT, at: ann, peer: ben", When(state=State.SYN_SENT, at="ann", peer="ben")),
        ("turn: nothing, at: ann", When(idle=True, at="ann")),
        ("bytes: 16, at: ben, peer: each", When(octets=16, at="ben", peer="each")),
        ("verdict: delivered, at: ann, unacknowledged: nothing", When(Verdict.DELIVERED, at="ann", acknowledged=True)),
        ("verdict: sent, state: none, at: ben", When(Verdict.SENT, state=State.CLOSED, at="ben")),
        ("verdict: forwarded, at: hub", When(Verdict.FORWARDED, at="hub")),
        ("reason: [tcp.closed, tcp.fin-received]", When(reason=("tcp.closed", "tcp.fin-received"))),
        ("flags: [UDP, 'SYN,ACK']", When(flags=(Carries.UDP, Flags.SYN | Flags.ACK))),
        ("state: [LAST-ACK, TIME-WAIT], at: ann", When(state=(State.LAST_ACK, State.TIME_WAIT), at="ann")),
        ("from: [ben, hub], port: 23", When(source=("ben", "hub"), port=23)),
        ("port: [23, 80]", When(port=(23, 80))),
        ("from: others, at: each", When(source="others", at="each", others=(("ann", ("ben", "hub")),))),
        ("reason: ip.forwarded, verdict: forwarded", When(Verdict.FORWARDED, "ip.forwarded")),
    ],
)
def test_what_when_says(text: str, meant: When) -> None:
    assert when(text) == meant


def test_others_are_not_of_the_team() -> None:
    teams = LESSON.replace("title: Ann,", "title: Ann, team: red,").replace("title: Hub,", "title: Hub, team: red,")
    (one,) = from_text(teams + "  - {id: it, title: It, for: [ann], when: {from: others}}\n", "hello").goals
    assert one.when.others == (("ann", ("ben",)),)


def test_a_goal_of_the_room_has_no_others() -> None:
    with pytest.raises(LessonError, match="'others' is whoever does not play with the one that earns it: write for:"):
        goals("  - {id: it, title: It, when: {from: others}}\n")


def test_a_goal_of_the_room() -> None:
    (one,) = goals("  - {id: it, title: It, when: {verdict: delivered}}\n")
    assert (one.who, one.earners) == ((), (None,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "says nothing; write what must happen, like"),
        ("verdict: send", "when.verdict.*did you mean 'sent'"),
        ("reason: tcp.syn-send", "when.reason.*did you mean 'tcp.syn-sent'"),
        ("flags: SIN", "did you mean 'SYN'"),
        ("flags: 'SYN,UDP'", "'UDP' is not known; write one of FIN, SYN"),
        ("flags: 'PSH,ACK'", "PSH makes no difference; leave it out"),
        ("flags: PINGS", "write one of|did you mean"),
        ("at: anne", "when.at: 'anne' is not known; did you mean 'ann'"),
        ("from: bem", "when.from.*did you mean 'ben'"),
        ("to: bem", "when.to.*did you mean 'ben'"),
        ("state: ESTABLISHED, at: ann, peer: bem", "when.peer.*did you mean 'ben'"),
        ("state: established, at: ann", "did you mean 'ESTABLISHED'"),
        ("state: ESTABLISH, at: ann", "did you mean 'ESTABLISHED'"),
        ("state: CLOSED, at: ann", "never in CLOSED; write 'none'"),
        ("state: LISTEN, at: ann", "never in LISTEN; write 'none'"),
        ("state: ESTABLISHED", "when.state: of which node\\? Write at:"),
        ("turn: nothing", "when.turn: of which node"),
        ("turn: something, at: ann", "when.turn: 'something' is not known; did you mean 'nothing'"),
        ("bytes: 16, peer: ben", "when.bytes: of which node"),
        ("bytes: 0, at: ann", "bytes.*>= 1"),
        ("unacknowledged: nothing, at: ann", "when.unacknowledged: that is so before anybody has done anything"),
        ("unacknowledged: 3, verdict: sent, at: ann", "when.unacknowledged: '3' is not known; write one of nothing"),
        ("peer: ben, at: ann", "when.peer.*write its state, too"),
        ("text: Grüße €", "more than one byte"),
        ("stat: ESTABLISHED", "nothing here is called 'stat'; did you mean 'state'"),
        ("reason: [tcp.closed, tcp.closd]", "when.reason\\[1\\].*did you mean 'tcp.closed'"),
        ("reason: []", "length >= 1|not empty"),
        ("from: [ann, others]", "when.from\\[1\\].*'others' is not known"),
        ("port: 0", "port"),
        ("verdict: dropped, reason: [ip.forwarded, ip.looping]", "always forwarded; leave verdict out"),
        ("from: ann, to: ann", "nobody sends a packet to itself"),
        ("from: each, to: each", "different nodes"),
        ("from: each, to: ann", "different nodes"),
        ("state: ESTABLISHED, at: ann, peer: ann", "no connection with itself"),
        ("verdict: forwarded, at: ben", "only a router forwards"),
        ("verdict: sent, at: ann, from: ben", "sent where it is scanned first"),
        ("verdict: delivered, at: ann, to: ben", "delivered where it is addressed to"),
        ("verdict: unread, text: hello", "not read; leave verdict out"),
        ("verdict: dropped, reason: ip.forwarded", "always forwarded; leave verdict out"),
        ("verdict: delivered, reason: tcp.syn-sent", "always sent; leave verdict out"),
        ("flags: TIME-EXCEEDED, text: hello", "brings no text"),
        ("state: none, at: ann", "before anybody has done anything; write after:"),
        ("turn: nothing, at: ben", "before anybody has done anything; write after:"),
    ],
)
def test_a_mistake_in_when(text: str, says: str) -> None:
    with pytest.raises(LessonError, match=says) as caught:
        when(text)
    assert "hello.yaml, line 9: goals[0].when" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (OPEN + OPEN, 10, "twice"),
        (OPEN.replace("[ann, ben]", "[ann, bem]"), 9, "did you mean 'ben'"),
        (OPEN.replace("[ann, ben]", "[ann, ann]"), 9, "write it once"),
        (OPEN.replace(", for: [ann, ben]", ""), 9, r"write for: \[ann, ben\]"),
        (OPEN.replace("at: each", "at: ann"), 9, "as in at: each"),
        (OPEN.replace("}\n", ", after: [open]}\n"), 9, "after itself"),
        (OPEN.replace("}\n", ", after: [probe]}\n") + QUEST, 9, "stands below"),
        (OPEN.replace("}\n", ", after: [prob]}\n") + QUEST, 9, "did you mean 'probe'"),
        (QUEST + OPEN.replace("}\n", ", after: [probe]}\n"), 10, "quest: true here"),
        (QUEST + OPEN.replace("}\n", ", quest: true, after: [probe, probe]}\n"), 10, "write it once"),
        (OPEN.replace("}\n", ", count: 0}\n"), 9, "count.*>= 1"),
        (OPEN.replace("}\n", ", points: -1}\n"), 9, "points.*>= 0"),
        (OPEN.replace("title: Open, ", ""), 9, "title"),
        (OPEN.replace("title: Open", "titel: Open"), 9, "did you mean 'title'|title"),
    ],
)
def test_a_mistake_in_a_goal(text: str, line: int, says: str) -> None:
    with pytest.raises(LessonError, match=says) as caught:
        goals(text)
    assert f"hello.yaml, line {line}:" in str(caught.value)


def test_a_quest_may_follow_a_quest() -> None:
    more = QUEST.replace("id: probe", "id: more").replace("true}", "true, after: [probe]}")
    assert [goal.after for goal in goals(QUEST + more)] == [(), ("probe",)]


WORDS = st.sampled_from(
    [
        "ann",
        "ben",
        "hub",
        "each",
        "sent",
        "delivered",
        "tcp.syn-sent",
        "SYN",
        "ESTABLISHED",
        "none",
        "nothing",
        "x",
        "é€",
    ]
)
FIELDS = st.sampled_from(WhenFile.__struct_encode_fields__)


@given(st.dictionaries(FIELDS, WORDS, max_size=4), st.lists(st.sampled_from(["ann", "ben", "hub"]), max_size=2))
def test_any_words_make_a_goal_or_an_error_with_a_place(fields: dict[str, str], who: list[str]) -> None:
    text = ", ".join(f"{name}: {word}" for name, word in fields.items())
    try:
        (one,) = goals(f"  - {{id: it, title: It, for: [{', '.join(who)}], when: {{{text}}}}}\n")
    except LessonError as error:
        assert "hello.yaml, line 9: goals[0]" in str(error)  # noqa: PT017
    else:
        assert one.when.of_packet or one.when.of_state
        assert not one.when.names_each or one.who
