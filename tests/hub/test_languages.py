"""Every language says all that English says, of the same things, in its own words; and a room speaks its language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cards.penlayout import layout
from cards.penwords import ENGLISH as ENGLISH_ON_PENS
from hub import commands, texts
from hub import lessons as lesson_files
from hub.journal import Journal
from hub.lessons import LessonError, chosen, from_text, ids, load, spoken, variant
from hub.lessons.forms import pen_form
from hub.printing.words import Words
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator.acts import LiftAll
from hub.simulator.events import Forgiven
from hub.simulator.verdicts import Ruling, Verdict
from hub.speech import help_at, said
from hub.texts import names, wordings
from tests.hub.play import SYN
from tests.hub.teaching import Kit

FOLDER = Path(texts.__file__).parent
LANGUAGES = texts.languages()[1:]
"""All but English."""
ALIKE = re.compile(
    r"(\{[a-z]+\}|[^\w{}]|\b(Paperhop|PIN|RST|rst|s|badge|[Rr]ound|timer|Hack|[Hh]ub|host|ping|p|C)\b)*", re.ASCII
)
"""What may be said alike in every language: parameters, signs, and words that are those of the trade."""
each_language = pytest.mark.parametrize("language", LANGUAGES)


def flat(table: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in table.items():
        if isinstance(value, str):
            yield (*at, key), value
        else:
            yield from flat(value, (*at, key))


def catalogue(language: str) -> dict[tuple[str, ...], str]:
    return dict(flat(tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))))


ENGLISH = catalogue("en")


def test_italian_is_there() -> None:
    assert "it" in LANGUAGES
    assert texts.texts("it").name == "Italiano"


@each_language
def test_a_catalogue_has_the_texts_of_the_english_one_and_no_others(language: str) -> None:
    own = catalogue(language)
    assert [".".join(key) for key in ENGLISH.keys() - own.keys()] == [], "these are missing"
    assert [".".join(key) for key in own.keys() - ENGLISH.keys()] == [], "nobody says these"


@each_language
def test_a_text_tells_of_the_same_things(language: str) -> None:
    for key, text in catalogue(language).items():
        there = names(ENGLISH.get(key, text))
        if "[" in ENGLISH.get(key, ""):
            assert names(text) <= there, key
        else:
            assert names(text) == there, key


@each_language
def test_a_text_is_translated(language: str) -> None:
    own = catalogue(language)
    alike = [key for key, text in own.items() if text == ENGLISH.get(key) and not ALIKE.fullmatch(text)]
    assert alike == []


@each_language
def test_a_plural_is_spelt_out(language: str) -> None:
    """`{length:byte}` would get an English s."""
    for key, text in catalogue(language).items():
        assert re.findall(r"\{\w+:[^/}]*\}", text) == [], key


@each_language
def test_a_text_has_no_more_room_than_the_english_one(language: str) -> None:
    """See tests/hub/test_texts.py."""
    most = {"reasons": 125, "hints": 160, "turns": 160, "hacks": 220}
    for key, text in catalogue(language).items():
        limit = {("turns", "text"): 60, ("hacks", "title"): 32}.get((key[0], key[-1]), most.get(key[0], 1000))
        assert [each for each in wordings(text) if len(each) > limit] == [], key


@each_language
def test_hints_give_away_as_little_as_the_english_ones(language: str) -> None:
    for key, text in catalogue(language).items():
        if key[-1] == "nudge":
            assert text.endswith("?"), key
        if key[0] in ("reasons", "hints", "room"):
            for each in wordings(text):
                assert each[-1] in ".?!}", key
                assert "  " not in each, key


# Lessons


@each_language
@pytest.mark.parametrize("id", ids())
def test_a_lesson_has_all_its_words(language: str, id: str) -> None:
    own, english = load(id, language), load(id)
    words = own.document.data["words"]
    assert own.language == language
    assert set(words["scripts"]) == {script.id for script in english.scripts}
    assert set(words["variants"]) == set(english.variants)
    assert set(words["questions"]) == {question.id for question in english.questions}
    for here_asked, there_asked in zip(own.questions, english.questions, strict=True):
        assert here_asked.text != there_asked.text
        assert here_asked.right == there_asked.right
    for name in (None, *english.variants):
        there, here = variant(english, name), variant(own, name)
        assert here.title != there.title, name
        assert here.goal != there.goal, name
        assert [g.id for g in here.goals] == [g.id for g in there.goals]
        assert not {g.title for g in here.goals} & {g.title for g in there.goals}, name
        assert here.rules.by_id.keys() == there.rules.by_id.keys()


@each_language
@pytest.mark.parametrize("id", ids())
def test_a_card_for_the_pen_is_the_same_form_in_every_language(language: str, id: str) -> None:
    """Whoever reads it need not know the language."""
    own, english = load(id, language), load(id)
    for name in (None, *english.variants):
        here, form = variant(own, name), pen_form(variant(english, name))
        assert pen_form(here) == form
        printed, plain = layout(form, Words(language).on_pen_cards(here)), layout(form)
        assert (printed.bubbles, printed.comb, printed.digits) == (plain.bubbles, plain.comb, plain.digits)
        assert (printed.code, printed.marks) == (plain.code, plain.marks)


def test_the_english_words_on_cards_for_the_pen_are_those_of_the_catalogue() -> None:
    titles = tuple((node.id, node.title) for node in load("data").rules.nodes)
    assert Words().on_pen_cards(load("data")) == type(ENGLISH_ON_PENS)(titles=titles)


def test_a_lesson_of_ones_own_may_say_its_language() -> None:
    text = load("handshake").source
    own = from_text(f"{text}\nlanguage: it\nwords: {{title: La stretta}}\n", "mine")
    assert (own.language, own.title) == ("it", "La stretta")
    other = spoken(own, "en")
    assert (other.language, other.title) == ("en", "La stretta")
    assert spoken(load("handshake"), "it").title == "The handshake"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("language: xx", f"language: 'xx' is not known; write one of {', '.join(texts.languages())}"),
        ("words: {goals: {heart: Sentito}}", "did you mean 'heard'?"),
        ("words: {scripts: {hand-shake: {title: La stretta}}}", "did you mean 'handshake'?"),
        ("words: {variants: {simple: {title: La stretta}}}", "'simple' is not known"),
        ("words: {tittle: La stretta}", "did you mean 'title'?"),
    ],
)
def test_words_that_belong_nowhere_are_refused(more: str, said: str) -> None:
    with pytest.raises(LessonError, match=re.escape(said)):
        from_text(f"{load('handshake').source}\n{more}\n", "handshake")


def test_the_next_lesson_is_in_the_language_of_the_one_before() -> None:
    assert chosen("data", load("handshake", "it")).title == "Nomi via telnet"
    assert chosen("data", load("handshake", "it"), "en").title == "Names by telnet"
    assert chosen("data", load("handshake")).title == "Names by telnet"


# Rooms

WRONG = SYN.replace(":23", ":80")


def test_a_room_in_italian_answers_in_italian_and_after_a_restart_too(tmp_path: Path) -> None:
    kit = Kit(tmp_path, load("handshake", "it"))
    asked = kit.scan("b1", "T-1", SYN).sentence
    assert asked == "Client chiede a Server di aprire una connessione alla porta 23. Portala a Router."
    kit.restart()
    assert kit.room.resumed
    assert kit.room.state()["lesson"]["title"] == "L'handshake"
    assert kit.scan("b2", "T-1", SYN).sentence == "Router lo inoltra. Portala a Server."
    assert next(node["turn"] for node in kit.room.state()["nodes"] if node["id"] == "server") == (
        "Scansiona la carta SYN di Router"
    )
    found = help_at(kit.room.world, "server", None)
    assert found is not None
    assert found.nudge == "Chi ha qualcosa per te?"
    with pytest.raises(NothingDoneError, match="Non fatto: in questo round Client non ha nessun errore"):
        kit.room.teach(Forgiven(0, "client"))
    kit.room.teach(LiftAll())
    assert "tienila" in kit.room.holders().nodes[1].sentences[0]


def test_a_room_goes_on_in_its_language_whatever_is_asked_for(tmp_path: Path) -> None:
    """The journal has the lesson: a hub that is started again, without the option, says the same."""
    kit = Kit(tmp_path, load("handshake", "it"))
    kit.lesson = load("handshake")
    kit.restart()
    assert kit.scan("b1", "T-1", WRONG).sentence.startswith("Client chiede a Server")


def test_a_journal_from_before_there_were_languages_opens_in_english(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    assert "language" not in kit.lesson.document.data
    kit.scan("b1", "T-1", SYN)
    kit.journal.close()
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake", "it"))
        assert room.lesson.language == "en"
        assert room.state()["story"][0]["sentence"].startswith("Client asks Server")


def test_commands_speak_the_language_of_the_room() -> None:
    rules = load("handshake", "it").rules
    assert commands.meaning("lose client router", rules) == "Il prossimo pacchetto fra Client e Router si perde."
    with pytest.raises(ValueError, match=re.escape("“lost” non è un comando. Volevi dire “lose”?")):
        commands.parse("lost client router", rules)


def test_a_packet_that_is_sent_again_is_a_packet_in_the_language_of_the_room() -> None:
    """What stands for a packet in a sentence is a word, too."""
    ruling = Ruling(Verdict.SENT, "tcp.retransmitted", {"what": "packet", "source": "nobody"}, goes_to="router")
    assert said(load("handshake", "it").rules, ruling) == (
        "nessuno rimanda questo pacchetto: a nessuno non è tornato nessun ACK. Portala a Router."
    )


def test_an_italian_article_fits_whatever_flags_come_behind_it() -> None:
    """It is l'ACK and l'RST, but il SYN: before flags that are filled in there can be none of them."""
    files = (Path(lesson_files.__file__).parent / "it").glob("*.yaml")
    article = r"\b([Ii]l|[Dd]el|[Aa]l|[Dd]al|[Ss]ul|[Nn]el)\s+"
    wrong = article + r"(\{(flags|what|again|owes)\}|(ACK|RST|ECHO|UDP|ICMP)\b)"
    for where, text in (*catalogue("it").items(), *((path.name, path.read_text("utf-8")) for path in files)):
        assert re.search(wrong, text) is None, where


def test_who_plays_in_italian_reads_sentences_that_one_would_say() -> None:
    assert texts.turn("receive", {"flags": "ACK", "holder": "Client"}, "it") == "Scansiona la carta ACK di Client"
    owed = {"destination": "Client", "what": "SYN,ACK", "owes": "ACK", "still": ""}
    assert texts.sentence("tcp.duplicate", owed, "it").endswith("Deve ancora un ACK.")
    assert texts.page("screen.ink", {"count": "1"}, "it") == "1 byte scritto a mano"
    assert texts.page("screen.ink", {"count": "5"}, "it") == "5 byte scritti a mano"
    assert texts.page("debrief.by", {"who": "Client"}, "it") == "da Client"
