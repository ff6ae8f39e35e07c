"""What fits into the columns of a register row, said before the database says it in its own words."""

from typing import Any

from django.db import models

from bianzhi.common.db.encrypted import EncryptedField
from bianzhi.kernel.objections import Objection


def objections_to_lengths(*rows: models.Model) -> list[Objection]:
    """One objection for each text longer than its column; SQLite would keep it, PostgreSQL would fail."""
    return [
        Objection(
            "field.too_long",
            f"“{field.verbose_name}”最多 {limit} 个字，现为 {len(text)} 个字。",
            figures={"limit": limit, "length": len(text)},
            next_step="请删减后重新提交。",
        )
        for row in rows
        for field in row._meta.concrete_fields
        if (limit := _limit(field)) is not None
        if len(text := str(getattr(row, field.attname) or "")) > limit
    ]


def _limit(field: models.Field[Any, Any]) -> int | None:
    """Characters the column takes; a sealed one counts those of the text itself."""
    if isinstance(field, EncryptedField):
        return field.plain_length
    return field.max_length if isinstance(field, models.CharField) else None
