from __future__ import annotations

import logging
from pathlib import Path

import pytest

from cards.forms import known
from cards.penform import FormError, PenForm, Port
from firmware import penforms
from firmware.penforms import PenForms
from tests.cards.forms import NUMBERS, SMALL, WHOLE

FILE = "outbox.sqlite.forms.json"
TOO_MUCH = PenForm(("10.0.1",), tuple(range(1, 250)), tuple(Port(n) for n in range(1, 90)), comb=64)


def test_a_badge_knows_what_it_has_come_with_and_what_it_was_told(tmp_path: Path) -> None:
    forms = PenForms(tmp_path / FILE)
    assert dict(forms()) == dict(known())
    forms.learn(WHOLE)
    assert dict(forms()) == {WHOLE.id: WHOLE, **known()}


def test_what_it_was_told_outlives_a_restart(tmp_path: Path) -> None:
    PenForms(tmp_path / "new" / FILE).learn(WHOLE)
    assert PenForms(tmp_path / "new" / FILE)()[WHOLE.id] == WHOLE


def test_the_form_of_the_lesson_that_is_played_comes_first() -> None:
    forms = PenForms()
    for form in (SMALL, WHOLE, NUMBERS, SMALL):
        forms.learn(form)
    assert list(forms())[:4] == [SMALL.id, NUMBERS.id, WHOLE.id, next(iter(known()))]


def test_those_are_forgotten_that_were_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(penforms, "MOST_TOLD", 2)
    forms = PenForms()
    for form in (SMALL, WHOLE, NUMBERS):
        forms.learn(form)
    assert SMALL.id not in forms()
    assert {WHOLE.id, NUMBERS.id} <= set(forms())


def test_a_form_that_no_paper_can_have_is_not_taken_in(tmp_path: Path) -> None:
    forms = PenForms(tmp_path / FILE)
    with pytest.raises(FormError):
        forms.learn(TOO_MUCH)
    assert TOO_MUCH.id not in forms()


@pytest.mark.parametrize("octets", [b"", b"[", b"{}", b'[{"networks": 1}]', bytes(range(256))])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, octets: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_bytes(octets)
    forms = PenForms(tmp_path / FILE)
    assert dict(forms()) == dict(known())
    assert "the hub will tell them again" in caplog.text
    forms.learn(SMALL)
    assert PenForms(tmp_path / FILE)()[SMALL.id] == SMALL


def test_a_folder_that_cannot_be_written_costs_only_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        forms = PenForms(tmp_path / "file" / FILE)
        forms.learn(SMALL)
    assert forms()[SMALL.id] == SMALL
    assert "cannot be kept" in caplog.text
