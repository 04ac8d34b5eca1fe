"""KiCad's files: nested lists of words and quoted texts. No KiCad is needed to read or write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

_TOKEN = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()"]+))', re.DOTALL)


class Text(str):
    """A quoted text, as opposed to a word such as `yes` or `1.27`."""


Node: TypeAlias = "list[Node] | str"


def parse(text: str) -> list[Node]:
    """The one list that a file holds. ValueError: it holds something else."""
    stack: list[list[Node]] = [[]]
    for token in _TOKEN.finditer(text):
        if token["open"]:
            stack.append([])
        elif token["close"]:
            done = stack.pop()
            stack[-1].append(done)
        elif token["text"] is not None:
            stack[-1].append(Text(re.sub(r"\\(.)", r"\1", token["text"].replace(r"\n", "\n"))))
        else:
            stack[-1].append(token["word"])
    if len(stack) != 1 or len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise ValueError("not one list")
    return stack[0][0]


def dump(node: Node, depth: int = 0) -> str:
    """As KiCad writes it: a list that holds lists on lines of their own."""
    if isinstance(node, Text):
        return '"' + node.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(node, str):
        return node
    indent = "\n" + "\t" * (depth + 1)
    parts = [(indent if isinstance(item, list) else " ") + dump(item, depth + 1) for item in node]
    nested = any(isinstance(item, list) for item in node)
    return "(" + "".join(parts).removeprefix(" ") + ("\n" + "\t" * depth if nested else "") + ")"


def number(value: float) -> str:
    """A number as short as it can be written, to a millionth."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def named(node: Node, name: str) -> Iterator[list[Node]]:
    """The lists right within `node` that begin with `name`."""
    if isinstance(node, list):
        for item in node:
            if isinstance(item, list) and item and item[0] == name:
                yield item


def first(node: Node, name: str) -> list[Node]:
    """The first of them. LookupError: there is none."""
    for item in named(node, name):
        return item
    raise LookupError(f"no {name}")


def value(node: Node, name: str) -> str:
    """What stands after `name` in the first of them."""
    found = first(node, name)[1]
    if isinstance(found, list):
        raise LookupError(f"{name} holds a list")
    return str(found)


def numbers(node: list[Node]) -> list[float]:
    """The numbers that follow a list's name."""
    return [float(item) for item in node[1:] if isinstance(item, str)]
