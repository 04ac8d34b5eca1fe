"""A YAML file whose mistakes can be pointed at: plain data in which everything is text, and the line of each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

MOST_OCTETS = 256 * 1024
_MOST_DEEP = 40

Path = tuple[str | int, ...]


class LessonError(ValueError):
    """A lesson file that cannot be played; the text names file and line, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Document:
    """data: dicts, lists and strings. lines: the line (from 1) where each part begins, by its path from the top."""

    name: str
    data: Any
    lines: dict[Path, int]

    def error(self, path: Path, message: str) -> LessonError:
        """A mistake at `path`, or the nearest part above it that the file has."""
        where = path
        while where and where not in self.lines:
            where = where[:-1]
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        at = f"{self.name}, line {self.lines.get(where, 1)}"
        return LessonError(f"{at}: {field}: {message}" if field else f"{at}: {message}")


def parse(text: str, name: str) -> Document:
    """The document in `text`; LessonError when it is not YAML, or YAML that a lesson has no use for."""
    if len(text) > MOST_OCTETS:
        raise LessonError(f"{name}: a lesson has at most {MOST_OCTETS // 1024} KB; this file has {len(text) // 1024}")
    try:
        _look_over(text, name)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        raise LessonError(
            f"{name}, line {line}: not YAML here: {error.problem or error.context}. "
            "Mind the indentation, and put text that has ': ' or begins with a sign in quotes"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise LessonError(f"{name}: not YAML: {error}") from None
    lines: dict[Path, int] = {}
    data = None if root is None else _plain(root, (), lines, name)
    return Document(name, data, lines)


def _look_over(text: str, name: str) -> None:
    """Refuse, before anything is built, what would take for ever to build."""
    deep = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        deep += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if deep > _MOST_DEEP:
            raise LessonError(f"{name}, line {_line(event.start_mark)}: nested more than {_MOST_DEEP} deep")
        if isinstance(event, yaml.AliasEvent):
            raise LessonError(f"{name}, line {_line(event.start_mark)}: write it out instead of *{event.anchor}")


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], name: str) -> Any:
    line = _line(node.start_mark)
    lines.setdefault(path, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, number), lines, name) for number, item in enumerate(node.value)]
    return node.value


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int], name: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in node.value:
        line = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise LessonError(f"{name}, line {line}: a name is expected before the colon")
        if key.value in data:
            raise LessonError(f"{name}, line {line}: {key.value!r} is there twice")
        lines[(*path, key.value)] = line
        data[key.value] = _plain(value, (*path, key.value), lines, name)
    return data


def _line(mark: Any) -> int:
    """Lines as people count them, from 1; 1 where YAML knows no better."""
    return 1 if mark is None else int(mark.line) + 1
