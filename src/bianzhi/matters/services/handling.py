"""办理: an opinion with the fields its step writes, in one transaction with the engine's decision."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters.models import FORM, CaseSubmission
from bianzhi.matters.rules.cleaning import clean
from bianzhi.matters.selectors.drafts import newest_submission
from bianzhi.matters.selectors.versions import specs_at
from bianzhi.matters.services.editing import locked_case
from bianzhi.matters.services.submitting import write_submission
from bianzhi.workflow.services.authority import earlier_answer, require_open, require_part
from bianzhi.workflow.services.deciding import Decision, decide
from bianzhi.workflow.services.locking import lock_task


@unit_of_work
def handle(
    *,
    actor: Actor,
    task_id: int,
    verdict: str,
    text: str,
    today: date,
    values: Mapping[str, Any] | None = None,
    request_key: str = "",
    paper: Upload | None = None,
    on_behalf_of: int | None = None,
) -> Decision:
    """Write the step's fields and give the opinion; either both happen or neither.

    Raises Refused as `fill_in` and the engine's `decide` do.
    """
    if values and earlier_answer(request_key, actor) is None:
        fill_in(actor=actor, task_id=task_id, values=values, today=today)
    return decide(
        actor=actor,
        task_id=task_id,
        verdict=verdict,
        text=text,
        today=today,
        request_key=request_key,
        paper=paper,
        on_behalf_of=on_behalf_of,
    )


@unit_of_work
def fill_in(*, actor: Actor, task_id: int, values: Mapping[str, Any], today: date) -> CaseSubmission | None:
    """Write into the form what an open step may write; a new state of the form, beside those before it.

    None when nothing changes. Raises Refused when somebody was quicker (L2), the task is not the actor's (L1), the
    step does not write one of the fields (M15), or a value can't be read (M02).
    """
    task, instance = lock_task(task_id)
    require_open(task, instance)
    require_part(actor, task, today)
    case = locked_case(instance.subject_id)
    specs = specs_at(case.version, task)
    foreign = sorted(set(values) - {spec.name for spec in specs})
    if foreign:
        message = f"“{task.node_name}”环节不能填写：{'、'.join(foreign)}"
        raise Refused([Objection("M15", message, Severity.BLOCK, {}, "请刷新页面后重试")])
    cleaned = clean([spec for spec in specs if spec.name in values], values, complete=False)
    refuse_if(cleaned.objections)
    before = newest_submission(case)
    form = {**(before.form if before else case.form)}
    for name in values:
        form.pop(name, None)
    form.update(cleaned.values)
    if before is not None and before.form == form:
        return None
    case.take_form(form)
    case.save(update_fields=FORM)
    submission = write_submission(actor=actor, case=case)
    facts = {"task": task.pk, "node": task.node_id, "submission": submission.number, "fields": sorted(values)}
    record("matters.filled_in", actor=actor, subject=case, facts=facts, wrote=[submission])
    return submission
