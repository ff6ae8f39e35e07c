"""A running case as the engine sees it, and the tokens that say where it is."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.common.db.encrypted import EncryptedJSONField
from bianzhi.workflow.models.definitions import FlowVersion


class InstanceStatus(models.TextChoices):
    """How a case stands, or how it ended."""

    RUNNING = "running", "办理中"
    SUSPENDED = "suspended", "已挂起"
    COMPLETED = "completed", "已办结"
    REJECTED = "rejected", "不予同意"
    WITHDRAWN = "withdrawn", "申请人撤回"
    TERMINATED = "terminated", "已终止"


LIVE = (InstanceStatus.RUNNING, InstanceStatus.SUSPENDED)


class FlowInstance(models.Model):
    """One case on its way. Its row is the one lock: whoever acts on the case (or a case it called) holds it first."""

    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="instances", verbose_name="版本")
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="descendants")
    parent_token = models.ForeignKey(
        "workflow.FlowToken", on_delete=models.PROTECT, null=True, blank=True, related_name="called"
    )
    subject_kind = models.CharField("对象种类", max_length=40)
    subject_id = models.BigIntegerField("对象编号")
    title = models.CharField("标题", max_length=200)
    initiator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="发起人"
    )
    unit_id = models.BigIntegerField("申请单位", null=True, blank=True)
    status = models.CharField("状态", max_length=12, choices=InstanceStatus.choices, default=InstanceStatus.RUNNING)
    stage = models.CharField("当前阶段", max_length=8, blank=True)
    rev = models.PositiveIntegerField("修订", default=0, help_text="每一次动作加一")
    facts = EncryptedJSONField("条件事实", default=dict)
    opinion_count = models.PositiveIntegerField("意见条数", default=0)
    opinion_head = models.CharField("意见链首", max_length=64, blank=True)
    started_at = models.DateTimeField("发起时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "流程实例"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="flow_by_subject"),
            models.Index(fields=["initiator", "status"], name="flow_by_initiator"),
            models.Index(fields=["status", "unit_id"], name="flow_by_unit"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        """Whether somebody may still act on it."""
        return self.status in LIVE


class TokenState(models.TextChoices):
    """What a token is doing."""

    ACTIVE = "active", "在办"
    FORKED = "forked", "分支办理中"
    ARRIVED = "arrived", "等待会合"
    WAITING = "waiting", "等待"
    DONE = "done", "已走完"
    CANCELLED = "cancelled", "已取消"


class FlowToken(models.Model):
    """Where a case is. At a split the token stays, forked, as the parent of one token for each branch taken."""

    instance = models.ForeignKey(FlowInstance, on_delete=models.PROTECT, related_name="tokens")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="branches")
    node_id = models.CharField("所在环节", max_length=80)
    pass_no = models.PositiveIntegerField("轮次", default=1)
    state = models.CharField("状态", max_length=10, choices=TokenState.choices, default=TokenState.ACTIVE)
    resume_node = models.CharField("直送环节", max_length=80, blank=True)
    resume_task = models.ForeignKey(
        "workflow.FlowTask", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "流程令牌"
        indexes = [models.Index(fields=["instance", "state"], name="flow_token_by_state")]

    def __str__(self) -> str:
        return f"{self.node_id}（{self.get_state_display()}）"
