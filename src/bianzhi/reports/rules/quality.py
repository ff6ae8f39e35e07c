"""Warnings about what is recorded: W03 高配无依据, W12 数据质量."""

from collections.abc import Mapping
from typing import Final

from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.objections import Severity
from bianzhi.personnel.rules.persons import Identity, objections_to_identity
from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.rules.deadlines import Member
from bianzhi.reports.rules.findings import Found, Subject

MANDATORY: Final = {
    "sex": "性别",
    "ethnicity": "民族",
    "politics": "政治面貌",
    "started_work_on": "参加工作时间",
    "identity": "人员身份",
    "joined_unit_on": "进入本单位时间",
}
"""Fields every person on quota must have (domain dossier §2.8); name, ID number and birth cannot be blank at all."""


def high_rank_without_basis(member: Member, appointment_id: int, position: str) -> Found:
    """W03: the rank stands above the post and no document allows it (R09)."""
    message = f"{member.name}（{member.unit}{position}）职务层次高于职位规格，未登记高配依据文件"
    return Found(
        "W03", Level.RED, member.subject, member.organization_id, message, {}, facet=f"appointment:{appointment_id}"
    )


def blanks(organization_id: int, unit: str, missing: Mapping[str, int], people: int) -> Found | None:
    """W12: mandatory fields left blank, counted by field over the people of a unit."""
    counted = {MANDATORY[field]: number for field, number in missing.items() if number}
    if not counted:
        return None
    listed = "、".join(f"{label} {number} 人" for label, number in counted.items())
    subject = Subject("organization", str(organization_id), unit)
    message = f"{unit}有 {people} 人的必填信息不全：{listed}"
    return Found("W12", Level.YELLOW, subject, organization_id, message, {"涉及人数": people, **counted}, facet="blank")


def wrong_identity(member: Member, identity: Identity) -> Found | None:
    """W12: the ID number fails its check, or contradicts birth or sex without 档案认定 (R16)."""
    against = [each for each in objections_to_identity(identity) if each.severity is not Severity.WARN]
    if not against:
        return None
    message = f"{member.name}（{member.unit}）：{'；'.join(each.message for each in against)}"
    return Found("W12", Level.YELLOW, member.subject, member.organization_id, message, {}, facet="identity")


def has_proper_number(doc_no: str) -> bool:
    """Whether a document number is written 机关代字〔年份〕序号 (GB/T 9704-2012)."""
    read = parse_document_number(doc_no)
    return read.is_standard and read.text == doc_no


def entry_without_number(
    entry_id: int, number: str, doc_no: str, organization_id: int | None, unit: str
) -> Found | None:
    """W12: a ledger entry whose document has no proper 文号."""
    if has_proper_number(doc_no):
        return None
    where = f"（{unit}）" if unit else ""
    fault = f"文号“{doc_no}”写法不规范" if doc_no else "没有文号"
    message = f"台账 {number}{where}所依据的文件{fault}"
    return Found(
        "W12",
        Level.YELLOW,
        Subject("entry", str(entry_id), f"台账 {number}"),
        organization_id,
        message,
        {"文号": doc_no},
    )
