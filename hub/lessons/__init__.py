"""Lessons are files. This package holds ours, and loads any: checked, or refused with file and line."""

from __future__ import annotations

from importlib import resources
from pathlib import Path as FilePath

from hub.lessons.document import LessonError, NoLessonError
from hub.lessons.lesson import Lesson, Script, Step
from hub.lessons.reading import from_text, scripts_from_text
from hub.lessons.wording import in_language

__all__ = [
    "Lesson",
    "LessonError",
    "NoLessonError",
    "Script",
    "Step",
    "chosen",
    "from_text",
    "ids",
    "load",
    "load_scripts",
    "spoken",
    "variant",
]


_OURS = "en"
"""The language in which our lessons are written."""


def ids() -> tuple[str, ...]:
    """The lessons that come with Paperhop."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def chosen(name: str, played: Lesson | None, language: str | None = None) -> Lesson:
    """The lesson that somebody has chosen on a page: one that comes with Paperhop, or the one that is played, which may
    be a file of one's own; perhaps in a variant. No other file is read. language: None: that of the lesson that is
    played. Raises LessonError.
    """
    base, _, wanted = name.partition(":")
    language = language or (None if played is None else played.language)
    if base in ids():
        return load(name, language)
    if played is not None and base == played.base:
        return variant(spoken(played, language), wanted or None)
    raise NoLessonError(f"There is no lesson {name!r} here. There are: {', '.join(ids())}")


def load(name: str, language: str | None = None) -> Lesson:
    """The lesson of this id, or in the file of this path; `data:basic` is a variant of it.

    language: in which the room is spoken to, None: as the file has it. The lessons that come with Paperhop have their
    own words in every language for which there are such. Raises LessonError; NoLessonError where there is none to be
    read.
    """
    base = name.partition(":")[0]
    if base in ids():
        text = (resources.files(__name__) / f"{base}.yaml").read_text("utf-8")
        return from_text(text if language is None or language == _OURS else in_language(text, language, base), name)
    path, chosen = FilePath(name), ""
    before, colon, after = name.rpartition(":")
    if colon and not path.exists() and FilePath(before).exists():
        path, chosen = FilePath(before), after
    if path.suffix not in (".yaml", ".yml"):
        raise NoLessonError(
            f"There is no lesson {name!r}. There are: {', '.join(ids())}; or give the path of a .yaml file of your own"
        )
    id = path.stem.replace(":", "-")  # a colon comes before a variant
    return spoken(from_text(_text(path, "lesson"), f"{id}:{chosen}" if chosen else id, path.name), language)


def spoken(lesson: Lesson, language: str | None) -> Lesson:
    """A lesson whose room is spoken to in another language, while its own words stay; None: as it is."""
    if language is None or language == lesson.language:
        return lesson
    return from_text(in_language(lesson.source, language), lesson.id, lesson.document.name)


def variant(lesson: Lesson, name: str | None) -> Lesson:
    """A lesson in one of its variants; None: as it stands in its file. Raises NoLessonError."""
    return from_text(lesson.source, lesson.base if name is None else f"{lesson.base}:{name}", lesson.document.name)


def load_scripts(path: FilePath, lesson: Lesson) -> tuple[Script, ...]:
    """The scripts for a lesson in a file of their own. Raises LessonError."""
    return scripts_from_text(_text(path, "script"), path.name, lesson)


def _text(path: FilePath, what: str) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise NoLessonError(f"The {what} {path} cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoLessonError(f"The {what} {path} is not text: save it as UTF-8") from None
