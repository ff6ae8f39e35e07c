"""The soft fields of a person (R15) as a row of a roster has them, in the lengths the register keeps."""

from typing import Any, Final

from bianzhi.common.tabular.parsing import ParsedRow
from bianzhi.personnel.models import Person

SOFT: Final = (
    "ethnicity", "native_place", "politics", "schooling_full_time", "degree_full_time", "school_full_time",
    "schooling_in_service", "degree_in_service", "school_in_service", "grade", "post_category", "post_grade",
    "professional_title", "phone", "remark",
)  # fmt: skip
SOFT_DATES: Final = ("joined_party_on", "grade_since")
LABELS: Final = {field.name: str(field.verbose_name) for field in Person._meta.concrete_fields}
LENGTHS: Final = {
    field.name: int(getattr(field, "max_length", 0) or 0)
    for field in Person._meta.concrete_fields
    if getattr(field, "max_length", None)
}


def soft_fields(row: ParsedRow) -> dict[str, Any]:
    """Fields of a person that need no document, as the row has them; blanks are left out."""
    values: dict[str, Any] = {}
    for name in SOFT:
        if row.get(name):
            values[name] = " ".join(str(row.get(name)).split())
    for name in SOFT_DATES:
        if row.get(name):
            values[name] = row.get(name).day
    for side in ("full_time", "in_service"):
        if row.get(f"major_{side}"):
            values[f"school_{side}"] = f"{values.get(f'school_{side}', '')} {row.get(f'major_{side}')}".strip()
    return {
        name: value[: LENGTHS[name]] if isinstance(value, str) and name in LENGTHS else value
        for name, value in values.items()
    }
