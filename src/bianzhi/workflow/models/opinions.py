"""What was said and what was carried out: written once, chained, printed as the 流转意见 sheet."""

from typing import Any

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.models.kept_file import KeptFileRow
from bianzhi.workflow.models.instances import FlowInstance, FlowToken
from bianzhi.workflow.models.tasks import FlowTask


class OpinionAction(models.TextChoices):
    """What somebody did to a case, in the words of the trade."""

    START = "start", "发起"
    SUBMIT = "submit", "提交"
    AGREE = "agree", "同意"
    DISAGREE = "disagree", "不同意"
    RETURN = "return", "退回"
    WITHDRAW = "withdraw", "撤回"
    TRANSFER = "transfer", "转办"
    ADD = "add", "加签"
    REMOVE = "remove", "减签"
    COPY = "copy", "抄送"
    READ = "read", "已阅"
    URGE = "urge", "催办"
    SKIP = "skip", "跳过"
    TERMINATE = "terminate", "终止"
    SUSPEND = "suspend", "挂起"
    RESUME = "resume", "恢复"
    INTERVENE = "intervene", "管理员调整"
    RECUSE = "recuse", "申请回避"
    EXECUTE = "execute", "执行"
    TIMER = "timer", "到时"
    END = "end", "结束"


class FlowOpinion(SealedModel):
    """One act on a case with its words; the case's opinions are chained with SM3 and never change.

    `on_behalf_of` is the person a delegate decided for: 张三（代李四）. `request_key` is the token of the form that
    was sent: the same form sent twice finds its own answer.
    """

    instance = models.ForeignKey(FlowInstance, on_delete=models.PROTECT, related_name="opinions")
    number = models.PositiveIntegerField("序号")
    task = models.ForeignKey(FlowTask, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions")
    node_id = models.CharField("环节", max_length=80, blank=True)
    node_name = models.CharField("环节名称", max_length=80, blank=True)
    pass_no = models.PositiveIntegerField("轮次", default=0)
    action = models.CharField("动作", max_length=12, choices=OpinionAction.choices)
    actor_id = models.BigIntegerField("办理人编号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    on_behalf_of_id = models.BigIntegerField("被代理人编号", null=True)
    on_behalf_of_name = models.CharField("被代理人", max_length=80, blank=True)
    text = models.TextField("意见", blank=True)
    attachment = models.CharField("附件摘要", max_length=64, blank=True)
    recorded_at = models.DateTimeField("时间", default=timezone.now)
    request_key = models.CharField("请求标识", max_length=40, null=True, blank=True, unique=True)
    prev_hash = models.CharField("前链", max_length=64, blank=True)
    hash = models.CharField("本链", max_length=64)

    class Meta:
        verbose_name = "流转意见"
        ordering = ["instance", "number"]
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="flow_opinion_number")]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.get_action_display()}"

    @property
    def actor_label(self) -> str:
        """Who signed: a delegate with the name acted for."""
        return f"{self.actor_name}（代{self.on_behalf_of_name}）" if self.on_behalf_of_name else self.actor_name

    def content(self) -> dict[str, Any]:
        """What the hash covers."""
        names = (
            "instance_id", "number", "task_id", "node_id", "node_name", "pass_no", "action", "actor_id", "actor_name",
            "on_behalf_of_id", "on_behalf_of_name", "text", "attachment", "recorded_at", "prev_hash",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


class OpinionPaper(KeptFileRow, SealedModel):
    """手写签批: the scan of an opinion written by hand. The opinion's `attachment` is its SHA-256."""

    opinion = models.OneToOneField(FlowOpinion, on_delete=models.PROTECT, related_name="paper")

    class Meta:
        verbose_name = "手写签批件"


class CommandExecution(SealedModel):
    """A command a case has run: once for each pass of its step, whatever is clicked or sent again."""

    instance = models.ForeignKey(FlowInstance, on_delete=models.PROTECT, related_name="executions")
    token = models.ForeignKey(FlowToken, on_delete=models.PROTECT, related_name="+")
    node_id = models.CharField("环节", max_length=80)
    pass_no = models.PositiveIntegerField("轮次")
    command = models.CharField("指令", max_length=60)
    words = models.CharField("结果", max_length=300)
    result = models.JSONField("结果数据", default=dict)
    executed_at = models.DateTimeField("执行时间", default=timezone.now)
    compensated_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = "指令执行"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["instance", "node_id", "pass_no", "command"], name="flow_command_once"),
        ]

    def __str__(self) -> str:
        return f"{self.command} {self.words}"
