"""What was on the wires of a game: each packet where it was seen, as it was, and what was said of it."""

from __future__ import annotations

import struct
from collections import Counter
from datetime import datetime

import pytest
from msgspec.structs import replace

from cards.datagram import IcmpError, Opaque
from cards.packet import Packet
from hub import capture
from hub.capture import Sight
from hub.simulator import wire
from hub.simulator.damage import Damaged
from hub.simulator.ethernet import Frame, frame_from
from hub.simulator.verdicts import Verdict
from paperhop.capture import frames
from tests.hub.games import Game, game, made_up

SEEN = (Verdict.SENT, Verdict.FORWARDED, Verdict.DELIVERED, Verdict.RST)
TAKEN = ("ip.ttl-expired", "udp.no-listener")
"""A node has had the packet, and has thrown it away."""

INK = """\
cards:
  syn: 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0
  syn-ack: 10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=0 ack=0
  name: 10.0.1.2:40001 > 10.0.1.1:23 ACK seq=0 ack=0 ink=5
engines: [router]
steps:
  - {scan: syn, at: danilo}
  - {scan: syn, at: server}
  - {scan: syn-ack, at: server}
  - {scan: syn-ack, at: danilo}
  - {scan: name, at: danilo, expect: sent}
  - {scan: name, at: server, expect: delivered}
"""
DROPPED = """\
cards:
  syn: 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
steps:
  - {scan: syn, at: client, expect: sent}
  - {lose: syn}
"""


def packet(sight: Sight) -> Packet:
    assert isinstance(sight.frame.payload, Packet)
    return sight.frame.payload


def of_card(played: Game, card: str) -> list[Sight]:
    return [sight for sight in played.sights if f", card {card}," in sight.notes[0]]


def comments(octets: bytes) -> str:
    """All text of a capture."""
    return octets.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("lesson", "script"),
    [("handshake", "handshake"), ("data", "names"), ("no-route", "traceroute"), ("linked", "longest-way")],
)
def test_a_capture_holds_the_packets_that_the_hub_judged(lesson: str, script: str) -> None:
    played = game(lesson, script)
    rulings = [past.ruling for past in played.past if past.ruling is not None]
    judged = [ruling for ruling in rulings if ruling.verdict in SEEN or ruling.reason in TAKEN]
    told: list[str] = []
    read = [frame_from(frame.octets) for frame in frames(played.octets(), "room", told.append)]
    assert not told
    packets = [frame.payload for frame in read if isinstance(frame, Frame) and isinstance(frame.payload, Packet)]
    assert len(packets) == len(read) > 5
    assert [plain(each) for each in packets] == [plain(each.packet) for each in judged if each.packet is not None]


def plain(packet: Packet) -> object:
    """Without identifications, its own and that of the packet it quotes, which a room does not have."""
    body = packet.body
    if isinstance(body, IcmpError):
        return packet.src, packet.dst, packet.ttl, body.type, body.code, body.about.begins
    return wire.encode(replace(packet, ident=0))


def test_a_packet_is_seen_once_at_each_node_on_its_way_to_the_next() -> None:
    sights = of_card(game("linked", "longest-way"), "S-1")
    nodes = [sight.node for sight in sights]
    assert nodes == ["client-1", "router-1", "router-2", "router-3", "server-3"]
    assert [sight.outbound for sight in sights] == [True, True, True, True, False]
    ttl = packet(sights[0]).ttl
    assert [packet(sight).ttl for sight in sights] == [ttl, ttl - 1, ttl - 2, ttl - 3, ttl - 3]
    stations = {str(sight.frame.src) for sight in sights} | {str(sight.frame.dst) for sight in sights}
    assert len(stations) == 8, "four wires, and each has two ends"
    assert sights[-1].frame == sights[-2].frame, "a host takes what the last router has sent"


def test_a_packet_keeps_its_identification_and_one_that_is_sent_again_has_a_new_one() -> None:
    first, *again = of_card(game("loss", "lost-syn"), "S-1")[1:]
    assert {packet(sight).ident for sight in again} == {packet(again[0]).ident}
    assert packet(first).ident != packet(again[0]).ident
    assert first.number != again[0].number
    for node, host in (("nina", "10.0.1.2"), ("server", "10.0.1.1")):
        sent = [sight for sight in game("loss", "lost-syn").sights if sight.node == node and sight.outbound]
        assert len({packet(sight).ident for sight in sent}) == len(sent) > 1, host


def test_an_icmp_error_quotes_the_identification_of_the_packet_that_it_is_about() -> None:
    played = game("no-route", "closed-udp-port")
    asked, error = packet(of_card(played, "S-1")[0]), packet(of_card(played, "S-2")[0])
    assert isinstance(error.body, IcmpError)
    assert (error.body.about.src, error.body.about.ident) == (asked.src, asked.ident)
    assert asked.ident


def test_what_got_lost_is_noted_where_it_was_seen_last() -> None:
    on_the_last_wire = of_card(game("loss", "lost-syn"), "S-1")[:2]
    assert [sight.node for sight in on_the_last_wire] == ["nina", "router"]
    assert on_the_last_wire[1].outbound
    assert on_the_last_wire[1].notes[0].startswith("dropped at Router (fault.lost,")
    second = of_card(game("linked", "link-down"), "S-3")
    assert [sight.node for sight in second[:3]] == ["client-1", "router-1", "client-1"], "it never came to Router 2"
    assert second[1].notes[1].startswith("dropped at Router 2 (link.down,")
    (dropped,) = made_up("handshake", DROPPED).sights
    assert dropped.notes[1] == "Lost: the card lies in the drop box."


def test_a_packet_that_was_carried_to_a_wrong_place_is_not_seen_there() -> None:
    played = game("handshake", "straight-across")
    unseen = capture.watch(played.lesson.rules, played.past).unseen
    assert {sight.node for sight in of_card(played, "S-1")} == {"client"}
    assert unseen["server", 1, Verdict.DROPPED]
    assert "(link.skipped-router," in "".join(note for sight in played.sights for note in sight.notes[1:])


def test_a_packet_that_a_wire_doubled_comes_twice() -> None:
    at_the_server = [sight for sight in of_card(game("loss", "doubled"), "S-4") if sight.node == "server"]
    assert [sight.notes[0].split(",")[0] for sight in at_the_server] == [
        "delivered at Server (tcp.data-received",
        "dropped at Server (tcp.duplicate",
    ]
    assert at_the_server[0].frame == at_the_server[1].frame


def test_damage_is_there_as_it_was_and_is_said() -> None:
    sent, passed_on, damaged = of_card(game("loss", "damaged"), "S-4")[:3]
    assert wire.encode(packet(passed_on))[-1] != wire.encode(packet(damaged))[-1]
    body = packet(damaged).body
    assert isinstance(body, Opaque)
    decoded = wire.decode_body(packet(damaged).src, packet(damaged).dst, body.protocol, body.octets)
    assert isinstance(decoded, Damaged)
    assert decoded.reason == "tcp.bad-checksum"
    assert damaged.notes[1].startswith("Damaged on its way")
    assert len(sent.notes) == len(passed_on.notes) == 1


def test_ink_is_placeholders_and_says_so() -> None:
    sights = of_card(made_up("data", INK), "S-3")
    assert [wire.encode(packet(sight))[40:] for sight in sights] == [b"?????"] * 3
    assert all(sight.notes[1].startswith("5 octets of handwriting that nobody has read") for sight in sights)


def test_a_card_that_is_the_answer_of_an_engine_is_seen_where_it_was_sent_from() -> None:
    sights = [sight for sight in game("booth", "hello").sights if packet(sight).src.compressed == "10.0.1.1"]
    assert sights[0].node == "server"
    assert sights[0].outbound
    assert Counter(sight.number for sight in sights)[sights[0].number] == 3, "server, router, client"


def test_nothing_that_was_stopped_or_unread_is_seen_and_the_section_says_how_many() -> None:
    played = game("handshake", "wrong-numbers")
    verdicts = Counter(past.ruling.verdict for past in played.past if past.ruling is not None)
    assert verdicts[Verdict.STOPPED] == 3
    assert f"{verdicts[Verdict.STOPPED]} that were stopped" in comments(played.octets())
    assert not any(sight.notes[0].startswith("stopped") for sight in played.sights)


def test_one_node_or_one_round_can_be_had_alone() -> None:
    played = game("handshake", "new-round")
    assert len(list(frames(played.octets(), "all"))) == 6
    assert len(list(frames(played.octets(at="router"), "router"))) == 2
    assert len(list(frames(played.octets(at="router", round=2), "router"))) == 1
    assert "Only what Router sent" in comments(played.octets(at="router"))
    assert (
        "Client" not in comments(played.octets(at="router")).partition("Of these scans")[2].partition(" at Router")[0]
    )


def test_time_is_lesson_time_from_the_beginning_of_the_room() -> None:
    played = game("handshake", "handshake")
    octets = played.octets(at="server")
    first = next(sight for sight in played.sights if sight.node == "server")
    at = octets.index(struct.pack("<I", 6), octets.index(b"server, host"))
    high, low = struct.unpack_from("<II", octets, at + 12)
    began = datetime.fromisoformat(played.room.began).timestamp() * 1000
    assert (high << 32 | low) == began + first.at
    assert first.at > 0


def test_every_scan_is_a_row() -> None:
    played = game("loss", "lost-syn")
    table = [dict(zip(capture.HEADER, row, strict=True)) for row in capture.rows(played.room, played.past)]
    assert len(table) == sum(past.line is not None for past in played.past)
    lost = table[1]
    assert lost["packet"] == "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0"
    assert (lost["node"], lost["card"], lost["round"]) == ("router", "S-1", "1")
    assert (lost["verdict"], lost["reason"], lost["charged"]) == ("dropped", "fault.lost", "")
    assert lost["sentence"].startswith("Lost on the wire to Server.")
    times = [datetime.fromisoformat(row["time"]) for row in table]
    assert times[1].timestamp() - times[0].timestamp() == 1
    charged = game("handshake", "straight-across")
    assert "client" in {row[-1] for row in capture.rows(charged.room, charged.past)}
