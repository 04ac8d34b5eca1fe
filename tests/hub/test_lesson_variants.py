"""Variants: other goals, tables and settings of nodes; a mistake in them is named by its own line."""

from __future__ import annotations

import pytest

from hub.lessons import Lesson, LessonError, from_text, load
from hub.simulator.events import HandedOver, TableSet
from hub.simulator.world import NO_ROUTES, new_world
from tests.hub.play import Play

LESSON = """\
title: Three nodes
goal: Say hello
nodes:
  - {id: ann, title: Ann, address: 10.0.0.1, routes: {default: hub}, opens: [10.0.0.2:23]}
  - {id: ben, title: Ben, address: 10.0.0.2, routes: {default: hub}, services: {23: telnet}}
  - {id: hub, title: Hub, address: 10.0.0.9, router: true, routes: {10.0.0.0/24: link}}
links: [[ann, hub], [ben, hub]]
goals:
  - {id: one, title: One, when: {verdict: sent}}
  - {id: two, title: Two, when: {verdict: delivered}, after: [one]}
variants:
  other:
"""
"""Twelve lines."""


def other(text: str, variant: str = "hello:other") -> Lesson:
    return from_text(LESSON + text, variant)


def test_a_goal_takes_the_place_of_that_with_its_id_and_others_come_after() -> None:
    text = (
        "    goals:\n      - {id: one, title: First, when: {verdict: rst}}\n"
        "      - {id: three, title: Three, when: {verdict: dropped}, after: [two]}\n"
    )
    assert [(goal.id, goal.title) for goal in other(text).goals] == [
        ("one", "First"),
        ("two", "Two"),
        ("three", "Three"),
    ]
    assert [goal.id for goal in other(text, "hello").goals] == ["one", "two"]


def test_a_node_is_changed_where_something_is_given() -> None:
    lesson = other("    nodes:\n      ben: {services: {7: echo}, plays: engine}\n      hub: {routes: {}}\n")
    assert lesson.rules.node("ben").services == ((7, "echo"),)
    assert lesson.rules.node("ben").table == from_text(LESSON + "    {}\n", "hello").rules.node("ben").table
    assert lesson.rules.engines == {"ben"}
    assert lesson.rules.node("hub").table == NO_ROUTES


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("    nodes: {bem: {plays: engine}}", 13, "variants.other.nodes.bem: 'bem' is not known; did you mean 'ben'"),
        ("    nodes:\n      hub: {routes: {10.0.0.0/24: anne}}", 14, "variants.other.nodes.hub.routes.*mean 'ann'"),
        ("    nodes:\n      ben: {plays: robot}", 14, "variants.other.nodes.ben.plays: 'robot' is not known"),
        ("    goals:\n      - {id: x, title: X, when: {at: bem}}", 14, "variants.other.goals\\[0\\].when.at"),
        ("    goals:\n      - {id: x, title: X, when: {at: ben}, after: [y]}", 14, "goals\\[0\\].after"),
    ],
)
@pytest.mark.parametrize("variant", ["hello", "hello:other"])
def test_a_mistake_in_a_variant_is_named_by_its_own_line(text: str, line: int, says: str, variant: str) -> None:
    with pytest.raises(LessonError, match=says) as caught:
        other(text + "\n", variant)
    assert caught.value.line == line


def test_a_script_knows_the_goals_of_its_variant() -> None:
    goals = "    goals: [{id: three, title: Three, when: {verdict: dropped}}]\n"
    script = "scripts:\n  - {id: s, title: S, cards: {}, steps: [{goal: three, is: open}]}\n"
    with pytest.raises(LessonError, match="'three' is not known"):
        other(goals + script)
    assert other(goals + script.replace("title: S,", "title: S, variant: other,")).scripts


def test_forging_is_a_goal_only_where_one_can_forge() -> None:
    forging = {"cut", "ignored"}
    there = {
        name: forging & {goal.id for goal in load(name).goals}
        for name in ("refused", "refused:basic", "refused:complex", "refused:guessable", "refused:random")
    }
    assert [sorted(each) for each in there.values()] == [[], [], [], ["cut"], ["cut", "ignored"]]


def test_a_table_that_is_to_be_filled_in_is_empty_until_the_engine_takes_over() -> None:
    rules = load("linked:empty").rules
    play = Play(rules)
    assert play.world.nodes["router-1"].table == NO_ROUTES
    play.do(HandedOver(0, "router-1", True))
    assert play.world.nodes["router-1"].table == rules.node("router-1").table != NO_ROUTES
    play.do(HandedOver(0, "router-1", False))
    play.round()
    assert play.world.nodes["router-1"].table == rules.node("router-1").table, "what was filled in stays"
    assert play.world.nodes["router-2"].table == NO_ROUTES


def test_a_table_that_somebody_has_begun_is_theirs() -> None:
    play = Play(load("linked:empty").rules)
    play.do(TableSet(0, "router-1", (("default", "router-2"),)))
    begun = play.world.nodes["router-1"].table
    play.do(HandedOver(0, "router-1", True))
    assert play.world.nodes["router-1"].table == begun


def test_an_engine_from_the_start_has_its_table() -> None:
    text = "    nodes: {hub: {fill_in: true, plays: engine}}\n"
    rules = other(text).rules
    assert new_world(rules, "seed").nodes["hub"].table == rules.node("hub").table != NO_ROUTES
