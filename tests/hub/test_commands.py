"""The language of command cards: every command, and what is said of those that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands import meaning, parse
from hub.lessons import load
from hub.simulator.acts import Act, LiftAll, NewRound, PlayStep
from hub.simulator.events import (
    FaultKind,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Redone,
    Restarted,
    TableSet,
    Undone,
)

RULES = load("handshake").rules
WIRE = ("router", "server")
WORDS = ["lose", "delay", "lift", "round", "client", "router", "server", "every", "20%", "7", "x", "-"]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("lose router server", FaultSet(0, "lose-router-server", FaultKind.LOSE, WIRE)),
        ("lose router server every", FaultSet(0, "lose-router-server", FaultKind.LOSE, WIRE, None)),
        ("lose router server 20%", FaultSet(0, "lose-router-server", FaultKind.LOSE, WIRE, None, 0.2)),
        ("lose router server every 5%", FaultSet(0, "lose-router-server", FaultKind.LOSE, WIRE, None, 0.05)),
        ("lose server router", FaultSet(0, "lose-router-server", FaultKind.LOSE, ("server", "router"))),
        ("delay router server", FaultSet(0, "delay-router-server", FaultKind.DELAY, WIRE, 1, 1.0, 30)),
        ("delay router server 5", FaultSet(0, "delay-router-server", FaultKind.DELAY, WIRE, 1, 1.0, 5)),
        ("delay router server 5 every 50%", FaultSet(0, "delay-router-server", FaultKind.DELAY, WIRE, None, 0.5, 5)),
        ("duplicate router server", FaultSet(0, "duplicate-router-server", FaultKind.DUPLICATE, WIRE)),
        ("reorder router server 9", FaultSet(0, "reorder-router-server", FaultKind.REORDER, WIRE, 1, 1.0, 9)),
        ("corrupt router server", FaultSet(0, "corrupt-router-server", FaultKind.CORRUPT, WIRE)),
        ("lift", LiftAll()),
        ("lift rain", FaultLifted(0, "rain")),
        ("lift lose server router", FaultLifted(0, "lose-router-server")),
        ("lift lose router server 20%", FaultLifted(0, "lose-router-server")),
        ("down router server", LinkTurned(0, WIRE, up=False)),
        ("up router server", LinkTurned(0, WIRE, up=True)),
        ("round", NewRound()),
        ("new player", NewRound()),
        ("undo client", Undone(0, "client")),
        ("redo client", Redone(0, "client")),
        ("forgive client", Forgiven(0, "client")),
        ("restart client server", Restarted(0, "client", "server")),
        ("engine server", HandedOver(0, "server", engine=True)),
        ("people server", HandedOver(0, "server", engine=False)),
        ("play server", PlayStep("server")),
        ("fill client", TableSet(0, "client", (("0.0.0.0/0", "router"),))),
        ("fill router", TableSet(0, "router", (("10.0.1.0/24", "link"),))),
    ],
)
def test_what_a_command_means(text: str, act: Act) -> None:
    command = parse(text, RULES)
    assert command.act == act
    assert command.text == text


def test_capitals_and_spaces_do_not_matter() -> None:
    assert parse("  LOSE  Router\tserver ", RULES) == parse("lose router server", RULES)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begins with one of lose, delay"),
        ("loose router server", "“loose” is no command. Did you mean “lose”? A command begins with one of lose, delay"),
        ("xyzzy", "“xyzzy” is no command. A command begins"),
        ("lose", "“lose” needs two nodes. Write it like this: lose A B. The nodes are client, router and server."),
        ("lose router", "needs two nodes"),
        ("lose rooter server", "no node “rooter”. Did you mean “router”? The nodes are"),
        ("lose client server", "No wire joins client and server: client is joined with router."),
        ("lose router router", "two different nodes, and this is router twice"),
        ("lose router server evry", "“evry” does not belong there. Did you mean “every”? Behind"),
        ("lose router server 30", "“30” does not belong there. Behind the nodes of “lose” may stand, once: “every”, a"),
        ("lose router server every every", "“every” does not belong"),
        ("lose router server 20% 30%", "“30%” does not belong"),
        ("lose router server 0%", "“0%” cannot be a percentage: write 1 to 100."),
        ("lose router server 101%", "write 1 to 100"),
        ("delay router server 0", "“0” cannot be seconds: write 1 to 86400."),
        ("delay router server 30s", "or seconds such as 30."),
        ("delay router server 5 6", "“6” does not belong"),
        ("lift up down", "“down” is too much. Write it like this: lift, or lift and a fault's name."),
        ("lift lose router", "needs two nodes"),
        ("down client server", "No wire joins"),
        ("up router server now", "“now” is too much. Write it like this: up A B."),
        ("round 2", "“2” is too much"),
        ("undo", "“undo” needs a node"),
        ("undo client server", "“server” is too much"),
        ("play nobody", "no node “nobody”"),
        ("restart client client", "two different nodes"),
    ],
)
def test_what_is_no_command_is_told_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as error:
        parse(text, RULES)
    assert says in str(error.value)


@given(
    st.lists(
        st.sampled_from(["lose", "delay", "lift", "round", "client", "router", "server", "every", "20%", "7", "x", "-"])
    ).map(" ".join)
)
def test_any_line_is_a_command_or_has_a_sentence(text: str) -> None:
    try:
        assert parse(text, RULES).text == text
    except ValueError as error:
        assert len(str(error)) < 500  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("round", "A new round begins."),
        ("new player", "A new player begins: all cards are new."),
        ("play router", "The hub plays this step for Router."),
        ("undo router", "The hub takes back the last move of Router."),
        ("lose router server", "The next packet between Router and Server is lost."),
        ("lose router server every", "Every packet between Router and Server is lost."),
        ("lose router server 20%", "Every packet between Router and Server is lost, with a chance of 20%."),
        ("delay router server 5", "The next packet between Router and Server waits for 5 seconds."),
        ("lift", "Every fault is over."),
        ("lift lose router server", "The fault “lose-router-server” is over."),
        ("restart client server", "Client and Server forget the connections between them."),
    ],
)
def test_a_command_can_be_said_in_a_sentence(text: str, sentence: str) -> None:
    assert meaning(text, RULES) == sentence


def test_every_command_has_a_sentence() -> None:
    with pytest.raises(ValueError, match="A command begins with one of") as caught:
        parse("", RULES)
    words = (
        str(caught.value).removeprefix("A command begins with one of ").rstrip(".").replace(" or ", ", ").split(", ")
    )
    for word in words:
        for rest in ("", " router", " router server", " player"):
            try:
                command = parse(word + rest, RULES)
            except ValueError:
                continue
            assert "{" not in meaning(command.text, RULES)
            break
        else:
            pytest.fail(f"no form of {word} is a command")
