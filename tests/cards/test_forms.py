"""Every form that was printed is known."""

from __future__ import annotations

from cards.forms import dump, known, load
from cards.penform import PenForm
from paperhop.forms import of_lessons
from tests.cards.forms import SMALL


def test_the_forms_of_all_lessons_are_in_the_file() -> None:
    """When a lesson's form was changed: `python -m paperhop.forms cards/forms.json` adds the new one."""
    assert {form.id for form in of_lessons()} <= set(known())


def test_a_file_of_forms_says_what_was_put_into_it() -> None:
    assert load(dump((SMALL,))) == (SMALL,)


def test_another_form_has_another_name() -> None:
    assert len({form.id for form in known().values()}) == len(known())
    assert PenForm(SMALL.networks, SMALL.hosts, SMALL.ports, comb=17).id != SMALL.id


def test_the_name_of_a_form_stays_while_nothing_on_it_changes() -> None:
    """The literal is that of the first release: cards with it are in people's drawers."""
    assert SMALL.id == "HMUW"
