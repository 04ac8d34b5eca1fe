"""A YAML file whose mistakes can be pointed at: plain data in which everything is text, and the line of each part."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

MOST_OCTETS = 256 * 1024
_MOST_DEEP = 40
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it: it is ten times as fast, and a hub reads a lesson at every start."""
_NO_COLON = "could not find expected ':'"
"""YAML's words at the end of what should have been a name; where that begins is the error's context."""

T = TypeVar("T")
R = TypeVar("R")

Path = tuple[str | int, ...]


class LessonError(ValueError):
    """A lesson file that cannot be played; the text names file and line, and what to write instead.

    file, line: where, as far as that is known. message: the text without them. also: other mistakes that were found
    beside this one.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        where = "" if file is None else f"{file}: " if line is None else f"{file}, line {line}: "
        super().__init__(where + message)
        self.file, self.line, self.message = file, line, message
        self.also: tuple[LessonError, ...] = ()


def each(parts: Iterable[T], read: Callable[[T], R]) -> list[R]:
    """All of these, read one by one. Raises the first LessonError when all are tried, with the others beside it."""
    found, wrong = [], []
    for part in parts:
        try:
            found.append(read(part))
        except LessonError as error:
            wrong += [error, *error.also]
    if wrong:
        wrong[0].also = tuple(wrong[1:])
        raise wrong[0]
    return found


class NoLessonError(LessonError):
    """There is no such lesson, or its file cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Document:
    """data: dicts, lists and strings. lines: the line (from 1) where each part begins, by its path from the top.

    moved: parts that stand elsewhere than one looks for them, because a variant has put its own in their place.
    """

    name: str
    data: Any
    lines: dict[Path, int]
    moved: dict[Path, Path] = field(default_factory=dict)

    def error(self, path: Path, message: str) -> LessonError:
        """A mistake at `path`, or the nearest part above it that the file has."""
        path = self._where(path)
        named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        return LessonError(f"{named}: {message}" if named else message, self.name, self.line(path))

    def line(self, path: Path) -> int:
        """The line of a part, or of the nearest part above it that the file has."""
        where = self._where(path)
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def has(self, path: Path) -> bool:
        """Whether a part stands in the file."""
        return self._where(path) in self.lines

    def _where(self, path: Path) -> Path:
        for length in range(len(path), 0, -1):
            if path[:length] in self.moved:
                return (*self.moved[path[:length]], *path[length:])
        return path

    def one_of(self, path: Path, value: str, known: Iterable[str]) -> str:
        """The value, when it is one of the known ones; else a LessonError that names the nearest."""
        words = list(known)
        if value not in words:
            near = difflib.get_close_matches(value, words, 1)
            there = f"write one of {', '.join(words)}" if words else "there are none"
            hint = f"did you mean {near[0]!r}?" if near else there
            raise self.error(path, f"{value!r} is not known; {hint}")
        return value

    def distinct(self, group: str, field: str, values: list[str]) -> None:
        """LessonError when two parts of a group have the same value in a field."""
        for number, value in enumerate(values):
            if value in values[:number]:
                raise self.error((group, number, field), f"{value!r} is there twice; each has its own")

    def under(self, group: str) -> Document:
        """The same file as the only member of a list `group`."""
        lines = {(group, 0, *path): line for path, line in self.lines.items()}
        return Document(self.name, {group: [dict(self.data)]}, {(): 1, **lines})


def parse(text: str, name: str) -> Document:
    """The document in `text`; LessonError when it is not YAML, or YAML that a lesson has no use for."""
    if len(text) > MOST_OCTETS:
        raise LessonError(f"a lesson has at most {MOST_OCTETS // 1024} KB; this file has {len(text) // 1024}", name)
    try:
        _look_over(text, name)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text, name) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise LessonError(f"not YAML: {error}", name) from None
    lines: dict[Path, int] = {}
    data = None if root is None else _plain(root, (), lines, name)
    return Document(name, data, lines)


def _not_yaml(error: yaml.MarkedYAMLError, text: str, name: str) -> LessonError:
    """What YAML finds wrong, in words that help whoever has never written any."""
    line = _line(error.problem_mark or error.context_mark)
    written = "".join(text.splitlines()[line - 1 : line])
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return LessonError("there is a tab: indent with spaces", name, line)
    problem = error.problem or error.context or ""
    if problem == _NO_COLON:
        missing = "a colon, or the space after it, is missing: write `name: value`"
        return LessonError(missing, name, _line(error.context_mark or error.problem_mark))
    return LessonError(
        f"not YAML here, or on the line before: {problem}. "
        "Mind the indentation, and put text that has ': ' or begins with a sign in quotes",
        name,
        line,
    )


def _look_over(text: str, name: str) -> None:
    """Refuse, before anything is built, what would take for ever to build."""
    deep = 0
    for event in yaml.parse(text, Loader=_LOADER):
        deep += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if deep > _MOST_DEEP:
            raise LessonError(f"nested more than {_MOST_DEEP} deep", name, _line(event.start_mark))
        if isinstance(event, yaml.AliasEvent):
            raise LessonError(f"write it out instead of *{event.anchor}", name, _line(event.start_mark))
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            mistake = f"anchors are not taken: leave out &{anchor}, or put a text that begins with & in quotes"
            raise LessonError(mistake, name, _line(event.start_mark))


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
            raise LessonError("a name is expected before the colon", name, line)
        if key.value in data:
            raise LessonError(f"{key.value!r} is there twice", name, line)
        lines[(*path, key.value)] = line
        data[key.value] = _plain(value, (*path, key.value), lines, name)
    return data


def _line(mark: Any) -> int:
    """Lines as people count them, from 1; 1 where YAML knows no better."""
    return 1 if mark is None else int(mark.line) + 1
