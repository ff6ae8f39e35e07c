"""Runs for the pages: the list, and what each stage took."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from bianzhi.exchange.models import Run
from bianzhi.exchange.selectors.visible import visible_runs


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
