"""Badges and hub never ask the clock on the wall, which may jump, but for names and for people to look at.

A jump that no play happens to notice would still hold up a timer or an allowance somewhere: so each place that could
ask is looked for in the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_imports import ROOT

NEVER_JUMPS = ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time", "sleep")
"""What of `time` only goes on."""
NOW = ("now", "utcnow", "today")
"""What asks the clock of `datetime` and `date`."""

ALLOWED = {
    ("firmware/machine_checks.py", "time.localtime"): "the self-test shows people what the badge's clock says",
    ("firmware/machine_checks.py", "time.strftime"): "the same",
    ("firmware/selftest.py", "time.time"): "the same",
    ("hub/deploy/saving.py", "datetime.now"): "a copy that is saved says when that was",
    ("hub/games.py", "datetime.now"): "a room's name, and when it began",
    ("hub/journal.py", "time.time_ns"): "the name of a damaged file that is set aside",
    ("hub/wallclock.py", "time.time_ns"): "the teacher sees what the hub's clock says, and may set it",
    ("hub/wallclock.py", "time.clock_gettime_ns"): "how long this computer has been on: that only goes on",
    ("hub/wallclock.py", "time.CLOCK_BOOTTIME"): "the same",
}
"""Where a clock may be asked that is not known never to jump, and why."""


def asked(source: str) -> Iterator[str]:
    """Every clock that a module's source names and that may jump, as `time.time` or `datetime.now`."""
    tree = ast.parse(source)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {each.asname or each.name: each.name for each in node.names if each.name in ("time", "datetime")}
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            for each in node.names:
                if node.module == "datetime":
                    known[each.asname or each.name] = each.name
                elif each.name not in NEVER_JUMPS:
                    yield f"time.{each.name}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = ast.unparse(node.value)
        module, _, kind = owner.partition(".")
        what = known.get(module)
        if what == "time" and not kind and node.attr not in NEVER_JUMPS:
            yield f"time.{node.attr}"
        elif what is not None and what != "time" and node.attr in NOW:
            yield f"{kind or what}.{node.attr}"


def test_nothing_asks_a_clock_that_may_jump_but_for_names_and_people() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for part in ("firmware", "hub")
        for path in (ROOT / part).rglob("*.py")
        for name in asked(path.read_text(encoding="utf-8"))
    }
    assert found == set(ALLOWED), "a clock that may jump is asked elsewhere, or what is allowed is not needed any more"


@pytest.mark.parametrize(
    ("source", "clock"),
    [
        ("import time\nbegan = time.time()", "time.time"),
        ("import time\ndef f(clock=time.time): ...", "time.time"),
        ("import time as watch\nbegan = watch.time_ns()", "time.time_ns"),
        ("def f():\n    from time import time", "time.time"),
        ("import time\ntime.clock_gettime(0)", "time.clock_gettime"),
        ("import datetime\ndatetime.datetime.now()", "datetime.now"),
        ("from datetime import UTC, datetime\ndatetime.now(UTC)", "datetime.now"),
        ("from datetime import date as day\nday.today()", "date.today"),
    ],
)
def test_a_clock_that_may_jump_is_found(source: str, clock: str) -> None:
    assert list(asked(source)) == [clock]


@pytest.mark.parametrize(
    "source", ["import time\ntime.monotonic(), time.sleep(1)", "from datetime import datetime\ndatetime(2026, 1, 1)"]
)
def test_a_clock_that_only_goes_on_passes(source: str) -> None:
    assert list(asked(source)) == []
