"""Filters of the lists of tasks and cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.lists import ChoiceFilter, LookupFilter
from bianzhi.common.web.lists.filters import Control, Filter, FilterProblem, Rows
from bianzhi.workflow.models import FlowDefinition, FlowTask, TaskStatus
from bianzhi.workflow.rules.profile import STAGES

SOON: Final = timedelta(days=3)
TIMES: Final = {"overdue": "已超期", "soon": "三天内到期", "none": "没有时限"}


def flow_choices(request: PageRequest) -> Iterable[tuple[str, str]]:
    """Every flow by its key."""
    return FlowDefinition.objects.order_by("key").values_list("key", "title")


def flow_filter(path: str = "instance__") -> ChoiceFilter:
    """One kind of matter."""
    return ChoiceFilter(key="flow", label="事项", choices=flow_choices, narrow=f"{path}version__definition__key")


def stage_filter(field: str = "stage") -> ChoiceFilter:
    """One stage of a matter."""
    return ChoiceFilter(
        key="stage", label="阶段", choices=[(stage, stage) for stage in STAGES], narrow=field, more=True
    )


def unit_filter(path: str = "instance__") -> LookupFilter:
    """The applying unit."""

    def narrow(rows: Rows, unit: Any) -> Rows:
        return rows.filter(**{f"{path}unit_id": unit.pk})

    return LookupFilter(key="unit", label="申请单位", lookup="organization", narrow=narrow, more=True)


@dataclass(frozen=True, kw_only=True)
class TimeFilter(Filter):
    """How the time left stands today; `of_cases` asks the open tasks of a case."""

    key: str = "time"
    label: str = "时限"
    of_cases: bool = False

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        """The rows whose limit stands so."""
        wanted = self._text(request)
        if wanted not in TIMES:
            raise FilterProblem("筛选条件“时限”没有这一项，请重新选择。")
        today = request.today
        all_terms: dict[str, dict[str, Any]] = {
            "overdue": {"due_on__lt": today},
            "soon": {"due_on__gte": today, "due_on__lte": today + SOON},
            "none": {"due_on__isnull": True},
        }
        terms = all_terms[wanted]
        if not self.of_cases:
            return rows.filter(**terms)
        tasks = FlowTask.objects.filter(status=TaskStatus.TODO, **terms).exclude(kind="copy")
        return rows.filter(pk__in=tasks.values("instance_id"))

    def words(self, request: PageRequest) -> str:
        """What it is set to."""
        return f"时限：{TIMES.get(self._text(request), '')}"

    def controls(self, request: PageRequest) -> list[Control]:
        """A choice of three."""
        return [Control("choice", self.key, self.label, self._text(request), tuple(TIMES.items()))]
