"""The list page: declared once by an app, answered as a page, as a fragment and as a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from bianzhi.common.models import SavedView
from bianzhi.common.web import exports
from bianzhi.common.web.access import MissingPermission, PageRequest
from bianzhi.common.web.context import Shell
from bianzhi.common.web.lists import state as list_state
from bianzhi.common.web.lists.columns import Column, order_by
from bianzhi.common.web.lists.filters import Control, Filter, FilterProblem
from bianzhi.common.web.releasing import Wanted
from bianzhi.kernel import clock

CHUNK = 500


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something done with the selected rows: a POST with `selected` (keys) to `url_name`."""

    label: str
    url_name: str
    permission: str
    icon: str = "checklist"
    is_destructive: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row ready for the template."""

    pk: Any
    cells: tuple[tuple[Column, SafeString | str], ...]
    css: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column head; `url` sorts by it, `direction` is what it is sorted by now."""

    column: Column
    url: str
    direction: str


class ListPage:
    """Subclass it, declare, and let a view answer with `PeopleList(request, rows).respond()`.

    `rows` is the queryset within the user's scope and of the day shown; everything else only narrows it. A list whose
    lines are not about persons says so (`of_persons`): more of it may be taken away without approval.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    noun: ClassVar[str] = "条"
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[str] = "搜索"
    ordering: ClassVar[Sequence[str]] = ("pk",)
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()
    export_permission: ClassVar[str] = ""
    of_persons: ClassVar[bool] = True
    template: ClassVar[str] = "common/list_page.html"
    empty_title: ClassVar[str] = "还没有记录"
    empty_text: ClassVar[str] = ""
    kept: ClassVar[Sequence[str]] = ("date", "tab")

    def __init__(self, request: PageRequest, rows: QuerySet[Any]) -> None:
        self.request = request
        self.state = list_state.read(request)
        self.problems: list[str] = []
        self._source = rows

    # What a subclass may answer differently.

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """The rows a quick search finds: every word in one of `search_fields`."""
        for word in text.split():
            found = Q()
            for field in self.search_fields:
                found |= Q(**{f"{field}__icontains": word})
            rows = rows.filter(found)
        return rows

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Attach to one page (or one chunk of an export) what one more query can bring for all of its rows."""
        return rows

    def revealed(self) -> frozenset[str]:
        """Keys of masked columns shown in clear: those an export asks for (`?clear=`), which needs approval always.

        Raises MissingPermission for a class the user may not see whole.
        """
        asked = self.request.GET.getlist(list_state.CLEAR) if self.state.export else []
        columns = [column for column in self.allowed if column.field_class and column.field_class.value in asked]
        for column in columns:
            permission = column.field_class.permission if column.field_class else ""
            if not permission or not self.request.user.can(permission):
                raise MissingPermission(permission)
        return frozenset(column.key for column in columns)

    def row_css(self, row: Any) -> str:
        """Class of a row ("is-past" pale, "is-flagged" marked)."""
        return ""

    # Answers.

    def respond(self, context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The whole page, the rows only (htmx), or a file."""
        if self.state.export:
            return self._file()
        if self.is_fragment:
            return HttpResponse(self._render("components/list_fragment.html"))
        response = render(self.request, self.template, {"listing": self, **(context or {})})
        return self._remember_density(response)

    def embedded(self) -> SafeString | HttpResponseBase:
        """For a tab of another page: the list as HTML, or the answer when only rows or a file are asked for."""
        if self.state.export or self.is_fragment:
            return self.respond()
        return self._render("components/list.html")

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for the rows of this very list."""
        htmx = self.request.htmx
        return bool(htmx) and not htmx.history_restore_request and htmx.target == f"{self.dom_id}-rows"

    def _render(self, template: str) -> SafeString:
        return render_to_string(template, {"listing": self}, request=self.request)

    def _remember_density(self, response: HttpResponse) -> HttpResponse:
        if list_state.DENSITY in self.request.GET:
            response.set_cookie(
                list_state.DENSITY_COOKIE, self.state.density, max_age=31_536_000, samesite="Lax", httponly=True
            )
        return response

    # Rows.

    @cached_property
    def found(self) -> QuerySet[Any]:
        """The rows after filters and search, in order. No rows at all when a filter cannot be understood."""
        rows = self._source
        try:
            for each in self.filters:
                if each.is_used(self.request):
                    rows = each.apply(rows, self.request)
        except FilterProblem as problem:
            self.problems.append(str(problem))
            return self._source.none()
        if self.state.search and self.search_fields:
            rows = self.search(rows, self.state.search)
        return self._ordered(rows)

    def _ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        column = self._sorted_column
        chosen = column.ordering(descending=self.state.descending) if column else []
        usual = [order_by(field) for field in self.ordering]
        return rows.order_by(*chosen, *usual, "pk")

    @cached_property
    def _sorted_column(self) -> Column | None:
        return next((c for c in self.allowed if c.key == self.state.sort_key and c.order_fields), None)

    @cached_property
    def total(self) -> int:
        """How many rows there are on all pages."""
        return self.found.count()

    @property
    def last_page(self) -> int:
        """Number of the last page, at least 1."""
        return max(1, -(-self.total // self.state.size))

    @property
    def page_number(self) -> int:
        """The page shown; beyond the last one it is the last."""
        return min(self.state.page, self.last_page)

    @cached_property
    def rows(self) -> list[ShownRow]:
        """The rows of the page."""
        start = (self.page_number - 1) * self.state.size
        found = self.prepare(list(self.found[start : start + self.state.size]))
        revealed = self.revealed()
        return [
            ShownRow(
                getattr(row, "pk", None),
                tuple((column, column.html(row, revealed=column.key in revealed)) for column in self.chosen),
                self.row_css(row),
            )
            for row in found
        ]

    # Columns.

    @cached_property
    def allowed(self) -> list[Column]:
        """The columns the user may see."""
        return [column for column in self.columns if not column.permission or self.request.user.can(column.permission)]

    @cached_property
    def chosen(self) -> list[Column]:
        """The columns shown: the reader's choice, else the usual ones."""
        picked = [column for column in self.allowed if column.key in self.state.columns]
        return picked or [column for column in self.allowed if column.shown]

    @property
    def heads(self) -> list[Head]:
        """Column heads with their sort links."""
        return [self._head(column) for column in self.chosen]

    def _head(self, column: Column) -> Head:
        if not column.order_fields:
            return Head(column, "", "")
        is_current = column is self._sorted_column
        direction = ("descending" if self.state.descending else "ascending") if is_current else ""
        sort = f"-{column.key}" if direction == "ascending" else column.key
        return Head(column, self.url(sort=sort), direction)

    # Addresses and controls for the templates.

    @property
    def dom_id(self) -> str:
        """Prefix of the ids in the page."""
        return f"list-{self.key.replace('.', '-')}"

    def url(self, **changes: str | int | None) -> str:
        """This list with changed parameters; any change but that of the page goes back to page 1."""
        query = self.request.GET.copy()
        for name in (list_state.PAGE, list_state.DENSITY, list_state.EXPORT):
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def plain_url(self) -> str:
        """This list without filters, search and order."""
        kept = urlencode(self._pairs(tuple(self.kept)))
        return f"{self.request.path}?{kept}" if kept else self.request.path

    @property
    def pages(self) -> list[tuple[int, str]]:
        """Links around the present page; number 0 stands for a gap."""
        near = {1, self.last_page, *range(self.page_number - 2, self.page_number + 3)}
        wanted = sorted(number for number in near if 1 <= number <= self.last_page)
        links: list[tuple[int, str]] = []
        for number in wanted:
            if links and number > links[-1][0] + 1:
                links.append((0, ""))
            links.append((number, self.url(page=number)))
        return links

    @property
    def previous_url(self) -> str:
        """The page before, or nothing."""
        return self.url(page=self.page_number - 1) if self.page_number > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after, or nothing."""
        return self.url(page=self.page_number + 1) if self.page_number < self.last_page else ""

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        """Choices of page size."""
        return [(size, self.url(size=size), size == self.state.size) for size in list_state.PAGE_SIZES]

    @property
    def densities(self) -> list[tuple[str, str, bool]]:
        """Choices of row height."""
        return [(label, self.url(density=key), key == self.state.density) for key, label in list_state.DENSITIES]

    @property
    def controls(self) -> list[Control]:
        """Filters always in sight."""
        return [control for each in self.filters if not each.more for control in each.controls(self.request)]

    @property
    def more_controls(self) -> list[Control]:
        """Filters behind 更多筛选."""
        return [control for each in self.filters if each.more for control in each.controls(self.request)]

    @property
    def more_is_used(self) -> bool:
        """Whether a hidden filter is set, so that it is shown open."""
        return any(each.more and each.is_used(self.request) for each in self.filters)

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or the search is set."""
        return bool(self.state.search) or any(each.is_used(self.request) for each in self.filters)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Parameters the filter form must carry along: order, page size, columns, day, tab."""
        names = (*self.kept, list_state.SORT, list_state.SIZE, list_state.COLUMNS)
        return self._pairs(names)

    @property
    def hidden_for_columns(self) -> list[tuple[str, str]]:
        """Parameters the column chooser must carry along: everything but the columns."""
        dropped = (list_state.COLUMNS, list_state.PAGE, list_state.DENSITY, list_state.EXPORT)
        return self._pairs(tuple(name for name in self.request.GET if name not in dropped))

    def _pairs(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(name, value) for name in names for value in self.request.GET.getlist(name)]

    @property
    def chosen_keys(self) -> frozenset[str]:
        """Keys of the columns shown."""
        return frozenset(column.key for column in self.chosen)

    @cached_property
    def actions(self) -> list[BulkAction]:
        """What may be done with selected rows."""
        return [action for action in self.bulk_actions if self.request.user.can(action.permission)]

    @cached_property
    def saved_views(self) -> list[SavedView]:
        """The user's own views of this list."""
        return list(SavedView.objects.filter(user=self.request.user, list_key=self.key).order_by("name"))

    @property
    def query_to_save(self) -> str:
        """What a saved view keeps: everything but the page and the day."""
        query = self.request.GET.copy()
        for name in (list_state.PAGE, list_state.DENSITY, list_state.EXPORT, *self.kept):
            query.pop(name, None)
        return query.urlencode()

    # Files.

    @property
    def may_export(self) -> bool:
        """Whether the user may take the list away."""
        return not self.export_permission or bool(self.request.user.can(self.export_permission))

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        """Links to the files, with every filter kept."""
        return [("Excel 工作簿（.xlsx）", self.url(export="xlsx")), ("CSV 文本（.csv）", self.url(export="csv"))]

    def _file(self) -> HttpResponseBase:
        if not self.may_export:
            raise MissingPermission(self.export_permission)
        wanted = next((known for known in exports.FORMATS if known == self.state.export), None)
        rows = self.found
        if wanted is None or self.problems:
            told = "；".join(self.problems) or "导出格式只能是 xlsx 或 csv。"
            return HttpResponseBadRequest(told, content_type="text/plain; charset=utf-8")
        columns = [column for column in self.chosen if column.exportable]
        headings = [exports.Heading(column.label, column.width) for column in columns]
        table = exports.Table(self.title, headings, self._exported(rows, columns), self._notes())
        revealed = self.revealed()
        classes = {column.field_class: column.key in revealed for column in columns if column.field_class}
        leaving = Wanted(
            self.key,
            self.title,
            wanted,
            f"{self.title}_{self.request.as_of:%Y%m%d}",
            tuple(column.label for column in columns),
            tuple(self._conditions()),
            rows=self.total,
            of_persons=self.of_persons,
            classes=frozenset(each for each, shown in classes.items() if shown),
            offers=frozenset(classes),
        )
        return exports.send_table(self.request, table, leaving)

    def _exported(self, rows: QuerySet[Any], columns: list[Column]) -> Iterator[list[exports.Cell]]:
        revealed = self.revealed()
        source = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(source, CHUNK)):
            for row in self.prepare(chunk):
                yield [column.exported(row, revealed=column.key in revealed) for column in columns]

    def _conditions(self) -> list[str]:
        used = [each.words(self.request) for each in self.filters if each.is_used(self.request)]
        return [*used, f"搜索：{self.state.search}"] if self.state.search else used

    def _notes(self) -> list[tuple[str, str]]:
        notes = [
            ("名称", self.title),
            ("数据日期", self.request.as_of.isoformat()),
            ("筛选条件", "；".join(self._conditions()) or "无"),
            ("导出人", str(self.request.user.display_name)),
            ("导出时间", clock.now().strftime("%Y-%m-%d %H:%M")),
        ]
        synthetic = [("提示", "数据为虚构示例，不作依据")] if Shell(self.request).is_synthetic else []
        return notes + synthetic
