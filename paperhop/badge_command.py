"""`paperhop badge`: run one badge, and tell the terminal what it sees and hears."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import threading
from types import FrameType
from typing import Any

from cards.decoder import NoDecoder
from cards.notation import EXAMPLE
from firmware import service
from firmware.badge import Badge
from firmware.buttons import Buttons, power_off, scan_is_held
from firmware.buzzer import Buzzer
from firmware.display import Display, DisplayError, open_display
from firmware.frames import FrameSource, SourceError, open_source
from firmware.lights import Lights, machine_pins
from firmware.link import LinkState
from firmware.machine import Machine
from firmware.observer import Observer, Several
from firmware.outbox import Outbox, OutboxError
from firmware.penforms import PenForms
from firmware.selftest import run as run_selftest
from firmware.steady import TooMany
from firmware.typed import show_typed
from firmware.virtual import VirtualHand
from firmware.vitals import Vitals
from firmware.wishes import Wishes
from hub.messages import Answer, LightWord, Role, Scan, valid_name
from hub.messages.address import BrokerAddress
from hub.messages.lights import KEYS, PARTS
from paperhop import badge_options, selftest_command, update_command
from paperhop.options import say, seconds

_FINISH_WITHIN = 60.0
_SEEN_WITHIN = 6.0
"""Seconds for the last verdict to be seen on the lights: the longest word takes five and a half."""
_WRONG_PLACE = 5
_TESTED_WITHIN = 240.0
"""Seconds for a self-test of which everything is wrong, and is blinked."""
_HOW_TO_TYPE = f"""Type a packet and Enter: a virtual hand lays its card on the rest. Ctrl-D ends. For example:
    T-1 {EXAMPLE}
T-1 is the card's own name, its deck and number: type the same one wherever you carry this card.
pen and a packet is a card that is filled in by pen; the badge says which name it has."""


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    badge_options.add(parser)
    commands = parser.add_subparsers(metavar="[selftest|update]", title="instead of running")
    selftest_command.add(commands)
    update_command.add(commands)
    parser.add_argument(
        "--finish-within",
        type=seconds,
        default=_FINISH_WITHIN,
        metavar="SECONDS",
        help="after the last frame wait this long for answers (%(default)g)",
    )
    parser.add_argument("--mute", action="store_true", help="no sound")
    parser.add_argument("--display", metavar="KIND", help="ssd1306, or ssd1306:BUS for another I2C bus than 1 (none)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the badge until its frames end or somebody stops it.

    0: ended well. 1: it ended, and scans are still waiting for an answer. 2: it could not begin.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if arguments.id is None:
        return _refuse(badge_options.NAMELESS)
    with contextlib.ExitStack() as closing:
        try:
            name, set_name = valid_name(arguments.id), valid_name(arguments.set)
            BrokerAddress.parse(arguments.broker)
            pins = machine_pins()
            _test_first(arguments, pins)
            source = open_source(arguments.frames)
            closing.callback(source.close)
            kept = badge_options.outbox(arguments)
            outbox = Outbox(kept)
            closing.callback(outbox.close)
            observers: list[Observer] = [_Teller(name)]
            if arguments.display is not None:
                display = Display(name, open_display(arguments.display))
                closing.callback(display.close)
                observers.append(display)
        except (ValueError, SourceError, OutboxError, DisplayError) as error:
            _blink(error)
            return _refuse(str(error))
        lights = Lights(pins)
        closing.callback(lights.close)
        buzzer = Buzzer(lights.pin_factory, muted=arguments.mute)
        closing.callback(buzzer.close)
        machine, wishes = Machine(), Wishes()
        forms = PenForms(kept.with_name(f"{kept.name}.forms.json"))
        badge = Badge(
            name,
            source,
            arguments.broker,
            outbox=outbox,
            lights=lights,
            set_name=set_name,
            observer=Several(*observers),
            forms=forms,
            vitals=Vitals(machine, kept.parent, source.name, wishes=wishes),
            buzzer=buzzer,
            wishes=wishes,
        )
        buttons = Buttons(lights.pin_factory, badge.scan_now, power_off if machine.pi_model() else None)
        closing.callback(buttons.close)
        stopped = _stop_on_signals(badge)
        _begin_typing(source, forms)
        try:
            done = badge.run(arguments.finish_within)
        except NoDecoder as error:
            return _refuse(str(error))
        if stopped.is_set():
            return 0
        lights.wait_said(_SEEN_WITHIN)
        if not done:
            waiting = len(outbox)
            what = "1 scan is" if waiting == 1 else f"{waiting} scans are"
            say(f"{name}: {what} not answered yet. What waits is kept, and sent at the next start.")
        return 0 if done else 1


def _test_first(arguments: argparse.Namespace, pins: Any) -> None:
    """Who holds SCAN down while the badge starts wants to know what is wrong with it: lights and log say it."""
    if scan_is_held(pins):
        service.takes(_TESTED_WITHIN)
        run_selftest(selftest_command.subject(arguments, pins), say)


class _Teller(Observer):
    """Tells the terminal, a line for each thing that happens."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._role: Role | None = None

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        what = scan.command or (scan.role and f"role {scan.role}") or (scan.problem and scan.problem.detail)
        if scan.written is not None:
            what = scan.written.text
        say(f"{self._name} scan {scan.counter}: {scan.card or 'not a card'}: {what}")

    def on_answer(self, answer: Answer) -> None:
        say(f"{self._name} scan {answer.counter}: {answer.verdict.value}{_key(answer)} - {answer.sentence}")

    def on_too_many(self, too_many: TooMany) -> None:
        say(f"{self._name}: one card at a time, please; there are {too_many.count}.")

    def on_role(self, role: Role) -> None:
        # The hub says it again whenever one of the two comes back.
        if role == self._role:
            return
        self._role = role
        if role.node is None:
            say(f"{self._name}: you play no node: you stand by until a seat is free.")
        else:
            say(f"{self._name}: you are {role.title or role.node}{f', {role.address}' if role.address else ''}.")

    def on_link(self, state: LinkState, sentence: str) -> None:
        say(f"{self._name}: {sentence}")

    def on_trouble(self, sentence: str) -> None:
        say(f"{self._name}: {sentence}")


def _key(answer: Answer) -> str:
    """What a stopped card needs, in words, as the lights blink it."""
    if answer.key is None:
        return ""
    return " (wrong place)" if answer.key == _WRONG_PLACE else f" (correct the {KEYS[answer.key]})"


def _stop_on_signals(badge: Badge) -> threading.Event:
    """End the badge cleanly at the first Ctrl-C or SIGTERM; the event says whether there was one."""
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        badge.stop()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        # The main thread may hold, at this very moment, a lock that stopping needs.
        threading.Thread(target=stop, name="stopping").start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return stopped


def _begin_typing(source: FrameSource, forms: PenForms) -> None:
    if isinstance(source, VirtualHand):
        if sys.stdin is None:
            source.finish()
            return
        if sys.stdin.isatty():
            say(_HOW_TO_TYPE)
        # A file object of its own: the interpreter wants the lock of sys.stdin when it ends.
        lines = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        threading.Thread(target=show_typed, args=(lines, source, _complain, forms), name="typing", daemon=True).start()


def _blink(error: Exception) -> None:
    """A badge that begins by itself has no terminal: it says with its lights what keeps it from beginning."""
    part = {SourceError: "camera", OutboxError: "outbox"}.get(type(error))
    key = next((key for key, named in PARTS.items() if named == part), None)
    if key is not None and service.under_systemd():
        lights = Lights()
        lights.say(LightWord.FAULT, key)
        lights.wait_said(2 * _SEEN_WITHIN)
        lights.close()


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _refuse(sentence: str) -> int:
    _complain(f"paperhop badge: {sentence}")
    return 2
