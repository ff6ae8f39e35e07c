"""What people are asked to do, and until when."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.workflow.models.instances import FlowInstance, FlowToken


class TaskKind(models.TextChoices):
    """Why somebody is asked."""

    NORMAL = "normal", "办理"
    ADDED_BEFORE = "before", "前加签"
    ADDED_AFTER = "after", "后加签"
    ADDED_BESIDE = "beside", "并加签"
    COPY = "copy", "传阅"


class TaskStatus(models.TextChoices):
    """Where a task stands. Only `todo` can be acted on."""

    TODO = "todo", "待办"
    QUEUED = "queued", "未轮到"
    PAUSED = "paused", "暂停"
    DONE = "done", "已办"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    CANCELLED = "cancelled", "已取消"


class FlowTask(models.Model):
    """One person's (or one pool's) part of one pass of a step; also 传阅 (kind copy), whose `done` means read.

    Without `assignee` it waits for anyone who holds `pool_role` over `pool_unit_id` (None: the whole district). With
    both, the person has taken it from the pool and must still hold the role to act.
    """

    instance = models.ForeignKey(FlowInstance, on_delete=models.PROTECT, related_name="tasks")
    token = models.ForeignKey(FlowToken, on_delete=models.PROTECT, related_name="tasks")
    node_id = models.CharField("环节", max_length=80)
    node_name = models.CharField("环节名称", max_length=80)
    stage = models.CharField("阶段", max_length=8, blank=True)
    pass_no = models.PositiveIntegerField("轮次")
    position = models.PositiveIntegerField("顺序", default=0)
    kind = models.CharField("种类", max_length=8, choices=TaskKind.choices, default=TaskKind.NORMAL)
    status = models.CharField("状态", max_length=10, choices=TaskStatus.choices, default=TaskStatus.TODO)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pool_role = models.CharField("岗位", max_length=40, blank=True)
    pool_unit_id = models.BigIntegerField("岗位所在单位", null=True, blank=True)
    added_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="added")
    """The task whose holder added this one (加签); ADDED_BEFORE and ADDED_AFTER belong to it."""
    transferred_from_id = models.BigIntegerField("转办人", null=True, blank=True)
    verdict = models.CharField("结论", max_length=10, blank=True)
    created_at = models.DateTimeField("到达时间", default=timezone.now)
    opened_at = models.DateTimeField("打开时间", null=True, blank=True)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    done_by_id = models.BigIntegerField("办理人", null=True, blank=True)
    done_for_id = models.BigIntegerField("被代理人", null=True, blank=True)
    due_on = models.DateField("到期日", null=True, blank=True)
    urged_at = models.DateTimeField("催办时间", null=True, blank=True)
    stands = models.BooleanField("仍有效", default=True, help_text="退回越过此环节后为否，意见仍保留")
    journal = models.JSONField("推进记录", default=dict)
    """What completing this task changed in tokens and tasks, so that 撤回 can undo exactly that."""

    class Meta:
        verbose_name = "流程任务"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["assignee", "status", "due_on"], name="flow_task_inbox"),
            models.Index(fields=["pool_role", "status", "pool_unit_id"], name="flow_task_pool"),
            models.Index(fields=["instance", "node_id", "pass_no"], name="flow_task_by_step"),
            models.Index(fields=["done_by_id", "done_at"], name="flow_task_done"),
        ]

    def __str__(self) -> str:
        return f"{self.node_name}（{self.get_status_display()}）"


class DeadlineKind(models.TextChoices):
    """What happens when it runs out."""

    LIMIT = "limit", "办理时限"
    WAIT = "wait", "等待期"
    BOUNDARY = "boundary", "到时处置"


class DeadlineState(models.TextChoices):
    """Where a clock stands."""

    RUNNING = "running", "计时中"
    SUSPENDED = "suspended", "已中止"
    FIRED = "fired", "已到时"
    MET = "met", "已办结"
    CANCELLED = "cancelled", "已取消"


class FlowDeadline(models.Model):
    """A clock in working days: of one task (LIMIT), or of a token at a timer (WAIT, BOUNDARY).

    `suspensions` are triples [from, to, step] of days that do not count: to is null while it lasts; step is the one it
    was stopped for, "" the whole case, so that each reason ends by itself. Older ones are pairs.
    """

    instance = models.ForeignKey(FlowInstance, on_delete=models.PROTECT, related_name="deadlines")
    token = models.ForeignKey(FlowToken, on_delete=models.PROTECT, related_name="deadlines")
    task = models.ForeignKey(FlowTask, on_delete=models.PROTECT, null=True, blank=True, related_name="deadlines")
    node_id = models.CharField("环节", max_length=80)
    kind = models.CharField("种类", max_length=10, choices=DeadlineKind.choices)
    state = models.CharField("状态", max_length=10, choices=DeadlineState.choices, default=DeadlineState.RUNNING)
    started_on = models.DateField("起算日")
    days = models.PositiveIntegerField("工作日数")
    warn_days = models.PositiveIntegerField("提前提醒", default=2)
    due_on = models.DateField("到期日")
    provisional = models.BooleanField("暂定", default=False)
    suspensions = models.JSONField("中止期间", default=list)
    reminded = models.CharField("已发提醒", max_length=20, blank=True)

    class Meta:
        verbose_name = "流程时限"
        indexes = [models.Index(fields=["state", "due_on"], name="flow_deadline_due")]

    def __str__(self) -> str:
        return f"{self.node_id} {self.due_on}"
