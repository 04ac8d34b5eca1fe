"""Fills the schemas of docs/contracts.md from the code: `python -m paperhop.contracts docs/contracts.md`."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import msgspec

_BLOCK = re.compile(r"<!-- schema: (?P<name>[\w.]+) -->\n(\n```json\n.*?\n```\n)?", re.DOTALL)


def fill(page: str) -> str:
    """The page with the block after each `<!-- schema: module.Type -->` as the code has it now."""
    return _BLOCK.sub(
        lambda match: f"<!-- schema: {match['name']} -->\n\n```json\n{schema(match['name'])}\n```\n", page
    )


def schema(name: str) -> str:
    """The JSON Schema (2020-12) of a type, given as module.Type: a line for each field, other types by reference."""
    module, _, kind = name.rpartition(".")
    _, components = msgspec.json.schema_components(
        [getattr(importlib.import_module(module), kind)], ref_template="#/{name}"
    )
    described = components[kind]
    head = {
        "title": kind,
        "description": " ".join(described["description"].split()),
        "required": described.get("required", []),
    }
    opening = json.dumps(head, ensure_ascii=False)[:-1].replace('", "required"', '",\n "required"')
    fields = [f"  {json.dumps(field)}: {_compact(rule)}" for field, rule in described["properties"].items()]
    return opening + ',\n "properties": {\n' + ",\n".join(fields) + "}}"


def _compact(rule: object) -> str:
    return json.dumps(rule, ensure_ascii=False)


def main() -> None:
    """Rewrite the page that is named on the command line."""
    path = Path(sys.argv[1])
    path.write_text(fill(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
