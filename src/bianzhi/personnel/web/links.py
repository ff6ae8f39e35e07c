"""Where the things named on the pages of this app are."""

from typing import Any

from django.urls import reverse


def unit_url(row: Any) -> str:
    """The page of the row's unit."""
    return unit_page(row.organization_id)


def unit_page(organization_id: int) -> str:
    """The page of a unit."""
    return reverse("organizations:detail", args=[organization_id])


def person_url(row: Any) -> str:
    """The page of the row's person."""
    return reverse("personnel:person", args=[row.person_id])


def document_url(document: Any) -> str:
    """The page of a document."""
    return reverse("documents:detail", args=[document.pk])


def movement_url(movement: Any) -> str:
    """The page of a movement."""
    return reverse("personnel:movement", args=[movement.pk])


def approval_url(row: Any) -> str:
    """The page of a slip, or of the slip of a slot."""
    return reverse("personnel:approval", args=[getattr(row, "approval_id", row.pk)])
