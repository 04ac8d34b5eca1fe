"""What a class knows before a lesson and after it: answers to the lesson's questions, counted and never named.

They are no part of the game, and nothing is ever taken out of the journal: so they have a small file of their own,
which is wiped when the class is forgotten. It has counts, and what each phone has chosen: a phone can change its mind.
"""

from __future__ import annotations

import copy
import enum
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import msgspec

from hub.lessons import Lesson
from hub.lessons.lesson import Question
from hub.private import unfinished, write_private
from hub.refusals import NothingDoneError
from hub.simulator.verdicts import Ruling, Verdict
from hub.texts import sentence
from hub.wiping import remove

FILE = "answers.json"
MOST_PHONES = 200
"""Phones whose answers are kept."""


class Moment(enum.Enum):
    """When a question is answered."""

    BEFORE = "before"
    AFTER = "after"


class AskedQuestion(msgspec.Struct, frozen=True):
    """A question as everybody sees it. options: A, B ... in this order. right: the letter of the right one, why: the
    reason; null as long as they are not told.
    """

    id: str
    text: str
    options: tuple[str, ...]
    right: str | None
    why: str | None


class Asked(msgspec.Struct, frozen=True):
    """What a class is asked. open: phones can answer; else it is over, and what was right is told. answers: how many
    have come from phones; 0 when it is over.
    """

    moment: Moment
    open: bool
    answers: int
    questions: tuple[AskedQuestion, ...]


class Counted(msgspec.Struct, frozen=True):
    """How many chose each option: all of them, and those of them who raised a hand or ticked it on paper."""

    all: tuple[int, ...]
    hands: tuple[int, ...]


class QuestionRow(msgspec.Struct, frozen=True):
    """A question as the teacher sees it. right: the letter of the right option."""

    id: str
    text: str
    options: tuple[str, ...]
    right: str
    why: str
    before: Counted
    after: Counted


class SurveyView(msgspec.Struct, frozen=True):
    """Before and after. open: what phones can answer now. phones: that are there; done: of them have answered all."""

    open: Moment | None
    phones: int
    done: int
    questions: tuple[QuestionRow, ...]


class _Answers(msgspec.Struct):
    """Of one moment. hands: question -> the count of each option, as it was entered. phones: badge -> question -> the
    place of what it has chosen. forgotten: counts of phones that are known no more.
    """

    hands: dict[str, list[int]] = {}
    phones: dict[str, dict[str, int]] = {}
    forgotten: dict[str, list[int]] = {}


class _Kept(msgspec.Struct):
    """What is in the file. room: to which it belongs. told: what was right is told."""

    room: str
    open: Moment | None = None
    told: bool = False
    before: _Answers = msgspec.field(default_factory=_Answers)
    after: _Answers = msgspec.field(default_factory=_Answers)

    def of(self, moment: Moment) -> _Answers:
        return self.before if moment is Moment.BEFORE else self.after


class Survey:
    """The questions of a room's lesson, and the answers. Kept in folder `data`.

    room: its name; answers of another room are dropped. resumed: the room has gone on; a new one begins without any.
    What cannot be done raises NothingDoneError, and changes nothing.
    """

    def __init__(self, data: Path, lesson: Lesson, room: str, resumed: bool) -> None:
        self._path = data / FILE
        self._questions = {each.id: each for each in lesson.questions}
        self._language = lesson.rules.language
        self._here: set[str] = set()
        kept = self._read() if resumed else None
        if kept is None or kept.room != room:
            remove(self._path)
            kept = _Kept(room)
        self._kept = kept

    def ask(self, moment: Moment | None) -> None:
        """Phones can answer from now on; None: they cannot any more, and after the lesson are told what was right."""
        if not self._questions:
            raise self._refusal("room.no-questions")
        if moment is None and self._kept.open is None:
            raise self._refusal("room.not-asking")
        if moment is not None:
            self._here.clear()
        self._keep(
            msgspec.structs.replace(self._kept, open=moment, told=self._kept.open is Moment.AFTER and not moment)
        )

    def answer(self, badge: str, question: str, option: str) -> None:
        """A phone chooses an option, by its letter, in the place of what it has chosen before."""
        if self._kept.open is None:
            raise self._refusal("room.not-asking")
        asked = self._question(question)
        if len(option) != 1 or option not in asked.letters:
            chosen = {"option": option} if option else {}
            raise self._refusal("room.no-such-option", question=question, options=", ".join(asked.letters), **chosen)
        if self._kept.of(self._kept.open).phones.get(badge, {}).get(question) == asked.letters.index(option):
            return
        kept = copy.deepcopy(self._kept)
        phones = kept.of(self._kept.open).phones
        if badge not in phones and len(phones) >= MOST_PHONES:
            raise self._refusal("room.enough-answers", count=str(MOST_PHONES))
        phones.setdefault(badge, {})[question] = asked.letters.index(option)
        self._keep(kept)

    def count_hands(self, moment: Moment, question: str, counts: Collection[int]) -> None:
        """So many hands were raised for each option, in the place of what was counted before."""
        asked = self._question(question)
        if len(counts) != len(asked.options):
            raise self._refusal("room.other-options", question=question, options=", ".join(asked.letters))
        kept = copy.deepcopy(self._kept)
        kept.of(moment).hands[question] = list(counts)
        self._keep(kept)

    def here(self, badge: str) -> None:
        """A phone shows itself: while it is asked, it is counted."""
        if self._kept.open is not None and len(self._here) < MOST_PHONES:
            self._here.add(badge)

    @property
    def answering(self) -> frozenset[str]:
        """The phones that have answered what is asked now: none of them may come in anew, and answer twice."""
        return frozenset() if self._kept.open is None else frozenset(self._kept.of(self._kept.open).phones)

    def chosen(self, badge: str) -> dict[str, str]:
        """What a phone has chosen, question -> letter, of what it is asked or told."""
        moment = self._shown
        chosen = {} if moment is None else self._kept.of(moment).phones.get(badge, {})
        return {id: self._questions[id].letters[place] for id, place in chosen.items()}

    def asked(self) -> Asked | None:
        """What everybody may see; None: nothing is asked or told."""
        moment, open = self._shown, self._kept.open is not None
        if moment is None:
            return None
        questions = tuple(
            AskedQuestion(
                each.id,
                each.text,
                each.options,
                None if open else each.letters[each.right],
                None if open else each.why,
            )
            for each in self._questions.values()
        )
        answers = sum(map(len, self._kept.of(moment).phones.values())) if open else 0
        return Asked(moment, open, answers, questions)

    def view(self) -> SurveyView:
        """What the teacher sees."""
        phones = {} if self._kept.open is None else self._kept.of(self._kept.open).phones
        return SurveyView(
            open=self._kept.open,
            phones=len(self._here.union(phones)),
            done=sum(1 for chosen in phones.values() if len(chosen) == len(self._questions)),
            questions=tuple(map(self._row, self._questions.values())),
        )

    def forget(self) -> None:
        """No phone can be told from another any more: only counts stay. What is open is closed."""
        kept = copy.deepcopy(self._kept)
        kept.open = None
        for answers in (kept.before, kept.after):
            answers.forgotten = {
                id: [
                    one + other
                    for one, other in zip(_counts(each, answers.forgotten), _phones(each, answers), strict=True)
                ]
                for id, each in self._questions.items()
            }
            answers.phones.clear()
        self._here.clear()
        remove(self._path)
        remove(unfinished(self._path))
        self._keep(kept)

    @property
    def _shown(self) -> Moment | None:
        return self._kept.open or (Moment.AFTER if self._kept.told else None)

    def _question(self, id: str) -> Question:
        if id not in self._questions:
            raise self._refusal("room.no-such-question", question=id, questions=", ".join(self._questions))
        return self._questions[id]

    def _row(self, question: Question) -> QuestionRow:
        right = question.letters[question.right]
        before, after = (_counted(question, answers) for answers in (self._kept.before, self._kept.after))
        return QuestionRow(question.id, question.text, question.options, right, question.why, before, after)

    def _refusal(self, reason: str, **params: str) -> NothingDoneError:
        return NothingDoneError(sentence(reason, params, self._language), Ruling(Verdict.STOPPED, reason, params))

    def _keep(self, kept: _Kept) -> None:
        write_private(self._path, msgspec.json.encode(kept))
        self._kept = kept

    def _read(self) -> _Kept | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return None  # counts that nobody can read are counted again


def _counted(question: Question, answers: _Answers) -> Counted:
    hands = _counts(question, answers.hands)
    three = (hands, _counts(question, answers.forgotten), _phones(question, answers))
    return Counted(tuple(map(sum, zip(*three, strict=True))), tuple(hands))


def _counts(question: Question, counts: dict[str, list[int]]) -> list[int]:
    return counts.get(question.id, [0] * len(question.options))


def _phones(question: Question, answers: _Answers) -> list[int]:
    chosen = Counter(each.get(question.id) for each in answers.phones.values())
    return [chosen[place] for place in range(len(question.options))]
