"""What the ledger shows on pages of other apps: the tab of a unit, the panel of a document."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.lists import Column
from bianzhi.ledger.selectors.entries import gists, touching
from bianzhi.ledger.web.entries import EntryList, shown_entries

SHOWN_ON_DOCUMENT = 20


class UnitEntryList(EntryList):
    """The entries of one unit, on its page."""

    key = "ledger.unit_entries"
    columns = tuple(
        Column("unit", "对方单位", "gist.other_text", width=30) if column.key == "unit" else column
        for column in EntryList.columns
    )
    filters = tuple(each for each in EntryList.filters if each.key != "unit")
    empty_text = "该单位核定编制、职数后，逐笔变动会列在这里。"


def unit_tab(request: PageRequest, organization: Any) -> SafeString | HttpResponseBase:
    """台账: every entry that touched the unit."""
    rows = shown_entries(request, None).filter(touching(account__organization_id=organization.pk))
    listing = UnitEntryList(request, rows)
    listing.seen_from = organization.pk
    body = listing.embedded()
    if isinstance(body, HttpResponseBase):
        return body
    return render_to_string("ledger/unit_tab.html", {"body": body, "organization_id": organization.pk}, request=request)


def document_panel(request: PageRequest, document: Any) -> SafeString:
    """The entries that cite a document; nothing when there are none."""
    rows = shown_entries(request, None).filter(document=document)
    total = rows.count()
    entries = list(rows.order_by("effective_on", "pk")[:SHOWN_ON_DOCUMENT]) if total else []
    found = gists([entry.pk for entry in entries], request.as_of, user=request.user) if entries else {}
    context = {
        "entries": [(entry, found[entry.pk]) for entry in entries if entry.pk in found],
        "more": total - len(entries),
        "more_url": f"{reverse('ledger:entries')}?{urlencode({'document': document.doc_no})}",
    }
    return render_to_string("ledger/document_panel.html", context, request=request)
