"""The lists of the import: batches, findings of a batch, what a batch would change."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.imports.models import Action, BatchState, ImportBatch
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.imports.web.forms import KIND_CHOICES


def _url(batch: ImportBatch) -> str:
    return reverse("imports:batch", args=[batch.pk])


class BatchList(ListPage):
    """Every batch the user may see."""

    key = "imports.batches"
    title = "数据导入"
    noun = "批"
    columns = (
        Column("file_name", "文件", order="file_name", link=_url, width=40),
        Column("kind", "导入内容", lambda batch: KINDS[batch.kind].label, order="kind"),
        Column("state", "状态", "stage_label", kind="status", order="state"),
        Column("rows", "行数", lambda batch: batch.counts.get("rows"), kind="number"),
        Column("rejected", "有错误的行", lambda batch: batch.counts.get("rejected"), kind="number"),
        Column("warnings", "提醒", lambda batch: batch.counts.get("warnings"), kind="number"),
        Column("document", "依据文件", "document.doc_no"),
        Column("created_by", "上传人", lambda batch: batch.created_by.display_name if batch.created_by else "系统"),
        Column("created_at", "上传时间", kind="moment", order="created_at"),
        Column("committed_at", "导入时间", kind="moment", order="committed_at"),
    )
    filters = (
        ChoiceFilter(key="kind", label="导入内容", choices=KIND_CHOICES, narrow="kind"),
        ChoiceFilter(key="state", label="状态", choices=BatchState.choices, narrow="state"),
        DateRangeFilter(key="uploaded", label="上传日期", field="created_at__date"),
    )
    search_fields = ("file_name",)
    search_hint = "文件名"
    ordering = ("-pk",)
    template = "imports/list.html"
    empty_title = "还没有导入过表格"
    empty_text = "单位现有的机构表、花名册、台账、用编计划都可以直接上传，不用改表头。"


class FindingList(ListPage):
    """The suspect cells of a batch."""

    key = "imports.findings"
    title = "检查发现的问题"
    noun = "处"
    columns = (
        Column("severity", "程度", "get_severity_display", kind="status", order="severity"),
        Column("sheet", "工作表", order="sheet"),
        Column("row", "行", kind="number", order="row"),
        Column("column", "列"),
        Column("column_label", "列名", order="column_label"),
        Column("value", "单元格内容", "shown_value", width=24),
        Column("message", "问题和处理办法", width=70),
    )
    filters = (
        ChoiceFilter(key="severity", label="程度", choices=[("error", "错误"), ("warning", "提醒")], narrow="severity"),
    )
    search_fields = ("message", "column_label", "sheet")
    search_hint = "问题、列名、工作表"
    ordering = ("severity", "pk")
    export_permission = "imports.run"
    template = "imports/batch_list.html"
    empty_title = "没有发现问题"

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return opened_and_searched(rows, text, self.search_fields)


class ChangeList(ListPage):
    """What a batch would do, or did, row by row."""

    key = "imports.changes"
    title = "导入内容预览"
    noun = "项"
    columns = (
        Column("action", "处理", "get_action_display", kind="status", order="action"),
        Column("sheet", "工作表", order="sheet"),
        Column("row", "行", kind="number", order="row"),
        Column("subject", "对象", width=50),
        Column("detail", "内容", width=60),
    )
    filters = (ChoiceFilter(key="action", label="处理", choices=Action.choices, narrow="action"),)
    search_fields = ("subject", "detail", "sheet")
    search_hint = "单位、姓名、内容"
    export_permission = "imports.run"
    template = "imports/batch_list.html"
    empty_title = "没有可以导入的内容"

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return opened_and_searched(rows, text, self.search_fields)


def opened_and_searched(rows: QuerySet[Any], text: str, names: Sequence[str]) -> QuerySet[Any]:
    """The rows of a batch with every word in one of these columns: the database holds the words sealed."""
    words = text.casefold().split()
    found = [row.pk for row in rows if all(_says(row, word, names) for word in words)]
    return rows.filter(pk__in=found)


def _says(row: Any, word: str, names: Sequence[str]) -> bool:
    return any(word in str(getattr(row, name)).casefold() for name in names)


@page("imports.view")
@require_safe
def batch_list(request: PageRequest) -> HttpResponseBase:
    """The list of batches."""
    rows = ImportBatch.objects.visible_to(request.user).select_related("document", "created_by", "job")
    return BatchList(request, rows).respond()


@page("imports.view")
@require_safe
def finding_list(request: PageRequest, pk: int) -> HttpResponseBase:
    """All findings of a batch."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    return _of_batch(request, batch, FindingList, batch.findings.all())


@page("imports.view")
@require_safe
def change_list(request: PageRequest, pk: int) -> HttpResponseBase:
    """Everything a batch would change."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    return _of_batch(request, batch, ChangeList, batch.changes.all())


def _of_batch(
    request: PageRequest, batch: ImportBatch, listing: type[ListPage], rows: QuerySet[Any]
) -> HttpResponseBase:
    return listing(request, rows).respond({"batch": batch})
