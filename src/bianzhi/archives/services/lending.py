"""借阅: items opened to a reader for a term, by a case or by the archivist, and taken back before their time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import Item, ItemSource, ItemState, Loan
from bianzhi.archives.parameters import LOAN_DAYS
from bianzhi.archives.services.accountable import account_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads what, why and how long: `reader_id` an account, None for a visitor who reads at the office."""

    item_ids: Collection[int]
    reader_name: str
    purpose: str
    valid_from: date
    valid_to: date
    reader_id: int | None = None
    reader_unit: str = ""
    may_download: bool = False
    may_print: bool = False
    case_id: int | None = None


@unit_of_work
def lend(*, actor: Actor, reading: Reading) -> Loan:
    """Open items to a reader from `valid_from` to `valid_to`, both days included.

    Raises Denied without archives.manage (a case lends by its own authority), Refused: archives.loan (reader, purpose,
    nothing chosen), archives.loan_term (parameter archives.loan_days), archives.not_filed, archives.no_content.
    """
    policies.require(actor, MANAGE)
    items = list(Item.objects.filter(pk__in=list(reading.item_ids)))
    loan = Loan(
        reader_id=reading.reader_id,
        reader_name=reading.reader_name.strip(),
        reader_unit=reading.reader_unit.strip(),
        purpose=reading.purpose.strip(),
        case_id=reading.case_id,
        valid_from=reading.valid_from,
        valid_to=reading.valid_to,
        may_download=reading.may_download,
        may_print=reading.may_print,
        granted_by_id=account_of(actor),
    )
    refuse_if([*objections_to_lengths(loan), *_objections_to_loan(loan, items), *_objections_to_items(items)])
    loan.save()
    loan.items.set(items)
    facts = {
        "items": [item.code for item in items],
        "reader": loan.reader_name,
        "until": loan.valid_to,
        "may_download": loan.may_download,
        "may_print": loan.may_print,
    }
    record("archives.lent", actor=actor, subject=loan, wrote=[loan], facts=facts)
    _announce(loan)
    return loan


@unit_of_work
def end_loan(*, actor: Actor, loan_id: int, reason: str) -> Loan:
    """Take a loan back before its time. Raises Denied, Loan.DoesNotExist, Refused: archives.loan_ended."""
    policies.require(actor, MANAGE)
    loan = Loan.objects.select_for_update(of=("self",)).get(pk=loan_id)
    if loan.ended_at is not None:
        refuse_if([Objection("archives.loan_ended", "该借阅已经收回。", next_step="请刷新页面")])
    loan.ended_at, loan.ended_reason = timezone.now(), reason.strip()[:200]
    loan.save()
    record("archives.loan_ended", actor=actor, subject=loan, wrote=[loan], facts={"reason": loan.ended_reason})
    _announce(loan)
    return loan


def _announce(loan: Loan) -> None:
    ids = list(loan.items.values_list("pk", flat=True))
    outbox.put("search.changed", key=loan.pk, payload={"kind": "archives.item", "ids": ids})


def _objections_to_loan(loan: Loan, items: list[Item]) -> Iterator[Objection]:
    missing = [
        label
        for label, value in (("利用人", loan.reader_name), ("利用目的", loan.purpose), ("利用的档案", items))
        if not value
    ]
    if missing:
        yield Objection("archives.loan", f"没有填写{'、'.join(missing)}。", next_step="请补充后再办理")
    days, most = (loan.valid_to - loan.valid_from).days + 1, LOAN_DAYS.number
    if days < 1 or days > most:
        message = f"借阅 {loan.valid_from} 至 {loan.valid_to} 共 {days} 天，应为 1 至 {most} 天。"
        step = "请缩短期限；确需更长的，到期后另行申请"
        yield Objection("archives.loan_term", message, figures={"days": days, "limit": most}, next_step=step)


def _objections_to_items(items: list[Item]) -> Iterator[Objection]:
    for item in items:
        if item.state != ItemState.FILED:
            message = f"“{item}”为“{item.get_state_display()}”，只有已归档的档案可以借阅。"
            yield Objection("archives.not_filed", message, next_step="请取消选择该件")
        elif item.source == ItemSource.INDEX_ONLY:
            message = f"“{item}”只有目录，原件存放在 {item.storage_place}。"
            yield Objection("archives.no_content", message, next_step="请到存放处按保密规定查阅")
