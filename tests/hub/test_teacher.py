"""What a teacher does for one player, without disturbing the others."""

from __future__ import annotations

from hub.lessons import from_text
from hub.simulator import bots
from hub.simulator.events import HandedOver, Restarted, Seated, TableSet
from hub.simulator.rules import Rules, Task
from hub.simulator.states import State
from hub.simulator.tasks import wish
from hub.simulator.turns import turn, turns
from tests.hub.play import ACK, CLIENT, SERVER, SYN, SYN_ACK, Play, established

PAIR = """
title: Two clients
goal: Talk
nodes:
  - {id: ann, title: Ann, address: 10.0.1.2, routes: {default: r}, tasks: [{open: "10.0.1.1:23"}, {say: hi}]}
  - {id: ben, title: Ben, address: 10.0.1.3, routes: {default: r}, tasks: [{open: "10.0.1.1:23"}]}
  - {id: r, title: R, router: true, address: 10.0.1.254, routes: {10.0.1.0/24: link}}
  - {id: s, title: S, address: 10.0.1.1, routes: {default: r}, services: {23: telnet}}
links: [[ann, r], [ben, r], [s, r]]
"""


def pair() -> Rules:
    return from_text(PAIR, "pair").rules


def test_a_connection_begins_anew_and_another_goes_on() -> None:
    play = Play(pair())
    for host in (2, 3):
        client = f"10.0.1.{host}:40001"
        node = "ann" if host == 2 else "ben"
        play.carry(f"{client} > {SERVER} SYN seq=100", node, "r", "s")
        play.carry(f"{SERVER} > {client} SYN,ACK seq=300 ack=101", "s", "r", node)
    play.do(Restarted(play.at, "ann", "s"))
    assert play.state("ann") == []
    assert play.state("s") == [State.SYN_RECEIVED]
    assert play.state("ben") == [State.ESTABLISHED]
    owed = turn(play.world, "ann")
    assert owed is not None
    assert owed.code == "open", "its application begins again"
    assert play.carry(f"10.0.1.2:40001 > {SERVER} SYN seq=100", "ann", "r", "s") == ["sent", "forwarded", "delivered"]


def test_what_has_not_been_said_yet_waits_for_the_new_connection() -> None:
    play = Play(from_text(MANY, "many").rules)
    open_with(play, "s", "10.0.1.1:23")
    assert wants(play)[0] == ("say", "S")
    play.do(Restarted(play.at, "ann", "s"))
    assert wants(play)[0] == ("open", "S")
    open_with(play, "s", "10.0.1.1:23")
    assert wants(play)[0] == ("say", "S")


MANY = """
title: One client, two servers
goal: Talk
nodes:
  - id: ann
    title: Ann
    address: 10.0.1.2
    routes: {default: r}
    tasks: [{open: "10.0.1.1:23"}, {say: hi}, {open: "10.0.1.3:23"}, {say: long}, close, {open: "10.0.1.1:7"}]
  - {id: r, title: R, router: true, address: 10.0.1.254, routes: {10.0.1.0/24: link}}
  - {id: s, title: S, address: 10.0.1.1, routes: {default: r}, services: {23: telnet, 7: echo}}
  - {id: t, title: T, address: 10.0.1.3, routes: {default: r}, services: {23: telnet}}
links: [[ann, r], [s, r], [t, r]]
"""


def open_with(play: Play, node: str, server: str, client: str = "10.0.1.2:40001") -> None:
    for text, way in (
        (f"{client} > {server} SYN seq=100", ("ann", "r", node)),
        (f"{server} > {client} SYN,ACK seq=300 ack=101", (node, "r", "ann")),
        (f"{client} > {server} ACK seq=101 ack=301", ("ann", "r", node)),
    ):
        assert "stopped" not in play.carry(text, *way)


def wants(play: Play) -> list[tuple[str, str]]:
    """What Ann's application wants: of what, with whom."""
    return [(each.code, each.peer) for each in turns(play.world, "ann")]


def talking() -> Play:
    """Ann has said hi to S, and half of what she has to say to T."""
    play = Play(from_text(MANY, "many").rules)
    open_with(play, "s", "10.0.1.1:23")
    play.carry('10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="hi"', "ann", "r", "s")
    open_with(play, "t", "10.0.1.3:23", "10.0.1.2:40002")
    play.carry('10.0.1.2:40002 > 10.0.1.3:23 ACK seq=101 ack=301 data="lo"', "ann", "r", "t")
    return play


def test_a_restart_leaves_alone_what_goes_on_with_others() -> None:
    play = talking()
    play.do(Restarted(play.at, "s", "ann"))
    (owed, *_) = turns(play.world, "ann")
    assert (owed.code, owed.peer, owed.text) == ("say", "T", b"ng"), "it goes on in the middle of its word"
    play.carry('10.0.1.2:40002 > 10.0.1.3:23 ACK seq=103 ack=301 data="ng"', "ann", "r", "t")
    assert wants(play)[0] == ("close", "T")
    play.carry("10.0.1.2:40002 > 10.0.1.3:23 FIN,ACK seq=105 ack=301", "ann", "r", "t")
    assert wants(play)[0] == ("open", "S"), "what had been done with S comes anew"
    open_with(play, "s", "10.0.1.1:23")
    assert wants(play)[0] == ("say", "S")


def test_a_restart_of_what_goes_on_does_not_repeat_what_was_done_with_others() -> None:
    play = talking()
    play.do(Restarted(play.at, "ann", "t"))
    assert wants(play)[0] == ("open", "T")
    open_with(play, "t", "10.0.1.3:23", "10.0.1.2:40002")
    play.carry('10.0.1.2:40002 > 10.0.1.3:23 ACK seq=101 ack=301 data="long"', "ann", "r", "t")
    play.carry("10.0.1.2:40002 > 10.0.1.3:23 FIN,ACK seq=105 ack=301", "ann", "r", "t")
    assert [each.remote.port for each in left(play)] == [7], "and then only what had not been begun"


def left(play: Play) -> list[Task]:
    """What Ann's application still wants to open."""
    tasks = play.world.rules.node("ann").tasks
    wanted = wish(tasks, play.world.progress_of("ann"), play.world.host("ann"), play.at)
    assert wanted is not None
    return [tasks[number] for number in wanted.progress.left]


def test_cards_of_a_connection_that_was_restarted_are_forgotten() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    play.do(Restarted(play.at, "client", "server"))
    assert turn(play.world, "server") is None
    assert not play.world.instances


def test_the_engine_takes_over_a_node_and_gives_it_back() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    assert bots.next_step(play.world) is None
    play.do(HandedOver(play.at, "server", True))
    played = bots.next_step(play.world)
    assert played is None or played.node == "server"
    play.do(Seated(play.at, "badge-server", None))
    played = bots.next_step(play.world)
    assert played is not None
    (ruling,) = play.do(played)
    assert (ruling.node, ruling.reason) == ("server", "tcp.syn-ack-sent")
    play.do(HandedOver(play.at, "server", False))
    assert bots.next_step(play.world) is None
    assert play.state("server") == [State.SYN_RECEIVED], "its connections stay with the node"


def test_one_step_is_played_for_a_player() -> None:
    play = established()
    play.carry(f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="hi"', "client", "router", "server")
    played = bots.step(play.world, "server")
    assert played is None, "its ACK may still wait for company"
    play.at += 20_000
    play.scan("client", f"{CLIENT} > 10.0.1.1:9 SYN seq=1")
    played = bots.step(play.world, "server")
    assert played is not None
    (ruling,) = play.do(played)
    assert (ruling.verdict.value, ruling.reason) == ("sent", "tcp.ack-sent")


def test_the_paper_of_a_step_that_the_engine_has_played_is_the_first_that_says_the_same() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    played = bots.step(play.world, "server")
    assert played is not None
    play.do(played)
    number = play.world.instances[played.card].sent.segment.seq
    copy = f"{SERVER} > {CLIENT} SYN,ACK seq={number} ack=101"
    assert play.carry(copy, "router", "client") == ["forwarded", "delivered"]
    assert played.card not in play.world.instances
    wrong = f"{SERVER} > {CLIENT} SYN,ACK seq={(number + 1).value} ack=101"
    assert play.scan("router", wrong).verdict.value != "forwarded", "another number is another packet"


def test_a_station_takes_cards_and_answers_but_nobody_writes_for_it() -> None:
    play = Play()
    play.do(HandedOver(0, "server", True))
    play.carry(SYN, "client", "router")
    assert bots.next_step(play.world) is None, "at a station people bring the cards"
    assert play.carry(SYN, "server") == ["delivered"]
    ruling = play.scan("server", f"{SERVER} > {CLIENT} SYN seq=5")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "room.station", None)
    played = bots.next_step(play.world)
    assert played is not None
    (answer,) = play.do(played)
    assert (answer.verdict.value, answer.goes_to) == ("sent", "router")


def test_a_routing_table_is_filled_in_by_its_player() -> None:
    play = Play()
    play.do(TableSet(0, "router", ()))
    play.carry(SYN, "client")
    assert play.scan("router", SYN).reason == "ip.no-route"
    play.do(TableSet(play.at, "router", (("10.0.1.0/24", "link"),)))
    other = f"10.0.1.2:40002 > {SERVER} SYN seq=5"
    assert play.carry(other, "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_a_table_that_names_nobody_changes_nothing() -> None:
    play = Play()
    before = play.world
    play.do(TableSet(0, "router", (("10.0.1.0/24", "nobody"),)))
    play.do(TableSet(0, "router", (("10.0.1.0/99", "link"),)))
    play.do(TableSet(0, "nobody", ()))
    play.do(Restarted(0, "nobody", "client"))
    play.do(HandedOver(0, "nobody", True))
    assert play.world == before


def test_seats_are_swapped_in_mid_round_and_connections_stay_with_the_node() -> None:
    play = established()
    play.do(Seated(play.at, "badge-client", "server"))
    play.do(Seated(play.at, "badge-server", "client"))
    data = f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="hi"'
    (ruling,) = play.do(play.scanned_by("badge-server", data))
    assert (ruling.node, ruling.verdict.value) == ("client", "sent")


def test_one_badge_serves_a_whole_table() -> None:
    play = Play()
    for node in ("router", "server"):
        play.do(Seated(0, f"badge-{node}", None))
    play.do(Seated(0, "badge-client", "client", ("router", "server")))
    seen = []
    for text in (SYN, SYN, SYN, SYN_ACK, SYN_ACK, SYN_ACK, ACK, ACK, ACK):
        (ruling,) = play.do(play.scanned_by("badge-client", text))
        seen.append((ruling.node, ruling.verdict.value))
    there, back = ("client", "router", "server"), ("server", "router", "client")
    verdicts = ("sent", "forwarded", "delivered")
    assert seen == [
        *zip(there, verdicts, strict=True),
        *zip(back, verdicts, strict=True),
        *zip(there, verdicts, strict=True),
    ]


def test_everybody_sees_what_they_owe_and_since_when() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    (owed, *_) = turns(play.world, "server")
    assert (owed.code, owed.peer, owed.flags, owed.since) == ("syn-ack", "Client", "SYN,ACK", 3000)
    play.scan("client", f"{CLIENT} > 10.0.1.1:9 SYN seq=1")
    (owed, *_) = turns(play.world, "server")
    assert owed.since == 3000
    (card,) = turns(play.world, "router")
    assert (card.code, card.peer, card.since) == ("forward", "Client", 4000)
