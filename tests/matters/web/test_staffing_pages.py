"""The pages of the staffing matters: every form opens, what cannot be typed is chosen, old stands beside new."""

import pytest
from django.urls import reverse

from bianzhi.matters.catalogue import MATTERS as DECLARED
from bianzhi.matters.selectors.versions import applicant_specs
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items
from tests.cast import TODAY
from tests.matters.staffing import accepted, paper
from tests.matters.web.conftest import form_url, page_url, text_of

MATTERS = ("P01", "P02", "P03", "P04", "P05", "P06", "P11", "P12", "P19")


@pytest.mark.parametrize("code", MATTERS)
def test_every_form_opens_with_its_fields_and_says_how_the_case_will_go(matters, at_desk, code):
    client = at_desk(matters.clerk)
    case = matters.draft(code, {}, papers=False)
    page = text_of(client.get(form_url(case)))
    for spec in applicant_specs(case.version):
        assert spec.label in page, spec.name
    guide = text_of(client.get(reverse("matters:guide", args=[code])))
    assert DECLARED[code].summary in guide


def test_an_item_of_the_plan_is_chosen_from_those_with_something_left(matters, at_desk):
    items = [
        PlanItemFacts(organization_id=matters.cast.bureau.pk, unit_name="财政局", headcount=2, post_name="科员"),
        PlanItemFacts(organization_id=matters.cast.school.pk, unit_name="一小", headcount=2, post_name="教师"),
    ]
    facts = PlanFacts(title="2026年度用编计划", year=2026, source_digest="d" * 64)
    plan = create_plan_with_items(actor=matters.cast.office, today=TODAY, plan=facts, items=items)
    item = plan.items.get(organization=matters.cast.bureau)
    client = at_desk(matters.clerk)
    row = {"quota_type": "A1", "entry_mode": "I01", "count": 1}
    case = matters.draft("P02", {"items": [row], "plan_item": item.pk, "reason": "补充力量"})
    page = text_of(client.get(form_url(case)))
    assert "财政局 科员（计划 2 名，结余 2 名）" in page
    assert "教师" not in page
    sent_in = matters.apply("P02", {"items": [row], "plan_item": item.pk, "reason": "补充力量"})
    assert "2026年度用编计划 财政局 科员" in text_of(client.get(page_url(sent_in)))


def test_what_the_register_says_stands_beside_what_is_asked(matters, at_desk):
    member = matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("陈小明"))
    form = {"person": member.person_id, "new_name": "陈晓明", "reason": "户籍更名", "document": paper()}
    case = accepted(matters, matters.apply("P11", form))
    page = text_of(at_desk(matters.deputy).get(page_url(case)))
    assert "陈小明" in page
    assert "陈晓明" in page


def test_a_number_typed_into_a_case_is_shown_masked(matters, at_desk):
    slot = matters.cast.approve(matters.cast.bureau).slots[0]
    facts = matters.cast.facts("王新来")
    form = {
        "entry_mode": "I01",
        "slot": slot.pk,
        "name": facts.name,
        "id_number": facts.id_number,
        "identity": "civil_servant",
        "started_work_on": "2015-08-01",
        "arrived_on": "2026-03-02",
        "document": paper(),
    }
    case = matters.apply("P03", form)
    page = text_of(at_desk(matters.head).get(page_url(case)))
    assert facts.id_number not in page
    assert slot.number in page
