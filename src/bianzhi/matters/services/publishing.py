"""公示 (P14): opened and closed by the case's flow, suspended while an objection is open, withdrawn when one holds."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox, working_days
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters.acting import ByCase
from bianzhi.matters.models import Case, Publication, PublicationObjection, PublicationState
from bianzhi.matters.rules.publications import objections_to_content, objections_to_raising
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.rules.profile import NodeKind
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.services.clocks import resume_clock, suspend_clock
from bianzhi.workflow.services.interventions import terminate
from bianzhi.workflow.services.locking import lock_instance
from bianzhi.workflow.services.recalling import recall

MANAGE: Final = "publications.manage"
INTERVENE: Final = "matters.intervene"
ON_SHOW: Final = (PublicationState.OPEN, PublicationState.SUSPENDED)
STAGE: Final = "公示"
CONSEQUENCES: Final = {"return": "退回申请人", "stop": "终止办件"}
"""What an upheld objection does to the case."""


@unit_of_work
def open_publication(
    *, actor: Actor, case_id: int, lines: Sequence[Sequence[str]], days: int, today: date
) -> Publication:
    """Publish a case for so many working days from tomorrow on.

    Raises Refused (P14: an ID or telephone number in it, no days, one on show already). Denied without
    publications.manage.
    """
    policies.require(actor, MANAGE)
    case = Case.objects.get(pk=case_id)
    refuse_if([*objections_to_content([*lines, [case.title]]), *_objections_to_opening(case, days)])
    publication = Publication(
        case=case,
        number=f"公示〔{today.year}〕{next_numbers(f'publication-{today.year}')[0]:04d}号",
        title=f"关于{case.title}的公示",
        lines=[list(line) for line in lines],
        days=days,
        opened_on=today,
        closes_on=working_days.load(today).add_working_days(today, days),
    )
    refuse_if(objections_to_lengths(publication))
    publication.save()
    _tell("matters.publication_opened", actor, publication, days=days, closes_on=publication.closes_on)
    return publication


@unit_of_work
def close_publication(*, actor: Actor, case_id: int) -> Publication | None:
    """The days are over: the case's publication is closed. None when none is on show.

    Raises Refused (P14) while an objection is open. Denied without publications.manage.
    """
    policies.require(actor, MANAGE)
    publication = _on_show(case_id)
    if publication is None:
        return None
    if _open_objections(publication):
        message = f"{publication.number} 还有异议没有处理（P14）"
        raise Refused([Objection("P14", message, Severity.BLOCK, {}, "请先处理异议")])
    _end(publication, PublicationState.CLOSED)
    _tell("matters.publication_closed", actor, publication)
    return publication


@unit_of_work
def withdraw_publication(*, actor: Actor, case_id: int, reason: str) -> Publication | None:
    """Take the case's publication down: the case ended, or went back. None when none is on show.

    Denied without publications.manage.
    """
    policies.require(actor, MANAGE)
    publication = _on_show(case_id)
    if publication is None:
        return None
    _end(publication, PublicationState.WITHDRAWN)
    _tell("matters.publication_withdrawn", actor, publication, reason=reason)
    return publication


@unit_of_work
def follow_clock(*, actor: Actor, case_id: int, node_id: str, closes_on: date) -> Publication | None:
    """The timer that counts the days ends on another day (an objection answered, 恢复, a new calendar), and with
    it the publication. None when none is on show, or the timer is another.

    Denied without publications.manage.
    """
    policies.require(actor, MANAGE)
    publication = _on_show(case_id)
    if publication is None or node_id not in _waits(publication):
        return None
    was, publication.closes_on = publication.closes_on, closes_on
    publication.save(update_fields=["closes_on"])
    _tell("matters.publication_moved", actor, publication, was=was, closes_on=closes_on)
    return publication


@unit_of_work
def raise_objection(
    *, actor: Actor, publication_id: int, raised_by: str, contact: str, text: str, today: date
) -> PublicationObjection:
    """Register an objection somebody has raised; until it is answered the days of the publication do not count.

    Raises Refused (P14 the publication is over, D2 not said who or what). Denied without publications.manage.
    """
    policies.require(actor, MANAGE)
    publication = _locked(publication_id)
    found = objections_to_raising(publication.state, publication.title, publication.get_state_display())
    refuse_if([*found, *_missing(异议人=raised_by, 异议内容=text)])
    objection = PublicationObjection(
        publication=publication,
        raised_by=raised_by.strip(),
        contact=contact.strip(),
        text=text.strip(),
        registered_by_id=actor.pk,
    )
    refuse_if(objections_to_lengths(objection))
    objection.save()
    if publication.state == PublicationState.OPEN:
        for node_id in _waits(publication):
            suspend_clock(actor=actor, instance_id=_instance(publication).pk, node_id=node_id, today=today)
        publication.state = PublicationState.SUSPENDED
        publication.save(update_fields=["state"])
    facts = {"objection": objection.pk, "raised_by": objection.raised_by}
    record("matters.objection_raised", actor=actor, subject=publication, facts=facts, wrote=[objection, publication])
    outbox.put("matters.objection_raised", key=publication.number, payload={"publication": publication.pk})
    return objection


@unit_of_work
def reject_objection(*, actor: Actor, objection_id: int, answer: str, today: date) -> PublicationObjection:
    """An objection does not hold: with the last one answered the days run on, later by those that stood still.

    Raises Refused (P14 answered already, D2 no answer). Denied without publications.manage.
    """
    policies.require(actor, MANAGE)
    objection, publication = _answerable(objection_id, answer)
    _answer(objection, actor, answer, upheld=False)
    if publication.state == PublicationState.SUSPENDED and not _open_objections(publication):
        _run_on(publication, actor, today)
    facts = {"objection": objection.pk, "upheld": False, "answer": objection.answer}
    record("matters.objection_answered", actor=actor, subject=publication, facts=facts, wrote=[objection, publication])
    outbox.put("matters.objection_answered", key=publication.number, payload={"objection": objection.pk})
    return objection


@unit_of_work
def uphold_objection(
    *, actor: Actor, objection_id: int, answer: str, consequence: str, today: date
) -> PublicationObjection:
    """An objection holds: the publication is taken down, the case goes back to the applicant or ends.

    `consequence` is "return" or "stop". Raises Refused (P14 answered already or nothing chosen, D2 no answer; L7 when
    what the case has done cannot be undone for a return). Denied without publications.manage and matters.intervene.
    """
    policies.require(actor, MANAGE)
    policies.require(actor, INTERVENE)
    if consequence not in CONSEQUENCES:
        raise Refused([Objection("P14", "未选择对办件的处理", Severity.BLOCK, {}, "请选择退回或终止")])
    objection, publication = _answerable(objection_id, answer)
    _answer(objection, actor, answer, upheld=True)
    if publication.state in ON_SHOW:
        _end(publication, PublicationState.WITHDRAWN)
        by = ByCase(actor, publication.case.number or "草稿")
        act = recall if consequence == "return" else terminate
        act(actor=by, instance_id=_instance(publication).pk, text=f"公示异议成立：{objection.answer}", today=today)
    facts = {"objection": objection.pk, "upheld": True, "answer": objection.answer, "consequence": consequence}
    record("matters.objection_answered", actor=actor, subject=publication, facts=facts, wrote=[objection, publication])
    outbox.put("matters.objection_answered", key=publication.number, payload={"objection": objection.pk})
    return objection


def _run_on(publication: Publication, actor: Actor, today: date) -> None:
    """The clock runs on, and the last day is later with it (`follow_clock`)."""
    for node_id in _waits(publication):
        resume_clock(actor=actor, instance_id=_instance(publication).pk, node_id=node_id, today=today)
    publication.refresh_from_db(fields=["closes_on"])
    publication.state = PublicationState.OPEN
    publication.save(update_fields=["state"])


def _end(publication: Publication, state: PublicationState) -> None:
    publication.state = state
    publication.closed_at = timezone.now()
    publication.save(update_fields=["state", "closed_at"])


def _answer(objection: PublicationObjection, actor: Actor, answer: str, *, upheld: bool) -> None:
    objection.upheld = upheld
    objection.answer = answer.strip()
    objection.answered_by_id = actor.pk
    objection.answered_at = timezone.now()
    refuse_if(objections_to_lengths(objection))
    objection.save(update_fields=["upheld", "answer", "answered_by_id", "answered_at"])


def _answerable(objection_id: int, answer: str) -> tuple[PublicationObjection, Publication]:
    """The objection and its publication, locked; Refused when it has been answered or no answer is given."""
    publication = _locked(PublicationObjection.objects.values_list("publication_id", flat=True).get(pk=objection_id))
    objection = PublicationObjection.objects.get(pk=objection_id)
    found = _missing(处理结果=answer)
    if objection.answered_at is not None:
        found.append(Objection("P14", "这项异议已经处理（P14）", Severity.BLOCK, {}, "请刷新页面"))
    refuse_if(found)
    return objection, publication


def _locked(publication_id: int) -> Publication:
    """A publication as it is once its case is locked: the timer cannot end it meanwhile."""
    instance_id = Publication.objects.values_list("case__instance_id", flat=True).get(pk=publication_id)
    if instance_id is not None:
        lock_instance(instance_id)
    return Publication.objects.select_related("case").select_for_update(of=("self",)).get(pk=publication_id)


def _on_show(case_id: int) -> Publication | None:
    rows = Publication.objects.select_related("case").select_for_update(of=("self",))
    return rows.filter(case_id=case_id, state__in=ON_SHOW).order_by("-pk").first()


def _open_objections(publication: Publication) -> bool:
    return publication.objections.filter(answered_at__isnull=True).exists()


def _instance(publication: Publication) -> FlowInstance:
    instance = publication.case.instance
    if instance is None:
        raise LookupError(f"publication {publication.number} belongs to a case without a flow")
    return instance


def _waits(publication: Publication) -> list[str]:
    """The timers of the case's flow that count the days of a publication."""
    nodes = process_of(_instance(publication).version).nodes.values()
    return [node.id for node in nodes if node.kind is NodeKind.WAIT and node.stage == STAGE]


def _objections_to_opening(case: Case, days: int) -> list[Objection]:
    if days < 1:
        return [Objection("P14", "公示期应不少于 1 个工作日（P14）", Severity.BLOCK, {}, "请检查事项的公示期设置")]
    shown = Publication.objects.filter(case=case, state__in=ON_SHOW).first()
    if shown is None:
        return []
    message = f"该办件已在公示（{shown.number}）（P14）"
    return [Objection("P14", message, Severity.BLOCK, {}, "请等待公示期满")]


def _missing(**texts: str) -> list[Objection]:
    return [
        Objection("D2", f"未填写{name}", Severity.BLOCK, {}, f"请填写{name}")
        for name, text in texts.items()
        if not text.strip()
    ]


def _tell(action: str, actor: Actor, publication: Publication, **facts: object) -> None:
    told = {"number": publication.number, "case": publication.case.number, **facts}
    record(action, actor=actor, subject=publication, facts=told, wrote=[publication])
    payload = {"publication": publication.pk, "case": publication.case_id, "title": publication.title}
    outbox.put(action, key=publication.number, payload=payload)
