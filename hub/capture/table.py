"""Every scan of a game as a row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from cards.jsonform import from_json
from cards.notation import write
from hub.records import PlayedRecord, RoomRecord, ScannedRecord
from hub.replay import Past

HEADER = ("time", "round", "node", "card", "packet", "verdict", "reason", "sentence", "charged")


def rows(room: RoomRecord, past: Iterable[Past]) -> Iterator[tuple[str, ...]]:
    """The scans of a game, and what the engine played, in their order; columns as in `HEADER`.

    time: lesson time, counted from when the room began (ISO 8601, UTC). node, charged: as the lesson's file names them.
    packet: what is on the card, as a line of notation; a command or role card: what it says. verdict, reason, sentence:
    what was said then. charged: whose mistake it was. What is not known is empty.
    """
    began = datetime.fromisoformat(room.began)
    for each in past:
        line, ruling = each.line, each.ruling
        if line is None or ruling is None:
            continue
        yield (
            (began + timedelta(milliseconds=each.at)).isoformat(timespec="milliseconds"),
            str(each.world.round),
            line.node or "",
            line.card or "",
            _on_the_card(each),
            line.verdict.value,
            line.reason,
            line.sentence,
            ruling.charged or "",
        )


def _on_the_card(past: Past) -> str:
    match past.record:
        case ScannedRecord(command=str(command)):
            return f"command {command}"
        case ScannedRecord(role=str(node)):
            return f"role {node}"
        case ScannedRecord(written=written) | PlayedRecord(written=written) if written is not None:
            return write(from_json(written))
        case _:
            return ""
