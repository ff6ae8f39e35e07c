"""Lists of items: the whole archive, one unit's dossier, and the tab 档案 of the unit page."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.archives.models import Category, Item, ItemSource, ItemState, Retention
from bianzhi.archives.selectors.items import dossiers, filed_items, waiting_items, with_unit_names, years_of
from bianzhi.archives.web.links import item_url, viewer_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, LookupFilter, TextFilter
from bianzhi.common.web.lists.filters import Filter
from bianzhi.kernel import clock
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on

VIEW = "archives.view"


def _open(row: Item) -> SafeString | str:
    """The way straight to the original."""
    if not row.page_count:
        return "只有目录" if row.source == ItemSource.INDEX_ONLY else "—"
    return format_html(
        '<a class="nowrap" href="{}">看原件<span class="sr-only"> {}</span></a>', viewer_url(row.pk), row.title
    )


def _years(request: PageRequest) -> list[tuple[str, str]]:
    return [(str(year), f"{year}年") for year, _ in years_of(filed_items(request.user)) if year]


def _categories(request: PageRequest) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Category.objects.values_list("pk", "name")]


class ItemList(ListPage):
    """Filed items."""

    key = "archives.items"
    title = "档案目录"
    noun = "件"
    columns: ClassVar[Sequence[Column]] = (
        Column("code", "档号", order="code", link=item_url, width=32),
        Column("title", "题名", order="title", width=50),
        Column("doc_no", "文件编号", order="doc_no", width=22),
        Column("responsible", "责任者", order="responsible", width=28, shown=False),
        Column("dated_on", "成文日期", kind="date", order="dated_on"),
        Column("unit", "所属单位", "unit_name", width=24),
        Column("category", "门类", "category.name", order="category__code", shown=False),
        Column("year", "年度", order="year", shown=False),
        Column("retention", "保管期限", "get_retention_display", order="retention"),
        Column("page_count", "页数", kind="number", order="page_count"),
        Column("original", "原件", render=_open, exportable=False),
        Column("storage_place", "存放位置", order="storage_place", shown=False),
        Column("filed_at", "归档时间", kind="moment", order="filed_at", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="year", label="年度", choices=_years, narrow="year"),
        ChoiceFilter(key="retention", label="保管期限", choices=Retention.choices, narrow="retention"),
        LookupFilter(key="unit", label="所属单位", lookup="organization", narrow="organization"),
        ChoiceFilter(key="category", label="门类", choices=_categories, narrow="category", more=True),
        TextFilter(key="responsible", label="责任者", narrow="responsible__icontains", more=True),
        DateRangeFilter(key="dated", label="成文日期", field="dated_on", more=True),
    )
    search_fields = ("code", "title", "doc_no", "keywords")
    search_hint = "档号、题名、文号"
    ordering = ("-year", "code")
    export_permission = "reports.export"
    template = "archives/items.html"
    empty_title = "没有档案"
    empty_text = "扫描件著录、归档后列在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        return with_unit_names(rows)

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        number = parse_document_number(text)
        return rows.filter(doc_no=number.text) if number.is_standard else super().search(rows, text)


class DossierItems(ItemList):
    """The items of one unit: no column and no filter for the unit itself."""

    key = "archives.dossier"
    columns = tuple(column for column in ItemList.columns if column.key not in ("unit", "responsible"))
    filters = tuple(each for each in ItemList.filters if each.key != "unit")
    template = "archives/dossier.html"


class WaitingItems(ListPage):
    """Drafts."""

    key = "archives.waiting"
    title = "待著录"
    noun = "件"
    columns = (
        Column(
            "title",
            "题名或文件名",
            order="title",
            link=lambda row: reverse("archives:describe", args=[row.pk]),
            width=50,
        ),
        Column("doc_no", "文件编号", order="doc_no"),
        Column("fonds", "全宗", "fonds.name", order="fonds__number"),
        Column("page_count", "页数", kind="number", order="page_count"),
        Column("created_at", "收到时间", kind="moment", order="created_at"),
    )
    search_fields = ("title", "doc_no")
    search_hint = "题名、文号"
    ordering = ("created_at",)
    export_permission = "reports.export"
    template = "archives/waiting.html"
    empty_title = "没有待著录的件"
    empty_text = "接收的文件处理完毕后，在这里逐件核对、归档。"


class DossierList(ListPage):
    """一单位一档: units that have a dossier."""

    key = "archives.dossiers"
    title = "单位档案"
    noun = "个单位"
    columns = (
        Column("name", "单位", "known_as", link=lambda row: reverse("archives:dossier", args=[row.pk]), width=40),
        Column("item_count", "件数", kind="number", order="item_count"),
        Column("years", "年度", lambda row: _span(row.first_year, row.last_year)),
    )
    search_hint = "单位名称、简称"
    search_fields = ("versions__name", "versions__short_name")
    ordering = ("code",)
    export_permission = "reports.export"
    template = "archives/home.html"
    empty_title = "还没有单位档案"
    empty_text = "档案归档后按单位列在这里；每个单位一份档案，按年度排列。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        names = names_on([row.pk for row in rows], clock.today())
        for row in rows:
            row.known_as = names.get(row.pk, row.code)
        return rows

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return super().search(rows, text).distinct()


def _span(first: int | None, last: int | None) -> str:
    return "" if first is None else str(first) if first == last else f"{first}—{last}"


@page(VIEW)
@require_safe
def home(request: PageRequest) -> HttpResponseBase:
    """档案中心: dossiers by unit, and what waits for the archivist."""
    listing = DossierList(request, dossiers(request.user))
    if listing.is_fragment or listing.state.export:
        return listing.respond()
    newest = with_unit_names(filed_items(request.user).order_by("-filed_at", "-pk")[:8])
    context: dict[str, Any] = {"newest": [(each, viewer_url(each.pk), item_url(each)) for each in newest]}
    if request.user.can("archives.manage"):
        context["waiting"] = waiting_items(request.user).count()
    return listing.respond(context)


@page(VIEW)
@require_safe
def item_list(request: PageRequest) -> HttpResponseBase:
    """The catalogue."""
    return ItemList(request, filed_items(request.user)).respond()


@page("archives.manage")
@require_safe
def waiting(request: PageRequest) -> HttpResponseBase:
    """Drafts that wait to be described."""
    return WaitingItems(request, waiting_items(request.user)).respond()


@page(VIEW)
@require_safe
def dossier(request: PageRequest, pk: int) -> HttpResponseBase:
    """One unit's dossier; a unit without anything the user may see has none for them."""
    found = dossiers(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("这个单位没有您可以查阅的档案。")
    rows = filed_items(request.user).filter(organization=found)
    context = {
        "unit": found,
        "name": names_on([found.pk], clock.today()).get(found.pk, found.code),
        "years": _year_links(request, rows),
    }
    return DossierItems(request, rows).respond(context)


def _year_links(request: PageRequest, rows: QuerySet[Item]) -> list[tuple[str, str, int, bool]]:
    """(label, address, count, current) of each year."""
    wanted = request.GET.get("year", "")
    counts = years_of(rows)
    every = ("全部", request.path, sum(count for _, count in counts), not wanted)
    return [every] + [
        (f"{year}年", f"{request.path}?year={year}", count, wanted == str(year)) for year, count in counts if year
    ]


def unit_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """The tab 档案 of the unit page."""
    return DossierItems(request, filed_items(request.user).filter(organization=unit)).embedded()


def unit_count(request: PageRequest, unit: Organization) -> int:
    """The number beside it."""
    return filed_items(request.user).filter(organization=unit).count()


def waiting_count(user: Any) -> int:
    """The badge of the menu: drafts an archivist has to describe."""
    return Item.objects.filter(state=ItemState.DRAFT).count() if user.can("archives.manage") else 0
