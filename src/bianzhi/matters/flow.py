"""What the engine asks of cases, and the units a seat of a flow may mean."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from bianzhi.accounts.models import RoleGrant
from bianzhi.audit.actors import Actor
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters import catalogue
from bianzhi.matters.acting import ByCase
from bianzhi.matters.declarations import CaseAct
from bianzhi.matters.models import Case
from bianzhi.matters.rules.cleaning import is_blank
from bianzhi.matters.rules.fields import specs_from_json
from bianzhi.matters.selectors.drafts import as_submitted, attachments_of, earlier_results, newest_submission
from bianzhi.matters.selectors.facts import facts_of
from bianzhi.matters.selectors.versions import required_at
from bianzhi.matters.services.publishing import follow_clock, withdraw_publication
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.workflow.models import InstanceStatus

if TYPE_CHECKING:
    from bianzhi.workflow.models import FlowInstance, FlowTask

NOT_SENT_IN: Final = "M14"


class CaseHandler:
    """Answers the engine for cases."""

    def facts(self, instance: "FlowInstance") -> Mapping[str, Any]:
        """What the case's conditions and clocks read."""
        return facts_of(case_of(instance))

    def recused(self, instance: "FlowInstance") -> Collection[int]:
        """Nobody besides the initiator: accounts are not tied to persons, and who is concerned asks for 回避."""
        return ()

    def before_decision(self, task: "FlowTask", action: str, *, actor: Actor, today: date) -> Sequence[Objection]:
        """A step's own fields are filled before it is agreed to; what is submitted was sent in as it stands."""
        case = case_of(task.instance)
        if action == "submit":
            return _objections_to_submitting(case)
        if action != "agree":
            return []
        labels = {spec.name: spec.label for spec in specs_from_json(case.version.fields)}
        form = as_submitted(case, today).form
        wanted = required_at(task)
        blank = [labels.get(name, name) for name in wanted if is_blank(form.get(name))]
        if not blank:
            return []
        message = f"“{task.node_name}”环节未填写：{'、'.join(blank)}"
        return [Objection("M01", message, Severity.BLOCK, {"未填": len(blank)}, "请补充后再表态")]

    def on_ended(self, instance: "FlowInstance", *, actor: Actor, today: date) -> None:
        """What a case held is given back, and its 公示 taken down, when it ends in any way but being completed."""
        if instance.status == InstanceStatus.COMPLETED:
            return
        case = case_of(instance)
        by = ByCase(actor, case.number or "草稿")
        withdraw_publication(actor=by, case_id=case.pk, reason=f"办件{instance.get_status_display()}")
        release = catalogue.matter(case.matter).release
        if release is not None:
            release(CaseAct(by, today, as_submitted(case, today), earlier_results(case)))

    def on_wait_moved(self, instance: "FlowInstance", node_id: str, due_on: date, *, actor: Actor) -> None:
        """The last day of a 公示 is that of the timer which counts its days."""
        case = case_of(instance)
        by = ByCase(actor, case.number or "草稿")
        follow_clock(actor=by, case_id=case.pk, node_id=node_id, closes_on=due_on)

    def url(self, subject_id: int) -> str:
        """The page of the case."""
        return reverse("matters:case", args=[subject_id])

    def visible_ids(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        """Cases within the user's scope, and those one has or had a task in."""
        rows = Case.objects.visible_to(user).filter(pk__in=subject_ids)
        return set(rows.values_list("pk", flat=True))


def _objections_to_submitting(case: Case) -> list[Objection]:
    """The form and the files are those of the newest submission: nobody submits past the checks of sending in."""
    submission = newest_submission(case)
    files = {row.sha256 for row in attachments_of(case)}
    if submission and submission.form == case.form and {each["sha256"] for each in submission.attachments} == files:
        return []
    message = "申请内容已修改，尚未重新提交"
    return [Objection(NOT_SENT_IN, message, Severity.BLOCK, {}, "请在办件页面点“提交”")]


def case_of(instance: "FlowInstance") -> Case:
    """The case of a flow instance."""
    return Case.objects.select_related("version__flow_version__definition", "applicant").get(pk=instance.subject_id)


# --- relations -----------------------------------------------------------------------------------------------------


def supervising(instance: "FlowInstance") -> Sequence[int]:
    """主管部门: the department that supervises the unit, where somebody besides the applicant reviews for it.

    Nobody when the office applies for the unit, or the applicant is the department's only reviewer (R25).
    """
    case = case_of(instance)
    if case.applicant.sees_everything():
        return ()
    row = OrganizationVersion.objects.as_of(clock.today()).filter(organization_id=case.organization_id)
    department = row.values_list("supervising_department_id", flat=True).first()
    return _where_held("supervising_reviewer", [department], case)


def headed(instance: "FlowInstance") -> Sequence[int]:
    """本单位 where it has a 负责人 with an account; nobody when the office applies for the unit."""
    case = case_of(instance)
    if case.applicant.sees_everything():
        return ()
    return _where_held("unit_head", [case.organization_id], case)


def counterpart_headed(instance: "FlowInstance") -> Sequence[int]:
    """对方单位 where it has a 负责人 with an account."""
    case = case_of(instance)
    return _where_held("unit_head", [case.counterpart_id], case)


def counterpart(instance: "FlowInstance") -> Sequence[int]:
    """对方单位 whose 经办 answers for it because it has no 负责人 with an account."""
    case = case_of(instance)
    return () if counterpart_headed(instance) else _where_held("unit_clerk", [case.counterpart_id], case)


RELATIONS: Final = {
    "supervising": ("主管部门", supervising),
    "headed": ("本单位（有负责人账号）", headed),
    "counterpart_headed": ("对方单位（有负责人账号）", counterpart_headed),
    "counterpart": ("对方单位（无负责人账号）", counterpart),
}


def _where_held(role: str, unit_ids: Sequence[int | None], case: Case) -> list[int]:
    """Those of the units over which somebody active besides the applicant holds the role directly."""
    wanted = [pk for pk in unit_ids if pk is not None]
    held = RoleGrant.objects.filter(
        role=role, organization_id__in=wanted, revoked_at__isnull=True, user__is_active=True
    ).exclude(user_id=case.applicant_id)
    found = set(held.values_list("organization_id", flat=True))
    return [pk for pk in wanted if pk in found]
