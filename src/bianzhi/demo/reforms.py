"""What reforms did to the invented units, carried out by the platform's own services.

Six bureaus were renamed in 2019, four bear further nameplates, two small institutions were merged this
year with their quota and people, and one handed a part of both to another.
"""

from datetime import date, timedelta

from bianzhi.audit.actors import Actor
from bianzhi.demo.blocks import DISTRICT, FORMER_NAMES, NAMEPLATES, UnitPlan
from bianzhi.demo.papers import CITY, Issuer, Papers
from bianzhi.demo.scenario import Scenario, Stay
from bianzhi.demo.structure import Structure
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations.services import rename, set_nameplate
from bianzhi.personnel.services.reorganizations import Decree, Share, hand_over, merge

REFORM = date(2019, 3, 18)
LATELY = 45
"""Days ago of this year's merger; nobody came to or left the units since."""


def carry_out_reforms(scenario: Scenario, structure: Structure, papers: Papers, actor: Actor) -> None:
    """Rename, hang nameplates, merge and hand over, in the order of their days."""
    units = {plan.short_name: plan for plan in scenario.units}
    reform = _saved(papers, CITY, REFORM, "关于印发区级机构改革方案的通知")
    for short_name in FORMER_NAMES:
        if short_name in units:
            plan = units[short_name]
            rename(
                actor=actor,
                organization_id=structure.organizations[plan.code].pk,
                document=reform,
                effective_on=REFORM,
                name=plan.name,
                short_name=short_name,
            )
    for short_name, plate in NAMEPLATES.items():
        if short_name in units:
            set_nameplate(
                actor=actor,
                organization_id=structure.organizations[units[short_name].code].pk,
                document=reform,
                effective_on=REFORM,
                name=f"{DISTRICT}{plate}",
            )
    _reorganize_institutions(scenario, structure, papers, actor)


def _reorganize_institutions(scenario: Scenario, structure: Structure, papers: Papers, actor: Actor) -> None:
    day = scenario.today - timedelta(days=LATELY)
    quiet = _quiet_units(scenario, day)
    if len(quiet) < 4:
        return
    source, target, giver, taker = quiet[:4]
    ids = {plan.code: structure.organizations[plan.code].pk for plan in quiet[:4]}
    paper = _saved(papers, CITY, day, f"关于{source.short_name}并入{target.short_name}等事项的批复")
    decree = Decree(paper, day)
    merge(
        actor=actor,
        today=scenario.today,
        decree=decree,
        source_ids=[ids[source.code]],
        target=ids[target.code],
    )
    hand_over(
        actor=actor,
        today=scenario.today,
        decree=decree,
        source_id=ids[giver.code],
        share=Share(target=ids[taker.code], amounts={giver.block.quota_type: 1}),
    )


def _quiet_units(scenario: Scenario, day: date) -> list[UnitPlan]:
    """Institutions of one kind, with a vacancy, where nothing happened since a fortnight before the day."""
    since = day - timedelta(days=14)
    busy = {stay.unit.code for stay in scenario.stays if _touches(stay, since)}
    busy |= {slot.unit.code for slot in scenario.open_slots}
    return [
        plan
        for plan in scenario.units
        if plan.block.number == 16
        and plan.code not in busy
        and list(plan.quota) == ["B1"]
        and plan.quota["B1"][0] > plan.quota["B1"][1]
        and all(change.on < since for change in scenario.courses[plan.code, "B1"].changes)
    ]


def _touches(stay: Stay, since: date) -> bool:
    issued = stay.entry.issued if stay.entry is not None else stay.start
    return max(stay.start, issued, stay.end or stay.start) >= since or stay.over_quota


def _saved(papers: Papers, issuer: Issuer, day: date, title: str) -> ApprovalDocument:
    document = papers.of(issuer, day, title)
    papers.save()
    return document
