"""Every reason has its sentence, and every sentence belongs to a reason."""

from __future__ import annotations

import string

from cards.qrtext import UnreadableCard
from hub import messages
from hub.simulator import verdicts
from hub.simulator.reasons import REASONS
from hub.texts import sentence, sentences


def test_reasons_and_sentences_are_the_same_set() -> None:
    assert set(REASONS) == set(sentences())


def test_sentences_are_short_enough_for_a_projector() -> None:
    assert {code: text for code, text in sentences().items() if len(text) > 125} == {}


def test_sentences_are_well_formed() -> None:
    for code, text in sentences().items():
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert all(name.isidentifier() for name in names), code
        assert text[-1] in ".?!}", code


def test_a_parameter_that_is_missing_does_not_break_a_sentence() -> None:
    assert "?" in sentence("tcp.wrong-port", {})
    assert sentence("card.of-tomorrow", {}) == "card.of-tomorrow"


def test_wire_and_referee_have_the_same_verdicts_and_a_light_for_each() -> None:
    words = {verdict.value for verdict in verdicts.Verdict}
    assert {verdict.value for verdict in messages.Verdict} == words
    assert words <= {light.value for light in messages.LightWord}


def test_what_a_reader_reports_is_in_the_catalogue() -> None:
    assert issubclass(UnreadableCard, ValueError)
    assert {"card.foreign", "card.damaged", "card.newer"} <= set(REASONS)
