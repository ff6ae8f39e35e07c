"""Changes of a unit that lives on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage, ParameterValue
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.organizations.models import OrganizationVersion, ReorganizationEvent
from bianzhi.organizations.selectors.units import as_of
from bianzhi.organizations.services import (
    abolish,
    change_affiliation,
    change_duties,
    change_funding,
    change_nature,
    change_rank,
    rename,
    set_joint_office,
)
from tests.organizations.conftest import ACTOR, District

DAY = date(2020, 5, 1)


def test_a_unit_has_its_new_name_from_the_day_and_the_old_one_before(district: District):
    rename(
        actor=ACTOR,
        organization_id=district["CZ"].pk,
        document=district.upper,
        effective_on=DAY,
        name="示例区财政金融局",
        short_name="区财金局",
    )
    names = {day: as_of(district["CZ"], date(2020, *day)).name for day in ((4, 30), (5, 1), (5, 2))}  # type: ignore[union-attr]
    assert names == {(4, 30): "示例区财政局", (5, 1): "示例区财政金融局", (5, 2): "示例区财政金融局"}


def test_a_change_leaves_event_record_news_and_seals(district: District):
    rename(
        actor=ACTOR,
        organization_id=district["CZ1"].pk,
        document=district.office,
        effective_on=DAY,
        name="示例区核算中心",
    )
    event = ReorganizationEvent.objects.first()
    assert event is not None
    assert (event.kind, event.effective_on, event.document) == ("renamed", DAY, district.office)
    assert event.summary == "名称由“示例区会计核算中心”改为“示例区核算中心”"
    assert AuditEntry.objects.latest("seq").action == "organizations.renamed"
    assert OutboxMessage.objects.latest("pk").payload == {
        "ids": [district["CZ1"].pk],
        "kind": "renamed",
        "effective_on": "2020-05-01",
    }
    assert list(chain.verify_rows()) == []


@pytest.mark.parametrize(
    ("service", "values", "summary"),
    [
        (change_rank, {"rank": "142"}, "机构规格由“正股级”改为“副科（乡）级”"),
        (
            change_nature,
            {"org_type": "80", "institution_class": "84"},
            "事业单位类别由“公益一类事业单位”改为“公益二类事业单位”",
        ),
        (change_funding, {"funding_form": "partial"}, "经费形式由“财政全额拨款”改为“财政差额补助”"),
        (change_duties, {"duties": "会计集中核算"}, "主要职责有调整"),
    ],
)
def test_each_kind_of_change_says_what_changed(district: District, service, values, summary):
    service(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.upper, effective_on=DAY, **values)
    version = district.version("CZ1", DAY)
    assert {name: getattr(version, name) for name in values} == values
    assert ReorganizationEvent.objects.first().summary == summary  # type: ignore[union-attr]
    assert version.parent_id == district["CZ"].pk


def test_two_changes_on_one_day_make_one_version_and_two_events(district: District):
    common: dict[str, Any] = {
        "actor": ACTOR,
        "organization_id": district["CZ1"].pk,
        "document": district.upper,
        "effective_on": DAY,
    }
    rename(name="示例区核算中心", **common)
    change_rank(rank="142", **common)
    current = OrganizationVersion.objects.current().filter(organization=district["CZ1"]).order_by("valid_from")
    assert [(row.name, row.rank, row.valid_to) for row in current] == [
        ("示例区会计核算中心", "151", DAY),
        ("示例区核算中心", "142", None),
    ]
    assert ReorganizationEvent.objects.filter(effective_on=DAY).count() == 2


@pytest.mark.parametrize(
    ("service", "values"),
    [
        (rename, {"name": "示例区财金局"}),
        (change_rank, {"rank": "151"}),
        (change_nature, {"org_type": "33"}),
        (change_funding, {"funding_form": "partial"}),
    ],
)
def test_what_concerns_a_section_rank_unit_needs_an_upper_document(district: District, service, values):
    with pytest.raises(Refused) as refusal:
        service(actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, **values)
    assert refusal.value.codes == ["R10"]


def test_raising_a_low_unit_to_section_rank_needs_an_upper_document_too(district: District):
    with pytest.raises(Refused, match="上级批准"):
        change_rank(
            actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY, rank="142"
        )


def test_the_threshold_of_rank_is_the_offices_own(district: District):
    ParameterValue.objects.create(key="organizations.upper_decision_rank", value="132")
    change_funding(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, funding_form="self"
    )
    assert district.version("CZ").funding_form == "self"


def test_duties_of_any_unit_are_the_offices_own_decision(district: District):
    change_duties(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, duties="管钱"
    )
    assert district.version("CZ").duties == "管钱"


def test_what_changes_nothing_is_refused(district: District):
    with pytest.raises(Refused) as refusal:
        change_rank(
            actor=ACTOR, organization_id=district["CZ"].pk, document=district.upper, effective_on=DAY, rank="141"
        )
    assert refusal.value.codes == ["organization.unchanged"]


def test_a_change_before_the_establishment_or_a_later_change_is_refused(district: District):
    common: dict[str, Any] = {"actor": ACTOR, "organization_id": district["CZ1"].pk, "document": district.office}
    with pytest.raises(Refused, match="2015-01-01 设立"):
        rename(effective_on=date(2014, 12, 31), name="示例区核算中心", **common)
    rename(effective_on=DAY, name="示例区核算中心", **common)
    with pytest.raises(Refused, match="2020-05-01 最近一次变更生效") as refusal:
        rename(effective_on=date(2020, 4, 30), name="示例区核算站", **common)
    assert refusal.value.codes == ["organization.before_later_version"]


def test_the_name_of_another_unit_is_refused(district: District):
    with pytest.raises(Refused) as refusal:
        rename(
            actor=ACTOR,
            organization_id=district["CZ1"].pk,
            document=district.office,
            effective_on=DAY,
            name="示例区教育局",
        )
    assert refusal.value.codes == ["organization.name_taken"]


def test_a_unit_moves_under_another_with_supervisor_and_tier(district: District):
    change_affiliation(
        actor=ACTOR,
        organization_id=district["ZH1"].pk,
        document=district.office,
        effective_on=DAY,
        parent_id=district["Q1"].pk,
        supervising_department_id=district["JY"].pk,
        tier="district",
    )
    version = district.version("ZH1")
    assert (version.parent_id, version.supervising_department_id, version.tier) == (
        district["Q1"].pk,
        district["JY"].pk,
        "district",
    )
    summary = ReorganizationEvent.objects.first().summary  # type: ignore[union-attr]
    assert summary == (
        "隶属单位由“长塘镇人民政府”改为“区政府部门”；主管部门由“无”改为“示例区教育局”；层级由“乡镇街道”改为“区本级”"
    )


def test_a_circle_is_refused(district: District):
    with pytest.raises(Refused) as refusal:
        change_affiliation(
            actor=ACTOR,
            organization_id=district["CZ"].pk,
            document=district.upper,
            effective_on=DAY,
            parent_id=district["CZ1"].pk,
        )
    assert refusal.value.codes == ["organization.circle"]


def test_a_circle_that_closes_only_later_is_refused(district: District):
    common: dict[str, Any] = {"actor": ACTOR, "document": district.upper}
    change_affiliation(
        organization_id=district["JY"].pk, effective_on=date(2022, 1, 1), parent_id=district["CZ"].pk, **common
    )
    with pytest.raises(Refused) as refusal:
        change_affiliation(
            organization_id=district["CZ"].pk, effective_on=date(2021, 1, 1), parent_id=district["JY"].pk, **common
        )
    assert refusal.value.codes == ["organization.circle"]


def test_a_superior_that_is_gone_itself_or_a_grouping_is_refused(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=date(2022, 1, 1))
    common: dict[str, Any] = {
        "actor": ACTOR, "organization_id": district["ZH1"].pk, "document": district.office, "effective_on": DAY
    }  # fmt: skip
    with pytest.raises(Refused, match="未设立或已（将）撤销"):
        change_affiliation(parent_id=district["CZ1"].pk, **common)
    with pytest.raises(Refused, match="不能作"):
        change_affiliation(parent_id=district["ZH1"].pk, **common)
    with pytest.raises(Refused, match="主管部门"):
        change_affiliation(parent_id=district["ZH"].pk, supervising_department_id=district["Q1"].pk, **common)


def test_a_joint_office_has_one_holder_and_no_chain(district: District):
    common: dict[str, Any] = {"actor": ACTOR, "document": district.upper, "effective_on": DAY}
    set_joint_office(organization_id=district["CZ1"].pk, quota_holder_id=district["CZ"].pk, **common)
    assert district.version("CZ1").quota_holder_id == district["CZ"].pk
    with pytest.raises(Refused, match="合署主体"):
        set_joint_office(organization_id=district["JY"].pk, quota_holder_id=district["CZ1"].pk, **common)
    with pytest.raises(Refused, match="另外 1 个单位的合署主体"):
        set_joint_office(organization_id=district["CZ"].pk, quota_holder_id=district["JY"].pk, **common)
    set_joint_office(
        actor=ACTOR,
        organization_id=district["CZ1"].pk,
        document=district.upper,
        effective_on=date(2021, 1, 1),
        quota_holder_id=None,
    )
    assert district.version("CZ1").quota_holder_id is None


def test_an_upper_app_may_object_to_a_change_of_nature(district: District, providers):
    def holds_quota(proposal):
        assert proposal.before.org_type == "80"
        return [Objection("R05", "持有全额事业编制 5 名")] if proposal.after.org_type != "80" else []

    providers.append(holds_quota)
    with pytest.raises(Refused, match="全额事业编制 5 名"):
        change_nature(
            actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY, org_type="31"
        )


def test_an_abolished_unit_changes_no_more(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    with pytest.raises(Refused, match="已于 2020-05-01 撤销"):
        rename(
            actor=ACTOR,
            organization_id=district["CZ1"].pk,
            document=district.office,
            effective_on=date(2021, 1, 1),
            name="新名",
        )
