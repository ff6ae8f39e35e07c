"""Where the things named on the pages of the hub are."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

AREA = "数据共享"


def finding_url(row: Any) -> str:
    """The page of a finding."""
    return reverse("exchange:finding", args=[row.pk])


def findings_url(**filters: Any) -> str:
    """The list of findings, narrowed: findings_url(kind="ghost", owner="finance")."""
    return _narrowed("exchange:findings", filters)


def run_url(row: Any) -> str:
    """The page of a run."""
    return reverse("exchange:run", args=[row.pk])


def review_url(row: Any) -> str:
    """The page of a pair to judge."""
    return reverse("exchange:review", args=[row.pk])


def reviews_url(**filters: Any) -> str:
    """The list of pairs, narrowed."""
    return _narrowed("exchange:reviews", filters)


def aliases_url(**filters: Any) -> str:
    """The list of names of units, narrowed."""
    return _narrowed("exchange:aliases", filters)


def change_url(row: Any) -> str:
    """The page of a recognised change."""
    return reverse("exchange:change", args=[row.pk])


def changes_url(**filters: Any) -> str:
    """The list of recognised changes, narrowed."""
    return _narrowed("exchange:changes", filters)


def delivery_url(row: Any) -> str:
    """The page of a delivery."""
    return reverse("exchange:delivery", args=[row.pk])


def unit_page(organization_id: int | None) -> str:
    """The 核对差异 tab of a unit; "" for one the register does not know."""
    if organization_id is None:
        return ""
    return f"{reverse('organizations:detail', args=[organization_id])}?tab=exchange"


def person_page(person_id: int | None) -> str:
    """The page of a person of the register; "" for one it does not know."""
    return reverse("personnel:person", args=[person_id]) if person_id is not None else ""


def _narrowed(name: str, filters: dict[str, Any]) -> str:
    query = urlencode({key: value for key, value in filters.items() if value not in ("", None)})
    return f"{reverse(name)}?{query}" if query else reverse(name)
