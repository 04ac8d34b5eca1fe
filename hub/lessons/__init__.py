"""Lessons are files. This package holds ours, and loads any: checked, or refused with file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path as FilePath
from typing import Any

import msgspec

from cards.notation import parse_packet
from cards.packet import Packet
from hub.lessons.document import Document, LessonError, Path, parse
from hub.lessons.schema import LessonFile, NodeFile, ScriptFile, StepFile
from hub.simulator.connection import Endpoint
from hub.simulator.reasons import REASONS
from hub.simulator.router import Route, Table
from hub.simulator.rules import Counting, NodeRules, Play, Rules
from hub.simulator.verdicts import Verdict

__all__ = ["Lesson", "LessonError", "Script", "Step", "from_text", "ids", "load"]

_OWN_WIRES = "link"
"""In a route: not by way of another node, but to the addresses on the node's own wires."""
_IN_WORDS = {
    "`str` matching regex '^[a-z][a-z0-9-]{0,31}$'": "a name of lower-case letters, digits and -, like client-2",
    "Expected `object`": "Expected names with values (`name: value`)",
    "Expected `array`": "Expected a list (`- ...` or [...])",
    "of length >= 1": "that is not empty",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One scan of a script: the card's name, the node, what must come of it."""

    card: str
    node: str
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True, slots=True)
class Script:
    """Cards played and verdicts expected: a part of the lesson and its test in one."""

    id: str
    title: str
    text: str
    cards: dict[str, Packet]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, ready to play.

    source: the text of its file. places: node id -> where it is drawn, 0 to 1 from the left and from the top.
    """

    id: str
    title: str
    goal: str
    source: str
    rules: Rules
    places: dict[str, tuple[float, float]]
    scripts: tuple[Script, ...]


def ids() -> tuple[str, ...]:
    """The lessons that come with Paperhop."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def load(name: str) -> Lesson:
    """The lesson of this id, or in the file of this path. Raises LessonError."""
    if name in ids():
        return from_text((resources.files(__name__) / f"{name}.yaml").read_text("utf-8"), name)
    path = FilePath(name)
    if path.suffix not in (".yaml", ".yml"):
        raise LessonError(
            f"There is no lesson {name!r}. There are: {', '.join(ids())}; or give the path of a .yaml file of your own"
        )
    try:
        return from_text(path.read_text("utf-8"), path.stem, path.name)
    except OSError as error:
        raise LessonError(f"The lesson {name} cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LessonError(f"The lesson {name} is not text: save it as UTF-8") from None


def from_text(text: str, id: str, file: str | None = None) -> Lesson:
    """The lesson in `text`; `file` is what errors call it. Raises LessonError."""
    document = parse(text, file or f"{id}.yaml")
    if not isinstance(document.data, dict):
        raise document.error((), "a lesson begins with 'title: ...', 'goal: ...', 'nodes:'")
    f = _typed(document)
    nodes = {node.id: (number, node) for number, node in enumerate(f.nodes)}
    _distinct(document, "nodes", "id", [node.id for node in f.nodes])
    _distinct(document, "nodes", "address", [node.address for node in f.nodes])
    _distinct(document, "scripts", "id", [script.id for script in f.scripts])
    for number, node in enumerate(f.nodes):
        if node.id == _OWN_WIRES:
            raise document.error(
                ("nodes", number, "id"), f"{_OWN_WIRES!r} has a meaning in routes; choose another name"
            )
    links = frozenset(_link(document, number, pair, nodes) for number, pair in enumerate(f.links))
    rules = Rules(
        tuple(_node(document, number, node, nodes, links) for number, node in enumerate(f.nodes)),
        links,
        Counting(_one_of(document, ("counting",), f.counting, [counting.value for counting in Counting])),
        Play(_one_of(document, ("play",), f.play, [play.value for play in Play])),
        f.isn_digits,
        f.time_wait * 1000,
    )
    scripts = tuple(_script(document, number, script, nodes) for number, script in enumerate(f.scripts))
    return Lesson(id, f.title, f.goal, text, rules, _places(f.nodes), scripts)


def _typed(document: Document) -> LessonFile:
    try:
        return msgspec.convert(document.data, LessonFile, strict=False)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        path = _path(where.strip("`"))
        unknown = re.search(r"unknown field `(.+)`", message)
        if unknown:
            raise _unknown(document, path, unknown[1]) from None
        for said, meant in {"Object missing": "missing here: the", **_IN_WORDS}.items():
            message = message.replace(said, meant)
        raise document.error(path, message) from None


def _unknown(document: Document, path: Path, name: str) -> LessonError:
    known = {(): LessonFile, ("nodes",): NodeFile, ("scripts",): ScriptFile, ("scripts", "steps"): StepFile}
    kind = known.get(tuple(part for part in path if isinstance(part, str)), LessonFile)
    near = difflib.get_close_matches(name, kind.__struct_fields__, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(kind.__struct_fields__)}"
    return document.error((*path, name), f"nothing here is called {name!r}; {hint}")


def _path(where: str) -> Path:
    """`$.nodes[0].services[...]` as a path; what stands for any key is left out."""
    parts = re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", where)
    return tuple(int(number) if number else name for name, number in parts)


def _distinct(document: Document, group: str, field: str, values: list[str]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise document.error((group, number, field), f"{value!r} is there twice; each has its own")


def _one_of(document: Document, path: Path, value: str, known: Iterable[str]) -> str:
    words = list(known)
    if value not in words:
        near = difflib.get_close_matches(value, words, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(words)}"
        raise document.error(path, f"{value!r} is not known; {hint}")
    return value


def _link(document: Document, number: int, pair: tuple[str, str], nodes: dict[str, Any]) -> frozenset[str]:
    for end, id in enumerate(pair):
        _one_of(document, ("links", number, end), id, nodes)
    if pair[0] == pair[1]:
        raise document.error(("links", number), "a wire joins two different nodes")
    return frozenset(pair)


def _node(
    document: Document,
    number: int,
    node: NodeFile,
    nodes: dict[str, tuple[int, NodeFile]],
    links: frozenset[frozenset[str]],
) -> NodeRules:
    at: Path = ("nodes", number)
    routes = []
    for prefix, via in node.routes.items():
        network = _network(document, (*at, "routes", prefix), prefix)
        if via != _OWN_WIRES:
            _one_of(document, (*at, "routes", prefix), via, [id for id in nodes if frozenset((id, node.id)) in links])
        routes.append(Route(network, None if via == _OWN_WIRES else _address_of(document, via, nodes)))
    return NodeRules(
        node.id,
        node.title,
        _address(document, (*at, "address"), node.address),
        Table(tuple(routes)),
        node.router,
        tuple(sorted(node.services.items())),
        tuple(_endpoint(document, (*at, "opens", place), text) for place, text in enumerate(node.opens)),
    )


def _address_of(document: Document, id: str, nodes: dict[str, tuple[int, NodeFile]]) -> IPv4Address:
    number, node = nodes[id]
    return _address(document, ("nodes", number, "address"), node.address)


def _address(document: Document, path: Path, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise document.error(path, f"{text!r} is not an IPv4 address; write one like 10.0.1.2") from None


def _network(document: Document, path: Path, text: str) -> IPv4Network:
    try:
        return IPv4Network("0.0.0.0/0" if text == "default" else text)
    except ValueError as error:
        raise document.error(path, f"{error}; write a network like 10.0.1.0/24, or default") from None


def _endpoint(document: Document, path: Path, text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise document.error(path, f"{text!r} has no port; write ADDRESS:PORT, like 10.0.1.1:23")
    return Endpoint(_address(document, path, address), int(port))


def _script(document: Document, number: int, script: ScriptFile, nodes: dict[str, Any]) -> Script:
    at: Path = ("scripts", number)
    cards = {}
    for name, text in script.cards.items():
        try:
            cards[name] = parse_packet(text)
        except ValueError as error:
            raise document.error((*at, "cards", name), str(error)) from None
    steps = []
    for place, step in enumerate(script.steps):
        here = (*at, "steps", place)
        _one_of(document, (*here, "scan"), step.scan, cards)
        _one_of(document, (*here, "at"), step.at, nodes)
        verdict = Verdict(_one_of(document, (*here, "expect"), step.expect, [verdict.value for verdict in Verdict]))
        if step.reason is not None:
            _one_of(document, (*here, "reason"), step.reason, REASONS)
        steps.append(Step(step.scan, step.at, verdict, step.reason))
    return Script(script.id, script.title, script.text, cards, tuple(steps))


def _places(nodes: list[NodeFile]) -> dict[str, tuple[float, float]]:
    """Where each node is drawn; who has no place of its own stands in a row."""
    return {
        node.id: node.place or ((number + 0.5) / len(nodes), 0.5 if len(nodes) < 4 else 0.3 + 0.4 * (number % 2))
        for number, node in enumerate(nodes)
    }
