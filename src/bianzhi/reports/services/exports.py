"""Exports leave a trace: what left the platform, in whose hands, how many rows."""

from collections.abc import Sequence

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work


@unit_of_work
def record_export(
    *,
    actor: Actor,
    key: str,
    title: str,
    file_format: str,
    rows: int,
    columns: Sequence[str],
    conditions: Sequence[str],
) -> None:
    """Note that a list or report was exported, before the file is sent.

    `conditions` are the filters in words, the day shown among them. Raises Denied without the permission to export.
    """
    policies.require(actor, "reports.export")
    record(
        "reports.exported",
        actor=actor,
        subject=Subject("reports.export", key[:40], title),
        facts={"format": file_format, "rows": rows, "columns": list(columns), "conditions": list(conditions)},
    )
