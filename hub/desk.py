"""The desk: where the hub's room is run from. It holds the room that is played now, and everybody who may change it.

Badges reach the room through the broker's edge, the teacher and phones through pages; whatever a change makes the
badges show is published from here. One lock: of two things that happen, one happens first.
"""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, assert_never

import msgspec

from hub import backstage, commands, texts
from hub.feed import RESET, Feed
from hub.journal import Journal
from hub.lessons import Lesson, chosen
from hub.messages import Answer, BadgeStatus, Down, Problem, Scan, Sighting, Update, scan_of
from hub.orders import (
    Ask,
    Cancel,
    Choose,
    Command,
    Countdown,
    CountHands,
    Deal,
    Forget,
    GoBack,
    Hint,
    Join,
    Leave,
    MakeReader,
    MoveCard,
    Order,
    Paste,
    RoomOrder,
    SetClock,
    SetPace,
    SetTable,
    Sit,
    Step,
    Swap,
    UpdateBadges,
)
from hub.phones import Phone, Phones
from hub.pictures import Pictures
from hub.preflight import FLOOD_S, crowding, findings
from hub.readers import keep, kept
from hub.refusals import NothingDoneError
from hub.releases import Releases
from hub.room import Room
from hub.schoolclass import SchoolClass
from hub.screens import Screens
from hub.seats import MOST_BADGES, PHONE, phone_number
from hub.simulator.acts import ON_CARD
from hub.simulator.events import TableSet
from hub.simulator.verdicts import Ruling, Verdict
from hub.snapshots import Snapshots
from hub.survey import Survey
from hub.view import Change
from hub.wallclock import WallClock, WrongTimeError

NOT_YET = "card.not-yet"
"""What a card is answered that comes before its round has begun."""
AWAY_S = 90
"""Seconds after which a phone that has not been heard of has gone: an open page shows itself every 20, in the
background every 60.
"""
_NO_BOOT = "0" * 8


class Desk:
    """The room of a hub, and who runs it (`hub.page.desk.Desk`, for the pages; `hub.broker.Judge`, for badges).

    publish: sends messages to their badges; set by whoever has the edge. addresses: where other machines find the
    pages. asked: the lesson that was named when the hub was started; "": none. releases: what badges can get. wall: the
    clock of the hub. Raises what `Room` raises.
    """

    def __init__(
        self,
        journal: Journal,
        lesson: Lesson,
        *,
        data: Path,
        pictures: Pictures | None = None,
        seats: dict[str, str] | None = None,
        readers: Collection[str] = (),
        fresh: bool = False,
        asked: str = "",
        releases: Releases | None = None,
        wall: WallClock | None = None,
    ) -> None:
        self.feed = Feed()
        self.publish: Callable[[list[Down]], None] = lambda downs: None
        self.addresses: list[str] = []
        self._journal = journal
        self._pictures = pictures
        self._lock = threading.RLock()
        self._phones = Phones(data)
        self._heard: dict[str, tuple[BadgeStatus, float]] = {}
        self._floods: dict[str, float] = {}
        self._broker: tuple[bool, str] = (False, "")
        self._screens = Screens()
        self._starts: float | None = None
        self._releases = releases or Releases(None)
        self._wall = wall or WallClock(None)
        self._offered: dict[str, tuple[int, str]] = {}
        self._class = SchoolClass(data)
        self._data = data
        self._asked = asked
        self.room = self._open(lesson, seats or {}, {*readers, *kept(data)}, fresh)
        self._survey = self._survey_of(self.room)
        self._expect_phones()

    # What badges say, through the edge.

    def scans(self, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        """Judge scans that badges sent, in this order. publish: is given the answers, then what follows."""
        with self._lock:
            self.room.scans([self._in_time(scan) for scan in scans], lambda downs: publish(self._noted(downs)))

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went."""
        with self._lock:
            if status.badge in self._heard or len(self._heard) < MOST_BADGES:
                self._heard[status.badge] = (status, time.monotonic())
            return [*self._noted(self.room.status(status)), *self._offer(status)]

    def roles(self) -> list[Down]:
        """Every seated badge's role, and its form."""
        with self._lock:
            return self.room.roles()

    def tick(self) -> list[Down]:
        """Time has passed."""
        with self._lock:
            started: list[Down] = []
            if self._starts is not None and time.monotonic() >= self._starts:
                self._starts = None
                started = self.room.pace(1)
            self._miss_phones()
            return self._noted([*started, *self.room.tick()])

    def _miss_phones(self) -> None:
        """A phone has no last will: one that nobody has heard of for a while has gone, and its seat is free to take."""
        gone = time.monotonic() - AWAY_S
        for badge, (status, heard) in list(self._heard.items()):
            if heard > gone or not badge.startswith(PHONE):
                continue
            if badge not in self.room.world.seats:
                self._left([badge])
            elif status.state == "online":
                self._heard[badge] = msgspec.structs.replace(status, state="offline"), heard
                self.room.status(self._heard[badge][0])

    def linked(self, up: bool, sentence: str) -> None:
        """The broker was found or lost."""
        with self._lock:
            self._broker = (up, sentence)

    def flooded(self, badge: str) -> None:
        """A badge sends more than its share; "": badges that nobody knows do."""
        with self._lock:
            now = time.monotonic()
            self._recent_floods(now)
            self._floods[badge] = now

    # What pages look at.

    def state(self) -> dict[str, Any]:
        """The room as everybody may see it."""
        with self._lock:
            left = None if self._starts is None else max(0, math.ceil(self._starts - time.monotonic()))
            asked = msgspec.to_builtins(self._survey.asked())
            join = self.addresses[0] if self.addresses else None
            return {**self.room.state(), "countdown": left, "questions": asked, "join": join}

    def backstage(self, language: str = "en") -> dict[str, Any]:
        """What only the teacher sees. language: hers, for what is missing; the rest is said in that of the room."""
        with self._lock:
            room, now = self.room, time.monotonic()
            free = shutil.disk_usage(self._data).free // 10**6
            up, sentence = self._broker
            leases = self._class.leases(room.lesson)
            dealt = {lease.node: lease.name for lease in leases if lease.node is not None}
            whole = backstage.Backstage(
                name=room.name,
                event=self._journal.last,
                at_ms=room.world.at,
                broker=sentence,
                addresses=self.addresses,
                badges=backstage.badge_rows(room.world.seats, self._heard, self._phones.badges, room.readers, now),
                engines=sorted(room.world.engines),
                holders=room.holders(),
                turns=backstage.turn_rows(room.world, room.tally),
                tables=room.tables(),
                faults=room.faults(),
                plan=room.plans(),
                findings=[
                    *findings(
                        room.lesson,
                        room.world,
                        self._heard,
                        up,
                        now,
                        dealt,
                        language,
                        self._journal.damage,
                        self._journal.trouble,
                    ),
                    *crowding(self._recent_floods(now), len(self._heard), free, language),
                ],
                leases=leases,
                helpable=room.helpable(),
                playable=backstage.playable(room.world),
                survey=self._survey.view(),
                release=self._newest(),
                clock=self._wall.view(),
            )
        picture: dict[str, Any] = msgspec.to_builtins(whole)
        return picture

    def _recent_floods(self, now: float) -> list[str]:
        self._floods = {badge: since for badge, since in self._floods.items() if now - since < FLOOD_S}
        return sorted(self._floods)

    # What the teacher orders.

    def do(self, order: Order, language: str = "en") -> str:
        """Carry out an order; what was done, in a sentence of the teacher's language. Raises NothingDoneError, and
        ValueError with a sentence for what cannot be meant.
        """
        if isinstance(order, SetClock):  # chrony is asked, for which no card waits
            return self._set_clock(order.at_ms, language)
        with self._lock:
            downs, said = self._done(order, language)
            self.publish(self._noted(downs))
            return said

    def _done(self, order: RoomOrder, language: str) -> tuple[list[Down], str]:
        room, rules = self.room, self.room.lesson.rules

        def say(key: str, **params: str) -> str:
            return texts.page(f"done.{key}", params, language)

        match order:
            case Command(text=text, in_seconds=seconds):
                act, meaning = commands.parse(text, rules).act, commands.meaning(text, rules)
                if seconds is None:
                    return room.teach(act), meaning
                room.plan(act, seconds)
                return [], say("planned", seconds=str(seconds), what=meaning)
            case Cancel(plan=plan):
                room.cancel(plan)
                return [], say("cancelled")
            case SetPace(rate=rate):
                self._starts = None
                return room.pace(rate), say("pace" if rate else "paused", rate=f"{rate:g}")
            case Step():
                stepped = room.step()
                return stepped.downs, stepped.text
            case GoBack(event=event):
                self._starts = None
                went = room.back(event)
                self._screens.went_back()
                return went.downs, say("back")
            case SetTable(node=node, routes=routes):
                return room.teach(TableSet(0, node, routes)), say("table", node=rules.title(node))
            case MoveCard(card=card, lost=lost):
                act = ON_CARD["lose" if lost else "find"](card)
                return room.teach(act), say("lost" if lost else "found", card=card)
            case Sit(badge=badge, node=node, others=others):
                return room.seat(badge, node, others), say("seat", badge=_called(badge, language))
            case MakeReader(badge=badge, on=on):
                keep(self._data, {*room.readers, badge} if on else room.readers - {badge})
                room.make_reader(badge, on)
                return [], say("reader" if on else "no-reader", badge=_called(badge, language))
            case UpdateBadges(badge=badge):
                downs = self._updates(badge)
                return downs, say("update", count=str(len(downs)))
            case Hint(node=node, step=step):
                return room.hint(node, step), say("hint", node=rules.title(node))
            case Swap(one=one, other=other):
                downs = room.swap(one, other)
                return downs, say("swap", one=rules.title(one), other=rules.title(other))
            case Countdown(seconds=seconds):
                return self._count_down(seconds), say("countdown", seconds=str(seconds))
            case Paste(text=text):
                return [], say("dealt", count=str(self._class.paste(text, room.lesson)))
            case Deal(bots=bots):
                return [], say("dealt", count=str(self._class.deal(room.lesson, bots)))
            case Join(name=name):
                self._class.join(name)
                return [], say("joined", name=name)
            case Leave(name=name):
                self._class.leave(name)
                return [], say("left", name=name)
            case Ask(moment=moment):
                self._survey.ask(moment)
                self._tell_questions()
                return [], say(f"ask-{moment.value}" if moment else "asked")
            case CountHands(moment=moment, question=question, counts=counts):
                self._survey.count_hands(moment, question, counts)
                return [], say("hands", count=str(sum(counts)))
            case Forget():
                self._forget()
                return [], say("forgotten")
            case Choose(lesson=id, language=spoken):
                lesson = chosen(id, room.lesson, spoken)
                return self._begin(lesson), say("lesson", title=lesson.title)
            case _:
                assert_never(order)

    def _set_clock(self, at_ms: int, language: str) -> str:
        try:
            why = None if self._wall.wish(at_ms) else "clock-stays"
        except WrongTimeError:
            why = "wrong-clock"
        if why is not None:
            raise ValueError(texts.page(f"done.{why}", {}, language))
        return texts.page("done.clock", {}, language)

    def _newest(self) -> int:
        release = self._releases.newest
        return 0 if release is None else release.number

    def _offer(self, status: BadgeStatus) -> list[Down]:
        """A badge that plays nothing and has nothing to send may get the newest release, once in each of its starts."""
        newest = self._newest()
        if not _is_behind(status, newest) or status.waiting or status.badge in self.room.world.seats:
            return []
        if self._offered.get(status.badge) == (newest, status.boot):
            return []
        self._offered[status.badge] = (newest, status.boot)
        return [Update(status.badge, newest)]

    def _updates(self, badge: str | None) -> list[Down]:
        """The teacher says so."""
        newest = self._newest()
        behind = [each for each, (status, _) in sorted(self._heard.items()) if _is_behind(status, newest)]
        return [Update(each, newest, again=True) for each in behind if badge in (None, each)]

    def _count_down(self, seconds: int) -> list[Down]:
        """A new round, in which time stands still until then."""
        downs = self.room.start_over()
        self._starts = time.monotonic() + seconds
        self.feed.publish("countdown", {"seconds": seconds})
        return downs

    def _in_time(self, scan: Scan) -> Scan:
        """A packet that is shown while a round counts down is not looked at: nobody gains by being early."""
        left = 0.0 if self._starts is None else self._starts - time.monotonic()
        if left <= 0 or scan.written is None:
            return scan
        return msgspec.structs.replace(scan, written=None, problem=Problem(NOT_YET, str(math.ceil(left))))

    def _forget(self) -> None:
        """Names, pictures, and what phones are known by, also in their answers."""
        self._class.forget()
        if self._pictures is not None:
            self._pictures.forget()
        phones = self._phones.badges
        for badge in sorted(phones.intersection(self.room.world.seats)):
            self.publish(self.room.release(badge))
        self._left(phones)
        self._phones.forget()
        self._survey.forget()
        self._tell_questions()

    def _tell_questions(self) -> None:
        """What everybody is asked or told now."""
        self.feed.publish("change", Change(questions=self._survey.asked()))

    # What phones do.

    def admit(self) -> tuple[str, str]:
        """A phone comes in: its token, and the name that it has as a badge."""
        with self._lock:
            self._left(self._phones.make_room({*self.room.world.seats, *self._survey.answering}))
            token, phone = self._phones.admit()
            self._present(phone)
            return token, phone.badge

    def phone(self, token: str) -> dict[str, Any] | None:
        """What a phone is to show."""
        with self._lock:
            phone = self._phones.known(token)
            if phone is None:
                return None
            self._present(phone)
            return self._phone_view(phone)

    def take(self, token: str, node: str | None) -> dict[str, Any] | None:
        """A phone takes a free node, or leaves its own. Raises NothingDoneError when somebody has it."""
        with self._lock:
            phone = self._phones.known(token)
            if phone is None:
                return None
            self._present(phone)
            room = self.room
            self.publish(self._noted(room.release(phone.badge) if node is None else room.take(phone.badge, node)))
            return self._phone_view(phone)

    def answer(self, token: str, question: str, option: str) -> dict[str, Any] | None:
        """A phone answers a question of the lesson. Raises NothingDoneError."""
        with self._lock:
            phone = self._phones.known(token)
            if phone is None:
                return None
            before = self._survey.asked()
            self._survey.answer(phone.badge, question, option)
            if self._survey.asked() != before:  # another answer, not another choice
                self._tell_questions()
            return self._phone_view(phone)

    def phone_scan(self, token: str, seen: Sighting, counter: int | None = None) -> Answer | None:
        """A phone shows a card: judged like a badge's scan, with the same memory of what was answered. Raises
        NothingDoneError for a counter that passes over another: a phone keeps nothing to send again.
        """
        with self._lock:
            phone = self._phones.known(token)
            if phone is None:
                return None
            self._present(phone)
            last = self._journal.last_counter(phone.badge, phone.boot)
            number = last + 1 if counter is None else counter
            if number > last + 1:
                said = texts.page("done.next-scan", {"next": str(last + 1)}, self.room.lesson.rules.language)
                raise NothingDoneError(said, Ruling(Verdict.STOPPED, "room.lost-count"))
            scan = scan_of(phone.badge, phone.boot, number, number, seen)
            downs = self._noted(self.room.scan(self._in_time(scan)))
            self.publish(downs)
            return next(down for down in downs if isinstance(down, Answer))

    def _phone_view(self, phone: Phone) -> dict[str, Any]:
        self._survey.here(phone.badge)
        shown = self._screens.light(phone.badge)
        nodes = self.room.world.seats.get(phone.badge, ())
        last = self._screens.last(phone.badge, nodes, self.room.world.round)
        return {
            "badge": phone.badge,
            "nodes": list(nodes),
            "light": None if shown is None else shown.light.value,
            "sentence": "" if shown is None else shown.sentence,
            "hint": self.room.is_hint(phone.badge),
            "last": None if last is None else msgspec.to_builtins(last),
            "answers": self._survey.chosen(phone.badge),
        }

    def _present(self, phone: Phone) -> None:
        """A phone that shows itself is there."""
        before = self._heard.get(phone.badge)
        self._heard[phone.badge] = BadgeStatus(phone.badge, "online", phone.boot), time.monotonic()
        if before is None or before[0].state != "online":
            self.room.here(phone.badge)

    def _expect_phones(self) -> None:
        """A phone that has a seat when the hub starts has as long to show itself as one that was just there."""
        for badge in self.room.world.seats:
            if badge.startswith(PHONE):
                self._heard[badge] = BadgeStatus(badge, "online", _NO_BOOT), time.monotonic()
                self.room.here(badge)

    def _left(self, badges: Iterable[str]) -> None:
        """These phones are known no more."""
        for badge in badges:
            self._heard.pop(badge, None)
            self._screens.forget(badge)
            self.room.gone(badge)

    # The room itself.

    def _open(self, lesson: Lesson, seats: dict[str, str], readers: Collection[str], fresh: bool) -> Room:
        with self._journal.together():
            return self._room(lesson, seats, readers, fresh)

    def _room(self, lesson: Lesson, seats: dict[str, str], readers: Collection[str], fresh: bool) -> Room:
        return Room(
            self._journal,
            lesson,
            seats=seats,
            readers=readers,
            fresh=fresh,
            asked=self._asked,
            feed=self.feed,
            pictures=self._pictures,
            snapshots=Snapshots(self._data),
        )

    def _survey_of(self, room: Room) -> Survey:
        return Survey(self._data, room.lesson, room.name, room.resumed)

    def _begin(self, lesson: Lesson) -> list[Down]:
        """Another room: badges that are there are seated in it anew, phones choose."""
        left = self.room.world.seats.keys()
        self.room = self._open(lesson, {}, self.room.readers, fresh=True)
        self._survey = self._survey_of(self.room)
        self._starts = None
        self._class.deal(lesson)
        self._screens.clear()
        self.feed.publish(RESET, {})
        downs: list[Down] = []
        for badge, (status, _) in sorted(self._heard.items()):
            if badge in self._phones.badges:
                self.room.here(badge)
            else:
                downs += self.room.status(status)
        return [*downs, *(self.room.role(badge) for badge in left if badge not in self.room.world.seats)]

    def _noted(self, downs: list[Down]) -> list[Down]:
        """Messages that go out now, of which phones are not told otherwise."""
        self._screens.note(downs, self._phones.badges, self.room.world.round)
        return downs


def _called(badge: str, language: str) -> str:
    """What a badge or a phone is called where the teacher reads it."""
    number = phone_number(badge)
    return texts.page("done.phone", {"number": number}, language) if number else badge


def _is_behind(status: BadgeStatus, newest: int) -> bool:
    """Whether a badge is there, and has an older release than the newest."""
    return status.state == "online" and status.release is not None and status.release < newest
