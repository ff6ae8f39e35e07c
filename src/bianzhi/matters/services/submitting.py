"""提交: the form becomes what the office decides on, with its number, and the case sets out on its flow."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters import catalogue
from bianzhi.matters.checking import clean_application, form_with_office_fields, objections_to_sending
from bianzhi.matters.models import SUBJECT_KIND, Case, CaseSubmission
from bianzhi.matters.rules.numbers import case_number, series_of
from bianzhi.matters.selectors.drafts import attachments_of, being_written
from bianzhi.matters.services.editing import locked_case, locked_for_writing, submit_task
from bianzhi.workflow.services.authority import earlier_answer
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.starting import start
from bianzhi.workflow.services.titling import retitle


@dataclass(frozen=True, slots=True)
class Submitted:
    """A case sent in; `repeated` when the same form had been sent before, `remarks` what was let through."""

    case: Case
    remarks: tuple[Objection, ...] = ()
    repeated: bool = False


@unit_of_work
def submit_case(*, actor: Actor, case_id: int, today: date, request_key: str = "", saved_at: str = "") -> Submitted:
    """Send a case in, for the first time or after it came back: one transaction with its number and its flow.

    `saved_at`, where given, is the token of what the applicant saw: something saved later by another page is not sent
    unseen. Raises Refused with everything `objections_to_sending` finds, and as `locked_for_writing` does.
    """
    seen = locked_case(case_id)
    if earlier_answer(request_key, actor) is not None:
        return Submitted(seen, repeated=True)
    case = locked_for_writing(actor, case_id, today)
    if saved_at and saved_at != case.saved_at.isoformat():
        message = "提交前这份申请又在另一页面保存过"
        raise Refused([Objection("M42", message, Severity.BLOCK, {}, "请刷新页面核对后再提交")])
    objections = objections_to_sending(case, by=actor, today=today)
    overridden = frozenset(filter(None, case.override_codes.split(",")))
    remarks = refuse_if(objections, overrides=overridden)
    again = case.instance_id is not None
    _settle(case, today)
    submission = write_submission(actor=actor, case=case)
    if case.instance_id is not None:
        retitle(actor=actor, instance_id=case.instance_id, title=case.title)
    task = submit_task(case if again else _set_out(actor, case, today))
    if task is None:
        raise Refused([Objection("L6", "流程没有提交环节", Severity.BLOCK, {}, "请联系管理员检查流程定义")])
    facts = {
        "number": case.number,
        "submission": submission.number,
        "overridden": sorted(overridden),
        "remarks": [remark.as_facts() for remark in remarks],
    }
    action = "matters.resubmitted" if again else "matters.submitted"
    record(action, actor=actor, subject=case, facts=facts, wrote=[submission])
    payload = {"case": case.pk, "matter": case.matter, "number": case.number, "submission": submission.number}
    outbox.put("matters.submitted", key=case.number, payload=payload)
    decide(actor=actor, task_id=task.pk, verdict="submit", text="", today=today, request_key=request_key)
    case.refresh_from_db()
    return Submitted(case, tuple(remarks))


def _settle(case: Case, today: date) -> None:
    """The form as it is sent in: without what this form does not ask, numbered, named."""
    case.take_form(form_with_office_fields(case, clean_application(case)))
    if case.number is None:
        serial = next_numbers(series_of(case.matter, today.year))[0]
        case.number = case_number(case.matter, today.year, serial)
    declared = catalogue.matter(case.matter)
    draft = being_written(case, today)
    case.title = (declared.title_of(draft) or declared.title)[:200]
    case.counterpart_id = declared.counterpart_of(draft)
    case.saved_at = timezone.now()
    case.submitted_at = case.submitted_at or case.saved_at
    case.save()


def _set_out(actor: Actor, case: Case, today: date) -> Case:
    """Start the flow the case's version names."""
    case.instance = start(
        actor=actor,
        version_id=case.version.flow_version_id,
        subject_kind=SUBJECT_KIND,
        subject_id=case.pk,
        title=case.title,
        initiator_id=case.applicant_id,
        unit_id=case.organization_id,
        today=today,
    )
    case.save(update_fields=["instance"])
    return case


@unit_of_work
def write_submission(*, actor: Actor, case: Case) -> CaseSubmission:
    """Freeze the form and the list of files as they are; part of a service that records it."""
    last = CaseSubmission.objects.filter(case=case).order_by("-number").values_list("number", flat=True).first()
    return CaseSubmission.objects.create(
        case=case,
        number=(last or 0) + 1,
        form=case.form,
        attachments=[_frozen(row) for row in attachments_of(case)],
        submitted_by_id=actor.pk or case.applicant_id,
    )


def _frozen(row: Any) -> dict[str, Any]:
    names = ("evidence", "name", "size", "content_type", "sha256", "sm3")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}
