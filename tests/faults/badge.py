"""A badge without camera and lights: link and outbox as any badge has them, cards from the standard input.

Each line in is a `Sighting` as JSON. Each line out is one of {"taken": [boot, counter]}, as soon as the outbox has the
scan, {"refused": why}, {"answer": the answer}, {"link": the state}, {"light": the word}, {"held": where}.

    python -m tests.faults.badge NAME BROKER OUTBOX

Where a file OUTBOX.hold says "heard", the badge stays where it has an answer and has not shown it; where it says
"shown", where it has shown an answer and not forgotten the scan.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from cards.penform import PenForm
from firmware.link import Link, LinkState
from firmware.outbox import Outbox, OutboxError
from hub.messages import Answer, Light, Role, Sighting, Update

_HELD_FOR = 60.0
"""Seconds; by then it is killed."""


class Teller:
    """Tells whoever started it what the hub says. hold: the file that says where to stay."""

    def __init__(self, hold: Path) -> None:
        self._hold = hold

    def answered(self, answer: Answer) -> None:
        where = self._hold.read_text() if self._hold.exists() else ""
        if where == "heard":
            _stay(held=where)
        say(answer=answer)
        if where == "shown":
            _stay(held=where)

    def light(self, light: Light) -> None:
        say(light=light.light)

    def role(self, role: Role) -> None:
        say(role=role.node)

    def form(self, form: PenForm) -> None:
        pass

    def update(self, update: Update) -> None:
        pass

    def link(self, state: LinkState, sentence: str) -> None:
        say(link=state.value)


def _stay(**what: Any) -> None:
    say(**what)
    threading.Event().wait(_HELD_FOR)


def say(**what: Any) -> None:
    os.write(1, msgspec.json.encode(what) + b"\n")


def main(name: str, broker: str, path: str) -> None:
    logging.basicConfig(level=logging.INFO)
    outbox = Outbox(Path(path))
    link = Link(name, outbox, broker, Teller(Path(f"{path}.hold")))
    link.start()
    say(ready=outbox.boot)
    for line in sys.stdin:
        try:
            scan = outbox.put(name, msgspec.json.decode(line, type=Sighting))
        except OutboxError as error:
            say(refused=str(error))
        else:
            say(taken=(scan.boot, scan.counter))
            link.notify(scan)
    link.stop()
    outbox.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
