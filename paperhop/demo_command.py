"""`paperhop demo`: the handshake lesson, played by three badges with virtual hands, to be watched or checked."""

from __future__ import annotations

import argparse
import json
import logging
import queue
import shutil
import signal
import statistics
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path
from typing import Literal

import msgspec

from hub.journal import JournalError
from hub.lessons import LessonError, load
from hub.page import PortInUse
from paperhop.lesson_option import add_lesson
from paperhop.options import add_http, add_language, seconds
from paperhop.rehearsal import Outcome, Rehearsal, RehearsalError, RehearsalInterrupted

_SYMBOL = {"delivered": "●", "rst": "✕", "dropped": "○", "sent": "→", "forwarded": "»", "stopped": "■", "unread": "?"}
_COLOUR = {"delivered": 36, "rst": 33, "dropped": 35, "stopped": 31}
_LEAST_WIDTH = 24
"""Columns that a sentence has, however narrow the terminal is."""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop demo`."""
    add_lesson(parser)
    add_language(parser)
    add_http(parser)
    parser.add_argument(
        "--pace",
        type=seconds,
        default=1.0,
        metavar="SECONDS",
        help="the pause after a light, before the next card is laid down; default: %(default)s",
    )
    parser.add_argument("--once", action="store_true", help="one round without the pauses, then end")
    parser.add_argument("--json", action="store_true", help="a JSON object per scan instead of the story")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play until Ctrl-C, or one round.

    0: all was as the lesson expects, 1: it was not, 2: it could not begin, 130: Ctrl-C before the one round was over.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: signals.put(number))
    try:
        lesson = load(arguments.lesson, arguments.language)
        http = ("127.0.0.1", 0) if arguments.once else arguments.http
        pace: Literal["real", "fast"] = "fast" if arguments.once else "real"
        with (
            tempfile.TemporaryDirectory(prefix="paperhop-") as data,
            Rehearsal(lesson, Path(data), http, pace) as rehearsal,
        ):
            threading.Thread(target=_interrupt_on, args=(signals, rehearsal), name="signals", daemon=True).start()
            return _play(rehearsal, arguments)
    except BrokenPipeError:
        raise
    except PortInUse as error:
        host, port = arguments.http
        other = f"{host}:{port + 1 if port < 65535 else 8000}"
        print(f'{error}\nWith make: make demo ARGS="--http {other}"', file=sys.stderr)
    except (LessonError, RehearsalError, JournalError, ModuleNotFoundError, OSError) as error:
        print(error, file=sys.stderr)
    return 2


def _interrupt_on(signals: queue.SimpleQueue[int], rehearsal: Rehearsal) -> None:
    signals.get()
    rehearsal.interrupt()


def _play(rehearsal: Rehearsal, arguments: argparse.Namespace) -> int:
    began, outcomes = time.monotonic(), list[Outcome]()
    interrupted = stuck = False
    try:
        rehearsal.wait_ready()
        if not arguments.json:
            _tell(f"{rehearsal.lesson.title}. {rehearsal.lesson.goal}")
            if not arguments.once:
                _tell(f"Watch it on {rehearsal.hub.url}/screen   (Ctrl-C ends it)")
                if rehearsal.hub.pin is not None:
                    _tell(f"The teacher's page is {rehearsal.hub.url}/teach, with the PIN {rehearsal.hub.pin}")
        _play_round(rehearsal, arguments, outcomes)
        while not arguments.once:
            if all(outcome.as_expected for outcome in outcomes):
                outcomes.clear()
            _play_round(rehearsal, arguments, outcomes)
    except RehearsalInterrupted:
        interrupted = True
    except RehearsalError as error:
        print(error, file=sys.stderr)
        stuck = True
    status = _summary(outcomes, time.monotonic() - began, arguments)
    if interrupted and arguments.once:
        return 130
    return 1 if stuck else status


def _play_round(rehearsal: Rehearsal, arguments: argparse.Namespace, outcomes: list[Outcome]) -> None:
    for script in rehearsal.scripts:
        if not arguments.json:
            _tell(f"{script.title}: {script.text}", before="\n")
        for outcome in rehearsal.play(script, 0.0 if arguments.once else arguments.pace):
            outcomes.append(outcome)
            if arguments.json:
                print(_json(outcome), flush=True)
            else:
                _tell_outcome(rehearsal, outcome)


def _tell(text: str, before: str = "", columns: int = 0) -> None:
    """Print a text; on a terminal it is broken between words, and goes on below its beginning.

    before: what stands in front of it, and takes that many columns of the terminal.
    """
    if sys.stdout.isatty():
        width = max(_LEAST_WIDTH, shutil.get_terminal_size().columns - columns)
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        text = ("\n" + " " * columns).join(lines)
    print(before + text, flush=True)


def _json(outcome: Outcome) -> str:
    answer = outcome.answer
    took = outcome.frame_to_light_ms
    return json.dumps(
        {
            "badge": outcome.badge,
            "node": answer.node,
            "card": outcome.card,
            "packet": msgspec.to_builtins(outcome.packet),
            "verdict": answer.verdict.value,
            "reason": answer.reason,
            "sentence": answer.sentence,
            "light": None if outcome.shown is None else outcome.shown.word.value,
            "key": None if outcome.shown is None else outcome.shown.key,
            "frame_to_light_ms": None if took is None else round(took, 1),
            "expected": outcome.step.verdict.value,
            "as_expected": outcome.as_expected,
        },
        ensure_ascii=False,
    )


def _tell_outcome(rehearsal: Rehearsal, outcome: Outcome) -> None:
    verdict = outcome.answer.verdict.value
    titles = {node.id: node.title for node in rehearsal.lesson.rules.nodes}
    node = titles[outcome.step.node].ljust(max(map(len, titles.values())))
    flags = ",".join(outcome.packet.flags or ())
    word = f"{_SYMBOL[verdict]} {verdict:<9}"
    start = f"  {node}  {flags:<7}  "
    columns = len(start) + len(word) + 2
    if sys.stdout.isatty() and verdict in _COLOUR:
        word = f"\x1b[1;{_COLOUR[verdict]}m{word}\x1b[0m"
    odd = "" if outcome.as_expected else f"   (the lesson expects {outcome.step.verdict.value})"
    _tell(f"{outcome.answer.sentence}{odd}", f"{start}{word}  ", columns)


def _summary(outcomes: list[Outcome], seconds: float, arguments: argparse.Namespace) -> int:
    good = sum(outcome.as_expected for outcome in outcomes)
    took = [outcome.frame_to_light_ms for outcome in outcomes if outcome.frame_to_light_ms is not None]
    if arguments.json:
        summary = {
            "scans": len(outcomes),
            "as_expected": good,
            "seconds": round(seconds, 2),
            "frame_to_light_ms": {"median": round(statistics.median(took), 1), "max": round(max(took), 1)}
            if took
            else None,
        }
        print(json.dumps({"summary": summary}), flush=True)
    elif arguments.once:
        print(f"\n{good} of {len(outcomes)} scans as the lesson expects, in {seconds:.1f} s.")
    else:
        print("\nThe demo has ended.")
    return 0 if good == len(outcomes) else 1
