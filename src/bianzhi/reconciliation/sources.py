"""The departments whose rosters are compared, and the columns of a roster in the form the hub works on."""

from typing import Final

ESTABLISHMENT: Final = "establishment"
ORGANIZATION: Final = "organization"
HR: Final = "hr"
FINANCE: Final = "finance"

DEPARTMENTS: Final = [
    (ESTABLISHMENT, "编办"),
    (ORGANIZATION, "组织部"),
    (HR, "人社局"),
    (FINANCE, "财政局"),
]
DEPARTMENT_CODES: Final = tuple(code for code, _ in DEPARTMENTS)

ROSTER_COLUMNS: Final[dict[str, str]] = {
    "source": "VARCHAR",
    "delivery": "VARCHAR",
    "row": "BIGINT",
    "id_number": "VARCHAR",
    "name": "VARCHAR",
    "sex": "VARCHAR",
    "birth": "VARCHAR",
    "unit": "VARCHAR",
    "unit_code": "VARCHAR",
    "quota_type": "VARCHAR",
    "funding": "VARCHAR",
    "status": "VARCHAR",
    "post": "VARCHAR",
    "since": "VARCHAR",
    "pay": "VARCHAR",
    "flags": "VARCHAR",
}
"""A roster: one row for each row delivered, every cell as text, as it was written; a column not delivered is NULL.

`source` is a department's code, `delivery` the SHA-256 of the file it came in, `row` counts from 1 in that file.
`flags` holds what the reader noticed about the row, comma separated: "id_rounded" (Excel kept 15 digits), ….
"""
