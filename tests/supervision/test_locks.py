"""R12, R13: what a unit has left undone keeps its new applications out until it is done."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Severity
from bianzhi.supervision.selectors.locks import locks_on
from tests.cast import TODAY, Cast, seat

pytestmark = pytest.mark.django_db


def test_a_unit_that_owes_nothing_is_not_locked(cast: Cast) -> None:
    cast.member(cast.bureau)
    assert locks_on(cast.bureau.pk, TODAY) == []


def test_an_overdue_exit_locks_the_unit_until_it_is_filed(cast: Cast) -> None:
    stay = seat(cast, cast.bureau, "A1", cast.facts("郑到龄", born=date(1962, 3, 4)))
    (lock,) = locks_on(cast.bureau.pk, TODAY)
    assert lock.code == "R13"
    assert lock.severity is Severity.OVERRIDE
    assert "郑到龄" in lock.message
    assert "R12" in lock.message
    assert "出编" in lock.next_step
    assert locks_on(cast.audit_office.pk, TODAY) == []
    cast.leave(stay, "O01", on=date(2022, 3, 4))
    assert locks_on(cast.bureau.pk, TODAY) == []
