"""What the personnel rules need to know of a unit, and which quota it may use (R05, R11)."""

from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules.quota_types import quota_types

COORDINATION_OFFICE = "35"
TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Unit:
    """One organisation as it was on a day; `department_id` is its supervising department, else what it hangs under."""

    id: int
    name: str
    org_type: str
    institution_class: str = ""
    tier: str = "district"
    rank: str = ""
    is_grouping: bool = False
    established_on: date | None = None
    department_id: int | None = None


def quota_label(code: str) -> str:
    """The Chinese name of a quota type; the code itself when it is unknown."""
    quota = quota_types().get(code)
    return quota.label if quota else code


def no_such_unit(day: date) -> Objection:
    """The organisation does not exist on the day: nobody can be on its quota (L1)."""
    return Objection(
        "L1",
        f"该单位在 {day} 尚未设立或已撤销，不能办理人员业务",
        Severity.BLOCK,
        {},
        "请核对日期，或选择承接其职责的单位",
    )


def objections_to_quota_type(unit: Unit, quota_type: str) -> list[Objection]:
    """R05 and R11: the unit may have people on this quota type at all."""
    quota = quota_types().get(quota_type)
    if quota is None or not quota.counts_as_quota:
        label = quota.label if quota else f"“{quota_type}”"
        message = f"{label}不是可以入编的编制类型（R05）"
        return [Objection("R05", message, Severity.BLOCK, {}, "员额和编外人员请在“编外（员额）用工”中登记")]
    if unit.is_grouping:
        message = f"“{unit.name}”只是机构树上的分组，不能占编（R05）"
        return [Objection("R05", message, Severity.BLOCK, {}, "请选择具体单位")]
    if unit.org_type == COORDINATION_OFFICE:
        message = f"“{unit.name}”是议事协调机构的办事机构，没有自己的编制（R11）"
        return [Objection("R11", message, Severity.BLOCK, {}, "请将人员登记在承担其日常工作的单位")]
    if not quota.allowed_in(unit.org_type, unit.institution_class):
        message = f"“{unit.name}”的机构类别不能使用{quota.label}，属于混编混岗（R05）"
        return [Objection("R05", message, Severity.BLOCK, {"编制类型": quota.label}, "请改用与机构类别相符的编制类型")]
    return []


def objections_to_frozen(quota_type: str) -> list[Objection]:
    """R19: nobody new comes onto a quota type that only shrinks."""
    quota = quota_types().get(quota_type)
    if quota is None or not quota.frozen:
        return []
    message = f"{quota.label}只减不增、只出不进，不能再核准用编或入编（R19）"
    return [Objection("R19", message, Severity.BLOCK, {"编制类型": quota.label}, "请改用其他编制类型")]


def is_pooled(quota_type: str) -> bool:
    """Whether the quota belongs to a pool and must come back to it: 周转、人才专项 (R20)."""
    quota = quota_types().get(quota_type)
    return quota is not None and quota.counts_as_quota and quota.pool != "reserve"


def is_frozen(quota_type: str) -> bool:
    """Whether freed quota of this type is withdrawn (R19)."""
    quota = quota_types().get(quota_type)
    return quota is not None and quota.frozen


def objections_to_term(quota_type: str, start: date, term_until: date | None, longest_years: int) -> list[Objection]:
    """R20: pooled quota is lent for a term; one longer than the office's usual term is remarked."""
    if not is_pooled(quota_type):
        return []
    label = quota_label(quota_type)
    if term_until is None or term_until <= start:
        message = f"{label}须约定归还期限，期限应晚于 {start}（R20）"
        return [Objection("R20", message, Severity.BLOCK, {}, "请填写使用期限（一般 3 至 5 年）")]
    years = (term_until - start).days / 365.25
    if years > longest_years:
        message = f"{label}使用期限到 {term_until}，超过 {longest_years} 年（R20）"
        return [Objection("R20", message, Severity.WARN, {"最长年限": longest_years}, "请确认期限")]
    return []
