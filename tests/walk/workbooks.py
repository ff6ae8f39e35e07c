"""Small workbooks as a district really has them: titles, notes, merged headers, gaps, totals, odd digits and dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number

ORGANIZATIONS: list[list[Any]] = [
    ["云江区机构编制情况统计表", *[""] * 11],
    ["填报单位：区委编办　　　　填报日期：2026年1月", *[""] * 11],
    [
        "序号",
        "单位名称",
        "主管部门",
        "机构类别",
        "事业单位类别",
        "规格",
        "经费形式",
        "核定编制",
        "",
        "",
        "领导职数",
        "",
    ],
    ["", "", "", "", "", "", "", "行政", "事业", "工勤", "正职", "副职"],
    ["一、政府部门", *[""] * 11],
    ["１", "云江区财政局", "", "政府工作部门", "", "正科级", "全额", "６", "", "1", 1, "2"],
    [2, "云江区审计局", "", "政府工作部门", "", "正科", "全额拨款", "4名", "", "", 1, 1],
    [3, "云江区国库支付中心", "云江区财政局", "事业单位", "公益一类", "", "全额", "", "５", "", 1, ""],
    ["合计", *[""] * 6, 12, 5, 1, 3, 3],
]
"""The total of the 行政 column is wrong on purpose: the units add up to 10."""


def number(born: date, serial: int) -> str:
    """A sound ID number nobody has; odd serials are men's."""
    return str(make_id_number(UNALLOCATED_REGION, born, serial).value)


DAMAGED = "330699199002030000"
"""As Excel leaves a number typed into a numeric cell."""


def roster() -> list[list[Any]]:
    """Units are written once and left blank below; one ID number was damaged."""
    return [
        ["云江区机关事业单位在编人员花名册", *[""] * 8],
        ["说明：截至2025年12月底，单位：人", *[""] * 8],
        ["序号", "单位", "个人信息", "", "", "编制", "", "职务", "备注"],
        ["", "", "姓名", "性别", "公民身份号码", "编制类型", "入编时间", "", ""],
        ["１", "云江区财政局", "张 伟民", "男", number(date(1975, 3, 8), 11), "行政编制", "1998.7", "局长", ""],
        ["２", "", "李秀英", "女", number(date(1982, 11, 2), 12), "行政", "2006年8月", "副局长", ""],
        ["３", "", "王建军", "男", number(date(1990, 5, 6), 13), "行政编制", "20130901", "科员", ""],
        ["４", "", "赵小明", "男", DAMAGED, "行政编制", "2015-7-1", "科员", ""],
        ["５", "云江区审计局", "钱文博", "男", number(date(1988, 1, 20), 15), "行政编制", "２０１２．３", "局长", ""],
        ["６", "", "孙丽娜", "女", number(date(1993, 9, 9), 16), "行政编制", "2018/8/1", "科员", ""],
        ["合计", "6人", *[""] * 7],
    ]


def save(path: Path, rows: Iterable[Sequence[Any]], merged: Sequence[str]) -> Path:
    """Write the rows as a workbook with merged cells, everything typed as text or number as given."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for block in merged:
        sheet.merge_cells(block)
    book.save(path)
    return path
