"""Many hands filing at once: 档号 without gaps or doubles, and each draft filed once."""

from collections import Counter
from functools import partial

import pytest

from bianzhi.archives.models import Item
from bianzhi.archives.services import filing
from bianzhi.common.integrity import findings
from tests.archives.holdings import ARCHIVIST, hold
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]


@pytest.mark.parametrize(("count", "writers"), [(16, 4), pytest.param(200, 24, marks=pytest.mark.slow)])
def test_codes_have_no_gap_and_no_double(cast, count, writers):
    holdings = hold(cast.bureau)
    drafts = [holdings.described(year=2020 + number % 2).pk for number in range(count)]
    attempts = [partial(filing.file, actor=ARCHIVIST, item_id=pk) for pk in drafts for _ in range(2)]
    assert race(attempts, writers) == Counter({"granted": count, "archives.not_draft": count})
    for year in (2020, 2021):
        numbers = Item.objects.filter(year=year).values_list("number", flat=True)
        assert Counter(numbers) == Counter(range(1, count // 2 + 1))
    assert findings(("audit.chain", "audit.rows")) == []
