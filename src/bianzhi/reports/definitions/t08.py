"""T08 增减变动表: opening + additions − reductions = closing, by unit and quota type, for a month or a year."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.rules.units import quota_label
from bianzhi.reports.definitions.base import Choice, Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import QUOTA_TYPE, UNIT, narrowed
from bianzhi.reports.definitions.periods import PERIOD, period_of
from bianzhi.reports.rules.movement import IN_GROUPS, OUT_GROUPS, Flow, Place
from bianzhi.reports.selectors.flows import period_flows
from bianzhi.reports.selectors.units import Units

LAYOUT: Final = Choice("rows", "列示", options=[("", "分单位、类型"), ("type", "只分类型")])


def _columns(whole: Flow) -> list[Column]:
    """Every movement mode that occurs; those nobody came or left by are left out."""
    ins = [
        Column(f"in_{key}", label, "number", "增加", dash_zero=True)
        for key, (label, _) in IN_GROUPS.items()
        if whole.ins[key]
    ]
    outs = [
        Column(f"out_{key}", label, "number", "减少", dash_zero=True)
        for key, (label, _) in OUT_GROUPS.items()
        if whole.outs[key]
    ]
    return [
        Column("unit", "单位", width=30),
        Column("quota", "编制类型", width=18),
        Column("opening", "期初", "number"),
        *ins,
        Column("came", "小计", "number", "增加", dash_zero=True),
        *outs,
        Column("left", "小计", "number", "减少", dash_zero=True),
        Column("closing", "期末", "number"),
        Column("difference", "平衡差额", "number", over=True, dash_zero=True),
    ]


def build(query: Query) -> Table:
    """The flows of the period in tree order, with a subtotal for each quota type; eight queries at most."""
    first, last = period_of(query)
    units = Units.on(last)
    scope = narrowed(query, units)
    wanted = query.chosen(QUOTA_TYPE)
    flows = {place: flow for place, flow in period_flows(scope, first, last).items() if wanted in ("", place[1])}
    order = {code: at for at, code in enumerate(quota_types())}
    by_type = [
        Row(
            _values("全部单位", code, _sum(flow for (_, each), flow in flows.items() if each == code)),
            kind=RowKind.GROUP,
        )
        for code in order
        if any(each == code for _, each in flows)
    ]
    rows: list[Row] = []
    if not query.chosen(LAYOUT):
        places = sorted(flows, key=lambda place: (units.position(place[0]), place[0], order.get(place[1], 99)))
        gone = names_on({unit_id for unit_id, _ in flows if unit_id not in units}, last)
        rows = [_unit_row(query, place, flows, units, gone) for place in places]
    whole = _sum(flows.values())
    total = Row(_values("合计", "", whole), kind=RowKind.TOTAL)
    remarks = (
        f"期间：{first} 至 {last}。期初为 {first - timedelta(days=1)} 日终在编人数，期末为 {last} 日终在编人数。",
        "期初 + 增加 − 减少 = 期末；本单位内设机构之间的调整不计增减。",
        "“其他”含恢复在编、身份转换和没有业务记录的期初补登。",
    )
    return Table(_columns(whole), [*by_type, *rows], len(rows) or len(by_type), [total], remarks)


def _unit_row(query: Query, place: Place, flows: Mapping[Place, Flow], units: Units, gone: Mapping[int, str]) -> Row:
    """The flows of one unit; `gone` names those no longer there at the end of the period."""
    unit_id, code = place
    links = query.links
    found = {"closing": links.roster(unit_id, code)} if units.day == query.day else {}
    if unit_id in units:
        found["unit"] = links.unit(unit_id)
    return Row(_values(gone.get(unit_id) or units.name(unit_id), code, flows[place]), found)


def _sum(flows: Iterable[Flow]) -> Flow:
    whole = Flow()
    for flow in flows:
        whole.opening += flow.opening
        whole.closing += flow.closing
        whole.ins.update(flow.ins)
        whole.outs.update(flow.outs)
    return whole


def _values(unit: str, code: str, flow: Flow) -> dict[str, Value]:
    return {
        "unit": unit,
        "quota": quota_label(code) if code else "",
        "opening": flow.opening,
        **{f"in_{key}": flow.ins[key] for key in IN_GROUPS},
        "came": flow.came,
        **{f"out_{key}": flow.outs[key] for key in OUT_GROUPS},
        "left": flow.left,
        "closing": flow.closing,
        "difference": flow.opening + flow.came - flow.left - flow.closing,
    }


REPORT = Report(
    code="T08",
    title="人员增减变动表",
    description="按月或按年列出各单位各类编制的期初、增加、减少和期末人数，期初加增减必等于期末。",
    build=build,
    choices=[PERIOD, UNIT, QUOTA_TYPE, LAYOUT],
)
