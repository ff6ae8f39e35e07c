"""Every job, for whoever looks after the system: what ran, what failed, what waits."""

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.models import Job, JobState
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage

VIEW = "jobs.view"


class JobList(ListPage):
    """Newest first."""

    key = "common.jobs"
    title = "后台任务"
    noun = "项任务"
    columns = (
        Column("pk", "编号", kind="number", order="pk", link=lambda job: reverse("common:job", args=[job.pk])),
        Column("title", "名称", order="title"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("requested_by", "提交人", lambda job: job.requested_by.display_name if job.requested_by else "系统"),
        Column("created_at", "提交时间", kind="moment", order="created_at"),
        Column("finished_at", "结束时间", kind="moment", order="finished_at"),
        Column("attempts", "尝试次数", kind="number", shown=False),
        Column("error", "未完成原因"),
    )
    filters = (
        ChoiceFilter(key="state", label="状态", choices=JobState.choices, narrow="state"),
        DateRangeFilter(key="created", label="提交日期", field="created_at", is_moment=True),
    )
    search_fields = ("title", "error")
    search_hint = "任务名称"
    ordering = ("-pk",)
    empty_title, empty_text = "没有符合条件的任务", "导入、每日预警等后台工作会列在这里。"


@page(VIEW)
@require_safe
def job_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return JobList(request, Job.objects.select_related("requested_by")).respond()
