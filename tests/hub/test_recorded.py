"""What a real kernel answered, and what the engine answers to the same questions.

`recorded/` is written by `tools.recorder`; each file is a case in the format of `paperhop vectors`. A step that has no
`class` says what an RFC wants: there the engine must not differ. Where the RFCs leave a choice, or the kernel goes its
own way (`linux`), the engine may differ in the steps that `_differs` names, and in no others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from paperhop.vectors.adapter import Adapter

Form = dict[str, Any]

CASES = sorted((Path(__file__).parent / "recorded").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_answers_as_the_kernel_did(path: Path) -> None:
    case: Form = json.loads(path.read_text())
    different = differences(case)
    known = set(case.get("_differs", ()))
    unexpected = [words for number, words in different.items() if number not in known]
    assert not unexpected, "\n".join(unexpected)
    assert known == different.keys(), "a known difference is none any more: strike it out of `_differs`"
    by_rfc = {step["n"] for step in case["steps"] if step.get("class", "rfc") == "rfc"}
    assert not known & by_rfc, "what an RFC wants has no exceptions"


def differences(case: Form) -> dict[int, str]:
    """Where the engine differs, by step, in words."""
    adapter = Adapter()
    head = {key: value for key, value in case.items() if key != "steps"}
    assert ask(adapter, {"cmd": "reset", "case": head}) == {"ok": True}
    different = {}
    for step in case["steps"]:
        answer = ask(adapter, {"cmd": "step", "do": step["do"]})
        kernel, engine = compared(step), compared(answer)
        if kernel != engine or not in_time(step, answer):
            different[step["n"]] = f"step {step['n']} {step['do']}\n  kernel: {kernel}\n  engine: {engine}"
    return different


def ask(adapter: Adapter, question: Form) -> Form:
    answer: Form = json.loads(adapter.answer(json.dumps(question).encode()))
    return answer


def compared(answer: Form) -> Form:
    """What of an answer counts: packets, states, and what the application saw."""
    result = answer.get("result", {})
    seen = {key: result.get(key) for key in ("data", "eof", "error", "pending_error", "from")}
    emits = [said(emit) for emit in answer["emits"]]
    return {"emits": emits, "states": answer.get("state", {}), "seen": {key: seen[key] for key in seen if seen[key]}}


def said(emit: Form) -> Form:
    """What of a packet counts: not PSH, how large a window is, how much of a packet an error quotes."""
    saying = {key: value for key, value in emit.items() if key not in NOT_SAID}
    if "flags" in saying:
        saying["flags"] = saying["flags"].replace("P", "")
        saying["window"] = "R" in saying["flags"] or emit["win"] > 0
    if "quotes" in saying:
        saying["quotes"] = {key: value for key, value in saying["quotes"].items() if key != "ttl"}
    return saying


NOT_SAID = frozenset(("win", "opts", "df", "t_ms", "quoted_bytes_after_ip_header"))


def in_time(step: Form, answer: Form) -> bool:
    """A kernel's timers run up to an eighth late, and its steps took some real time themselves."""
    times = [emit["t_ms"] for emit in answer["emits"] if "t_ms" in emit]
    return all(
        abs(kernel - engine) < 250 + engine / 8 for kernel, engine in zip(step.get("_t_ms", times), times, strict=True)
    )
