"""Changes of structure at the same moment: the lock lets one through and shows its outcome to the next."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections

from bianzhi.audit import chain
from bianzhi.kernel.objections import Refused
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.services import change_affiliation, establish
from tests.organizations.conftest import ACTOR, District, unit

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
DAY = date(2020, 5, 1)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each act: "done" or the code of the refusal."""

    def run(act: Callable[[], object]) -> str:
        try:
            act()
        except Refused as refusal:
            return refusal.codes[0]
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_one_name_is_established_once(transactional_db: None, district: District):
    rows = [unit(f"X{number}", "示例区数据中心", "Q1", rank="151") for number in range(6)]
    acts = [lambda row=row: establish(actor=ACTOR, document=district.office, organization=row) for row in rows]
    assert at_once(*acts) == ["done"] + ["organization.name_taken"] * 5
    assert OrganizationVersion.objects.filter(name="示例区数据中心").count() == 1
    assert list(chain.verify_chain()) == list(chain.verify_rows()) == []


def test_two_units_never_end_up_below_each_other(transactional_db: None, district: District):
    def under(moved: str, parent: str) -> Callable[[], object]:
        return lambda: change_affiliation(
            actor=ACTOR,
            organization_id=district[moved].pk,
            document=district.upper,
            effective_on=DAY,
            parent_id=district[parent].pk,
        )

    assert at_once(under("CZ", "JY"), under("JY", "CZ")) == ["done", "organization.circle"]
