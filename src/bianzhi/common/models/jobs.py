"""Long work: one row a job, with progress a person can watch."""

from django.conf import settings
from django.db import models


class JobState(models.TextChoices):
    """What a job is doing."""

    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


class Job(models.Model):
    """A piece of long work, run by a worker under a lease so that a killed worker's job is taken up again."""

    kind = models.CharField("种类", max_length=80)
    title = models.CharField("名称", max_length=200)
    params = models.JSONField("参数", default=dict)
    priority = models.SmallIntegerField("优先级", default=0, help_text="-100 至 100，大的先办")
    state = models.CharField("状态", max_length=12, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("进展", max_length=200, blank=True)
    result = models.JSONField("结果", default=dict)
    error = models.TextField("错误", blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="发起人"
    )
    cancel_requested = models.BooleanField("要求取消", default=False)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    leased_until = models.DateTimeField("租约到期", null=True, blank=True)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "任务"
        indexes = [models.Index(fields=["state", "id"], name="job_by_state")]

    def __str__(self) -> str:
        return self.title

    def this_run(self) -> "models.QuerySet[Job]":
        """The row, for as long as the run this was read in goes on: no row once another has taken the job up."""
        return Job.objects.filter(pk=self.pk, state=JobState.RUNNING, started_at=self.started_at)

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
