"""What departments show of a change, in words: no code of the rules, no whole number."""

from __future__ import annotations

import pytest

from bianzhi.exchange.rules.signals import VALUES, WHAT, signals_of, value_words
from bianzhi.reconciliation.events import recognising

NUMBER = "330699199005060015"


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("id_number", NUMBER, "330699***********5"),
        ("birth", "19900506", "1990-05-06"),
        ("birth", "19900500", "1990-05"),
        ("name", "王伟", "王伟"),
        ("", "retired", "退休"),
        ("", None, ""),
    ],
)
def test_a_value_is_told_in_words(attribute, value, words):
    assert value_words(attribute, value) == words


def test_signals_of_a_number_are_masked():
    told = {"field": "id_number", "signals": [{"source": "hr", "what": "changed", "before": NUMBER, "after": NUMBER}]}
    (signal,) = signals_of(told)
    assert (signal.department, signal.what) == ("人社局", "内容变化")
    assert NUMBER not in signal.before + signal.after


def test_what_is_no_signal_is_left_out():
    assert list(signals_of({"signals": ["x", None]})) == []
    assert list(signals_of({"signals": "x"})) == []


def test_every_cause_the_rules_know_has_a_word():
    assert set(recognising.CAUSES) <= set(VALUES)
    assert all(word in (recognising.Signal.__doc__ or "") for word in WHAT)
