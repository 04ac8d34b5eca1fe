"""`paperhop badge selftest`: look whether a badge is fit to play, part by part."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from typing import Any

from firmware.frames import open_source
from firmware.lights import machine_pins
from firmware.machine import Machine
from firmware.pin_checks import Ask
from firmware.selftest import Subject, run
from hub.messages import valid_name
from hub.messages.address import BrokerAddress
from paperhop import badge_options
from paperhop.options import say

_NEEDED = (
    "cv2",
    "gpiozero",
    "msgspec",
    "numpy",
    "paho.mqtt.client",
    "pyzbar.pyzbar",
    "zxingcpp",
    "paperhop.badge_command",
)
_NEEDED_ON_A_PI = ("lgpio", "picamera2")
"""These come from the system, and a program that hides them, or does not fit them, is none for a badge."""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Give `paperhop badge` this command."""
    parser = commands.add_parser("selftest", help="test each part of a badge, and say what to do")
    badge_options.add(parser, again=True)
    parser.add_argument("--imports", action="store_true", help="only load all that a badge needs, and touch nothing")
    parser.add_argument("--no-questions", action="store_true", help="ask nothing, also at a terminal")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status 0: nothing is wrong; 1: something is; 2: it could not begin."""
    if arguments.imports:
        return _imports(Machine().pi_model() is not None)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        if arguments.id is None:
            raise ValueError(badge_options.NAMELESS)
        valid_name(arguments.id)
        valid_name(arguments.set)
        BrokerAddress.parse(arguments.broker)
    except ValueError as error:
        print(f"paperhop badge selftest: {error}", file=sys.stderr)
        return 2
    tested = subject(arguments, machine_pins(), _asker(arguments.no_questions))
    return 0 if run(tested, say) else 1


def subject(arguments: argparse.Namespace, pins: Any, ask: Ask | None = None) -> Subject:
    """What is tested, by the options of a badge. pins: gpiozero's factory. ask: who is there to be asked."""
    return Subject(
        arguments.id,
        arguments.broker,
        badge_options.outbox(arguments),
        lambda: open_source(arguments.frames),
        pins,
        Machine(),
        arguments.set,
        ask,
    )


def _imports(on_a_pi: bool) -> int:
    """Whether this program is whole: all that a badge needs is loaded."""
    for name in (*_NEEDED, *(_NEEDED_ON_A_PI if on_a_pi else ())):
        try:
            importlib.import_module(name)
        except Exception as error:
            # A library for another computer raises whatever it likes.
            print(f"paperhop badge selftest: {name} cannot be loaded: {error}", file=sys.stderr)
            return 1
    say("All that a badge needs can be loaded.")
    return 0


def _asker(silent: bool) -> Ask | None:
    """Who answers questions: the person at the terminal, if there is one."""
    if silent or sys.stdin is None or not sys.stdin.isatty():
        return None

    def ask(question: str) -> bool:
        while True:
            try:
                answer = input(f"{question} [y/n] ").strip().lower()
            except EOFError:
                return False
            if answer[:1] in ("y", "n"):
                return answer[0] == "y"

    return ask
