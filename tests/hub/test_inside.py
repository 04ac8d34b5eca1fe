"""What a teacher sees when she opens a node: numbers as players count them and as the engine does, timers, tables."""

from __future__ import annotations

import pytest

from hub.inside import HostInside, Listening, Number, Route, Timer, connections, router
from hub.simulator.world import World, advance
from hub.view import StoryLine
from tests.hub.films import SCRIPTS, event, film_of


def inside(lesson: str, script: str, node: str, reason: str, nth: int = 0) -> HostInside:
    """A host right after the nth record with a reason."""
    film = film_of(lesson, script)
    return connections(film.moment(event(film, reason, nth)).world, node)


def test_time_wait_is_a_timer_that_drains() -> None:
    film = film_of("closing", "four")
    sent = event(film, "tcp.ack-sent", 3)
    world = film.moment(sent).world
    (connection,) = connections(world, "nina").connections
    assert connection.state == "TIME-WAIT"
    assert connection.timers == [Timer("time-wait", world.at, 60_000, world.at + 60_000)]
    assert connection.unacknowledged == []
    assert connections(advance(world, world.at + 60_000), "nina").connections == []


def test_what_is_not_acknowledged_stands_in_the_queue_with_its_timer() -> None:
    film = film_of("loss", "written-anew")
    world = film.moment(event(film, "tcp.data-sent")).world
    (c,) = connections(world, "nina").connections
    assert (c.iss, c.irs) == (Number(100, 100), Number(500, 500))
    assert (c.snd_una, c.snd_nxt, c.rcv_nxt) == (Number(101, 101), Number(117, 117), Number(501, 501))
    (queued,) = c.unacknowledged
    assert (queued.what, queued.seq, queued.length, queued.text) == ("data", Number(101, 101), 16, "my name is Nina ")
    assert c.timers == [Timer("retransmission", world.at, 90_000, world.at + 90_000)]
    assert [owed.code for owed in c.owes] == ["say"]
    late = connections(advance(world, world.at + 90_000), "nina").connections[0]
    assert [owed.code for owed in late.owes] == ["resend", "say"]
    assert late.timers == []
    assert late.retries == 1


def test_counting_bytes_players_see_their_numbers_and_the_engine_has_its_own() -> None:
    film = film_of("closing", "four")
    world = film.moment(event(film, "tcp.data-received")).world
    (c,) = connections(world, "server").connections
    assert (c.state, c.peer, c.passive) == ("ESTABLISHED", "nina", True)
    assert c.irs is not None
    assert c.rcv_nxt == Number(3, c.irs.engine + 4)
    assert c.irs.paper == 0
    assert [(owed.code, owed.until_ms) for owed in c.owes] == [("ack", c.timers[0].due_ms)]
    assert c.timers[0].kind == "delayed-ack"
    (own,) = connections(world, "nina").connections
    assert own.snd_nxt == Number(3, c.rcv_nxt.engine)


def test_where_nobody_counts_paper_has_no_numbers() -> None:
    for lesson, script in SCRIPTS:
        film = film_of(lesson, script)
        if not lesson.startswith("booth") and film.lesson.rules.counting.value != "off":
            continue
        world = film.moment(film.last).world
        for node in film.lesson.rules.nodes:
            for c in connections(world, node.id).connections:
                assert all(each is None or each.paper is None for each in (c.iss, c.snd_nxt, c.rcv_nxt))
                assert c.snd_nxt is not None
                return
    pytest.fail("no lesson in which nobody counts was played")


def test_a_syn_is_unacknowledged_and_a_host_says_where_it_listens() -> None:
    found = inside("handshake", "handshake", "client", "tcp.syn-sent")
    (c,) = found.connections
    assert (c.state, [each.what for each in c.unacknowledged], c.rcv_nxt) == ("SYN-SENT", ["SYN"], None)
    assert found.counters == {"sent": 1}
    assert inside("handshake", "handshake", "server", "tcp.syn-sent").listening == [Listening(23, "telnet")]


def test_an_rst_that_is_owed_is_on_no_connection() -> None:
    found = inside("handshake", "refused", "server", "tcp.no-listener")
    assert found.connections == []
    assert [owed.code for owed in found.owes] == ["rst"]
    assert found.counters == {"rst": 1}


def test_tasks_are_done_one_after_the_other() -> None:
    def states(world: World) -> list[tuple[str, str, int]]:
        return [(task.do, task.state, task.count) for task in connections(world, "nina").tasks]

    film = film_of("closing", "four")
    before = states(film.moment(film.first).world)
    assert [state for _, state, _ in before][:2] == ["now", "later"]
    assert {state for _, state, _ in states(film.moment(film.last).world)} == {"done"}


def test_a_router_shows_a_table_that_can_be_edited_and_what_it_sent_on() -> None:
    film = film_of("handshake", "handshake")
    lines: list[StoryLine] = [past.line for past in film.past.values() if past.line is not None]
    found = router(film.moment(film.last).world, "router", lines)
    assert [(each.goes_to, each.came_from) for each in found.forwards] == [
        ("server", "client"),
        ("client", "server"),
        ("server", "client"),
    ]
    assert found.due == []
    linked = film_of(*next(each for each in SCRIPTS if each[0] == "no-route"))
    assert router(linked.moment(linked.first).world, "router-1").table == [Route("10.0.2.0/24", "router-2")]
    assert router(linked.moment(linked.first).world, "router-1").networks == ["10.0.1.0/24", "192.168.12.0/30"]
