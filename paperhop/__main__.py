"""The command line: `paperhop COMMAND`. Each command is a module of this package with `add` and a `run` of its own."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

COMMANDS = {
    "demo": "play the handshake lesson with an embedded broker, the hub and three badges",
    "play": "play the scripts of a lesson without hardware, or let bots play it",
    "check": "look over a lesson that you wrote, and play it by its scripts and by bots",
    "hub": "run the hub: judge scans, keep the journal, show the page",
    "export": "write a room that was played as a capture for Wireshark, or as a table",
    "badge": "run a badge: camera, lights and the link to the hub",
    "set": "make a set of badges and its hub: accounts, first start of each badge, labels; back it up",
    "cards": "draw packet cards and read pictures of them",
    "poster": "draw the poster of TCP's states",
    "vectors": "answer recorded cases: a JSON object a line, on standard input and output",
}
"""Every command with its one-line help; `paperhop.<command>_command` holds it, imported only when it is called."""


_INTERRUPTED, _NOBODY_READS = 130, 141
"""Exit statuses as a shell has them for a program that SIGINT or SIGPIPE has ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status.

    130 after a Ctrl-C that the command did not mind itself, 141 when nobody reads its output any more.
    """
    try:
        try:
            return _command(list(sys.argv[1:] if argv is None else argv))
        finally:
            print(end="", flush=True)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # What is still in the buffer goes nowhere when the interpreter ends, instead of into a complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS


def _command(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="paperhop", description="People are the network: TCP/IP on paper cards.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if words[:1] == [name]:
            with _loading():
                module = importlib.import_module(f"paperhop.{name}_command")
            module.add(command)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        _meant(parser, words).error(f"unrecognized arguments: {' '.join(unknown)}")
    run = arguments.run
    return int(run(arguments))


def _meant(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.ArgumentParser:
    """The command, or the one below it, that somebody has typed: its usage helps, the program's own does not."""
    for word in words:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction) and word in action.choices:
                parser = action.choices[word]
    return parser


@contextmanager
def _loading() -> Iterator[None]:
    """Ctrl-C ends the process at once: extension modules whose import it breaks into abort, or complain at length."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
