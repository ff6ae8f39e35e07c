"""What fits into the columns of a register row, said before the database says it in its own words."""

from django.db import models

from bianzhi.kernel.objections import Objection


def objections_to_lengths(*rows: models.Model) -> list[Objection]:
    """One objection for each text longer than its column; SQLite would keep it, PostgreSQL would fail."""
    return [
        Objection(
            "field.too_long",
            f"“{field.verbose_name}”最多 {field.max_length} 个字，现为 {len(text)} 个字。",
            figures={"limit": field.max_length, "length": len(text)},
            next_step="请删减后重新提交。",
        )
        for row in rows
        for field in row._meta.concrete_fields
        if isinstance(field, models.CharField) and field.max_length
        if len(text := str(getattr(row, field.attname) or "")) > field.max_length
    ]
