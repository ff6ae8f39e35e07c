"""核定、实有、预占、可用 of one unit by quota type, as the check panels show them."""

from dataclasses import dataclass
from datetime import date

from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.personnel.selectors.quota_use import quota_use


@dataclass(frozen=True, slots=True)
class Room:
    """The use of one quota type."""

    quota_type: str
    label: str
    use: QuotaUse


def room_of(organization_id: int, day: date) -> list[Room]:
    """Every quota type the unit has or uses on a day, in the order of the types."""
    found = quota_use([organization_id], day)
    return [
        Room(code, quota.label, found[organization_id, code])
        for code, quota in quota_types().items()
        if quota.counts_as_quota and (organization_id, code) in found
    ]
