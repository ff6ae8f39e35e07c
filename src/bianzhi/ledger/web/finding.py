"""How entries are found from the search box, and internal bodies from forms."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from bianzhi.common.web.lookups import Option, key_in
from bianzhi.common.web.search import Result
from bianzhi.kernel import clock
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.ledger.selectors.names import unit_names
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.scopes import restrict


def find(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Entries by 台账号 or by the 文号 they rest on, newest first, within the user's scope."""
    condition = Q(number__icontains=text) | Q(document__doc_no__icontains=text)
    rows = visible_entries(user, clock.today()).filter(condition).select_related("document")
    for entry in rows.order_by("-effective_on", "-pk")[:limit]:
        yield Result(
            f"{entry.number} {entry.summary}",
            f"{entry.effective_on} · {entry.get_kind_display()} · {entry.document.doc_no}",
            reverse("ledger:entry", args=[entry.pk]),
        )


def body_options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Internal bodies of today whose name, or whose unit's name, has every word of the text."""
    day = clock.today()
    rows = restrict(InternalBodyVersion.objects.as_of(day), user, day=day)
    for word in text.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(organization__versions__name__icontains=word, organization__versions__valid_to__isnull=True)
        )
    found = list(rows.distinct().order_by("organization__code", "sort_order", "pk")[:limit])
    names = unit_names({version.organization_id for version in found}, day)
    for version in found:
        yield Option(str(version.pk), version.name, names[version.organization_id].name)


def chosen_body(user: Any, value: str) -> InternalBodyVersion | None:
    """The internal body of an option, or the only one of an exact name."""
    rows = restrict(InternalBodyVersion.objects.as_of(clock.today()), user)
    key = key_in(value)
    rows = rows.filter(name=value) if key is None else rows.filter(pk=key)
    found = list(rows.select_related("body")[:2])
    return found[0] if len(found) == 1 else None
