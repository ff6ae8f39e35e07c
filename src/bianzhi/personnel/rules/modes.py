"""Modes of entry, transfer and exit: what each needs and which quota it can lead to (domain dossier §3.1–3.4)."""

from collections.abc import Collection, Sequence
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.units import quota_label

ORG_TRANSFER_IN: Final = "I14"
REINSTATEMENT: Final = "I15"
ORG_TRANSFER_OUT: Final = "O11"
WITHOUT_SLOT: Final = frozenset({ORG_TRANSFER_IN, REINSTATEMENT})
"""Modes that come by another decision than a staffing approval: reorganisation and reinstatement."""

BETWEEN_UNITS: Final = frozenset({"T02", "T03", "T07"})
RETIREMENTS: Final = frozenset({"O01", "O02", "O03", "O04", "O05"})
TRANSFER_SLOTS: Final = frozenset({"I05", "I06", "I07", "I08", "I13", "I16", "I99"})
"""Entry modes of a slot on which somebody from another unit of the district may come."""

CIVIL: Final = ("A1", "A2", "A3", "B4", "D1")
INSTITUTION: Final = ("B1", "B2", "B3", "B5", "B6", "D1", "D2")
LEADS_TO: Final[dict[str, tuple[str, ...]]] = {
    "I01": CIVIL,
    "I02": CIVIL,
    "I03": INSTITUTION,
    "I04": (*CIVIL, *INSTITUTION),
    "I05": CIVIL,
    "I06": CIVIL,
    "I07": (*CIVIL, *INSTITUTION),
    "I08": INSTITUTION,
}
"""Quota types an entry mode can lead to; a mode that is not listed can lead to any."""


def objections_to_entry_mode(mode: str, quota_type: str) -> list[Objection]:
    """The mode exists and leads to this quota type (R05): an open recruitment does not make civil servants."""
    if mode not in codes("entry_mode"):
        return [Objection("D1", f"没有“{mode}”这种进入形式", Severity.BLOCK, {}, "请从进入形式代码表中选择")]
    allowed = LEADS_TO.get(mode)
    if allowed is None or quota_type in allowed:
        return []
    message = f"以“{codes('entry_mode').label(mode)}”方式不能使用{quota_label(quota_type)}（R05）"
    return [Objection("R05", message, Severity.BLOCK, {}, "请核对进入形式和编制类型")]


def objections_to_entry_evidence(mode: str, evidence: Collection[str]) -> list[Objection]:
    """An entry is filed with at least one of the papers of its mode (P03)."""
    papers = _papers("entry_mode", mode)
    if not papers or set(papers) & set(evidence):
        return []
    message = f"“{codes('entry_mode').label(mode)}”入编须提供：{'或'.join(papers)}"
    return [Objection("D2", message, Severity.BLOCK, {}, "请补充其中一种材料")]


def objections_to_exit_evidence(mode: str, evidence: Collection[str]) -> list[Objection]:
    """R12: an exit is filed with every paper of its mode."""
    if mode not in codes("exit_mode"):
        return [Objection("D1", f"没有“{mode}”这种出编类型", Severity.BLOCK, {}, "请从出编类型代码表中选择")]
    missing = [paper for paper in _papers("exit_mode", mode) if paper not in evidence]
    if not missing:
        return []
    message = f"“{codes('exit_mode').label(mode)}”出编缺少材料：{'、'.join(missing)}（R12）"
    return [Objection("R12", message, Severity.BLOCK, {"缺少": len(missing)}, "请一次性补齐所列材料后办理")]


def _papers(code_set: str, mode: str) -> Sequence[str]:
    known = codes(code_set)
    return known[mode].listed("evidence") if mode in known else ()


def evidence_of_entry(mode: str) -> Sequence[str]:
    """Papers of an entry mode; one of them is enough."""
    return _papers("entry_mode", mode)


def evidence_of_exit(mode: str) -> Sequence[str]:
    """Papers of an exit mode; all of them are needed."""
    return _papers("exit_mode", mode)
