"""变动识别: entries, transfers, exits and changed data recognised from deliveries or told by a department."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import Change, ChangeKind, ChangeState
from bianzhi.exchange.rules.signals import FIELDS, ShownSignal, signals_of, value_words
from bianzhi.exchange.selectors.changes import change_detail, changes_for
from bianzhi.exchange.services.changes import dismiss_change, open_change_case
from bianzhi.exchange.web.cases import after_beginning, visible_case_url
from bianzhi.exchange.web.files import files_of
from bianzhi.exchange.web.links import change_url, finding_url, person_page, run_url, unit_page
from bianzhi.exchange.web.words import DEPARTMENT_NAMES, kind_label
from bianzhi.kernel.objections import Refused
from bianzhi.organizations.selectors.units import names_on

CONFIDENCES = {
    "high": ("高（90% 以上）", 0.9, None),
    "middle": ("中（60%—90%）", 0.6, 0.9),
    "low": ("低（60% 以下）", 0, 0.6),
}
WAITING = (ChangeState.WAITING, ChangeState.CANDIDATE)


def _by_confidence(rows: Any, value: str) -> Any:
    _, least, below = CONFIDENCES[value]
    rows = rows.filter(confidence__gte=least)
    return rows if below is None else rows.filter(confidence__lt=below)


class ChangeList(ListPage):
    """Recognised changes, the newest first."""

    key = "exchange.changes"
    title = "变动识别"
    noun = "项"
    columns: ClassVar[Sequence[Column]] = (
        Column("kind", "变动", "get_kind_display", kind="status", order="kind"),
        Column("name", "姓名", "person_name", order="person_name", link=change_url),
        Column("from", "原单位", "from_name", width=30),
        Column("to", "现单位", "to_name", width=30),
        Column("happened_on", "发生日期", kind="date", order="happened_on"),
        Column("period", "月份", kind="month", order="period"),
        Column("sources", "佐证部门", lambda row: _departments(row.sources), width=20),
        Column("confidence", "把握", lambda row: f"{row.confidence:.0%}", kind="number", order="confidence"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("decided_by", "办理人", "decided_by.display_name", shown=False),
        Column("reason", "说明", shown=False, width=30),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="kind", label="变动", choices=ChangeKind.choices, narrow="kind"),
        ChoiceFilter(
            key="state",
            label="状态",
            choices=[("open", "未办理"), *ChangeState.choices],
            narrow=lambda rows, value: rows.filter(state__in=WAITING if value == "open" else [value]),
        ),
        ChoiceFilter(
            key="confidence",
            label="把握",
            choices=[(key, label) for key, (label, _, _) in CONFIDENCES.items()],
            narrow=_by_confidence,
        ),
        TextFilter(key="period", label="月份（如 2026-10）", narrow="period", more=True),
        DateRangeFilter(key="happened", label="发生日期", field="happened_on", more=True),
    )
    search_fields = ("person_name",)
    search_hint = "姓名"
    ordering = ("-period", "-pk")
    export_permission = "reports.export"
    template = "exchange/changes.html"
    empty_title = "没有识别出变动"
    empty_text = "连续两个月核对后，各部门名册之间入编、调动、出编和信息的变化列在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The names of the units, in one query."""
        names = _unit_names(self.request, rows)
        for row in rows:
            row.from_name = names.get(row.from_organization_id, "")
            row.to_name = names.get(row.to_organization_id, "")
        return rows

    def row_css(self, row: Any) -> str:
        """Settled ones are pale."""
        return "is-past" if row.state in (ChangeState.REGISTERED, ChangeState.DISMISSED) else ""


def _departments(codes: Iterable[str]) -> str:
    return "、".join(DEPARTMENT_NAMES.get(code, code) for code in codes)


def _unit_names(request: PageRequest, rows: Iterable[Change]) -> dict[int, str]:
    ids = {pk for row in rows for pk in (row.from_organization_id, row.to_organization_id) if pk is not None}
    return names_on(ids, request.as_of)


@page("exchange.findings")
@require_safe
def changes(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return ChangeList(request, changes_for(request.user)).respond()


@page("exchange.findings")
@require_safe
def change(request: PageRequest, pk: int) -> HttpResponse:
    """One change: what it rests on, and what may be done with it."""
    get_object_or_404(changes_for(request.user), pk=pk)
    told = change_detail(request.user, pk, request.today)
    found = told.change
    context = {
        "change": found,
        "words": told.words,
        "pairs": _pairs(request, found),
        "confidence": f"{found.confidence:.0%}",
        "signals": _signals(request, found.evidence),
        "diff": _diff(found.evidence),
        "related": [(row, kind_label(row.kind), finding_url(row)) for row in told.findings],
        "why_not": told.why_not,
        "may_open": told.prefilled is not None and request.user.can("exchange.decide"),
        "may_dismiss": found.state in WAITING and request.user.can("exchange.decide"),
    }
    return render(request, "exchange/change.html", context)


def _signals(request: PageRequest, evidence: Mapping[str, Any]) -> list[tuple[ShownSignal, list[tuple[str, str]]]]:
    """Each department's part with (words, address) of the rows of this month it stands in."""
    told = evidence.get("rows")
    rows = [row for row in told if isinstance(row, Mapping)] if isinstance(told, list) else []
    files = files_of(request, rows)
    return [
        (signal, [_place(row, files) for row in rows if row.get("source") == signal.source])
        for signal in signals_of(evidence)
    ]


def _place(row: Mapping[str, Any], files: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    name, url = files.get(str(row.get("delivery", "")), ("", ""))
    return f"{name} 第 {row.get('row', '—')} 行".strip(), url


def _diff(evidence: Mapping[str, Any]) -> list[dict[str, str]]:
    """The changed attribute, old and new."""
    attribute = str(evidence.get("field") or "")
    if not attribute:
        return []
    old, new = (value_words(attribute, evidence.get(side)) for side in ("old", "new"))
    return [{"label": FIELDS.get(attribute, attribute), "old": old, "new": new}]


def _pairs(request: PageRequest, found: Change) -> list[tuple[Any, ...]]:
    names = _unit_names(request, [found])
    return [
        ("姓名", found.person_name, person_page(found.person_id)),
        ("变动", found.get_kind_display()),
        ("原单位", names.get(found.from_organization_id or 0, ""), unit_page(found.from_organization_id)),
        ("现单位", names.get(found.to_organization_id or 0, ""), unit_page(found.to_organization_id)),
        ("发生日期", str(found.happened_on) if found.happened_on else "未说明"),
        ("月份", found.period, run_url(found.run) if found.run and request.user.can("exchange.view") else ""),
        ("佐证部门", _departments(found.sources)),
        ("把握", f"{found.confidence:.0%}"),
        *([("业务办件", found.case.title, visible_case_url(request.user, found.case))] if found.case else []),
        *([("办理人", found.decided_by.display_name)] if found.decided_by else []),
        *([("说明", found.reason)] if found.reason else []),
    ]


@page("exchange.decide")
@require_POST
def open_case(request: PageRequest, pk: int) -> HttpResponse:
    """Fill the case of the change in and lead to it."""
    found = get_object_or_404(changes_for(request.user), pk=pk)
    try:
        case = open_change_case(actor=request.user, change_id=found.pk, today=request.today)
    except Refused as refusal:
        return redirect_with_notice(request, change_url(found), str(refusal), level="error")
    return after_beginning(request, case, change_url(found))


@page("exchange.decide")
@require_POST
def dismiss(request: PageRequest, pk: int) -> HttpResponse:
    """The change did not happen, or is none of the register's."""
    found = get_object_or_404(changes_for(request.user), pk=pk)
    try:
        dismiss_change(actor=request.user, change_id=found.pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, change_url(found), str(refusal), level="error")
    return redirect_with_notice(request, change_url(found), "已登记为不采纳。")


def waiting_count(user: Any) -> int:
    """The badge of the menu: changes ready to be registered, for whoever opens the case."""
    return changes_for(user).filter(state=ChangeState.CANDIDATE).count() if user.can("exchange.decide") else 0
