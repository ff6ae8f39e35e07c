"""办事大厅: what may be applied for, and where one's own applications stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.kernel.objections import Objection
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.declarations import Matter
from bianzhi.matters.models import Case, MatterVersion
from bianzhi.matters.rules.approvers import approvers_from_json
from bianzhi.matters.rules.evidence import evidence_from_json
from bianzhi.matters.selectors.offered import current_versions
from bianzhi.matters.web.links import application_url, case_url
from bianzhi.matters.web.locking import only_unit
from bianzhi.organizations.selectors.units import names_on
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.workflow.models import FlowTask, TaskKind, TaskStatus
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.standing import tasks_of
from bianzhi.workflow.web.dressing import dress_cases

SHOWN: Final = 6
AGAIN: Final = "修改重报"


@dataclass(frozen=True, slots=True)
class Offer:
    """A matter the user may apply for."""

    matter: Matter
    version: MatterVersion
    is_locked: bool

    @property
    def papers(self) -> str:
        """What to bring, in a line."""
        found = evidence_from_json(self.version.evidence)
        always = [paper.label for paper in found if paper.required and paper.only is None]
        if not always and found:
            return "按办理情形提供，打开后可查看清单"
        return "、".join(always) + (
            "；另按办理情形提供" if len(always) < sum(paper.required for paper in found) else ""
        )

    @property
    def deciders(self) -> str:
        """Who decides, in a line."""
        return "；".join(rule.words for rule in approvers_from_json(self.version.approvers))


@page("matters.apply")
@require_safe
def hall(request: PageRequest) -> HttpResponse:
    """The matters in their groups, the user's drafts and cases above them."""
    unit = only_unit(request)
    locks: Sequence[Objection] = locks_on(unit, request.today) if unit is not None else ()
    names = names_on([unit], request.today) if unit is not None else {}
    context = {
        "groups": _groups(request, locked=bool(locks)),
        "locks": locks,
        "unit_name": names.get(unit or 0, ""),
        "drafts": drafts_of(request),
        "mine": _mine(request),
    }
    return render(request, "matters/hall.html", context)


def _groups(request: PageRequest, *, locked: bool) -> list[tuple[str, list[Offer]]]:
    versions = current_versions()
    groups: dict[str, list[Offer]] = {}
    for matter in sorted(MATTERS.values(), key=lambda each: each.code):
        if matter.code in versions and request.user.can(matter.permission):
            offer = Offer(matter, versions[matter.code], locked and matter.lockable)
            groups.setdefault(matter.group, []).append(offer)
    return list(groups.items())


def drafts_of(request: PageRequest, matter: str = "") -> list[Any]:
    """The user's own drafts, the newest first."""
    rows = Case.objects.filter(applicant=request.user, instance__isnull=True, discarded_at__isnull=True)
    if matter:
        rows = rows.filter(matter=matter)
    found: list[Any] = list(rows.order_by("-saved_at")[:SHOWN])
    names = names_on([case.organization_id for case in found], request.today) if found else {}
    for case in found:
        case.matter_title = MATTERS[case.matter].title
        case.unit_name = names.get(case.organization_id, "")
    return found


def _mine(request: PageRequest) -> list[Any]:
    rows = Case.objects.filter(applicant=request.user, instance__isnull=False)
    found: list[Any] = list(rows.select_related("instance__version__definition").order_by("-submitted_at")[:SHOWN])
    if not found:
        return []
    dressed = {row.pk: row for row in dress_cases([case.instance for case in found], request.today)}
    waiting = _waiting_for(request, found)
    for case in found:
        flow, task = dressed[case.instance_id], waiting.get(case.instance_id)
        case.needs_me = task is not None
        case.state_word = "待您办理" if task is not None else case.instance.get_status_display()
        case.where_words = f"正在“{flow.steps}”（{flow.holders}）" if flow.steps else ""
        if task is not None:
            case.act_url, case.act_label = _act(case, task)
            if case.act_label == AGAIN:
                case.state_word, case.where_words = "退回", "已退回，请按意见修改后重报"
    return found


def _waiting_for(request: PageRequest, cases: list[Any]) -> dict[int, FlowTask]:
    rows = FlowTask.objects.filter(
        tasks_of(request.user, request.today),
        instance__in=[case.instance_id for case in cases],
        status=TaskStatus.TODO,
    ).exclude(kind=TaskKind.COPY)
    return {task.instance_id: task for task in rows.order_by("-pk")}


def _act(case: Any, task: FlowTask) -> tuple[str, str]:
    """Where the user does what the case waits for, and how the button is called."""
    node = process_of(case.instance.version).node(task.node_id)
    if node.submit:
        return application_url(case), AGAIN
    if node.stage == "反馈":
        return f"{case_url(case)}#feedback", "去评价"
    return case_url(case), "去办理"


def hall_url() -> str:
    """The hall."""
    return reverse("matters:hall")
