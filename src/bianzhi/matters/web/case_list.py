"""办件列表: every case the user may see, of all matters; the same as a tab of the unit's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Control, Filter, FilterProblem, Rows
from bianzhi.common.web.tones import Tone, register_tones
from bianzhi.kernel.names import person_name_key
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.models import Case
from bianzhi.matters.web.links import case_url
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.filters import UnitFilter
from bianzhi.workflow.models import FlowTask, InstanceStatus, TaskKind, TaskStatus
from bianzhi.workflow.rules.profile import STAGES
from bianzhi.workflow.web.dressing import dress_cases, left_html, left_words

register_tones(
    {
        InstanceStatus.SUSPENDED.label: Tone.WARN,
        InstanceStatus.REJECTED.label: Tone.BAD,
        InstanceStatus.WITHDRAWN.label: Tone.NEUTRAL,
        InstanceStatus.TERMINATED.label: Tone.NEUTRAL,
        "待您办理": Tone.WARN,
        "公示中": Tone.INFO,
        "有异议，暂停计时": Tone.WARN,
        "公示期满": Tone.GOOD,
        "已撤下": Tone.NEUTRAL,
        "无问题": Tone.GOOD,
        "有问题": Tone.BAD,
    }
)
TIMES: Final = {"overdue": "已超期", "due": "今天到期"}


def open_tasks() -> Any:
    """The open tasks of the case at hand, copies to read not among them."""
    rows = FlowTask.objects.filter(instance=OuterRef("instance"), status=TaskStatus.TODO)
    return rows.exclude(kind=TaskKind.COPY)


@dataclass(frozen=True, kw_only=True)
class DueFilter(Filter):
    """Cases with a step over its limit, or due today."""

    key: str = "time"
    label: str = "时限"

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        """The cases whose open step stands so."""
        wanted = self._text(request)
        if wanted not in TIMES:
            raise FilterProblem("筛选条件“时限”没有这一项，请重新选择。")
        terms = {"due_on__lt": request.today} if wanted == "overdue" else {"due_on": request.today}
        return rows.filter(Exists(open_tasks().filter(**terms)))

    def words(self, request: PageRequest) -> str:
        """What it is set to."""
        return f"时限：{TIMES.get(self._text(request), '')}"

    def controls(self, request: PageRequest) -> list[Control]:
        """A choice."""
        return [Control("choice", self.key, self.label, self._text(request), tuple(TIMES.items()))]


@dataclass(frozen=True, kw_only=True)
class MineFilter(Filter):
    """Only what one applied for oneself."""

    key: str = "mine"
    label: str = "范围"

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        """One's own cases."""
        if self._text(request) != "yes":
            raise FilterProblem("筛选条件“范围”没有这一项，请重新选择。")
        return rows.filter(applicant=request.user)

    def words(self, request: PageRequest) -> str:
        """What it is set to."""
        return "范围：我申请的"

    def controls(self, request: PageRequest) -> list[Control]:
        """A choice of one."""
        return [Control("choice", self.key, self.label, self._text(request), (("yes", "我申请的"),))]


def matter_choices(request: PageRequest) -> Iterable[tuple[str, str]]:
    """Every matter by its code."""
    return [(code, matter.title) for code, matter in sorted(MATTERS.items())]


def found_by(text: str) -> Q:
    """Cases by a part of the number or the title; the name of a person stands in the title of the case."""
    return Q(number__icontains=text) | Q(title__icontains=text) | Q(title__icontains=person_name_key(text))


class CaseList(ListPage):
    """Cases that were sent in."""

    key = "matters.cases"
    title = "办件"
    noun = "件"
    columns: ClassVar[Sequence[Column]] = (
        Column("number", "业务编号", order="number", link=case_url, width=20),
        Column("title", "标题", order="title", link=case_url, width=40),
        Column("matter", "事项", lambda row: MATTERS[row.matter].title, order="matter", width=16),
        Column("unit", "申请单位", "unit_name", width=26),
        Column("state", "状态", "instance.get_status_display", kind="status", order="instance__status", width=10),
        Column("stage", "阶段", "instance.stage", order="instance__stage", width=8),
        Column("steps", "正在办理", lambda row: row.flow.steps, width=16),
        Column("holders", "办理人", lambda row: row.flow.holders, width=16),
        Column("left", "剩余", lambda row: left_words(row.flow), render=lambda row: left_html(row.flow), width=12),
        Column("submitted", "提交时间", "submitted_at", kind="moment", order="submitted_at", width=16),
        Column("applicant", "申请人", "applicant.display_name", shown=False, width=12),
        Column("started", "首次提交", "instance.started_at", kind="moment", shown=False, width=16),
        Column("ended", "办结时间", "instance.ended_at", kind="moment", order="instance__ended_at", shown=False),
        Column("override", "放行的规则", "override_codes", shown=False, width=14),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="matter", label="事项", choices=matter_choices, narrow="matter"),
        ChoiceFilter(key="state", label="状态", choices=InstanceStatus.choices, narrow="instance__status"),
        ChoiceFilter(key="stage", label="阶段", choices=[(stage, stage) for stage in STAGES], narrow="instance__stage"),
        DueFilter(),
        UnitFilter(key="unit", label="申请单位（含下级）", more=True),
        MineFilter(more=True),
        DateRangeFilter(key="submitted", label="提交时间", field="submitted_at", is_moment=True, more=True),
        DateRangeFilter(key="ended", label="办结时间", field="instance__ended_at", is_moment=True, more=True),
    )
    search_hint = "编号、标题、姓名"
    search_fields = ("number", "title")
    ordering: ClassVar[Sequence[str]] = ("-submitted_at",)
    export_permission = "reports.export"
    template = "matters/cases.html"
    empty_title = "还没有办件"
    empty_text = "单位提交申请后，办件会列在这里。"

    def search(self, rows: Rows, text: str) -> Rows:
        """Every word in number or title."""
        for word in text.split():
            rows = rows.filter(found_by(word))
        return rows

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Unit, open steps and time left of one page of cases; six queries however many rows."""
        names = names_on({row.organization_id for row in rows}, self.request.today) if rows else {}
        flows = {flow.pk: flow for flow in dress_cases([row.instance for row in rows], self.request.today)}
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
            row.flow = flows[row.instance_id]
        return rows


class UnitCaseList(CaseList):
    """The cases of one unit, on its page."""

    key = "matters.unit_cases"
    columns = tuple(column for column in CaseList.columns if column.key != "unit")
    filters = tuple(each for each in CaseList.filters if each.key in ("matter", "state", "time"))


def sent_in(request: PageRequest) -> Any:
    """Cases within the user's scope that were sent in."""
    rows = Case.objects.visible_to(request.user, request.today).filter(instance__isnull=False)
    return rows.select_related("instance__version__definition", "applicant")


@page("matters.view")
@require_safe
def cases(request: PageRequest) -> HttpResponseBase:
    """The list, its rows or a file of it."""
    return CaseList(request, sent_in(request)).respond()


def of_unit(request: PageRequest, unit: Organization) -> Any:
    """The cases a unit applied for, or is the other side of."""
    return sent_in(request).filter(Q(organization=unit) | Q(counterpart=unit))


def unit_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """办件 on the page of a unit."""
    listing = UnitCaseList(request, of_unit(request, unit)).embedded()
    if isinstance(listing, HttpResponseBase):
        return listing
    return format_html('<section class="panel panel-flush"><div class="panel-body">{}</div></section>', listing)


def unit_count(request: PageRequest, unit: Organization) -> int:
    """How many there are."""
    return int(of_unit(request, unit).count())
