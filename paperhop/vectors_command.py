"""`paperhop vectors`: the engine answers cases that were recorded from other stacks, a JSON object a line."""

from __future__ import annotations

import argparse
import sys

from paperhop.vectors.adapter import Adapter


def add(parser: argparse.ArgumentParser) -> None:
    """The command has no options: everything comes on standard input."""
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answer each line of standard input at once by a line on standard output, until there are no more. Returns 0."""
    adapter = Adapter()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(adapter.answer(line) + b"\n")
        sys.stdout.buffer.flush()
    return 0
