"""Which documents the structure rests on."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from bianzhi.organizations.models import InternalBodyVersion, Lineage, Nameplate, OrganizationVersion
from bianzhi.organizations.scopes import restrict


def cited_by(user: Any) -> Iterator[QuerySet[Any, Any]]:
    """Ids of the documents that rows of the user's units cite."""
    yield restrict(OrganizationVersion.objects.all(), user).values("document_id")
    yield restrict(InternalBodyVersion.objects.all(), user).values("document_id")
    yield restrict(Nameplate.objects.all(), user).values("document_id")
    yield restrict(Lineage.objects.all(), user).values("event__document_id")
