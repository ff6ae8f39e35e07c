"""Carrying out a plan: one service for each kind of file, all of it through the services of the register."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import register_documents
from bianzhi.imports.selectors.ledger_history import Change, LedgerHistoryPlan
from bianzhi.imports.selectors.organizations import OrganizationsPlan
from bianzhi.imports.selectors.papers import Papers
from bianzhi.imports.selectors.planning import Options
from bianzhi.imports.selectors.roster import LEADERS, Newcomer, RosterPlan, opening_row
from bianzhi.imports.selectors.staffing_plan import StaffingPlanPlan, drafts_in_order, items_of
from bianzhi.imports.services.structure import establish_drafts
from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.rules.lines import Line, Place, move, unit
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.services import EntryDraft, import_history, post_entries
from bianzhi.ledger.services.history import HistoryRow
from bianzhi.ledger.services.moves import source_of
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.services import NewBody, add_bodies
from bianzhi.personnel.services.engagement_opening import EngagementRow, engage_opening
from bianzhi.personnel.services.opening import enlist_opening
from bianzhi.personnel.services.persons import change_soft_fields
from bianzhi.personnel.services.plans import PlanFacts, create_plan_with_items

Progress = Callable[[int, int, str], None]
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Writing:
    """What every kind of commit is given: the register's document, the options, and whom to tell how far it is."""

    document: ApprovalDocument
    options: Options
    progress: Progress
    source: str = ""


@unit_of_work
def write_organizations(*, actor: Actor, plan: OrganizationsPlan, writing: Writing) -> dict[str, int]:
    """Establish the units and open their quotas: totals issued to the reserves, from there to the units."""
    total = len(plan.drafts) + len(plan.openings)
    writing.progress(0, total, "正在登记机构")
    units = establish_drafts(actor=actor, document=writing.document, drafts=plan.drafts)
    writing.progress(units, total, "正在登记期初台账")
    papers = _register(actor, plan.papers)
    tiers = _tiers(plan, writing)
    drafts = [*_totals(plan, tiers, writing), *_openings(plan, tiers, papers, writing)]
    entries = post_entries(actor=actor, drafts=drafts) if drafts else []
    groups = sum(draft.is_grouping for draft in plan.drafts)
    return {"单位": units - groups, "分组": groups, "台账条目": len(entries), "批准文件": len(plan.papers.wanted)}


@unit_of_work
def write_roster(*, actor: Actor, plan: RosterPlan, writing: Writing) -> dict[str, int]:
    """Take the people over in one act each for quota and control numbers, with their documents and bodies."""
    total = len(plan.newcomers) + len(plan.updates)
    writing.progress(0, total, "正在登记文件和内设机构")
    papers = _register(actor, plan.papers)
    bodies = _set_up_bodies(actor, plan, writing)
    on_quota = sorted((one for one in plan.newcomers if one.is_on_quota), key=_arrival)
    others = [one for one in plan.newcomers if not one.is_on_quota]
    over = done = 0
    for start in range(0, len(on_quota), CHUNK):
        chunk = on_quota[start : start + CHUNK]
        writing.progress(done, total, "正在登记在编人员")
        rows = [opening_row(one, body_id=bodies.get(_place(one)), document=papers.get(one.doc_no)) for one in chunk]
        opening = enlist_opening(actor=actor, today=writing.options.today, document=writing.document, rows=rows)
        over += opening.over_quota
        done += len(chunk)
    writing.progress(done, total, "正在登记员额和编外人员")
    engaged = [_engagement(one, papers) for one in others]
    engage_opening(actor=actor, today=writing.options.today, document=writing.document, rows=engaged)
    done += len(others)
    for count, (person_id, changes) in enumerate(plan.updates, start=1):
        writing.progress(done + count, total, "正在更新人员信息")
        change_soft_fields(actor=actor, today=writing.options.today, person_id=person_id, changes=changes)
    return {
        "在编人员": len(on_quota),
        "其中超编在册": over,
        "员额和编外人员": len(others),
        "更新信息": len(plan.updates),
        "批准文件": len(plan.papers.wanted),
    }


@unit_of_work
def write_ledger_history(*, actor: Actor, plan: LedgerHistoryPlan, writing: Writing) -> dict[str, int]:
    """Post the changes on their own days; openings told in detail by them are brought down by as much.

    Raises Refused when a change the plan calls new is there already: the openings would lose what nobody posted.
    """
    writing.progress(0, len(plan.fresh), "正在登记台账")
    papers = _register(actor, plan.papers)
    rows = [_history_row(change, papers.get(change.doc_no) or writing.document) for change in plan.fresh]
    result = import_history(actor=actor, rows=rows)
    refuse_if(_already_there(result.already_there))
    tree = OrganizationTree.as_of(writing.options.today)
    corrections = [
        _detail(key, day, amount, tree[key[0]].tier if key[0] in tree else "district", writing)
        for key, (day, amount) in sorted(plan.detailed.items())
    ]
    if corrections:
        post_entries(actor=actor, drafts=corrections)
    return {
        "台账条目": result.entries,
        "期初数调整": len(corrections),
        "批准文件": len(plan.papers.wanted),
    }


@unit_of_work
def write_staffing_plan(*, actor: Actor, plan: StaffingPlanPlan, writing: Writing) -> dict[str, int]:
    """Establish the units nobody knows and register the plan with its posts; a plan known already changes nothing."""
    if plan.known is not None:
        return {"用编计划": 0, "计划项": 0, "人数": 0, "单位": 0, "分组": 0}
    drafts = drafts_in_order(plan)
    total = len(drafts) + len(plan.items)
    writing.progress(0, total, "正在登记单位")
    establish_drafts(actor=actor, document=writing.document, drafts=drafts)
    writing.progress(len(drafts), total, "正在登记计划项")
    facts = PlanFacts(
        title=plan.title[:200],
        year=plan.year,
        source_digest=plan.digest,
        source=writing.source[:200],
        document=writing.document,
    )
    items = items_of(plan)
    create_plan_with_items(actor=actor, today=writing.options.today, plan=facts, items=items)
    groups = sum(draft.is_grouping for draft in drafts)
    return {
        "用编计划": 1,
        "计划项": len(items),
        "人数": sum(item.headcount for item in items),
        "单位": len(drafts) - groups,
        "分组": groups,
    }


def _already_there(number: int) -> list[Objection]:
    """Rows without a document number rest on the document of the import, which may hold them from an earlier one."""
    if not number:
        return []
    message = f"有 {number} 笔变动在同一文件、同一日期下已经登记过，本次未登记任何内容"
    step = "请重新检查表格；没有批准文号的行，请补填文号，或改用新的底册文件"
    return [Objection("R26", message, Severity.BLOCK, {"已登记": number}, step)]


def _register(by: Actor, papers: Papers) -> dict[str, ApprovalDocument]:
    """Register what is not registered; every cited document by its number."""
    rows = register_documents(actor=by, documents=list(papers.wanted.values())) if papers.wanted else []
    return papers.registered | dict(zip(papers.wanted, rows, strict=True))


def _tiers(plan: OrganizationsPlan, writing: Writing) -> dict[int, str]:
    """The tier of every unit that is given something, as it is registered by now."""
    tree = OrganizationTree.as_of(writing.options.today)
    ids = {opening.unit.id for opening in plan.openings if opening.unit.id is not None}
    return {pk: tree[pk].tier if pk in tree else "district" for pk in ids}


def _totals(plan: OrganizationsPlan, tiers: dict[int, str], writing: Writing) -> list[EntryDraft]:
    """What the upper level has issued is at least what the units hold: so much is issued to the reserves first."""
    issued: dict[Place, int] = defaultdict(int)
    for opening in plan.openings:
        for measure, amount in opening.amounts.items():
            if measure in quota_types():
                issued[source_of(measure, tiers[opening.unit.id or 0])] += amount
    return [
        EntryDraft(
            kind=EntryKind.TOTAL_ISSUED,
            document=writing.document,
            effective_on=writing.options.opening_on,
            summary=f"期初登记：{quota_types()[place.measure].label}总量（等于已核给各单位的数）",
            lines=move(Place("upper", place.measure, place.tier), place, amount),
            carried_over=True,
        )
        for place, amount in sorted(issued.items(), key=lambda pair: pair[0].key)
    ]


def _openings(
    plan: OrganizationsPlan, tiers: dict[int, str], papers: dict[str, ApprovalDocument], writing: Writing
) -> list[EntryDraft]:
    return [
        EntryDraft(
            kind=EntryKind.OPENING,
            document=papers.get(opening.doc_no) or writing.document,
            effective_on=writing.options.opening_on,
            summary=f"{opening.unit.name}期初登记核定编制和领导职数",
            lines=[
                line
                for measure, amount in opening.amounts.items()
                for line in move(
                    source_of(measure, tiers[opening.unit.id or 0]), unit(opening.unit.id or 0, measure), amount
                )
            ],
            carried_over=True,
        )
        for opening in plan.openings
    ]


def _set_up_bodies(by: Actor, plan: RosterPlan, writing: Writing) -> dict[tuple[int, str], int | None]:
    """The internal bodies of the roster by unit and name, those not there yet set up from the unit's first day."""
    wanted = {
        (one.unit.id, organisation_name_key(one.body)): one
        for one in plan.newcomers
        if one.body and plan.bodies.get((one.unit.id, organisation_name_key(one.body))) is None
    }
    rows = [
        NewBody(
            organization_id=one.unit.id,
            name=one.body,
            effective_on=one.unit.first_day,
            kind=BodyKind.LEADERS if one.body == LEADERS else BodyKind.INTERNAL,
            sort_order=0 if one.body == LEADERS else order,
        )
        for order, one in enumerate(wanted.values(), start=1)
    ]
    made = add_bodies(actor=by, document=writing.document, rows=rows) if rows else []
    return plan.bodies | {place: version.body_id for place, version in zip(wanted, made, strict=True)}


def _place(one: Newcomer) -> tuple[int, str]:
    return (one.unit.id, organisation_name_key(one.body))


def _arrival(one: Newcomer) -> date:
    """People are taken over in the order they came, so that the latest are the ones beyond the number."""
    return one.entered_on


def _engagement(one: Newcomer, papers: dict[str, ApprovalDocument]) -> EngagementRow:
    return EngagementRow(
        person=one.person,
        organization_id=one.unit.id,
        kind=one.quota_type,
        since=one.entered_on,
        position=str(one.row.get("position") or "")[:100],
        document=papers.get(one.doc_no),
        label=f"{one.row.sheet} 第 {one.row.number} 行",
    )


def _history_row(change: Change, document: ApprovalDocument) -> HistoryRow:
    return HistoryRow(
        kind=change.kind,
        document=document,
        effective_on=change.day,
        organization_id=change.unit.id,
        measure=change.measure,
        amount=change.amount,
        summary=change.summary,
        from_organization_id=change.partner.id if change.partner else None,
    )


def _detail(key: tuple[int, str], day: date, amount: int, tier: str, writing: Writing) -> EntryDraft:
    """Take out of an opening what the history now tells: the balance from that day on stays as it was."""
    organization_id, measure = key
    own, above = unit(organization_id, measure), Place("upper", measure, tier)
    return EntryDraft(
        kind=EntryKind.OPENING,
        document=writing.document,
        effective_on=day,
        summary="历年台账已逐笔登记，期初数相应调整，核定数不变",
        lines=[Line(above, amount), Line(own, -amount)],
        allows_overstaffing=True,
        carried_over=True,
    )
