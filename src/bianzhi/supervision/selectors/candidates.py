"""What a plan may draw from: cases that have ended in a period, or the units there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bianzhi.kernel.clock import CHINA
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.workflow.models import FlowInstance, InstanceStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may be drawn; `key` is how the draw knows it."""

    key: str
    organization_id: int
    label: str
    instance_id: int | None = None


def ended_cases(first: date, last: date, definition_id: int | None = None) -> Iterator[Candidate]:
    """Cases of units that were completed from the first to the last day, both included."""
    begin = datetime.combine(first, time.min, tzinfo=CHINA)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=CHINA)
    rows = FlowInstance.objects.filter(
        status=InstanceStatus.COMPLETED, ended_at__gte=begin, ended_at__lt=end, unit_id__isnull=False, root__isnull=True
    )
    if definition_id is not None:
        rows = rows.filter(version__definition_id=definition_id)
    for pk, unit_id, title in rows.order_by("pk").values_list("pk", "unit_id", "title"):
        if unit_id is not None:
            yield Candidate(f"case-{pk}", unit_id, title, pk)


def units(day: date) -> Iterator[Candidate]:
    """Units that are there on a day; headings of the tree have nothing to check."""
    rows = OrganizationVersion.objects.as_of(day).filter(is_grouping=False)
    for organization_id, name in rows.order_by("organization_id").values_list("organization_id", "name"):
        yield Candidate(f"unit-{organization_id}", organization_id, name)
