"""From an item on file to the ledger: its figures, and the forms of the acts they would be, filled in beforehand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.archives.models import Item
from bianzhi.archives.rules.ledger_drafts import Draft, Reading, compared, drafts, readings
from bianzhi.archives.selectors.numbered import document_of
from bianzhi.archives.web.links import item_url
from bianzhi.archives.web.suggestions import figures_on
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.documents.models import ApprovalDocument, DocumentKind
from bianzhi.documents.web.direct import DIRECT
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.balances import approved
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.recognition.extraction import label

KINDS: Final[Mapping[str, str]] = {
    "批复": DocumentKind.REPLY,
    "通知": DocumentKind.NOTICE,
    "纪要": DocumentKind.MINUTES,
    "规定": DocumentKind.THREE_FIX,
}
ACTS: Final[Mapping[str, str]] = {"increase": "核增编制", "decrease": "核减编制", "posts": "领导职数调整"}


@dataclass(frozen=True, slots=True)
class Offered:
    """An act offered: what it would register in words, and the address of its form with the values in it."""

    title: str
    told: str
    url: str


@page("ledger.post", also=DIRECT)
@require_safe
def ledger_draft(request: PageRequest, pk: int) -> HttpResponse:
    """The figures of an item and the acts of the ledger that would register them."""
    item = get_visible_or_404(Item, request.user, pk)
    figures = readings(_read(item))
    held = _held(item, request)
    document = document_of(item)
    entries = visible_entries(request.user, request.today).filter(document=document) if document else ()
    context: dict[str, Any] = {
        "item": item,
        "back": item_url(item),
        "figures": figures_on(item),
        "compared": [(measures.label(each.measure), each) for each in compared(figures, held or {})] if held else [],
        "offered": list(_offered(item, drafts(figures, held), document)),
        "entries": [(entry, reverse("ledger:entry", args=[entry.pk])) for entry in entries],
        "is_untold": any(each.measure in ("B", "any") for each in figures),
    }
    return render(request, "archives/ledger_draft.html", context)


def _read(item: Item) -> Iterable[tuple[str, str]]:
    """Figures nobody has set aside; those a person confirmed come first."""
    rows = item.candidates.exclude(is_taken=False).order_by("-is_taken", "-confidence", "pk")
    return rows.values_list("field", "value")


def _held(item: Item, request: PageRequest) -> dict[str, int] | None:
    if item.organization_id is None:
        return None
    balances = approved([item.organization_id], request.today)
    return {measure: number for (_, measure), number in balances.items()}


def _offered(item: Item, made: Iterable[Draft], document: ApprovalDocument | None) -> Iterable[Offered]:
    common = _basis(item, document)
    if item.organization_id is not None:
        common["organization"] = str(item.organization_id)
    for draft in made:
        url = reverse("ledger:act", args=[draft.act])
        yield Offered(ACTS[draft.act], _told(draft), f"{url}?{urlencode(common | dict(draft.values))}")


def _basis(item: Item, document: ApprovalDocument | None) -> dict[str, str]:
    """The paper as the document of the act: the one registered under its number, else the facts of a new one."""
    day = item.dated_on.isoformat() if item.dated_on else ""
    if document is not None:
        stated = {"document": str(document.pk)}
    else:
        stated = {
            "new_doc_no": item.doc_no,
            "new_issued_on": day,
            "new_title": item.title,
            "new_issuer": item.responsible,
            "new_kind": KINDS.get(item.language, DocumentKind.OTHER),
        }
    return {name: str(value) for name, value in (stated | {"effective_on": day}).items() if value}


def _told(draft: Draft) -> str:
    if draft.act == "posts":
        levels = (Reading(f"post:{level}", int(number)) for level, number in draft.values.items())
        return "、".join(f"{measures.label(each.measure)} {each.number} 名" for each in levels)
    lines = []
    for number in (1, 2, 3):
        amount = draft.values.get(f"amount_{number}")
        if amount:
            measure = draft.values.get(f"measure_{number}")
            lines.append(f"{label(f'{draft.act}:{measure}') if measure else '类别未写明'} {amount} 名")
    return "、".join(lines)
