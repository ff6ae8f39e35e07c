"""What the conditions and clocks of a case's flow read."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel import clock
from bianzhi.matters import catalogue
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.models import Case
from bianzhi.matters.rules.approvers import ApproverRule, approvers_from_json, who_decides
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.supervision.rules.sampling import is_sampled
from bianzhi.workflow.rules.conditions import holds

OF_EVERY_CASE: Final[Mapping[str, str]] = {
    "level": "审批层级（office、commission、government、upper）",
    "needs_upper": "须报上级机构编制部门",
    "publication_days": "公示期（工作日）",
    "clock_days": "办理时限（工作日）",
    "sampled": "抽中督查",
    "unit_type": "申请单位机构类别",
    "by_office": "由编办代为申请",
    "is_overriden": "有放行的规则",
}
"""Facts a flow may ask of any case, with what they mean."""


def facts_of(case: Case, day: date | None = None) -> dict[str, Any]:
    """The facts of a case on a day: its plain fields, its matter's own facts, and those of every case."""
    today = day or clock.today()
    draft = as_submitted(case, today)
    own = form_facts(draft)
    rule = who_decides(approvers_from_json(case.version.approvers), own, holds)
    return {
        **own,
        "level": rule.level,
        "needs_upper": rule.level == "upper",
        "publication_days": case.version.publication_days,
        "clock_days": case.version.clock_days,
        "sampled": is_sampled(case.number or str(case.pk), case.version.sampling_percent),
        "unit_type": _unit_type(case.organization_id, today),
        "by_office": case.applicant.sees_everything(),
        "is_overriden": bool(case.override_codes),
    }


def deciding_rule(draft: CaseDraft) -> ApproverRule:
    """Which row of the approver matrix decides a case, for the page that says who will."""
    return who_decides(approvers_from_json(draft.case.version.approvers), form_facts(draft), holds)


def form_facts(draft: CaseDraft) -> dict[str, Any]:
    """The plain values of a form (tables as their number of rows), and what the matter makes of them."""
    plain: dict[str, Any] = {
        name: len(value) if isinstance(value, list) else value
        for name, value in draft.form.items()
        if isinstance(value, str | int | bool | list)
    }
    return {**plain, **catalogue.matter(draft.case.matter).facts_of(draft)}


def _unit_type(organization_id: int, day: date) -> str:
    rows = OrganizationVersion.objects.as_of(day).filter(organization_id=organization_id)
    return rows.values_list("org_type", flat=True).first() or ""
