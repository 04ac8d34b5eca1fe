"""Requests that follow docs/openapi.json, and some that nearly do: schemathesis makes them, a hub answers them.

    python -m tests.fuzz.api [--runs N] [--seed S]

For each operation so many requests, by a stranger, a phone and the teacher. What is answered must be what the document
says: no 5xx but 503, a status that is in the document, JSON of its schema.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks as conforming

from paperhop.openapi import document
from tests.fuzz.targets import Pages

_CHECKS = (
    not_a_server_error,
    conforming.status_code_conformance,
    conforming.content_type_conformance,
    conforming.response_schema_conformance,
)


def main() -> int:
    """Feed every operation; how it went, a line for each."""
    parser = argparse.ArgumentParser(prog="make fuzz-api", description="Requests that follow docs/openapi.json")
    parser.add_argument("--runs", type=int, default=100, help="requests of each kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    bad = 0
    schema = schemathesis.openapi.from_dict(document())
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path != "/api/events":  # its answer does not end
            bad += _feed(operation, arguments.runs, arguments.seed)
    return 1 if bad else 0


def _feed(operation: Any, runs: int, luck: int) -> int:
    pages, slowest, wrong = Pages(), 0.0, set[str]()

    @seed(luck)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        nonlocal slowest
        hall = pages.fresh()
        bearer = {"Authorization": f"Bearer {pages.token}", "X-CSRF-Token": pages.csrf}
        cookie = pages.teacher.get_cookie("paperhop_teacher")
        assert cookie is not None
        for headers, cookies in (({}, {}), (bearer, {}), (bearer, {"paperhop_teacher": cookie.value})):
            began = time.monotonic()
            operation.schema.app = hall.app
            response = case.call(headers=headers, cookies=cookies, app=hall.app)
            slowest = max(slowest, time.monotonic() - began)
            try:
                if response.status_code != 503:
                    case.validate_response(response, checks=[*_CHECKS])
            except (Failure, FailureGroup) as error:
                wrong.add(f"{response.status_code}: {str(error)[:300]}")

    ask()
    longest = f"slowest {slowest * 1000:.0f} ms"
    print(f"{operation.label:<50}{3 * runs:>7} requests   {longest}   {len(wrong)} bugs", flush=True)
    for each in sorted(wrong):
        print(f"    {each}", flush=True)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
