"""Teams race: points and times, who plays what in the next round, and whether that is fair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from hub.simulator.goals import Goal
from hub.simulator.rounds import Round, Tally
from hub.simulator.rules import Do, Rules

MOST_CLIENTS = 3
"""Clients that one server may have in a race: its player writes the most."""


# Points and times


class Standing(msgspec.Struct, frozen=True):
    """How a team stands. place: from 1 on, the same for teams that are equal. points: of this round.

    time: ms from the beginning of the round to the team's last goal, and for its mistakes; None: it is not done yet.
    mistakes: those that cost time. total: points of all rounds.
    """

    team: str
    place: int
    points: int
    time: int | None
    mistakes: int
    total: int


def teams(rules: Rules) -> dict[str, tuple[str, ...]]:
    """The teams of a lesson and their nodes, both in the order of its file."""
    found: dict[str, list[str]] = {}
    for node in rules.nodes:
        if node.team is not None:
            found.setdefault(node.team, []).append(node.id)
    return {team: tuple(nodes) for team, nodes in found.items()}


def score(t: Round, goals: tuple[Goal, ...], node: str) -> int:
    """The points of a node in a round (`Tally`: in this one). Nothing is subtracted."""
    return sum(goal.points for goal in goals if t.reached_at(goal.id, node) is not None)


def team_scores(t: Round, goals: tuple[Goal, ...], rules: Rules) -> dict[str, int]:
    """The points of each team in a round: of its nodes. What the room has reached is nobody's."""
    return {team: sum(score(t, goals, node) for node in nodes) for team, nodes in teams(rules).items()}


def costly(t: Round, node: str) -> int:
    """Mistakes of a node that cost time: not the forgiven ones, and no hack, whose packet is dropped as it is."""
    return sum(1 for mistake in t.mistakes(node) if mistake.hack is None)


def race_time(t: Round, goals: tuple[Goal, ...], nodes: tuple[str, ...], penalty: int) -> int | None:
    """When a team of these nodes has reached its last goal that is no quest, in ms since the round began, and `penalty`
    seconds for every mistake. None: it has not, or has none to reach.
    """
    times = [t.reached_at(goal.id, node) for goal in goals if not goal.quest for node in goal.who if node in nodes]
    reached = [at for at in times if at is not None]
    if not times or len(reached) < len(times):
        return None
    return max(reached) - t.began + 1000 * penalty * sum(costly(t, node) for node in nodes)


def standing(t: Tally, goals: tuple[Goal, ...], rules: Rules, penalty: int) -> tuple[Standing, ...]:
    """The teams in order: those that are done by their time, then the others by points, mistakes, and the file's order.

    penalty: seconds that a mistake costs.
    """
    totals = [team_scores(each, goals, rules) for each in t.rounds]
    rows = [
        Standing(
            team,
            0,
            totals[-1][team],
            race_time(t, goals, nodes, penalty),
            sum(costly(t, node) for node in nodes),
            sum(points[team] for points in totals),
        )
        for team, nodes in teams(rules).items()
    ]
    rows.sort(key=_order)
    orders = [_order(row) for row in rows]
    return tuple(replace(row, place=orders.index(order) + 1) for row, order in zip(rows, orders, strict=True))


def _order(row: Standing) -> tuple[int, int, int]:
    if row.time is not None:
        return 0, row.time, -row.points
    return 1, -row.points, row.mistakes


# Who plays what


def rotation(
    rules: Rules, seats: Mapping[str, tuple[str, ...]], engines: frozenset[str] | None = None
) -> dict[str, str]:
    """The badges that play another node in the next round: each the next one of its team, in the order of the file.

    A badge with several nodes stays, as does a station, and nobody takes their nodes. engines: the nodes that the
    engine plays; None: as the lesson has it.
    """
    engines = rules.engines if engines is None else engines
    taken = engines.union(*(nodes for nodes in seats.values() if len(nodes) != 1))
    following: dict[str, str] = {}
    for nodes in teams(rules).values():
        ring = [node for node in nodes if node not in taken]
        following.update(zip(ring, [*ring[1:], *ring[:1]], strict=True))
    places = {badge: nodes[0] for badge, nodes in sorted(seats.items()) if len(nodes) == 1}
    return {badge: following[node] for badge, node in places.items() if following.get(node, node) != node}


class Unfair(msgspec.Struct, frozen=True):
    """Why a race is not fair. clients, should: how many there are, and how many there should be, most first.

    code: `too-many-clients`: the node `who` is a server that has more than it should at most. `unequal-clients`: of the
    team `who`, so many nodes open connections with one server, so many with the next; the first team is as it should
    be. `unequal-servers`: the servers in the team `who` have so many clients, of whatever team.
    """

    code: str
    who: str
    clients: tuple[int, ...]
    should: tuple[int, ...]


def fairness(rules: Rules) -> list[Unfair]:
    """What is not fair: teams have equally many clients for each server, and a server has three at most.

    A client is a node whose application opens a connection with a server, once or more often.
    """
    clients = _clients(rules)
    found = [
        Unfair("too-many-clients", node, (len(who),), (MOST_CLIENTS,))
        for node, who in clients.items()
        if len(who) > MOST_CLIENTS
    ]
    first: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    for team, nodes in teams(rules).items():
        of_team = _most_first(len(who.intersection(nodes)) for who in clients.values())
        at_team = _most_first(len(clients[node]) for node in nodes)
        first = first or (of_team, at_team)
        if of_team != first[0]:
            found.append(Unfair("unequal-clients", team, of_team, first[0]))
        elif at_team != first[1]:
            found.append(Unfair("unequal-servers", team, at_team, first[1]))
    return found


def _clients(rules: Rules) -> dict[str, frozenset[str]]:
    """For each node, those that open connections with it."""
    opened: dict[str, set[str]] = {node.id: set() for node in rules.nodes}
    for node in rules.nodes:
        for task in node.tasks:
            server = rules.by_address.get(task.remote.address)
            if task.do is Do.OPEN and server is not None:
                opened[server].add(node.id)
    return {server: frozenset(nodes) for server, nodes in opened.items()}


def _most_first(counts: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted((count for count in counts if count), reverse=True))
