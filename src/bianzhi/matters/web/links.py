"""Where the things of this app are shown."""

from typing import Any

from django.urls import reverse


def case_url(row: Any) -> str:
    """The page of a case; of a draft, its form."""
    return reverse("matters:case" if row.instance_id is not None else "matters:application", args=[row.pk])


def application_url(row: Any) -> str:
    """The form of a case."""
    return reverse("matters:application", args=[row.pk])
