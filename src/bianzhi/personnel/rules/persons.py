"""A person's own facts: what must agree with the ID number and in what order life goes (R16, R17)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.identifiers.id_number import IdNumber, IdNumberError, parse_id_number
from bianzhi.kernel.names import name_problems
from bianzhi.kernel.objections import Objection, Severity

LOCKED_FIELDS: Final = (
    "name",
    "id_number",
    "sex",
    "born_on",
    "certified_born_on",
    "identity_certified",
    "started_work_on",
    "identity",
    "civil_service_registered_on",
    "retirement_category",
    "f60_track",
    "retirement_override_on",
)
"""R14: fields only the establishment office changes, each with a document."""

SOFT_FIELDS: Final = (
    "ethnicity",
    "native_place",
    "politics",
    "joined_party_on",
    "schooling_full_time",
    "degree_full_time",
    "school_full_time",
    "schooling_in_service",
    "degree_in_service",
    "school_in_service",
    "grade",
    "grade_since",
    "post_category",
    "post_grade",
    "professional_title",
    "phone",
    "remark",
)

CODED_FIELDS: Final = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "politics": "politics",
    "identity": "person_identity",
    "schooling_full_time": "schooling",
    "degree_full_time": "degree",
    "schooling_in_service": "schooling",
    "degree_in_service": "degree",
    "retirement_category": "retirement_category",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What R16 compares."""

    name: str
    id_number: str
    sex: str
    born_on: date
    certified_born_on: date | None = None
    identity_certified: bool = False
    started_work_on: date | None = None


def objections_to_identity(identity: Identity) -> list[Objection]:
    """R16: the number is sound and says the same birth and sex; the name looks like one.

    A difference passes as a warning when the organisation has certified the person's file (档案认定).
    """
    try:
        number = parse_id_number(identity.id_number)
    except IdNumberError as error:
        return [Objection("R16", f"{error}（R16）", Severity.BLOCK, {}, "请按身份证原件核对")]
    found = _differences(identity, number)
    found += [Objection("R16", problem, Severity.WARN, {}, "请核对姓名") for problem in name_problems(identity.name)]
    if not identity.name.strip():
        found.append(Objection("D2", "未填写姓名", Severity.BLOCK, {}, "请填写姓名"))
    return found


def _differences(identity: Identity, number: IdNumber) -> list[Objection]:
    severity = Severity.WARN if identity.identity_certified else Severity.BLOCK
    step = (
        "已作档案认定"
        if identity.identity_certified
        else "请核对证件与档案；确有差异的，作“三龄两历一身份”认定后勾选“档案认定”"
    )
    found: list[Objection] = []
    if identity.born_on != number.birth:
        message = f"出生日期 {identity.born_on} 与身份证号中的 {number.birth} 不一致（R16）"
        found.append(Objection("R16", message, severity, {}, step))
    if identity.sex != number.sex:
        labels = codes("sex")
        message = f"性别“{labels.label(identity.sex)}”与身份证号中的“{labels.label(number.sex)}”不一致（R16）"
        found.append(Objection("R16", message, severity, {}, step))
    if identity.certified_born_on is not None and not identity.identity_certified:
        message = "填写了档案认定出生日期，但未勾选“档案认定”（R16）"
        found.append(Objection("R16", message, Severity.BLOCK, {}, "请确认已由组织认定后勾选"))
    return found


def objections_to_codes(values: dict[str, object]) -> list[Objection]:
    """Coded fields hold codes of their national set, or nothing."""
    found: list[Objection] = []
    for field, code_set in CODED_FIELDS.items():
        value = values.get(field)
        if value and str(value) not in codes(code_set):
            message = f"{codes(code_set).title}中没有代码“{value}”"
            found.append(Objection("D1", message, Severity.BLOCK, {}, "请从代码表中选择"))
    return found


def objections_to_careers(
    *,
    born_on: date,
    started_work_on: date | None,
    effective_on: date,
    established_on: date | None,
    minimum_age: int,
    is_bulk_transfer: bool = False,
) -> list[Objection]:
    """R17: work starts at the minimum age or later, entry not before work and not before the unit existed."""
    found: list[Objection] = []
    if started_work_on is not None and started_work_on < _birthday(born_on, minimum_age):
        message = f"参加工作时间 {started_work_on} 时不满 {minimum_age} 周岁（R17）"
        found.append(
            Objection("R17", message, Severity.WARN, {"最低年龄": minimum_age}, "请核对出生日期和参加工作时间")
        )
    if started_work_on is not None and effective_on < started_work_on:
        message = f"入编时间 {effective_on} 早于参加工作时间 {started_work_on}（R17）"
        found.append(Objection("R17", message, Severity.WARN, {}, "请核对两项时间"))
    if established_on is not None and effective_on < established_on and not is_bulk_transfer:
        message = f"入编时间 {effective_on} 早于单位设立时间 {established_on}（R17）"
        found.append(Objection("R17", message, Severity.WARN, {}, "划转人员请按成建制划转办理"))
    return found


def _birthday(born_on: date, age: int) -> date:
    year = born_on.year + age
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
