"""待办, 待阅, 已办, 我发起, 督办: five lists over tasks and cases, each one indexed query and a few for its page."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.kernel import clock
from bianzhi.workflow.models import FlowTask, InstanceStatus, TaskKind
from bianzhi.workflow.selectors import inbox
from bianzhi.workflow.selectors.standing import in_whose_names
from bianzhi.workflow.web.dressing import dress_cases, dress_tasks, left_html, left_words
from bianzhi.workflow.web.filters import TimeFilter, flow_filter, stage_filter, unit_filter

HANDLE = "matters.handle"
VIEW = "matters.view"
FLOW = "instance.version.definition.title"


def todo_badge(user: Any) -> int:
    """How many tasks wait for a user, for the menu."""
    return inbox.todo_count(user, clock.today())


def _step(row: FlowTask) -> SafeString | str:
    if row.kind == TaskKind.NORMAL:
        return row.node_name
    return format_html('{} <span class="tag tag-info">{}</span>', row.node_name, row.get_kind_display())


class TaskList(ListPage):
    """What the lists of tasks share."""

    noun = "件"
    search_fields = ("instance__title", "node_name")
    search_hint = "标题、环节"
    template = "workflow/inbox.html"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Unit and time left."""
        return dress_tasks(rows, self.request.today)

    def row_css(self, row: Any) -> str:
        """Overdue tasks are marked."""
        return "is-flagged" if row.left is not None and row.left.tone == "bad" else ""


TITLE = Column("title", "标题", "instance.title", order="instance__title", link=lambda row: row.url or None, width=48)
FLOW_NAME = Column("flow", "事项", FLOW, order="instance__version__definition__title", width=20)
UNIT = Column("unit", "申请单位", "unit_name", width=26)
STEP = Column("step", "环节", "node_name", order="node_name", render=_step, width=16)


class TodoList(TaskList):
    """待办: the most pressing first."""

    key = "workflow.todo"
    title = "待办"
    columns = (
        TITLE,
        FLOW_NAME,
        UNIT,
        STEP,
        Column("stage", "阶段", order="stage", shown=False, width=10),
        Column("came", "来自", "came", width=12),
        Column("created", "到达时间", "created_at", kind="moment", order="created_at", width=18),
        Column("due", "到期日", "due_on", kind="date", order="due_on", width=12),
        Column("left", "剩余时间", left_words, render=left_html, order="due_on", width=16),
    )
    filters = (flow_filter(), TimeFilter(), unit_filter(), stage_filter())
    ordering = ("due_on", "created_at")
    bulk_actions = (BulkAction("批量同意", "workflow:batch_agree", HANDLE, icon="check"),)
    empty_title = "没有待办"
    empty_text = "需要您办理的事项会出现在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Unit, time left, and how each came to the reader."""
        tasks = FlowTask.objects.filter(pk__in=[row.pk for row in rows])
        principals = in_whose_names(self.request.user, tasks, self.request.today)
        dressed = dress_tasks(rows, self.request.today)
        for row in dressed:
            row.came = self._came(row, principals.get(row.pk, []))
        return dressed

    def _came(self, row: Any, principals: list[Any]) -> str:
        """In whose name, by 转办, or from the pool of one's own role."""
        if principals:
            return f"代{'、'.join(person.display_name for person in principals)}"
        if row.transferred_from_id:
            return "转办"
        return "" if row.assignee_id else "待领取"


class ToReadList(TaskList):
    """待阅: what was sent to the user to know."""

    key = "workflow.to_read"
    title = "待阅"
    columns = (
        TITLE,
        FLOW_NAME,
        UNIT,
        Column("step", "抄送环节", "node_name", order="node_name", width=16),
        Column("created", "送达时间", "created_at", kind="moment", order="created_at", width=18),
    )
    filters = (
        flow_filter(),
        unit_filter(),
        DateRangeFilter(key="sent", label="送达", field="created_at", is_moment=True, more=True),
    )
    ordering = ("-created_at",)
    bulk_actions = (BulkAction("批量已阅", "workflow:batch_read", HANDLE, icon="eye"),)
    empty_title = "没有待阅"
    empty_text = "抄送给您的事项会出现在这里，阅后点“已阅”。"


class DoneList(TaskList):
    """已办: what the user has decided, in whoever's name."""

    key = "workflow.done"
    title = "已办"
    columns = (
        TITLE,
        FLOW_NAME,
        UNIT,
        STEP,
        Column("verdict", "结论", "said", order="verdict"),
        Column("doer", "办理人", "doer", width=14),
        Column("done", "办理时间", "done_at", kind="moment", order="done_at", width=18),
        Column("state", "事项状态", "instance.get_status_display", kind="status", order="instance__status", width=12),
    )
    filters = (
        flow_filter(),
        stage_filter(),
        unit_filter(),
        ChoiceFilter(key="state", label="事项状态", choices=InstanceStatus.choices, narrow="instance__status"),
        DateRangeFilter(key="done", label="办理", field="done_at", is_moment=True, more=True),
    )
    ordering = ("-done_at",)
    empty_title = "还没有办过的事项"
    empty_text = "您办理过的环节会列在这里，可以随时查看办到了哪一步。"


class CaseList(ListPage):
    """What the lists of cases share."""

    noun = "件"
    search_fields = ("title",)
    search_hint = "标题"
    template = "workflow/inbox.html"
    columns = (
        Column("title", "标题", order="title", link=lambda row: row.url or None, width=48),
        Column("flow", "事项", "version.definition.title", order="version__definition__title", width=20),
        Column("unit", "申请单位", "unit_name", width=26),
        Column("state", "状态", "get_status_display", kind="status", order="status", width=12),
        Column("stage", "阶段", order="stage", width=10),
        Column("steps", "当前环节", "steps", width=20),
        Column("holders", "办理人", "holders", width=20),
        Column("started", "发起时间", "started_at", kind="moment", order="started_at", width=18),
        Column("due", "到期日", "due_on", kind="date", width=12),
        Column("left", "剩余时间", left_words, render=left_html, width=16),
    )
    filters = (
        flow_filter(""),
        stage_filter(),
        unit_filter(""),
        ChoiceFilter(key="state", label="状态", choices=InstanceStatus.choices, narrow="status"),
        TimeFilter(of_cases=True),
    )

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Unit, open steps and time left."""
        return dress_cases(rows, self.request.today)

    def row_css(self, row: Any) -> str:
        """Cases with an overdue step are marked."""
        return "is-flagged" if row.left is not None and row.left.tone == "bad" else ""


class StartedList(CaseList):
    """我发起: the user's own cases, the newest first."""

    key = "workflow.started"
    title = "我发起"
    ordering = ("-started_at",)
    empty_title = "还没有发起过事项"
    empty_text = "您提交的申请会列在这里，可以随时查看办到了哪一步。"


class SupervisedList(TaskList):
    """督办: open tasks past their day, the latest first."""

    key = "workflow.supervised"
    title = "督办"
    columns = (
        TITLE,
        FLOW_NAME,
        UNIT,
        STEP,
        Column("holder", "办理人", "holder", width=16),
        Column("created", "到达时间", "created_at", kind="moment", order="created_at", shown=False, width=18),
        Column("due", "到期日", "due_on", kind="date", order="due_on", width=12),
        Column("left", "超期", left_words, render=left_html, order="due_on", width=16),
        Column("urged", "最近催办", "urged_at", kind="moment", order="urged_at", width=18),
    )
    filters = (flow_filter(), stage_filter(), unit_filter())
    ordering = ("due_on", "created_at")
    bulk_actions = (BulkAction("批量催办", "workflow:batch_urge", HANDLE, icon="bell-ringing"),)
    empty_title = "没有超期的事项"
    empty_text = "管理范围内的在办事项超期时，会列在这里，可以催办。"


@page(HANDLE)
@require_safe
def todo(request: PageRequest) -> HttpResponseBase:
    """What waits for the user."""
    return TodoList(request, inbox.todo(request.user, request.today)).respond()


@page(HANDLE)
@require_safe
def to_read(request: PageRequest) -> HttpResponseBase:
    """What the user is to know."""
    return ToReadList(request, inbox.to_read(request.user, request.today)).respond()


@page(HANDLE)
@require_safe
def done(request: PageRequest) -> HttpResponseBase:
    """What the user has decided."""
    return DoneList(request, inbox.done(request.user, request.today)).respond()


@page(VIEW)
@require_safe
def started(request: PageRequest) -> HttpResponseBase:
    """What the user has applied for."""
    return StartedList(request, inbox.started(request.user, request.today)).respond()


@page(HANDLE)
@require_safe
def supervised(request: PageRequest) -> HttpResponseBase:
    """What is late, as far as the user may hurry it."""
    return SupervisedList(request, inbox.supervised(request.user, request.today)).respond()
