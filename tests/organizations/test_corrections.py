"""What was registered wrongly is superseded, never rewritten; the integrity proofs hold before and after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from bianzhi.audit import chain
from bianzhi.common import integrity
from bianzhi.kernel.objections import Refused
from bianzhi.organizations.models import OrganizationVersion, ReorganizationEvent
from bianzhi.organizations.selectors.units import as_of
from bianzhi.organizations.services import abolish, correct_version, insert_version, rename
from tests.organizations.conftest import ACTOR, FOUNDED, District

DAY = date(2020, 5, 1)
VERSIONS = "organizations_organizationversion"
CHECKS = [
    "organizations.versions",
    "organizations.bodies",
    "organizations.superiors",
    "organizations.circles",
    "organizations.names",
]


def renamed(district: District) -> OrganizationVersion:
    return rename(
        actor=ACTOR,
        organization_id=district["CZ1"].pk,
        document=district.office,
        effective_on=DAY,
        name="示例区核算中心",
    )


def test_a_corrected_version_keeps_its_period_and_the_wrong_one_is_superseded(district: District):
    wrong = district.version("CZ1")
    right = correct_version(
        actor=ACTOR, version_id=wrong.pk, document=district.office, reason="规格录错", changes={"rank": "152"}
    )
    wrong.refresh_from_db()
    assert wrong.superseded_at is not None
    assert (wrong.rank, right.rank, right.valid_from) == ("151", "152", FOUNDED)
    event = ReorganizationEvent.objects.latest("pk")
    assert event.summary == "机构规格由“正股级”改为“副股级”（更正：规格录错）"
    assert list(chain.verify_rows()) == integrity.findings(CHECKS) == []


def test_a_corrected_first_day_moves_the_end_of_the_version_before(district: District):
    version = renamed(district)
    correct_version(
        actor=ACTOR,
        version_id=version.pk,
        document=district.office,
        reason="生效日期录错",
        changes={},
        valid_from=date(2020, 6, 1),
    )
    assert as_of(district["CZ1"], date(2020, 5, 31)).name == "示例区会计核算中心"  # type: ignore[union-attr]
    assert as_of(district["CZ1"], date(2020, 6, 1)).name == "示例区核算中心"  # type: ignore[union-attr]
    assert integrity.findings(CHECKS) == []


def test_a_first_day_outside_the_neighbours_or_after_what_hangs_below_is_refused(district: District):
    version = renamed(district)
    common: dict[str, Any] = {"actor": ACTOR, "document": district.office, "reason": "日期录错", "changes": {}}
    with pytest.raises(Refused) as refusal:
        correct_version(version_id=version.pk, valid_from=FOUNDED, **common)
    assert refusal.value.codes == ["correction.outside"]
    with pytest.raises(Refused, match="下级机构 1 个") as refusal:
        correct_version(version_id=district.version("CZ").pk, valid_from=date(2016, 1, 1), **common)
    assert refusal.value.codes == ["correction.older_below"]


def test_a_first_day_before_the_superior_was_set_up_is_refused(district: District):
    common: dict[str, Any] = {"actor": ACTOR, "document": district.office, "reason": "日期录错", "changes": {}}
    with pytest.raises(Refused, match="隶属单位“示例区财政局”在 2001-01-01 未设立") as refusal:
        correct_version(version_id=district.version("CZ1").pk, valid_from=date(2001, 1, 1), **common)
    assert refusal.value.codes == ["organization.superior_not_in_force"]
    assert integrity.findings(CHECKS) == []


def test_a_correction_without_reason_or_change_or_of_a_corrected_version_is_refused(district: District):
    version = district.version("CZ1")
    common: dict[str, Any] = {"actor": ACTOR, "version_id": version.pk, "document": district.office}
    with pytest.raises(Refused, match="理由"):
        correct_version(reason="错", changes={"rank": "152"}, **common)
    with pytest.raises(Refused, match="没有任何内容"):
        correct_version(reason="没有变化", changes={"rank": "151"}, **common)
    correct_version(reason="规格录错", changes={"rank": "152"}, **common)
    with pytest.raises(Refused) as refusal:
        correct_version(reason="规格录错", changes={"rank": "191"}, **common)
    assert "correction.superseded" in refusal.value.codes


def test_a_change_of_the_past_is_inserted_by_parting_the_version(district: District):
    renamed(district)
    inserted = insert_version(
        actor=ACTOR,
        organization_id=district["CZ1"].pk,
        document=district.office,
        effective_on=date(2018, 1, 1),
        reason="补登当年更名",
        changes={"name": "示例区会计中心"},
    )
    days = [date(2017, 12, 31), date(2018, 1, 1), DAY - timedelta(days=1), DAY]
    found = [as_of(district["CZ1"], day).name for day in days]  # type: ignore[union-attr]
    assert found == ["示例区会计核算中心", "示例区会计中心", "示例区会计中心", "示例区核算中心"]
    assert inserted.valid_to == DAY
    assert list(chain.verify_rows()) == integrity.findings(CHECKS) == []


def test_nothing_is_inserted_before_the_establishment_or_on_the_day_of_a_change(district: District):
    renamed(district)
    for day in (date(2014, 1, 1), DAY):
        with pytest.raises(Refused) as refusal:
            insert_version(
                actor=ACTOR,
                organization_id=district["CZ1"].pk,
                document=district.office,
                effective_on=day,
                reason="补登当年更名",
                changes={"name": "示例区会计中心"},
            )
        assert refusal.value.codes == ["organization.nothing_to_part"]


def test_the_checks_find_nothing_in_what_services_left(district: District):
    district.body("CZ1")
    renamed(district)
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=date(2022, 1, 1))
    assert integrity.findings(CHECKS) == []


@pytest.mark.parametrize(
    ("check", "statement", "says"),
    [
        ("organizations.versions", f"UPDATE {VERSIONS} SET valid_to = '2019-01-01' WHERE id = {{first}}", "空档"),
        ("organizations.versions", f"UPDATE {VERSIONS} SET valid_to = '2021-01-01' WHERE id = {{first}}", "重叠"),
        ("organizations.superiors", f"UPDATE {VERSIONS} SET valid_to = '2021-01-01' WHERE id = {{parent}}", "隶属单位"),
        ("organizations.bodies", "UPDATE organizations_internalbodyversion SET valid_to = '2023-01-01'", "存续期间"),
        ("organizations.names", f"UPDATE {VERSIONS} SET name_folded = 'x' WHERE id = {{first}}", "比对键"),
    ],
)  # fmt: skip
def test_damage_done_past_the_services_is_found(district: District, check, statement, says):
    first, parent = district.version("CZ1"), district.version("CZ")
    district.body("CZ1")
    renamed(district)
    if check == "organizations.bodies":
        abolish(
            actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=date(2022, 1, 1)
        )
    assert integrity.findings([check]) == []
    with connection.cursor() as cursor:
        cursor.execute(statement.format(first=first.pk, parent=parent.pk))
    assert any(says in finding.what for finding in integrity.findings([check]))
