"""T08: opening + in − out = closing, and what is no change at all."""

from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.reports.rules.movement import IN_GROUPS, OUT_GROUPS, Stay, flows

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
BUREAU, SCHOOL = (1, "A1"), (2, "B5")


def test_entries_and_exits_are_counted_by_their_mode():
    stays = [
        Stay(1, BUREAU, date(2026, 1, 1), None, came_by="I01"),
        Stay(2, BUREAU, date(2020, 1, 1), date(2026, 1, 31), left_by="O01"),
        Stay(3, BUREAU, date(2020, 1, 1), date(2026, 1, 1), left_by="O07"),
    ]
    flow = flows({BUREAU: 5}, {BUREAU: 4}, stays, FIRST, LAST)[BUREAU]
    assert flow.ins == {"exam": 1}
    assert flow.outs == {"retired": 1, "resigned": 1}
    assert flow.is_balanced


def test_the_eve_and_the_day_after_do_not_belong_to_the_period():
    stays = [
        Stay(1, BUREAU, date(2025, 12, 31), None, came_by="I01"),
        Stay(2, BUREAU, date(2020, 1, 1), date(2026, 2, 1), left_by="O01"),
    ]
    flow = flows({BUREAU: 2}, {BUREAU: 2}, stays, FIRST, LAST)[BUREAU]
    assert (flow.came, flow.left) == (0, 0)


def test_a_change_of_section_is_neither_addition_nor_reduction():
    day = date(2026, 1, 15)
    stays = [
        Stay(1, BUREAU, date(2020, 1, 1), day, left_by="T01", next_id=2),
        Stay(2, BUREAU, day, None, came_by="T01"),
    ]
    flow = flows({BUREAU: 1}, {BUREAU: 1}, stays, FIRST, LAST)[BUREAU]
    assert (flow.came, flow.left) == (0, 0)
    assert flow.is_balanced


def test_a_transfer_leaves_one_unit_and_comes_to_the_other():
    day = date(2026, 1, 15)
    stays = [
        Stay(1, BUREAU, date(2020, 1, 1), day, left_by="T03", next_id=2),
        Stay(2, SCHOOL, day, None, came_by="T03"),
    ]
    found = flows({BUREAU: 1}, {SCHOOL: 1}, stays, FIRST, LAST)
    assert found[BUREAU].outs == {"within": 1}
    assert found[SCHOOL].ins == {"within": 1}
    assert all(flow.is_balanced for flow in found.values())


def test_somebody_who_came_and_left_within_the_period_is_both():
    stays = [Stay(1, BUREAU, date(2026, 1, 2), date(2026, 1, 20), came_by="I03", left_by="O08")]
    flow = flows({}, {}, stays, FIRST, LAST)[BUREAU]
    assert (flow.came, flow.left, flow.closing) == (1, 1, 0)
    assert flow.is_balanced


def test_a_count_that_does_not_fit_is_shown_not_hidden():
    assert not flows({BUREAU: 1}, {BUREAU: 3}, [], FIRST, LAST)[BUREAU].is_balanced


def test_every_mode_of_the_code_sets_has_its_column():
    ins = {mode for _, modes in IN_GROUPS.values() for mode in modes}
    outs = {mode for _, modes in OUT_GROUPS.values() for mode in modes}
    assert {each.code for each in codes("entry_mode")} <= ins
    assert {each.code for each in codes("exit_mode")} <= outs
    assert {each.code for each in codes("internal_mode")} <= ins & outs
