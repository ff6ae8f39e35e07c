"""What the ledger answers when organisations ask: may a unit end, and what did it hold on given days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.db.models import Sum
from django.urls import reverse

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.lines import levels_from
from bianzhi.ledger.rules.measures import counts_as_quota, in_order, is_post, label
from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.selectors.names import body_names
from bianzhi.ledger.selectors.statement import statements
from bianzhi.organizations.figures import Event, Total
from bianzhi.organizations.objections import Proposal


def objections_to_proposal(proposal: Proposal) -> list[Objection]:
    """Neither a unit nor an internal body ends while quota stands on it (R10)."""
    if proposal.body_id is not None:
        return _to_closing_body(proposal.organization_id, proposal.body_id, proposal.effective_on)
    return _to_ending_unit(proposal.organization_id, proposal.effective_on) if proposal.after is None else []


def _to_ending_unit(organization_id: int, day: date) -> list[Objection]:
    held = {measure: amount for (_, measure), amount in approved([organization_id], day).items() if amount}
    if not held:
        return []
    words = "、".join(f"{label(measure)} {held[measure]} 名" for measure in in_order(set(held)))
    return [Objection("R10", f"单位账上还有{words}，不能撤销", Severity.BLOCK, held, "请先划转到承接单位或收回预留")]


def _to_closing_body(organization_id: int, body_id: int, day: date) -> list[Objection]:
    held = {measure: amount for (pk, measure), amount in by_body(organization_id, day).items() if pk == body_id}
    if not held:
        return []
    words = "、".join(f"{label(measure)} {held[measure]} 名" for measure in in_order(set(held)))
    name = body_names([body_id], day).get(body_id, "内设机构")
    next_step = "请先在编制台账“定编到科室”中收回到单位本级"
    return [Objection("R10", f"“{name}”已定编{words}，不能撤销或划走", Severity.BLOCK, held, next_step)]


def totals_on(organization_id: int, days: Sequence[date]) -> Mapping[date, Total]:
    """Quota and leadership posts of a unit on each of the days, in one query; for the history table (T18)."""
    rows = (
        Posting.objects.filter(account__kind__in=HELD_BY_UNIT, account__organization_id=organization_id)
        .values_list("account__measure", "entry__effective_on")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    quota = [(day, amount) for measure, day, amount in rows if counts_as_quota(measure)]
    posts = [(day, amount) for measure, day, amount in rows if is_post(measure)]
    return {day: Total(quota=levels_from(quota, day)[0][1], posts=levels_from(posts, day)[0][1]) for day in days}


def events_until(organization_id: int, until: date) -> Iterator[Event]:
    """What the ledger adds to a unit's history: every change of its quota and posts."""
    for statement in statements([organization_id], until):
        for row in statement.rows:
            source = row.source
            if source.entry_id is None:
                continue
            changes = [
                f"{label(measure)}{'增' if change.increase else '减'} {change.increase or change.decrease} 名"
                for measure, change in row.changes.items()
            ]
            yield Event(
                date=source.effective_on,
                title=f"{source.kind}：{'、'.join(changes)}",
                text=source.summary,
                doc_no=source.doc_no,
                url=reverse("ledger:entry", args=[source.entry_id]),
            )
