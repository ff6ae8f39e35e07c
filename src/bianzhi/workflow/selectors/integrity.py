"""Proofs over every case, run by `./bianzhi check`: opinions chained, tokens and tasks in step, commands once."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from bianzhi.common.integrity import Finding
from bianzhi.intake.taking import as_kept
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.workflow.files import OPINION_PAPERS
from bianzhi.workflow.models import (
    FlowInstance,
    FlowOpinion,
    FlowTask,
    FlowToken,
    OpinionPaper,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.models.instances import LIVE


def opinions_chained() -> Iterator[Finding]:
    """Every opinion hashes to what it says and follows the one before it."""
    last: dict[int, FlowOpinion] = {}
    for opinion in FlowOpinion.objects.order_by("instance_id", "number").iterator(chunk_size=2000):
        previous = last.get(opinion.instance_id)
        where = f"流转意见 {opinion.instance_id}-{opinion.number}"
        if opinion.number != (previous.number + 1 if previous else 1):
            yield Finding(where, "序号不连续，有意见缺失")
        if opinion.prev_hash != (previous.hash if previous else ""):
            yield Finding(where, "与前一条意见的链接不符")
        if opinion.hash != sm3_hex(canonical_json(opinion.content())):
            yield Finding(where, "内容与摘要不符")
        last = {opinion.instance_id: opinion}
    yield from _heads_fit()


def _heads_fit() -> Iterator[Finding]:
    """The last opinion of a case is the one its row names: none is cut off at the end."""
    newest = FlowOpinion.objects.order_by("instance_id", "-number")
    heads: dict[int, tuple[int, str]] = {}
    for instance_id, number, digest in newest.values_list("instance_id", "number", "hash").iterator(chunk_size=2000):
        heads.setdefault(instance_id, (number, digest))
    for instance in FlowInstance.objects.only("pk", "title", "opinion_count", "opinion_head").iterator(chunk_size=2000):
        if (instance.opinion_count, instance.opinion_head) != heads.get(instance.pk, (0, "")):
            yield Finding(f"办件流程 {instance.pk} {instance.title}", "末条意见与链首不符，有意见缺失")


def cases_alive() -> Iterator[Finding]:
    """A running case waits for somebody or something; one that has ended waits for nobody."""
    waiting = Q(tokens__state__in=(TokenState.ACTIVE, TokenState.WAITING))
    for instance in (
        FlowInstance.objects.filter(status__in=LIVE).annotate(n=Count("tokens", filter=waiting)).filter(n=0)
    ):
        yield Finding(f"办件流程 {instance.pk} {instance.title}", "办理中，却没有在办的环节")
    open_tasks = Q(tasks__status__in=(TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED)) & ~Q(tasks__kind="copy")
    ended = FlowInstance.objects.exclude(status__in=LIVE).annotate(n=Count("tasks", filter=open_tasks)).filter(n__gt=0)
    for instance in ended:
        yield Finding(f"办件流程 {instance.pk} {instance.title}", "已结束，却还有未办的任务")


def steps_manned() -> Iterator[Finding]:
    """A token at a step of people has an open task there; an open task has its token there."""
    manned = FlowTask.objects.filter(status__in=(TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED))
    tokens = FlowToken.objects.filter(state=TokenState.ACTIVE, instance__status__in=LIVE)
    for token in tokens.exclude(pk__in=manned.values("token_id")):
        yield Finding(f"流程令牌 {token.pk}（办件流程 {token.instance_id}）", f"停在“{token.node_id}”，没有可办的任务")
    there = Q(token__state=TokenState.ACTIVE, token__node_id=F("node_id"), token__pass_no=F("pass_no"))
    awaited = Q(status=TaskStatus.PAUSED, token__resume_node=F("node_id"))
    for task in manned.exclude(kind="copy").exclude(there | awaited):
        yield Finding(f"流程任务 {task.pk}（办件流程 {task.instance_id}）", "所在环节已不在办，任务仍待办")


def papers_as_kept() -> Iterator[Finding]:
    """Every scan of an opinion is there as registered, and is the one its opinion names."""
    rows = OpinionPaper.objects.select_related("opinion").order_by("pk")
    yield from as_kept(rows.iterator(chunk_size=500), OPINION_PAPERS, "手写签批件")
    for row in rows.exclude(opinion__attachment=F("sha256")):
        yield Finding(f"手写签批件 {row.name}（{row.pk}）", "不是意见所记的那一份")
    for opinion in FlowOpinion.objects.exclude(attachment="").filter(paper__isnull=True):
        yield Finding(f"流转意见 {opinion.instance_id}-{opinion.number}", "所附的手写签批件没有登记")
