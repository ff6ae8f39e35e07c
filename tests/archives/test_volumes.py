"""立卷: volumes have their own numbers, what is bound before filing is numbered within them."""

import pytest
from django.db import IntegrityError, transaction

from bianzhi.archives.models import Item, Volume
from bianzhi.archives.services import filing
from bianzhi.archives.services.volumes import bind, describe_volume, open_volume
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from tests.archives.holdings import ARCHIVIST, hold
from tests.cast import assemble

pytestmark = pytest.mark.django_db


@pytest.fixture
def holdings():
    return hold(assemble().bureau)


def opened(holdings, **other):
    place = {"fonds_id": holdings.fonds.pk, "category_id": holdings.category.pk, "year": 2020, "retention": "Y"}
    return open_volume(actor=ARCHIVIST, **{**place, "title": "区委编委 2020 年机构编制批复", **other})


def test_volumes_of_a_year_and_term_are_numbered_from_one(holdings):
    codes = [opened(holdings).code, opened(holdings).code, opened(holdings, year=2021).code]
    assert codes == ["330699-WS·2020-Y-0001", "330699-WS·2020-Y-0002", "330699-WS·2021-Y-0001"]


def test_items_bound_before_filing_are_numbered_within_the_volume(holdings):
    volume = opened(holdings)
    drafts = [holdings.described(retention="D10") for _ in range(2)]
    bind(actor=ARCHIVIST, volume_id=volume.pk, item_ids=[draft.pk for draft in drafts])
    filed = [filing.file(actor=ARCHIVIST, item_id=draft.pk) for draft in drafts]
    assert [item.code for item in filed] == ["330699-WS·2020-Y-0001-001", "330699-WS·2020-Y-0001-002"]
    assert {item.retention for item in filed} == {"Y"}
    assert findings(("audit.rows",)) == []


def test_a_filed_item_keeps_its_code_in_a_volume(holdings):
    item, volume = holdings.filed(), opened(holdings)
    (bound,) = bind(actor=ARCHIVIST, volume_id=volume.pk, item_ids=[item.pk])
    assert (bound.code, bound.volume) == (item.code, volume)


def test_an_item_is_in_one_volume(holdings):
    item, volume, other = holdings.filed(), opened(holdings), opened(holdings)
    bind(actor=ARCHIVIST, volume_id=volume.pk, item_ids=[item.pk])
    with pytest.raises(Refused) as refused:
        bind(actor=ARCHIVIST, volume_id=other.pk, item_ids=[item.pk])
    assert refused.value.codes == ["archives.bound_elsewhere"]


def test_a_filed_item_of_another_term_is_refused(holdings):
    item, volume = holdings.filed(retention="D10"), opened(holdings)
    with pytest.raises(Refused) as refused:
        bind(actor=ARCHIVIST, volume_id=volume.pk, item_ids=[item.pk])
    assert refused.value.codes == ["archives.not_of_volume"]


def test_a_volume_without_a_title_uses_no_number(holdings):
    with pytest.raises(Refused):
        opened(holdings, title=" ")
    assert opened(holdings).number == 1


def test_title_and_remark_of_a_volume_may_be_put_right(holdings):
    volume = describe_volume(actor=ARCHIVIST, volume_id=opened(holdings).pk, title="新题名", remark="缺页已注明")
    assert (volume.title, volume.remark) == ("新题名", "缺页已注明")


def test_the_database_lets_nobody_change_a_code(holdings):
    item, volume = holdings.filed(), opened(holdings)
    for rows in (Item.objects.filter(pk=item.pk), Volume.objects.filter(pk=volume.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(code="330699-WS·2020-Y-9999")
