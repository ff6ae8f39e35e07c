"""What the four departments hold of the district, as each of them writes it down."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from bianzhi.exchange.models import Source
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.selectors.register_roster import register_rows
from bianzhi.reconciliation.contracts.inverse import own_headings

Table = Sequence[Sequence[str]]

RETIRED = "郑到龄"
GHOST = ("吴多领", "33069919880102001")
SHORT_NAMES = {"测试区财政局": "财政局", "测试区审计局": "审计局", "测试区第一小学": "一小"}


def everybody(day: date) -> list[dict[str, str]]:
    """The register of a day, by roster column."""
    return list(register_rows(day))


def of_establishment(day: date, source: Source) -> bytes:
    """编办: its own register under the headings of its contract, as Parquet."""
    contract = in_force(source)
    assert contract is not None
    headings = own_headings(contract.schema)
    rows = [{heading: row.get(column, "") for column, heading in headings.items()} for row in everybody(day)]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def of_organization(people: Iterable[dict[str, str]]) -> bytes:
    """组织部: cadres, the month of birth only, as CSV in GB18030."""
    rows = [
        (row["name"], row["sex"], row["birth"][:7].replace("-", "."), row["id_number"], row["unit"])
        for row in people
        if "小学" not in row["unit"]
    ]
    text = io.StringIO()
    csv.writer(text).writerows([("姓名", "性别", "出生年月", "身份证号码", "任职机构"), *rows])
    return text.getvalue().encode("gb18030")


def of_hr(people: Iterable[dict[str, str]]) -> bytes:
    """人社局: everybody insured, as a workbook; it knows who has retired."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("证件号码", "姓名", "性别", "出生日期", "参保单位名称", "参保状态", "人员编制类型"))
    for row in people:
        status = "退休" if row["name"] == RETIRED else "在职"
        born = row["birth"].replace("-", "")
        sheet.append((row["id_number"], row["name"], row["sex"], born, row["unit"], status, row["quota_type"]))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


PAYROLL = ("预算单位名称", "职工姓名", "身份证件号", "人员类别", "应发合计")


def payroll(people: Iterable[dict[str, str]], ghost: tuple[str, str] | None) -> list[tuple[str, ...]]:
    """财政局: who is paid, units by their short names; nobody retired, and in some months somebody too many."""
    rows: list[tuple[str, ...]] = [
        (SHORT_NAMES[row["unit"]], row["name"], row["id_number"], "在职", "8000")
        for row in people
        if row["name"] != RETIRED
    ]
    return [*rows, ("财政局", *ghost, "在职", "9000")] if ghost else rows


def of_finance(rows: Table) -> bytes:
    """The payroll as CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([PAYROLL, *rows])
    return text.getvalue().encode("utf-8-sig")


def into_table(cursor: Any, name: str, rows: Table) -> None:
    """The payroll as a table of the department's own database."""
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TABLE {name} ({', '.join(f'{column} text' for column in PAYROLL)})")
    cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s, %s, %s, %s)", rows)
