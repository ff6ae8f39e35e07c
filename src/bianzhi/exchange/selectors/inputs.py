"""What a comparison works on besides rosters: the run before, what people have decided for good, approved quotas."""

from datetime import date
from typing import Final

from django.db.models import Q

from bianzhi.exchange.models import (
    AliasState,
    LinkDecision,
    Run,
    RunState,
    UnitAlias,
)
from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.quota_use import quota_use

CONSTRAINT_COLUMNS: Final = ("kind", "left_source", "left_fingerprint", "right_source", "right_fingerprint")
ALIAS_COLUMNS: Final = ("source", "text", "unit")


def unfinished_run() -> Run | None:
    """The run that waits or works now."""
    return Run.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING)).order_by("pk").first()


def newest_finished(before: str = "") -> Run | None:
    """The newest finished run of the latest month; of a month before `before`, if that is said."""
    rows = Run.objects.filter(Q(period__lt=before) if before else Q(), state=RunState.DONE)
    return rows.order_by("-period", "-pk").first()


def newer_finished(run: Run) -> Run | None:
    """The newest finished run of the same month that was asked for after this one."""
    rows = Run.objects.filter(period=run.period, state=RunState.DONE, pk__gt=run.pk)
    return rows.order_by("-pk").first()


def constraints() -> list[tuple[str, ...]]:
    """Every decision about who is who that has not been taken back, in the order of CONSTRAINT_COLUMNS."""
    rows = LinkDecision.objects.filter(revoked_at__isnull=True).order_by("pk")
    return list(rows.values_list(*CONSTRAINT_COLUMNS))


def approved_aliases() -> list[tuple[str, ...]]:
    """What departments call units, as approved, in the order of ALIAS_COLUMNS."""
    rows = UnitAlias.objects.filter(state=AliasState.APPROVED).order_by("source", "text", "unit")
    return list(rows.values_list(*ALIAS_COLUMNS))


def approved_quotas(day: date) -> list[tuple[str, str, int]]:
    """Unit, type of quota in words, approved number on a day: what over-quota is measured by."""
    counted = {each.code for each in counted_types()}
    numbers = {key: use.approved for key, use in quota_use(None, day).items() if key[1] in counted}
    names = names_on({unit for unit, _ in numbers}, day)
    return [(names[unit], quota_label(code), number) for (unit, code), number in numbers.items() if unit in names]
