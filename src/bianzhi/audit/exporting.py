"""Every table that leaves the platform is on record before the file is sent."""

from collections.abc import Iterable, Mapping
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common.web.releasing import Wanted
from bianzhi.kernel.masking import without_id_numbers


@unit_of_work
def note_export(
    *, actor: Actor, exported: Wanted, rows: int, more: Mapping[str, Any], wrote: Iterable[SealedModel] = ()
) -> None:
    """Record who took which list, with how many rows, which columns and under which conditions."""
    facts = {
        "format": exported.format,
        "rows": rows,
        "columns": exported.columns,
        "conditions": [without_id_numbers(words) for words in exported.conditions],
        **more,
    }
    about = Subject("common.list", exported.key, exported.title)
    record("audit.exported", actor=actor, subject=about, facts=facts, wrote=wrote)
