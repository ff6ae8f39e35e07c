"""What `./bianzhi check` proves of cases: submissions, files, numbers, effects and papers belong together."""

import hashlib
from collections.abc import Iterator

from django.db.models import Count, F

from bianzhi.common.integrity import Finding
from bianzhi.kernel.digests import sm3_hex
from bianzhi.matters import files
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.models import SUBJECT_KIND, Case, CaseAttachment, CaseSubmission, IssuedPaper
from bianzhi.personnel.models import Movement, SlotState, StaffingApproval
from bianzhi.workflow.models import CommandExecution, FlowInstance, InstanceStatus
from bianzhi.workflow.models.instances import LIVE

CHUNK = 500


def cases_and_flows() -> Iterator[Finding]:
    """A case under way has its number, its first submission and its flow, and every flow of a case has its case."""
    rows = Case.objects.annotate(sent=Count("submissions"))
    for case in rows.filter(instance__isnull=False).exclude(instance__subject_id=F("pk")):
        yield Finding(f"办件 {case}（{case.pk}）", "流程实例属于另一个办件")
    for case in rows.filter(instance__isnull=False, sent=0):
        yield Finding(f"办件 {case}（{case.pk}）", "已提交，却没有申请表")
    for case in rows.filter(instance__isnull=False, number__isnull=True):
        yield Finding(f"办件 {case.pk}", "已提交，却没有业务编号")
    for case in rows.filter(instance__isnull=True, sent__gt=0):
        yield Finding(f"办件 {case}（{case.pk}）", "有申请表，却没有流程")
    flows = FlowInstance.objects.filter(subject_kind=SUBJECT_KIND, root__isnull=True, case__isnull=True)
    for pk in flows.values_list("pk", flat=True):
        yield Finding(f"流程实例 {pk}", "没有办件")


def numbers_without_gaps() -> Iterator[Finding]:
    """The numbers of each matter and year run from 1 without a gap."""
    series: dict[str, list[int]] = {}
    for number in Case.objects.filter(number__isnull=False).values_list("number", flat=True):
        head, _, serial = str(number).rpartition("-")
        series.setdefault(head, []).append(int(serial))
    for head, serials in sorted(series.items()):
        missing = sorted(set(range(1, max(serials) + 1)) - set(serials))
        if missing:
            listed = "、".join(f"{serial:06d}" for serial in missing[:5])
            yield Finding(f"业务编号 {head}", f"缺 {len(missing)} 个号：{listed}")


def submissions_in_order() -> Iterator[Finding]:
    """The submissions of a case are numbered 1, 2, 3, and list files that are the case's own, as they were kept."""
    rows = CaseSubmission.objects.order_by("case_id", "number")
    expected: dict[int, int] = {}
    kept = dict(CaseAttachment.objects.values_list("pk", "sha256"))
    for row in rows.iterator(chunk_size=CHUNK):
        expected[row.case_id] = expected.get(row.case_id, 0) + 1
        where = f"办件 {row.case_id} 的申请表（{row.pk}）"
        if row.number != expected[row.case_id]:
            yield Finding(where, f"次数应为 {expected[row.case_id]}，现为 {row.number}")
        for each in row.attachments:
            if kept.get(each["id"]) != each["sha256"]:
                yield Finding(where, f"附件“{each['name']}”与登记的文件不符")


def files_as_kept() -> Iterator[Finding]:
    """Every file of a case is in the folder and has the digests it was registered with."""
    for row in CaseAttachment.objects.iterator(chunk_size=CHUNK):
        try:
            data = files.read(row.sha256)
        except (FileNotFoundError, files.NotADigest):
            yield Finding(f"附件 {row.name}（{row.pk}）", "文件不在数据目录中")
            continue
        except OSError as error:
            yield Finding(f"附件 {row.name}（{row.pk}）", f"文件无法读取：{error}")
            continue
        if hashlib.sha256(data).hexdigest() != row.sha256 or sm3_hex(data) != row.sm3 or len(data) != row.size:
            yield Finding(f"附件 {row.name}（{row.pk}）", "文件内容与登记的摘要不符")


def papers_fit() -> Iterator[Finding]:
    """Each command that issued a paper has it, each paper has its command, and a paper of an undone one is void."""
    told: dict[int, CommandExecution] = {}
    executions = CommandExecution.objects.filter(instance__subject_kind=SUBJECT_KIND).select_related("instance")
    for execution in executions.iterator(chunk_size=CHUNK):
        paper = execution.result.get("paper")
        if isinstance(paper, int):
            told[paper] = execution
    papers = {paper.pk: paper for paper in IssuedPaper.objects.iterator(chunk_size=CHUNK)}
    for pk, execution in told.items():
        found = papers.get(pk)
        if found is None or found.case_id != execution.instance.subject_id:
            yield Finding(f"指令执行 {execution.pk}", "所签发的文书不存在或属于另一个办件")
        elif execution.compensated_at is not None and found.revoked_at is None:
            yield Finding(f"文书 {found.number}（{pk}）", "签发已撤销，文书却没有作废")
    for pk, paper in papers.items():
        if pk not in told:
            yield Finding(f"文书 {paper.number}（{pk}）", "没有签发它的办件环节")


def effects_carried_out() -> Iterator[Finding]:
    """A case that was completed has carried out what its matter does, and the movements it tells of are there."""
    completed = Case.objects.filter(instance__status=InstanceStatus.COMPLETED).order_by("pk")
    done: dict[int, set[str]] = {}
    told: dict[int, int] = {}
    executions = CommandExecution.objects.filter(instance__subject_kind=SUBJECT_KIND, compensated_at__isnull=True)
    for pk, case_id, command, result in executions.values_list("pk", "instance__subject_id", "command", "result"):
        done.setdefault(case_id, set()).add(command)
        if isinstance(result.get("movement"), int):
            told[result["movement"]] = pk
    for case in completed.iterator(chunk_size=CHUNK):
        commands = MATTERS[case.matter].commands if case.matter in MATTERS else {}
        effects = {name for name, command in commands.items() if command.is_effect}
        if effects and not effects & done.get(case.pk, set()):
            yield Finding(f"办件 {case}（{case.pk}）", "已办结，却没有办理结果")
    there = set(Movement.objects.filter(pk__in=told).values_list("pk", flat=True))
    for movement in sorted(set(told) - there):
        yield Finding(f"指令执行 {told[movement]}", "所说的人员变动不存在")


def holds_belong_to_cases() -> Iterator[Finding]:
    """预占: every vacancy held is held for a case under way; one that came to nothing has given it back."""
    executions = CommandExecution.objects.filter(
        instance__subject_kind=SUBJECT_KIND,
        instance__status__in=LIVE,
        compensated_at__isnull=True,
    )
    under_way = {result.get("approval") for result in executions.values_list("result", flat=True)}
    held = StaffingApproval.objects.filter(
        confirmed_on__isnull=True, slots__state__in=(SlotState.RESERVED, SlotState.DORMANT)
    )
    for pk, number in held.order_by("pk").distinct().values_list("pk", "number"):
        if pk not in under_way:
            yield Finding(f"用编核准单 {number}（{pk}）", "预占着名额，却没有在办的申请")
