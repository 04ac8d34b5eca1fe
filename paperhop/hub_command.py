"""`paperhop hub`: the hub as a program of its own."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from hub.journal import JournalError
from hub.lessons import LessonError, load
from hub.messages import valid_name
from hub.messages.obstacles import obstacle
from hub.page.gate import FILE as GATE_FILE
from hub.private import write_private
from hub.releases import Releases
from hub.service import Hub
from paperhop.lesson_option import FIRST, WHICH_LESSON
from paperhop.options import add_broker, add_http, add_language, say, state_folder


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop hub`."""
    add_broker(parser)
    parser.add_argument("--data", type=Path, default=state_folder(), metavar="DIR", help="default: %(default)s")
    add_http(parser)
    parser.add_argument(
        "--lesson",
        metavar="ID",
        help=f"{WHICH_LESSON}; without it the last room goes on, or {FIRST} begins",
    )
    add_language(parser)
    parser.add_argument(
        "--seat", action="append", default=[], type=_seat, metavar="BADGE=NODE", help="who plays what; may be repeated"
    )
    parser.add_argument(
        "--reader",
        action="append",
        default=[],
        type=_name,
        metavar="BADGE",
        help="takes command cards; may be repeated",
    )
    parser.add_argument("--new-pin", action="store_true", help="draw another PIN for the teacher's page")
    parser.add_argument(
        "--pin-file",
        type=Path,
        metavar="FILE",
        help="write a new PIN there, for this user alone to read, instead of telling it",
    )
    parser.add_argument("--release", type=Path, metavar="DIR", help="what badges can get (`paperhop set release`)")
    parser.add_argument("--new", action="store_true", help="begin a new room, even where one could go on")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the hub until Ctrl-C or SIGTERM; 2 when it cannot start."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    os.umask(0o077)  # a room is nobody else's to read: journal, names, handwriting, sessions
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        lesson = load(arguments.lesson or FIRST, arguments.language)
        hub = Hub(
            lesson,
            broker_url=arguments.broker,
            data=arguments.data,
            http=arguments.http,
            set_name=valid_name(arguments.set),
            seats=dict(arguments.seat),
            readers=arguments.reader,
            fresh=arguments.new,
            named=arguments.lesson is not None,
            new_pin=arguments.new_pin,
            release=arguments.release,
            on_link=lambda up, text: say(text),
        )
    except (LessonError, JournalError, OSError, ValueError) as error:
        print(_why(error), file=sys.stderr)
        return 2
    if hub.damage is not None:
        print(hub.damage, file=sys.stderr)
    if hub.pin_void:
        file = arguments.data / GATE_FILE
        print(f"{file} was damaged: the old PIN is void, and so is every session. Another is drawn", file=sys.stderr)
    went_on = "goes on" if hub.room.resumed else "begins"
    say(f"Room {hub.room.name} {went_on}: {hub.room.lesson.title}. The page: {hub.url}")
    for address in hub.addresses:
        say(f"Phones: http://{address}/join")
    if arguments.release is not None and Releases(arguments.release).newest is None:
        say(f"There is no release for badges in {arguments.release} yet: `paperhop set release` lays one there.")
    if hub.pin is not None and arguments.pin_file is not None:
        try:
            write_private(arguments.pin_file, f"{hub.pin}\n".encode())
        except OSError as error:
            hub.stop()
            why = obstacle(error, arguments.pin_file)
            print(f"The PIN cannot be kept in {arguments.pin_file}. {why}, and use --new-pin", file=sys.stderr)
            return 2
        say(f"The teacher's page: {hub.url}/teach. Its PIN is in {arguments.pin_file}.")
    elif hub.pin is not None:
        say(f"The teacher's page: {hub.url}/teach. Its PIN is {hub.pin}: write it down, it is not told again.")
    if hub.room.lesson.id != lesson.id:
        if arguments.lesson is not None:
            say(f"That was chosen on the teacher's page; --new begins a room with {lesson.id}.")
    elif hub.room.lesson.language != lesson.language and arguments.language is not None:
        say(f"This room goes on in the language {hub.room.lesson.language!r}; --new begins one in {lesson.language!r}.")
    elif hub.room.lesson.source != lesson.source:
        say("The lesson's file has changed since this room began; --new begins a room with it.")
    stop.wait()
    hub.stop()
    say("Ended. Start it again and the room goes on.")
    return 0


def _why(error: Exception) -> str:
    """In words of ours, unless it says it itself: all files that a hub needs are in its folder."""
    if not isinstance(error, OSError) or error.filename is None:
        return str(error)
    way_out = obstacle(error, Path(error.filename))
    return f"{error.filename} cannot be used. {way_out}, or choose another folder with --data"


def _name(text: str) -> str:
    try:
        return valid_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seat(text: str) -> tuple[str, str]:
    badge, _, node = text.partition("=")
    if not node:
        raise argparse.ArgumentTypeError(f"{text!r} should be BADGE=NODE, for example b1=client")
    return _name(badge), node
