"""The options that say which badge is meant, and where its camera, its broker and its outbox are."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from paperhop.options import BADGE, add_broker, state_folder

FRAMES = "picamera"
NAMELESS = "a badge needs a name: give --id b1, for example"


def add(parser: argparse.ArgumentParser, again: bool = False) -> None:
    """Add them. again: to a command below one that has them, so that they may stand before its name or after it."""

    def default(value: object) -> object:
        return argparse.SUPPRESS if again else value

    own = os.environ.get(BADGE) or None
    parser.add_argument(
        "--id",
        default=default(own),
        metavar="ID",
        help=f"the badge's name: letters, digits, - and _; default: ${BADGE}",
    )
    add_broker(parser, again)
    parser.add_argument(
        "--frames",
        default=default(FRAMES),
        metavar="SOURCE",
        help=f"picamera, opencv:N, dir:FOLDER, or virtual: typed, `[NAME] [pen] PACKET|command TEXT` ({FRAMES})",
    )
    parser.add_argument(
        "--outbox", type=Path, default=default(None), metavar="FILE", help="where scans wait for their answer"
    )


def outbox(arguments: argparse.Namespace) -> Path:
    """The file in which this badge's scans wait."""
    kept: Path | None = arguments.outbox
    return kept or state_folder() / f"outbox-{arguments.set}-{arguments.id}.sqlite"
