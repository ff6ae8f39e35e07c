"""Computing the warnings: what is new is opened, what stays is carried on, what is gone is resolved."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection
from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.rules.findings import Found, Key, difference
from bianzhi.reports.selectors.warning_facts import findings

BATCH = 500
COMPUTING_LOCK: Final = 0x627A7772
"""The advisory lock of computations: "bzwr"."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a computation changed, and what stands now by code."""

    opened: int
    continued: int
    resolved: int
    by_code: dict[str, int]

    @property
    def standing(self) -> int:
        """How many warnings stand now."""
        return self.opened + self.continued


@unit_of_work
def compute_warnings(*, actor: Actor, today: date) -> Outcome:
    """Compute every warning as of `today` and keep the difference; running it twice changes nothing but the time.

    Raises Denied when the actor may not run the computation. The rules are those of domain dossier §4.1.
    """
    policies.require(actor, "warnings.run")
    _wait_for_others()
    found = findings(today)
    rows = StandingWarning.objects.open().select_for_update()
    standing = {Key(row.code, row.subject_kind, row.subject_id, row.facet): row for row in rows}
    change = difference(standing, found)
    StandingWarning.objects.bulk_create([_opened(each, today) for each in change.opened], batch_size=BATCH)
    carried = [_carried(row, each, today) for row, each in change.continued]
    fields = ["level", "subject_label", "organization", "message", "figures", "last_seen_on", "computed_at"]
    StandingWarning.objects.bulk_update(carried, fields, batch_size=BATCH)
    for row in change.resolved:
        row.resolved_on = max(today, row.first_seen_on)
        row.computed_at = timezone.now()
    StandingWarning.objects.bulk_update(change.resolved, ["resolved_on", "computed_at"], batch_size=BATCH)
    by_code = dict(sorted(Counter(each.code for each in found).items()))
    outcome = Outcome(len(change.opened), len(carried), len(change.resolved), by_code)
    record(
        "reports.warnings_computed",
        actor=actor,
        subject=Subject("reports.standingwarning", str(today), f"{today} 预警"),
        facts={
            "day": today,
            "opened": outcome.opened,
            "continued": outcome.continued,
            "resolved": outcome.resolved,
            "by_code": by_code,
        },
    )
    return outcome


def _wait_for_others() -> None:
    """One computation at a time, which sees what the one before it opened; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COMPUTING_LOCK])


def _opened(found: Found, today: date) -> StandingWarning:
    return StandingWarning(
        code=found.code,
        level=found.level.value,
        subject_kind=found.subject.kind,
        subject_id=found.subject.id,
        subject_label=found.subject.label[:200],
        facet=found.facet,
        organization_id=found.organization_id,
        message=found.message[:500],
        figures=dict(found.figures),
        first_seen_on=today,
        last_seen_on=today,
        computed_at=timezone.now(),
    )


def _carried(row: StandingWarning, found: Found, today: date) -> StandingWarning:
    row.level = found.level.value
    row.subject_label = found.subject.label[:200]
    row.organization_id = found.organization_id
    row.message = found.message[:500]
    row.figures = dict(found.figures)
    row.last_seen_on = today
    row.computed_at = timezone.now()
    return row
