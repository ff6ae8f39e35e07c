"""Loading the synthetic district into an empty database, in one audited unit of work.

Organisations, documents and people are inserted in bulk; the ledger goes through its own services, and
the triggers judge every row. That the result is as if the services had written all of it is proved by
`./bianzhi check`, which the tests run on the loaded district.
"""

from collections.abc import Callable
from datetime import date

from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.demo.accounts import create_accounts, show_two_persons
from bianzhi.demo.anomalies import plant_anomalies
from bianzhi.demo.archive import build_archive
from bianzhi.demo.blocks import DISTRICT
from bianzhi.demo.cases import live_through
from bianzhi.demo.communication import write_to_everybody
from bianzhi.demo.exchange import register_sources
from bianzhi.demo.exchange_runs import compare_two_months
from bianzhi.demo.extras import Extras
from bianzhi.demo.leadership import draw_seating
from bianzhi.demo.leaving import ask_for_exports
from bianzhi.demo.office_life import check_and_stand_in
from bianzhi.demo.papers import Papers
from bianzhi.demo.reforms import carry_out_reforms
from bianzhi.demo.roster import Roster
from bianzhi.demo.scenario import draw_scenario
from bianzhi.demo.stories import Setting
from bianzhi.demo.structure import ROOT_CODE, build_structure, post_ledger
from bianzhi.demo.watch import raise_alerts
from bianzhi.matters.services.installing import install_matters
from bianzhi.organizations.models import Organization

Say = Callable[[str], None]


class NotEmpty(RuntimeError):
    """The database holds organisations already; a demo district is loaded into an empty one only."""


@unit_of_work
def load_district(*, size: str, today: date, say: Say, with_archive: bool = True) -> dict[str, int]:
    """Load the district (`full` or `small`) as of `today`; returns how many rows of each kind there are.

    Its archive is drawn page by page; whoever has no use for it loads the district without.
    Raises NotEmpty where there are organisations already: real data is never mixed with invented data.
    """
    if Organization.objects.exists():
        raise NotEmpty
    actor = System("演示数据")
    say("构思机构与人员……")
    scenario = draw_scenario(size, today)
    plant_anomalies(scenario)
    papers = Papers()
    say(f"登记 {len(scenario.units)} 个单位……")
    structure = build_structure(scenario, papers)
    say("登记十年台账……")
    entries = post_ledger(scenario, structure, papers, actor)
    say(f"登记 {len(scenario.stays)} 段占编经历……")
    roster = Roster(scenario, structure, papers, draw_seating(scenario))
    roster.draw_up()
    extras = Extras(scenario, roster, papers)
    extras.draw_up()
    papers.save()
    people = roster.save()
    others = extras.save()
    say("办理机构改革事项……")
    carry_out_reforms(scenario, structure, papers, actor)
    counts = {
        "organizations": len(structure.organizations),
        "ledger_entries": entries,
        "persons": len(roster.persons) + len(extras.engagements),
        "occupancies": len(roster.occupancies),
        "movements": len(roster.movements),
        "appointments": len(extras.appointments),
    }
    say("封印并写入审计……")
    record(
        "demo.loaded",
        actor=actor,
        subject=structure.organizations[ROOT_CODE],
        facts={"size": size, "today": today, **counts},
        wrote=[*structure.rows, *papers.all(), *people, *others],
    )
    codes = {plan.short_name: plan.code for plan in scenario.units}
    say("装入业务事项……")
    install_matters(actor=actor)
    accounts = create_accounts(actor=actor, structure=structure, unit_codes=codes)
    show_two_persons(accounts)
    colleagues = [accounts[name] for name in ("zhuren", "shenhe", "ducha")]
    register_sources(actor)
    write_to_everybody(clerk=accounts["jingban"], colleagues=colleagues, today=today)
    set_parameter(actor=actor, key="tenant.name", text=f"{DISTRICT}（虚构）", basis="演示数据")
    set_parameter(actor=actor, key="data.is_synthetic", text="1", basis="演示数据")
    ask_for_exports(accounts, structure.organizations[codes["财政局"]])
    say("办理演示办件……")
    setting = Setting(structure, codes, scenario.people)
    check_and_stand_in(accounts, today)
    lived = live_through(setting, accounts, today)
    say("核对四部门两个月的数据……")
    compared = compare_two_months(accounts, today)
    raise_alerts(accounts)
    if not with_archive:
        return counts | lived | compared
    say("整理档案……")
    return counts | lived | compared | build_archive(accounts, today, size)
