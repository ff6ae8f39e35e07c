"""The loaded district is as if audited services had written it."""

from datetime import date

import pytest
from django.core.management import call_command

from bianzhi.accounts.models import User
from bianzhi.common import integrity
from bianzhi.demo.load import NotEmpty, load_district
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, parse_id_number
from bianzhi.ledger.selectors.balances import approved
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import Occupancy, Person

TODAY = date(2026, 11, 23)


def load(size: str = "small") -> dict[str, int]:
    return load_district(size=size, today=TODAY, say=lambda _: None, with_archive=False)


def test_every_integrity_check_passes_on_the_small_district(db: None) -> None:
    load()
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


@pytest.mark.slow
def test_every_integrity_check_passes_on_the_full_district_and_its_archive(db: None) -> None:
    load_district(size="full", today=TODAY, say=lambda _: None)
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


def test_nobody_in_it_can_be_a_real_person(db: None) -> None:
    load()
    for id_number in Person.objects.values_list("id_number", flat=True):
        assert parse_id_number(id_number).region == UNALLOCATED_REGION


def test_the_planted_excess_is_there_and_nothing_else_is_over(db: None) -> None:
    load()
    day = TODAY
    quota = approved(None, day)
    over = {
        key
        for key in Occupancy.objects.as_of(day).values_list("organization_id", "quota_type").distinct()
        if Occupancy.objects.as_of(day).filter(organization_id=key[0], quota_type=key[1]).count() > quota.get(key, 0)
    }
    assert len(over) == 3


def test_it_is_never_mixed_with_what_is_there(db: None) -> None:
    Organization.objects.create(code="X")
    with pytest.raises(NotEmpty):
        load()
    with pytest.raises(SystemExit) as stopped:
        call_command("demo", "--size", "small")
    assert stopped.value.code == 2
    assert not User.objects.exists()
