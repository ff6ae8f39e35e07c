"""P01 年度用编计划: whom the units of a system want to take on in a year; the commission decides, slips cite it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, ReversibleCommand, act_of
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.by_paper import MEETING, office_fields, refuse_without_decision
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.decided import order_of
from bianzhi.matters.definitions.p02 import MODES, QUOTA_TYPES
from bianzhi.matters.definitions.reading import OUTSIDE_SYSTEM, counted, missing
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.staffing import Attrition, objections_to_planned
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import PlanItem, StaffingPlan
from bianzhi.personnel.rules.modes import objections_to_entry_mode
from bianzhi.personnel.rules.units import (
    Unit,
    no_such_unit,
    objections_to_frozen,
    objections_to_quota_type,
    quota_label,
)
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.retirements import leaving_by
from bianzhi.personnel.selectors.units import units_on
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items, withdraw_plan
from bianzhi.workflow.models import CommandExecution
from bianzhi.workflow.registries import CommandContext, Effect

REGISTER: Final = "p01.register"
COLUMNS: Final = (
    FieldSpec("unit", Kind.ORGANIZATION, "用编单位", locked=True, choices_of="own", help="不填为本单位"),
    FieldSpec("quota_type", Kind.QUOTA_TYPE, "编制类型", required=True, locked=True, options=QUOTA_TYPES),
    FieldSpec("entry_mode", Kind.ENTRY_MODE, "进入形式", required=True, locked=True, options=MODES),
    FieldSpec("post_name", Kind.TEXT, "职位（岗位）", required=True, locked=True, max_length=200),
    FieldSpec("count", Kind.INTEGER, "人数", required=True, locked=True, minimum=1, maximum=999),
    FieldSpec("conditions", Kind.TEXT, "条件要求", locked=True, max_length=200),
)


class RegisterPlan(ReversibleCommand):
    """下达: the plan with its items enters the register; slips of the year cite them."""

    label = "登记用编计划"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused for a plan without items (M01)."""
        draft = act.draft
        if not draft.rows("items"):
            raise missing(draft, "items")
        document = order_of(act).document
        plan = create_plan_with_items(
            actor=act.actor,
            today=act.today,
            plan=PlanFacts(
                title=f"{draft.number('year')}年度用编计划（{_unit_name(draft)}）",
                year=draft.number("year"),
                source_digest=_digest(draft),
                source=f"办件 {draft.case.number or '草稿'}",
                document=document,
            ),
            items=_items(draft),
        )
        words = f"下达{plan.title}：{plan.items.count()} 项 {counted(draft.rows('items'))} 名"
        return Carried(words, {"plan": plan.pk})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Withdraw the plan; refused (R26) while slips rest on it."""
        reason = f"办件 {act.draft.case.number} 退回"
        withdraw_plan(actor=act.actor, today=act.today, plan_id=int(result["plan"]), reason=reason)

    def apply(self, context: CommandContext) -> Effect:
        """By the paper of the commission, never by a stand-in (R10)."""
        refuse_without_decision(act_of(context).draft)
        return super().apply(context)


def _digest(draft: CaseDraft) -> str:
    """One plan for one decision: what a case registers again after it was taken back is a plan of its own."""
    undone = CommandExecution.objects.filter(
        instance_id=draft.case.instance_id, command=REGISTER, compensated_at__isnull=False
    )
    return sm3_hex(canonical_json({"case": draft.case.pk, "form": draft.form, "again": undone.count()}))


def _items(draft: CaseDraft) -> list[PlanItemFacts]:
    units = sorted({unit_of(draft, row) for row in draft.rows("items")})
    names = names_on(units, draft.today)
    return [
        PlanItemFacts(
            organization_id=unit_of(draft, row),
            unit_name=names.get(unit_of(draft, row), ""),
            headcount=int(row["count"]),
            post_name=str(row.get("post_name", "")),
            quota_type=str(row.get("quota_type", "")),
            entry_mode=str(row.get("entry_mode", "")),
            conditions={"要求": row["conditions"]} if row.get("conditions") else {},
            sheet=draft.case.number or "",
            row_number=number,
        )
        for number, row in enumerate(draft.rows("items"), start=1)
    ]


def unit_of(draft: CaseDraft, row: Mapping[str, Any]) -> int:
    """The unit a row is for: the applying one, unless the row names one of its system."""
    return int(row.get("unit") or draft.organization_id)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """R02 and R03 against vacancies and attrition; R05, R11, R19 of every row; units of the own system only (M23)."""
    rows = [row for row in draft.rows("items") if row.get("quota_type") and isinstance(row.get("count"), int)]
    ids = {unit_of(draft, row) for row in rows} | {draft.organization_id}
    units = units_on(ids, today)
    found: list[Objection] = []
    for row in rows:
        unit = units.get(unit_of(draft, row))
        found += [no_such_unit(today)] if unit is None else _objections_to_row(draft, unit, row)
    return [*dict.fromkeys(found), *_objections_to_numbers(draft, rows, units, today), *_known_plan(draft, units)]


def _objections_to_row(draft: CaseDraft, unit: Unit, row: Mapping[str, Any]) -> list[Objection]:
    quota_type = str(row["quota_type"])
    found = objections_to_quota_type(unit, quota_type)
    found += objections_to_frozen(quota_type)
    found += objections_to_entry_mode(str(row.get("entry_mode", "")), quota_type)
    if draft.organization_id not in (unit.id, unit.department_id):
        message = f"“{unit.name}”不是本单位，也不由本单位主管"
        found.append(Objection(OUTSIDE_SYSTEM, message, Severity.BLOCK, {}, "请由该单位或其主管部门申报"))
    return found


def _objections_to_numbers(
    draft: CaseDraft, rows: list[Mapping[str, Any]], units: Mapping[int, Unit], today: date
) -> list[Objection]:
    planned: Counter[tuple[int, str]] = Counter()
    for row in rows:
        planned[unit_of(draft, row), str(row["quota_type"])] += int(row["count"])
    leaving = leaving_by(today, date(max(draft.number("year"), today.year) + 1, 1, 1), list(units))
    found: list[Objection] = []
    for (unit_id, quota_type), number in sorted(planned.items()):
        if unit_id in units:
            use = headroom(unit_id, quota_type, today)
            there = Attrition(units[unit_id].name, quota_label(quota_type), use, leaving[unit_id, quota_type])
            found += objections_to_planned(number, there)
    return found


def _known_plan(draft: CaseDraft, units: Mapping[int, Unit]) -> list[Objection]:
    """A second plan of the same year adds to the first: that is told."""
    known = PlanItem.objects.filter(
        organization_id__in=list(units), plan__year=draft.number("year"), plan__withdrawn_at=None
    )
    titles = list(known.order_by().values_list("plan__title", flat=True).distinct()[:3])
    if not titles:
        return []
    message = f"{draft.number('year')} 年度已有用编计划：{'、'.join(titles)}，本次申报将另行增加"
    return [Objection("P1", message, Severity.WARN, {"已有计划": len(titles)}, "请确认不是重复申报")]


def _unit_name(draft: CaseDraft) -> str:
    return names_on([draft.organization_id], draft.today).get(draft.organization_id, "")


def _title(draft: CaseDraft) -> str:
    year, number = draft.number("year"), counted(draft.rows("items"))
    return f"{year}年度用编计划 {number} 名" if year and number else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return {"headcount": counted(draft.rows("items"))}


def _notice(act: CaseAct) -> PaperContent:
    """年度用编计划下达通知单: item by item, what slips may be asked for."""
    plan = StaffingPlan.objects.select_related("document").get(pk=act.earlier[REGISTER]["plan"])
    items = list(plan.items.all())
    names = names_on({item.organization_id for item in items}, act.today)
    modes = codes("entry_mode")
    lines = [
        ("计划", plan.title),
        ("批准文件", str(plan.document) if plan.document else ""),
        ("合计", f"{sum(item.headcount for item in items)} 名"),
    ]
    rows = [
        (
            names.get(item.organization_id, item.unit_name),
            item.post_name,
            quota_label(item.quota_type),
            modes.label(item.entry_mode),
            str(item.headcount),
        )
        for item in items
    ]
    closing = "请在计划内逐项申请编制使用核准；计划不等于核准，未经核准不得进人。抄送：组织部、人力社保局、财政局。"
    return PaperContent(
        lines, head=("用编单位", "职位（岗位）", "编制类型", "进入形式", "人数"), rows=rows, closing=closing
    )


def _publication(draft: CaseDraft) -> PaperContent:
    return PaperContent([("事项", _title(draft)), ("申报单位", _unit_name(draft))])


P01 = declare(
    Matter(
        code="P01",
        title="年度用编计划",
        summary="每年年初由单位提出、主管部门汇总，编办审核、编委审批的全年进人计划。",
        group="人员与编制使用",
        icon="clipboard-list",
        clock_days=20,
        fields=(
            FieldSpec(
                "year", Kind.INTEGER, "年度", required=True, locked=True, minimum=2020, maximum=2100, section="计划"
            ),
            FieldSpec("items", Kind.TABLE, "计划项", required=True, locked=True, columns=COLUMNS, help="逐岗位填写"),
            FieldSpec("reason", Kind.TEXTAREA, "申报理由", required=True, locked=True, max_length=2000, section="理由"),
            FieldSpec("attrition", Kind.TEXTAREA, "年内预计减员说明", locked=True, max_length=1000),
            *office_fields(*MEETING, "decision"),
        ),
        evidence=(EvidenceSpec("request", "年度用编计划申报表", help="主管部门盖章的汇总表"),),
        approvers=(ApproverRule("commission", "年度用编计划由编委审批"),),
        flow=lambda: standard_chain(
            "P01",
            "年度用编计划",
            above=True,
            effect=REGISTER,
            paper="p01.notice",
            writes={"commission": MEETING, "reply": ("decision",)},
        ),
        commands={REGISTER: RegisterPlan(), "p01.notice": IssuePaper("notice")},
        papers=(PaperKind("notice", "年度用编计划下达通知单", "编用计", _notice),),
        title_of=_title,
        facts_of=_facts,
        precheck=_precheck,
        publication=_publication,
    )
)
