"""Whether what an administrator made of a matter can be published: what its code needs is there, all of it is sound."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.codesets import SETS
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters.rules.approvers import LEVELS, ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import MOST_FIELDS, PLAIN, FieldSpec, Kind, Only
from bianzhi.workflow.rules.conditions import ConditionError, fields_of, parse
from bianzhi.workflow.rules.profile import Process

BROKEN: Final = "M81"
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_LABEL: Final = 40
LONGEST_HELP: Final = 300
CLOCKS: Final = (1, 250)
PUBLICATIONS: Final = (0, 60)
SAMPLING: Final = (0, 100)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A matter as an administrator wants it, beside what its code declares."""

    fields: Sequence[FieldSpec]
    evidence: Sequence[EvidenceSpec]
    approvers: Sequence[ApproverRule]
    clock_days: int
    publication_days: int
    sampling_percent: int
    process: Process
    declared_fields: Sequence[FieldSpec]
    declared_evidence: Sequence[EvidenceSpec]
    acts: Collection[str]
    """Commands of the matter that act upon the register: its flow runs each of them."""
    facts: Collection[str]
    """Facts besides its fields that its conditions may ask for."""


def objections_to_matter(proposal: Proposal) -> list[Objection]:
    """Everything wrong with a proposal, at once."""
    return [
        *_of_fields(proposal),
        *_of_evidence(proposal),
        *_of_approvers(proposal),
        *_of_numbers(proposal),
        *_of_flow(proposal),
    ]


def _wrong(message: str, step: str = "请改正后再发布") -> Objection:
    return Objection(BROKEN, message, Severity.BLOCK, {}, step)


# --- fields ------------------------------------------------------------------------------------------------------


def _of_fields(proposal: Proposal) -> Iterator[Objection]:
    specs = {spec.name: spec for spec in proposal.fields}
    declared = {spec.name: spec for spec in proposal.declared_fields}
    for name, count in Counter(spec.name for spec in proposal.fields).items():
        if count > 1:
            yield _wrong(f"字段标识“{name}”重复 {count} 次")
    if len(proposal.fields) > MOST_FIELDS:
        yield _wrong(f"表单共 {len(proposal.fields)} 个字段，最多 {MOST_FIELDS} 个")
    for spec in proposal.declared_fields:
        if spec.locked:
            yield from _of_locked(spec, specs.get(spec.name))
    for spec in proposal.fields:
        yield from _of_field(spec, added=spec.name not in declared)
        yield from _of_only(spec.label, spec.only, specs)


def _of_locked(declared: FieldSpec, spec: FieldSpec | None) -> Iterator[Objection]:
    """A field the code reads is there, is what it was, and is asked for when the code can't do without."""
    if spec is None or spec.hidden:
        yield _wrong(f"“{declared.label}”是办理该事项必需的字段，不能删除或隐藏", "请恢复该字段")
        return
    same = ("kind", "choices_of", "columns", "options", "only", "locked")
    if any(getattr(spec, name) != getattr(declared, name) for name in same):
        message = f"“{declared.label}”是办理该事项必需的字段，只能改名称、说明、分组和必填"
        yield _wrong(message, "请恢复该字段的其他设置")
    if declared.required and not spec.required:
        yield _wrong(f"“{declared.label}”是办理该事项必需的字段，不能改为选填", "请改回必填")


def _of_field(spec: FieldSpec, *, added: bool) -> Iterator[Objection]:
    where = f"字段“{spec.label or spec.name}”"
    if not NAME.fullmatch(spec.name):
        yield _wrong(f"{where}的标识“{spec.name}”不合规定：小写字母开头，只含小写字母、数字和下划线，最多 40 个字符")
    if not spec.label.strip() or len(spec.label) > LONGEST_LABEL:
        yield _wrong(f"{where}的名称应为 1–{LONGEST_LABEL} 个字")
    if len(spec.help) > LONGEST_HELP:
        yield _wrong(f"{where}的说明最多 {LONGEST_HELP} 个字")
    if added and spec.kind not in PLAIN:
        yield _wrong(f"{where}：新增字段只能是文字、整数、日期、是否或选项")
    if spec.kind == Kind.CHOICE:
        yield from _of_options(where, spec)
    if spec.kind == Kind.CODE and spec.choices_of not in SETS:
        yield _wrong(f"{where}：没有代码表“{spec.choices_of}”")
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        yield _wrong(f"{where}的最小值 {spec.minimum} 大于最大值 {spec.maximum}")


def _of_options(where: str, spec: FieldSpec) -> Iterator[Objection]:
    values = [value for value, _ in spec.options]
    if not values:
        yield _wrong(f"{where}没有可选项")
    if len(set(values)) < len(values) or any(not value.strip() or not label.strip() for value, label in spec.options):
        yield _wrong(f"{where}的选项有空白或重复")


def _of_only(label: str, only: Only | None, specs: dict[str, FieldSpec]) -> Iterator[Objection]:
    if only is None:
        return
    if only.field not in specs:
        yield _wrong(f"“{label}”的出现条件引用了不存在的字段“{only.field}”")
    elif not only.values:
        yield _wrong(f"“{label}”的出现条件没有取值")


# --- papers ------------------------------------------------------------------------------------------------------


def _of_evidence(proposal: Proposal) -> Iterator[Objection]:
    given = {spec.code: spec for spec in proposal.evidence}
    specs = {spec.name: spec for spec in proposal.fields}
    for code, count in Counter(spec.code for spec in proposal.evidence).items():
        if count > 1 or not code.strip() or len(code) > LONGEST_LABEL:
            yield _wrong(f"材料代码“{code}”为空、过长或重复")
    for spec in proposal.declared_evidence:
        kept = given.get(spec.code)
        if spec.locked and (kept is None or kept.required != spec.required or kept.only != spec.only):
            yield _wrong(f"“{spec.label}”是办理该事项必需的材料，只能改名称和说明", "请恢复该材料")
    for spec in proposal.evidence:
        if not spec.label.strip() or len(spec.label) > LONGEST_LABEL:
            yield _wrong(f"材料“{spec.code}”的名称应为 1–{LONGEST_LABEL} 个字")
        yield from _of_only(spec.label, spec.only, specs)


# --- who decides, and the numbers ----------------------------------------------------------------------------------


def _of_approvers(proposal: Proposal) -> Iterator[Objection]:
    if not proposal.approvers:
        yield _wrong("没有审批权限：至少须有一条")
    known = {spec.name for spec in proposal.fields} | set(proposal.facts)
    for number, rule in enumerate(proposal.approvers, start=1):
        where = f"审批权限第 {number} 条"
        if rule.level not in LEVELS:
            yield _wrong(f"{where}：没有审批层级“{rule.level}”")
        if not rule.words.strip():
            yield _wrong(f"{where}没有说明")
        yield from _of_condition(where, rule.when, known)


def _of_condition(where: str, text: str, known: Collection[str]) -> Iterator[Objection]:
    if not text.strip():
        return
    try:
        asked = fields_of(parse(text))
    except ConditionError as error:
        yield _wrong(f"{where}的条件“{text}”：{error}")
        return
    for name in sorted(asked - set(known)):
        yield _wrong(f"{where}的条件“{text}”引用了不存在的字段“{name}”")


def _of_numbers(proposal: Proposal) -> Iterator[Objection]:
    for label, value, (low, high) in (
        ("办理时限（工作日）", proposal.clock_days, CLOCKS),
        ("公示期（工作日）", proposal.publication_days, PUBLICATIONS),
        ("督查抽查比例（%）", proposal.sampling_percent, SAMPLING),
    ):
        if not low <= value <= high:
            yield _wrong(f"{label}应为 {low}–{high}，现为 {value}")


# --- the flow ----------------------------------------------------------------------------------------------------


def _of_flow(proposal: Proposal) -> Iterator[Objection]:
    nodes = proposal.process.nodes
    if sum(node.submit for node in nodes.values()) != 1:
        yield _wrong("流程须有且只有一个申请（提交）环节", "请修改流程后再选用")
    for name in sorted(set(proposal.acts) - {node.command for node in nodes.values()}):
        yield _wrong(f"流程缺少办理该事项必需的指令“{name}”", "请在流程中加入该指令")
    fields = {spec.name for spec in proposal.fields}
    known = {*fields, *proposal.facts, *(f"{each}_outcome" for each in nodes)}
    for node in nodes.values():
        for name in sorted({*node.fields_write, *node.fields_required} - fields):
            yield _wrong(f"流程环节“{node.name}”填写的字段“{name}”不在表单中")
        for flow in node.outgoing:
            yield from _of_condition(f"流程分支“{flow.name or flow.id}”", flow.condition, known)
    if any(rule.level != "office" for rule in proposal.approvers) and not _asks_for("level", proposal.process):
        yield _wrong("审批权限中有编办以上层级，但流程没有按审批层级分支", "请选用含编委审批的流程，或修改审批权限")


def _asks_for(fact: str, process: Process) -> bool:
    return any(fact in flow.condition for node in process.nodes.values() for flow in node.outgoing)
