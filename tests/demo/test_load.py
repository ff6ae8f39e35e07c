"""The loaded district is as if audited services had written it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bianzhi.common import integrity
from bianzhi.demo.load import load_district
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, parse_id_number
from bianzhi.ledger.selectors.balances import approved
from bianzhi.personnel.models import Occupancy, Person
from tests import database_reset

TODAY = date(2026, 11, 23)


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def small_district(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with database_reset.kept_for_a_module(django_db_blocker):
        load_district(size="small", today=TODAY, say=lambda _: None, with_archive=False)
        yield


def test_every_integrity_check_passes_on_the_small_district(small_district: None) -> None:
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


def test_nobody_in_it_can_be_a_real_person(small_district: None) -> None:
    for id_number in Person.objects.values_list("id_number", flat=True):
        assert parse_id_number(id_number).region == UNALLOCATED_REGION


def test_the_planted_excess_is_there_and_nothing_else_is_over(small_district: None) -> None:
    day = TODAY
    quota = approved(None, day)
    over = {
        key
        for key in Occupancy.objects.as_of(day).values_list("organization_id", "quota_type").distinct()
        if Occupancy.objects.as_of(day).filter(organization_id=key[0], quota_type=key[1]).count() > quota.get(key, 0)
    }
    assert len(over) == 3
