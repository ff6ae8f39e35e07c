"""The reference page says what the program does."""

from pathlib import Path

import pytest

from bianzhi.reconciliation.events.stage import SHAPE as EVENTS
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.findings.lines import SHAPE as FINDINGS
from bianzhi.reconciliation.stages import STAGES
from bianzhi.reconciliation.tables import PUBLISHED

PAGE = (Path(__file__).parents[2] / "docs/reference/reconcile.md").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_finding_is_described(kind):
    assert f"`{kind}`" in PAGE


@pytest.mark.parametrize(("table", "columns"), PUBLISHED.items())
def test_every_column_published_is_described(table, columns):
    described = PAGE.partition(f"### {table}")[2] or PAGE.partition(f"、{table}")[2]
    assert [column for column in columns if f"`{column}`" not in described] == []


def test_what_is_published_is_what_there_is():
    assert tuple(FINDINGS.names) == tuple(PUBLISHED["findings"])
    assert tuple(EVENTS.names) == tuple(PUBLISHED["events"])
    made = {table for stage in STAGES for table in stage.makes}
    assert set(PUBLISHED) <= made
    assert [table for table in made if table not in PAGE] == []
