"""目录打印: 件目录 and 案卷目录 of what the user may see, for paper and as a sheet."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.archives.models import Fonds, Item, Retention, Volume
from bianzhi.archives.selectors.items import filed_items, with_unit_names
from bianzhi.archives.selectors.keeping import volumes_of
from bianzhi.common.web.access import MissingPermission, PageRequest, page
from bianzhi.common.web.exports import Cell, Heading, Table, send_table
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.releasing import Wanted

VIEW = "archives.view"
EXPORT = "reports.export"
MOST = 3_000
"""Lines on paper; a longer catalogue is narrowed or taken as a sheet."""
ITEM_HEADINGS = (
    ("序号", 6),
    ("档号", 32),
    ("文件编号", 22),
    ("责任者", 24),
    ("题名", 60),
    ("日期", 12),
    ("页数", 8),
    ("备注", 20),
)
VOLUME_HEADINGS = (
    ("序号", 6),
    ("案卷档号", 30),
    ("题名", 60),
    ("年度", 8),
    ("保管期限", 10),
    ("件数", 8),
    ("备注", 20),
)


@page(VIEW)
@require_safe
def catalogue_print(request: PageRequest) -> HttpResponseBase:
    """A catalogue of the items, or volumes (`?kind=volume`), of a fonds, year, term or unit."""
    of_volumes = request.GET.get("kind") == "volume"
    rows: QuerySet[Any] = volumes_of(request.user) if of_volumes else filed_items(request.user)
    rows = _narrowed(request, rows).order_by("code")
    headings = VOLUME_HEADINGS if of_volumes else ITEM_HEADINGS
    title = "案卷目录" if of_volumes else "归档文件目录"
    lines = _volume_lines(rows[:MOST]) if of_volumes else _item_lines(rows[:MOST])
    if request.GET.get("export") == "xlsx":
        return _sheet(request, title, headings, lines)
    count = rows.count()
    context = {
        "title": title,
        "headings": [label for label, _ in headings],
        "lines": lines,
        "count": count,
        "left_out": max(0, count - MOST),
        "conditions": _conditions(request),
        "kind": "volume" if of_volumes else "item",
        "fonds": Fonds.objects.all(),
        "retentions": Retention.choices,
        "chosen": {name: request.GET.get(name, "") for name in ("fonds", "year", "retention", "unit")},
        "may_export": request.user.can(EXPORT),
        "query": request.GET.urlencode(),
    }
    return render(request, "archives/catalogue_print.html", context)


def _narrowed(request: PageRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    for name, lookup in (("fonds", "fonds"), ("year", "year"), ("unit", "organization")):
        if (key := key_in(request.GET.get(name, ""))) is not None:
            rows = rows.filter(**{lookup: key})
    if (term := request.GET.get("retention", "")) in Retention.values:
        rows = rows.filter(retention=term)
    return rows


def _conditions(request: PageRequest) -> str:
    key, year = key_in(request.GET.get("fonds", "")), key_in(request.GET.get("year", ""))
    fonds = Fonds.objects.filter(pk=key).first() if key else None
    term = dict(Retention.choices).get(request.GET.get("retention", ""))
    return "　".join(filter(None, (f"全宗 {fonds}" if fonds else "", f"{year}年度" if year else "", str(term or ""))))


def _item_lines(items: Iterable[Item]) -> list[list[Cell]]:
    return [
        [number, item.code, item.doc_no, item.responsible, item.title, item.dated_on, item.page_count, item.note]
        for number, item in enumerate(with_unit_names(items), 1)
    ]


def _volume_lines(volumes: Iterable[Volume]) -> list[list[Cell]]:
    return [
        [
            number,
            volume.code,
            volume.title,
            volume.year,
            volume.get_retention_display(),
            volume.item_count,  # type: ignore[attr-defined]
            volume.remark,
        ]
        for number, volume in enumerate(volumes, 1)
    ]


def _sheet(
    request: PageRequest, title: str, headings: Iterable[tuple[str, int]], lines: list[list[Cell]]
) -> HttpResponseBase:
    if not request.user.can(EXPORT):
        raise MissingPermission(EXPORT)
    heads = [Heading(label, width) for label, width in headings]
    conditions = (_conditions(request) or "全部",)
    table = Table(title, heads, lines, [("范围", conditions[0])])
    columns = tuple(head.label for head in heads)
    wanted = Wanted("archives.catalogue", title, "xlsx", title, columns, conditions, rows=len(lines), of_persons=False)
    return send_table(request, table, wanted)
