"""Every table that leaves the platform is on record before the file is sent."""

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.exports import Exported


def hear_of_export(request: PageRequest, exported: Exported) -> None:
    """Listener of `common.web.exports`; its failure stops the export."""
    note_export(actor=request.user, exported=exported)


@unit_of_work
def note_export(*, actor: Actor, exported: Exported) -> None:
    """Record who took which list, with how many rows, which columns and under which conditions."""
    facts = {
        "format": exported.format,
        "rows": exported.rows,
        "columns": exported.columns,
        "conditions": exported.conditions,
    }
    about = Subject("common.list", exported.list_key, exported.title)
    record("audit.exported", actor=actor, subject=about, facts=facts)
