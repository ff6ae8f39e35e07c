"""What a new computation means for the warnings that stand."""

from dataclasses import replace

from bianzhi.reports.rules.catalogue import KINDS, Level
from bianzhi.reports.rules.findings import Found, Key, Subject, difference

OVER = Found("W01", Level.RED, Subject("organization", "7", "财政局"), 7, "超编 1 名", {"超编": 1}, "A1")


def test_what_was_not_there_is_opened():
    nothing: dict[Key, str] = {}
    change = difference(nothing, [OVER])
    assert (change.opened, change.continued, change.resolved) == ((OVER,), (), ())


def test_what_is_still_there_is_carried_on_with_what_it_says_now():
    worse = replace(OVER, message="超编 2 名")
    change = difference({OVER.key: "row"}, [worse])
    assert (change.opened, change.continued, change.resolved) == ((), (("row", worse),), ())


def test_what_is_gone_is_resolved():
    change = difference({OVER.key: "row"}, [])
    assert (change.opened, change.continued, change.resolved) == ((), (), ("row",))


def test_the_same_unit_may_be_over_in_two_types():
    other = replace(OVER, facet="C1")
    assert len(difference({}, [OVER, other]).opened) == 2


def test_found_twice_is_one_warning():
    assert len(difference({}, [OVER, OVER]).opened) == 1


def test_every_kind_says_its_rule_and_the_next_step():
    assert sorted(KINDS) == ["W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W10", "W11", "W12", "W13", "W14"]
    assert all(kind.rule and kind.next_step for kind in KINDS.values())
