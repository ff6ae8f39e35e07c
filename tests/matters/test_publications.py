"""公示 of a case: its days, objections that stop them, and what becomes of the case when one holds (P14)."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bianzhi.audit.actors import System
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters import definitions
from bianzhi.matters.models import Case, Publication, PublicationObjection, PublicationState
from bianzhi.matters.rules.publications import lines_of, objections_to_content
from bianzhi.matters.selectors.versions import current_version
from bianzhi.matters.services.configuring import MatterSettings, publish_matter, save_matter_draft
from bianzhi.matters.services.publishing import (
    close_publication,
    follow_clock,
    open_publication,
    raise_objection,
    reject_objection,
    uphold_objection,
    withdraw_publication,
)
from bianzhi.personnel.models import Occupancy
from bianzhi.workflow import registries
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import InstanceStatus
from bianzhi.workflow.services.interventions import resume, suspend
from bianzhi.workflow.services.recalling import recall
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.cast import TODAY
from tests.matters.people import People

LAST = date(2026, 3, 9)
"""Five working days after TODAY, a Monday."""
NEXT = date(2026, 3, 10)
REPLY = {
    "doc_no": "虞财〔2026〕8号", "title": "关于同意辞职的批复", "issuer": "测试区财政局", "issuer_level": "other",
    "kind": "other", "issued_on": "2026-03-02",
}  # fmt: skip


def set_matter(matter: str, **changes: Any) -> None:
    """A new version of a matter."""
    version = current_version(matter)
    assert version is not None
    settings = replace(MatterSettings.of(version), **changes)
    actor = System("测试")
    publish_matter(actor=actor, version_id=save_matter_draft(actor=actor, matter=matter, settings=settings).pk)


@pytest.fixture
def published(matters: People) -> Case:
    """An exit that was decided and is on show for five working days."""
    set_matter("P05", publication_days=5, sampling_percent=0)
    return decided(matters)


def decided(people: People) -> Case:
    stay = people.cast.member(people.cast.bureau, facts=people.cast.facts("陈公示"))
    form = {
        "person": stay.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "destination": "企业",
        "document": REPLY,
    }  # fmt: skip
    case = people.apply("P05", form)
    return people.pass_on(case, people.head, people.office_clerk, people.deputy, people.director)


def of(case: Case) -> Publication:
    return Publication.objects.get(case=case)


def object_to(people: People, case: Case, *, today: date = TODAY) -> PublicationObjection:
    return raise_objection(
        actor=people.supervision, publication_id=of(case).pk, raised_by="李群众", contact="0575-82200000",
        text="辞职手续未办结", today=today,
    )  # fmt: skip


def test_a_decided_case_is_published_for_its_days_and_goes_on_after_them(matters, published):
    publication = of(published)
    assert publication.number == "公示〔2026〕0001号"
    assert (publication.state, publication.opened_on, publication.closes_on) == (PublicationState.OPEN, TODAY, LAST)
    assert publication.lines == [["申请单位", "测试区财政局"], ["事项", published.title]]
    assert matters.at(published) == []
    run_clocks(LAST)
    assert of(published).state == PublicationState.OPEN
    run_clocks(NEXT)
    assert of(published).state == PublicationState.CLOSED
    assert matters.at(published) == ["feedback"]
    assert findings(["audit.rows"]) == []


def test_while_an_objection_is_open_no_day_counts(matters, published):
    objection = object_to(matters, published, today=date(2026, 3, 4))
    assert of(published).state == PublicationState.SUSPENDED
    run_clocks(date(2026, 3, 16))
    assert of(published).state == PublicationState.SUSPENDED
    reject_objection(
        actor=matters.supervision, objection_id=objection.pk, answer="手续齐全，异议不成立", today=date(2026, 3, 11)
    )
    publication = of(published)
    assert publication.state == PublicationState.OPEN
    assert publication.closes_on > LAST
    run_clocks(LAST.replace(day=13))
    assert of(published).state == PublicationState.OPEN
    run_clocks(publication.closes_on)
    assert of(published).state == PublicationState.OPEN
    run_clocks(date(2026, 3, 20))
    assert of(published).state == PublicationState.CLOSED
    assert findings(["audit.rows"]) == []


def test_the_days_run_on_only_when_every_objection_is_answered(matters, published):
    first, second = object_to(matters, published), object_to(matters, published)
    reject_objection(actor=matters.supervision, objection_id=first.pk, answer="不属实", today=TODAY)
    assert of(published).state == PublicationState.SUSPENDED
    with pytest.raises(Refused, match="已经处理"):
        reject_objection(actor=matters.supervision, objection_id=first.pk, answer="不属实", today=TODAY)
    with pytest.raises(Refused, match="还有异议"):
        close_publication(actor=matters.office_clerk, case_id=published.pk)
    reject_objection(actor=matters.supervision, objection_id=second.pk, answer="不属实", today=TODAY)
    assert of(published).state == PublicationState.OPEN


def test_the_last_day_follows_a_case_that_stood_still(matters, published):
    suspend(actor=matters.director, instance_id=published.instance_id, text="待上级答复", today=date(2026, 3, 4))
    resume(actor=matters.director, instance_id=published.instance_id, text="已答复", today=date(2026, 3, 6))
    assert of(published).closes_on == date(2026, 3, 11)
    run_clocks(date(2026, 3, 11))
    assert of(published).state == PublicationState.OPEN
    run_clocks(date(2026, 3, 12))
    assert of(published).state == PublicationState.CLOSED
    assert findings(["audit.rows"]) == []


def test_days_under_objection_do_not_count_though_the_case_stood_still_meanwhile(matters, published):
    objection = object_to(matters, published, today=date(2026, 3, 4))
    suspend(actor=matters.director, instance_id=published.instance_id, text="待上级答复", today=date(2026, 3, 5))
    resume(actor=matters.director, instance_id=published.instance_id, text="已答复", today=date(2026, 3, 6))
    run_clocks(date(2026, 3, 20))
    reject_objection(actor=matters.supervision, objection_id=objection.pk, answer="不属实", today=date(2026, 3, 20))
    publication = of(published)
    assert (publication.state, publication.closes_on) == (PublicationState.OPEN, date(2026, 3, 25))
    assert findings(["audit.rows"]) == []


def test_an_objection_answered_while_the_case_stands_still_lets_the_days_run_on_with_it(matters, published):
    suspend(actor=matters.director, instance_id=published.instance_id, text="待上级答复", today=date(2026, 3, 4))
    objection = object_to(matters, published, today=date(2026, 3, 5))
    reject_objection(actor=matters.supervision, objection_id=objection.pk, answer="不属实", today=date(2026, 3, 6))
    resume(actor=matters.director, instance_id=published.instance_id, text="已答复", today=date(2026, 3, 9))
    publication = of(published)
    assert (publication.state, publication.closes_on) == (PublicationState.OPEN, date(2026, 3, 12))


def test_the_last_day_follows_the_own_timer_alone_and_whoever_manages_publications(matters, published):
    with pytest.raises(PermissionDenied):
        follow_clock(actor=matters.clerk, case_id=published.pk, node_id="publicity", closes_on=NEXT)
    assert follow_clock(actor=matters.supervision, case_id=published.pk, node_id="elsewhere", closes_on=NEXT) is None
    assert of(published).closes_on == LAST


def test_an_objection_says_who_and_what_and_comes_in_time(matters, published):
    facts: dict[str, Any] = {"publication_id": of(published).pk, "contact": "", "today": TODAY}
    with pytest.raises(Refused) as refused:
        raise_objection(actor=matters.supervision, raised_by="", text=" ", **facts)
    assert refused.value.codes == ["D2", "D2"]
    run_clocks(NEXT)
    with pytest.raises(Refused, match="不再受理异议"):
        raise_objection(actor=matters.supervision, raised_by="李群众", text="晚了", **facts)


def test_only_the_office_registers_and_answers(matters, published):
    facts: dict[str, Any] = {"publication_id": of(published).pk, "contact": "", "today": TODAY}
    facts |= {"raised_by": "甲", "text": "乙"}
    for user in (matters.clerk, matters.head, matters.outsider):
        with pytest.raises(PermissionDenied):
            raise_objection(actor=user, **facts)
    objection = raise_objection(actor=matters.office_clerk, **facts)
    with pytest.raises(PermissionDenied):
        reject_objection(actor=matters.clerk, objection_id=objection.pk, answer="不成立", today=TODAY)
    with pytest.raises(PermissionDenied):
        uphold_objection(
            actor=matters.office_clerk, objection_id=objection.pk, answer="成立", consequence="stop", today=TODAY
        )


def test_an_objection_that_holds_ends_the_case(matters, published):
    objection = object_to(matters, published)
    uphold_objection(
        actor=matters.director, objection_id=objection.pk, answer="经核实手续不全", consequence="stop", today=TODAY
    )
    assert of(published).state == PublicationState.WITHDRAWN
    published.instance.refresh_from_db()
    assert published.instance.status == InstanceStatus.TERMINATED
    last = published.instance.opinions.filter(action="terminate").get()
    assert "公示异议成立：经核实手续不全" in last.text
    run_clocks(NEXT)
    assert of(published).state == PublicationState.WITHDRAWN
    assert findings(["audit.rows"]) == []


def test_an_objection_that_holds_sends_the_case_back_and_its_effect_is_reversed(matters, published):
    stay = Occupancy.objects.get(person__name="陈公示")
    assert stay.valid_to is not None
    objection = object_to(matters, published)
    uphold_objection(
        actor=matters.director, objection_id=objection.pk, answer="手续不全", consequence="return", today=TODAY
    )
    assert matters.at(published) == ["apply"]
    assert of(published).state == PublicationState.WITHDRAWN
    assert Occupancy.objects.current().filter(person__name="陈公示", valid_to__isnull=True).exists()
    assert findings(["audit.rows"]) == []


class Irreversible:
    """A command whose effect stands."""

    label = "不可撤销的办理"


def test_a_case_whose_effect_cannot_be_undone_is_not_returned(matters, published, monkeypatch):
    monkeypatch.setitem(registries._commands, "p05.delist", Irreversible())
    objection = object_to(matters, published)
    with pytest.raises(Refused) as refused:
        uphold_objection(
            actor=matters.director, objection_id=objection.pk, answer="手续不全", consequence="return", today=TODAY
        )
    assert refused.value.codes == ["L7"]
    assert of(published).state == PublicationState.SUSPENDED
    assert PublicationObjection.objects.get(pk=objection.pk).answered_at is None


def test_what_to_do_with_the_case_is_chosen(matters, published):
    objection = object_to(matters, published)
    with pytest.raises(Refused, match="未选择对办件的处理"):
        uphold_objection(actor=matters.director, objection_id=objection.pk, answer="成立", consequence="", today=TODAY)


def test_a_case_taken_back_by_its_applicant_is_taken_down(matters, published):
    withdraw_case(actor=matters.clerk, instance_id=published.instance_id, text="申请人撤回", today=TODAY)
    assert of(published).state == PublicationState.WITHDRAWN


def test_a_case_that_does_not_wait_is_not_recalled(matters, published):
    run_clocks(NEXT)
    with pytest.raises(Refused, match="不在等待期内"):
        recall(actor=matters.director, instance_id=published.instance_id, text="退回", today=NEXT)
    with pytest.raises(PermissionDenied):
        recall(actor=matters.clerk, instance_id=published.instance_id, text="退回", today=NEXT)


def test_no_id_number_and_no_telephone_is_published(matters, published):
    withdraw_publication(actor=matters.office_clerk, case_id=published.pk, reason="重新公示")
    for line in (["身份证", "330699199001011237"], ["联系电话", "13900001234"]):
        with pytest.raises(Refused) as refused:
            open_publication(actor=matters.office_clerk, case_id=published.pk, lines=[line], days=5, today=TODAY)
        assert refused.value.codes == ["P14"]
    with pytest.raises(Refused, match="不少于 1 个工作日"):
        open_publication(actor=matters.office_clerk, case_id=published.pk, lines=[], days=0, today=TODAY)
    open_publication(actor=matters.office_clerk, case_id=published.pk, lines=[["姓名", "陈公示"]], days=5, today=TODAY)
    with pytest.raises(Refused, match="已在公示"):
        open_publication(actor=matters.office_clerk, case_id=published.pk, lines=[], days=5, today=TODAY)
    assert withdraw_publication(actor=matters.office_clerk, case_id=published.pk, reason="撤下") is not None
    assert withdraw_publication(actor=matters.office_clerk, case_id=published.pk, reason="再撤") is None
    assert close_publication(actor=matters.office_clerk, case_id=published.pk) is None


def test_the_rows_of_a_table_become_lines():
    lines = lines_of([("事项", "设立"), ("备注", " ")], ["单位", "编制"], [["甲", "3"], ["乙", ""]])
    assert lines == [["事项", "设立"], ["第 1 项", "单位 甲，编制 3"], ["第 2 项", "单位 乙"]]
    assert objections_to_content(lines) == []


def test_a_matter_without_days_is_not_published(matters):
    set_matter("P05", publication_days=0, sampling_percent=0)
    case = decided(matters)
    assert not Publication.objects.exists()
    assert matters.at(case) == ["feedback"]


def test_the_guide_says_which_effects_nothing_undoes():
    irreversible = {
        matter.code
        for matter in definitions.ALL
        if any(not hasattr(command, "compensate") for command in matter.commands.values())
    }
    assert irreversible == {"P06", "P13", *(f"P07-{number}" for number in range(1, 8))}
    guide = (Path(__file__).parents[2] / "docs/howto/公示.md").read_text("utf-8")
    for words in ("P06 领导职数使用核准 | 核准能，登记任职不能", "P07-1 至 P07-7", "P13 及各事项的督查"):
        assert words in guide
