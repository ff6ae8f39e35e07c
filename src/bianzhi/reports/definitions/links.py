"""Where figures lead: the pages of other apps that show the people and the entries behind a number."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that keep the day shown."""

    day: date
    today: date

    def to(self, url: str, **query: str | int | None) -> str:
        """An address with these questions, on the day shown."""
        wanted = {key: value for key, value in query.items() if value not in (None, "")}
        if self.day != self.today:
            wanted["date"] = self.day.isoformat()
        return f"{url}?{urlencode(wanted)}" if wanted else url

    def unit(self, unit_id: int, tab: str = "") -> str:
        """The page of a unit."""
        return self.to(reverse("organizations:detail", args=[unit_id]), tab=tab)

    def units(self) -> str:
        """All units."""
        return self.to(reverse("organizations:index"))

    def person(self, person_id: int) -> str:
        """The page of a person."""
        return self.to(reverse("personnel:person", args=[person_id]))

    def movement(self, movement_id: int) -> str:
        """One movement."""
        return self.to(reverse("personnel:movement", args=[movement_id]))

    def roster(self, unit_id: int | None = None, quota_type: str = "") -> str:
        """T01 of a unit and quota type: exactly the people counted."""
        return self.report("t01", unit=unit_id, quota_type=quota_type)

    def report(self, slug: str, **choices: str | int | None) -> str:
        """A report with choices made."""
        return self.to(reverse("reports:report", args=[slug]), **choices)

    def entries(self, unit_id: int) -> str:
        """The ledger entries of a unit."""
        return self.to(reverse("ledger:entries"), unit=unit_id)

    def approved(self, unit_id: int, measure: str) -> str:
        """How an approved number came about: the entries and documents behind it."""
        return self.to(reverse("ledger:figure", args=[unit_id, measure]))

    def totals(self) -> str:
        """The district's totals by tier and type."""
        return self.to(reverse("ledger:totals"))

    def entry(self, entry_id: int) -> str:
        """One ledger entry."""
        return self.to(reverse("ledger:entry", args=[entry_id]))

    def approval(self, approval_id: int) -> str:
        """One staffing approval."""
        return self.to(reverse("personnel:approval", args=[approval_id]))
