"""The conversation: a line is asked, a line is answered, whatever it was."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Literal

import msgspec

from paperhop.vectors.case import case_from
from paperhop.vectors.describe import Form
from paperhop.vectors.operations import OPERATIONS
from paperhop.vectors.reading import Unsupported, nothing_else, read
from paperhop.vectors.session import Session


class Asked(msgspec.Struct, frozen=True):
    """A line: `reset` begins a case, `step` goes on with it."""

    cmd: Literal["reset", "step"]
    case: dict[str, Any] = {}
    do: dict[str, Any] = {}


class Adapter:
    """Answers one line after another; one case at a time."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def answer(self, line: bytes) -> bytes:
        """The answer to a line, without its end: `{"error": ...}` in plain words for what makes no sense,
        `{"unsupported": ...}` for what the engine does not have.
        """
        try:
            asked = read(Asked, _json(line))
            given = self._reset(asked.case) if asked.cmd == "reset" else self._step(asked.do)
        except Unsupported as why:
            given = {"unsupported": str(why)}
        except ValueError as why:
            given = {"error": str(why)}
        except Exception as why:
            # A fault of the engine: the cases after this one are worth asking.
            traceback.print_exc(file=sys.stderr)
            given = {"error": f"the engine failed: {why!r}"}
        return msgspec.json.encode(given)

    def _reset(self, case: dict[str, Any]) -> Form:
        self._session = None
        self._session = Session(case_from(case))
        return {"ok": True}

    def _step(self, do: dict[str, Any]) -> Form:
        session = self._session
        if session is None:
            raise ValueError("no case is under way: begin with reset")
        name = do.get("op")
        if not isinstance(name, str) or name not in OPERATIONS:
            raise ValueError(f"{name!r} is no operation; there are {', '.join(OPERATIONS)}")
        fields, act = OPERATIONS[name]
        wanted = {key: value for key, value in do.items() if key != "op"}
        nothing_else(wanted, fields, name)
        session.catch_up()
        result = act(session, read(fields, wanted))
        session.let_out()
        emits, session.emitted = session.emitted, []
        given: Form = {"emits": emits, "state": session.states()}
        return given if result is None else given | {"result": result}


def _json(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except ValueError as why:
        raise ValueError(f"this line is not JSON: {why}") from None
