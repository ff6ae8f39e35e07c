"""Cases the hub begins: a draft of the unit's own clerk, filled in from what the departments have said."""

from datetime import date

from django.urls import reverse

from bianzhi.accounts.models import RoleGrant
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.rules.remedies import NO_UNIT
from bianzhi.exchange.selectors.prefilling import Prefilled
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.models import Case
from bianzhi.matters.services.drafting import begin_case
from bianzhi.office.models import MessageKind
from bianzhi.office.rules.wording import Words
from bianzhi.office.services.messages import News, tell

ORIGIN_LENGTH = 80


@unit_of_work
def begin_hub_case(*, actor: Actor, prefilled: Prefilled, origin: str, today: date) -> Case:
    """Begin a case for a unit and tell whoever's draft it is; the unit's clerk, else the office that acts.

    Raises what `begin_case` does, and Refused (X33) when neither the unit nor the actor has an account.
    """
    applicant = _clerk_of(prefilled.organization_id) or actor.pk or _clerk_of(None)
    if applicant is None:
        message = "该单位和编办都没有可以承办的经办账号"
        raise Refused([Objection(NO_UNIT, message, Severity.BLOCK, {}, "请联系安全管理员为该单位开设经办账号")])
    case = begin_case(
        actor=actor,
        matter=prefilled.matter,
        organization_id=prefilled.organization_id,
        form=prefilled.form,
        origin=origin[:ORIGIN_LENGTH],
        applicant_id=applicant,
        today=today,
    )
    if applicant != actor.pk:
        words = Words(f"待补充提交：{case.title}", f"由{origin}产生，已填入各部门所报内容，请核对、补充后提交。")
        news = [News(applicant, MessageKind.TASK, words, reverse("matters:case", args=[case.pk]))]
        tell(actor=actor, event=f"exchange:case:{case.pk}", news=news)
    return case


def _clerk_of(organization_id: int | None) -> int | None:
    """An active account that applies for a unit; for None, one of the office."""
    role = "office_clerk" if organization_id is None else "unit_clerk"
    rows = RoleGrant.objects.filter(role=role, organization_id=organization_id, revoked_at__isnull=True)
    return rows.filter(user__is_active=True).order_by("pk").values_list("user_id", flat=True).first()
