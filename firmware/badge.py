"""The badge: frame -> eye -> steady -> penwatch -> outbox -> link -> lights. The same wherever the frames come from."""

from __future__ import annotations

import threading
import time

from cards.penform import FormError, PenForm
from cards.reader import Found
from firmware import service
from firmware.buzzer import Buzzer
from firmware.eye import Eye
from firmware.frames import Frame, FrameSource
from firmware.lights import Lights
from firmware.link import Link, LinkState
from firmware.observer import Observer
from firmware.outbox import Outbox, OutboxError
from firmware.penforms import PenForms
from firmware.penwatch import PenWatch
from firmware.steady import Hold, Nothing, Steady, TooMany
from firmware.vitals import Facts, Vitals
from firmware.wishes import Wishes
from hub.messages import DEFAULT_SET, Answer, Light, LightWord, Role, Update, valid_name
from hub.messages.lights import PARTS, PATTERNS
from hub.messages.sighting import sighting

_OUTBOX = next(key for key, part in PARTS.items() if part == "outbox")
_ALARM = {LinkState.NO_ANSWER: LightWord.NO_ANSWER, LinkState.NO_BROKER: LightWord.NO_BROKER}


class Badge:
    """One badge. It uses the source, the lights and the outbox that it is given, and closes the source only.

    name: its id in topics (ValueError when it cannot be one). broker_url: see `hub.messages.session`. forms: of cards
    for the pen; those that the hub tells are kept there. vitals: measures how the badge is, for the hub.
    buzzer: sounds with the lights. wishes: asks for another program.
    """

    def __init__(
        self,
        name: str,
        source: FrameSource,
        broker_url: str,
        *,
        outbox: Outbox,
        lights: Lights,
        set_name: str = DEFAULT_SET,
        observer: Observer | None = None,
        forms: PenForms | None = None,
        vitals: Vitals | None = None,
        buzzer: Buzzer | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        self.name = valid_name(name)
        self.lights = lights
        self._source = source
        self._outbox = outbox
        self._observer = observer or Observer()
        self._eye = Eye()
        self._steady = Steady()
        self._forms = forms or PenForms()
        self._pens = PenWatch(self._forms)
        self._lock = threading.Lock()
        self._link_state = LinkState.NO_BROKER
        self._between = LightWord.READY
        self._seated = True
        self._taken_at: dict[int, float] = {}
        self._vitals = vitals
        self._buzzer = buzzer
        self._wishes = wishes
        self._asked = threading.Event()
        self._link = Link(
            name,
            outbox,
            broker_url,
            _Heard(self),
            set_name=valid_name(set_name),
            frames=source.name,
            measure=Facts if vitals is None else vitals.measure,
        )

    def run(self, finish_within: float | None = None) -> bool:
        """Scan until the frames end, then wait until every scan is answered; or until `stop`.

        finish_within: seconds to wait for answers after the last frame; None waits for ever.
        Returns whether every scan was answered. Errors of the source are passed on.
        """
        self._rest()
        self._link.start()
        try:
            for number, frame in enumerate(self._source):
                if number == 0:
                    service.ready()
                self._take(frame, time.monotonic())
            return self._link.wait_empty(finish_within)
        finally:
            self._source.close()
            self._link.stop()

    def scan_now(self) -> None:
        """Scan what lies on the rest with the next frame, also what has been scanned already. From any thread."""
        self._asked.set()

    def stop(self) -> None:
        """End `run` soon, from any thread. What is not answered stays in the outbox."""
        self._link.interrupt()
        self._source.close()

    def _take(self, frame: Frame, handed_over: float) -> None:
        service.alive()
        if self._vitals is not None:
            self._vitals.saw(frame.image, handed_over)
        if self._asked.is_set():
            self._asked.clear()
            self._eye.wake()
            self._steady.ask()
        found = self._eye.look(frame)
        if frame.file and not found:
            self._observer.on_trouble(f"There is no card to be seen in {frame.file}.")
        event = self._steady.see(frame.at, found)
        for done in self._pens.see(frame, found, event if isinstance(event, Hold) else None):
            self._scan(done, handed_over)
        if isinstance(event, TooMany):
            self._too_many(event, found, handed_over)
        elif isinstance(event, Nothing):
            self._say(LightWord.UNREAD)
            self._observer.on_trouble("There is no card on the rest that can be read.")

    def _too_many(self, event: TooMany, found: tuple[Found, ...], handed_over: float) -> None:
        """Two cards of one name are more than one too many: people cannot see what is wrong with them."""
        twin = next((one for one in found if one.card is not None and one.problem is not None), None)
        if twin is not None:
            self._scan(twin, handed_over)
            return
        self._say(LightWord.ONE_AT_A_TIME)
        self._observer.on_too_many(event)

    def _scan(self, found: Found, handed_over: float) -> None:
        now = time.monotonic()
        try:
            scan = self._outbox.put(self.name, sighting(found))
        except OutboxError as error:
            self._say(LightWord.FAULT, _OUTBOX)
            self._observer.on_trouble(str(error))
            return
        self._taken_at[scan.counter] = now
        if self._link_state is not LinkState.FINE:
            self.lights.nod()
        self._observer.on_scan(scan, handed_over)
        self._link.notify(scan)

    def _say(self, word: LightWord, key: int | None = None, asked: float = float("inf")) -> None:
        if self.lights.say(word, key, asked) and self._buzzer is not None:
            self._buzzer.play(word)

    def _rest(self) -> None:
        """Show what belongs between scans: what is wrong with the link, or that it plays no node, or what the hub says.

        It plays one until the hub says that it does not.
        """
        with self._lock:
            between = self._between if self._seated else LightWord.STAND_BY
            self.lights.ambient(_ALARM.get(self._link_state, between))


class _Heard:
    """What a badge does with what it hears from its link."""

    def __init__(self, badge: Badge) -> None:
        self._badge = badge

    def answered(self, answer: Answer) -> None:
        badge = self._badge
        # Of several that come late, each is shown to its end; whoever has laid down another card since does not wait.
        ours = answer.boot == badge._outbox.boot
        badge._say(answer.light, answer.key, badge._taken_at.pop(answer.counter, float("inf")) if ours else 0.0)
        badge._observer.on_answer(answer)

    def light(self, light: Light) -> None:
        badge = self._badge
        if PATTERNS[light.light].repeats:
            badge._between = light.light
            badge._rest()
        else:
            badge._say(light.light)
        badge._observer.on_light(light)

    def role(self, role: Role) -> None:
        badge = self._badge
        badge._seated = role.node is not None
        badge._rest()
        badge._observer.on_role(role)

    def form(self, form: PenForm) -> None:
        try:
            self._badge._forms.learn(form)
        except FormError as error:
            self._badge._observer.on_trouble(f"This lesson cannot be played with cards for the pen: {error}")

    def update(self, update: Update) -> None:
        badge = self._badge
        if badge._wishes is not None and badge._wishes.wish(update):
            badge._observer.on_trouble(f"The hub has release {update.number}: it is got now, and then begun.")

    def link(self, state: LinkState, sentence: str) -> None:
        badge = self._badge
        badge._link_state = state
        badge._rest()
        badge._observer.on_link(state, sentence)
