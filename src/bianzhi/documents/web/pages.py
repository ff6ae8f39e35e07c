"""The list of approval documents, the page of one, and the forms that register and correct."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.documents import selectors, services
from bianzhi.documents.models import ApprovalDocument, DocumentKind, DocumentQuerySet, IssuerLevel
from bianzhi.documents.web.finding import url_of
from bianzhi.documents.web.forms import CorrectionForm, DocumentForm
from bianzhi.kernel.objections import Refused


class DocumentList(ListPage):
    """Every document within the user's scope."""

    key = "documents.all"
    title = "批准文件"
    noun = "份"
    columns = (
        Column("doc_no", "文号", order="doc_no", link=url_of, width=22),
        Column("title", "标题", order="title", width=50),
        Column("issuer", "发文机关", order="issuer", width=28),
        Column("level", "发文层级", "get_issuer_level_display", order="issuer_level"),
        Column("kind", "种类", "get_kind_display", order="kind"),
        Column("issued_on", "成文日期", kind="date", order="issued_on"),
        Column("note", "备注", shown=False, width=30),
        Column("recorded_at", "登记时间", kind="moment", order="recorded_at", shown=False),
    )
    filters = (
        TextFilter(key="issuer", label="发文机关", narrow="issuer__icontains"),
        ChoiceFilter(key="kind", label="种类", choices=DocumentKind.choices, narrow="kind"),
        DateRangeFilter(key="issued", label="成文日期", field="issued_on"),
        ChoiceFilter(key="level", label="发文层级", choices=IssuerLevel.choices, narrow="issuer_level", more=True),
    )
    search_fields = ("doc_no", "title")
    search_hint = "文号或标题"
    ordering = ("-issued_on", "-pk")
    export_permission = "reports.export"
    template = "documents/list.html"
    empty_title = "还没有批准文件"
    empty_text = "办理机构、编制、人员业务时登记的依据文件会列在这里。"

    def search(self, rows: DocumentQuerySet, text: str) -> DocumentQuerySet:  # type: ignore[override]
        return rows.filter(selectors.found_by(text))


@page("documents.view")
@require_safe
def document_list(request: PageRequest) -> HttpResponseBase:
    """The list, its rows or a file of it; as of a past day without what was issued later."""
    rows = ApprovalDocument.objects.visible_to(request.user)
    if request.as_of_is_past:
        rows = rows.filter(issued_on__lte=request.as_of)
    return DocumentList(request, rows).respond()


@page("documents.view")
@require_safe
def document_page(request: PageRequest, pk: int) -> HttpResponse:
    """One document and everything that rests on it, as far as the user may see it."""
    document = get_visible_or_404(ApprovalDocument, request.user, pk)
    pairs = [
        ("文号", document.doc_no),
        ("发文机关", document.issuer),
        ("发文层级", document.get_issuer_level_display()),
        ("种类", document.get_kind_display()),
        ("成文日期", document.issued_on.isoformat()),
        ("备注", document.note),
    ]
    panels = [shown for shown in tabs.panels_for(request, "document", document) if shown.strip()]
    return render(request, "documents/detail.html", {"document": document, "pairs": pairs, "panels": panels})


@page("documents.change")
@require_http_methods(["GET", "POST"])
def register(request: PageRequest) -> HttpResponse:
    """Register one document."""
    form = DocumentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            document = services.register_document(actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, url_of(document), f"已登记 {document.doc_no}。")
    return _form_page(request, form, "登记批准文件", reverse("documents:list"))


@page("documents.change")
@require_http_methods(["GET", "POST"])
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Put right what was registered wrongly."""
    document = get_visible_or_404(ApprovalDocument, request.user, pk)
    initial = {name: getattr(document, name) for name in services.CORRECTABLE}
    form = CorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in services.CORRECTABLE}
        reason = form.cleaned_data["reason"]
        try:
            services.correct_document(actor=request.user, document_id=document.pk, reason=reason, changes=changes)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, url_of(document), "已更正；更正前后的内容记入审计。")
    return _form_page(request, form, f"更正 {document.doc_no}", url_of(document))


def _form_page(request: PageRequest, form: DocumentForm, title: str, back: str) -> HttpResponse:
    invalid = request.method == "POST"
    context = {"form": form, "title": title, "back": back}
    return render(request, "documents/form.html", context, status=422 if invalid else 200)
