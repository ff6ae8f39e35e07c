"""What the engine hears of cases: facts, relations, who sees them, what is given back."""

from dataclasses import replace

import pytest

from bianzhi.audit.actors import System
from bianzhi.matters import catalogue
from bianzhi.matters.acting import ByCase
from bianzhi.matters.declarations import CaseAct
from bianzhi.matters.flow import CaseHandler, counterpart, counterpart_headed, headed, supervising
from bianzhi.matters.models import Case
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.matters.selectors.facts import OF_EVERY_CASE, deciding_rule, facts_of
from bianzhi.workflow.services.interventions import terminate
from tests.cast import TODAY
from tests.matters.test_exit_case import resignation

MATTERS = ("P05",)


@pytest.fixture
def case(matters):
    return matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau)))


def test_the_facts_of_a_case_are_its_plain_fields_and_what_holds_of_every_case(matters, case):
    facts = facts_of(case, TODAY)
    assert set(OF_EVERY_CASE) <= set(facts)
    assert facts["exit_mode"] == "O07"
    assert facts["level"] == "office"
    assert facts["unit_type"] == "31"
    assert facts["by_office"] is False
    assert "document" not in facts
    assert case.instance is not None
    assert CaseHandler().facts(case.instance)["clock_days"] == case.version.clock_days
    assert deciding_rule(as_submitted(case, TODAY)).words == "由编办核准"


def test_relations_name_units_only_where_somebody_can_answer(matters, case):
    assert headed(case.instance) == [matters.cast.bureau.pk]
    assert list(supervising(case.instance)) == []
    teacher = matters.cast.member(matters.primary, "B5")
    school = matters.apply("P05", resignation(teacher), by=matters.school_clerk, at=matters.primary)
    assert headed(school.instance) == []
    assert supervising(school.instance) == [matters.education.pk]


def test_a_department_does_not_review_what_its_only_reviewer_applies_for(matters):
    teacher = matters.cast.member(matters.primary, "B5")
    case = matters.apply("P05", resignation(teacher), by=matters.reviewer, at=matters.primary)
    assert matters.at(case) == ["accept"]


def test_the_other_unit_answers_by_its_head_or_else_by_its_clerk(matters, case):
    Case.objects.filter(pk=case.pk).update(counterpart=matters.cast.audit_office)
    assert counterpart_headed(case.instance) == []
    assert counterpart(case.instance) == [matters.cast.audit_office.pk]
    Case.objects.filter(pk=case.pk).update(counterpart=matters.cast.bureau)
    assert counterpart_headed(case.instance) == [matters.cast.bureau.pk]
    assert list(counterpart(case.instance)) == []


def test_a_case_is_seen_by_its_units_the_office_and_who_had_a_part_in_it(matters, case):
    handler = CaseHandler()
    assert handler.url(case.pk).endswith(f"/{case.pk}/")
    for user in (matters.clerk, matters.head, matters.office_clerk):
        assert handler.visible_ids(user, [case.pk]) == {case.pk}
    for user in (matters.outsider, matters.school_clerk):
        assert handler.visible_ids(user, [case.pk]) == set()
    assert list(handler.recused(case.instance)) == []


def test_what_a_case_held_is_given_back_when_it_is_terminated(matters, case, monkeypatch):
    given_back: list[CaseAct] = []
    matter = catalogue.matter("P05")
    monkeypatch.setitem(catalogue.MATTERS, "P05", replace(matter, release=given_back.append))
    terminate(actor=matters.director, instance_id=case.instance_id, text="单位撤回材料", today=TODAY)
    assert [act.draft.case.pk for act in given_back] == [case.pk]


def test_an_act_by_a_case_is_the_deciders_and_names_the_case():
    actor = ByCase(System("某某" * 60), "P05-2026-000001")
    assert actor.pk is None
    assert actor.display_name.endswith("（P05-2026-000001）")
    assert len(actor.display_name) <= 80
    assert actor.can("rules.override")
    assert actor.sees_everything()


def test_a_matter_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        catalogue.declare(catalogue.matter("P05"))
    with pytest.raises(catalogue.UnknownMatter):
        catalogue.matter("P99")
