"""People lent, borrowed, or employed beside the quota (R21, R22)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.personnel.rules.units import TOWNSHIP, Unit

SECONDMENT_MODES: Final = ("B01", "B02", "B03", "B04", "B05")


@dataclass(frozen=True, slots=True)
class SecondmentFacts:
    """A secondment about to begin; units are None when they lie outside the district."""

    mode: str
    starts_on: date
    planned_until: date | None
    lender: Unit | None
    borrower: Unit | None
    outside_party: str


def objections_to_secondment(secondment: SecondmentFacts) -> list[Objection]:
    """R21: an end is agreed; organs of the county level and above do not borrow from townships."""
    found: list[Objection] = []
    if secondment.mode not in SECONDMENT_MODES:
        found.append(
            Objection("D1", f"没有“{secondment.mode}”这种借调挂职形式", Severity.BLOCK, {}, "请从代码表中选择")
        )
    if secondment.planned_until is None or secondment.planned_until < secondment.starts_on:
        message = "借调、挂职须约定结束日期，且不早于开始日期（R21）"
        found.append(Objection("R21", message, Severity.BLOCK, {}, "请填写约定期限"))
    if secondment.borrower is None and not secondment.outside_party:
        found.append(Objection("D2", "未填写接收单位", Severity.BLOCK, {}, "请选择接收单位，区外单位请填写名称"))
    if secondment.lender is not None and secondment.lender == secondment.borrower:
        found.append(Objection("D2", "派出单位与接收单位相同", Severity.BLOCK, {}, "请核对单位"))
    if _borrows_from_township(secondment):
        lender = secondment.lender.name if secondment.lender else ""
        message = f"“{lender}”是乡镇（街道），县级以上机关一般不得从乡镇借调人员（R21）"
        found.append(Objection("R21", message, Severity.OVERRIDE, {}, "确有需要的，由编办主任说明理由后放行"))
    return found


def _borrows_from_township(secondment: SecondmentFacts) -> bool:
    if secondment.mode != "B01" or secondment.lender is None or secondment.lender.tier != TOWNSHIP:
        return False
    return secondment.borrower is None or secondment.borrower.tier != TOWNSHIP


def objections_to_engagement(unit: Unit, kind: str, use: QuotaUse, *, on_quota: bool) -> list[Objection]:
    """R22: the control number is not exceeded; whoever is on quota is not counted a second time (R04)."""
    found: list[Objection] = []
    label = {"E1": "备案员额", "E2": "编外用工"}.get(kind, kind)
    if use.available < 1:
        message = f"“{unit.name}”{label}控制数 {use.approved} 名，实有 {use.occupied} 名，不得超控制数用工（R22）"
        step = "请先解除现有用工，或申请增加控制数"
        found.append(Objection("R22", message, Severity.BLOCK, {"控制数": use.approved, "实有": use.occupied}, step))
    if on_quota:
        found.append(on_quota_already())
    return found


def on_quota_already() -> Objection:
    """R04: whoever is on quota is not employed beside it."""
    message = "该人员在编，不能同时登记为编外（员额）人员（R04）"
    return Objection("R04", message, Severity.BLOCK, {}, "请先办理出编")


def objections_to_form(kind: str, form: str) -> list[Objection]:
    """The form of a non-quota employment is one of the code set; filed headcount has none."""
    if kind == "E2" and form and form not in codes("non_quota_kind"):
        return [Objection("D1", f"没有“{form}”这种编外用工形式", Severity.BLOCK, {}, "请从编外用工类别中选择")]
    return []
