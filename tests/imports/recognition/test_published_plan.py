"""A province's published recruitment plan, read as it was published."""

import time
from pathlib import Path

import openpyxl
import pytest

from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.reading import read_workbook
from bianzhi.common.tabular.recognising import best_kind, recognise
from bianzhi.imports.recognition.kinds import KINDS, STAFFING_PLAN

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "henan-2026-civil-service-posts.xlsx"

pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published workbook is not part of the repository")


@pytest.fixture(scope="module")
def table():
    book = read_workbook(PUBLISHED)
    return parse(book, recognise(book, STAFFING_PLAN))


def test_every_post_of_both_sheets_is_read_without_a_finding(table):
    source = openpyxl.load_workbook(PUBLISHED, read_only=True)
    rows = [row for sheet in source for row in sheet.iter_rows(min_row=4, values_only=True) if any(row)]
    assert len(table.rows) == len(rows) > 7_500
    assert table.problems == []
    assert table.total("headcount") == sum(int(row[3]) for row in rows)
    assert [row.get("post_code") for row in table.rows] == [str(row[2]) for row in rows]
    assert [row.get("organization") for row in table.rows] == [row[0].strip() for row in rows]


def test_it_is_known_for_a_recruitment_plan(table):
    found = best_kind(table.workbook, KINDS.values())
    assert found is not None
    assert found.kind is STAFFING_PLAN


def test_it_is_read_in_seconds():
    begun = time.perf_counter()
    book = read_workbook(PUBLISHED)
    parse(book, recognise(book, STAFFING_PLAN))
    assert time.perf_counter() - begun < 10
