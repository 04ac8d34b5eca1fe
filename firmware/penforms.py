"""The forms of cards for the pen that a badge knows: those that come with Paperhop, and what its hub tells it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from cards.forms import dump, known, load
from cards.penform import FormError, PenForm
from cards.penlayout import layout

MOST_TOLD = 50
"""Forms that are remembered; of more, those go that were told first."""

log = logging.getLogger(__name__)


class PenForms:
    """Forms by their ids, those that were told last first. Safe to use from several threads.

    path: a file that remembers what was told; None remembers it until the end. A file that cannot be read is as good as
    none, since the hub tells it again, and so is one that cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._told = self._remembered()

    def __call__(self) -> Mapping[str, PenForm]:
        """All forms that are known at the moment."""
        with self._lock:
            return MappingProxyType({form.id: form for form in (*reversed(self._told), *known().values())})

    def learn(self, form: PenForm) -> None:
        """Take note of a form. `cards.penform.FormError`: no paper has room for it, and no card can have it."""
        layout(form)
        with self._lock:
            if self._told[-1:] == (form,):
                return
            self._told = (*(each for each in self._told if each != form), form)[-MOST_TOLD:]
            self._remember()

    def _remembered(self) -> tuple[PenForm, ...]:
        if self._path is None:
            return ()
        try:
            told = load(self._path.read_bytes())
            for form in told:
                layout(form)
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError, FormError) as error:
            log.warning("The forms in %s cannot be read (%s): the hub will tell them again.", self._path, error)
            return ()
        return told

    def _remember(self) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(dump(self._told))
            beside.replace(self._path)
        except OSError as error:
            log.warning("The form of the lesson cannot be kept in %s: %s.", self._path, error.strerror)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
