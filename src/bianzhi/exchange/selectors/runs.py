"""Runs for the pages: the list, what each counted as far as a user may see it, and what each stage took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from bianzhi.exchange.models import Finding, Run
from bianzhi.exchange.scopes import departments_of
from bianzhi.exchange.selectors.visible import visible_changes, visible_runs
from bianzhi.reconciliation.sources import DEPARTMENT_CODES


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run: seconds, rows it made, its share of the whole time in percent."""

    name: str
    title: str
    seconds: float
    rows: int
    percent: int


def runs_for(user: Any) -> QuerySet[Run]:
    """The runs a user may see, newest first, with their jobs and who started them."""
    return visible_runs(user).select_related("job", "started_by", "previous")


def sees_whole(user: Any) -> bool:
    """Whether the user sees what every department gave, and with it the figures of the whole district."""
    return departments_of(user) == DEPARTMENT_CODES


def counts_for(user: Any, runs: Sequence[Run]) -> dict[int, Mapping[str, Any]]:
    """Run → what it counted; three queries however many runs.

    For a liaison only the own department's rows, and the findings and changes of the month that the user sees.
    """
    if sees_whole(user):
        return {run.pk: run.counts for run in runs}
    months = {run.period for run in runs}
    findings = Finding.objects.visible_to(user).filter(last_period__in=months)
    kinds, lanes = (_by_month(findings, "last_period", name) for name in ("kind", "lane"))
    events = _by_month(visible_changes(user).filter(period__in=months), "period", "kind")
    own = departments_of(user)
    return {
        run.pk: {
            "records": {code: number for code, number in run.counts.get("records", {}).items() if code in own},
            "kinds": kinds.get(run.period, {}),
            "lanes": lanes.get(run.period, {}),
            "events": events.get(run.period, {}),
        }
        if run.counts
        else {}
        for run in runs
    }


def _by_month(rows: QuerySet[Any], month: str, name: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for period, value, number in rows.order_by().values_list(month, name).annotate(number=Count("pk")):
        found.setdefault(period, {})[value] = number
    return found


def stages(run: Run) -> list[Stage]:
    """What each stage of a run took, in their order."""
    told = [stage for stage in run.stages if isinstance(stage, dict)]
    whole = sum(float(stage.get("seconds") or 0) for stage in told) or 1.0
    return [
        Stage(
            name=str(stage.get("name") or ""),
            title=str(stage.get("title") or stage.get("name") or ""),
            seconds=float(stage.get("seconds") or 0),
            rows=int(stage.get("rows") or 0),
            percent=round(100 * float(stage.get("seconds") or 0) / whole),
        )
        for stage in told
    ]
