"""The workbench's charts as configurations of the chart component (docs/reference/components.md)."""

from collections.abc import Iterator
from typing import Any

from bianzhi.reports.definitions.links import Links
from bianzhi.reports.selectors.overview import Overview


def trend(found: Overview) -> dict[str, Any]:
    """核定 as a dashed step, 实有 as an area."""
    return {
        "kind": "line",
        "labels": [day.strftime("%Y-%m") for day in found.trend.days],
        "label_name": "月份",
        "unit": "名",
        "series": [
            {"name": "核定编制", "data": list(found.trend.approved), "style": "dashed"},
            {"name": "实有人数", "data": list(found.trend.occupied), "style": "area"},
        ],
    }


def share(found: Overview) -> dict[str, Any]:
    """实有 within 核定 of each quota type."""
    types = found.quotas.types()
    figures = found.quotas.by_type()
    return {
        "kind": "share",
        "labels": [quota.label for quota in types],
        "label_name": "编制类型",
        "series": [
            {"name": "实有", "data": [figures[quota.code].occupied for quota in types]},
            {"name": "核定", "data": [figures[quota.code].approved for quota in types]},
        ],
    }


def diverging(found: Overview) -> dict[str, Any]:
    """The most over-staffed units to the right, the most vacant to the left; a unit may stand on both sides."""
    over, vacant = found.most_over(), found.most_vacant()
    return {
        "kind": "diverging",
        "labels": [row.short_name for row, _ in (*over, *vacant)],
        "label_name": "单位",
        "series": [
            {
                "name": "超编（正）空编（负）",
                "data": [*(number for _, number in over), *(-number for _, number in vacant)],
            }
        ],
    }


def ages(found: Overview) -> dict[str, Any]:
    """People by age band."""
    return {
        "kind": "bar",
        "labels": [label.removesuffix("岁").replace("岁及", "") for label, _ in found.ages],
        "label_name": "年龄（岁）",
        "unit": "人",
        "series": [{"name": "人数", "data": [count for _, count in found.ages]}],
    }


def by_type(found: Overview, links: Links) -> Iterator[dict[str, Any]]:
    """The quota table of a single unit: one line a type."""
    for row in found.rows:
        for quota in found.quotas.types():
            figures = found.quotas.of(row.id, quota.code)
            yield {
                "label": quota.label,
                "figures": figures,
                "approved_url": links.approved(row.id, quota.code),
                "occupied_url": links.roster(row.id, quota.code),
            }
