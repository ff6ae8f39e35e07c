"""The subjects of the layers below: units, documents, ledger entries; and the panel of originals on any page."""

from collections.abc import Collection
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from bianzhi.archives.selectors.relations import items_proving
from bianzhi.archives.selectors.subjects import Shown
from bianzhi.archives.web.links import viewer_url
from bianzhi.common.web.access import PageRequest
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel import clock
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on


def units(user: Any, keys: Collection[int]) -> dict[int, Shown]:
    """Organisations within the user's scope."""
    found = Organization.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    names = names_on(list(found), clock.today())
    return {pk: Shown(name, reverse("organizations:detail", args=[pk])) for pk, name in names.items()}


def documents(user: Any, keys: Collection[int]) -> dict[int, Shown]:
    """Approval documents within the user's scope."""
    found = ApprovalDocument.objects.visible_to(user).filter(pk__in=keys)
    return {row.pk: Shown(f"{row.doc_no} {row.title}", reverse("documents:detail", args=[row.pk])) for row in found}


def entries(user: Any, keys: Collection[int]) -> dict[int, Shown]:
    """Ledger entries within the user's scope."""
    found = visible_entries(user, clock.today()).filter(pk__in=keys)
    return {row.pk: Shown(f"{row.number} {row.summary}", reverse("ledger:entry", args=[row.pk])) for row in found}


def originals(request: PageRequest, subject: Any) -> SafeString:
    """The panel 原件 of a document, an entry, a person, a case: each proof opens the page that proves it."""
    proofs = items_proving(subject._meta.label_lower, subject.pk, request.user)
    if not proofs:
        return mark_safe("")
    lines = [(proof, viewer_url(proof.item.pk, proof.page, box=proof.box)) for proof in proofs]
    return render_to_string("archives/originals_panel.html", {"lines": lines}, request=request)
