"""设立 and 撤销."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.organizations.models import Lineage, Organization, OrganizationVersion, ReorganizationEvent
from bianzhi.organizations.scopes import OutOfScope
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.services import (
    abolish,
    change_affiliation,
    establish,
    establish_many,
    record_event,
    set_joint_office,
    set_nameplate,
)
from tests.organizations.conftest import ACTOR, FOUNDED, ROWS, District, paper, unit, user_with

DAY = date(2020, 5, 1)


def test_a_unit_is_there_from_its_day_with_event_record_and_news(district: District):
    row = unit("SJ", "示例区数据局", parent_id=district["Q1"].pk, effective_on=DAY)
    organization = establish(actor=ACTOR, document=district.upper, organization=row)
    assert organization.pk not in OrganizationTree.as_of(date(2020, 4, 30))
    assert organization.pk in OrganizationTree.as_of(DAY)
    assert Lineage.objects.get(organization=organization).event.get_kind_display() == "设立"
    assert AuditEntry.objects.latest("seq").subject_label == "示例区数据局（SJ）"
    assert OutboxMessage.objects.filter(topic="organizations.established").latest("pk").payload["ids"] == [
        organization.pk
    ]
    assert list(chain.verify_rows()) == []


def test_the_search_keys_and_the_tier_follow_from_the_facts(district: District):
    version = district.version("ZH1")
    assert version.name_initials == "ctzzhfwzx"
    assert version.tier == "township"
    assert district.version("CZ").name_initials == "slqczj qczj"
    assert district.version("CZ").tier == "district"


def test_without_a_code_one_is_given_out(district: District):
    rows = [unit("", "示例区档案馆", "Q1", rank="151"), unit("", "示例区图书馆", "Q1", rank="151")]
    found = establish_many(actor=ACTOR, document=district.office, rows=rows)
    assert [one.code for one in found] == ["JG000001", "JG000002"]


def test_a_deputy_section_body_needs_an_upper_document(district: District):
    with pytest.raises(Refused) as refusal:
        establish(actor=ACTOR, document=district.office, organization=unit("SJ", "示例区数据局", "Q1", rank="142"))
    assert refusal.value.codes == ["R10"]
    assert "副科（乡）级" in str(refusal.value)


@pytest.mark.parametrize("rank", ["151", "191", "192", ""])
def test_a_lower_or_unranked_body_is_the_offices_own_decision(district: District, rank):
    row = unit("SJ", "示例区服务中心", "Q1", rank=rank)
    assert establish(actor=ACTOR, document=district.office, organization=row).code == "SJ"


def test_a_name_in_use_is_refused_in_any_writing(district: District):
    with pytest.raises(Refused) as refusal:
        establish(actor=ACTOR, document=district.upper, organization=unit("X", "示例区 财政局", "Q1"))
    assert refusal.value.codes == ["organization.name_taken"]


def test_a_name_borne_as_nameplate_is_refused(district: District):
    set_nameplate(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, name="示例区国资办"
    )
    with pytest.raises(Refused, match="加挂牌子"):
        establish(actor=ACTOR, document=district.upper, organization=unit("X", "示例区国资办", "Q1", effective_on=DAY))


def test_the_name_of_an_abolished_unit_is_free_again(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    row = unit("X", "示例区会计核算中心", "Q1", rank="151", effective_on=DAY)
    assert establish(actor=ACTOR, document=district.office, organization=row).code == "X"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": ""}, "organization.no_name"),
        ({"org_type": ""}, "organization.no_type"),
        ({"org_type": "99"}, "organization.unknown_code"),
        ({"institution_class": "83"}, "organization.class_without_institution"),
        ({"parent_code": "NONE"}, "organization.superior_not_in_force"),
        ({"effective_on": date(2014, 12, 31)}, "organization.superior_not_in_force"),
        ({"uscc": "11330600002577014A"}, "organization.credit_code"),
        ({"code": "CZ"}, "organization.code_taken"),
        ({"name": "很" * 201}, "field.too_long"),
    ],
)
def test_facts_that_do_not_fit_are_refused(district: District, facts, code):
    with pytest.raises(Refused) as refusal:
        establish(actor=ACTOR, document=district.upper, organization=unit("X", "示例区新设机构", "Q1", **facts))
    assert code in refusal.value.codes
    assert Organization.objects.count() == len(ROWS)


def test_the_credit_code_of_another_unit_is_refused(district: District):
    code = make_credit_code("1", "330699", 1).value
    rows = [unit("X", "示例区甲局", "Q1", uscc=code), unit("Y", "示例区乙局", "Q1", uscc=code)]
    with pytest.raises(Refused) as refusal:
        establish_many(actor=ACTOR, document=district.upper, rows=rows)
    assert "organization.credit_code_taken" in refusal.value.codes


def test_rows_of_one_batch_may_name_each_other_in_any_order_but_in_no_circle(district: District):
    rows = [unit("A", "示例区甲中心", "B", rank="151"), unit("B", "示例区乙中心", "Q1", rank="151")]
    first, second = establish_many(actor=ACTOR, document=district.office, rows=rows)
    assert OrganizationVersion.objects.get(organization=first).parent_id == second.pk
    circle = [unit("C", "示例区丙中心", "D", rank="151"), unit("D", "示例区丁中心", "C", rank="151")]
    with pytest.raises(Refused) as refusal:
        establish_many(actor=ACTOR, document=district.office, rows=circle)
    assert "organization.circle" in refusal.value.codes


def test_two_rows_of_one_name_are_refused(district: District):
    rows = [unit("A", "示例区甲中心", "Q1", rank="151"), unit("B", "示例区甲中心", "Q1", rank="151")]
    with pytest.raises(Refused, match="不止一次"):
        establish_many(actor=ACTOR, document=district.office, rows=rows)


def test_many_units_cost_few_queries(district: District, django_assert_max_num_queries):
    rows = [unit(f"M{number}", f"示例区第{number}小学", "Q1", org_type="80", rank="192") for number in range(60)]
    with django_assert_max_num_queries(40):
        establish_many(actor=ACTOR, document=district.office, rows=rows)


def test_who_lacks_the_permission_is_told_which(district: District):
    reader = user_with("unit_clerk", district["JY"])
    row = unit("X", "示例区新中心", "", parent_id=district["JY"].pk, rank="151")
    with pytest.raises(Denied, match="办理机构设立"):
        establish(actor=reader, document=district.office, organization=row)


def test_an_abolished_unit_is_gone_from_its_day_with_bodies_and_nameplates(district: District):
    version = district.body("CZ1")
    set_nameplate(
        actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY, name="核算站"
    )
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=date(2021, 1, 1))
    assert district["CZ1"].pk in OrganizationTree.as_of(date(2020, 12, 31))
    assert district["CZ1"].pk not in OrganizationTree.as_of(date(2021, 1, 1))
    version.refresh_from_db()
    assert version.valid_to == date(2021, 1, 1)
    assert district["CZ1"].nameplates.get().valid_to == date(2021, 1, 1)
    assert ReorganizationEvent.objects.first().kind == "abolished"  # type: ignore[union-attr]
    assert list(chain.verify_rows()) == []


def test_a_unit_with_units_below_supervised_or_joined_to_it_is_not_abolished(district: District):
    set_joint_office(
        actor=ACTOR,
        organization_id=district["CZ"].pk,
        document=district.upper,
        effective_on=DAY,
        quota_holder_id=district["JY"].pk,
    )
    with pytest.raises(Refused) as refusal:
        abolish(actor=ACTOR, organization_id=district["CZ"].pk, document=district.upper, effective_on=DAY)
    assert "下级机构（示例区会计核算中心）" in str(refusal.value)
    with pytest.raises(Refused) as refusal:
        abolish(actor=ACTOR, organization_id=district["JY"].pk, document=district.upper, effective_on=DAY)
    assert "所主管的单位（示例区实验小学）" in str(refusal.value)
    assert "合署单位（示例区财政局）" in str(refusal.value)


def test_what_an_upper_app_objects_to_stops_the_abolition(district: District, providers):
    providers.append(lambda proposal: [Objection("people", "还有 3 人在编")] if proposal.after is None else [])
    with pytest.raises(Refused, match="还有 3 人在编"):
        abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    assert district.version("CZ1").is_open


def test_a_section_rank_unit_is_abolished_only_by_an_upper_document(district: District):
    change_affiliation(
        actor=ACTOR,
        organization_id=district["ZH1"].pk,
        document=district.office,
        effective_on=DAY,
        parent_id=district["Q2"].pk,
    )
    with pytest.raises(Refused) as refusal:
        abolish(actor=ACTOR, organization_id=district["ZH"].pk, document=district.office, effective_on=DAY)
    assert refusal.value.codes == ["R10"]


def test_a_unit_is_not_abolished_before_or_on_the_day_it_was_established_nor_twice(district: District):
    for day in (date(2014, 1, 1), FOUNDED):
        with pytest.raises(Refused):
            abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=day)
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    with pytest.raises(Refused, match="已于 2020-05-01 撤销"):
        abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)


def test_an_abolition_within_a_merger_leaves_one_event(district: District):
    event = record_event(
        actor=ACTOR,
        kind="merged",
        document=district.upper,
        effective_on=DAY,
        sources=[district["CZ1"].pk],
        targets=[district["JY"].pk],
        summary="并入教育局",
    )
    abolish(
        actor=ACTOR, organization_id=district["CZ1"].pk, document=district.upper, effective_on=DAY, because_of=event
    )
    kinds = [part.event.kind for part in Lineage.objects.filter(organization=district["CZ1"]).order_by("pk")]
    assert kinds == ["established", "merged"]


def test_an_event_of_several_units_needs_both_sides_alive_and_an_upper_document(district: District):
    sides: dict[str, Any] = {"actor": ACTOR, "kind": "split", "effective_on": DAY, "summary": "拆分"}
    with pytest.raises(Refused, match="来源单位和承接单位"):
        record_event(document=district.upper, sources=[], targets=[district["CZ"].pk], **sides)
    with pytest.raises(Refused) as refusal:
        record_event(document=district.office, sources=[district["CZ"].pk], targets=[district["JY"].pk], **sides)
    assert refusal.value.codes == ["R10"]
    early: dict[str, Any] = sides | {"effective_on": date(2010, 1, 1)}
    with pytest.raises(Refused, match="未设立或已撤销"):
        record_event(document=paper(9, issuer_level="upper"), sources=[district["CZ"].pk], targets=[1], **early)


def test_a_scoped_user_with_the_permission_stays_within_the_scope(district: District, monkeypatch):
    clerk = user_with("supervising_reviewer", district["CZ"], subtree=True)
    monkeypatch.setattr(type(clerk), "can", lambda self, permission: True)
    abolish(actor=clerk, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    with pytest.raises(OutOfScope, match="不在您的管理范围内"):
        abolish(actor=clerk, organization_id=district["ZH1"].pk, document=district.office, effective_on=DAY)
