"""Many exports of one account at once, each begun before another has left: the limit of the day holds for all."""

from contextlib import suppress
from functools import partial

import pytest
from django.db.models import Sum

from bianzhi.common.integrity import findings
from bianzhi.common.models import ParameterValue
from bianzhi.common.web.releasing import Mark, TooManyRows, Wanted
from bianzhi.disclosure.models import Release
from bianzhi.disclosure.parameters import DAILY_ROWS
from bianzhi.disclosure.services.releases import new_number, note_release
from tests.accounts.people import account
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]
WANTED = Wanted("personnel.people", "人员信息", "csv", "人员信息", ("姓名",), (), rows=500)


@pytest.mark.parametrize(("count", "writers"), [(16, 8), pytest.param(200, 24, marks=pytest.mark.slow)])
def test_no_more_leaves_in_a_day_than_its_limit_however_many_are_taken_at_once(transactional_db, count, writers):
    clerk = account("clerk", "office_clerk")
    ParameterValue.objects.create(key=DAILY_ROWS.key, value=2_000)
    left = []

    def take(number: str) -> None:
        with suppress(TooManyRows):
            left.append(note_release(actor=clerk, wanted=WANTED, mark=Mark(number, number), rows=500).pk)

    race([partial(take, new_number("DC")) for _ in range(count)], writers)
    assert len(left) == 4
    assert Release.objects.aggregate(rows=Sum("rows")) == {"rows": 2_000}
    assert findings(("audit.chain", "audit.rows")) == []
