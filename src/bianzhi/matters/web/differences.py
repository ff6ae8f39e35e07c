"""What changed from one version of a matter to the next, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import LEVELS, ApproverRule, approvers_from_json
from bianzhi.matters.rules.evidence import EvidenceSpec, evidence_from_json
from bianzhi.matters.rules.fields import FieldSpec, Kind, specs_from_json
from bianzhi.matters.web.forms.setting import KIND_WORDS


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; an empty side means that it was not there."""

    label: str
    old: str
    new: str


def differences(old: MatterVersion, new: MatterVersion) -> list[Change]:
    """Every difference between two versions."""
    found: list[Change] = []
    for label, name, unit in (
        ("办理时限", "clock_days", "个工作日"),
        ("公示期", "publication_days", "个工作日"),
        ("督查抽查比例", "sampling_percent", "%"),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            found.append(Change(label, f"{before} {unit}", f"{after} {unit}"))
    if old.flow_version_id != new.flow_version_id:
        found.append(Change("流程", str(old.flow_version), str(new.flow_version)))
    found += _listed("字段", _fields(old), _fields(new))
    found += _order(old, new)
    found += _listed("材料", _papers(old), _papers(new))
    found += _listed("审批权限", _rules(old), _rules(new))
    return found


def _listed(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for key in dict.fromkeys([*before, *after]):
        if before.get(key, "") != after.get(key, ""):
            yield Change(kind, before.get(key, ""), after.get(key, ""))


def _order(old: MatterVersion, new: MatterVersion) -> Iterator[Change]:
    before = [spec.name for spec in specs_from_json(old.fields)]
    after = [spec.name for spec in specs_from_json(new.fields)]
    common = [name for name in before if name in after]
    if common != [name for name in after if name in before]:
        labels = {spec.name: spec.label for spec in specs_from_json(new.fields)}
        yield Change("字段顺序", "", "、".join(labels[name] for name in after))


def _fields(version: MatterVersion) -> dict[str, str]:
    return {spec.name: _field(spec) for spec in specs_from_json(version.fields)}


def _field(spec: FieldSpec) -> str:
    notes: list[Any] = [
        KIND_WORDS[Kind(spec.kind)],
        "必填" if spec.required else "选填",
        "不用" if spec.hidden else "",
        f"在“{spec.section}”" if spec.section else "",
        f"说明：{spec.help}" if spec.help else "",
        f"选项：{'、'.join(label for _, label in spec.options)}" if spec.kind == Kind.CHOICE else "",
    ]
    return f"{spec.label}（{'；'.join(note for note in notes if note)}）"


def _papers(version: MatterVersion) -> dict[str, str]:
    return {spec.code: _paper(spec) for spec in evidence_from_json(version.evidence)}


def _paper(spec: EvidenceSpec) -> str:
    return f"{spec.label}（{'必须提供' if spec.required else '有则提供'}{f'；{spec.help}' if spec.help else ''}）"


def _rules(version: MatterVersion) -> dict[str, str]:
    return {str(place): _rule(rule) for place, rule in enumerate(approvers_from_json(version.approvers), start=1)}


def _rule(rule: ApproverRule) -> str:
    return f"{rule.when or '任何情况'} → {LEVELS[rule.level]}：{rule.words}"
