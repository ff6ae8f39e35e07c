"""What supervision has found in the walked district, and what is on show: at the clerk's own unit, and at another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.kernel.files import Upload
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.papers import issue_paper
from bianzhi.matters.services.publishing import open_publication, raise_objection
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.models import Organization
from bianzhi.supervision.models import Colour, PlanScope, PlanSubject, Problem, ProblemSource
from bianzhi.supervision.services.cards import raise_card
from bianzhi.supervision.services.inspecting import PlanOrder, draw_plan, record_inspection
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.supervision.services.rectifying import close_order, issue_order, report_rectification, verify_order
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.services.deciding import decide
from tests.small_papers import small_pdf

FOUND: Final = {
    "source": "inspection",
    "findings": [{"kind": "Q10", "severity": "minor", "facts": "信息与档案不一致"}],
    "measures": "逐项核对更正",
}


def supervise(inspector: User, own: Organization, other: Organization, today: date) -> None:
    """A plan over every unit; at each of the two a check with a problem, one waiting, and one 销号."""
    plan = draw_plan(
        actor=inspector,
        today=today,
        order=PlanOrder(
            title="年度核查",
            basis="机构编制监督检查工作办法",
            subject=PlanSubject.UNITS,
            scope=PlanScope.ALL,
            starts_on=today,
            ends_on=today + timedelta(days=30),
        ),
    )
    for unit in (own, other):
        record_inspection(
            actor=inspector,
            today=today,
            inspection_id=plan.inspections.get(organization=unit).pk,
            text="抽查核对",
            findings=(Finding("Q10", "信息与档案不一致"),),
        )
        _settled(inspector, _found(inspector, unit, today), today)
        _found(inspector, unit, today)


def _found(inspector: User, unit: Organization, today: date) -> Problem:
    return open_problem(
        actor=inspector,
        today=today,
        organization_id=unit.pk,
        finding=Finding("Q11", "台账依据不全", locks_unit=False),
        source=ProblemSource.WARNING,
    )


def _settled(inspector: User, problem: Problem, today: date) -> None:
    """Ordered, reported, verified and closed."""
    order = issue_order(actor=inspector, today=today, problem_ids=[problem.pk], measures="补齐文件").order
    report_rectification(actor=inspector, today=today, order_id=order.pk, text="已补齐")
    verify_order(actor=inspector, today=today, order_id=order.pk, passed=True, text="属实")
    close_order(actor=inspector, today=today, order_id=order.pk, text="同意销号")


def sign_by_hand(inspector: User, director: User, units: Sequence[Organization], today: date) -> None:
    """A case of each unit that the director does not agree to, with a sheet of paper."""
    for unit in units:
        form = {**FOUND, "found_on": today.isoformat()}
        case = begin_case(actor=inspector, matter="P13", organization_id=unit.pk, form=form, today=today)
        case = submit_case(actor=inspector, case_id=case.pk, today=today).case
        task = FlowTask.objects.get(instance=case.instance, status=TaskStatus.TODO)
        paper = Upload("签批.pdf", small_pdf("签批"))
        decide(actor=director, task_id=task.pk, verdict="disagree", text="见签批件", today=today, paper=paper)


def show_cases(inspector: User, own: Organization, other: Organization, today: date) -> None:
    """A case of 督查整改 at each of the two: late, on show, and objected to."""
    for unit in (own, other):
        form = {**FOUND, "found_on": today.isoformat()}
        case = begin_case(actor=inspector, matter="P13", organization_id=unit.pk, form=form, today=today)
        attach(actor=inspector, case_id=case.pk, name="核查记录.pdf", data=small_pdf("核查记录"), today=today)
        case = submit_case(actor=inspector, case_id=case.pk, today=today).case
        content = {"lines": [["事项", case.title]], "head": [], "rows": [], "closing": ""}
        issue_paper(
            actor=inspector, case_id=case.pk, kind="note", title="核查通知", word="编查", content=content, today=today
        )
        task = FlowTask.objects.get(instance_id=case.instance_id, status=TaskStatus.TODO)
        raise_card(actor=System("督办"), today=today, task_id=task.pk, colour=Colour.YELLOW)
        publication = open_publication(
            actor=inspector, case_id=case.pk, lines=[["事项", case.title]], days=5, today=today
        )
        raise_objection(
            actor=inspector,
            publication_id=publication.pk,
            raised_by="某群众",
            contact="0575-82200000",
            text="整改不到位",
            today=today,
        )
