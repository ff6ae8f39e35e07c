"""预警: the list, one warning with its rule and next step, and the button that computes them now."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common import jobs
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, LookupFilter
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.jobs import COMPUTE
from bianzhi.reports.models import StandingWarning, WarningLevel
from bianzhi.reports.rules.catalogue import KINDS
from bianzhi.reports.selectors.units import Units

SUPERVISED = {"rectification": "supervision:order", "problem": "supervision:problem"}
TONES = {"red": "bad", "orange": "warn", "yellow": "warn", "blue": "info"}


def urgent_count(user: Any) -> int:
    """The badge of the menu: red warnings that stand, those somebody must act on."""
    return int(StandingWarning.objects.visible_to(user).open().filter(level=WarningLevel.RED).count())


def subject_url(warning: StandingWarning, links: Links) -> str:
    """The page of what the warning is about."""
    if warning.subject_kind == "person":
        return links.person(int(warning.subject_id))
    if warning.subject_kind == "approval":
        return links.approval(int(warning.subject_id))
    if warning.subject_kind == "entry":
        return links.entry(int(warning.subject_id))
    if warning.subject_kind == "finding":
        return reverse("exchange:finding", args=[int(warning.subject_id)])
    if warning.subject_kind in SUPERVISED:
        return reverse(SUPERVISED[warning.subject_kind], args=[int(warning.subject_id)])
    if warning.organization_id is None:
        return links.totals()
    if warning.code == "W02":
        return links.roster(warning.organization_id, warning.facet)
    if warning.code == "W03":
        return links.report("t11", unit=warning.organization_id)
    return links.unit(warning.organization_id)


class WarningList(ListPage):
    """Warnings standing on the day shown, the most pressing first."""

    key = "reports.warnings"
    title = "监测预警"
    noun = "条"
    template = "reports/warnings.html"
    columns = (
        Column("level", "级别", "get_level_display", kind="status"),
        Column("code", "类别", lambda warning: f"{warning.code} {warning.kind.label}", order="code"),
        Column("message", "内容", link=lambda warning: reverse("reports:warning", args=[warning.pk])),
        Column("unit", "单位", "unit_name"),
        Column("first_seen_on", "首次出现", kind="date", order="first_seen_on"),
        Column("last_seen_on", "最近出现", kind="date", order="last_seen_on", shown=False),
        Column("resolved_on", "解除日期", kind="date", order="resolved_on", shown=False),
        Column("next_step", "下一步", lambda warning: warning.kind.next_step, shown=False),
    )
    filters = (
        ChoiceFilter(
            key="code",
            label="类别",
            choices=[(kind.code, f"{kind.code} {kind.label}") for kind in KINDS.values()],
            narrow="code",
        ),
        ChoiceFilter(key="level", label="级别", choices=WarningLevel.choices, narrow="level"),
        LookupFilter(key="unit", label="单位", lookup="organization", narrow="organization"),
        DateRangeFilter(key="seen", label="首次出现", field="first_seen_on", more=True),
    )
    search_fields = ("message", "subject_label")
    search_hint = "单位、人员、单号"
    ordering = ("urgency", "-first_seen_on", "code")
    export_permission = "reports.export"
    empty_title = "没有预警"
    empty_text = "按规则每天计算；也可以点“立即计算”。"
    kept = ("date", "tab", "resolved")

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Name the units as of the day shown."""
        units = Units.on(self.request.as_of)
        for row in rows:
            row.unit_name = units.name(row.organization_id) or "全区"
        return rows

    def row_css(self, row: Any) -> str:
        """Red warnings are marked."""
        return "is-flagged" if row.level == WarningLevel.RED and row.resolved_on is None else ""


@page("warnings.view")
@require_safe
def warning_list(request: PageRequest) -> HttpResponseBase:
    """Warnings standing on the day shown, or with `?resolved=1` those settled by then."""
    rows = StandingWarning.objects.visible_to(request.user)
    shows_resolved = request.GET.get("resolved") == "1"
    rows = rows.filter(resolved_on__lte=request.as_of) if shows_resolved else rows.standing_on(request.as_of)
    last = StandingWarning.objects.order_by("-computed_at").values_list("computed_at", flat=True).first()
    context = {"shows_resolved": shows_resolved, "computed_at": last, "may_run": request.user.can("warnings.run")}
    return WarningList(request, rows.most_pressing_first()).respond(context)


@page("warnings.view")
@require_safe
def warning_page(request: PageRequest, pk: int) -> HttpResponse:
    """One warning: what was found, by which rule, and what to do."""
    warning = get_visible_or_404(StandingWarning, request.user, pk)
    units = Units.on(request.as_of)
    pairs = [
        ("对象", warning.subject_label, subject_url(warning, Links(request.as_of, request.today))),
        ("单位", units.name(warning.organization_id) or "全区"),
        *((key, str(value)) for key, value in warning.figures.items()),
        ("首次出现", str(warning.first_seen_on)),
        ("最近出现", str(warning.last_seen_on)),
        *([("解除日期", str(warning.resolved_on))] if warning.resolved_on else []),
    ]
    return render(request, "reports/warning.html", {"warning": warning, "pairs": pairs, "tone": TONES[warning.level]})


@page("warnings.run")
@require_POST
def compute(request: PageRequest) -> HttpResponse:
    """立即计算: a job, whose progress is shown until the list is fresh."""
    job = jobs.enqueue(COMPUTE, title="计算预警", params={"url": reverse("reports:warnings")}, actor=request.user)
    return redirect("common:job", job.pk)
