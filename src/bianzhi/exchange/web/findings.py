"""核对差异: the board of findings, by class, and as a tab of a unit and a panel of a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.accounts.models import User
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.lists.filters import Filter
from bianzhi.exchange.models import UNSETTLED, Finding, FindingState
from bianzhi.exchange.selectors.board import board, within
from bianzhi.exchange.selectors.findings import age_in_days, findings_for
from bianzhi.exchange.web import charts, words
from bianzhi.exchange.web.links import finding_url, findings_url, person_page, unit_page
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Person
from bianzhi.personnel.web.filters import DayChoiceFilter, UnitFilter
from bianzhi.reconciliation.sources import DEPARTMENTS

MINE, NOBODY = "mine", "nobody"
SEVERITIES = [("red", "严重"), ("yellow", "一般"), ("blue", "提示")]
LANES = [("accuse", "认定（须两人）"), ("review", "核实")]


def _by_state(rows: Any, value: str) -> Any:
    if value == "unsettled":
        return rows.filter(state__in=UNSETTLED)
    return rows.filter(state=value)


def _assignees(request: PageRequest) -> list[tuple[str, str]]:
    """Me, nobody, and whoever has one of the findings the user sees."""
    holders = Finding.objects.visible_to(request.user).filter(assignee__isnull=False).values("assignee")
    people = User.objects.filter(pk__in=holders).order_by("display_name")
    return [(MINE, "我"), (NOBODY, "未交办"), *((str(user.pk), user.display_name) for user in people)]


class AssigneeFilter(ChoiceFilter):
    """Whoever is asked to look into a finding; "mine" is the reader."""

    def apply(self, rows: Any, request: PageRequest) -> Any:
        value = request.GET.get(self.key, "")
        if value == MINE:
            return rows.filter(assignee_id=request.user.pk)
        return rows.filter(assignee=None) if value == NOBODY else super().apply(rows, request)


class FindingList(ListPage):
    """Findings the user may see, the newest first; those nobody has to act on any more only when asked for."""

    key = "exchange.findings"
    title = "核对差异"
    noun = "项"
    columns: ClassVar[Sequence[Column]] = (
        Column("kind", "差异", lambda row: words.kind_label(row.kind), order="kind", link=finding_url, width=24),
        Column("name", "姓名", "person_name", order="person_name", link=lambda row: person_page(row.person_id)),
        Column("unit", "单位", "unit_name", order="unit", link=lambda row: unit_page(row.organization_id), width=30),
        Column("owner", "责任部门", "get_owner_display", order="owner"),
        Column("sources", "涉及部门", lambda row: words.departments_label(row.sources), shown=False, width=24),
        Column("severity", "程度", "get_severity_display", kind="status", order="severity"),
        Column("lane", "处理方式", "get_lane_display", order="lane"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("found_on", "发现日期", kind="date", order="found_on", shown=False),
        Column("age", "天数", kind="number", order="found_on"),
        Column("last_period", "最近月份", kind="month", order="last_period"),
        Column("assignee", "承办人", "assignee.display_name", order="assignee__display_name"),
        Column("due_on", "办理期限", kind="date", order="due_on"),
        Column("closed_on", "了结日期", kind="date", order="closed_on", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            key="state", label="状态", choices=[("unsettled", "未了结"), *FindingState.choices], narrow=_by_state
        ),
        ChoiceFilter(key="owner", label="责任部门", choices=DEPARTMENTS, narrow="owner"),
        UnitFilter(key="unit", label="单位（含下级）"),
        ChoiceFilter(key="kind", label="差异", choices=words.kind_choices(), narrow="kind", more=True),
        ChoiceFilter(key="severity", label="程度", choices=SEVERITIES, narrow="severity", more=True),
        ChoiceFilter(key="lane", label="处理方式", choices=LANES, narrow="lane", more=True),
        DayChoiceFilter(
            key="age",
            label="天数",
            choices=[(band, label) for band, (label, _, _) in words.AGES.items()],
            by_day=lambda rows, value, day: rows.filter(within(*words.AGES[value][1:], day)),
            more=True,
        ),
        AssigneeFilter(key="assignee", label="承办人", choices=_assignees, narrow="assignee", more=True),
        TextFilter(key="period", label="月份（如 2026-10）", narrow="last_period", more=True),
        DateRangeFilter(key="due", label="办理期限", field="due_on", more=True),
    )
    search_fields = ("person_name", "unit")
    search_hint = "姓名、单位"
    ordering = ("-last_period", "-pk")
    kept = ("date", "tab", "group")
    bulk_actions: ClassVar[Sequence[BulkAction]] = (
        BulkAction("批量办理", "exchange:findings_batch", "exchange.decide"),
    )
    export_permission = "reports.export"
    template = "exchange/findings.html"
    empty_title = "没有核对差异"
    empty_text = "每月各部门报送名册并核对以后，不一致的人员和单位列在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The register's names of the units, in one query; what a department wrote where it has none."""
        names = names_on({row.organization_id for row in rows if row.organization_id}, self.request.as_of)
        for row in rows:
            row.unit_name = names.get(row.organization_id, row.unit)
            row.age = age_in_days(row, self.request.today)
        return rows

    def row_css(self, row: Any) -> str:
        """Late ones are marked, settled ones pale."""
        if row.state not in UNSETTLED:
            return "is-past"
        return "is-flagged" if row.due_on is not None and row.due_on < self.request.today else ""


def visible_findings(request: PageRequest) -> Any:
    """The findings of the list's letter within the user's scope, with what the list shows of each."""
    rows = findings_for(request.user)
    group = request.GET.get("group", "")
    return rows.filter(kind__in=words.kinds_of_group(group)) if group else rows


@page("exchange.findings")
@require_safe
def findings(request: PageRequest) -> HttpResponseBase:
    """The board: letters as tabs with what stands of each, the picture, the list; at first what is not settled."""
    if not request.GET and Finding.objects.visible_to(request.user).exists():
        return redirect(findings_url(state="unsettled"))
    listing = FindingList(request, visible_findings(request))
    if listing.is_fragment or listing.state.export:
        return listing.respond()
    counts = board(request.user, request.today).by_kind_and_department
    picture = charts.by_kind(counts)
    context = {
        "letters": _letters(request, counts),
        "picture": picture,
        "picture_height": charts.height_of(picture),
        "batch_query": listing.query_to_save,
        "group": request.GET.get("group", ""),
    }
    return listing.respond(context)


def _letters(request: PageRequest, counts: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int, bool]]:
    """(label, address, unsettled, current) of every class of differences, all of them first."""
    current = request.GET.get("group", "")
    lines = [("全部", findings_url(state="unsettled"), sum(counts.values()), not current)]
    for letter, label in words.group_choices():
        kinds = words.kinds_of_group(letter)
        number = sum(value for (kind, _), value in counts.items() if kind in kinds)
        lines.append((label, findings_url(group=letter, state="unsettled"), number, letter == current))
    return lines


class UnitFindings(FindingList):
    """The findings about one unit and its people."""

    key = "exchange.unit_findings"
    columns = tuple(column for column in FindingList.columns if column.key not in ("unit", "lane"))
    filters = tuple(each for each in FindingList.filters if each.key != "unit")
    bulk_actions = ()


def unit_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """核对差异 on the page of a unit."""
    rows = findings_for(request.user).filter(organization=unit)
    listing = UnitFindings(request, rows).embedded()
    if isinstance(listing, HttpResponseBase):
        return listing
    return render_to_string("exchange/unit_tab.html", {"unit": unit, "listing": listing}, request=request)


def unit_count(request: PageRequest, unit: Organization) -> int:
    """How many findings about the unit are not settled."""
    return Finding.objects.visible_to(request.user).filter(organization=unit).unsettled().count()


def person_panel(request: PageRequest, person: Person) -> SafeString:
    """核对差异 on the page of a person; nothing where there is none."""
    found = Finding.objects.visible_to(request.user).filter(person=person).order_by("-pk")
    lines = [(row, words.kind_label(row.kind), finding_url(row)) for row in found]
    return render_to_string("exchange/person_panel.html", {"lines": lines}) if lines else SafeString("")


def waiting_count(user: Any) -> int:
    """The badge of the menu: proposals a second person has to confirm, and what is assigned to the user."""
    mine = Q(assignee_id=user.pk, state=FindingState.ASSIGNED)
    if user.can("exchange.confirm"):
        mine |= Q(state=FindingState.PROPOSED) & ~Q(proposed_by_id=user.pk)
    return Finding.objects.visible_to(user).filter(mine).count()
