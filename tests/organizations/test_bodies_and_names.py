"""Internal bodies, nameplates, aliases and credit codes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bianzhi.audit import chain
from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.organizations.models import InternalBodyVersion, OrganizationAlias, ReorganizationEvent
from bianzhi.organizations.selectors.units import bodies
from bianzhi.organizations.services import (
    NewBody,
    abolish,
    add_alias,
    add_bodies,
    add_body,
    change_body,
    close_body,
    move_body,
    set_nameplate,
    set_uscc,
    withdraw_alias,
    withdraw_nameplate,
)
from tests.organizations.conftest import ACTOR, FOUNDED, District

DAY = date(2020, 5, 1)


def names(district: District, code: str, day: date) -> list[str]:
    return [body.name for body in bodies(district[code], day)]


def new(district: District, code: str, name: str, **facts: Any) -> NewBody:
    return NewBody(organization_id=district[code].pk, name=name, **{"effective_on": DAY, **facts})


def test_bodies_are_there_from_their_day_in_their_order_with_one_event(district: District):
    rows = [new(district, "CZ", "预算科", sort_order=2), new(district, "CZ", "办公室", sort_order=1)]
    add_bodies(actor=ACTOR, document=district.office, rows=rows)
    assert names(district, "CZ", date(2020, 4, 30)) == []
    assert names(district, "CZ", DAY) == ["办公室", "预算科"]
    events = ReorganizationEvent.objects.filter(kind="bodies_changed")
    assert [event.summary for event in events] == ["设立预算科、办公室"]
    assert list(chain.verify_rows()) == []


def test_many_bodies_cost_few_queries(district: District, django_assert_max_num_queries):
    rows = [new(district, code, f"第{number}科") for number in range(20) for code in ("CZ", "JY")]
    with django_assert_max_num_queries(30):
        add_bodies(actor=ACTOR, document=district.office, rows=rows)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": "办公室"}, "body.name_taken"),
        ({"name": ""}, "body.no_name"),
        ({"kind": "x"}, "body.unknown_kind"),
        ({"rank": "7"}, "body.unknown_rank"),
        ({"effective_on": date(2014, 1, 1)}, "body.unit_not_in_force"),
        ({"unit": "Q1"}, "body.unit_is_grouping"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(district: District, facts, code):
    district.body("CZ", "办公室")
    given: dict[str, Any] = {"name": "预算科", "unit": "CZ"} | facts
    body = new(district, given.pop("unit"), given.pop("name"), **given)
    with pytest.raises(Refused) as refusal:
        add_body(actor=ACTOR, document=district.office, body=body)
    assert refusal.value.codes == [code]


def test_a_body_is_renamed_from_a_day(district: District):
    body = district.body("CZ", "预算科")
    change_body(
        actor=ACTOR,
        body_id=body.body_id,
        document=district.office,
        effective_on=DAY,
        changes={"name": "预算管理科", "rank": "151"},
    )
    assert names(district, "CZ", date(2020, 4, 30)) == ["预算科"]
    assert names(district, "CZ", DAY) == ["预算管理科"]
    assert ReorganizationEvent.objects.first().summary == "预算科：更名为“预算管理科”，规格调整为正股级"  # type: ignore[union-attr]


def test_a_body_moves_with_an_event_for_both_units(district: District):
    body = district.body("CZ", "教科文科")
    move_body(
        actor=ACTOR,
        body_id=body.body_id,
        organization_id=district["JY"].pk,
        document=district.office,
        effective_on=DAY,
    )
    assert (names(district, "CZ", DAY), names(district, "JY", DAY)) == ([], ["教科文科"])
    event = ReorganizationEvent.objects.first()
    assert event is not None
    assert {part.organization_id for part in event.parts.all()} == {district["CZ"].pk, district["JY"].pk}
    assert list(chain.verify_rows()) == []


def test_a_body_with_people_neither_moves_nor_closes(district: District, providers):
    body = district.body("CZ", "教科文科")
    providers.append(lambda proposal: [Objection("people", "科内还有 2 人")] if proposal.body_id else [])
    common: dict[str, Any] = {"actor": ACTOR, "body_id": body.body_id, "document": district.office, "effective_on": DAY}
    with pytest.raises(Refused, match="科内还有 2 人"):
        close_body(**common)
    with pytest.raises(Refused, match="科内还有 2 人"):
        move_body(organization_id=district["JY"].pk, **common)


def test_a_closed_body_is_gone_from_its_day_and_changes_no_more(district: District):
    body = district.body("CZ", "教科文科")
    close_body(actor=ACTOR, body_id=body.body_id, document=district.office, effective_on=DAY)
    assert names(district, "CZ", date(2020, 4, 30)) == ["教科文科"]
    assert names(district, "CZ", DAY) == []
    with pytest.raises(Refused, match="已撤销"):
        change_body(
            actor=ACTOR, body_id=body.body_id, document=district.office, effective_on=DAY, changes={"name": "新科"}
        )


def test_a_change_before_the_body_was_set_up_or_of_nothing_is_refused(district: District):
    body = district.body("CZ", "教科文科")
    common: dict[str, Any] = {"actor": ACTOR, "body_id": body.body_id, "document": district.office}
    with pytest.raises(Refused, match="早于该日"):
        change_body(effective_on=date(2014, 1, 1), changes={"name": "新科"}, **common)
    with pytest.raises(Refused, match="没有变化"):
        change_body(effective_on=DAY, changes={"name": "教科文科"}, **common)
    with pytest.raises(TypeError, match="not a fact"):
        change_body(effective_on=DAY, changes={"organization_id": 1}, **common)


def test_a_body_set_up_and_renamed_on_one_day_is_one_version(district: District):
    body = district.body("CZ", "教科文科")
    change_body(
        actor=ACTOR, body_id=body.body_id, document=district.office, effective_on=FOUNDED, changes={"name": "行政科"}
    )
    assert [row.name for row in InternalBodyVersion.objects.current()] == ["行政科"]


def test_a_nameplate_is_put_up_and_taken_down(district: District):
    plate = set_nameplate(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, name="区国资办"
    )
    with pytest.raises(Refused, match="已有机构（牌子）使用"):
        set_nameplate(
            actor=ACTOR, organization_id=district["JY"].pk, document=district.office, effective_on=DAY, name="区国资办"
        )
    with pytest.raises(Refused, match="不能自 2020-05-01 撤下"):
        withdraw_nameplate(actor=ACTOR, nameplate_id=plate.pk, document=district.office, effective_on=DAY)
    later = date(2021, 1, 1)
    withdraw_nameplate(actor=ACTOR, nameplate_id=plate.pk, document=district.office, effective_on=later)
    with pytest.raises(Refused, match="已于 2021-01-01 撤下"):
        withdraw_nameplate(actor=ACTOR, nameplate_id=plate.pk, document=district.office, effective_on=later)
    kinds = ReorganizationEvent.objects.filter(kind="nameplate_changed").values_list("summary", flat=True)
    assert list(kinds) == ["撤下“区国资办”牌子", "加挂“区国资办”牌子"]


def test_an_abolished_unit_bears_no_new_nameplate_and_a_blank_one_is_refused(district: District):
    with pytest.raises(Refused, match="不能为空"):
        set_nameplate(
            actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY, name=" "
        )
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=date(2022, 1, 1))
    with pytest.raises(Refused, match="不能加挂牌子"):
        set_nameplate(
            actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY, name="某站"
        )


def test_an_alias_is_kept_once_and_belongs_to_one_unit(district: District):
    common: dict[str, Any] = {"actor": ACTOR, "source": "工资系统"}
    first = add_alias(organization_id=district["CZ"].pk, name="财政局", **common)
    assert add_alias(organization_id=district["CZ"].pk, name="财 政局", **common) == first
    for name in ("财政局", "示例区教育局"):
        with pytest.raises(Refused) as refusal:
            add_alias(organization_id=district["JY"].pk, name=name, **common)
        assert refusal.value.codes == ["alias.taken"]
    with pytest.raises(Refused, match="不能为空"):
        add_alias(organization_id=district["JY"].pk, name="  ", **common)


def test_a_withdrawn_alias_is_free_for_another_unit(district: District):
    alias = add_alias(actor=ACTOR, organization_id=district["CZ"].pk, name="财政局", source="工资系统")
    withdraw_alias(actor=ACTOR, alias_id=alias.pk)
    with pytest.raises(Refused, match="已停用"):
        withdraw_alias(actor=ACTOR, alias_id=alias.pk)
    add_alias(actor=ACTOR, organization_id=district["JY"].pk, name="财政局", source="工资系统")
    assert OrganizationAlias.objects.count() == 2
    assert list(chain.verify_rows()) == []


def test_a_credit_code_is_read_checked_and_belongs_to_one_unit(district: District):
    code = make_credit_code("1", "330699", 7).value
    written = set_uscc(actor=ACTOR, organization_id=district["CZ"].pk, uscc=f" {code[:8]} {code[8:].lower()}")
    assert (written.uscc, written.uscc_unverified) == (code, False)
    with pytest.raises(Refused, match="已登记在另一机构名下"):
        set_uscc(actor=ACTOR, organization_id=district["JY"].pk, uscc=code)
    assert set_uscc(actor=ACTOR, organization_id=district["CZ"].pk, uscc="").uscc == ""
    assert list(chain.verify_rows()) == []


def test_an_early_code_with_a_wrong_check_needs_confirmation_and_is_flagged(district: District):
    code = make_credit_code("1", "330699", 7).value
    wrong = code[:17] + ("A" if code[17] != "A" else "B")
    with pytest.raises(Refused, match="校验码"):
        set_uscc(actor=ACTOR, organization_id=district["CZ"].pk, uscc=wrong)
    written = set_uscc(actor=ACTOR, organization_id=district["CZ"].pk, uscc=wrong, confirmed=True)
    assert (written.uscc, written.uscc_unverified) == (wrong, True)
