"""Reports: the index, a report on the screen, on paper and as XLSX."""

from dataclasses import replace
from itertools import islice
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.field_classes import FieldClass
from bianzhi.common.web import as_of, lookups, releasing
from bianzhi.common.web.access import MissingPermission, PageRequest, page
from bianzhi.common.web.context import Shell
from bianzhi.common.web.lists.filters import Control
from bianzhi.reports.definitions.base import Choice, Query, Report, Table
from bianzhi.reports.definitions.choices import UNIT
from bianzhi.reports.definitions.registry import REPORTS
from bianzhi.reports.output import xlsx
from bianzhi.reports.selectors.units import Units
from bianzhi.reports.web.drawing import body_rows, head_rows
from bianzhi.reports.web.scope import scope_label, scope_of

PAGE_SIZE: Final = 100
MOST_PRINTED: Final = 3000
EXPORT_PERMISSION: Final = "reports.export"
REVEAL_PERMISSION: Final = FieldClass.IDENTITY.permission


@page("reports.view")
@require_safe
def index(request: PageRequest) -> HttpResponse:
    """The reports the user may see, with what each shows."""
    listed = [
        (report.code, report.title, report.description, _url(request, "report", report), _url(request, "print", report))
        for report in REPORTS.values()
        if request.user.can(report.permission)
    ]
    if request.user.can("ledger.view"):
        url = as_of.with_day(request, reverse("ledger:statements"))
        listed.append(("T02", "机构编制台账", "各单位编制和领导职数的逐笔增减、结存和依据文号。", url, ""))
    return render(request, "reports/index.html", {"reports": sorted(listed)})


def _url(request: PageRequest, name: str, report: Report) -> str:
    return as_of.with_day(request, reverse(f"reports:{name}", args=[report.slug]))


@page("reports.view")
@require_safe
def report_page(request: PageRequest, slug: str) -> HttpResponseBase:
    """A report on the screen, one page of it where it is long; `?export=xlsx` answers with the file."""
    report = _report(request, slug)
    asked = _Asked(request, report)
    if request.GET.get("export"):
        return _file(asked) if request.GET["export"] == "xlsx" else HttpResponseBadRequest("没有这种导出格式。")
    number = _page_number(request)
    query = replace(asked.query, window=((number - 1) * PAGE_SIZE, PAGE_SIZE)) if report.paged else asked.query
    table = report.build(query)
    context = {
        **asked.context(table, with_links=True),
        "controls": asked.controls(),
        "may_export": request.user.can(EXPORT_PERMISSION),
        "may_reveal": report.has_id_numbers and request.user.can(REVEAL_PERMISSION),
        "pager": _pager(asked, table.count, number) if report.paged else None,
    }
    return render(request, "reports/report.html", context)


@page("reports.view")
@require_safe
def print_page(request: PageRequest, slug: str) -> HttpResponse:
    """A report on paper; a longer one than can be printed sensibly is to be narrowed or exported."""
    report = _report(request, slug)
    asked = _Asked(request, report)
    table = report.build(replace(asked.query, window=(0, MOST_PRINTED)))
    context = {**asked.context(table, with_links=False), "too_long": table.count > MOST_PRINTED, "most": MOST_PRINTED}
    return render(request, "reports/print.html", context)


def _report(request: PageRequest, slug: str) -> Report:
    report = REPORTS.get(slug)
    if report is None:
        raise Http404("没有这张报表。")
    if not request.user.can(report.permission):
        raise MissingPermission(report.permission)
    return report


class _Asked:
    """A report with what the reader asks of it."""

    def __init__(self, request: PageRequest, report: Report) -> None:
        self.request, self.report = request, report
        self.problem = ""
        scope = scope_of(request)
        values = {choice.key: request.GET.get(choice.key, "").strip() for choice in report.choices}
        self.unit = self._unit(values.get(UNIT.key, "")) if UNIT in report.choices else None
        if values.get(UNIT.key):
            values[UNIT.key] = str(self.unit.pk) if self.unit is not None else "0"
        self.query = Query(request.user, request.as_of, request.today, scope, values)

    def _unit(self, text: str) -> Any:
        if not text:
            return None
        found = lookups.find("organization").get(self.request.user, text)
        if found is None:
            self.problem = f"没有找到单位“{text}”，或者它不在您的管理范围内，因此没有列出任何数据。"
        return found

    def controls(self) -> list[Control]:
        """The choices above the report."""
        return [self._control(choice) for choice in self.report.choices]

    def _control(self, choice: Choice) -> Control:
        if choice.kind == "unit":
            label = lookups.find("organization").label(self.unit) if self.unit is not None else ""
            value = str(self.unit.pk) if self.unit is not None else self.request.GET.get(choice.key, "")
            return Control(
                "lookup", choice.key, choice.label, value, url=lookups.url_of("organization"), value_label=label
            )
        options = tuple(choice.offered(self.query))
        return Control("choice", choice.key, choice.label, self.query.chosen(choice), options)

    def conditions(self) -> list[str]:
        """The choices in words."""
        words = []
        for choice in self.report.choices:
            if choice.kind == "unit":
                words += [f"单位：{lookups.find('organization').label(self.unit)}"] if self.unit is not None else []
            else:
                chosen = self.query.chosen(choice)
                words += [f"{choice.label}：{label}" for value, label in choice.offered(self.query) if value == chosen]
        return words

    def cover(self) -> xlsx.Cover:
        """What stands above the table on paper and in the sheet."""
        shell = Shell(self.request)
        units = Units.on(self.request.as_of)
        scope = self.query.scope
        if self.unit is not None:
            subtree = units.subtree(self.unit.pk)
            scope = subtree if scope is None else subtree & scope
        is_gone = self.unit is not None and self.unit.pk not in units
        words = lookups.find("organization").label(self.unit) if is_gone else scope_label(scope, units, shell.tenant)
        return xlsx.Cover(
            title=self.report.heading(self.query),
            scope=words,
            day=self.request.as_of,
            author=self.request.user.display_name,
            conditions="；".join(self.conditions()),
            paper=self.report.paper,
            is_synthetic=shell.is_synthetic,
        )

    def context(self, table: Table, *, with_links: bool) -> dict[str, Any]:
        """What both templates draw."""
        columns = table.columns
        return {
            "report": self.report,
            "cover": self.cover(),
            "problem": self.problem,
            "heads": head_rows(columns),
            "rows": list(islice(body_rows(columns, table.rows, with_links=with_links), 2 * MOST_PRINTED)),
            "totals": list(body_rows(columns, table.totals, with_links=with_links)),
            "remarks": table.remarks,
            "count": table.count,
            "print_url": self._address("reports:print"),
            "screen_url": self._address("reports:report"),
            "export_url": self._address("reports:report", export="xlsx"),
            "reveal_url": self._address("reports:report", export="xlsx", clear=FieldClass.IDENTITY.value),
        }

    def _address(self, name: str, **more: str) -> str:
        query = self.request.GET.copy()
        for key in ("page", "export", "clear"):
            query.pop(key, None)
        for key, value in more.items():
            query[key] = value
        url = reverse(name, args=[self.report.slug])
        return f"{url}?{query.urlencode()}" if query else url


def _file(asked: _Asked) -> HttpResponseBase:
    request, report = asked.request, asked.report
    if not request.user.can(EXPORT_PERMISSION):
        raise MissingPermission(EXPORT_PERMISSION)
    revealed = report.has_id_numbers and FieldClass.IDENTITY.value in request.GET.getlist("clear")
    if revealed and not request.user.can(REVEAL_PERMISSION):
        raise MissingPermission(REVEAL_PERMISSION)
    table = report.build(replace(asked.query, revealed=revealed))
    cover = asked.cover()
    conditions = [f"数据日期：{request.as_of}", *asked.conditions(), *(["身份证号完整显示"] if revealed else [])]
    wanted = releasing.Wanted(
        f"reports.{report.slug}",
        cover.title,
        "xlsx",
        f"{cover.title}-{request.as_of:%Y%m%d}",
        tuple(each.label for each in table.columns),
        tuple(conditions),
        rows=table.count,
        of_persons=table.of_persons,
        classes=frozenset({FieldClass.IDENTITY} if revealed else ()),
        offers=frozenset({FieldClass.IDENTITY} if report.has_id_numbers else ()),
    )
    return releasing.send(request, wanted, lambda file, release: xlsx.write(table, cover, file, release))


def _page_number(request: PageRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _pager(asked: _Asked, count: int, number: int) -> dict[str, Any]:
    last = max(1, -(-count // PAGE_SIZE))
    return {
        "number": number,
        "last": last,
        "count": count,
        "previous": asked._address("reports:report", page=str(number - 1)) if number > 1 else "",
        "next": asked._address("reports:report", page=str(number + 1)) if number < last else "",
    }
