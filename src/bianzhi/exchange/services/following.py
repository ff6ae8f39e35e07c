"""What becomes of findings and changes when their cases end, or when the register changes without a case."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import UNSETTLED, Change, ChangeState, Finding
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.selectors.register import person_of, registered_words, where_on_quota
from bianzhi.exchange.services.noting import note_step
from bianzhi.matters.models import Case
from bianzhi.personnel.models import Person
from bianzhi.workflow.models import InstanceStatus

DECIDE = "exchange.decide"
OPEN = (ChangeState.WAITING, ChangeState.CANDIDATE)


@unit_of_work
def follow_case(*, actor: Actor, case_id: int, today: date) -> list[Change]:
    """A case has ended, or its draft was set aside: completed, its change is registered; else that is open again.

    Told twice, nothing more happens. Findings are locked before changes, as a run does. Raises Case.DoesNotExist.
    """
    policies.require(actor, DECIDE)
    case = Case.objects.select_related("instance").get(pk=case_id)
    if case.discarded_at is None and (case.instance is None or case.instance.is_live):
        return []
    is_done = case.instance is not None and case.instance.status == InstanceStatus.COMPLETED
    what, how = _end_of(case, is_done)
    findings = list(Finding.objects.select_for_update(of=("self",)).filter(case=case))
    changes = list(Change.objects.select_for_update(of=("self",)).filter(case=case, state=ChangeState.CASE))
    for change in changes:
        change.state = ChangeState.REGISTERED if is_done else ChangeState.CANDIDATE
        change.reason = f"{what} {how}"
        person = person_of(change)
        change.person_id = person.pk if person is not None else None
    _settle(actor, changes, f"{case.number or case.pk}")
    for finding in findings:
        if not finding.steps.filter(action=Action.CASE_ENDED.value, text__startswith=f"{what} ").exists():
            text = f"{what} {how}，{'等待下次核对消除' if is_done else '未办成'}"
            note_step(actor=actor, finding=finding, action=Action.CASE_ENDED, text=text, facts={"case": case.pk})
    return changes


def _end_of(case: Case, is_done: bool) -> tuple[str, str]:
    """What the case is called in histories, and how it ended."""
    if case.instance is None:
        return f"草稿 {case.pk}", "已废弃"
    return case.number or "办件", "已办结" if is_done else case.instance.get_status_display()


@unit_of_work
def follow_register(*, actor: Actor, person_ids: Collection[int], today: date) -> list[Change]:
    """The register of some people has changed: open changes it now shows are registered, findings of them say so."""
    policies.require(actor, DECIDE)
    known = dict(Person.objects.filter(pk__in=list(person_ids)).values_list("id_number", "pk"))
    unmatched = Q(person__isnull=True, number_fingerprint__in=[Change.fingerprint(number) for number in known])
    theirs = Q(person_id__in=list(person_ids)) | unmatched
    undecided = Q(state__in=OPEN) | Q(state=ChangeState.CASE, case__instance__isnull=True)
    where = where_on_quota(person_ids, today)
    done = []
    for change in Change.objects.select_for_update(of=("self",)).filter(theirs, undecided):
        change.person_id = change.person_id or known.get(change.id_number)
        words = registered_words(change, where)
        if words:
            change.state, change.reason = ChangeState.REGISTERED, words
            done.append(change)
    _settle(actor, done, "登记变动")
    people = {change.person_id for change in done if change.person_id is not None}
    for finding in Finding.objects.filter(person_id__in=people, state__in=UNSETTLED, case__isnull=True):
        note_step(actor=actor, finding=finding, action=Action.CASE_ENDED, text="名册已登记变动，等待下次核对消除")
    return done


def _settle(by: Actor, changes: Collection[Change], why: str) -> None:
    """Write where changes now stand: one entry in the audit, news for each."""
    if not changes:
        return
    Change.objects.bulk_update(changes, ["state", "reason", "person"], batch_size=500)
    facts = {"why": why, "changes": [[change.pk, str(change.state)] for change in changes]}
    subject = Subject("exchange.change", str(next(iter(changes)).pk), f"{why}：变动 {len(changes)} 条")
    record("exchange.changes_settled", actor=by, subject=subject, facts=facts)
    for change in changes:
        if change.state == ChangeState.REGISTERED:
            payload = {"change": change.pk, "kind": str(change.kind)}
            outbox.put("exchange.change_registered", key=change.pk, payload=payload)
