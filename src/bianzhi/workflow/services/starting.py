"""发起: a case begins on the newest published version of its flow, or on a version given."""

from datetime import date

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, FlowVersion, OpinionAction, VersionStatus
from bianzhi.workflow.selectors.definitions import current
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.moving import begin


@unit_of_work
def start(
    *,
    actor: Actor,
    key: str = "",
    version_id: int | None = None,
    subject_kind: str,
    subject_id: int,
    title: str,
    initiator_id: int,
    unit_id: int | None,
    today: date,
) -> FlowInstance:
    """Begin a case and let it run to its first steps. Who may begin which matter is the caller's to ask.

    Raises Refused when the flow has no published version.
    """
    instance = FlowInstance.objects.create(
        version=_version(key, version_id),
        subject_kind=subject_kind,
        subject_id=subject_id,
        title=title[:200],
        initiator=User.objects.get(pk=initiator_id),
        unit_id=unit_id,
    )
    act = CaseAct.on(instance, actor=actor, today=today)
    act.opine(OpinionAction.START)
    begin(act)
    act.finish("workflow.started", version=instance.version.number, flow=instance.version.definition.key)
    return instance


def _version(key: str, version_id: int | None) -> FlowVersion:
    found = (
        FlowVersion.objects.select_related("definition").filter(pk=version_id).first()
        if version_id is not None
        else current(key)
    )
    if found is None or found.status == VersionStatus.DRAFT:
        message = "这项业务的流程尚未发布，暂不能办理。"
        raise Refused([Objection("L6", message, next_step="请联系系统管理员发布流程。")])
    return found
