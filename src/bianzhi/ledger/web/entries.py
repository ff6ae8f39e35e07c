"""The list of entries and the page of one entry."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.audit.models import AuditEntry
from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, Filter, ListPage, LookupFilter, TextFilter
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.entries import gists, touching, visible_entries
from bianzhi.ledger.selectors.journal import journal_of
from bianzhi.ledger.web.known import known_context, with_known
from bianzhi.ledger.web.records import records_of


def _entry_url(entry: Any) -> str:
    return reverse("ledger:entry", args=[entry.pk])


def _document_url(entry: Any) -> str:
    return reverse("documents:detail", args=[entry.document_id])


def _number(entry: Any) -> SafeString:
    return format_html('<a class="nowrap" href="{}">{}</a>', _entry_url(entry), entry.number)


def _doc_no(entry: Any) -> SafeString:
    return format_html('<a class="nowrap" href="{}">{}</a>', _document_url(entry), entry.document.doc_no)


def _state(entry: Any) -> SafeString | str:
    """The kind, with what became of the entry."""
    if getattr(entry, "is_reversed", False):
        return format_html('{} <span class="tag tag-neutral">已冲正</span>', entry.get_kind_display())
    return str(entry.get_kind_display())


def _measure_choices(request: PageRequest) -> list[tuple[str, str]]:
    return [(measure, measures.label(measure)) for measure in measures.all_measures()]


class EntryList(ListPage):
    """Every entry within the user's scope, newest first."""

    key = "ledger.entries"
    title = "编制台账"
    noun = "笔"
    columns: ClassVar[Sequence[Column]] = (
        Column("number", "台账号", order="number", render=_number, width=16),
        Column("effective_on", "生效日期", kind="date", order="effective_on", width=12),
        Column("kind", "种类", "get_kind_display", render=_state, order="kind", width=14),
        Column("unit", "单位", "gist.unit_text", width=34),
        Column("summary", "变动摘要", width=46),
        Column("amount", "数额", "gist.amount_text", width=24),
        Column("document", "批准文号", "document.doc_no", render=_doc_no, order="document__doc_no", width=24),
        Column("issuer", "审批机关", "document.issuer", shown=False, width=24),
        Column("recorded_at", "登记时间", kind="moment", order="recorded_at", shown=False, width=18),
    )
    filters: ClassVar[Sequence[Filter]] = (
        LookupFilter(
            key="unit",
            label="单位",
            lookup="organization",
            narrow=lambda rows, unit: rows.filter(touching(account__organization_id=unit.pk)),
        ),
        ChoiceFilter(key="kind", label="种类", choices=EntryKind.choices, narrow="kind"),
        ChoiceFilter(
            key="measure",
            label="类别",
            choices=_measure_choices,
            narrow=lambda rows, measure: rows.filter(touching(account__measure=measure)),
        ),
        TextFilter(key="document", label="批准文号", narrow="document__doc_no__icontains", more=True),
        DateRangeFilter(key="effective", label="生效日期", field="effective_on", more=True),
        DateRangeFilter(key="recorded", label="登记时间", field="recorded_at", is_moment=True, more=True),
    )
    search_fields = ("number", "summary", "document__doc_no")
    search_hint = "台账号、摘要、文号"
    ordering = ("-effective_on", "-pk")
    export_permission = "reports.export"
    template = "ledger/entries.html"
    empty_title = "还没有台账条目"
    empty_text = "可以登记上级下达的编制总量，或导入历年台账。"
    kept = ("date", "tab", "known")
    seen_from: int | None = None

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The gist of each entry of the page, and whether it was reversed."""
        ids = [row.pk for row in rows]
        found = gists(ids, self.request.as_of, user=self.request.user, seen_from=self.seen_from)
        reversed_ids = set(LedgerEntry.objects.filter(reverses__in=ids).values_list("reverses_id", flat=True))
        for row in rows:
            row.gist = found.get(row.pk)
            row.is_reversed = row.pk in reversed_ids
        return rows

    def row_css(self, row: Any) -> str:
        """Reversed entries stand pale."""
        return "is-past" if row.is_reversed else ""


def shown_entries(request: PageRequest, known: date | None) -> QuerySet[LedgerEntry]:
    """The entries of the user's scope up to the shown day; of today's view those of later days too.

    Who had a unit in scope on a past day sees of it what was in force by then, and nothing of later.
    """
    rows = visible_entries(request.user, request.as_of, known_on=known).select_related("document")
    return rows if request.as_of == request.today else rows.filter(effective_on__lte=request.as_of)


@page("ledger.view")
@require_safe
@with_known
def entries(request: PageRequest, *, known: date | None) -> HttpResponseBase:
    """编制台账: the list of entries."""
    return EntryList(request, shown_entries(request, known)).respond(known_context(request, known))


@page("ledger.view")
@require_safe
def entry(request: PageRequest, pk: int) -> HttpResponse:
    """One entry: what it moved, by which document, who recorded it, and what became of it."""
    rows = shown_entries(request, None).select_related("document", "reverses", "reversed_by", "event")
    found = get_object_or_404(rows, pk=pk)
    context = {
        "entry": found,
        "facts": _facts(found),
        "journal": journal_of(found, user=request.user),
        "records": records_of(
            AuditEntry.objects.filter(subject_kind="ledger.ledgerentry", subject_id=str(found.pk)).order_by("seq")
        ),
        "reversed_by": getattr(found, "reversed_by", None),
        "panels": [shown for shown in tabs.panels_for(request, "ledger-entry", found) if shown.strip()],
        "may_reverse": request.user.can("ledger.post")
        and found.reverses_id is None
        and getattr(found, "reversed_by", None) is None,
    }
    return render(request, "ledger/entry.html", context)


def _facts(found: LedgerEntry) -> list[tuple[Any, ...]]:
    document = found.document
    facts: list[tuple[Any, ...]] = [
        ("种类", found.get_kind_display()),
        ("生效日期", found.effective_on.isoformat()),
        ("批准文号", document.doc_no, _document_url(found)),
        ("审批机关", document.issuer),
        ("文件标题", document.title),
        ("变动摘要", found.summary),
    ]
    if found.event is not None:
        facts.append(("沿革事项", found.event.get_kind_display()))
    if found.allows_overstaffing:
        facts.append(("超编", "经批准允许形成超编，超出部分列为待消化"))
    if found.reverses is not None:
        facts.append(("冲正对象", found.reverses.number, _entry_url(found.reverses)))
    return facts
