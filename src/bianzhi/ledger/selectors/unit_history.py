"""What the ledger adds to a unit's history (T18): what it held on given days, and every change of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.db.models import Sum
from django.urls import reverse

from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.lines import levels_from
from bianzhi.ledger.rules.measures import counts_as_quota, is_post, label
from bianzhi.ledger.selectors.statement import statements
from bianzhi.organizations.figures import Event, Total


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
                recorded_at=source.recorded_at,
            )
