"""Whether somebody may write on a case now: a draft of one's own, or a case that came back to be put right."""

from datetime import date

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import Actor
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters import catalogue
from bianzhi.matters.models import Case
from bianzhi.organizations.scopes import require_organization
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.standing import may_act
from bianzhi.workflow.services.locking import lock_instance

NOT_EDITABLE = "M41"


def locked_for_writing(by: Actor, case_id: int, today: date) -> Case:
    """The case, locked, if whoever acts may write on it.

    Raises Case.DoesNotExist for no such case, Denied for somebody else's draft or without the permission, OutOfScope
    when the unit is no longer the actor's, Refused (M41) when it is discarded or others are deciding on it.
    """
    case = locked_case(case_id)
    permission = catalogue.matter(case.matter).permission
    require_organization(by, permission, case.organization_id)
    if case.discarded_at is not None:
        raise Refused([Objection(NOT_EDITABLE, "这份草稿已废弃", Severity.BLOCK, {}, "请重新申请")])
    if case.instance_id is None:
        if by.pk is not None and by.pk != case.applicant_id:
            raise Denied(permission)
        return case
    task = submit_task(case)
    if task is None:
        message = f"{case.number} 正在办理或已办结，不能修改"
        step = "需要修改的，请撤回，或由办理人退回后补正"
        raise Refused([Objection(NOT_EDITABLE, message, Severity.BLOCK, {}, step)])
    standing = may_act(by, task, today)
    if not standing.ok:
        raise Refused([Objection(NOT_EDITABLE, standing.why_not, Severity.BLOCK, {}, "请由申请人补正")])
    return case


def locked_case(case_id: int) -> Case:
    """The case with its rows locked: that of its flow first, as the engine does. Raises Case.DoesNotExist."""
    instance_id = Case.objects.values_list("instance_id", flat=True).get(pk=case_id)
    if instance_id is not None:
        lock_instance(instance_id)
    related = ("version__flow_version__definition", "applicant", "instance__version__definition", "override_document")
    return Case.objects.select_for_update(of=("self",)).select_related(*related).get(pk=case_id)


def submit_task(case: Case) -> FlowTask | None:
    """The open task of sending the case in (again); None when the case is with somebody else."""
    if case.instance is None:
        return None
    nodes = process_of(case.instance.version).nodes.values()
    rows = FlowTask.objects.select_related("instance__version__definition").filter(
        instance_id=case.instance_id, status=TaskStatus.TODO, node_id__in=[node.id for node in nodes if node.submit]
    )
    return rows.order_by("-pk").first()
