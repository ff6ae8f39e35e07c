"""Which version of each matter new applications take, and how many cases still run on the others."""

from collections.abc import Collection

from django.db.models import Count

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.matters.models import Case, MatterVersion
from bianzhi.workflow.models.instances import LIVE


def current_versions() -> dict[str, MatterVersion]:
    """The published version with the highest number of every matter that has one; one query."""
    rows = MatterVersion.objects.filter(status="published").order_by("matter", "number")
    return {row.matter: row for row in rows.select_related("flow_version__definition")}


@beyond_scope("counting")
def running_by_version(version_ids: Collection[int]) -> dict[int, int]:
    """How many cases are under way on each version; one query."""
    rows = Case.objects.filter(version__in=version_ids, instance__status__in=LIVE)
    return dict(rows.values_list("version").annotate(number=Count("pk")).values_list("version", "number"))
