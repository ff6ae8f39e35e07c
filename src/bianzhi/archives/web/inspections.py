"""质量检查 (DA/T 31) and 四性检测 (DA/T 70): looking through, reports on the screen, on paper and as a sheet."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.archives.models import CheckOccasion, Inspection, Item
from bianzhi.archives.rules.da31 import KINDS
from bianzhi.archives.services.four_checks import check_items
from bianzhi.archives.services.inspections import Scope, inspect_scans
from bianzhi.archives.web.acting import FormPage, done_or_told
from bianzhi.archives.web.keeping_forms import InspectionForm
from bianzhi.archives.web.links import item_url
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.exports import Heading, Table, send_table
from bianzhi.common.web.lists import Column, ListPage
from bianzhi.common.web.releasing import Wanted

READ = "archives.read"
MANAGE = "archives.manage"


def inspection_url(inspection: Inspection) -> str:
    """The page of an inspection."""
    return reverse("archives:inspection", args=[inspection.pk])


class InspectionList(ListPage):
    """Inspections."""

    key = "archives.inspections"
    title = "质量检查"
    noun = "次"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "检查名称", order="title", link=inspection_url, width=40),
        Column("items", "件数", lambda row: row.scope.get("items"), kind="number"),
        Column("pages", "页数", kind="number", order="pages"),
        Column("problems", "问题", lambda row: len(row.problems), kind="number"),
        Column("inspected_by", "检查人", "inspected_by.display_name"),
        Column("inspected_at", "检查时间", kind="moment", order="inspected_at"),
    )
    search_fields = ("title",)
    search_hint = "检查名称"
    ordering = ("-pk",)
    template = "archives/inspections.html"
    empty_title = "还没有检查过"
    empty_text = "按批次、单位或年度检查扫描件的分辨率、偏斜、空白、漏扫和页次。"


@page(READ)
@require_safe
def inspections(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return InspectionList(request, Inspection.objects.select_related("inspected_by")).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def inspection_new(request: PageRequest) -> HttpResponse:
    """Look through scans."""
    form, back = InspectionForm(request.POST or None, user=request.user), reverse("archives:inspections")

    def act() -> tuple[str, str]:
        said = form.cleaned_data
        scope = Scope(
            batch_id=said["batch"].pk if said["batch"] else None,
            organization_id=said["organization"].pk if said["organization"] else None,
            year=said["year"],
            percent=said["percent"],
            seed=said["seed"],
        )
        made = inspect_scans(actor=request.user, title=said["title"], scope=scope)
        return inspection_url(made), f"已检查 {made.pages} 页，发现 {len(made.problems)} 个问题。"

    return FormPage(request=request, form=form, act=act, title="检查扫描件", submit="检查", back=back).respond()


@page(READ)
@require_safe
def inspection(request: PageRequest, pk: int) -> HttpResponseBase:
    """One inspection with what it found; `?export=xlsx` as a sheet."""
    found = get_object_or_404(Inspection.objects.select_related("inspected_by"), pk=pk)
    if request.GET.get("export") == "xlsx":
        return _sheet(request, found)
    return render(request, "archives/inspection.html", _context(found))


@page(READ)
@require_safe
def inspection_print(request: PageRequest, pk: int) -> HttpResponse:
    """The DA/T 31 report for paper."""
    found = get_object_or_404(Inspection.objects.select_related("inspected_by"), pk=pk)
    return render(request, "archives/inspection_print.html", _context(found))


def _context(found: Inspection) -> dict[str, Any]:
    problems = [{**problem, "label": KINDS[problem["kind"]]} for problem in found.problems]
    counts = [(label, sum(problem["kind"] == kind for problem in problems)) for kind, label in KINDS.items()]
    wrong = len({(problem["code"], problem["page"]) for problem in problems if problem["page"]})
    return {
        "inspection": found,
        "problems": problems,
        "counts": [(label, count) for label, count in counts if count],
        "rate": f"{100 * (found.pages - wrong) / found.pages:.1f}%" if found.pages else "—",
    }


def _sheet(request: PageRequest, found: Inspection) -> HttpResponseBase:
    headings = [Heading("档号", 32), Heading("页次"), Heading("问题", 14), Heading("说明", 50)]
    rows = [[row["code"], row["page"], KINDS[row["kind"]], row["told"]] for row in found.problems]
    table = Table(found.title, headings, rows, [("检查", found.title), ("页数", str(found.pages))])
    columns = tuple(heading.label for heading in headings)
    wanted = Wanted(
        "archives.inspection", found.title, "xlsx", found.title, columns, (), rows=len(rows), of_persons=False
    )
    return send_table(request, table, wanted)


@page(READ)
@require_safe
def four_checks(request: PageRequest, pk: int) -> HttpResponse:
    """The four-property report of an item, for paper: the newest check, and when the others were."""
    item = get_visible_or_404(Item, request.user, pk)
    checks = list(item.four_checks.select_related("checked_by"))
    context = {"item": item, "check": checks[0] if checks else None, "earlier": checks[1:], "back": item_url(item)}
    return render(request, "archives/four_checks_print.html", context)


@page(MANAGE)
@require_POST
def four_check(request: PageRequest, pk: int) -> HttpResponse:
    """Check an item again while it is kept."""
    item = get_visible_or_404(Item, request.user, pk)
    return done_or_told(
        request,
        lambda: check_items(actor=request.user, item_ids=[item.pk], occasion=CheckOccasion.KEEPING),
        reverse("archives:four_checks", args=[item.pk]),
        "已检测。",
    )
