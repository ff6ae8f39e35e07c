"""What the tests of the staffing matters share: papers, the office's three steps, the end of a case, a step back."""

from __future__ import annotations

from datetime import date
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.common.integrity import findings
from bianzhi.matters.models import Case, IssuedPaper, MatterVersion
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.workflow.models import CommandExecution, InstanceStatus
from bianzhi.workflow.services.returning import return_task
from tests.cast import PERSONNEL_CHECKS, TODAY
from tests.matters.people import People

PROOFS = ("audit.chain", "matters.effects", "matters.papers", "matters.holds", "workflow.cases")
"""What `./bianzhi check` proves of a case that has ended, besides the register's own."""


def paper(doc_no: str = "虞财〔2026〕8号", **other: str) -> dict[str, str]:
    """A document as a form holds it."""
    return {
        "doc_no": doc_no,
        "title": "关于人员事项的通知",
        "issuer": "测试区财政局",
        "issuer_level": "other",
        "kind": "notice",
        "issued_on": "2026-03-02",
        **other,
    }


def reply_paper(level: str = "office", doc_no: str = "虞编办〔2026〕3号") -> dict[str, str]:
    """The paper the office (or the commission) answers with."""
    issuer = {"office": "区委编办", "commission": "区委编委"}[level]
    return paper(doc_no, issuer=issuer, issuer_level=level, kind="reply", title="关于编制事项的批复")


def accepted(people: People, case: Case, *, today: date = TODAY) -> Case:
    """The unit's head and the office's clerk agree: the case is accepted."""
    return people.pass_on(case, people.head, people.office_clerk, today=today)


def ratified(people: People, case: Case, *, today: date = TODAY) -> Case:
    """Review and ratification."""
    return people.pass_on(case, people.deputy, people.director, today=today)


def finished(people: People, case: Case, *, by: User | None = None, today: date = TODAY) -> Case:
    """The applicant's word at the end; the case is closed."""
    give_feedback(actor=by or people.clerk, case_id=case.pk, score=5, today=today)
    case.refresh_from_db()
    assert case.instance is not None
    assert case.instance.status == InstanceStatus.COMPLETED
    assert list(findings([*PERSONNEL_CHECKS, *PROOFS])) == []
    return case


def sent_back(people: People, case: Case, user: User, to_node: str, *, today: date = TODAY, **more: Any) -> Case:
    """退回 by the user's open task."""
    task = people.task(case, user, today)
    return_task(actor=user, task_id=task.pk, to_node=to_node, way="step", text="请补正", today=today, **more)
    case.refresh_from_db()
    return case


def always_supervised(matter: str) -> None:
    """Every case of the matter goes to 督查 from now on, without 公示 before it."""
    MatterVersion.objects.filter(matter=matter).update(sampling_percent=100, publication_days=0)


def without_publication(matter: str) -> None:
    """No 公示 and no 督查: the case ends with its papers."""
    MatterVersion.objects.filter(matter=matter).update(sampling_percent=0, publication_days=0)


def done(case: Case) -> list[str]:
    """Commands the case has run and not taken back."""
    rows = CommandExecution.objects.filter(instance_id=case.instance_id, compensated_at__isnull=True)
    return list(rows.order_by("pk").values_list("command", flat=True))


def the_paper(case: Case) -> IssuedPaper:
    """The one paper of a case that is not revoked."""
    return IssuedPaper.objects.get(case=case, revoked_at__isnull=True)


def use_of(organization: Any, quota_type: str = "A1", day: date = TODAY) -> QuotaUse:
    """核定、实有、预占."""
    return quota_use([organization.pk], day).get((organization.pk, quota_type), QuotaUse())


def result_of(case: Case, command: str) -> dict[str, Any]:
    """What a command of the case has done."""
    rows = CommandExecution.objects.filter(instance_id=case.instance_id, command=command, compensated_at__isnull=True)
    return dict(rows.get().result)
