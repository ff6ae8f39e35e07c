"""The five key figures of the workbench, each a link with two facts below it."""

from dataclasses import dataclass

from bianzhi.reports.definitions.links import Links
from bianzhi.reports.selectors.overview import Overview


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure; `tone` is "bad" only where the figure must not be above 0."""

    label: str
    value: str
    unit: str
    url: str
    left: str
    right: str
    tone: str = ""


def kpis(found: Overview, links: Links) -> list[Kpi]:
    """核定、实有、空编、超编单位、机构总数."""
    total = found.total
    rate = total.fill_rate
    over = found.quotas.over_units()
    change = len(over) - found.over_before
    institutions = found.institutions
    return [
        Kpi(
            "核定编制",
            f"{total.approved:,}",
            "名",
            links.report("t03"),
            "较年初",
            signed(found.approved_since_new_year),
        ),
        Kpi(
            "实有人数",
            f"{total.occupied:,}",
            "人",
            links.report("t01"),
            f"编制使用率 {float(rate):.1%}" if rate is not None else "未核定编制",
            f"本月 {signed(found.occupied_since_last_month)}",
        ),
        Kpi(
            "空编",
            f"{total.vacant:,}",
            "名",
            links.report("t10", show="vacant"),
            f"其中已预占 {total.reserved:,}",
            f"可用 {total.available:,}",
        ),
        Kpi(
            "超编单位",
            f"{len(over):,}",
            "个",
            links.report("t10", show="over"),
            f"共超编 {total.over:,} 名",
            f"较上月 {signed(change)}",
            "bad" if over else "",
        ),
        Kpi(
            "机构总数",
            f"{len(found.rows):,}",
            "个",
            links.units(),
            f"机关 {len(found.rows) - institutions:,} · 事业 {institutions:,}",
            f"本年 {signed(len(found.rows) - found.units_before)}",
        ),
    ]


def signed(number: int) -> str:
    """+38, −4, 0."""
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number < 0 else "0"
