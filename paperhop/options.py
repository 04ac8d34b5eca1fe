"""What several commands share: options, where things are kept, and a word to the terminal."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path

from hub.messages import DEFAULT_SET
from hub.texts import languages

BROKER, SET, BADGE = "PAPERHOP_BROKER", "PAPERHOP_SET", "PAPERHOP_BADGE"
"""Variables of the environment that say what options say. A password belongs there: `ps` shows options to everybody."""
_LONGEST = 86_400.0
"""Seconds: a day."""


def add_http(parser: argparse.ArgumentParser) -> None:
    """`--http HOST:PORT`: where the page is served."""
    parser.add_argument(
        "--http",
        type=_http,
        default=("127.0.0.1", 8000),
        metavar="HOST:PORT",
        help="where the page is served; 0.0.0.0:8000 lets other machines see it; default: 127.0.0.1:8000",
    )


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--language CODE`: in which people are spoken to."""
    parser.add_argument(
        "--language",
        choices=languages(),
        help="in which players are spoken to; default: as the lesson's file has it, or en",
    )


def add_broker(parser: argparse.ArgumentParser, again: bool = False) -> None:
    """`--broker URL` and `--set NAME`: where messages go. Help never shows what stands in the environment. again: to a
    command below one that has them, so that they may stand before its name or after it.
    """
    parser.add_argument(
        "--broker",
        default=argparse.SUPPRESS if again else os.environ.get(BROKER) or "mqtt://127.0.0.1:1883",
        metavar="URL",
        help=f"mqtt://host[:port]; default: ${BROKER}, where a user and password belong "
        "(mqtt://user:password@host), else mqtt://127.0.0.1:1883",
    )
    parser.add_argument(
        "--set",
        default=argparse.SUPPRESS if again else os.environ.get(SET) or DEFAULT_SET,
        metavar="NAME",
        help=f"which set of badges; default: ${SET}, else {DEFAULT_SET}",
    )


def state_folder() -> Path:
    """Where programs keep what must outlive them, when they are not told where (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "paperhop"


def say(sentence: str) -> None:
    """Tell the terminal; a program that runs for long goes on when nobody reads it."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{sentence}\n")  # in one piece: threads tell the terminal at the same time
        sys.stdout.flush()


def seconds(text: str) -> float:
    """A number of seconds from 0 to a day, as argparse's `type`."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number of seconds, 0 or more, for example 1.5")
    return number


def _http(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} should be HOST:PORT, for example 127.0.0.1:8000")
    if len(port) > 5 or int(port) > 65535:
        raise argparse.ArgumentTypeError(
            f"{port} is no port: those are 0 to 65535, for example {host or '127.0.0.1'}:8000"
        )
    return host.strip("[]") or "127.0.0.1", int(port)
