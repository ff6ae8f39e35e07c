"""空编 and 超编 stand side by side; a total is a sum of positives."""

from fractions import Fraction

import pytest

from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.reports.rules.figures import Figures, total


def test_a_vacancy_in_one_type_does_not_hide_one_too_many_in_another():
    administrative = Figures.of(QuotaUse(approved=10, occupied=7))
    logistics = Figures.of(QuotaUse(approved=2, occupied=3))
    both = total([administrative, logistics])
    assert (both.approved, both.occupied) == (12, 10)
    assert (both.vacant, both.over) == (3, 1)


def test_reserved_slots_are_vacant_but_not_available():
    figures = Figures.of(QuotaUse(approved=10, occupied=6, reserved=3))
    assert (figures.vacant, figures.available, figures.reserved) == (4, 1, 3)


def test_a_promise_beyond_the_quota_of_one_unit_does_not_eat_what_another_has_available():
    promised = Figures.of(QuotaUse(approved=5, occupied=4, reserved=3))
    roomy = Figures.of(QuotaUse(approved=5, occupied=1))
    assert promised.available == 0
    assert total([promised, roomy]).available == 4


@pytest.mark.parametrize(
    ("approved", "occupied", "rate"), [(10, 9, Fraction(9, 10)), (10, 12, Fraction(6, 5)), (0, 0, None), (0, 2, None)]
)
def test_the_fill_rate_of_nothing_approved_is_no_number(approved, occupied, rate):
    assert Figures.of(QuotaUse(approved, occupied)).fill_rate == rate
