"""用编计划 against the register: which units it is about, which have to be made, and whether it was imported before."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from bianzhi.common.tabular.cells import text_of
from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.imports.models import Action
from bianzhi.imports.recognition.wordings import settled_quota_type
from bianzhi.imports.rules.unit_types import area_of, guessed_type, plain_name
from bianzhi.imports.selectors.directory import Unit, UnitDirectory
from bianzhi.imports.selectors.planning import Options, Plan, UnitDraft, UnitRef, unknown_unit
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.kernel.names import organisation_name_key
from bianzhi.personnel.models import PlanItem, StaffingPlan
from bianzhi.personnel.services.plans import PlanItemFacts

LEAST_UNITS_OF_AN_AREA = 3
CONDITIONS = (
    "condition.", "internal_body", "region", "unit_kind", "unit_level", "post_category", "post_grade", "exam_category",
    "interview_ratio", "post_summary", "phone", "remark", "supervising_department",
)  # fmt: skip
_YEAR = re.compile(r"(20\d{2})\s*年?")
_TITLE_NOISE = re.compile(r"[（(][^（）()]*[）)]$|_+|附件\d*[:：]?")


@dataclass(slots=True)
class StaffingPlanPlan(Plan):
    """A staffing plan to be registered: its facts, its posts with their units, the units to be made."""

    title: str = ""
    year: int = 0
    digest: str = ""
    known: StaffingPlan | None = None
    shared: frozenset[str] = frozenset()
    group: UnitRef | None = None
    areas: dict[str, UnitDraft] = field(default_factory=dict)
    drafts: dict[str, UnitDraft] = field(default_factory=dict)
    items: list[tuple[ParsedRow, UnitRef]] = field(default_factory=list)


def plan_staffing(table: ParsedTable, options: Options) -> StaffingPlanPlan:
    """Match every post to a unit. Units nobody knows are drafted under a node named after the plan's area or file."""
    plan = StaffingPlanPlan(table)
    plan.title = options.title or title_of(table)
    plan.year = options.year or year_of(plan.title, options.today.year)
    directory = UnitDirectory.load(options.today)
    plan.shared = shared_names(table)
    for row in table.accepted:
        _place(plan, directory, row)
    plan.digest = digest_of(plan)
    plan.known = StaffingPlan.objects.filter(source_digest=plan.digest).first()
    if plan.known is None:
        _warn_of_posts_planned_already(plan)
    _group(plan, directory)
    _describe(plan)
    return plan


def shared_names(table: ParsedTable) -> frozenset[str]:
    """Unit names (folded) that several departments or regions of the file use, as 办公室 or 城关镇人民政府."""
    superiors: dict[str, set[str]] = defaultdict(set)
    for row in table.accepted:
        superiors[organisation_name_key(plain_name(row.get("organization")))].add(_superior_of(row))
    return frozenset(name for name, above in superiors.items() if len(above) > 1)


def title_of(table: ParsedTable) -> str:
    """The headline above the first table, without the remark in brackets; else the file's name."""
    for sheet in table.sheets:
        header = sheet.recognition.header
        for index in range(header.top if header else 0):
            for value in table.workbook.sheet(sheet.name).rows[index]:
                text = "".join(text_of(value).split())
                if 6 <= len(text) <= 60:
                    return _TITLE_NOISE.sub("", text) or text
    return PurePath(table.workbook.name).stem[:200]


def year_of(title: str, default: int) -> int:
    """The year a title names, else the given one."""
    found = _YEAR.search(title)
    return int(found[1]) if found else default


def digest_of(plan: StaffingPlanPlan) -> str:
    """SM3 of what the plan says: the same posts saved in another format are the same plan."""
    rows = [
        {key: value for key, value in row.values.items() if isinstance(value, str | int)} | {"sheet": row.sheet}
        for row, _ in plan.items
    ]
    return sm3_hex(canonical_json({"year": plan.year, "title": plan.title, "rows": rows}))


def items_of(plan: StaffingPlanPlan) -> list[PlanItemFacts]:
    """The posts as the register keeps them; every unit has its id by now."""
    mode = "I01" if "公务员" in plan.title else "I03" if "公开招聘" in plan.title else ""
    return [
        PlanItemFacts(
            organization_id=unit.id or 0,
            unit_name=str(row.get("organization"))[:200],
            headcount=row.get("headcount"),
            post_name=str(row.get("post_name") or "")[:200],
            post_code=str(row.get("post_code") or "")[:60],
            quota_type=_quota_type(row, unit),
            entry_mode=row.get("entry_mode") or mode,
            conditions=conditions_of(row),
            sheet=row.sheet[:100],
            row_number=row.number,
        )
        for row, unit in plan.items
    ]


def conditions_of(row: ParsedRow) -> dict[str, Any]:
    """What the table asks of candidates, by field; blanks left out."""
    return {
        key.removeprefix("condition."): str(value) for key, value in row.values.items() if key.startswith(CONDITIONS)
    }


def _quota_type(row: ParsedRow, unit: UnitRef) -> str:
    code: str = row.get("quota_type") or ""
    institution = unit.facts.get("institution_class", "") if isinstance(unit, UnitDraft) else unit.institution_class
    return settled_quota_type(code, funding_form=row.get("funding_form") or "", institution_class=institution)


def _place(plan: StaffingPlanPlan, directory: UnitDirectory, row: ParsedRow) -> None:
    if row.get("headcount") < 1:
        plan.reject(row, "headcount", "人数为 0，计划项至少要有 1 人")
        return
    written: str = row.get("organization")
    name = plain_name(written)
    under = _superior_of(row)
    if organisation_name_key(name) in plan.shared and under and not name.startswith(under):
        name = f"{under}{name}"
    found = directory.find(name, code=row.get("organization_code") or "", under=under)
    if found.candidates:
        plan.reject(row, "organization", unknown_unit(directory, written, found))
        return
    unit: UnitRef | None = found.unit
    if unit is not None and unit.is_grouping:
        plan.reject(row, "organization", f"「{written}」在系统中只是分组，不是单位，请填写具体用人单位")
        return
    if unit is None:
        key = organisation_name_key(name)
        unit = plan.drafts.get(key) or plan.drafts.setdefault(key, _draft(name, written, under, directory))
    plan.items.append((row, unit))


def _superior_of(row: ParsedRow) -> str:
    """The department or region a row names beside its unit; "" when it only repeats the unit."""
    above = str(row.get("supervising_department") or row.get("region") or "")
    return "" if organisation_name_key(above) == organisation_name_key(str(row.get("organization"))) else above


def _draft(name: str, written: str, under: str, directory: UnitDirectory) -> UnitDraft:
    guess = guessed_type(written)
    above = directory.find(under).unit if under else None
    facts = {
        "org_type": guess.org_type,
        "institution_class": guess.institution_class,
        "tier": "township" if guess.org_type in ("70", "71") else "district",
    }
    return UnitDraft(name, facts, supervising=above if above is not None and not above.is_grouping else None)


def drafts_in_order(plan: StaffingPlanPlan) -> list[UnitDraft]:
    """The grouping nodes, then the units, each founded no earlier than what it hangs under."""
    groups = [plan.group] if isinstance(plan.group, UnitDraft) else []
    ordered = [*groups, *plan.areas.values(), *plan.drafts.values()]
    for draft in ordered:
        for above in (draft.parent, draft.supervising):
            if above is not None:
                draft.since = max(draft.since, above.first_day if isinstance(above, Unit) else above.since)
    return ordered


def _warn_of_posts_planned_already(plan: StaffingPlanPlan) -> None:
    """A file put right and imported again would plan its posts twice: what stands in a plan of the year is told."""
    units = [unit.id for _, unit in plan.items if isinstance(unit, Unit)]
    standing = PlanItem.objects.filter(
        plan__year=plan.year, plan__withdrawn_at__isnull=True, organization_id__in=units
    ).exclude(post_name="", post_code="")
    planned = {
        (item.organization_id, item.post_name, item.post_code): item.plan.title
        for item in standing.select_related("plan")
    }
    for row, unit in plan.items:
        title = planned.get((unit.id or 0, str(row.get("post_name") or ""), str(row.get("post_code") or "")))
        if title is not None:
            message = f"{plan.year} 年的《{title}》中已有这个单位的这一岗位，再导入会重复计入用编计划，请核对后删去本行"
            plan.warn(row, "post_name", message)


def _group(plan: StaffingPlanPlan, directory: UnitDirectory) -> None:
    """Hang the drafts under a node for the plan's area, in areas of their own where several share one."""
    if not plan.drafts:
        return
    name = area_of(plan.title) or plan.title[:100]
    existing = directory.find(name).unit
    plan.group = existing or UnitDraft(name, {"is_grouping": True, "org_type": "90"})
    counted = Counter(area_of(draft.name) for draft in plan.drafts.values())
    for draft in plan.drafts.values():
        area = area_of(draft.name)
        if not area or area == name or counted[area] < LEAST_UNITS_OF_AN_AREA:
            draft.parent = plan.group
            continue
        known = directory.find(area).unit
        draft.parent = known or plan.areas.setdefault(
            area, UnitDraft(area, {"is_grouping": True, "org_type": "90"}, parent=plan.group)
        )


def _describe(plan: StaffingPlanPlan) -> None:
    """The preview: one line for each new unit, one for each post."""
    seen: set[int] = set()
    action = Action.SAME if plan.known else Action.CREATE
    for row, unit in plan.items:
        if isinstance(unit, UnitDraft) and id(unit) not in seen and not plan.known:
            seen.add(id(unit))
            plan.note(row, Action.CREATE, f"单位 {unit.name}", f"列入“{unit.parent.name if unit.parent else ''}”")
        post = " ".join(filter(None, (row.get("post_name"), row.get("post_code"))))
        plan.note(row, action, f"{unit.name} {post}", f"{row.get('headcount')} 人")
