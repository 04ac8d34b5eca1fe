"""`paperhop badge update`: another program from the hub, beside the one that runs. systemd calls it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from firmware.slots import FOLDER, SlotError, Slots
from firmware.update import update
from hub.messages import valid_name
from hub.messages.address import BrokerAddress
from hub.messages.release import KEY
from paperhop import badge_options
from paperhop.options import say


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Give `paperhop badge` this command."""
    parser = commands.add_parser("update", help="get another program from the hub, whole or not at all")
    badge_options.add(parser, again=True)
    parser.add_argument("--hub", metavar="URL", help="where it is got; default: the computer of the broker")
    parser.add_argument("--slots", type=Path, default=FOLDER, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--outcome", type=Path, metavar="FILE", help="where a word is left when it did not succeed")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status 0: another program is active, start it; 1: all is as it was; 2: it could not begin."""
    try:
        badge = valid_name(arguments.id or "")
        hub = arguments.hub or f"http://{BrokerAddress.parse(arguments.broker).host}"
    except ValueError as error:
        print(f"paperhop badge update: {error}", file=sys.stderr)
        return 2
    try:
        release = update(badge, os.environ.get(KEY, ""), hub, Slots(arguments.slots))
    except SlotError as error:
        print(f"paperhop badge update: {error}", file=sys.stderr)
        _leave(arguments.outcome, error.word)
        return 1
    say(f"Release {release.number} (Paperhop {release.version}) is begun with the next start.")
    _leave(arguments.outcome, "")
    return 0


def _leave(outcome: Path | None, word: str) -> None:
    if outcome is not None:
        outcome.write_text(f"{word}\n", encoding="ascii")
