"""The columns of a roster that a delivery can feed, in words, and the headings they usually stand under."""

import json
from functools import cache
from importlib.resources import files
from typing import Final

from bianzhi.common.tabular.kinds import ValueKind

COLUMN_LABELS: Final[dict[str, str]] = {
    "id_number": "身份证号",
    "name": "姓名",
    "sex": "性别",
    "birth": "出生日期",
    "unit": "单位名称",
    "unit_code": "单位代码",
    "quota_type": "编制类别",
    "funding": "经费形式",
    "status": "人员状态",
    "post": "职务或岗位",
    "since": "起始时间",
    "pay": "工资额",
}
"""Roster column → what an official calls it."""

VALUE_KINDS: Final[dict[str, ValueKind]] = {
    "id_number": ValueKind.ID_NUMBER,
    "name": ValueKind.PERSON_NAME,
    "birth": ValueKind.DATE,
    "since": ValueKind.DATE,
    "unit": ValueKind.ORGANIZATION,
}
"""How the cells of a column look, where a heading alone does not settle what it is; others are plain text."""


@cache
def usual_headings() -> dict[str, tuple[str, ...]]:
    """Roster column → headings under which any department may deliver it, the usual ones first."""
    return {column: tuple(text.split()) for column, text in _data("headings").items()}


@cache
def ignored_headings() -> tuple[str, ...]:
    """Headings known and deliberately not read, such as 序号."""
    return tuple(_data("ignored")["headings"].split())


def _data(part: str) -> dict[str, str]:
    source = files("bianzhi.reconciliation.contracts").joinpath("data", "headings.json")
    loaded: dict[str, dict[str, str]] = json.loads(source.read_text(encoding="utf-8"))
    return loaded[part]
