"""The command line: `paperhop COMMAND`. Each command is a module of this package with `add` and a `run` of its own."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "demo": "play the handshake lesson with an embedded broker, the hub and three badges",
    "hub": "run the hub: judge scans, keep the journal, show the page",
    "badge": "run a badge: camera, lights and the link to the hub",
    "cards": "draw packet cards and read pictures of them",
}
"""Every command with its one-line help; `paperhop.<command>_command` holds it, imported only when it is called."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="paperhop", description="People are the network: TCP/IP on paper cards.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if words[:1] == [name]:
            importlib.import_module(f"paperhop.{name}_command").add(command)
    arguments = parser.parse_args(words)
    run = arguments.run
    return int(run(arguments))


if __name__ == "__main__":
    sys.exit(main())
