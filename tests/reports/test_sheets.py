"""XLSX of every report, read back: the same figures as on the screen, the trade's layout, a trace in the audit."""

from __future__ import annotations

import html as html_text
import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import ParameterValue
from bianzhi.disclosure.parameters import OFFICE_ROWS
from bianzhi.reports.definitions.base import Query
from bianzhi.reports.definitions.registry import REPORTS
from tests.cast import TODAY, Cast, seat
from tests.reports.conftest import signed_in, user_with


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """People, a leader, somebody near retirement, and one too many."""
    leaver, *_ = cast.fill(cast.bureau, "A1", 3, on=date(2026, 1, 5))
    cast.leave(leaver, on=date(2026, 2, 3), today=date(2026, 2, 3))
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    seat(cast, cast.school, "B5", cast.facts("李到龄", born=date(1966, 1, 10)))
    return cast


def sheet_of(client: Client, slug: str, query: str = "") -> list[list[Any]]:
    answer = client.get(f"/reports/{slug}/?export=xlsx{query}")
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(io.BytesIO(content(answer))).get_sheet_by_index(0).to_python()


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def screen_of(client: Client, slug: str) -> list[list[str]]:
    page = client.get(f"/reports/{slug}/").content.decode()
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body)
    return [
        [html_text.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in rows
    ]


def written(shown: str, cell: object) -> str:
    """A cell of the sheet as the screen writes it."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if shown.endswith("%"):
            return f"{cell:.1%}"
        if "." in shown:
            return f"{cell:,.1f}"
        return "—" if shown == "—" and cell == 0 else f"{int(cell):,}"
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return "—" if shown == "—" and cell == "" else str(cell)


def agree(client: Client, slug: str) -> None:
    """The sheet says what the screen says."""
    shown = screen_of(client, slug)
    sheet = sheet_of(client, slug)
    first = next(at for at, row in enumerate(sheet) if written(shown[0][0], row[0]) == shown[0][0])
    rows = sheet[first : first + len(shown)]
    as_shown = [
        [written(text, cell) for text, cell in zip(line, row, strict=True)]
        for line, row in zip(shown, rows, strict=True)
    ]
    assert as_shown == shown


@pytest.mark.parametrize("slug", [slug for slug in REPORTS if slug not in ("t15", "t16")])
def test_the_sheet_says_what_the_screen_says(busy: Cast, office: Client, slug):
    agree(office, slug)


@pytest.mark.parametrize("slug", REPORTS)
def test_the_sheet_has_title_facts_signatures_frozen_panes_and_paper(busy: Cast, office: Client, slug):
    answer = office.get(f"/reports/{slug}/?export=xlsx")
    data = content(answer)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == f"{REPORTS[slug].code} {REPORTS[slug].title}"
    assert f"截止日期：{TODAY}" in str(rows[1][0])
    assert "制表人：测试用户" in str(rows[-1][0])
    xml = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in xml
    assert f'paperSize="{8 if REPORTS[slug].paper == "A3" else 9}"' in xml
    assert 'orientation="landscape"' in xml
    styles = zipfile.ZipFile(io.BytesIO(data)).read("xl/styles.xml").decode()
    assert "宋体" in styles
    assert "黑体" in styles


def test_grouped_heads_take_two_rows(busy: Cast, office: Client):
    sheet = sheet_of(office, "t03")
    assert "核定编制" in sheet[2]
    at = sheet[2].index("核定编制")
    assert sheet[3][at] == "行政"
    assert sheet[2][0] == "单位"


def test_the_flows_of_the_sheet_balance(busy: Cast, office: Client):
    sheet = sheet_of(office, "t08")
    heads = [second or first for first, second in zip(sheet[2], sheet[3], strict=True)]
    opening, closing, difference = heads.index("期初"), heads.index("期末"), heads.index("平衡差额")
    came, left = (at for at, head in enumerate(heads) if head == "小计")
    rows = [row for row in sheet[4:] if isinstance(row[opening], float)]
    assert len(rows) >= 3
    for row in rows:
        assert row[opening] + row[came] - row[left] == row[closing]
        assert row[difference] == 0


def test_a_unit_clerk_exports_its_own_unit_only(busy: Cast, bureau_clerk: Client):
    for slug in REPORTS:
        words = " ".join(str(cell) for row in sheet_of(bureau_clerk, slug) for cell in row)
        assert "测试区第一小学" not in words
        assert "李到龄" not in words


def test_an_export_is_recorded_with_its_rows_and_conditions(busy: Cast, office: Client):
    sheet_of(office, "t01", f"&unit={busy.bureau.pk}")
    entry = AuditEntry.objects.filter(action__endswith=".exported").latest("seq")
    facts = json.loads(entry.facts)
    assert facts["rows"] == 5
    assert any(busy.bureau.code in each or "财政局" in each for each in facts["conditions"])
    assert "身份证号完整显示" not in facts["conditions"]


@pytest.mark.parametrize("slug", REPORTS)
@pytest.mark.parametrize("rows", ["", "names", "office"])
def test_a_table_with_names_is_one_of_persons_and_no_other_is(busy: Cast, slug, rows):
    report = REPORTS[slug]
    table = report.build(Query(user_with("office_clerk"), TODAY, TODAY, None, {"rows": rows}))
    assert table.of_persons is any(column.label == "姓名" for column in table.columns)


def test_the_persons_of_a_report_are_counted_however_it_is_laid_out(busy: Cast, office: Client):
    ParameterValue.objects.create(key=OFFICE_ROWS.key, value=0)
    for query in ("t01/?export=xlsx", "t12/?export=xlsx&rows=names"):
        assert office.get(f"/reports/{query}")["Location"].startswith("/disclosure/requests/new/"), query
    assert sheet_of(office, "t12")


def test_who_may_not_export_gets_no_file(busy: Cast):
    head = signed_in(user_with("unit_head", busy.bureau))
    assert head.get("/reports/t03/").status_code == 200
    assert head.get("/reports/t03/?export=xlsx").status_code == 403
    assert not AuditEntry.objects.filter(action__endswith=".exported").exists()


def test_whole_id_numbers_need_their_own_permission_and_approval(busy: Cast, office: Client, bureau_clerk: Client):
    assert bureau_clerk.get("/reports/t01/?export=xlsx&clear=identity").status_code == 403
    masked = " ".join(str(cell) for row in sheet_of(office, "t01") for cell in row)
    assert not re.search(r"330699\d{11}[\dX]", masked)
    asked = office.get("/reports/t01/?export=xlsx&clear=identity")
    assert asked["Location"].startswith("/disclosure/requests/new/")
    assert "不论多少都须审批" in office.get(asked["Location"]).content.decode()
