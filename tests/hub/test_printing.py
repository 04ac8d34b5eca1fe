"""What a lesson needs on paper: every lesson and variant prints, whole, legible, and as its first page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path as FilePath

import pytest

from cards.drawing import sheet_picture
from cards.imposition import PAPERS, Piece
from cards.pdf import pdf
from cards.printedcard import PORT_NAMES
from cards.qrtext import CardId, CommandCard, PenCard, PrintedCard, RoleCard, decode
from cards.reader import read
from cards.sheet import Code, Disc, Line, Path, Placed, Shape, Sheet, Text
from hub.checking.playing import alone
from hub.commands import meaning, parse
from hub.lessons import Lesson, Script, from_text, ids, load
from hub.lessons.forms import pen_form
from hub.lessons.lesson import GoalStep, Question
from hub.messages import LightWord
from hub.messages.lights import KEYS, PATTERNS, Led
from hub.poster import RING, walk
from hub.printing.commanding import commands
from hub.printing.course import shown
from hub.printing.deck import MOST_TEAMS, Order, Part, deck, last_serial, parts
from hub.printing.hacks import hack_cards
from hub.printing.lights import called, light_card, rhythm
from hub.printing.pen import example, filling_sheet, pen_cards, writing_rules
from hub.printing.questions import question_sheet
from hub.printing.roles import role, tent
from hub.printing.rules import rules_sheet
from hub.printing.tables import table_cards
from hub.printing.wiring import wiring
from hub.scripted import journal_of_nobody, play
from hub.simulator.rules import Play
from hub.texts import languages, names, texts
from tests.cards.test_printedcard import PRINTER_MARGIN, box_around

Box = tuple[float, float, float, float]

_BELOW_THE_LINE = frozenset("gjpqy,;()[]{}_")
_FOREIGN, _ENGLISH = "Ł", texts()
_FIELDS = ("Paperhop", "seq", "ack", "window", *PORT_NAMES.values())
"""On cards in every language."""
LESSONS = tuple(name for id in ids() for name in (id, *(f"{id}:{variant}" for variant in load(id).variants)))
each_lesson = pytest.mark.parametrize("name", LESSONS)


@cache
def lesson_of(name: str) -> Lesson:
    return load(name)


@each_lesson
def test_no_text_leaves_its_paper_or_runs_into_another_or_into_a_line(name: str) -> None:
    for sheet in _sheets(Order(lesson_of(name))):
        _assert_clean(sheet)


@pytest.mark.parametrize("language", languages()[1:])
@pytest.mark.parametrize("name", [*ids(), *(f"{id}:complex" for id in ("data", "linked", "loss", "no-route"))])
def test_words_of_other_languages_fit_on_their_paper_too(name: str, language: str) -> None:
    for sheet in _sheets(Order(load(name, language))):
        _assert_clean(sheet)


@each_lesson
@pytest.mark.parametrize("paper", PAPERS)
def test_the_first_page_names_the_pages_that_follow(name: str, paper: str) -> None:
    order = Order(lesson_of(name), teams=2, paper=paper)
    pages = list(deck(order))
    assert {(page.width, page.height) for page in pages} == {PAPERS[paper]}
    words = [shape.text for shape in pages[0].shapes if isinstance(shape, Text)]
    page = 1
    for group in parts(order):
        for part in group:
            first, last = page + 1, page + part.pages(paper)
            assert f"p. {first}" + (f"–{last}" if last > first else "") in words
            assert f"{part.count} ×" in words
            pieces = list(part.pieces())
            assert len(pieces) == part.count
            assert all(bool(piece.back) == part.backs for piece in pieces)
            fronts = pages[first - 1 : last : 2 if part.backs else 1]
            laid = [placed.sheet for front in fronts for placed in front.shapes if isinstance(placed, Placed)]
            assert [sheet.title for sheet in laid] == [piece.front.title for piece in pieces]
            page = last
    assert page == len(pages)


@pytest.mark.parametrize(
    ("name", "paper", "counts"),
    [
        ("handshake", "a4", {"rules": 3, "state sheets": 6, "name tents": 9, "role cards": 9, "routing tables": 3}),
        ("linked", "a4", {"rules": 3, "name tents": 9, "role cards": 9, "routing tables": 3, "state sheets": 6}),
        ("booth", "letter", {"rules": 3, "name tents": 9, "role cards": 9, "replies of Server": 9}),
    ],
)
def test_counts_follow_from_the_lesson_and_the_teams(name: str, paper: str, counts: dict[str, int]) -> None:
    there = {part.name: part.count for part in _parts(Order(lesson_of(name), teams=3, paper=paper))}
    assert {part: there[part] for part in counts} == counts


def test_teams_of_a_lesson_share_its_network() -> None:
    assert [Order(lesson_of("linked"), teams).networks for teams in (1, 3, 4, 7)] == [1, 1, 2, 3]
    assert [Order(lesson_of("handshake"), teams).networks for teams in (1, 3)] == [1, 3]


def test_a_lesson_without_routers_to_play_has_no_tables_and_one_without_tcp_no_state_sheets() -> None:
    names = {part.name for part in _parts(Order(lesson_of("booth:complex")))}
    assert "routing tables" not in names
    assert "state sheets" in names
    assert "state sheets" not in {part.name for part in _parts(Order(lesson_of("no-route")))}


@pytest.mark.parametrize("teams", [0, -1, MOST_TEAMS + 1])
def test_a_deck_for_nobody_or_for_too_many_is_refused(teams: int) -> None:
    with pytest.raises(ValueError, match=f"for 1 to {MOST_TEAMS} teams"):
        list(deck(Order(lesson_of("handshake"), teams)))


@pytest.mark.parametrize("first", [-1, 99_980])
def test_cards_have_numbers_that_a_card_can_have(first: int) -> None:
    with pytest.raises(ValueError, match="serial number is between 0 and 99999"):
        list(deck(Order(lesson_of("handshake"), teams=3, first=first)))


def test_no_two_cards_are_one_paper_and_numbers_begin_where_they_should() -> None:
    cards = [
        decode(code.text)
        for part in _parts(Order(lesson_of("booth"), teams=2, first=100))
        for piece in part.pieces()
        for code in piece.front.shapes
        if isinstance(code, Code)
    ]
    named = [str(card.id) for card in cards]
    assert len(set(named)) == len(named)
    assert {"DEMO-100", "CMD-100", "ROLE-100"} <= set(named)
    assert {type(card) for card in cards} == {PrintedCard, CommandCard, RoleCard}


def test_the_host_is_in_every_code() -> None:
    order = Order(lesson_of("handshake"), host="192.168.4.1:8000")
    codes = [shape for sheet in _sheets(order) for shape in sheet.shapes if isinstance(shape, Code)]
    assert codes
    assert all(code.text.startswith("HTTP://192.168.4.1:8000/") for code in codes)


def test_the_same_order_gives_the_same_octets() -> None:
    order = Order(lesson_of("booth"), teams=2)
    assert pdf(deck(order), "a") == pdf(deck(order), "a")


def test_cards_of_a_page_are_read_from_its_picture() -> None:
    pages = list(deck(Order(lesson_of("booth"))))
    cards = [found.card for page in pages for found in read(sheet_picture(page, 150)) if found.card]
    assert len(cards) == sum(
        isinstance(shape, Code) for sheet in _sheets(Order(lesson_of("booth"))) for shape in sheet.shapes
    )


def test_a_lesson_of_ones_own_prints_however_long_its_words_are() -> None:
    lesson = from_text(
        f"title: {'A title that goes on and on ' * 4}\ngoal: {'There is much to do here. ' * 19}\nnodes:\n"
        "  - {id: a, title: A node with quite a long name, address: 10.0.1.1, routes: {default: b}}\n"
        "  - {id: b, title: Bee, router: true, address: 10.0.1.254, routes: {10.0.1.0/24: link}}\n"
        "links: [[a, b]]\n",
        "own",
        "own.yaml",
    )
    for sheet in _sheets(Order(lesson, paper="letter")):
        _assert_clean(sheet)
    assert "10.0.1.1:40001 > 10.0.1.254:23 SYN" in _said(filling_sheet(lesson, "letter"))


# Whose it is, and which numbers it has


def test_what_belongs_to_one_of_several_networks_says_to_which() -> None:
    order = Order(lesson_of("booth"), teams=3)
    networks = {part.name: part for part in _parts(order)}
    for name in ("role cards", "name tents", "printed packets", "replies of Server"):
        pieces = list(networks[name].pieces())
        each = len(pieces) // 3
        for n, piece in enumerate(pieces):
            said = _said(piece.front)
            assert [f"Team {team}" in said for team in (1, 2, 3)] == [n // each == team for team in (0, 1, 2)]
    tables = next(part for part in _parts(Order(lesson_of("data"), teams=2)) if part.name == "routing tables")
    assert ["Team 2" in _said(side) for piece in tables.pieces() for side in _sides(piece)] == [False] * 2 + [True] * 2
    assert "Team 1 to Team 3" in _said(next(deck(order)))


def test_where_teams_share_a_network_and_where_there_is_one_nothing_is_labelled() -> None:
    for order in (Order(lesson_of("linked"), teams=3), Order(lesson_of("booth"))):
        words = {word for part in _parts(order) for piece in part.pieces() for word in _said(piece.front).split()}
        assert not {"Team", "Network"} & words
    shared = Order(lesson_of("linked"), teams=4)
    assert shared.labels == ("Network 1", "Network 2")


@pytest.mark.parametrize("name", ["booth", "data", "linked:complex"])
def test_the_deck_that_the_first_page_names_shares_no_number_with_this_one(name: str) -> None:
    order = Order(lesson_of(name), teams=2, paper="letter", first=5)
    said = _said(next(deck(order)))
    words = shlex.split(order.command(last_serial(order) + 1))
    assert "".join(shlex.join(words).split()) in "".join(said.split())
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert (options["--lesson"], options["--teams"], options["--paper"]) == (name, "2", "letter")
    more = replace(order, first=int(options["--first"]))
    assert not _numbers(order) & _numbers(more)
    assert f"numbers 5 to {int(options['--first']) - 1}" in " ".join(said.split())


def _numbers(order: Order) -> set[str]:
    pieces = (piece for part in _parts(order) for piece in part.pieces())
    return {str(decode(code.text).id) for piece in pieces for code in piece.front.shapes if isinstance(code, Code)}


def test_a_printed_packet_says_of_which_course_it_is_and_when_its_turn_comes() -> None:
    packets = next(part for part in _parts(Order(lesson_of("handshake:basic"))) if part.name == "printed packets")
    said = [_said(piece.front) for piece in packets.pieces()]
    for script in shown(lesson_of("handshake:basic")):
        for number in range(1, len(script.cards) + 1):
            (found,) = [words for words in said if f"{script.title} · {number} of {len(script.cards)}" in words]
            assert found


# In another language


@pytest.mark.parametrize("name", ["handshake", "booth", "linked:complex", "no-route", "refused", "loss"])
def test_every_word_on_a_sheet_is_of_the_catalogue_or_of_the_lesson(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blanks = {key: "".join(f"{{{each}}}" for each in names(text)) for key, text in _ENGLISH.phrases.items()}
    foreign = {key: f"{_FOREIGN}{blank}" for key, blank in blanks.items()}
    monkeypatch.setattr("hub.texts.texts", lambda language="en": replace(_ENGLISH, phrases=foreign))
    lesson = lesson_of(name)
    order = Order(lesson, teams=2)
    own = f"{lesson.source} {order.command(1)} {_ENGLISH.hacks} {commands(lesson)} {' '.join(_FIELDS)}"
    _, single, double = parts(order)
    pieces = [piece for part in (*single, *double) for piece in part.pieces() if not _is_for_the_pen(piece.front)]
    sheets = [next(deck(order)), rules_sheet(lesson, "a4"), *(side for piece in pieces for side in _sides(piece))]
    for sheet in sheets:
        words = re.findall(r"[a-z]{3,}", _said(sheet))
        assert [word for word in words if word not in own] == [], sheet.title


def _is_for_the_pen(sheet: Sheet) -> bool:
    return any(isinstance(decode(code.text), PenCard) for code in sheet.shapes if isinstance(code, Code))


def test_the_lights_are_called_on_paper_as_the_badge_has_them() -> None:
    """docs/lights.md and the badge have no catalogue; a translation begins with these words."""
    phrases = texts().phrases
    for word, pattern in PATTERNS.items():
        assert (phrases[f"lights.{word.value}.means"], phrases[f"lights.{word.value}.do"]) == (
            pattern.means,
            pattern.do,
        )
    assert {key: phrases[f"lights.key.{key}"] for key in KEYS} == KEYS
    assert all(phrases[f"lights.led.{led.value}"] == led.value for led in Led)


# The pieces


@each_lesson
def test_every_command_card_means_something_in_its_lesson(name: str) -> None:
    lesson = lesson_of(name)
    for words in commands(lesson):
        assert parse(words, lesson.rules).text == words
    assert "round" in commands(lesson)


@each_lesson
def test_every_command_card_says_what_it_does_in_the_names_of_people(name: str) -> None:
    order = Order(lesson_of(name))
    rules = order.lesson.rules
    (cards,) = (part for part in _parts(order) if part.name == "command cards")
    for command, piece in zip(commands(order.lesson), cards.pieces(), strict=True):
        assert "".join(meaning(command, rules).split()) in "".join(_said(piece.front).split())


def test_where_rounds_end_by_themselves_a_new_player_has_a_card_and_one_to_spare() -> None:
    order = Order(lesson_of("booth"), first=7)
    cards = {part.name: [piece.front for piece in part.pieces()] for part in _parts(order)}
    players, others = cards["new player cards"], cards["command cards"]
    assert len(players) == 2
    for card in players:
        said = _said(card)
        assert "NEW PLAYER" in said
        assert "any badge" in said
        assert "teacher" not in said
    titles = [card.title.split(":")[0] for card in (*others, *players)]
    assert titles == [f"CMD-{n}" for n in range(7, 7 + len(titles))]
    assert "new player cards" not in {part.name for part in _parts(Order(lesson_of("handshake")))}


_GUIDES = FilePath(__file__).parents[2] / "docs" / "teach"


@pytest.mark.parametrize("guide", sorted(_GUIDES.glob("*.md")), ids=lambda path: path.stem)
def test_whatever_a_guide_does_on_purpose_with_a_command_card_has_its_card_in_the_deck(guide: FilePath) -> None:
    there = commands(lesson_of(guide.stem))
    on_purpose = guide.read_text("utf-8").partition("\n## On purpose\n")[2].partition("\n## ")[0]
    wanted = re.findall(r"`((?:lose|delay|duplicate|reorder|corrupt|lift|down|up|round)\b[^`]*)`", on_purpose)
    assert not set(wanted) - set(there)
    assert "lift" in there, "what was ordered by mistake can be called off"


def test_a_role_card_says_who_one_is_and_what_to_do() -> None:
    lesson = lesson_of("data:complex")
    client, router, server = (lesson.rules.node(id) for id in ("danilo", "router", "server"))
    for node, words in (
        (client, ("Danilo", "10.0.1.2", "my name is Danilo", "give it to Router")),
        (router, ("Router", "10.0.1.254", "mark it", "TTL box", "next hop")),
        (server, ("Server", "10.0.1.1", "port 23 (telnet)")),
    ):
        said = _said(role(lesson, node, CardId("ROLE", 1)))
        assert all(word in said for word in words), said
        assert all(word in _said(tent(lesson, node)) for word in words)


def test_the_example_on_paper_is_a_packet_that_one_may_send() -> None:
    for name in LESSONS:
        lesson = lesson_of(name)
        said = _said(filling_sheet(lesson, "a4"))
        assert "example" in said
        assert not [shape for shape, _ in _flat(filling_sheet(lesson, "a4")) if isinstance(shape, Code)]
    assert "ACK seq=0 ack=0 data=" in _said(filling_sheet(lesson_of("data"), "a4"))
    assert "10.0.1.2:40001 > 10.0.1.1:23 SYN" in _said(filling_sheet(lesson_of("handshake"), "a4"))


@each_lesson
def test_there_are_cards_for_a_whole_game_and_half_as_many_again(name: str) -> None:
    lesson = lesson_of(name)
    pens = next((part for part in _parts(Order(lesson, teams=1)) if part.name == "cards for the pen"), None)
    if pens is None:
        assert lesson.id in ("booth", "booth:basic"), "there, all cards lie ready"
        return
    with journal_of_nobody() as kept:
        assert pens.count >= 1.5 * len(alone(kept, lesson).cards)
    codes = [shape for piece in pens.pieces() for shape in piece.front.shapes if isinstance(shape, Code)]
    assert {decode(code.text).id.deck for code in codes} == {pen_form(lesson).id}


@each_lesson
def test_a_printed_course_of_play_goes_as_its_script_says_with_the_cards_of_the_deck(name: str) -> None:
    lesson = lesson_of(name)
    printed = [
        card.packet
        for part in _parts(Order(lesson))
        for piece in part.pieces()
        for code in piece.front.shapes
        if isinstance(code, Code) and isinstance(card := decode(code.text), PrintedCard)
    ]
    scripts = shown(lesson)
    assert len(printed) == sum(len(script.cards) for script in scripts)
    for script in scripts:
        assert all(card.complete() in printed for card in script.cards.values())
        with journal_of_nobody() as kept:
            assert not [outcome.wrong for outcome in play(kept, lesson, _as_printed(script)) if outcome.wrong]


LUCK = ("loss:rain", "loss:storm")
"""Where nobody knows beforehand which packets get lost."""


@each_lesson
def test_every_lesson_has_a_printed_course_without_a_mistake_unless_luck_plays(name: str) -> None:
    lesson = lesson_of(name)
    right = [script for script in shown(lesson) if _is_right(lesson, script)]
    assert bool(right) is (name not in LUCK)
    assert ("No packets are printed" in _said(next(deck(Order(lesson))))) is (name in LUCK)


def _as_printed(script: Script) -> Script:
    return replace(script, cards={name: card.complete().written() for name, card in script.cards.items()})


def _is_right(lesson: Lesson, script: Script) -> bool:
    """Nobody is charged, but for a forger where forging is what the lesson is about."""
    with journal_of_nobody() as kept:
        outcomes = play(kept, lesson, _as_printed(script))
        charged = {outcome.judged.ruling.charged for outcome in outcomes if outcome.judged is not None}
    return charged <= {None, "mallory"}


def test_the_main_course_of_a_beginner_is_the_first_pile_and_ends_with_a_connection() -> None:
    for name in ("handshake:basic", "handshake:complex", "data:complex", "linked:basic", "linked:empty"):
        first = shown(lesson_of(name))[0]
        assert any(isinstance(step, GoalStep) for step in first.steps)
        assert "ACK" in {str(card.flags) for card in first.cards.values()}
    with_numbers = shown(lesson_of("handshake"))[0]
    assert "SYN,ACK" in {str(card.flags) for card in with_numbers.cards.values()}


@pytest.mark.parametrize("language", languages())
@each_lesson
def test_no_line_on_the_cover_is_cut_off(name: str, language: str) -> None:
    assert "…" not in _said(next(deck(Order(load(name, language), teams=2))))


def test_where_nobody_says_anything_the_sheets_say_that_data_stays_empty() -> None:
    for name, empty in (("handshake:basic", True), ("data:basic", False)):
        lesson = lesson_of(name)
        rules = " ".join(writing_rules(lesson, pen_form(lesson)))
        (card,) = pen_cards(lesson, 1, 1)
        assert ("leave it empty" in rules) is ("leave it empty" in _said(card)) is empty
        assert ("Then talk" in rules) is not empty


def test_beginners_get_the_sheet_of_states_where_they_close_a_connection() -> None:
    there = {"handshake:basic": False, "data:basic": False, "handshake": True, "closing:basic": True}
    for name, wanted in there.items():
        assert ("state sheets" in {part.name for part in _parts(Order(lesson_of(name)))}) is wanted


def test_a_station_that_counts_has_only_replies_with_numbers_that_follow_from_the_question() -> None:
    there = {part.name: part.count for part in _parts(Order(lesson_of("booth:complex")))}
    assert there["replies of Server"] == 1, "an RST; its SYN,ACK begins at a number that nobody knows before"
    assert "cards for the pen" in there


def test_the_cover_says_that_routers_mark_nothing_on_a_printed_card() -> None:
    for name, marks in (("linked", True), ("no-route", True), ("closing:complex", True), ("handshake", False)):
        assert ("mark nothing" in _said(next(deck(Order(lesson_of(name)))))) is marks


def test_tables_that_players_fill_in_have_a_command_card_each() -> None:
    assert [words for words in commands(lesson_of("linked:empty")) if words.startswith("fill")] == [
        "fill router-1",
        "fill router-2",
        "fill router-3",
    ]
    assert not [words for words in commands(lesson_of("linked")) if words.startswith("fill")]


@each_lesson
def test_the_example_has_no_box_crossed_out(name: str) -> None:
    lesson = lesson_of(name)
    assert example(lesson, pen_form(lesson)).ttl == lesson.rules.form.ttl


def test_a_station_says_so() -> None:
    lesson = lesson_of("booth")
    assert "A station" in _said(role(lesson, lesson.rules.node("server"), CardId("ROLE", 1)))


def test_where_all_cards_lie_ready_nobody_is_told_to_write() -> None:
    order = Order(lesson_of("booth"))
    assert not {part.name for part in _parts(order)} & {"cards for the pen", "how to fill in", "state sheets"}
    said = [_said(rules_sheet(order.lesson, "a4")), *(_said(tent(order.lesson, n)) for n in order.lesson.rules.nodes)]
    assert not [words for words in said if "Write" in words]
    assert "Take the next card of the pile" in said[0]
    assert "from its tray" not in said[2], "a router has none"
    bring = _said(next(deck(order)))
    assert "3 clips" in bring
    assert "pens" not in bring


def test_whoever_owes_icmp_is_told_so_and_whoever_traces_how() -> None:
    lesson = lesson_of("no-route")
    client, router, server, vault = (
        _said(tent(lesson, lesson.rules.node(id))) for id in ("client", "router-1", "server", "vault")
    )
    assert "UDP to port 33434, with 1 TTL box left" in client
    assert "card of ICMP" in router
    assert "ping reply" in server
    assert "no such port" in server
    assert "Write" not in vault
    assert "tells nobody" not in _said(rules_sheet(lesson, "a4"))
    assert "begin with fewer boxes" in _said(filling_sheet(lesson, "a4"))


def test_a_beginner_reads_how_to_open_a_connection() -> None:
    assert "The server answers SYN,ACK" in " ".join(_said(filling_sheet(lesson_of("data:basic"), "a4")).split())
    assert "Open a connection" not in _said(filling_sheet(lesson_of("no-route"), "a4"))


@pytest.mark.parametrize(
    ("name", "words"), [("linked", "9 pens"), ("no-route:complex", "4 pens"), ("closing:complex", "4 pens")]
)
def test_whoever_marks_a_card_has_a_pen(name: str, words: str) -> None:
    assert words in _said(next(deck(Order(lesson_of(name)))))


def test_the_halves_of_a_tent_are_turned_away_from_each_other() -> None:
    lesson = lesson_of("handshake")
    sheet = tent(lesson, lesson.rules.node("client"))
    upper, lower = (shape for shape in sheet.shapes if isinstance(shape, Placed))
    assert (upper.turns, lower.turns) == (2, 0)
    assert (upper.y, lower.y) == (0.0, sheet.height / 2)
    assert all(line.y1 == sheet.height / 2 for line in sheet.shapes if isinstance(line, Line))


def test_a_routing_table_has_the_lines_of_its_router_and_an_empty_back() -> None:
    lesson = lesson_of("linked")
    (piece,) = table_cards(lesson, lesson.rules.node("router-2"))
    said = _said(piece.front)
    for words in (
        "10.0.1.0/24",
        "Router 1",
        "192.168.12.1",
        "10.0.3.0/24",
        "Router 3",
        "10.0.2.0/24",
        "on its own wire",
    ):
        assert words in said
    assert piece.back is not None
    assert "10.0" not in _said(piece.back)
    lines = [sum(isinstance(shape, Line) for shape in sheet.shapes) for sheet in (piece.front, piece.back)]
    assert lines[0] == lines[1]


def test_a_long_routing_table_goes_on_on_another_card() -> None:
    far = "".join(f", 10.0.{n}.0/24: other" for n in range(20, 27))
    lesson = from_text(
        "title: Long\ngoal: Long\nnodes:\n"
        f"  - {{id: router, title: Router, router: true, address: 10.0.1.254, routes: {{10.0.1.0/24: link{far}}}}}\n"
        "  - {id: other, title: Other, router: true, address: 10.0.2.254, routes: {10.0.1.0/24: router}}\n"
        "links: [[router, other]]\n",
        "long",
        "long.yaml",
    )
    cards = list(table_cards(lesson, lesson.rules.node("router")))
    assert len(cards) == 2
    assert all(f"10.0.{n}.0/24" in "".join(_said(card.front) for card in cards) for n in range(20, 27))


@each_lesson
def test_the_rules_say_the_goal_who_there_is_and_every_light(name: str) -> None:
    lesson = lesson_of(name)
    said = _said(rules_sheet(lesson, "a4"))
    assert "".join(lesson.goal.split()) in "".join(said.split())
    for node in lesson.rules.nodes:
        assert node.title in said
        assert str(node.address) in said
    for word in (*(called(word) for word in PATTERNS if word is not LightWord.FAULT), *KEYS.values()):
        assert word in said
    assert "…" not in said


@pytest.mark.parametrize("name", ids())
def test_no_name_in_the_drawing_of_a_network_lies_on_a_wire_a_node_or_another_name(name: str) -> None:
    shapes = wiring(lesson_of(name), 0.0, 0.0)
    names_ = [box_around(shape) for shape in shapes if isinstance(shape, Text)]
    wires = [shape for shape in shapes if isinstance(shape, Line)]
    nodes = [box_around(shape) for shape in shapes if isinstance(shape, Disc | Path) and shape.stroke]
    assert len(names_) == 2 * len(nodes) == 2 * len(lesson_of(name).rules.nodes)
    for box in names_:
        assert all(_apart(box, other) for other in (*nodes, *names_) if other is not box)
        for wire in wires:
            points = [
                (wire.x1 + n / 200 * (wire.x2 - wire.x1), wire.y1 + n / 200 * (wire.y2 - wire.y1)) for n in range(201)
            ]
            assert not [p for p in points if box[0] < p[0] < box[2] and box[1] < p[1] < box[3]]


def test_a_rhythm_is_drawn_as_the_badge_plays_it() -> None:
    word = next(word for word in PATTERNS if word.value == "rst")
    bars = [shape for shape in rhythm(0.0, 0.0, word, 32.0) if isinstance(shape, Path)]
    spans = [(min(x for x, _ in bar.points) / 10, max(x for x, _ in bar.points) / 10) for bar in bars]
    assert spans == [pytest.approx(span) for span in ((0.0, 0.3), (0.6, 0.9), (1.2, 1.5))]
    assert len({bar.points[0][1] for bar in bars}) == 1, "one light, so one line"


def test_no_word_of_the_lights_is_shortened_on_the_back_of_a_role_card() -> None:
    assert "…" not in _said(light_card())


def test_every_hack_that_a_lesson_can_see_has_a_card() -> None:
    free = next(name for name in LESSONS if lesson_of(name).rules.play is Play.FREE)
    said = " ".join(map(_said, hack_cards(lesson_of(free))))
    assert "You cut a connection" in said
    assert "You cut a connection" not in " ".join(map(_said, hack_cards(lesson_of("handshake"))))
    whole = " ".join(map(_said, hack_cards(lesson_of("handshake:complex"))))
    assert "".join(texts().hacks["immortal"].text.split()) in "".join(whole.split())
    assert "dropped, and that is all" not in whole, "some of these packets are stopped, and corrected"
    assert "…" not in whole


@pytest.mark.parametrize("paper", PAPERS)
def test_a_token_finds_a_ring_of_its_own_beside_each_state(paper: str) -> None:
    sheet = walk(paper)
    rings = [shape for shape in sheet.shapes if isinstance(shape, Disc)]
    assert len(rings) == 12
    assert {ring.radius for ring in rings} == {RING}
    for ring in rings:
        left, top, right, bottom = box_around(ring)
        assert left >= PRINTER_MARGIN
        assert top >= PRINTER_MARGIN
        assert right <= sheet.width - PRINTER_MARGIN
        assert bottom <= sheet.height - PRINTER_MARGIN
        for shape in sheet.shapes:
            if isinstance(shape, Text):
                assert _apart(box_around(shape), (left, top, right, bottom)), (ring, shape)
    for one, other in combinations(rings, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (2 * RING) ** 2


@pytest.mark.parametrize("paper", PAPERS)
def test_the_state_sheet_explains_the_note_that_it_names(paper: str) -> None:
    sheet = walk(paper)
    words = [shape for shape in sheet.shapes if isinstance(shape, Text)]
    assert "rcv RST (note 1)" in [text.text for text in words]
    (note,) = (text for text in words if text.text.startswith("Note 1: "))
    assert "LISTEN" in note.text
    assert all(box_around(text)[3] <= sheet.height - PRINTER_MARGIN for text in words)
    assert all(_apart(box_around(note), box_around(other)) for other in words if other is not note)


@each_lesson
@pytest.mark.parametrize("paper", PAPERS)
def test_the_question_sheet_asks_everything_and_has_a_circle_for_each_option_before_and_after(
    name: str, paper: str
) -> None:
    lesson = lesson_of(name)
    sheet = question_sheet(lesson, paper)
    words = _said(sheet)
    for question in lesson.questions:
        assert question.text in words
        assert all(option in words for option in question.options)
        assert question.why not in words
    circles = [shape for shape in sheet.shapes if isinstance(shape, Disc)]
    assert len(circles) == 2 * sum(len(question.options) for question in lesson.questions)
    assert len({circle.x for circle in circles}) == 2


@pytest.mark.parametrize("paper", PAPERS)
def test_the_longest_questions_that_a_lesson_may_have_fit_their_sheet(paper: str) -> None:
    text, option = ("many words " * 15)[:160].strip(), ("some more words " * 6)[:80].strip()
    asked = tuple(Question(f"q{n}", text, tuple(f"{option[:-2]} {m}" for m in range(4)), 0, "So.") for n in range(5))
    sheet = question_sheet(replace(lesson_of("handshake"), questions=asked), paper)
    _assert_clean(sheet)
    assert "…" not in _said(sheet)
    assert _said(sheet).count(" 3") >= 5


def test_a_lesson_without_questions_has_no_sheet_for_them() -> None:
    there = {part.name for part in _parts(Order(replace(lesson_of("handshake"), questions=())))}
    assert "questions" not in there
    assert "questions" in {part.name for part in _parts(Order(lesson_of("handshake")))}


def _parts(order: Order) -> Iterator[Part]:
    for group in parts(order):
        yield from group


def _sheets(order: Order) -> Iterator[Sheet]:
    """The first page, and every different side of a piece."""
    yield next(deck(order))
    seen = set()
    for part in _parts(order):
        for piece in part.pieces():
            for side in _sides(piece):
                if side.title not in seen:
                    seen.add(side.title)
                    yield side


def _sides(piece: Piece) -> Iterator[Sheet]:
    yield piece.front
    if piece.back is not None:
        yield piece.back


def _said(sheet: Sheet) -> str:
    """All words of a sheet, those on sheets on it too."""
    return " ".join(shape.text for shape, _ in _flat(sheet) if isinstance(shape, Text))


def _flat(sheet: Sheet) -> Iterator[tuple[Shape, Box]]:
    """Every shape with the box around it, also of the sheets that lie on it."""
    for shape in sheet.shapes:
        if isinstance(shape, Placed):
            a, b, c, d, e, f = shape.matrix
            for inner, (left, top, right, bottom) in _flat(shape.sheet):
                xs = sorted(a * x + c * y + e for x, y in ((left, top), (right, bottom)))
                ys = sorted(b * x + d * y + f for x, y in ((left, top), (right, bottom)))
                yield inner, (xs[0], ys[0], xs[1], ys[1])
        else:
            yield shape, box_around(shape)


def _apart(one: Box, other: Box) -> bool:
    slack = 0.02
    return (
        one[2] <= other[0] + slack
        or other[2] <= one[0] + slack
        or one[3] <= other[1] + slack
        or other[3] <= one[1] + slack
    )


def _assert_clean(sheet: Sheet) -> None:
    texts_, others = [], []
    for shape, box in _flat(sheet):
        if isinstance(shape, Text):
            texts_.append((shape, box))
        elif isinstance(shape, Code) or (isinstance(shape, Line) and shape.stroke < 0.6 and shape.shade == 0):
            others.append((shape, box))
    for text, (left, top, right, bottom) in texts_:
        assert left >= PRINTER_MARGIN - 0.01, (sheet.title, text)
        assert top >= PRINTER_MARGIN - 0.01, (sheet.title, text)
        assert right <= sheet.width - PRINTER_MARGIN + 0.01, (sheet.title, text)
        assert bottom <= sheet.height - PRINTER_MARGIN + 0.01, (sheet.title, text)
    for (one, box), (other, other_box) in combinations(texts_, 2):
        assert _apart(box, other_box), (sheet.title, one, other)
    for text, (left, top, right, bottom) in texts_:
        below = 0.0 if set(text.text) & _BELOW_THE_LINE else 0.22 * text.size
        for shape, other_box in others:
            assert _apart((left, top, right, bottom - below), other_box), (sheet.title, text, shape)
