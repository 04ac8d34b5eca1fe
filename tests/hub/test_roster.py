"""The class: names are pasted, seats dealt, and everything about people can be forgotten."""

from __future__ import annotations

import contextlib
import stat
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.lessons import load
from hub.roster import (
    MOST_NAME,
    MOST_PEOPLE,
    Roster,
    RosterError,
    deal,
    hold,
    join,
    leases,
    leave,
    paste,
    swap,
)
from hub.rosterfile import FILE, RosterFile
from hub.simulator.race import teams
from tests.hub.teaching import Kit

HANDSHAKE, RACE = load("handshake"), load("linked")


def names(count: int) -> list[str]:
    return [f"Player {number}" for number in range(count)]


def seats(roster: Roster) -> dict[str, tuple[str, ...]]:
    return {person.name: person.nodes for person in roster.people}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna\nBen\n\n  Cem  \n", ("Anna", "Ben", "Cem")),
        ("Anna, Ben;Cem\tDora", ("Anna", "Ben", "Cem", "Dora")),
        ("1. Anna\n2) Ben\n 3 Cem\n- Dora\n• Emil\n* Finn", ("Anna", "Ben", "Cem", "Dora", "Emil", "Finn")),
        ("1\tAnna\tMeier\n2\tBen\tOtto\n", ("Anna Meier", "Ben Otto")),
        ("Meier, Anna\nOtto, Ben", ("Anna Meier", "Ben Otto")),
        ("Anna,\nBen,\n", ("Anna", "Ben")),
        ("Anna\nanna\nANNA\nAnna B.", ("Anna", "anna B.", "ANNA C.", "Anna B. B.")),
        ("3PO\nR2-D2\nJean-Luc", ("3PO", "R2-D2", "Jean-Luc")),
        ("An\x00na\nB\u202een\u200e\nC\x1b[31mem", ("Anna", "Ben", "C[31mem")),
        ("<b>Bobby</b>\n'; DROP TABLE--", ("<b>Bobby</b>", "'", "DROP TABLE--")),
        ("Zoe\u0308\u00a0 K.", ("Zoë K.",)),
    ],
)
def test_a_class_list_is_names(text: str, expected: tuple[str, ...]) -> None:
    assert paste(text) == expected


def test_long_names_are_cut_and_stay_distinct() -> None:
    long = "x" * 100
    assert paste(f"{long}\n{long}") == ("x" * MOST_NAME, "x" * (MOST_NAME - 3) + " B.")


def test_a_list_without_names_or_with_too_many_is_refused() -> None:
    for text in ("", " \n1.\n - \n", "\x00"):
        with pytest.raises(RosterError, match="one name a line"):
            paste(text)
    assert len(paste("\n".join(names(MOST_PEOPLE)))) == MOST_PEOPLE
    with pytest.raises(RosterError, match="paste fewer"):
        paste("\n".join(names(MOST_PEOPLE + 1)))


@given(st.text(max_size=300))
def test_whatever_is_pasted_names_are_short_seen_and_distinct(text: str) -> None:
    try:
        pasted = paste(text)
    except RosterError:
        return
    assert len({name.casefold() for name in pasted}) == len(pasted)
    for name in pasted:
        assert 0 < len(name) <= MOST_NAME
        assert name == name.strip()
        assert not set(name) & {"\n", "\r", "\x00", "\t", "\u202e", "\u2028"}


def test_everybody_gets_a_node_and_its_address() -> None:
    roster = deal(names(3), HANDSHAKE, "seed")
    dealt = {lease.node: (lease.title, lease.address) for lease in leases(roster, HANDSHAKE)}
    assert dealt == {
        "client": ("Client", "10.0.1.2"),
        "router": ("Router", "10.0.1.254"),
        "server": ("Server", "10.0.1.1"),
    }
    assert roster == deal(names(3), HANDSHAKE, "seed")
    assert any(deal(names(3), HANDSHAKE, f"seed {n}") != roster for n in range(10)), "it is a lot"


def test_who_is_too_many_stands_by_and_gets_the_next_free_seat() -> None:
    roster = deal(names(5), HANDSHAKE, "seed")
    first, second = (person.name for person in roster.standbys)
    gone = roster.people[0]
    roster = leave(roster, gone.name)
    assert seats(roster)[first] == gone.nodes
    assert [person.name for person in roster.standbys] == [second]
    assert gone.name not in seats(roster)
    assert leases(roster, HANDSHAKE)[-1].node is None


def test_with_too_few_people_somebody_plays_two_nodes_or_bots_play() -> None:
    roster = deal(names(2), HANDSHAKE, "seed")
    assert sorted(map(len, seats(roster).values())) == [1, 2]
    assert roster.free == ()
    with_bots = deal(names(2), HANDSHAKE, "seed", bots=True)
    assert sorted(map(len, seats(with_bots).values())) == [1, 1]
    assert len(with_bots.free) == 1
    assert max(map(len, seats(deal(names(1), HANDSHAKE, "seed")).values())) == 2, "three are too many"


def test_teams_are_balanced() -> None:
    nodes = sum(map(len, teams(RACE.rules).values()))
    for count in range(1, nodes + 8):
        roster = deal(names(count), RACE, "seed")
        sizes = Counter(person.team for person in roster.people)
        sizes.update(dict.fromkeys(teams(RACE.rules), 0))
        assert max(sizes.values()) - min(sizes.values()) <= 1, count
        for person in roster.people:
            assert all(RACE.rules.node(node).team == person.team for node in person.nodes)
        dealt = [node for person in roster.people for node in person.nodes]
        assert len(dealt) == len(set(dealt))


def test_who_comes_late_gets_a_seat_if_there_is_one() -> None:
    roster = join(deal(names(2), HANDSHAKE, "seed"), "Late")
    assert sorted(map(len, seats(roster).values())) == [1, 1, 1], "from whoever had two"
    roster = join(join(roster, "Later"), "later", badge="phone-7")
    assert [person.name for person in roster.standbys] == ["Later", "later B."]
    roster = join(deal(names(2), HANDSHAKE, "seed", bots=True), "Late")
    assert roster.free == ()
    with pytest.raises(RosterError, match="no name"):
        join(roster, " \x00 ")
    with pytest.raises(RosterError, match="at most"):
        join(deal(names(MOST_PEOPLE), HANDSHAKE, "seed"), "One more")


def test_a_standby_of_the_same_team_comes_first() -> None:
    roster = deal(names(sum(map(len, teams(RACE.rules).values())) + 3), RACE, "seed")
    waiting = roster.standbys[1]
    gone = next(person for person in roster.people if person.team == waiting.team and person.nodes)
    first = next(person for person in roster.standbys if person.team == gone.team)
    assert seats(leave(roster, gone.name))[first.name] == gone.nodes


def test_two_people_swap() -> None:
    roster = deal(names(4), HANDSHAKE, "seed")
    one, standby = roster.people[0], roster.standbys[0]
    swapped = seats(swap(roster, one.name, standby.name))
    assert (swapped[one.name], swapped[standby.name]) == ((), one.nodes)
    with pytest.raises(RosterError, match="Nobody"):
        swap(roster, one.name, "Nobody")


def test_a_badge_is_held_by_one() -> None:
    roster = hold(deal(names(2), HANDSHAKE, "seed"), "Player 0", "b1")
    roster = hold(roster, "Player 1", "b1")
    assert {person.name: person.badge for person in roster.people} == {"Player 0": None, "Player 1": "b1"}
    assert hold(roster, "Player 1", None).person("Player 1").badge is None


def test_the_file_is_for_the_hub_alone_and_comes_back(tmp_path: Path) -> None:
    file, roster = RosterFile(tmp_path / "data"), deal(names(4), HANDSHAKE, "seed")
    assert file.load() == Roster()
    file.save(roster)
    file.save(leave(roster, "Player 0"))
    assert RosterFile(tmp_path / "data").load() == leave(roster, "Player 0")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == [FILE]


def test_a_class_is_forgotten_and_the_file_overwritten(tmp_path: Path) -> None:
    file = RosterFile(tmp_path)
    file.save(deal(names(4), HANDSHAKE, "seed"))
    replaced = tmp_path / "replaced"
    replaced.hardlink_to(file.path)
    file.save(deal(["Zoe"], HANDSHAKE, "seed"))
    assert set(replaced.read_bytes()) == {0}, "what was there before"
    removed = tmp_path / "removed"
    removed.hardlink_to(file.path)
    file.forget()
    assert set(removed.read_bytes()) == {0}
    assert not file.path.exists()
    assert file.load() == Roster()
    file.forget()


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    file = RosterFile(tmp_path)
    file.path.write_bytes(b"\xff{")
    with pytest.raises(RosterError, match="Forget it"):
        file.load()
    file.forget()
    assert file.load() == Roster()


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, roster = RosterFile(tmp_path), deal(names(3), HANDSHAKE, "seed")
    file.save(roster)

    def full(descriptor: int) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        with pytest.raises(OSError, match="full"):
            file.save(Roster())
    assert file.load() == roster
    file.save(Roster())
    assert file.load() == Roster()


def test_names_are_in_no_journal_no_feed_and_no_state(tmp_path: Path) -> None:
    kit = Kit(tmp_path, badges=())
    roster = deal(["Xanthippe", "Yorick", "Zebedee", "Quasimodo"], HANDSHAKE, "seed")
    for place, person in enumerate(roster.people):
        roster = hold(roster, person.name, f"b{place + 1}")
    RosterFile(tmp_path).save(roster)
    follower = kit.room.feed.follow(f"{kit.room.feed.last_id.partition('-')[0]}-0")
    for person in roster.people:
        if person.nodes and person.badge:
            kit.room.seat(person.badge, person.nodes[0])
    for badge in ("b1", "b2", "b3"):
        kit.scan(badge, "T-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")
    told = msgspec.json.encode(kit.room.state()).decode()
    kit.room.feed.close()
    told += "".join(event.json for event in follower if event is not None)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name != FILE)
    assert b'"b1"' in kept
    for person in roster.people:
        assert person.name not in told
        assert person.name.encode() not in kept


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["A;B;" * 50_000, "na\n" * 60_000, "- " * 100_000, "Z" + "\u0301" * 200_000, "A\tA\n" * 50_000]
)
def test_a_list_of_any_length_is_looked_through_at_once(text: str) -> None:
    with contextlib.suppress(RosterError):
        assert len(paste(text)) <= MOST_PEOPLE
