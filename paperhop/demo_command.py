"""`paperhop demo`: the handshake lesson, played by three badges with virtual hands, to be watched or checked."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from hub.lessons import LessonError, load
from hub.page import PortInUse
from paperhop.options import add_http
from paperhop.rehearsal import Outcome, Rehearsal, RehearsalError

_SYMBOL = {"delivered": "●", "rst": "✕", "dropped": "○", "sent": "→", "forwarded": "»", "stopped": "■", "unread": "?"}
_COLOUR = {"delivered": 36, "rst": 33, "dropped": 35, "stopped": 31}


def add(parser: argparse.ArgumentParser) -> None:
    """The options of `paperhop demo`."""
    parser.add_argument("--lesson", default="handshake", metavar="ID", help="default: %(default)s")
    add_http(parser)
    parser.add_argument(
        "--pace", type=float, default=1.0, metavar="SECONDS", help="from one scan to the next; default: %(default)s"
    )
    parser.add_argument("--once", action="store_true", help="one round without the pauses, then end")
    parser.add_argument("--json", action="store_true", help="a JSON object per scan instead of the story")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play until Ctrl-C, or one round. 0: all was as the lesson expects, 1: it was not, 2: it could not begin."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        lesson = load(arguments.lesson)
        if not lesson.scripts:
            raise LessonError(f"The lesson {lesson.id} has no scripts that could be played")
        http = ("127.0.0.1", 0) if arguments.once else arguments.http
        with tempfile.TemporaryDirectory(prefix="paperhop-") as data:
            rehearsal = Rehearsal(lesson, Path(data), http, "fast" if arguments.once else "real")
            with rehearsal:
                return _play(rehearsal, arguments, stop)
    except (LessonError, PortInUse, RehearsalError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _play(rehearsal: Rehearsal, arguments: argparse.Namespace, stop: threading.Event) -> int:
    rehearsal.wait_ready()
    if not arguments.json:
        print(f"{rehearsal.lesson.title}. {rehearsal.lesson.goal}")
        if not arguments.once:
            print(f"Watch it on {rehearsal.hub.url}   (Ctrl-C ends it)")
    began, outcomes = time.monotonic(), list[Outcome]()
    while not stop.is_set():
        for script in rehearsal.lesson.scripts:
            if stop.is_set():
                break
            if not arguments.json:
                print(f"\n{script.title}: {script.text}")
            for outcome in rehearsal.play(script, lambda: _pause(arguments, stop)):
                outcomes.append(outcome)
                print(_json(outcome) if arguments.json else _line(rehearsal, outcome), flush=True)
        if arguments.once:
            break
        if all(outcome.as_expected for outcome in outcomes):
            outcomes.clear()
    return _summary(outcomes, time.monotonic() - began, arguments)


def _pause(arguments: argparse.Namespace, stop: threading.Event) -> bool:
    return stop.wait(0 if arguments.once else arguments.pace)


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
            "light": None if outcome.light is None else outcome.light.value,
            "key": answer.key,
            "frame_to_light_ms": None if took is None else round(took, 1),
            "expected": outcome.step.verdict.value,
            "as_expected": outcome.as_expected,
        },
        ensure_ascii=False,
    )


def _line(rehearsal: Rehearsal, outcome: Outcome) -> str:
    verdict = outcome.answer.verdict.value
    node = rehearsal.lesson.rules.node(outcome.step.node).title
    word = f"{_SYMBOL[verdict]} {verdict:<9}"
    if sys.stdout.isatty() and verdict in _COLOUR:
        word = f"\x1b[1;{_COLOUR[verdict]}m{word}\x1b[0m"
    flags = ",".join(outcome.packet.flags or ())
    odd = "" if outcome.as_expected else f"   (the lesson expects {outcome.step.verdict.value})"
    return f"  {node:<14} {flags:<8} {word}  {outcome.answer.sentence}{odd}"


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
