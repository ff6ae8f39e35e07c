"""鉴定与销毁: proposed by one person, decided by another, then carried out. The catalogue line stays for ever."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import (
    Appraisal,
    AppraisalLine,
    AppraisalState,
    Candidate,
    Item,
    ItemFile,
    ItemState,
    Loan,
    Original,
    OriginalState,
    Page,
    Retention,
    TextOrigin,
)
from bianzhi.archives.rules.retention import first_day_over, is_longer, is_over
from bianzhi.archives.services.accountable import account_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"
APPRAISE: Final = "archives.appraise"
DESTROY: Final = "destroy"
EXTEND: Final = "extend"
REASON_LENGTH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed for one item: EXTEND with a longer term, or DESTROY."""

    item_id: int
    outcome: str
    new_retention: str = ""
    note: str = ""


@unit_of_work
def draft_appraisal(*, actor: Actor, today: date, title: str, reason: str, proposals: Sequence[Proposal]) -> Appraisal:
    """Draw up an appraisal of items whose term is over.

    Raises Denied without archives.manage, Refused: archives.appraisal (title, reason, no items), archives.not_due,
    archives.term (not longer), archives.not_filed, archives.appraised_already.
    """
    policies.require(actor, MANAGE)
    appraisal = Appraisal(title=title.strip(), reason=reason.strip(), proposed_by_id=account_of(actor))
    items = _items(proposal.item_id for proposal in proposals)
    lines = [
        AppraisalLine(
            item=items[proposal.item_id],
            outcome=proposal.outcome,
            new_retention=proposal.new_retention if proposal.outcome == EXTEND else "",
            note=proposal.note.strip(),
        )
        for proposal in proposals
    ]
    refuse_if([*_objections_to_form(appraisal, lines), *_objections_to_lines(lines, today), *_open_elsewhere(lines)])
    appraisal.save()
    for line in lines:
        line.appraisal = appraisal
        line.save()
    facts = {"reason": appraisal.reason, "items": _told(lines)}
    record("archives.appraisal_drafted", actor=actor, subject=appraisal, wrote=[appraisal, *lines], facts=facts)
    return appraisal


@unit_of_work
def submit_appraisal(*, actor: Actor, appraisal_id: int) -> Appraisal:
    """Send it to whoever may decide. Raises Denied, Appraisal.DoesNotExist, Refused: archives.appraisal_state."""
    policies.require(actor, MANAGE)
    appraisal = _locked(appraisal_id, AppraisalState.DRAFT)
    appraisal.state = AppraisalState.SUBMITTED
    appraisal.save()
    record("archives.appraisal_submitted", actor=actor, subject=appraisal, wrote=[appraisal], facts={})
    return appraisal


@unit_of_work
def decide_appraisal(*, actor: Actor, appraisal_id: int, approves: bool, text: str) -> Appraisal:
    """Approve or not, as somebody else than who proposed it.

    Raises Denied without archives.appraise, Appraisal.DoesNotExist, Refused: archives.second_person,
    archives.appraisal_state, archives.no_reason.
    """
    policies.require(actor, APPRAISE)
    appraisal = _locked(appraisal_id, AppraisalState.SUBMITTED)
    if actor.pk == appraisal.proposed_by_id:
        message = "鉴定由提出人以外的第二人审批，您是提出人。"
        refuse_if(
            [Objection("archives.second_person", message, next_step="请由有“审批档案鉴定和销毁”权限的其他人办理")]
        )
    if len(text.strip()) < REASON_LENGTH:
        refuse_if([Objection("archives.no_reason", f"审批意见不少于 {REASON_LENGTH} 个字。", next_step="请写明意见")])
    appraisal.state = AppraisalState.APPROVED if approves else AppraisalState.REJECTED
    appraisal.decided_by_id, appraisal.decided_at, appraisal.decision = actor.pk, timezone.now(), text.strip()
    appraisal.save()
    facts = {"approved": approves, "text": appraisal.decision}
    record("archives.appraisal_decided", actor=actor, subject=appraisal, wrote=[appraisal], facts=facts)
    return appraisal


@unit_of_work
def carry_out_appraisal(*, actor: Actor, today: date, appraisal_id: int) -> Appraisal:
    """Do what was approved: prolong terms; destroy contents, while description, 档号 and record of use stay.

    The bytes go after the commit, by the subscription `archives.disposed`, and only those no kept item needs; what was
    made of the pages of destroyed items goes in any case. Raises Denied without archives.manage,
    Appraisal.DoesNotExist, Refused: archives.appraisal_state, archives.lent, archives.not_due.
    """
    policies.require(actor, MANAGE)
    appraisal = _locked(appraisal_id, AppraisalState.APPROVED)
    lines = list(appraisal.lines.select_related("item"))
    items = _items(line.item_id for line in lines)
    for line in lines:
        line.item = items[line.item_id]
    refuse_if([*_objections_to_lines(lines, today), *_lent(lines, today)])
    gone = [line.item for line in lines if line.outcome == DESTROY]
    for line in lines:
        if line.outcome == EXTEND:
            line.item.retention = line.new_retention
    originals = _dispose(gone)
    Item.objects.bulk_update(items.values(), ["retention", "state", "searchable"])
    appraisal.state, appraisal.carried_out_at = AppraisalState.CARRIED_OUT, timezone.now()
    appraisal.save()
    facts = {"items": _told(lines), "originals": [original.sha256 for original in originals]}
    wrote = [appraisal, *items.values(), *originals]
    record("archives.appraisal_carried_out", actor=actor, subject=appraisal, wrote=wrote, facts=facts)
    if gone:
        payload = {"originals": facts["originals"], "items": [item.pk for item in gone]}
        outbox.put("archives.disposed", key=appraisal.pk, payload=payload)
    outbox.put("search.changed", key=appraisal.pk, payload={"kind": "archives.item", "ids": list(items)})
    return appraisal


def _dispose(items: Sequence[Item]) -> list[Original]:
    """The contents of items go: text and readings now, and of their originals those that no kept item is made of."""
    for item in items:
        item.state, item.searchable = ItemState.DISPOSED, ""
    keys = [item.pk for item in items]
    Page.objects.filter(item__in=keys).update(text="", text_origin=TextOrigin.NONE, confidence=None)
    Candidate.objects.filter(item__in=keys).update(value="", box=None, is_taken=False)
    kept = ItemFile.objects.exclude(item__in=keys).exclude(item__state=ItemState.DISPOSED).values("original")
    of_items = ItemFile.objects.filter(item__in=keys).values("original")
    originals = list(Original.objects.select_for_update().filter(pk__in=of_items).exclude(pk__in=kept))
    for original in originals:
        original.state = OriginalState.DISPOSED
        original.save(update_fields=["state"])
    return originals


def _locked(appraisal_id: int, state: AppraisalState) -> Appraisal:
    appraisal = Appraisal.objects.select_for_update(of=("self",)).get(pk=appraisal_id)
    if appraisal.state != state:
        message = f"该鉴定为“{appraisal.get_state_display()}”，只有“{state.label}”的才能这样办理。"
        refuse_if([Objection("archives.appraisal_state", message, next_step="请刷新页面查看最新状态")])
    return appraisal


def _items(ids: Iterable[int]) -> dict[int, Item]:
    rows = Item.objects.select_for_update(of=("self",)).filter(pk__in=sorted(set(ids))).order_by("pk")
    return {item.pk: item for item in rows}


def _objections_to_form(appraisal: Appraisal, lines: Sequence[AppraisalLine]) -> list[Objection]:
    found = [objection for row in (appraisal, *lines) for objection in objections_to_lengths(row)]
    if not appraisal.title or len(appraisal.reason) < REASON_LENGTH:
        message = f"鉴定须有名称和鉴定意见（不少于 {REASON_LENGTH} 个字）。"
        found.append(Objection("archives.appraisal", message, next_step="请补充"))
    if not lines:
        found.append(Objection("archives.appraisal", "没有选择任何档案。", next_step="请从到期档案中勾选"))
    return found


def _objections_to_lines(lines: Iterable[AppraisalLine], today: date) -> Iterator[Objection]:
    for line in lines:
        item = line.item
        if item.state != ItemState.FILED:
            message = f"“{item}”为“{item.get_state_display()}”，只鉴定已归档的档案。"
            yield Objection("archives.not_filed", message, next_step="请取消勾选该件")
        elif not is_over(item.year, item.retention, today):
            over = first_day_over(item.year, item.retention)
            told = f"保管期限 {over} 起届满" if over else "保管期限为永久"
            message = f"“{item}”{told}，未到期的档案不得鉴定销毁。"
            yield Objection("archives.not_due", message, next_step="请取消勾选该件")
        elif line.outcome == EXTEND and not is_longer(line.new_retention, item.retention):
            terms = dict(Retention.choices)
            message = f"“{item}”续存的期限须长于现在的 {terms[item.retention]}。"
            yield Objection("archives.term", message, next_step="请另选保管期限")
        elif line.outcome not in (EXTEND, DESTROY):
            yield Objection("archives.term", f"“{item}”的处置应为续存或销毁。", next_step="请选择")


def _open_elsewhere(lines: Sequence[AppraisalLine]) -> Iterator[Objection]:
    going_on = (AppraisalState.DRAFT, AppraisalState.SUBMITTED, AppraisalState.APPROVED)
    rows = AppraisalLine.objects.filter(item__in=[line.item_id for line in lines], appraisal__state__in=going_on)
    for row in rows.select_related("item", "appraisal"):
        message = f"“{row.item}”已在鉴定“{row.appraisal.title}”（{row.appraisal.get_state_display()}）中。"
        yield Objection("archives.appraised_already", message, next_step="请取消勾选该件")


def _lent(lines: Sequence[AppraisalLine], today: date) -> Iterator[Objection]:
    gone = [line.item_id for line in lines if line.outcome == DESTROY]
    rows = Loan.objects.filter(items__in=gone, ended_at__isnull=True, valid_to__gte=today).distinct()
    for loan in rows:
        message = f"其中有档案借给{loan.reader_name}至 {loan.valid_to}，收回前不能销毁。"
        yield Objection("archives.lent", message, next_step="请先收回借阅")


def _told(lines: Iterable[AppraisalLine]) -> list[dict[str, str]]:
    return [
        {"code": line.item.code or "", "title": line.item.title, "outcome": line.outcome, "term": line.new_retention}
        for line in lines
    ]
