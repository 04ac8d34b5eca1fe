"""Teams race: points, times, who plays what in the next round, and whether it is fair."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from hub.lessons import from_text
from hub.lessons.goals import unfair
from hub.simulator.goals import Goal
from hub.simulator.race import Unfair, costly, fairness, race_time, rotation, score, standing, team_scores, teams
from hub.simulator.rounds import Mistake, Player, Tally
from hub.simulator.rules import Rules
from hub.simulator.when import EACH, When
from tests.hub.goals import goal


def rules_of(opens: dict[str, str], engines: tuple[str, ...] = ()) -> Rules:
    """Teams red (r-...) and blue (b-...): a server and two clients each; node -> the server that it opens."""
    lines = ["title: Race", "goal: Be first", "nodes:"]
    numbers = {f"{team}-{kind}": n for n, (team, kind) in enumerate((t, k) for t in "rb" for k in ("s", "1", "2", "3"))}
    for node, number in numbers.items():
        lines += [f"  - id: {node}", f"    title: Node {node}", f"    address: 10.0.0.{number + 1}"]
        lines += [f"    team: {'red' if node[0] == 'r' else 'blue'}", "    services: {23: telnet}"]
        if node in opens:
            lines.append(f"    opens: [10.0.0.{numbers[opens[node]] + 1}:23]")
        if node in engines:
            lines.append("    plays: engine")
    lines += ["links:", *(f"  - [r-s, {node}]" for node in numbers if node != "r-s")]
    return from_text("\n".join(lines), "race").rules


RULES = rules_of({"r-1": "r-s", "r-2": "r-s", "b-1": "b-s", "b-2": "b-s"})
RED, BLUE = ("r-s", "r-1", "r-2", "r-3"), ("b-s", "b-1", "b-2", "b-3")
OPEN = goal("open", When(at=EACH), "r-1", "r-2", "b-1", "b-2", points=2)
QUEST = goal("quest", When(at=EACH), "r-1", "b-1", points=5, quest=True)
ROOM = goal("room", When(), points=100)
GOALS: tuple[Goal, ...] = (OPEN, QUEST, ROOM)


def tally_of(
    open: dict[str, int],
    quest: dict[str, int] | None = None,
    mistakes: dict[str, list[str]] | None = None,
    began: int = 0,
) -> Tally:
    reached: dict[str, Map[str | None, int]] = {"open": Map(open), "quest": Map(quest or {}), "room": Map({None: 1})}
    players = {
        node: Player(tuple(Mistake(n, 0, reason, node, None) for n, reason in enumerate(reasons)))
        for node, reasons in (mistakes or {}).items()
    }
    return Tally(began, Map(players), reached=Map(reached))


def test_teams() -> None:
    assert teams(RULES) == {"red": RED, "blue": BLUE}


def test_points() -> None:
    t = tally_of({"r-1": 9, "r-2": 9, "b-1": 7}, {"r-1": 8})
    assert [score(t, GOALS, node) for node in RED] == [0, 7, 2, 0]
    assert team_scores(t, GOALS, RULES) == {"red": 9, "blue": 2}, "what the room reaches is nobody's"


def test_mistakes_cost_time_and_hacks_do_not() -> None:
    wrong, hack = "tcp.ack-mismatch", "link.skipped-router"
    t = tally_of({"r-1": 60_000, "r-2": 80_000}, mistakes={"r-s": [wrong, hack], "r-1": [wrong]}, began=20_000)
    assert [costly(t, node) for node in RED] == [1, 1, 0, 0]
    assert race_time(t, GOALS, RED, 10) == 80_000
    assert race_time(t, GOALS, RED, 0) == 60_000
    assert race_time(t, GOALS, BLUE, 10) is None
    assert race_time(t, (QUEST, ROOM), RED, 10) is None, "there is nothing to reach"


def test_who_is_done_first_by_the_clock_may_lose_by_mistakes() -> None:
    both = {"r-1": 10_000, "r-2": 20_000, "b-1": 12_000, "b-2": 25_000}
    t = tally_of(both, mistakes={"r-1": ["tcp.ack-mismatch"]})
    assert [(row.team, row.place, row.time) for row in standing(t, GOALS, RULES, 10)] == [
        ("blue", 1, 25_000),
        ("red", 2, 30_000),
    ]
    assert [row.team for row in standing(t, GOALS, RULES, 0)] == ["red", "blue"]


def test_who_is_not_done_comes_after_who_is_however_many_points() -> None:
    t = tally_of({"r-1": 1, "b-1": 90_000, "b-2": 90_000}, {"r-1": 1})
    rows = standing(t, GOALS, RULES, 10)
    assert [(row.team, row.points, row.time) for row in rows] == [("blue", 4, 90_000), ("red", 7, None)]


def test_equal_teams_share_a_place() -> None:
    assert [(row.team, row.place) for row in standing(Tally(), GOALS, RULES, 10)] == [("red", 1), ("blue", 1)]


def test_all_rounds_count() -> None:
    first, now = tally_of({"r-1": 1, "r-2": 1}), tally_of({"b-1": 1})
    rows = standing(Tally(reached=now.reached, earlier=(first, first)), GOALS, RULES, 10)
    assert {row.team: (row.points, row.total) for row in rows} == {"red": (0, 8), "blue": (2, 2)}


def test_everybody_plays_the_next_node_of_the_team() -> None:
    seats = {f"badge-{node}": (node,) for node in (*RED, *BLUE)}
    after = rotation(RULES, seats)
    assert {badge: after[badge] for badge in ("badge-r-s", "badge-r-3", "badge-b-1")} == {
        "badge-r-s": "r-1",
        "badge-r-3": "r-s",
        "badge-b-1": "b-2",
    }


def test_who_stays() -> None:
    table, station = {"table": ("r-s", "r-1")}, {"station": ("b-s",)}
    seats = {**table, **station, "one": ("r-2",), "two": ("r-3",), "three": ("b-1",), "spare": ()}
    rules = rules_of({}, engines=("b-s",))
    assert rotation(rules, seats) == {"one": "r-3", "two": "r-2", "three": "b-2"}
    assert rotation(rules, seats, frozenset({"b-s", "b-2", "b-3"})) == {"one": "r-3", "two": "r-2"}


@given(st.lists(st.sampled_from((*RED, *BLUE)), max_size=8, unique=True), st.integers(1, 9))
def test_nobody_sits_on_anybodys_lap_and_all_come_home(nodes: list[str], rounds: int) -> None:
    seats = start = {f"badge-{n}": (node,) for n, node in enumerate(nodes)}
    for number in range(1, 4 * rounds + 1):
        seats = seats | {badge: (node,) for badge, node in rotation(RULES, seats).items()}
        assert len(set(seats.values())) == len(seats)
        assert all(seats[badge][0][0] == start[badge][0][0] for badge in seats), "everybody stays in the team"
        assert (number % 4 == 0) == (seats == start) or not seats


@pytest.mark.parametrize(
    ("opens", "found"),
    [
        ({}, []),
        ({"r-1": "r-s", "b-2": "b-s"}, []),
        ({"r-1": "b-s", "b-1": "r-s"}, []),
        ({"r-1": "r-s", "r-2": "r-s", "b-2": "b-s"}, [Unfair("unequal-clients", "blue", (1,), (2,))]),
        ({"r-1": "r-s", "r-2": "r-s", "b-2": "b-s", "b-1": "b-3"}, [Unfair("unequal-clients", "blue", (1, 1), (2,))]),
        ({"r-1": "r-s", "b-1": "r-s"}, [Unfair("unequal-servers", "blue", (), (2,))]),
        (
            {"r-1": "b-s", "r-2": "b-s", "b-1": "b-s", "b-2": "b-s"},
            [Unfair("too-many-clients", "b-s", (4,), (3,)), Unfair("unequal-servers", "blue", (4,), ())],
        ),
    ],
)
def test_what_is_not_fair(opens: dict[str, str], found: list[Unfair]) -> None:
    rules = rules_of(opens)
    assert fairness(rules) == found
    for sentence, each in zip(unfair(rules), found, strict=True):
        assert each.who in sentence
        assert "at most" in sentence or "make them equal" in sentence
