"""Turning unit plans into organisations, internal bodies and a ledger."""

from dataclasses import dataclass, field
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.demo.blocks import DISTRICT, FORMER_NAMES, GROUPS, REGION, UnitPlan, group_code
from bianzhi.demo.papers import CITY, COMMISSION, REGISTER, Papers, moment
from bianzhi.demo.scenario import Scenario
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.pinyin import initials, organisation_pinyin
from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.rules.lines import Line, Place, move, unit
from bianzhi.ledger.services import EntryDraft, post_entries
from bianzhi.ledger.services.moves import source_of
from bianzhi.organizations.models import (
    InternalBody,
    InternalBodyVersion,
    Lineage,
    LineageKind,
    Organization,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.models.bodies import BodyKind

ROOT_CODE = f"{REGION}000"
FOUNDED = date(1984, 1, 1)


@dataclass(slots=True)
class Structure:
    """The organisations of the district by plan code, with their bodies."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    founded: dict[str, date] = field(default_factory=dict)
    bodies: dict[str, list[InternalBodyVersion]] = field(default_factory=dict)
    rows: list[SealedModel] = field(default_factory=list)

    def body(self, code: str, index: int | None) -> InternalBody | None:
        """The internal body of a unit by its place in the plan."""
        return None if index is None else self.bodies[code][index].body


def build_structure(scenario: Scenario, papers: Papers) -> Structure:
    """Insert the tree: district, grouping nodes, units, internal bodies, and the lineage of their founding."""
    structure = Structure()
    document = papers.of(REGISTER, scenario.start, "机构编制实名制建账底册")
    papers.save()
    versions = [_grouping(structure, ROOT_CODE, DISTRICT, None, 0)]
    versions += [
        _grouping(structure, group_code(label), label, ROOT_CODE, index) for index, label in enumerate(GROUPS, 1)
    ]
    for index, plan in enumerate(scenario.units):
        versions.append(_unit_version(structure, plan, index))
    organizations = list(structure.organizations.values())
    Organization.objects.bulk_create(organizations, batch_size=500)
    for version in versions:
        version.document = document
    OrganizationVersion.objects.bulk_create(versions, batch_size=200)
    bodies = _bodies(structure, scenario.units)
    InternalBody.objects.bulk_create([version.body for version in bodies], batch_size=500)
    for body in bodies:
        body.document = document
    InternalBodyVersion.objects.bulk_create(bodies, batch_size=500)
    event = ReorganizationEvent.objects.create(
        kind=LineageKind.ESTABLISHED,
        effective_on=FOUNDED,
        document=document,
        summary="建账时已设立的机构，按底册登记",
    )
    parts = [Lineage(event=event, organization=organization) for organization in organizations]
    Lineage.objects.bulk_create(parts, batch_size=500)
    structure.rows = [*organizations, *versions, *[b.body for b in bodies], *bodies, event, *parts]
    return structure


def _grouping(structure: Structure, code: str, name: str, parent: str | None, order: int) -> OrganizationVersion:
    structure.organizations[code] = Organization(code=code)
    structure.founded[code] = FOUNDED
    return OrganizationVersion(
        organization=structure.organizations[code],
        name=name,
        short_name=name,
        name_initials=initials(organisation_pinyin(name)),
        name_folded=organisation_name_key(name),
        parent=structure.organizations[parent] if parent else None,
        org_type="90",
        is_grouping=True,
        valid_from=FOUNDED,
        sort_order=order,
    )


def _unit_version(structure: Structure, plan: UnitPlan, index: int) -> OrganizationVersion:
    block = plan.block
    kind = "2" if block.org_type == "80" else "1"
    structure.organizations[plan.code] = Organization(
        code=plan.code, uscc=make_credit_code(kind, REGION, 10_000 + index).value
    )
    structure.founded[plan.code] = FOUNDED
    parent = structure.organizations[plan.parent_code]
    is_institution = block.org_type == "80"
    short_name = FORMER_NAMES.get(plan.short_name, plan.short_name)
    name = f"{DISTRICT}{short_name}"
    return OrganizationVersion(
        organization=structure.organizations[plan.code],
        name=name,
        short_name=short_name,
        name_initials=initials(organisation_pinyin(name)),
        name_folded=organisation_name_key(name),
        parent=parent,
        supervising_department=parent if is_institution and plan.block.under else None,
        org_type="71" if plan.name.endswith("街道") else block.org_type,
        institution_class=block.institution_class,
        nature="institution" if is_institution else "party_organ" if block.org_type == "10" else "state_organ",
        rank=block.rank,
        funding_form=block.funding,
        tier=block.tier,
        duties=f"负责{plan.short_name}职责范围内的工作（演示数据）。",
        valid_from=FOUNDED,
        sort_order=index,
    )


def _bodies(structure: Structure, units: list[UnitPlan]) -> list[InternalBodyVersion]:
    versions: list[InternalBodyVersion] = []
    for plan in units:
        own = [
            InternalBodyVersion(
                body=InternalBody(code=f"{plan.code}-{order:02d}"),
                organization=structure.organizations[plan.code],
                name=name,
                kind=BodyKind.LEADERS if order == 0 else BodyKind.INTERNAL,
                rank="" if order == 0 or plan.block.org_type == "80" else "151",
                valid_from=FOUNDED,
                sort_order=order,
            )
            for order, name in enumerate(plan.bodies)
        ]
        structure.bodies[plan.code] = own
        versions += own
    return versions


def post_ledger(scenario: Scenario, structure: Structure, papers: Papers, actor: Actor) -> int:
    """Post the totals, every unit's opening and ten years of changes; returns the number of entries."""
    planned: list[_Planned] = [*_openings(scenario, structure), *_changes(scenario, structure)]
    planned = [*_totals(scenario, planned), *planned]
    for item in planned:
        item.paper_of(papers)
    papers.save()
    planned.sort(key=lambda item: (item.on, item.order))
    drafts = [item.draft(papers) for item in planned]
    return len(post_entries(actor=actor, drafts=drafts))


@dataclass(slots=True)
class _Planned:
    """An entry to be posted, with the matter its document is about."""

    on: date
    order: int
    kind: EntryKind
    summary: str
    lines: list[Line]
    upper: bool = False

    def paper_of(self, papers: Papers) -> ApprovalDocument:
        """The document that allows it."""
        issuer = CITY if self.upper else REGISTER if self.kind == EntryKind.OPENING else COMMISSION
        title = "机构编制实名制建账底册" if self.kind == EntryKind.OPENING else self.summary
        return papers.of(issuer, self.on, title)

    def draft(self, papers: Papers) -> EntryDraft:
        """The entry, recorded on its own day."""
        return EntryDraft(
            kind=self.kind,
            document=self.paper_of(papers),
            effective_on=self.on,
            summary=self.summary,
            lines=self.lines,
            recorded_at=moment(self.on),
        )


def _openings(scenario: Scenario, structure: Structure) -> list[_Planned]:
    planned = []
    for plan in scenario.units:
        organization_id = structure.organizations[plan.code].pk
        lines: list[Line] = []
        for quota_type in plan.quota:
            amount = scenario.courses[plan.code, quota_type].approved_at_start
            if amount:
                source = source_of(quota_type, plan.block.tier)
                lines += move(source, unit(organization_id, quota_type), amount)
        for level, count in plan.posts.items():
            if count:
                lines += move(Place("upper", level, plan.block.tier), unit(organization_id, level), count)
        for kind, (cap, _) in plan.caps.items():
            if cap:
                lines += move(source_of(kind, plan.block.tier), unit(organization_id, kind), cap)
        planned.append(
            _Planned(scenario.start, 1, EntryKind.OPENING, f"{plan.short_name}建账核定编制和领导职数", lines)
        )
    return planned


def _changes(scenario: Scenario, structure: Structure) -> list[_Planned]:
    planned = []
    for plan in scenario.units:
        organization_id = structure.organizations[plan.code].pk
        for quota_type in plan.quota:
            for change in scenario.courses[plan.code, quota_type].changes:
                own, source = unit(organization_id, quota_type), source_of(quota_type, plan.block.tier)
                if quota_type == "C1":
                    lines = move(own, Place("withdrawn", quota_type, plan.block.tier), -change.delta)
                    kind, words = EntryKind.FROZEN_RELEASE, "核销工勤编制"
                elif change.delta > 0:
                    lines, kind, words = move(source, own, change.delta), EntryKind.INCREASE, "核增编制"
                else:
                    lines, kind, words = move(own, source, -change.delta), EntryKind.DECREASE, "核减编制"
                summary = f"关于{plan.short_name}{words} {abs(change.delta)} 名的批复"
                planned.append(_Planned(change.on, 2, kind, summary, lines))
    return planned


def _totals(scenario: Scenario, planned: list[_Planned]) -> list[_Planned]:
    """Issue to each reserve, on the first day, the most it ever has to give, and a little more."""
    history: dict[Place, list[tuple[date, int]]] = {}
    for item in planned:
        for line in item.lines:
            if line.place.kind in ("reserve", "rotating_pool", "talent_reserve"):
                history.setdefault(line.place, []).append((item.on, line.amount))
    issued = []
    for place, steps in sorted(history.items(), key=lambda pair: pair[0].key):
        balance = lowest = 0
        for _, amount in sorted(steps):
            balance += amount
            lowest = min(lowest, balance)
        amount = -lowest + max(2, -lowest // 60)
        if place.kind in ("rotating_pool", "talent_reserve"):
            amount = -lowest + 36
        lines = move(Place("upper", place.measure, place.tier), place, amount)
        summary = f"关于下达{place.measure}类编制总量 {amount} 名的通知"
        issued.append(_Planned(scenario.start, 0, EntryKind.TOTAL_ISSUED, summary, lines, upper=True))
    return issued
